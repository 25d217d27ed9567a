"""Who may do what, as a table: worked out by the function that every door asks, on a case such as the example's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from desk.first_day import first_day
from models.cases import Case
from models.council import Council
from tasks.acts import Verb
from tasks.authority import HOUSE_DEEDS, OPEN_CASE, Deed, Kind, who_may
from tasks.forms import Refused
from tasks.procedures import Procedure, procedure_named, procedures

HOUSE = "the house"  #: in place of a procedure: what is done to no case, or to all


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that can be done, the kind of authority it takes, and the offices that have it; the first does it."""

    procedure: str
    deed: Deed
    roles: tuple[str, ...]
    why_nobody: str = ""  #: where nobody may, as things stand

    @property
    def needs(self) -> Kind:
        """Return the kind of authority that it takes."""
        return self.deed.needs

    @property
    def also(self) -> tuple[str, ...]:
        """Return in words who else may: the office that a form names as asked, or as signing."""
        also = getattr(self.deed, "also", "")
        return (also,) if also else ()


def rows(council: Council, on: date, name: str | None = None) -> Iterator[Row]:
    """Give every row of the table, or those of one procedure, in the order in which a case meets them.

    Who decides, or presides, is that of a case such as the procedure's example, entered on the day `on`. Raises Refused
    for a procedure that there is not.
    """
    for procedure in procedures() if name is None else [procedure_named(name)]:
        yield from rows_of(first_day(procedure, council, on, {}).case, procedure)
    if name is None:
        for deed in HOUSE_DEEDS:
            if deed is not OPEN_CASE:
                yield Row(HOUSE, deed, who_may(deed, council))


def rows_of(case: Case, procedure: Procedure) -> Iterator[Row]:
    """Give the rows of a case as it stands: to open such a one, then every verb."""
    yield Row(procedure.name, OPEN_CASE, who_may(OPEN_CASE, case.council, procedure=procedure.name))
    for verb in procedure.verbs.values():
        yield _row(case, procedure, verb)


def _row(case: Case, procedure: Procedure, verb: Verb[Any]) -> Row:
    try:
        return Row(procedure.name, verb, who_may(verb, case.council, case=case))
    except Refused as refused:
        return Row(procedure.name, verb, (), str(refused))


@dataclass(frozen=True, slots=True)
class Group:
    """Everything in a procedure that takes the same authority and is for the same offices."""

    needs: Kind
    roles: tuple[str, ...]
    why_nobody: str
    deeds: tuple[str, ...]
    also: tuple[str, ...] = ()  #: in words: who else may, where the case alone says which office that is

    def in_words(self, council: Council, on: date) -> str:
        """Return the offices by their titles on a day; why there is none, where there is none."""
        titles = "; ".join([*(council.title(role, on) for role in self.roles), *self.also])
        return titles or f"nobody: {self.why_nobody or 'the file names no such office'}"


def grouped(found: Sequence[Row]) -> dict[str, list[Group]]:
    """Return rows by procedure, those alike in one group, in their order."""
    alike: dict[tuple[str, Kind, tuple[str, ...], str, tuple[str, ...]], list[str]] = {}
    for row in found:
        alike.setdefault((row.procedure, row.needs, row.roles, row.why_nobody, row.also), []).append(row.deed.name)
    groups: dict[str, list[Group]] = {}
    for (procedure, needs, roles, why, also), deeds in alike.items():
        groups.setdefault(procedure, []).append(Group(needs, roles, why, tuple(deeds), also))
    return groups

"""Look-ups by which the store is examined: what does not fit together, found in a few queries for all cases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, func, or_, select, text
from sqlalchemy.orm import aliased

from models.tables import MISSED, CaseRow, DocumentRow, FactRow

PORTION = 500  #: how many values one query names


@dataclass(frozen=True, slots=True)
class TurnHeld:
    """A turn of a case that somebody has claimed."""

    case: str
    holder: str
    until: datetime  #: when the claim lapses (real time)


@dataclass(frozen=True, slots=True)
class Misdated:
    """A fact that was recorded after the one behind it, or lies ahead of the present: a clock that went wrong."""

    case: str
    number: int
    at: datetime
    next_at: datetime | None  #: when the fact behind it was recorded; None where there is none


class Hint(NamedTuple):
    """Why a case is to be read: what its answer depends on, beside the day."""

    head: int  #: number of its newest fact
    waits_for_no_day: bool


class ChecksOf:
    """Look-ups through one connection."""

    _connection: Connection

    def turns_held(self) -> list[TurnHeld]:
        """Return the turns that are claimed now."""
        query = select(CaseRow.ref, CaseRow.turn_by, CaseRow.turn_until).where(CaseRow.turn_by.is_not(None))
        return [TurnHeld(ref, by, until) for ref, by, until in self._connection.execute(query) if by and until]

    def records_cut(self) -> list[str]:
        """Return the cases whose facts are not as many as were recorded, or whose newest is another."""
        counted = (
            select(FactRow.case_ref, func.count().label("facts"), func.max(FactRow.number).label("newest"))
            .group_by(FactRow.case_ref)
            .subquery()
        )
        newest = and_(FactRow.case_ref == CaseRow.ref, FactRow.number == CaseRow.head)
        query = (
            select(CaseRow.ref)
            .outerjoin(counted, counted.c.case_ref == CaseRow.ref)
            .outerjoin(FactRow, newest)
            .where(
                or_(
                    func.coalesce(counted.c.facts, 0) != CaseRow.head,
                    func.coalesce(counted.c.newest, 0) != CaseRow.head,
                    and_(CaseRow.head > 0, or_(FactRow.hash.is_(None), FactRow.hash != CaseRow.head_hash)),
                )
            )
            .order_by(CaseRow.ref)
        )
        return list(self._connection.scalars(query))

    def ended_otherwise(self) -> list[str]:
        """Return the cases whose row has an outcome though no fact closed them, or none though one did."""
        closed = select(FactRow.number).where(FactRow.case_ref == CaseRow.ref, FactRow.kind == "closed").exists()
        query = select(CaseRow.ref).where(or_(and_(CaseRow.outcome.is_(None), closed),
                                              and_(CaseRow.outcome.is_not(None), ~closed)))  # fmt: skip
        return list(self._connection.scalars(query.order_by(CaseRow.ref)))

    def perhaps_missed(self, now: datetime, procedure: str | None = None) -> dict[str, Hint]:
        """Return the open cases (of one procedure) of which a day may have been missed by `now` (aware): those to read.

        First those with a fact that says so of some day, then those whose row waits for no day to come.
        """
        rows = select(CaseRow.ref, CaseRow.head, CaseRow.until, CaseRow.outcome, CaseRow.procedure)
        is_open = rows.where(CaseRow.outcome.is_(None))
        if procedure is not None:
            is_open = is_open.where(CaseRow.procedure == procedure)
        say_so = list(self._connection.scalars(select(FactRow.case_ref).where(text(MISSED)).distinct()))
        # These are asked for by nothing but their references: else SQLite looks through all open cases for them.
        queries = [rows.where(CaseRow.ref.in_(say_so[start : start + PORTION]))
                   for start in range(0, len(say_so), PORTION)]  # fmt: skip
        queries += [is_open.where(CaseRow.until < now), is_open.where(CaseRow.until.is_(None))]
        found: dict[str, Hint] = {}
        for query in queries:
            for ref, head, until, outcome, its in self._connection.execute(query):
                if outcome is None and procedure in (None, its):
                    found.setdefault(ref, Hint(head, until is None or until < now))
        return found

    def misdated(self, now: datetime) -> list[Misdated]:
        """Return the facts recorded after those behind them, and those recorded after `now` (aware), by case."""
        after = aliased(FactRow)
        query = (
            select(FactRow.case_ref, FactRow.number, FactRow.at, after.at)
            .outerjoin(after, and_(after.case_ref == FactRow.case_ref, after.number == FactRow.number + 1))
            .where(or_(FactRow.at > after.at, FactRow.at > now))
            .order_by(FactRow.case_ref, FactRow.number)
        )
        return [Misdated(*row) for row in self._connection.execute(query)]

    def documents_missing(self, digests: Iterable[str]) -> set[str]:
        """Return those of `digests` (SHA-256, hex) under which no document is kept."""
        wanted = sorted(set(digests))
        there: set[str] = set()
        for start in range(0, len(wanted), PORTION):
            some = wanted[start : start + PORTION]
            there.update(self._connection.scalars(select(DocumentRow.sha256).where(DocumentRow.sha256.in_(some))))
        return set(wanted) - there

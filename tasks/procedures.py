"""The procedures by name: how a case of each is opened and read, what can be done to it, what it does by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any, Generic, TypeVar

from models.cases import Case
from models.council import Council
from models.facts import Payload, Record
from tasks.acts import Verb
from tasks.diary import DiaryDate, dates_of_deadlines
from tasks.forms import Form, Refused
from tasks.outlook import Coming

F = TypeVar("F", bound=Form)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a case is opened with: its first fact, and a sentence for the officer."""

    payload: Payload
    reference: str  #: unique among the cases of this procedure and council
    year: int  #: of its series: PC-2017-001
    actor: str  #: role id
    says: str
    kind: str = "notified"


@dataclass(frozen=True, slots=True)
class Opening(Generic[F]):
    """How a case is opened: by what form, and what becomes of it."""

    form: type[F]
    title: str  #: as the Prefect UI lists it: "Notified"
    open: Callable[[Council, F, datetime, str | None], Opened]  #: council, form, now (aware), role id or None
    begins_at: Callable[[F], datetime]  #: the instant (aware) at which a rehearsal of it begins
    example: Mapping[str, str] = field(default_factory=dict)  #: values for the example file, by field
    foresees: Callable[[Any], str] = lambda case: ""  #: what else whoever opened a case has to know of it at once


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure of the papers."""

    name: str  #: "pharmacy-consolidation"
    title: str  #: "Pharmacy consolidation"
    prefix: str  #: of its cases' references: "PC"
    view: type[Any]  #: reads a case of it: a Case
    opening: Opening[Any]
    verbs: Mapping[str, Verb[Any]]
    outlook: Callable[[Any], Sequence[Coming]]  #: what a case does by itself from now on, soonest first
    dates: Callable[[Any], list[DiaryDate]] = dates_of_deadlines  #: those that stand, for diaries
    version: int = 1  #: that new cases follow


PLACES: Mapping[str, str] = {
    "pharmacy-consolidation": "tasks.pharmacy_procedure:PHARMACY_CONSOLIDATION",
    "key-decision": "tasks.key_decision.procedure:KEY_DECISION",
    "better-care-plan": "tasks.better_care.procedure:BETTER_CARE_PLAN",
    "grant": "tasks.grant.procedure:GRANT",
    "joint-commissioning-item": "tasks.joint_commissioning.procedure:JOINT_COMMISSIONING",
}
"""Where each procedure is written down; one is imported when it is asked for, and no other."""

REGISTERS: Mapping[str, str] = {"daily-heads": "tasks.heads_procedure:DAILY_HEADS"}
"""What is kept like a case, but opened by the desk itself: no procedure, and not among the officers' cases."""


def procedure_named(name: str) -> Procedure:
    """Return a procedure. Raises Refused, listing those there are."""
    if name not in PLACES:
        raise Refused(f"there is no procedure {name!r}; there are {', '.join(PLACES)}")
    return _loaded(PLACES[name])


def procedure_of(record: Record) -> Procedure:
    """Return the procedure that a case or register follows. Raises Refused for one that this Cleardays lacks."""
    place = REGISTERS.get(record.procedure)
    return procedure_named(record.procedure) if place is None else _loaded(place)


def procedures() -> Iterator[Procedure]:
    """Give every procedure."""
    return (procedure_named(name) for name in PLACES)


def read(record: Record, council: Council, now: datetime) -> Case:
    """Return a case of any procedure as its record shows it at `now` (aware)."""
    case: Case = procedure_of(record).view(record, council, now)
    return case


@cache
def _loaded(place: str) -> Procedure:
    module, _, name = place.partition(":")
    found: Procedure = getattr(import_module(module), name)
    return found

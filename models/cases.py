"""A case of any procedure as its record shows it at one instant: what steps, letters and pages ask of every one.

Nothing is kept here: each answer is derived from the facts, the council's file and the present instant.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from models.calendars import Calendar
from models.council import Council
from models.deadlines import Deadline
from models.facts import Fact, Record
from models.london import date_in_london


class Status(StrEnum):
    """Where a deadline stands."""

    OPEN = "open"
    MET = "met"
    MET_LATE = "met late"
    PASSED = "passed"
    FELL_AWAY = "fell away"


class Case(ABC):
    """One case, read from its record at one instant. Each procedure adds the questions of its own."""

    def __init__(self, record: Record, council: Council, now: datetime) -> None:
        """Read `record` under `council` at `now` (aware)."""
        self.record, self.council, self.now = record, council, now

    # -- what every case has -------------------------------------------------------------------------------

    @property
    def ref(self) -> str:
        """Return the case's own reference."""
        return self.record.case

    @cached_property
    def today(self) -> date:
        """Return the London day of the reading."""
        return date_in_london(self.now)

    @cached_property
    def calendar(self) -> Calendar:
        """Return the calendar of its working days: England and Wales with the council's closures."""
        return self.council.calendar()

    @property
    def withdrawn(self) -> Fact | None:
        """Return the fact that the matter was withdrawn, or None."""
        return self.record.first("withdrawn")

    @property
    def closed(self) -> Fact | None:
        """Return the fact that closed the case, or None."""
        return self.record.first("closed")

    def who(self, fact: Fact) -> str:
        """Return who recorded a fact, by the title the office had on that day."""
        if fact.actor not in self.council.known_roles:
            return fact.actor
        return f"the {self.council.title(fact.actor, date_in_london(fact.at))}"

    # -- what each procedure says --------------------------------------------------------------------------

    @property
    @abstractmethod
    def subject(self) -> str:
        """Return in a few words what the case is about: the applicant, the plan, the item."""

    @property
    def reference(self) -> str:
        """Return the reference under which it was entered."""
        return str(self.record.facts[0]["reference"])

    @property
    @abstractmethod
    def began_on(self) -> date:
        """Return the London day on which its time began: day 0 of its timetable."""

    @property
    @abstractmethod
    def responsible_officer(self) -> str:
        """Return the role that acts for the council in the case now."""

    @property
    def signs(self) -> str:
        """Return the role in whose name the letters of the case are written."""
        return self.responsible_officer

    @property
    @abstractmethod
    def must_be_done_by(self) -> Deadline | None:
        """Return the deadline that the case stands or falls with, or None where it has none."""

    @property
    def overdue(self) -> bool:
        """Tell whether that deadline has passed and what it was for has not been done."""
        return False

    @abstractmethod
    def deadlines(self) -> list[tuple[Deadline, Status]]:
        """Return every deadline the case has had, with where it stands."""

    @abstractmethod
    def letter_values(self) -> Mapping[str, object]:
        """Return what any letter of the procedure may say, beside what all letters of a council say."""

    def breaches(self) -> list[str]:
        """Return each breach of law or procedure that the record holds, in words."""
        return []


def status_of(
    deadline: Deadline, met: Fact | None, now: datetime, *, fell_away: bool = False, ended: bool = False
) -> Status:
    """Return where a deadline stands at `now` (aware).

    `met` is the fact that kept it, if one did: by its own word `reached_on`, `late`, `accepted_at` or `received_at`,
    else by the instant of its record.
    """
    if met is not None and met.get("reached_on"):  # when it came is a fact; whether that is late follows from the day
        return Status.MET_LATE if date.fromisoformat(met["reached_on"]) > deadline.last_day else Status.MET
    told = met and (met.get("accepted_at") or met.get("received_at"))
    if met is not None and met.get("late") is not None and not told and met.kind != "circulated":
        return Status.MET_LATE if met["late"] else Status.MET
    if met is not None:
        at = datetime.fromisoformat(told) if told else met.at
        return Status.MET_LATE if deadline.passed(at) else Status.MET
    if fell_away:
        return Status.FELL_AWAY
    if deadline.passed(now):
        return Status.PASSED
    return Status.FELL_AWAY if ended else Status.OPEN

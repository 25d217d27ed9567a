"""Editions: everything outside the record that sets a case's dates, as it stood when the case was dated by it.

Bank holidays, the council's closures and the numbers of days it chose may change while cases are open. A case keeps
the edition it was opened with until an officer applies a newer one, so that no date moves silently.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from models.bank_holidays import PublishedDays, library_version
from models.calendars import ENGLAND_AND_WALES, UNITED_KINGDOM, Calendar, Reasons, calendar_named, days_known
from models.deadlines import Deadline, Moved
from models.facts import Fact, Record, canonical
from models.london import day_in_words
from models.reckoning import quantity

CALENDARS = (ENGLAND_AND_WALES, UNITED_KINGDOM)  #: those with bank holidays
NUMBERS = {
    "non_contentious_feedback_days": "the council's time to answer on the non-contentious route",
    "comment_days": "the council's time to comment on the representations of others",
}  #: the council's own numbers of days that set a last day, unlike those that only set reminders
YEARS = range(2016, 2046)  #: consolidations came in on 5 December 2016; a case is not open for twenty years
DATES_BY = "dates_by"  #: the field of a fact that names the edition a case follows from then on
APPLIED = "calendar-applied"  #: the fact by which an open case takes over a newer edition


class EditionMissing(LookupError):
    """A case is dated by an edition that its database does not hold."""


@dataclass(frozen=True, eq=False)
class Edition:
    """What sets dates, apart from the record and the code. Two are the same when their bytes are.

    `numbers` are days, by their name in the council's file.
    """

    bank_holidays: Mapping[str, Reasons]  #: by the calendar's name; newly proclaimed days are among them
    closures: Reasons
    numbers: Mapping[str, int]
    library: str  #: where the bank holidays came from, for information
    years: range = YEARS

    @classmethod
    def of(cls, closures: Reasons, proclaimed: Reasons, numbers: Mapping[str, int]) -> Edition:
        """Return the edition of today's library, with a council's closures, proclaimed days and numbers."""
        holidays = {}
        for name in CALENDARS:
            known = {day: why for year in YEARS for day, why in days_known(name, year).items()}
            holidays[name] = tuple(sorted({**known, **dict(proclaimed)}.items()))
        return cls(holidays, tuple(sorted(closures)), dict(sorted(numbers.items())), library_version())

    @classmethod
    def from_bytes(cls, content: bytes) -> Edition:
        """Return the edition that `to_bytes` wrote down."""
        plain = json.loads(content)
        return cls(
            {name: _read_days(days) for name, days in plain["bank_holidays"].items()}, _read_days(plain["closures"]),
            plain["numbers"], plain["library"], range(plain["first_year"], plain["last_year"] + 1),
        )  # fmt: skip

    def to_bytes(self) -> bytes:
        """Return the edition as canonical JSON: the same edition, the same bytes."""
        return self._content

    @property
    def sha256(self) -> str:
        """Return the SHA-256 (hex) of `to_bytes`, which names the edition."""
        return self._sha256

    def __eq__(self, other: object) -> bool:
        """Tell whether the other is an edition of the same name."""
        return isinstance(other, Edition) and other.sha256 == self.sha256

    def __hash__(self) -> int:
        """Return a hash of the name."""
        return hash(self.sha256)

    def calendar(self, name: str = ENGLAND_AND_WALES) -> Calendar:
        """Return the calendar of a name with this edition's bank holidays and closures. Raises ValueError."""
        return calendar_named(name, self._closed, published=self._published)

    def without(self, day: date) -> Edition:
        """Return the edition as it would be had `day` never become a bank holiday or a closure."""
        return replace(
            self, closures=tuple(each for each in self.closures if each[0] != day),
            bank_holidays={name: tuple(each for each in days if each[0] != day)
                           for name, days in self.bank_holidays.items()},
        )  # fmt: skip

    @cached_property
    def _content(self) -> bytes:
        return canonical({
            "bank_holidays": {name: _written_days(days) for name, days in self.bank_holidays.items()},
            "closures": _written_days(self.closures), "numbers": dict(self.numbers), "library": self.library,
            "first_year": self.years.start, "last_year": self.years.stop - 1,
        }).encode()  # fmt: skip

    @cached_property
    def _sha256(self) -> str:
        return hashlib.sha256(self._content).hexdigest()

    @cached_property
    def _closed(self) -> Mapping[date, str]:
        return dict(self.closures)

    @cached_property
    def _published(self) -> PublishedDays:
        days = {name: dict(listed) for name, listed in self.bank_holidays.items()}
        return PublishedDays(self.sha256, self.library, self.years, days)


def _written_days(days: Reasons) -> list[list[str]]:
    return [[day.isoformat(), why] for day, why in days]


def _read_days(days: list[list[str]]) -> Reasons:
    return tuple((date.fromisoformat(day), why) for day, why in days)


# -- what one edition says of dates that another does not --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that two editions say differently and that can move a date, told in a sentence without its stop."""

    says: str
    on: date | None = None  #: the day that is worked in one of them only
    number: tuple[int, int] | None = None  #: a number of days, before and after

    def explains(self, before: Deadline, after: Deadline) -> bool:
        """Tell whether this change lies in the way of a deadline that moved from `before` to `after`."""
        if self.number is not None:
            was, now = self.number
            return f" {was} " in f"{before.rule} " and f" {now} " in f"{after.rule} "
        days = [before.target, before.last_day, after.target, after.last_day]
        if before.last_day != after.last_day:
            days += [before.event_on, after.event_on]
        return self.on is not None and min(days) <= self.on <= max(days)


def changes(before: Edition, after: Edition) -> list[Change]:
    """Return what `after` says of dates that `before` does not, days in their order; empty: no date can move.

    Reasons alone, and the library's version, move no date and are no change.
    """
    if before.sha256 == after.sha256:
        return []
    days: dict[date, Change] = {}
    for name in CALENDARS:
        for day in _days_in_one_alone(before, after, name):
            said = _said_of(day, before.calendar(name), after.calendar(name))
            if said is not None and day not in days:
                where = "" if name == ENGLAND_AND_WALES else f" by the calendar {name}"
                days[day] = Change(said + where, on=day)
    return [*(days[day] for day in sorted(days)), *_numbers_changed(before.numbers, after.numbers)]


def _days_in_one_alone(before: Edition, after: Edition, name: str) -> set[date]:
    """Return the days that only one of the editions lists, or that one lists as closures and one as holidays."""
    was = {day for day, _ in before.bank_holidays.get(name, ())} ^ {day for day, _ in after.bank_holidays.get(name, ())}
    return was | {day for day, _ in before.closures} ^ {day for day, _ in after.closures}


def _said_of(day: date, before: Calendar, after: Calendar) -> str | None:
    why_before, why_now = before.why_not_working(day), after.why_not_working(day)
    if why_before is None and why_now is not None:
        return f"{day_in_words(day)}, {why_now}, is no longer worked"
    if why_before is not None and why_now is None:
        return f"{day_in_words(day)} is worked after all; before: {why_before}"
    counted, counts = before.without_closures().is_working_day(day), after.without_closures().is_working_day(day)
    if counted and not counts:
        return f"{day_in_words(day)}, {why_now}, no longer counts as a working day (the council was shut on it already)"
    if counts and not counted:
        return f"{day_in_words(day)} counts as a working day again, though the council is shut ({why_now})"
    return None


def _numbers_changed(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[Change]:
    for name in before:
        if name in after and before[name] != after[name]:
            was, now = before[name], after[name]
            yield Change(f"{NUMBERS.get(name, name)} was {quantity(was, 'days')} and is {now}", number=(was, now))


# -- the edition of a case ---------------------------------------------------------------------------------------------


def dates_by(record: Record) -> str | None:
    """Return the SHA-256 of the edition a case follows, or None where none was kept when it was opened."""
    fact = record.last(APPLIED) or (record.facts[0] if record.facts else None)
    named: str | None = fact.get(DATES_BY) if fact is not None else None
    return named


def with_history(record: Record, deadline: Deadline) -> Deadline:
    """Return a deadline with each day it had before a changed calendar was applied to its case, and why it moved.

    How its day was reckoned stays as it is. The fact names a deadline by its name, such as "feedback: healthwatch".
    """
    for fact in record.all(APPLIED):
        for moved in fact["moved"]:
            if moved["name"] == deadline.name:
                was = Moved(date.fromisoformat(moved["before"]), _who(fact), moved["reasons"])
                deadline = replace(deadline, history=(*deadline.history, was))
        for moved in fact["targets"]:
            if moved["name"] == deadline.name:
                before = day_in_words(date.fromisoformat(moved["before"]))
                note = f"The target was {before} before; moved by {_who(fact)}: {moved['reasons']}."
                deadline = replace(deadline, notes=(*deadline.notes, note))
    return deadline


def _who(fact: Fact) -> str:
    return f"a changed calendar, fact {fact.number}"

"""The clock ledger: extensions, suspensions and corrections of the start, and the last day they come to together.

The order in which entries arrive does not matter: extensions are added up, the days of suspensions are united, and of
corrections that nobody replaced the earliest start holds, the safe one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from models.calendars import Calendar, Reasons
from models.deadlines import Deadline, Moved
from models.london import day_in_words
from models.months import months_after
from models.periods import Period
from models.reckoning import RULES, Kind, quantity

ONE_DAY = timedelta(days=1)
Stretch = tuple[date, date]  # a first and a last day, both included

RUNNING = (Kind.WITHIN, Kind.BEGINNING_WITH, Kind.FIRST_AFTER_CLEAR)  #: a time that passes and can be stopped
FIXED = (Kind.BY, Kind.BEFORE, Kind.PRIOR_TO)  #: a day that is named

IN_MONTHS = {"months": 1, "years": 12}
IN_DAYS = {"days": 1, "calendar days": 1, "weeks": 7}
WORKING = "working days"
UNITS = (*IN_DAYS, *IN_MONTHS, WORKING)  #: those of an extension


class CannotMove(ValueError):
    """An entry that a period of this kind cannot take."""


@dataclass(frozen=True, slots=True)
class Extended:
    """More time: so many of a unit, or until a day. `number` is the fact's, `who` and `why` stand in derivations."""

    number: int
    who: str
    why: str
    count: int = 0
    unit: str = "days"
    until: date | None = None

    def __post_init__(self) -> None:
        """Refuse a unit not known, and an extension by nothing or by two measures at once."""
        if self.unit not in UNITS:
            raise ValueError(f"{self.unit!r} is no unit of an extension; use {', '.join(UNITS)}")
        if (self.count < 1) is (self.until is None):
            raise ValueError("an extension has a count of 1 or more, or a day until which it runs, not both")


@dataclass(frozen=True, slots=True)
class Suspended:
    """The clock stands: London days from `first` to `last`, both included, do not count; None: it stands still."""

    number: int
    who: str
    why: str
    first: date
    last: date | None

    def __post_init__(self) -> None:
        """Refuse a suspension that ends before it begins."""
        if self.last is not None and self.last < self.first:
            raise ValueError(f"a clock that stands from {self.first} cannot run again after {self.last}; check both")


@dataclass(frozen=True, slots=True)
class Corrected:
    """The event fell on another London day than was recorded. `replaces` are the numbers of corrections it undoes."""

    number: int
    who: str
    why: str
    event_on: date
    replaces: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a correction that undoes itself or one recorded after it."""
        if any(number >= self.number for number in self.replaces):
            raise ValueError(f"correction {self.number} can replace earlier ones alone, not {sorted(self.replaces)}")


Entry = Extended | Suspended | Corrected


class Ledger:
    """What has happened to a clock. Derives the last day anew from all entries together."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        """Take entries in any order; their numbers tell them apart."""
        self.entries: tuple[Entry, ...] = tuple(sorted(entries, key=lambda entry: entry.number))
        self._corrections = [entry for entry in self.entries if isinstance(entry, Corrected)]
        self._stopping = [entry for entry in self.entries if isinstance(entry, Suspended)]
        self._extending = [entry for entry in self.entries if isinstance(entry, Extended)]

    def __bool__(self) -> bool:
        """Tell whether anything has happened to the clock."""
        return bool(self.entries)

    def start(self, event_on: date) -> date:
        """Return the day of the event, corrections applied: of those that stand, the earliest."""
        replaced = {number for entry in self._corrections for number in entry.replaces}
        standing = [entry.event_on for entry in self._corrections if entry.number not in replaced]
        return min(standing, default=event_on)

    def last_day(self, period: Period, event_on: date, calendar: Calendar, today: date | None = None) -> date:
        """Return the last day (first day, latest day) that a period comes to.

        Closures of `calendar` are left out: the law does not know them. `today` (London) is needed while the clock
        stands: that day does not count yet. Raises CannotMove.
        """
        return self._run(period, self.start(event_on), period.days_of_law(calendar), today)[1]

    def apply(
        self, period: Period, event_on: date, *, name: str, event: str, evidence: str = "",
        calendar: Calendar | None = None, local_policy: bool = False, today: date | None = None,
    ) -> Deadline:  # fmt: skip
        """Return the deadline that a period sets, with every entry in its derivation. Raises CannotMove."""
        base = period.from_(
            self.start(event_on), name=name, event=event, evidence=evidence, calendar=calendar,
            local_policy=local_policy,
        )  # fmt: skip
        if not self.entries:
            return base
        days = period.days_of_law(calendar)
        notes, history = (*base.notes, *self._notes(event_on)), tuple(self._history(period, event_on, days, today))
        if not self._stopping and not self._extending:
            return replace(base, notes=notes, history=history)
        stages, last_day = self._run(period, base.event_on, days, today)
        return replace(
            base.on(last_day, calendar), reckoning=base.reckoning + self._more_in_words(stages, today),
            skipped=tuple(sorted(self._skipped(stages, days, today).items())), notes=notes, history=history,
        )  # fmt: skip

    def _total(self, units: Mapping[str, int]) -> int:
        return sum(entry.count * units[entry.unit] for entry in self._extending if entry.unit in units)

    def _stopped(self, today: date | None) -> list[Stretch]:
        """Return the days on which the clock stood: stretches in order, apart from one another."""
        found: list[Stretch] = []
        for entry in sorted(self._stopping, key=lambda entry: entry.first):
            last = _last_stopped(entry, today)
            if found and entry.first <= found[-1][1] + ONE_DAY:
                found[-1] = found[-1][0], max(found[-1][1], last)
            elif entry.first <= last:  # one that is yet to begin has no last day so far
                found.append((entry.first, last))
        return found

    # -- running the clock ---------------------------------------------------------------------------------

    def _run(self, period: Period, start: date, calendar: Calendar, today: date | None) -> tuple[list[Stage], date]:
        """Run the period, then what it was extended by; return the stages and the last day."""
        self._refuse_what_cannot_be(period)
        clock = _Clock(calendar, self._stopped(today))
        months = self._total(IN_MONTHS)
        if months and period.unit in IN_MONTHS:  # six months and three more are nine: Dodds v Walker [1981]
            period, months = replace(period, count=period.count * IN_MONTHS[period.unit] + months, unit="months"), 0
        stages = [clock.run(period, start)]
        if months:
            end = stages[-1].end
            stages.append(clock.days_after(end, (months_after(end, months) - end).days))
        if days := self._total(IN_DAYS):
            stages.append(clock.days_after(stages[-1].end, days))
        if working := self._total({WORKING: 1}):
            stages.append(clock.working_days_after(stages[-1].end, working))
        return stages, max([stages[-1].end, *(entry.until for entry in self._extending if entry.until)])

    def _refuse_what_cannot_be(self, period: Period) -> None:
        if self._stopping and period.kind not in RUNNING:
            why = "names a day" if period.kind in FIXED else "is counted from the day it leads up to or comes round on"
            raise CannotMove(f"'{period.words}' cannot be suspended: it {why}, so that no clock runs")
        if self._extending and period.kind not in (*RUNNING, *FIXED):
            raise CannotMove(f"'{period.words}' cannot be extended: move the day that it is counted from")
        if period.kind is Kind.FIRST_AFTER_CLEAR:
            for entry in self._extending:
                if entry.unit != WORKING and entry.until is None:
                    raise CannotMove(f"'{period.words}' is extended by working days, not by {entry.unit}")

    # -- in words ------------------------------------------------------------------------------------------

    def _skipped(self, stages: Sequence[Stage], calendar: Calendar, today: date | None) -> dict[date, str]:
        """Return each day that did not count, with the reason."""
        first, last = stages[0].start + ONE_DAY, stages[-1].end
        found = {day: why for each in stages if each.working for day, why in each.not_worked(calendar)}
        for entry in self._stopping:
            for day in _days(max(first, entry.first), min(last, _last_stopped(entry, today))):
                found[day] = f"the clock stood: {entry.why}"
        return found

    def _more_in_words(self, stages: Sequence[Stage], today: date | None) -> str:
        more = [f", with {_amount(entry)}" for entry in self._extending]
        first, last = stages[0].start + ONE_DAY, stages[-1].end
        stood = sum(
            max(0, (min(last, stretch[1]) - max(first, stretch[0])).days + 1) for stretch in self._stopped(today)
        )
        return "".join(more) + (f", {quantity(stood, 'days')} not counted while the clock stood" if stood else "")

    def _notes(self, event_on: date) -> Iterator[str]:
        for entry in self._corrections:
            yield (
                f"{entry.who} corrected the day to {day_in_words(entry.event_on)} ({entry.why}); "
                f"{day_in_words(event_on)} was recorded first."
            )
        if len({entry.event_on for entry in self._corrections}) > 1:
            yield f"Of the corrections that stand the earliest is kept: {day_in_words(self.start(event_on))}."
        for stopping in self._stopping:
            if stopping.last is None:
                yield (
                    f"The clock stands since {day_in_words(stopping.first)} ({stopping.why}); until it is resumed, "
                    "this day moves on with each day that passes."
                )

    def _history(self, period: Period, event_on: date, calendar: Calendar, today: date | None) -> Iterator[Moved]:
        """Give what the day was before each entry that moved it, in the order in which they were recorded."""
        before = NOTHING_HAPPENED.last_day(period, event_on, calendar)
        for number, entry in enumerate(self.entries, start=1):
            after = Ledger(self.entries[:number]).last_day(period, event_on, calendar, today)
            if after != before:
                yield Moved(before, entry.who, entry.why)
            before = after


NOTHING_HAPPENED = Ledger()


@dataclass(frozen=True, slots=True)
class Stage:
    """One run of the clock: the day it ran from, which does not count itself, and the day it ended on."""

    start: date
    end: date
    working: bool = False  #: whether only working days counted

    def not_worked(self, calendar: Calendar) -> Reasons:
        """Return the days on the way that were no working days."""
        return calendar.not_working(self.start + ONE_DAY, self.end)


@dataclass(frozen=True, slots=True)
class _Clock:
    """Counts days on which it does not stand; `stopped` are in order and apart from one another."""

    calendar: Calendar
    stopped: Sequence[Stretch]

    def run(self, period: Period, start: date) -> Stage:
        """Run a period itself from the day of its event."""
        if period.kind is Kind.FIRST_AFTER_CLEAR:
            return self.working_days_after(start, period.count + 1)
        if period.kind is Kind.WITHIN and period.unit == WORKING:
            return self.working_days_after(start, period.count)
        plain = RULES[period.kind][0](period.count, period.unit, start, self.calendar).day
        if period.kind not in RUNNING:
            return Stage(start, plain)
        before = start - ONE_DAY if period.kind is Kind.BEGINNING_WITH else start
        return self.days_after(before, (plain - before).days)

    def days_after(self, start: date, count: int) -> Stage:
        """Run for so many days."""
        end = start + timedelta(days=count)
        for first, last in self.stopped:
            first = max(first, start + ONE_DAY)
            if first > end:
                break
            end += max(timedelta(), last - first + ONE_DAY)
        return Stage(start, end)

    def working_days_after(self, start: date, count: int) -> Stage:
        """Run for so many working days."""
        end = self.calendar.working_day_after(start, count)
        for first, last in self.stopped:
            first = max(first, start + ONE_DAY)
            if first > end:
                break
            count += self.calendar.working_days_in(first, last)
            end = self.calendar.working_day_after(start, count)
        return Stage(start, end, working=True)


def _last_stopped(entry: Suspended, today: date | None) -> date:
    """Return the last day on which the clock stood; while it still stands, today."""
    if entry.last is not None:
        return entry.last
    if today is None:
        raise ValueError(f"the clock stands since {day_in_words(entry.first)}; say what day it is today")
    return today


def _amount(entry: Extended) -> str:
    if entry.until is not None:
        return f"time until {day_in_words(entry.until)}"
    return f"{quantity(entry.count, entry.unit)} more"


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += ONE_DAY

"""Working days: which days count, why the others do not, and how to step from one to the next."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from threading import Lock

from models.bank_holidays import bank_holidays, library_version, year_reckoned

ENGLAND_AND_WALES = "england-and-wales"
UNITED_KINGDOM = "united-kingdom"
EVERY_DAY = "every-day"

# a bank holiday counts when any of these parts of the United Kingdom keeps it
_PARTS: Mapping[str, tuple[str, ...]] = {
    ENGLAND_AND_WALES: ("ENG",),
    UNITED_KINGDOM: ("ENG", "WLS", "SCT", "NIR"),
    EVERY_DAY: (),
}
_SATURDAY, _SUNDAY = 5, 6
_ONE_DAY = timedelta(days=1)

Reasons = tuple[tuple[date, str], ...]


@dataclass(frozen=True)
class Calendar:
    """A named rule for which days are working days. Weekends never are, unless every day counts.

    `closures` are days on which the council is shut: they move targets, never a day set by law.
    `proclaimed` are bank holidays newer than the installed library: they count in law as well.
    Made by `calendar_named`; compares, hashes and pickles by these three.
    """

    name: str
    closures: Reasons = ()
    proclaimed: Reasons = ()

    def why_not_working(self, day: date) -> str | None:
        """Return why a day is not a working day, in words, or None when it is one."""
        if self.name == EVERY_DAY:
            return None
        holiday = self._holiday(day)
        if day.weekday() in (_SATURDAY, _SUNDAY):
            weekend = "Saturday" if day.weekday() == _SATURDAY else "Sunday"
            return f"{weekend}, {holiday}" if holiday else weekend
        if holiday:
            return f"{holiday} (bank holiday)"
        closed = self._closed.get(day)
        return None if closed is None else f"council closed: {closed}"

    def is_working_day(self, day: date) -> bool:
        """Tell whether a day is a working day."""
        return self.why_not_working(day) is None

    def working_day_after(self, day: date, count: int) -> date:
        """Return the `count`-th working day after a day, which is itself not counted."""
        if self.name == EVERY_DAY:
            return day + timedelta(days=count)
        return self._working_days.after(day, count)

    def working_day_before(self, day: date, count: int) -> date:
        """Return the `count`-th working day before a day, which is itself not counted."""
        if self.name == EVERY_DAY:
            return day - timedelta(days=count)
        return self._working_days.before(day, count)

    def last_working_day_on_or_before(self, day: date) -> date:
        """Return the day itself when it is a working day, otherwise the nearest one before it."""
        return day if self.is_working_day(day) else self.working_day_before(day, 1)

    def not_working(self, first: date, last: date) -> Reasons:
        """Return each day from first to last that is not a working day, with the reason."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return tuple((day, why) for day in days if (why := self.why_not_working(day)) is not None)

    def fingerprint(self, first: date, last: date) -> str:
        """Return a digest of the non-working days from first to last: same days, same digest.

        It is the first 16 hexadecimal digits of the SHA-256 of their ISO dates, one to a line.
        """
        listed = "".join(f"{day.isoformat()}\n" for day, _ in self.not_working(first, last))
        return hashlib.sha256(listed.encode()).hexdigest()[:16]

    @property
    def library_version(self) -> str:
        """Return the library the bank holidays come from, with its version."""
        return library_version() if _PARTS[self.name] else "no library needed"

    def without_closures(self) -> Calendar:
        """Return the days as the law counts them: bank holidays, but not the council's own closures."""
        return _calendar(self.name, (), self.proclaimed)

    def counting_as(self, name: str) -> Calendar:
        """Return another named calendar with the same closures and proclaimed days."""
        return calendar_named(name, dict(self.closures), proclaimed=dict(self.proclaimed))

    def _holiday(self, day: date) -> str | None:
        return self._proclaimed.get(day) or bank_holidays(year_reckoned(day), _PARTS[self.name]).get(day)

    @cached_property
    def _closed(self) -> Mapping[date, str]:
        return dict(self.closures)

    @cached_property
    def _proclaimed(self) -> Mapping[date, str]:
        return dict(self.proclaimed)

    @cached_property
    def _working_days(self) -> _WorkingDays:
        return _WorkingDays(self)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the three facts, not the tables: they are computed again where they are needed."""
        return _calendar, (self.name, self.closures, self.proclaimed)


def calendar_named(
    name: str, closures: Mapping[date, str] | None = None, *, proclaimed: Mapping[date, str] | None = None
) -> Calendar:
    """Return the calendar of that name, with the council's closed days and newly proclaimed holidays.

    Both map a day to its reason. An unknown name is a ValueError that lists the known ones.
    """
    if name not in _PARTS:
        raise ValueError(f"'{name}' is not a calendar; the calendars are {', '.join(_PARTS)}")
    return _calendar(name, tuple(sorted((closures or {}).items())), tuple(sorted((proclaimed or {}).items())))


@lru_cache(maxsize=64)
def _calendar(name: str, closures: Reasons, proclaimed: Reasons) -> Calendar:
    """Return one and the same object for a calendar, so that its tables are computed once."""
    return Calendar(name, closures, proclaimed)


class _WorkingDays:
    """A calendar's working days, numbered: one look-up finds a day's place, a second the day N places on.

    Grows by whole years as they are asked for. The table is replaced, never changed, so that another
    thread reads the old one or the new one and never a half-built one.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._growing = Lock()
        self._years = range(0)
        # (for each day: how many working days up to and including it; every working day in order)
        self._table: tuple[dict[date, int], list[date]] = ({}, [])

    def after(self, day: date, count: int) -> date:
        """Return the count-th working day after a day."""
        if count < 1:
            raise ValueError(f"cannot count {count} working days; count 1 or more")
        upto, days = self._table
        try:
            return days[upto[day] + count - 1]
        except (KeyError, IndexError):
            upto, days = self._covering(year_reckoned(day))
        while upto[day] + count > len(days):
            upto, days = self._covering(self._years.stop)
        return days[upto[day] + count - 1]

    def before(self, day: date, count: int) -> date:
        """Return the count-th working day before a day."""
        if count < 1:
            raise ValueError(f"cannot count {count} working days; count 1 or more")
        upto, days = self._covering(year_reckoned(day))
        while (place := _working_days_before(day, upto, days) - count) < 0:
            upto, days = self._covering(self._years.start - 1)
        return days[place]

    def _covering(self, year: int) -> tuple[dict[date, int], list[date]]:
        """Return the table, grown first where it does not hold the year yet."""
        with self._growing:
            if year not in self._years:
                year_reckoned(date(year, 1, 1))
                first, last = min(year, *self._years[:1], year), max(year, *self._years[-1:], year)
                self._table = self._counted(date(first, 1, 1), date(last, 12, 31))
                self._years = range(first, last + 1)
            return self._table

    def _counted(self, first: date, last: date) -> tuple[dict[date, int], list[date]]:
        upto: dict[date, int] = {}
        days: list[date] = []
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if self._calendar.is_working_day(day):
                days.append(day)
            upto[day] = len(days)
        return upto, days


def _working_days_before(day: date, upto: Mapping[date, int], days: list[date]) -> int:
    """Return how many of the working days lie strictly before a day."""
    return upto[day] - (days[upto[day] - 1] == day)

"""Working days: which days count, why the others do not, and how to step from one to the next."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any

from models.bank_holidays import (
    FIRST_YEAR,
    LAST_YEAR,
    PublishedDays,
    bank_holidays,
    library_version,
    year_reckoned,
)

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
_LINE = len("2017-07-26\n")
_NO_DAYS = hashlib.sha256(b"").hexdigest()[:16]

Reasons = tuple[tuple[date, str], ...]


@dataclass(frozen=True)
class Calendar:
    """A named rule for which days are working days. Weekends never are, unless every day counts.

    `closures` are days on which the council is shut: they move targets, never a day set by law.
    `proclaimed` are bank holidays newer than the installed library: they count in law as well.
    `published` are bank holidays that a case's edition holds: they stand in for the library's.
    Made by `calendar_named`; compares, hashes and pickles by these four.
    """

    name: str
    closures: Reasons = ()
    proclaimed: Reasons = ()
    published: PublishedDays | None = None

    def why_not_working(self, day: date) -> str | None:
        """Return why a day is not a working day, in words, or None when it is one."""
        return None if self.name == EVERY_DAY else self._numbered.table_with(day).off.get(day)

    def is_working_day(self, day: date) -> bool:
        """Tell whether a day is a working day."""
        return self.why_not_working(day) is None

    def working_day_after(self, day: date, count: int) -> date:
        """Return the `count`-th working day after a day, which is itself not counted."""
        if count >= 1:
            try:
                table = self._numbered.table
                return table.days[table.place[day] + count - 1]
            except (KeyError, IndexError):
                pass  # a year not numbered yet, or a calendar that needs no numbers
        if self.name == EVERY_DAY:
            return day + timedelta(days=_at_least_one(count))
        return self._numbered.after(day, count)

    def working_days_after(self, starts: Iterable[date], count: int) -> list[date]:
        """Return the `count`-th working day after each of many days, as for every open case at once."""
        starts = list(starts)
        try:
            table = self._numbered.table
            place, days = table.place, table.days
            before_first = _at_least_one(count) - 1
            return [days[place[day] + before_first] for day in starts]
        except (KeyError, IndexError):
            return [self.working_day_after(day, count) for day in starts]

    def working_day_before(self, day: date, count: int) -> date:
        """Return the `count`-th working day before a day, which is itself not counted."""
        if self.name == EVERY_DAY:
            return day - timedelta(days=_at_least_one(count))
        return self._numbered.before(day, count)

    def working_days_in(self, first: date, last: date) -> int:
        """Return how many working days there are from first to last, both included; 0 where first is after last."""
        if last < first:
            return 0
        return (last - first).days + 1 - len(self.not_working(first, last))

    def last_working_day_on_or_before(self, day: date) -> date:
        """Return the day itself when it is a working day, otherwise the nearest one before it."""
        return day if self.is_working_day(day) else self.working_day_before(day, 1)

    def not_working(self, first: date, last: date) -> Reasons:
        """Return each day from first to last that is not a working day, with the reason."""
        if self.name == EVERY_DAY:
            return ()
        table, rest = self._rest(first, last)
        return tuple(table.reasons[rest])

    def fingerprint(self, first: date, last: date) -> str:
        """Return a digest of the non-working days from first to last: same days, same digest.

        It is the first 16 hexadecimal digits of the SHA-256 of their ISO dates, one to a line.
        """
        if self.name == EVERY_DAY:
            return _NO_DAYS
        table, rest = self._rest(first, last)
        listed = table.listed[rest.start * _LINE : rest.stop * _LINE]
        return hashlib.sha256(listed).hexdigest()[:16]

    def _rest(self, first: date, last: date) -> tuple[_Table, slice]:
        """Return a table and where in it the days from first to last are that are not worked."""
        self._numbered.table_with(first)
        table = self._numbered.table_with(last)
        return table, slice(bisect_left(table.rest, first), bisect_right(table.rest, last))

    @property
    def library_version(self) -> str:
        """Return the library the bank holidays come from, with its version."""
        if not _PARTS[self.name]:
            return "no library needed"
        return library_version() if self.published is None else self.published.source

    def without_closures(self) -> Calendar:
        """Return the days as the law counts them: bank holidays, but not the council's own closures."""
        return self._without_closures

    def counting_as(self, name: str) -> Calendar:
        """Return another named calendar with the same closures and proclaimed days."""
        return calendar_named(
            name, dict(self.closures), proclaimed=dict(self.proclaimed), published=self.published
        )

    def _reckon(self, day: date) -> str | None:
        """Work out why a day is not a working day, for the table."""
        holiday = self._proclaimed.get(day) or self._bank_holiday(day)
        if day.weekday() in (_SATURDAY, _SUNDAY):
            weekend = "Saturday" if day.weekday() == _SATURDAY else "Sunday"
            return f"{weekend}, {holiday}" if holiday else weekend
        if holiday:
            return f"{holiday} (bank holiday)"
        closed = self._closed.get(day)
        return None if closed is None else f"council closed: {closed}"

    def _bank_holiday(self, day: date) -> str | None:
        if self.published is not None and self.published.holds(day, self.name):
            return self.published.days[self.name].get(day)
        return bank_holidays(day.year, _PARTS[self.name]).get(day)

    @cached_property
    def answers(self) -> dict[Any, Any]:
        """Return the deadlines that have been worked out by these days, for models.periods to keep."""
        return {}

    @cached_property
    def _without_closures(self) -> Calendar:
        return _calendar(self.name, (), self.proclaimed, self.published)

    @cached_property
    def _closed(self) -> Mapping[date, str]:
        return dict(self.closures)

    @cached_property
    def _proclaimed(self) -> Mapping[date, str]:
        return dict(self.proclaimed)

    @cached_property
    def _numbered(self) -> _NumberedDays:
        return _NumberedDays(self._reckon)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the four facts, not the tables: they are computed again where they are needed."""
        return _calendar, (self.name, self.closures, self.proclaimed, self.published)


def calendar_named(
    name: str,
    closures: Mapping[date, str] | None = None,
    *,
    proclaimed: Mapping[date, str] | None = None,
    published: PublishedDays | None = None,
) -> Calendar:
    """Return the calendar of that name, with the council's closed days and newly proclaimed holidays.

    Both map a day to its reason. `published` are bank holidays to go by in the library's place; other years than
    theirs are the library's. An unknown name is a ValueError that lists the known ones.
    """
    if name not in _PARTS:
        raise ValueError(f"'{name}' is not a calendar; the calendars are {', '.join(_PARTS)}")
    closed, told = tuple(sorted((closures or {}).items())), tuple(sorted((proclaimed or {}).items()))
    return _calendar(name, closed, told, published)


@lru_cache(maxsize=64)
def _calendar(name: str, closures: Reasons, proclaimed: Reasons, published: PublishedDays | None = None) -> Calendar:
    """Return one and the same object for a calendar, so that its tables are computed once."""
    return Calendar(name, closures, proclaimed, published)


def days_known(name: str, year: int) -> Mapping[date, str]:
    """Return the bank holidays that the library has for a year of the calendar of that name."""
    return bank_holidays(year, _PARTS[name])


@dataclass(frozen=True, slots=True)
class _Table:
    """The days of some whole years."""

    place: dict[date, int]
    """For each day: how many working days there are up to and including it."""
    days: list[date]
    """Every working day, in order."""
    off: dict[date, str]
    """Every other day, in order, with the reason."""
    rest: list[date]
    """Those days alone."""
    reasons: list[tuple[date, str]]
    """Those days with their reasons, to be cut from."""
    listed: bytes
    """Those days as ISO dates, one to a line, as a fingerprint takes them."""

    @classmethod
    def of(cls, place: dict[date, int], days: list[date], off: dict[date, str]) -> _Table:
        """Lay out the rest beforehand: it is cut from far more often than it is made."""
        listed = "".join([f"{day.isoformat()}\n" for day in off]).encode()
        return cls(place, days, off, list(off), list(off.items()), listed)


class _NumberedDays:
    """A calendar's working days, numbered: one look-up finds a day's place, a second the day N places on.

    Grows by whole years as they are asked for. The table is replaced, never changed, so that another
    thread reads the old one or the new one and never a half-built one.
    """

    def __init__(self, why_off: Callable[[date], str | None]) -> None:
        self.table = _Table.of({}, [], {})
        self._years = range(0)
        self._why_off = why_off
        self._growing = Lock()

    def table_with(self, day: date) -> _Table:
        """Return a table that holds the year of a day."""
        return self.table if day in self.table.place else self._grown_to(year_reckoned(day))

    def after(self, day: date, count: int) -> date:
        """Return the count-th working day after a day."""
        # no year has 262 working days or more, so the answer cannot lie before this one
        self._grown_to(min(year_reckoned(day) + _at_least_one(count) // 262, LAST_YEAR + 1))
        table = self._grown_to(day.year)
        while table.place[day] + count > len(table.days):
            table = self._grown_to(self._years.stop)
        return table.days[table.place[day] + count - 1]

    def before(self, day: date, count: int) -> date:
        """Return the count-th working day before a day."""
        self._grown_to(max(year_reckoned(day) - _at_least_one(count) // 262, FIRST_YEAR - 1))
        table = self._grown_to(day.year)
        while table.place[day] - (day not in table.off) < count:
            table = self._grown_to(self._years.start - 1)
        return table.days[table.place[day] - (day not in table.off) - count]

    def _grown_to(self, year: int) -> _Table:
        """Return the table, grown first where it does not hold the year yet."""
        with self._growing:
            if year not in self._years:
                year_reckoned(date(year, 1, 1))
                first, last = min(year, *self._years[:1], year), max(year, *self._years[-1:], year)
                self.table = self._numbered(date(first, 1, 1), date(last, 12, 31))
                self._years = range(first, last + 1)
            return self.table

    def _numbered(self, first: date, last: date) -> _Table:
        place: dict[date, int] = {}
        days: list[date] = []
        off: dict[date, str] = {}
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            why = self.table.off.get(day) if day in self.table.place else self._why_off(day)
            if why is None:
                days.append(day)
            else:
                off[day] = why
            place[day] = len(days)
        return _Table.of(place, days, off)


def _at_least_one(count: int) -> int:
    if count < 1:
        raise ValueError(f"cannot count {count} working days; count 1 or more")
    return count

"""The slow walk: each rule of time taken literally, day by day, for the tests to hold the product against.

It shares nothing with models/: no table of working days, no month arithmetic. Its months are laid out day by day,
and its bank holidays come straight from the library.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count as numbers
from itertools import filterfalse, groupby, islice

import holidays

TOMORROW, YESTERDAY = timedelta(days=1), timedelta(days=-1)
YEARS = range(2000, 2063)
OFF: dict[str, AbstractSet[date]] = {
    "england-and-wales": set(holidays.country_holidays("GB", subdiv="ENG", years=YEARS)),
    "united-kingdom": set().union(
        *(holidays.country_holidays("GB", subdiv=part, years=YEARS) for part in ("ENG", "WLS", "SCT", "NIR"))
    ),
}
EVERY_DAY = [date.fromordinal(n) for n in range(date(YEARS[0], 1, 1).toordinal(), date(YEARS.stop, 1, 1).toordinal())]
MONTHS = [list(days) for _, days in groupby(EVERY_DAY, key=lambda day: (day.year, day.month))]
MONTH_OF = {day: place for place, month in enumerate(MONTHS) for day in month}


def worked(day: date, calendar: str) -> bool:
    """Tell whether a day is neither on a weekend nor a bank holiday."""
    return day.weekday() < 5 and day not in OFF[calendar]


# the ledger's walk counts in ordinals, for it is walked a million times over
NOT_WORKED = {name: {day.toordinal() for day in EVERY_DAY if not worked(day, name)} for name in OFF}


def worked_between(first: date, last: date, calendar: str) -> int:
    """Count the working days strictly between two days, one by one."""
    found, day = 0, first + TOMORROW
    while day < last:
        found += worked(day, calendar)
        day += TOMORROW
    return found


def walk(start: date, step: timedelta, steps: int) -> date:
    """Take so many steps of a day."""
    day = start
    for _ in range(steps):
        day += step
    return day


def walk_worked(start: date, step: timedelta, steps: int, calendar: str) -> date:
    """Walk from a day, which is not counted, until so many working days are met; stop on the last of them."""
    day, met = start, 0
    while met < steps:
        day += step
        met += worked(day, calendar)
    return day


def months_on(start: date, months: int) -> date:
    """Turn so many pages of the calendar to the day of the same number, or to the last one there is."""
    page = MONTHS[MONTH_OF[start] + months]
    return page[min(start.day, len(page)) - 1]


def months_beginning_with(start: date, months: int) -> date:
    """Stop on the eve of the day of the same number; where that month has none, on its last day."""
    same = months_on(start, months)
    return same + YESTERDAY if same.day == start.day else same


def latest_with_clear_days(meets_on: date, count: int) -> date:
    """Return the latest day with that many whole days strictly between it and the meeting."""
    latest = meets_on
    while (meets_on - latest).days - 1 < count:
        latest += YESTERDAY
    return latest


def latest_with_clear_working_days(meets_on: date, count: int, calendar: str) -> date:
    """Return the latest day with that many whole working days strictly between it and the meeting."""
    latest = meets_on
    while worked_between(latest, meets_on, calendar) < count:
        latest += YESTERDAY
    return latest


def first_after_clear_working_days(published_on: date, count: int, calendar: str) -> date:
    """Return the first working day with that many whole working days strictly between publication and it."""
    day = published_on
    while worked_between(published_on, day, calendar) < count or not worked(day, calendar):
        day += TOMORROW
    return day


IN_MONTHS = {"months": 1, "years": 12}
IN_DAYS = {"days": 1, "calendar days": 1, "weeks": 7}
IN_WORKING_DAYS = {"working days": 1}


@dataclass(frozen=True, slots=True)
class Rule:
    """A period in plain values: "within {} of", 45, "days"."""

    kind: str
    count: int
    unit: str
    calendar: str = "england-and-wales"


@dataclass(slots=True)
class Told:
    """What came in about a clock, in plain values; in no order, because none matters."""

    longer: Sequence[tuple[int, str]] = ()
    until: Sequence[date] = ()
    stopped: Sequence[tuple[date, date]] = ()
    starts: Sequence[tuple[int, date, Collection[int]]] = ()
    """Of each correction: its number, the start it gives, and the numbers of those it replaces."""

    def in_all(self, worth: Mapping[str, int]) -> int:
        """Add up the extensions said in the units named, each worth so many days or months."""
        return sum([count * worth[unit] for count, unit in self.longer if unit in worth])


class Stuck(Exception):
    """The clock of such a period can be neither stopped nor made longer in this way."""


def last_day(rule: Rule, event_on: date, told: Told) -> date:
    """Walk a period's clock to its last day, with all that came in about it. Raises Stuck."""
    start, stopped = start_of(event_on, told), stopped_by(told)
    if rule.kind in ("within {} of", "{} beginning with"):
        return _walk_on(rule, start, told, stopped)
    if rule.kind in ("by", "before", "prior to"):
        if told.stopped:
            raise Stuck
        fixed = start if rule.kind == "by" else start + YESTERDAY
        return _longer(fixed, rule, told, told.in_all(IN_MONTHS), stopped)
    if rule.kind == "the first working day after {} after":
        if any(unit != "working days" for _, unit in told.longer):
            raise Stuck
        return _longer(nth_worked(start, rule.count + 1, rule.calendar, stopped), rule, told, 0, stopped)
    if told.longer or told.until or told.stopped:
        raise Stuck
    return bare(rule, start)


def start_of(event_on: date, told: Told) -> date:
    """Return the earliest start of the corrections that no other one replaces; without any, the day given."""
    if not told.starts:
        return event_on
    replaced = {each for _, _, replaces in told.starts for each in replaces}
    return min((start for number, start, _ in told.starts if number not in replaced), default=event_on)


def stopped_by(told: Told) -> set[int]:
    """Return every day, as an ordinal, on which the clock stood still."""
    return set().union(*[range(first.toordinal(), last.toordinal() + 1) for first, last in told.stopped])


def _walk_on(rule: Rule, start: date, told: Told, stopped: AbstractSet[int]) -> date:
    """Walk a period that runs on from its start: its length once, over the days that were not stopped."""
    months = told.in_all(IN_MONTHS)
    if rule.unit == "working days":
        return _longer(nth_worked(start, rule.count, rule.calendar, stopped), rule, told, months, stopped)
    day_zero = start if rule.kind == "within {} of" else start + YESTERDAY
    if rule.unit in ("months", "years"):
        months += rule.count * IN_MONTHS[rule.unit]
        plain = months_on(start, months) if rule.kind == "within {} of" else months_beginning_with(start, months)
        return _longer(nth(day_zero, (plain - day_zero).days, stopped), rule, told, 0, stopped)
    days = rule.count * IN_DAYS[rule.unit]
    return _longer(nth(day_zero, days, stopped), rule, told, months, stopped)


def _longer(day: date, rule: Rule, told: Told, months: int, stopped: AbstractSet[int]) -> date:
    """Walk on from the last day for the extensions: months, then days, then working days, then days named."""
    if months:
        day = nth(day, (months_on(day, months) - day).days, stopped)
    day = nth(day, told.in_all(IN_DAYS), stopped)
    day = nth_worked(day, told.in_all(IN_WORKING_DAYS), rule.calendar, stopped)
    return max([day, *told.until])


def nth(day_zero: date, count: int, stopped: AbstractSet[int]) -> date:
    """Walk from day zero until so many days are met on which the clock ran."""
    return _the(count, _running_after(day_zero, stopped)) if count else day_zero


def nth_worked(day_zero: date, count: int, calendar: str, stopped: AbstractSet[int]) -> date:
    """Walk from day zero until so many working days are met on which the clock ran."""
    running = _running_after(day_zero, stopped)
    return _the(count, filterfalse(NOT_WORKED[calendar].__contains__, running)) if count else day_zero


def _running_after(day_zero: date, stopped: AbstractSet[int]) -> Iterator[int]:
    return filterfalse(stopped.__contains__, numbers(day_zero.toordinal() + 1))


def _the(nth: int, days: Iterator[int]) -> date:
    return date.fromordinal(next(islice(days, nth - 1, None)))


def bare(rule: Rule, event_on: date) -> date:
    """Walk a period whose clock nothing can move: back from a day, or round from one."""
    if rule.kind == "every {} from":
        return months_on(event_on, rule.count) if rule.unit == "months" else walk(event_on, TOMORROW, 7 * rule.count)
    if rule.unit == "clear days":
        return latest_with_clear_days(event_on, rule.count)
    if rule.unit == "clear working days":
        return latest_with_clear_working_days(event_on, rule.count, rule.calendar)
    return walk_worked(event_on, YESTERDAY, rule.count, rule.calendar)

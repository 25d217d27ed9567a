"""How each kind of period is counted. One function a kind; every one names its day zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from models.calendars import Calendar, Reasons
from models.deadlines import Sense
from models.london import day_in_words
from models.months import months_after, months_beginning_with

ONE_DAY = timedelta(days=1)


class Kind(StrEnum):
    """The kinds of period the papers and the law use, by the words around the number."""

    WITHIN = "within {} of"
    BEGINNING_WITH = "{} beginning with"
    BY = "by"
    BEFORE = "before"
    PRIOR_TO = "prior to"
    CLEAR_BEFORE = "{} before"
    AT_LEAST_BEFORE = "at least {} before"
    FIRST_AFTER_CLEAR = "the first working day after {} after"
    EVERY = "every {} from"


@dataclass(frozen=True)
class Reckoned:
    """The day a rule comes to, in what sense, how it was counted, and the days not counted.

    `counted` has a place {} for the event and its day; `day_zero` says which end days count.
    """

    day: date
    sense: Sense
    counted: str
    day_zero: str
    skipped: Reasons = ()


# a rule: how many, of which unit, from which day, by which calendar
Rule = Callable[[int, str, date, Calendar], Reckoned]

# the units a calendar can count without knowing which days are worked
LENGTHS: Mapping[str, Callable[[date, int], date]] = {
    "days": lambda day, count: day + timedelta(days=count),
    "calendar days": lambda day, count: day + timedelta(days=count),
    "weeks": lambda day, count: day + timedelta(weeks=count),
    "months": months_after,
    "years": lambda day, count: months_after(day, 12 * count),
}


def within(count: int, unit: str, event_on: date, calendar: Calendar) -> Reckoned:
    """Count from the day after the event; the last day counts whole, whatever day of the week it is.

    Matthew v Sedman [2021] UKSC 19; Croke v SSCLG [2017] EWCA Civ 423. Months: Dodds v Walker [1981].
    """
    not_counted = f"{day_in_words(event_on)} is not counted"
    if unit == "working days":
        last = calendar.working_day_after(event_on, count)
        skipped = calendar.not_working(event_on + ONE_DAY, last)
        return Reckoned(last, "last day", f"working day {count} after {{}}", f"{not_counted}.", skipped)
    last = LENGTHS[unit](event_on, count)
    length = f"day {count}" if unit.endswith("days") else quantity(count, unit)
    return Reckoned(
        last,
        "last day",
        f"{length} after {{}}",
        f"{not_counted}, {day_in_words(event_on + ONE_DAY)} is day 1; weekends and bank holidays count,"
        " and the last day does not move.",
    )


def beginning_with(count: int, unit: str, event_on: date, _: Calendar) -> Reckoned:
    """Count the day of the event as day 1: SI 2013/349 reg 8(4), Zoan v Rouamba [2000]."""
    if unit in ("months", "years"):
        last = months_beginning_with(event_on, count * (12 if unit == "years" else 1))
    else:
        last = LENGTHS[unit](event_on, count) - ONE_DAY
    return Reckoned(
        last,
        "last day",
        f"the end of {quantity(count, unit)} beginning with the day when {{}}",
        f"{day_in_words(event_on)} is itself day 1; weekends and bank holidays count.",
    )


def by(_: int, __: str, event_on: date, ___: Calendar) -> Reckoned:
    """Take the day named as the last one: "by 11 September" includes the 11th."""
    return Reckoned(event_on, "last day", "the day when {}", f"{day_in_words(event_on)} is included.")


def before(_: int, __: str, event_on: date, ___: Calendar) -> Reckoned:
    """Take the eve of the day named: "prior to 29 November" leaves the 29th out."""
    eve = event_on - ONE_DAY
    return Reckoned(eve, "last day", "the day before {}", f"{day_in_words(event_on)} is left out.")


def clear_before(count: int, unit: str, event_on: date, calendar: Calendar) -> Reckoned:
    """Leave `count` whole days strictly between the act and the event: neither end day counts.

    SI 2012/2089 regs 5 to 7, 9; working days: R v Swansea CC ex p Elitestone [1993].
    """
    neither = f"Neither {day_in_words(event_on)} nor the day of the act is counted."
    if unit == "clear days":
        latest = event_on - timedelta(days=count + 1)
        return Reckoned(latest, "latest day", f"{quantity(count, unit)} before {{}}", neither)
    latest = calendar.working_day_before(event_on, count) - ONE_DAY
    skipped = calendar.not_working(latest + ONE_DAY, event_on - ONE_DAY)
    return Reckoned(latest, "latest day", f"{quantity(count, unit)} before {{}}", neither, skipped)


def at_least_before(count: int, _: str, event_on: date, calendar: Calendar) -> Reckoned:
    """Count working days back from the event, which is not counted; the day of the act is the last."""
    latest = calendar.working_day_before(event_on, count)
    skipped = calendar.not_working(latest, event_on - ONE_DAY)
    counted = f"working day {count} counting back from the day when {{}}"
    day_zero = f"{day_in_words(event_on)} is not counted; the day of the act is."
    return Reckoned(latest, "latest day", counted, day_zero, skipped)


def first_after_clear(count: int, unit: str, event_on: date, calendar: Calendar) -> Reckoned:
    """Let `count` working days pass whole after the event; act from the next: a call-in standstill."""
    first = calendar.working_day_after(event_on, count + 1)
    skipped = calendar.not_working(event_on + ONE_DAY, first)
    counted = f"the first working day after {quantity(count, unit)} after {{}}"
    day_zero = f"{day_in_words(event_on)} is not counted; {quantity(count, unit)} pass whole."
    return Reckoned(first, "first day", counted, day_zero, skipped)


def every(count: int, unit: str, event_on: date, _: Calendar) -> Reckoned:
    """Take the first return of a cycle after its anchor; `models.cycles` gives the others."""
    due = LENGTHS[unit](event_on, count)
    day_zero = f"Each date is counted from {day_in_words(event_on)}, not from the one before it."
    return Reckoned(due, "last day", f"{quantity(count, unit)} after {{}}", day_zero)


def quantity(count: int, unit: str) -> str:
    """Return a number with its unit in words: 1 week, 5 clear working days."""
    return f"{count} {unit.removesuffix('s') if count == 1 else unit}"


# for each kind: how it is counted, and in which units it can be said
RULES: Mapping[Kind, tuple[Rule, tuple[str, ...]]] = {
    Kind.WITHIN: (within, ("days", "calendar days", "weeks", "months", "years", "working days")),
    Kind.BEGINNING_WITH: (beginning_with, ("days", "calendar days", "weeks", "months", "years")),
    Kind.BY: (by, ()),
    Kind.BEFORE: (before, ()),
    Kind.PRIOR_TO: (before, ()),
    Kind.CLEAR_BEFORE: (clear_before, ("clear days", "clear working days")),
    Kind.AT_LEAST_BEFORE: (at_least_before, ("working days",)),
    Kind.FIRST_AFTER_CLEAR: (first_after_clear, ("clear working days",)),
    Kind.EVERY: (every, ("weeks", "months")),
}

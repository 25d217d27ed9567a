"""The clock ledger against the slow walk: twelve years of start days, every kind, every pattern of three entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product

import pytest

from models.calendars import calendar_named
from models.ledger import CannotMove, Extended, Ledger, Suspended
from models.periods import Period
from models.reckoning import RULES, Kind
from tests.unit.slow_walk import Rule, Stuck, Told, last_day

START_DAYS = [date.fromordinal(n) for n in range(date(2017, 1, 1).toordinal(), date(2029, 1, 1).toordinal())]
PATTERNS = [pattern for entries in range(4) for pattern in product("SE", repeat=entries)]  # Suspended, Extended

# For each: where its entries are found among three suspensions and three extensions, and how many it has of either.
ARRANGEMENTS = [
    ([pattern[:at].count(kind) + 3 * (kind == "E") for at, kind in enumerate(pattern)],
     (pattern.count("S"), pattern.count("E")))
    for pattern in PATTERNS
]  # fmt: skip

PERIODS = [
    Period(Kind.WITHIN, 45, "days"),
    Period(Kind.WITHIN, 14, "calendar days"),
    Period(Kind.WITHIN, 6, "weeks"),
    Period(Kind.WITHIN, 6, "months"),
    Period(Kind.WITHIN, 1, "years"),
    Period(Kind.WITHIN, 20, "working days"),
    Period(Kind.BEGINNING_WITH, 60, "days"),
    Period(Kind.BEGINNING_WITH, 1, "calendar days"),
    Period(Kind.BEGINNING_WITH, 2, "weeks"),
    Period(Kind.BEGINNING_WITH, 3, "months"),
    Period(Kind.BEGINNING_WITH, 1, "years"),
    Period(Kind.BY),
    Period(Kind.BEFORE),
    Period(Kind.PRIOR_TO),
    Period(Kind.CLEAR_BEFORE, 28, "clear days"),
    Period(Kind.CLEAR_BEFORE, 5, "clear working days"),
    Period(Kind.AT_LEAST_BEFORE, 5, "working days"),
    Period(Kind.FIRST_AFTER_CLEAR, 5, "clear working days"),
    Period(Kind.EVERY, 6, "weeks"),
    Period(Kind.EVERY, 6, "months"),
]

# The places of a suspension, by its length, the start, the bare last day, and the suspension before it.
PLACES = {
    "before the start": lambda days, start, end, before: start - (days + 3),
    "across the start": lambda days, start, end, before: start - days // 2,
    "from the day after the start": lambda days, start, end, before: start + 1,
    "inside": lambda days, start, end, before: start + 4,
    "touching the one before it": lambda days, start, end, before: before + 1,
    "overlapping the one before it": lambda days, start, end, before: before,
    "across the last day": lambda days, start, end, before: end - days // 2,
    "after the last day": lambda days, start, end, before: end + 1,
    "standing today": lambda days, start, end, before: end - 2,
}
LENGTHS = (1, 2, 5, 14, 60)
TODAY = 10  # days after the bare last day
COUNTS = {
    "days": (1, 7, 14, 30, 45), "calendar days": (1, 2, 5, 10, 28), "weeks": (1, 2, 3, 4, 6),
    "months": (1, 2, 3, 4, 6), "years": (1, 1, 1, 2, 2), "working days": (1, 2, 5, 10, 20),
    "until": (-20, 0, 1, 30, 200),  # days after the bare last day
}  # fmt: skip

ENGLAND = calendar_named("england-and-wales")


def choices(n: int) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Return the three suspensions (place, length) and three extensions (unit, count) of the nth start day.

    Each is a digit of n, so that over the days all combinations come up; the lengths go round beside them.
    """
    places, units = list(PLACES), list(COUNTS)
    stops = [(places[n // 9**k % 9], LENGTHS[(n + k) % 5]) for k in range(3)]
    longer = [units[n // 7**k % 7] for k in range(3)]
    return stops, [(unit, COUNTS[unit][(n + k) % 5]) for k, unit in enumerate(longer)]


def suspensions(stops: Sequence[tuple[str, int]], start: date, end: date) -> list[Suspended]:
    """Make the suspensions of a start day. Their numbers are odd, those of extensions even."""
    made, before = [], end.toordinal()
    for number, (place, days) in zip((1, 3, 5), stops, strict=True):
        first = PLACES[place](days, start.toordinal(), end.toordinal(), before)
        before = first + days - 1
        last = None if place == "standing today" else date.fromordinal(before)
        made.append(Suspended(number, "A. Officer", "the papers are with the appeal", date.fromordinal(first), last))
    return made


def extensions(longer: Sequence[tuple[str, int]], end: date) -> list[Extended]:
    """Make the extensions of a start day, some of them up to a day named."""
    return [
        Extended(number, "A. Officer", "the applicant agreed", until=end + timedelta(days=count))
        if unit == "until"
        else Extended(number, "A. Officer", "the applicant agreed", count, unit)
        for number, (unit, count) in zip((2, 4, 6), longer, strict=True)
    ]


def told(stops: Sequence[Suspended], longer: Sequence[Extended], today: date) -> Told:
    """Tell the slow walk the same in plain values."""
    return Told(
        longer=[(each.count, each.unit) for each in longer if each.until is None],
        until=[each.until for each in longer if each.until is not None],
        stopped=[(each.first, each.last or today) for each in stops],
    )


def walked(rule: Rule, start: date, what: Told) -> date | None:
    """Return where the slow walk ends, None where it cannot be walked."""
    try:
        return last_day(rule, start, what)
    except Stuck:
        return None


def reckoned(period: Period, start: date, entries: Sequence[Extended | Suspended], today: date) -> date | None:
    """Return what the ledger comes to, None where it says that such a period cannot be moved."""
    try:
        return Ledger(entries).last_day(period, start, ENGLAND, today)
    except CannotMove:
        return None


def test_every_kind_and_unit_is_swept() -> None:
    """A kind or unit that is added to the rules joins the sweep, or this fails."""
    assert {(period.kind, period.unit) for period in PERIODS} == {
        (kind, unit) for kind, (_, units) in RULES.items() for unit in units or ("",)
    }


@pytest.mark.parametrize("pattern", PATTERNS, ids="".join)
def test_the_sweep_meets_every_combination(pattern: tuple[str, ...]) -> None:
    """For each pattern, every place of each suspension comes together with every unit of each extension."""
    stops, longer = pattern.count("S"), pattern.count("E")
    met = set()
    for n in range(len(START_DAYS)):
        places, units = choices(n)
        met.add((*places[:stops], *units[:longer]))
    kinds = {tuple(kind for kind, _ in combination) for combination in met}
    assert len(kinds) == len(PLACES) ** stops * len(COUNTS) ** longer
    assert {length for combination in met for _, length in combination[:stops]} == set(LENGTHS if stops else ())


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.words)
def test_the_ledger_agrees_with_the_slow_walk(period: Period) -> None:
    """Every start day from 2017 to 2028 with every pattern of entries ends on the day the walk ends on."""
    rule = Rule(period.kind, period.count, period.unit)
    for n, start in enumerate(START_DAYS):
        end = last_day(rule, start, Told())
        today = end + timedelta(days=TODAY)
        stops, longer = choices(n)
        stopped, extended = suspensions(stops, start, end), extensions(longer, end)
        expected = {
            (s, e): walked(rule, start, told(stopped[:s], extended[:e], today)) for s in range(4) for e in range(4 - s)
        }
        at_hand: list[Suspended | Extended] = [*stopped, *extended]
        for places, how_many in ARRANGEMENTS:
            entries = [at_hand[place] for place in places]
            assert reckoned(period, start, entries, today) == expected[how_many], (start, today, entries)

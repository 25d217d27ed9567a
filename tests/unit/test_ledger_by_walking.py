"""The clock ledger against the slow walk, with up to six entries made up at random, and in any order."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from hypothesis import given, note, settings
from hypothesis import strategies as st

from models.calendars import calendar_named
from models.ledger import CannotMove, Corrected, Entry, Extended, Ledger, Suspended
from models.periods import Deadline, Period
from models.reckoning import RULES
from tests.unit.slow_walk import OFF, Rule, Stuck, Told, last_day

WHO, WHY = "A. Officer", "as agreed"
MOST = {"years": 3, "months": 24, "weeks": 30}  # of a unit, else 60

days = st.dates(date(2012, 1, 1), date(2035, 12, 31))
offsets = st.integers(-40, 150)
calendars = st.sampled_from(sorted(OFF))
closures = st.sets(st.integers(-90, 200), max_size=40)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Make up a period of any kind and unit."""
    kind, unit = draw(st.sampled_from([(kind, unit) for kind, (_, units) in RULES.items() for unit in units or ("",)]))
    count = draw(st.integers(1, MOST.get(unit, 60))) if unit else 0
    return Period(kind, count, unit, calendar=draw(st.none() | calendars))


@st.composite
def extended(draw: st.DrawFn, number: int, event_on: date) -> Extended:
    """Make up more time."""
    if draw(st.booleans()):
        return Extended(number, WHO, WHY, until=event_on + timedelta(days=draw(offsets)))
    unit = draw(st.sampled_from(["days", "calendar days", "weeks", "months", "years", "working days"]))
    return Extended(number, WHO, WHY, draw(st.integers(1, MOST.get(unit, 60) // 3)), unit)


@st.composite
def suspended(draw: st.DrawFn, number: int, event_on: date) -> Suspended:
    """Make up a time when the clock stood; now and then it stands still."""
    first = event_on + timedelta(days=draw(offsets))
    more = draw(st.none() | st.integers(0, 90))
    return Suspended(number, WHO, WHY, first, None if more is None else first + timedelta(days=more))


@st.composite
def corrected(draw: st.DrawFn, number: int, event_on: date) -> Corrected:
    """Make up a correction, which may replace any recorded before it."""
    replaces = draw(st.frozensets(st.integers(1, number - 1))) if number > 1 else frozenset()
    return Corrected(number, WHO, WHY, event_on + timedelta(days=draw(st.integers(-30, 30))), replaces)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Period, date, list[Entry]]:
    """Make up a period, its event, and up to six entries of the kinds drawn for this example."""
    event_on = draw(days)
    every_maker: list[Callable[[int, date], st.SearchStrategy[Entry]]] = [extended, suspended, corrected]
    makers = draw(st.lists(st.sampled_from(every_maker), min_size=1, max_size=3))
    drawn = draw(st.lists(st.sampled_from(makers), max_size=6))
    entries: list[Entry] = [draw(maker(number, event_on)) for number, maker in enumerate(drawn, start=1)]
    return draw(periods()), event_on, entries


def told(entries: Sequence[Entry], today: date) -> Told:
    """Tell the slow walk the same in plain values."""
    longer = [each for each in entries if isinstance(each, Extended)]
    return Told(
        longer=[(each.count, each.unit) for each in longer if each.until is None],
        until=[each.until for each in longer if each.until is not None],
        stopped=[(each.first, each.last or today) for each in entries if isinstance(each, Suspended)],
        starts=[(each.number, each.event_on, each.replaces) for each in entries if isinstance(each, Corrected)],
    )


@settings(max_examples=400)
@given(case=cases(), later=offsets, calendar=calendars, shut=closures, order=st.randoms(use_true_random=False))
def test_any_entries_in_any_order_end_where_the_walk_ends(
    case: tuple[Period, date, list[Entry]], later: int, calendar: str, shut: set[int], order: object
) -> None:
    """The walk's day, the same deadline for every order of arrival, bare and with its derivation; else refused."""
    period, event_on, entries = case
    today = event_on + timedelta(days=later)
    council = calendar_named(calendar, {event_on + timedelta(days=n): "closed" for n in shut})
    rule = Rule(period.kind, period.count, period.unit, period.calendar or calendar)
    shuffled = list(entries)
    order.shuffle(shuffled)  # type: ignore[attr-defined]

    def set_by(arrived: Sequence[Entry]) -> Deadline | None:
        try:
            ledger = Ledger(arrived)
            return ledger.apply(period, event_on, name="Step", event="it happened", calendar=council, today=today)
        except CannotMove:
            return None

    deadline = set_by(entries)
    note(f"{deadline}")
    assert set_by(shuffled) == deadline
    try:
        walked = last_day(rule, event_on, told(entries, today))
    except Stuck:
        assert deadline is None
        return
    assert deadline is not None
    assert deadline.last_day == walked
    assert Ledger(shuffled).last_day(period, event_on, period.days_of_law(council), today) == walked
    assert deadline.target <= deadline.last_day
    assert Deadline.from_dict(json.loads(json.dumps(deadline.to_dict()))) == deadline

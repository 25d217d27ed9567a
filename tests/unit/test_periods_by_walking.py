"""Every kind of period against the slow walk, day by day, over 2012 to 2035."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.calendars import calendar_named
from models.periods import (
    Deadline,
    Period,
    at_least_working_days_before,
    before,
    beginning_with,
    by,
    clear_days_before,
    clear_working_days_before,
    every,
    first_working_day_after_clear,
    prior_to,
    within,
)
from tests.unit.slow_walk import (
    OFF,
    TOMORROW,
    YESTERDAY,
    first_after_clear_working_days,
    latest_with_clear_days,
    latest_with_clear_working_days,
    months_on,
    walk,
    walk_worked,
    worked,
)

days = st.dates(date(2012, 1, 1), date(2035, 12, 31))
counts = st.integers(1, 60)
calendars = st.sampled_from(sorted(OFF))

# the first example of a year computes its table: how long that takes proves nothing
unhurried = settings(deadline=None)


def set_from(period: Period, event_on: date, calendar: str = "england-and-wales") -> Deadline:
    """Set a deadline as a flow does."""
    return period.from_(event_on, name="Step", event="it happened", calendar=calendar_named(calendar))


@unhurried
@given(days, counts)
def test_within_days_and_weeks(event_on: date, count: int) -> None:
    """Walk forward from the event, which is not counted."""
    assert set_from(within(count, "days"), event_on).last_day == walk(event_on, TOMORROW, count)
    assert set_from(within(count, "calendar days"), event_on).last_day == walk(event_on, TOMORROW, count)
    assert set_from(within(count, "weeks"), event_on).last_day == walk(event_on, TOMORROW, 7 * count)
    assert set_from(every(count, "weeks"), event_on).last_day == walk(event_on, TOMORROW, 7 * count)


@unhurried
@given(days, counts)
@example(date(2020, 8, 31), 6)
@example(date(2020, 1, 30), 1)
def test_within_months(event_on: date, count: int) -> None:
    """Walk to the corresponding date, or the last day of a shorter month."""
    assert set_from(within(count, "months"), event_on).last_day == months_on(event_on, count)
    assert set_from(every(count, "months"), event_on).last_day == months_on(event_on, count)


@unhurried
@given(days, st.integers(1, 6))
@example(date(2020, 2, 29), 1)
def test_within_years(event_on: date, count: int) -> None:
    """A year is twelve months."""
    assert set_from(within(count, "years"), event_on).last_day == months_on(event_on, 12 * count)


@unhurried
@given(days, counts)
def test_beginning_with(event_on: date, count: int) -> None:
    """The event's day is day 1, so one step fewer is taken."""
    assert set_from(beginning_with(count, "days"), event_on).last_day == walk(event_on, TOMORROW, count - 1)
    assert set_from(beginning_with(count, "weeks"), event_on).last_day == walk(
        event_on, TOMORROW, 7 * count - 1
    )


@unhurried
@given(days)
def test_by_and_before(day: date) -> None:
    """By a day includes it; before it, or prior to it, leaves it out."""
    assert set_from(by(), day).last_day == day
    assert set_from(before(), day).last_day == set_from(prior_to(), day).last_day == walk(day, YESTERDAY, 1)


@unhurried
@given(days, counts)
def test_clear_days_before(meets_on: date, count: int) -> None:
    """The latest day with that many whole days strictly between it and the meeting."""
    assert set_from(clear_days_before(count), meets_on).last_day == latest_with_clear_days(meets_on, count)


@unhurried
@given(days, counts, calendars)
@example(date(2018, 1, 3), 5, "england-and-wales")
@example(date(2022, 9, 21), 5, "england-and-wales")
def test_clear_working_days_before(meets_on: date, count: int, calendar: str) -> None:
    """The latest day with that many whole working days strictly between it and the meeting."""
    latest = latest_with_clear_working_days(meets_on, count, calendar)
    assert set_from(clear_working_days_before(count), meets_on, calendar).last_day == latest


@unhurried
@given(days, counts, calendars)
def test_at_least_working_days_before(meets_on: date, count: int, calendar: str) -> None:
    """Walk back from the meeting, counting each working day met; stop on the last one counted."""
    day = walk_worked(meets_on, YESTERDAY, count, calendar)
    assert set_from(at_least_working_days_before(count), meets_on, calendar).last_day == day


@unhurried
@given(days, counts, calendars)
@example(date(2014, 12, 2), 20, "united-kingdom")
def test_within_working_days(event_on: date, count: int, calendar: str) -> None:
    """Walk forward from the event, counting each working day met; stop on the last one counted."""
    day = walk_worked(event_on, TOMORROW, count, calendar)
    assert set_from(within(count, "working days"), event_on, calendar).last_day == day
    named = within(count, "working days", calendar=calendar)
    assert set_from(named, event_on).last_day == day


@unhurried
@given(days, counts, calendars)
@example(date(2017, 12, 21), 5, "england-and-wales")
def test_first_working_day_after_clear(published_on: date, count: int, calendar: str) -> None:
    """The first working day with that many whole working days strictly between publication and it."""
    day = first_after_clear_working_days(published_on, count, calendar)
    assert set_from(first_working_day_after_clear(count), published_on, calendar).last_day == day


ALL_KINDS = [
    within(45, "days"),
    within(3, "months"),
    within(20, "working days"),
    beginning_with(60, "days"),
    by(),
    prior_to(),
    clear_days_before(28),
    clear_working_days_before(5),
    at_least_working_days_before(5),
    first_working_day_after_clear(5),
    every(6, "weeks"),
]


@pytest.mark.parametrize("period", ALL_KINDS, ids=lambda period: period.words)
@unhurried
@given(event_on=days, calendar=calendars, shut=st.sets(st.integers(-90, 120), max_size=40))
def test_the_target_is_the_last_day_worked(
    period: Period, event_on: date, calendar: str, shut: set[int]
) -> None:
    """Walk back from the strict day to one worked and not closed; closures leave the strict day alone."""
    closures = {event_on + timedelta(days=n): "closed" for n in shut}
    open_all_year = set_from(period, event_on, calendar)
    deadline = period.from_(
        event_on, name="Step", event="it happened", calendar=calendar_named(calendar, closures)
    )
    assert deadline.last_day == open_all_year.last_day

    target = deadline.last_day
    while not worked(target, calendar) or target in closures:
        target += YESTERDAY
    assert deadline.target == target
    assert [day for day, _ in deadline.target_skipped] == [
        target + timedelta(days=n) for n in range(1, (deadline.last_day - target).days + 1)
    ]
    assert Deadline.from_dict(deadline.to_dict()) == deadline


@unhurried
@given(days, counts, calendars)
def test_the_days_skipped_are_those_not_worked_on_the_way(event_on: date, count: int, calendar: str) -> None:
    """Counted and skipped days together are all the days between the event and the last day."""
    deadline = set_from(within(count, "working days"), event_on, calendar)
    on_the_way = [event_on + timedelta(days=n) for n in range(1, (deadline.last_day - event_on).days + 1)]
    assert [day for day, _ in deadline.skipped] == [day for day in on_the_way if not worked(day, calendar)]
    assert len(on_the_way) - len(deadline.skipped) == count

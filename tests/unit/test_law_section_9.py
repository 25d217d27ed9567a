"""The worked dates of the law note's section 9, one test a row. Row 14 holds sums, not dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from models.calendars import UNITED_KINGDOM, calendar_named
from models.cycles import Cycle
from models.london import LONDON, date_in_london
from models.periods import (
    Deadline,
    Period,
    at_least_working_days_before,
    beginning_with,
    clear_days_before,
    clear_working_days_before,
    every,
    first_working_day_after_clear,
    within,
)

REPRESENTATION = within(45, "days", source="SI 2013/349 Sch 2 para 19(4)")
ENGLAND = calendar_named("england-and-wales")


def set_from(day: date, period: Period = REPRESENTATION) -> Deadline:
    """Set a deadline by England's calendar."""
    return period.from_(day, name="Representation", event="notice was given", calendar=ENGLAND)


def test_row_1_a_last_day_on_a_saturday() -> None:
    """“Circulate by 9 Aug, feedback if circulated that day 23 Aug, last day Sat 9 Sep 2017, target Fri 8 Sep”."""
    deadline = set_from(date(2017, 7, 26))
    assert (deadline.last_day, deadline.target, deadline.sense) == (date(2017, 9, 9), date(2017, 9, 8), "last day")
    circulate = set_from(date(2017, 7, 26), within(14, "calendar days"))
    assert circulate.last_day == date(2017, 8, 9)
    assert set_from(circulate.last_day, within(14, "calendar days")).last_day == date(2017, 8, 23)


def test_row_2_a_last_day_on_christmas_day() -> None:
    """“Last day Mon 25 Dec 2017 (Christmas Day, does not roll), target Fri 22 Dec”."""
    deadline = set_from(date(2017, 11, 10))
    assert (deadline.last_day, deadline.target) == (date(2017, 12, 25), date(2017, 12, 22))


def test_row_3_the_clocks_change_inside() -> None:
    """“Last day Sun 2 Apr 2017 (clocks change inside), target Fri 31 Mar”."""
    deadline = set_from(date(2017, 2, 16))
    assert (deadline.last_day, deadline.target) == (date(2017, 4, 2), date(2017, 3, 31))


def test_row_4_a_leap_year() -> None:
    """“Given Mon 20 Jan 2020: last day Thu 5 Mar 2020 (leap year)”."""
    deadline = set_from(date(2020, 1, 20))
    assert (deadline.last_day, deadline.target) == (date(2020, 3, 5), date(2020, 3, 5))


def test_row_5_an_email_late_in_the_evening_in_utc() -> None:
    """“2017-06-30T23:30Z arrived on 1 July in London”; in winter, when London keeps UTC, the day is the same."""
    assert date_in_london(datetime(2017, 6, 30, 23, 30, tzinfo=UTC)) == date(2017, 7, 1)
    assert date_in_london(datetime(2017, 1, 31, 23, 30, tzinfo=UTC)) == date(2017, 1, 31)


@pytest.mark.parametrize("change", [date(2017, 3, 26), date(2017, 10, 29)], ids=["spring", "autumn"])
@pytest.mark.parametrize("offset", range(-3, 4))
def test_row_6_the_last_second_is_in_time_and_the_next_is_out(change: date, offset: int) -> None:
    """“23:59:59 local on the last day is in time; 00:00:00 of the next day is out”, in both clock-change weeks."""
    last_day = change + timedelta(days=offset)
    deadline = set_from(last_day - timedelta(days=45))
    assert deadline.last_day == last_day
    next_day = last_day + timedelta(days=1)
    assert not deadline.passed(datetime(last_day.year, last_day.month, last_day.day, 23, 59, 59, tzinfo=LONDON))
    assert deadline.passed(datetime(next_day.year, next_day.month, next_day.day, tzinfo=LONDON))

    ends_at = deadline.ends_at.astimezone(UTC)
    assert not deadline.passed(ends_at)
    assert not deadline.passed(deadline.ends_at)
    assert deadline.passed(ends_at + timedelta(microseconds=1))
    assert deadline.passed(deadline.wakes_at)
    assert deadline.wakes_at.astimezone(UTC) - ends_at == timedelta(microseconds=1)


def test_row_7_sixty_days_beginning_with() -> None:
    """“60 days beginning with Mon 23 Oct 2017: last day of the minimum period Thu 21 Dec 2017”."""
    assert set_from(date(2017, 10, 23), beginning_with(60, "days")).last_day == date(2017, 12, 21)


@pytest.mark.parametrize(
    ("meets_on", "latest"),
    [
        (date(2017, 7, 26), date(2017, 7, 18)),
        (date(2018, 1, 3), date(2017, 12, 21)),
        (date(2022, 9, 21), date(2022, 9, 12)),  # "state funeral on the 19th"
    ],
)
def test_row_8_five_clear_working_days(meets_on: date, latest: date) -> None:
    """“Latest publication Tue 18 Jul 2017; before Wed 3 Jan 2018: Thu 21 Dec; before Wed 21 Sep 2022: Mon 12 Sep”."""
    assert set_from(meets_on, clear_working_days_before(5)).last_day == latest


def test_row_8_at_least_five_working_days() -> None:
    """“At least 5 working days in advance (not clear) of 26 Jul 2017: Wed 19 Jul”."""
    assert set_from(date(2017, 7, 26), at_least_working_days_before(5)).last_day == date(2017, 7, 19)


def test_row_9_twenty_eight_clear_days() -> None:
    """“Before Tue 18 Jul 2017: Mon 19 Jun 2017 (calendar reading); strict working-day reading Wed 7 Jun”."""
    assert set_from(date(2017, 7, 18), clear_days_before(28)).last_day == date(2017, 6, 19)
    assert set_from(date(2017, 7, 18), clear_working_days_before(28)).last_day == date(2017, 6, 7)


@pytest.mark.parametrize(
    ("published_on", "implement_from"),
    [(date(2017, 7, 20), date(2017, 7, 28)), (date(2017, 12, 21), date(2018, 1, 3))],
)
def test_row_10_a_call_in_of_five_clear_working_days(published_on: date, implement_from: date) -> None:
    """“Published Thu 20 Jul 2017, implement from Fri 28 Jul; published Thu 21 Dec 2017, from Wed 3 Jan 2018”."""
    standstill = set_from(published_on, first_working_day_after_clear(5, source="council's constitution"))
    assert (standstill.last_day, standstill.sense) == (implement_from, "first day")


def test_row_11_six_weekly_meetings() -> None:
    """“Six-weekly from Wed 20 Mar 2019: 1 May, 12 Jun, 24 Jul, 4 Sep, 16 Oct, 27 Nov 2019”."""
    expected = [(5, 1), (6, 12), (7, 24), (9, 4), (10, 16), (11, 27)]
    planned = tuple(date(2019, month, day) for month, day in expected)
    assert Cycle(every(6, "weeks")).dates(date(2019, 3, 20), 6) == planned
    assert set_from(date(2019, 3, 20), every(6, "weeks")).last_day == planned[0]


def test_row_11_the_drift_of_the_real_meetings() -> None:
    """“The real meetings were 20 Mar, 15 May, 11 Jun: drift to be reported”: two weeks late, then a day early."""
    cycle = Cycle(every(6, "weeks"), tolerance_days=7)
    late, early = cycle.drift(date(2019, 3, 20), [date(2019, 6, 11), date(2019, 5, 15)])
    assert (late.days, late.tolerated) == (14, False)
    assert late.in_words() == "planned Wednesday 1 May 2019, held Wednesday 15 May 2019: 14 days late"
    assert (early.days, early.tolerated) == (-1, True)
    assert early.in_words() == "planned Wednesday 12 June 2019, held Tuesday 11 June 2019: 1 day early, tolerated"


def test_row_12_six_months_and_a_week() -> None:
    """“Six months from 31 Aug 2020: 28 Feb 2021. Minutes within 1 week of 11 Jun 2019: 18 Jun”."""
    assert set_from(date(2020, 8, 31), within(6, "months")).last_day == date(2021, 2, 28)
    assert set_from(date(2019, 6, 11), within(1, "weeks")).last_day == date(2019, 6, 18)


def test_row_13_freedom_of_information() -> None:
    """“20 working days with UK-wide holidays: received 2 Dec 2014, due 5 Jan 2015”; England's alone say 2 January."""
    kingdom = within(20, "working days", calendar=UNITED_KINGDOM)
    assert set_from(date(2014, 12, 2), kingdom).last_day == date(2015, 1, 5)
    assert set_from(date(2014, 12, 2), within(20, "working days")).last_day == date(2015, 1, 2)

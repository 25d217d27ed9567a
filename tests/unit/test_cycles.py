"""Cycles: dates counted from the anchor, drift of real meetings, months and quarters missed."""

from __future__ import annotations

from datetime import date

import pytest

from models.cycles import Cycle, Window, missed, months_between, quarters_between
from models.months import last_day_of_financial_year
from models.periods import every, within

SIX_WEEKLY = Cycle(every(6, "weeks", source="Terms of Reference, frequency"), tolerance_days=7)
ANCHOR = date(2019, 3, 20)


def test_the_anchor_is_number_0_and_a_date_kept_has_not_drifted() -> None:
    """Dates are counted from the first meeting; one held on the day planned is so reported."""
    assert SIX_WEEKLY.nth(ANCHOR, 0) == ANCHOR
    (kept,) = SIX_WEEKLY.drift(ANCHOR, [date(2019, 5, 1)])
    assert kept.in_words().endswith(": as planned")


def test_the_next_date_is_a_deadline_with_its_rule() -> None:
    """After the meeting of 12 June the next is 24 July, counted from the anchor and so explained."""
    due = SIX_WEEKLY.next_after(ANCHOR, date(2019, 6, 12), name="Next meeting", event="the Group first met")
    assert (due.last_day, due.rule) == (date(2019, 7, 24), "every 6 weeks from")
    assert due.in_words() == (
        "23:59 on Wednesday 24 July 2019: 18 weeks after the Group first met on Wednesday 20 March 2019 "
        "(Terms of Reference, frequency; computed date, see how)"
    )


def test_a_short_month_shortens_one_date_only() -> None:
    """A chair rotating every six months from 31 August returns to the 31st in the next August."""
    assert Cycle(every(6, "months")).dates(date(2020, 8, 31), 2) == (date(2021, 2, 28), date(2021, 8, 31))


def test_a_cycle_needs_a_period_that_comes_round() -> None:
    """A single period is refused by its words."""
    with pytest.raises(ValueError, match="'within 6 weeks of' does not come round"):
        Cycle(within(6, "weeks"))


def test_at_least_one_meeting_in_each_quarter() -> None:
    """No performance meeting between April and June 2019: that quarter is reported, the others are kept."""
    held = [date(2019, 1, 1), date(2019, 9, 30), date(2019, 12, 31)]
    quarters = quarters_between(date(2019, 2, 14), date(2019, 12, 1))
    assert missed(quarters, held) == (Window(date(2019, 4, 1), date(2019, 6, 30)),)


def test_monthly_windows_run_over_the_new_year_and_february() -> None:
    """Each calendar month from its first to its last day, 29 February included."""
    assert list(months_between(date(2019, 12, 31), date(2020, 2, 1))) == [
        Window(date(2019, 12, 1), date(2019, 12, 31)),
        Window(date(2020, 1, 1), date(2020, 1, 31)),
        Window(date(2020, 2, 1), date(2020, 2, 29)),
    ]


def test_the_financial_year_ends_on_31_march() -> None:
    """Section 3.4: "spent during this financial year" is by 31 March 2020."""
    assert last_day_of_financial_year(date(2019, 7, 10)) == date(2020, 3, 31)
    assert last_day_of_financial_year(date(2020, 3, 31)) == date(2020, 3, 31)
    assert last_day_of_financial_year(date(2020, 4, 1)) == date(2021, 3, 31)

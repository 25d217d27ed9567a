"""Amounts: read as the papers print them, added up to the pound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.amounts import LARGEST, Sum, in_pounds, read_pounds

SCHEMES = {
    "Extra nursing home capacity": 1500, "Increased demand and complexity": 1000, "Stabilising the market": 850,
    "Speeding up hospital discharges": 500, "Direct Payments Team": 350, "Weston Court": 250, "Extra care housing": 250,
    "7 day social care": 130, "Out of hours": 100, "Care Technology Coordinator": 50,
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "pounds"),
    [
        (4981651, 4_981_651), ("4981651", 4_981_651), ("£4,981,651", 4_981_651), (" £ 4,981,651 ", 4_981_651),
        ("1,500 thousand", 1_500_000), ("£500k", 500_000), ("£3.16M", 3_160_000), ("£9.71 million", 9_710_000),
        ("0", 0), ("2m", 2_000_000),
    ],
)  # fmt: skip
def test_amounts_are_read_as_the_papers_print_them(written: object, pounds: int) -> None:
    """001:4031-4033 prints pounds, 001:4164 thousands, 001:4062 millions."""
    assert read_pounds(written) == pounds


@pytest.mark.parametrize(
    "written",
    ["£XX", "£Xm", "", "4,98,651", "49,81651", "-5", "£4.981", "4981651.5", 4981651.0, True, None, "1e9", "٣٤"],
)
def test_what_is_no_amount_in_whole_pounds_is_refused_with_what_was_written(written: object) -> None:
    """A placeholder (001:3912, 001:3927), a slip of a comma and a part of a pound are not guessed at."""
    with pytest.raises(ValueError, match="whole pounds") as refused:
        read_pounds(written)
    assert repr(str(written).strip()) in str(refused.value)


def test_an_amount_with_too_many_noughts_is_refused() -> None:
    """What no council has is a slip of the keyboard, not an amount."""
    with pytest.raises(ValueError, match="check the number of noughts"):
        read_pounds(LARGEST + 1)


@given(st.integers(0, LARGEST))
def test_an_amount_that_is_written_is_read_back(pounds: int) -> None:
    """What a letter prints can be typed in again."""
    assert read_pounds(in_pounds(pounds)) == pounds


def test_the_years_of_the_grant_come_to_the_whole() -> None:
    """P15, 001:4029-4033: 4,981,651 and 3,161,704 and 1,567,547 are 9,710,902."""
    years = Sum("the years", {"2017/18": 4_981_651, "2018/19": 3_161_704, "2019/20": 1_567_547}, 9_710_902, "the grant")
    assert years.agrees
    assert years.in_words() == "the years come to £9,710,902, as does the grant"


def test_the_scheme_list_is_held_against_the_allocation_to_the_pound() -> None:
    """P15, 001:4136-4246: ten schemes come to £4,980 thousand, the allocation is £4,981,651."""
    lines = {name: 1000 * thousand for name, thousand in SCHEMES.items()}
    schemes = Sum("the schemes", lines, 4_981_651, "the allocation")
    assert not schemes.agrees
    assert schemes.difference == 1_651
    assert schemes.in_words() == "the schemes come to £4,980,000, which is £1,651 less than the allocation, £4,981,651"


def test_lines_that_exceed_their_total_say_so() -> None:
    """001:3781: the lines of the 2018/19 pool come to 103,684,053, thirteen pounds more than the paper prints."""
    pool = Sum("the lines", {"all lines": 103_684_053}, 103_684_040, "the printed total")
    assert pool.in_words() == "the lines come to £103,684,053, which is £13 more than the printed total, £103,684,040"
    assert in_pounds(pool.difference) == "minus £13"

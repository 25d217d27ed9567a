"""The figures of a grant: held against one another to the pound, flagged, explained, never passed in silence."""

from __future__ import annotations

from collections.abc import Callable

from story_board import FIRST_YEAR, YEARS, Board

from models.council import Council

OFFICER = "service-director-adults"
BoardOf = Callable[[Council], Board]


def test_the_scheme_list_is_flagged_with_its_difference_at_once(council: Council, board_of: BoardOf) -> None:
    """P15, 001:4136-4246: £4,980 thousand against £4,981,651, a difference of £1,651."""
    board = board_of(council)
    told = board.announces()
    assert "The years come to £9,710,902, as does the whole grant." in told
    assert "The schemes for 2017/18 come to £4,980,000, which is £1,651 less than the allocation for 2017/18" in told
    assert "explain the difference before it is to ratify" in told
    (letter,) = board.words("gr-difference")
    assert letter.startswith("A difference of £1,651 is to be explained: Adult social care grant")
    assert "Extra nursing home capacity for complex needs: £1,500,000" in letter
    assert board.recipients("gr-difference") == [OFFICER]


def test_ratification_waits_until_the_difference_is_explained(board: Board) -> None:
    """001:4007-4012 (i), 4136-4246: expenditure of £4,981,651 is not ratified over a list of £4,980 thousand."""
    board.agree_up_to("health-and-wellbeing-board")
    ratify = {"stage": "health-and-wellbeing-board", "outcome": "agreed", "amount": FIRST_YEAR, "minute": "HWB/17/9"}
    told = board.is_refused("record-stage", on="2017-07-26", **ratify)
    assert told.startswith("the schemes for 2017/18 come to £4,980,000, which is £1,651 less than the allocation")
    assert "the difference must be explained first: cleardays explain-difference GR-2017-001 --sum schemes" in told

    told = board.does("explain-difference", on="2017-07-26", sum="schemes", reasons="Rounded; kept in contingency.")
    assert told.endswith("The reason stands on the record.")
    (explained,) = board.facts("difference-explained")
    assert (explained["difference"], explained["reasons"]) == (1651, "Rounded; kept in contingency.")

    told = board.is_refused("record-stage", on="2017-07-26", **ratify)
    assert told.startswith("no equality impact assessment or reasoned screening is attached")
    board.does("attach", on="2017-07-26", kind="equality-impact-assessment", file="esia.pdf")
    board.does("record-stage", on="2017-07-26", **ratify, papers_on="2017-07-18")
    (letter,) = board.words("gr-ratified", OFFICER)
    assert "Rounded; kept in contingency." in letter


def test_a_board_that_is_not_content_with_the_figures_can_put_it_off(board: Board) -> None:
    """001:4007-4012: only agreement waits for the explanation; the Board can always defer or refuse."""
    board.agree_up_to("health-and-wellbeing-board")
    board.records("health-and-wellbeing-board", "deferred", on="2017-07-26", to="2017-10-18")
    assert board.plan()["health-and-wellbeing-board"] == "2017-10-18"


def test_years_that_do_not_come_to_the_grant_stop_its_acceptance(council: Council, board_of: BoardOf) -> None:
    """001:4029-4033 (5, figure 1): the parts of the grant per year sum to the whole, or the Council is told why not."""
    board = board_of(council)
    board.announces(years={**YEARS, "2019/20": "£1,567,546"})
    board.agree_up_to("council")
    council_agrees = {"stage": "council", "outcome": "agreed", "amount": "£9,710,902", "minute": "COU/17/12"}
    told = board.is_refused("record-stage", on="2017-07-19", **council_agrees)
    assert told.startswith("the years come to £9,710,901, which is £1 less than the whole grant, £9,710,902")
    board.does("explain-difference", on="2017-07-19", sum="years", reasons="The letter rounds each year.")
    board.does("record-stage", on="2017-07-19", **council_agrees, papers_on="2017-07-11")


def test_figures_that_agree_need_no_explanation(board: Board) -> None:
    """001:4029-4033: there is nothing to explain about years that sum to the whole, nor twice about a difference."""
    told = board.is_refused("explain-difference", on="2017-06-13", sum="years", reasons="Mistaken")
    assert told == "the years come to £9,710,902, as does the whole grant: there is no difference to explain"
    board.does("explain-difference", on="2017-06-13", sum="schemes", reasons="Rounded.")
    told = board.is_refused("explain-difference", on="2017-06-14", sum="schemes", reasons="Again.")
    assert told.startswith("the difference of £1,651 was explained before, fact")


def test_a_scheme_list_that_comes_to_the_allocation_is_not_flagged(council: Council, board_of: BoardOf) -> None:
    """001:4136-4246: with £1,651 in contingency the list comes to £4,981,651, and nothing is asked."""
    board = board_of(council)
    told = board.announces(schemes={"All schemes": "4,980 thousand", "Contingency": "1,651"})
    assert "as does the allocation for 2017/18" in told
    assert not board.words("gr-difference")


def test_a_grant_is_entered_with_years_that_follow_one_another(council: Council, board_of: BoardOf) -> None:
    """001:4026-4033: years are financial years, one after another, the first of them ratified now."""
    board = board_of(council)
    for years, why in (
        ({"2017/18": "1", "2019/20": "1"}, "a year is missing between the first and the last"),
        ({"2017": "1"}, "'2017' is not a financial year; write it as 2017/18"),
        ({"2017/18": "£Xm"}, "'£Xm' is not an amount"),
        ({}, "years"),
    ):
        told = board.is_not_entered(years=years)
        assert why in told
    board.announces(years=dict(reversed(YEARS.items())))
    assert list(board.case.years) == ["2017/18", "2018/19", "2019/20"]

"""Who may decide an item: nobody who withdrew or was away, up to which limit, and in public where it is not private."""

from __future__ import annotations

import pytest
from story_joint_commissioning import (
    ACCOUNTABLE,
    CCG,
    CCG_LEAD,
    COUNCIL,
    COUNCIL_LEAD,
    FINANCE,
    FOUR,
    HEALTH,
    LAY,
    OFFICER,
    Board,
)

from tasks.forms import Refused


def withdraws(board: Board, member: str, *, on: str) -> str:
    """Declare an interest of the decision-maker's, who withdraws for it."""
    return board.does("declare-interest", on=on, member=member, action="declared-withdraws",
                      interest="Spouse owns the bidder")  # fmt: skip


# --- interests, and who was there ---


def test_an_officer_who_withdrew_does_not_decide_though_on_no_roll(board: Board) -> None:
    """P42, 000:375-379; LGA 1972 s.117: an officer with an interest takes no part; officers have no seat on a roll."""
    board.comes_before_the_board(decision_maker=OFFICER)
    board.meets(on="2019-06-13", in_attendance=[OFFICER])
    withdraws(board, OFFICER, on="2019-06-13")
    board.shows("for", on="2019-06-13")
    assert "withdrew for an interest" in board.may_not_decide(on="2019-06-13")


def test_a_member_who_withdrew_and_was_away_does_not_decide(board: Board) -> None:
    """P42, 000:375-379; Localism Act 2011 s.31: absent from the roll, the interest stands all the same."""
    board.comes_before_the_board(decision_maker=FINANCE)
    board.meets(on="2019-06-13")
    withdraws(board, FINANCE, on="2019-06-13")
    board.shows("for", on="2019-06-13")
    assert "withdrew for an interest" in board.may_not_decide(on="2019-06-14", decided_on="2019-06-13")


def test_a_member_who_was_not_there_does_not_decide(board: Board) -> None:
    """001:4409-4412: delegated powers are exercised by those who act at meetings of the Board; it stands over."""
    board.comes_before_the_board(decision_maker=FINANCE)
    board.agrees(on="2019-06-13")
    assert "was not at the meeting" in board.may_not_decide(on="2019-06-13")
    board.waits_until("2019-06-21")
    assert board.waits_for()[0] == "Awaiting a meeting"


def test_an_officer_decides_who_is_recorded_in_attendance(board: Board) -> None:
    """000:62-67, 001:4409-4412: an officer acts at the meeting too; who it was is on the record, even entered later."""
    board.comes_before_the_board(decision_maker=OFFICER)
    said = board.meets(on="2019-06-13")
    assert "Director of Quality and Integration decides and is not recorded (--in-attendance)" in said
    board.shows("for", on="2019-06-13")
    assert f"--in-attendance {OFFICER}" in board.may_not_decide(on="2019-06-13")
    with pytest.raises(Refused, match="hands were shown"):
        board.meets((*FOUR, LAY), on="2019-06-13", in_attendance=[OFFICER])
    board.meets(on="2019-06-13", in_attendance=[OFFICER])
    board.decides(on="2019-06-13")
    board.signs_and_publishes(on="2019-06-13")
    assert board.outcome == "decided"


# --- amounts and limits ---


def test_an_item_for_decision_says_what_it_costs(board: Board) -> None:
    """000:347-348; SI 2012/2089 reg 8: no amount is not nothing; it is given, 0 where there is none."""
    with pytest.raises(Refused, match="0 where it is nothing"):
        board.enters(on="2019-05-20", meeting_on="2019-06-13", pounds=None)
    board.enters(on="2019-05-20", meeting_on="2019-06-13", pounds=0)
    assert "£0 is within the limit of £500,000" in board.fact("remit-checked")["why"]


def test_two_million_are_for_a_cabinet_member_and_no_officer(board: Board) -> None:
    """001:4787-4789: up to £2M an individual Cabinet Member decides, when all three agree; an officer up to £500k."""
    board.enters(on="2018-01-15", meeting_on="2018-02-08", pounds=1_900_000, decision_maker=OFFICER)
    checked = board.fact("remit-checked")
    assert checked["decides"] is False
    assert "only a member of the Council on the Board" in checked["why"]


# --- Part 2, in public ---


def test_a_private_item_without_its_notices_is_taken_in_public(board: Board) -> None:
    """P29, 000:280-287; SI 2012/2089 regs 3, 5: what the letter offers as a mend can be done, and the item decided."""
    board.enters(on="2019-05-28", meeting_on="2019-06-13", private=True)
    board.is_taken(on="2019-05-28")
    board.publishes("agenda", on="2019-05-28")
    board.meets(on="2019-06-13")
    offered = board.words("kd-out-of-reach")[0]
    assert f"cleardays correct-decision {board.playing.case.ref} --no-private" in offered
    assert "not notified" in board.is_refused("vote", on="2019-06-13", hands=dict.fromkeys(FOUR, "for"))
    said = board.does("correct-decision", on="2019-06-13", private=False, reasons="Nothing in it is exempt.")
    assert "in public" in said
    board.shows("for", on="2019-06-13")
    again = board.is_refused("correct-decision", on="2019-06-13", private=True, reasons="It is, after all.")
    assert "hands were shown" in again
    board.decides(on="2019-06-13")
    assert board.fact("decided")["in_private"] is False


def test_a_corrected_amount_is_held_against_the_limit_anew(board: Board) -> None:
    """000:347-348: the remit is that of what the item costs; above the limit the Board hears it for information."""
    board.comes_before_the_board()
    assert "nothing is corrected" in board.is_refused("correct-decision", on="2019-05-21", reasons="So.")
    board.does("correct-decision", on="2019-05-21", pounds=500_001, reasons="The estimate was revised.")
    assert board.facts("remit-checked")[-1]["decides"] is False
    board.waits_until("2019-06-13")
    assert board.waits_for()[0] == "Awaiting the minutes"


# --- who is heard ---


def test_the_chair_hears_the_lead_of_the_other_partner(board: Board) -> None:
    """P32, 000:333-334 (8.2): "the respective partner lead"; the Council's Chair and its own Leader hear one side."""
    board.comes_before_the_board(entered="2019-07-15", meeting="2019-08-08")
    board.disagrees(on="2019-08-08")
    board.defers("2019-09-12", on="2019-08-08")
    board.publishes("agenda", on="2019-08-08")
    asked = board.letter("jc-asked", HEALTH)
    assert f"--between {HEALTH},{CCG_LEAD}" in asked
    refused = board.is_refused("discuss", on="2019-08-12", between=[HEALTH, COUNCIL_LEAD])
    assert "both partners are heard" in refused
    board.discusses(on="2019-08-12", between=(HEALTH, CCG_LEAD))
    assert board.fact("discussed")["between"] == [HEALTH, CCG_LEAD]


# --- the CCG's decisions ---


def test_what_the_ccg_decides_is_called_the_ccgs(board: Board) -> None:
    """000:62-67, 268-276: the CCG's own people decide under its own scheme; no law on the Council's records applies."""
    board.comes_before_the_board(decision_maker=ACCOUNTABLE)
    said = str(board.playing.case.decision_values()["key_result"])
    assert "a decision of the CCG under its own scheme" in said
    assert "Council's side" not in said
    board.agrees(on="2019-06-13", present=(*COUNCIL, *CCG))
    board.decides(on="2019-06-13")
    assert board.outcome == "decided"
    board.comes_before_the_board(decision_maker=ACCOUNTABLE)
    refused = board.is_refused("sign", on="2019-06-13", capacity="proper-officer")
    assert "2014/2095" not in refused
    assert "a decision of the CCG under its own scheme" in refused

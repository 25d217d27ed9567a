"""Where there is no consensus: deferred, referred back, discussed, in dispute, not progressed; never decided."""

from __future__ import annotations

from itertools import pairwise

import pytest
from story_joint_commissioning import (
    ACCOUNTABLE,
    ADULT,
    CCG,
    CCG_LEAD,
    CHAIR,
    COUNCIL,
    COUNCIL_LEAD,
    FOUR,
    HEALTH,
    LAY,
    OFFICER,
    Board,
    ends_of_rounds,
)

from models.cases import Status

THURSDAYS = ("2019-06-13", "2019-07-11", "2019-08-08", "2019-09-12")


def fails(board: Board, *, on: str) -> None:
    """Bring the item to a meeting at which one hand is against."""
    board.disagrees(on=on)


def put_off(board: Board, times: int) -> None:
    """Let the Board fail to agree and the Chair defer, `times` meetings in a row, discussed each time."""
    board.comes_before_the_board()
    for this, following in list(pairwise(THURSDAYS))[:times]:
        fails(board, on=this)
        board.defers(following, on=this)
        presides = (CHAIR, COUNCIL_LEAD) if following < "2019-08-08" else (HEALTH, CCG_LEAD)
        board.discusses(on=this, between=presides)
        board.publishes("agenda", on=this)


# --- no decision, the Chair directs ---


def test_no_consensus_means_no_decision_and_the_chair_directs(board: Board) -> None:
    """P32, 000:336-340: not taken under delegation; the Chair, by name, defers or refers back."""
    board.comes_before_the_board()
    fails(board, on="2019-06-13")
    failed = board.fact("consensus-failed")
    assert failed["dissent"] == [ACCOUNTABLE]
    assert "Accountable Officer of NHS Southampton City CCG (against)" in failed["reason"]
    assert board.waits_for() == ("Awaiting the Chair's direction", "2019-06-18")
    assert "no consensus of those present" in board.may_not_decide(on="2019-06-13")
    assert "No decision is taken under delegation" in board.letter("jc-asked", CHAIR)


@pytest.mark.parametrize("hand", ["against", "abstain"])
def test_an_abstention_is_not_support(board: Board, hand: str) -> None:
    """000:326-340, local policy: a consensus of those present needs each of them; the dissent stands on the record."""
    board.comes_before_the_board()
    board.meets(on="2019-06-13")
    board.shows({ACCOUNTABLE: hand}, on="2019-06-13")
    assert board.fact("voted")["dissent"] == [ACCOUNTABLE]
    assert board.waits_for()[0] == "Awaiting the Chair's direction"


def test_the_chair_consults_those_present_first(board: Board) -> None:
    """P32, 000:339-340: "shall consult those present before deferring"; whoever was left out is named."""
    board.comes_before_the_board()
    fails(board, on="2019-06-13")
    refused = board.is_refused("defer", on="2019-06-13", to_meeting_on="2019-07-11", consulted=[HEALTH, ADULT],
                               reasons="So.")  # fmt: skip
    assert f"left out: {ACCOUNTABLE} (ToR 8.3)" in refused
    assert "cannot direct" in board.is_refused("defer", on="2019-06-13", by=LAY, to_meeting_on="2019-07-11",
                                               consulted=list(FOUR), reasons="So.")  # fmt: skip


def test_a_chair_who_does_not_direct_is_reminded_and_it_is_escalated(board: Board) -> None:
    """000:339-340, local policy: three working days, then the escalation list; the vice-chair may act."""
    board.comes_before_the_board()
    fails(board, on="2019-06-13")
    board.waits_until("2019-06-19")
    assert {OFFICER, "monitoring-officer", COUNCIL_LEAD, CHAIR} == set(board.recipients("jc-overdue"))
    assert board.status("the Chair's direction") is Status.PASSED
    board.does("refer-back", on="2019-06-20", by=HEALTH, consulted=list(FOUR), reasons="No agreement.")
    assert board.outcome == "referred back"


# --- deferred ---


def test_deferred_discussed_and_reconsidered_at_the_named_meeting(board: Board) -> None:
    """P32, 000:332-334: deferred, discussed by Chair and partner lead, reconsidered, and then decided."""
    board.comes_before_the_board()
    fails(board, on="2019-06-13")
    said = board.defers("2019-07-11", on="2019-06-13")
    assert "nothing is decided" in said
    assert board.outcome is None
    assert "Deferred to Thursday 11 July 2019, nothing decided" in board.letter("jc-deferred", COUNCIL_LEAD)
    board.publishes("agenda", on="2019-06-20")
    assert board.waits_for() == ("Awaiting discussions", "2019-07-10")
    board.discusses(on="2019-06-25")
    assert board.waits_for() == ("Awaiting the meeting", "2019-07-11")
    board.agrees(on="2019-07-11")
    board.decides(on="2019-07-11")
    board.signs_and_publishes(on="2019-07-12")
    assert board.outcome == "decided"
    assert ends_of_rounds(board) == [["deferred"], ["decided"]]


def test_no_hands_are_shown_before_the_discussions(board: Board) -> None:
    """P32, 000:333-334: it is reconsidered after discussions; without them it stands over, and that is escalated."""
    board.comes_before_the_board()
    fails(board, on="2019-06-13")
    board.defers("2019-07-11", on="2019-06-13")
    board.publishes("agenda", on="2019-06-20")
    board.meets(on="2019-07-11")
    assert "have not discussed it yet" in board.is_refused("vote", on="2019-07-11", hands=dict.fromkeys(FOUR, "for"))
    assert board.recipients("jc-overdue") != []
    board.waits_until("2019-07-12")
    assert "have not discussed it yet" in board.fact("stood-over")["reasons"]
    assert board.waits_for()[0] == "Awaiting a meeting"


def test_the_discussion_is_between_the_chair_and_a_partner_lead(board: Board) -> None:
    """P32, 000:333-334: two offices, two people; other talks do not count."""
    board.comes_before_the_board()
    fails(board, on="2019-06-13")
    assert "nothing to discuss" in board.is_refused("discuss", on="2019-06-13", between=[CHAIR, COUNCIL_LEAD])
    board.defers("2019-07-11", on="2019-06-13")
    for between in ([CHAIR, LAY], [COUNCIL_LEAD, CCG_LEAD], [CHAIR, HEALTH]):
        assert "two different people" in board.is_refused("discuss", on="2019-06-14", between=between)


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("2019-06-13", "is no future meeting"),
        ("2019-07-12", "no published meeting on Friday 12 July 2019"),
        ("2019-10-10", "comes back by Friday 13 September 2019 (local policy)"),
    ],
)
def test_a_matter_is_deferred_to_a_named_meeting(board: Board, to: str, words: str) -> None:
    """P32, 000:338: to a future meeting; the time for reconsideration is local policy."""
    board.comes_before_the_board()
    fails(board, on="2019-06-13")
    refused = board.is_refused("defer", on="2019-06-13", to_meeting_on=to, consulted=list(FOUR), reasons="So.")
    assert words in refused


def test_repeated_failure_offers_referral_and_the_third_is_not_deferred(board: Board) -> None:
    """P32, 000:332-341, local policy: the second failure offers referral back; after the third, that or dispute."""
    put_off(board, 1)
    fails(board, on="2019-07-11")
    assert "This is failure number 2 to agree: consider referring it back" in board.letter("jc-asked", CHAIR)
    board.defers("2019-08-08", on="2019-07-11")
    board.discusses(on="2019-07-12", between=(HEALTH, CCG_LEAD))
    board.publishes("agenda", on="2019-07-12")
    fails(board, on="2019-08-08")
    assert "not deferred again" in board.letter("jc-asked", HEALTH)
    again = {"to_meeting_on": "2019-09-12", "consulted": list(FOUR), "reasons": "So."}
    refused = board.is_refused("defer", on="2019-08-08", **again)
    assert "no consensus 3 times" in refused
    board.refers_back(on="2019-08-08")
    assert board.outcome == "referred back"
    assert ends_of_rounds(board) == [["deferred"], ["deferred"], ["referred-back"]]


# --- referred back ---


def test_a_referral_back_goes_to_each_parent_body_and_decides_nothing(board: Board) -> None:
    """P32, 000:336-341: to each partner organisation; a referral back is no deferral and no decision."""
    board.comes_before_the_board()
    fails(board, on="2019-06-13")
    said = board.refers_back(on="2019-06-13")
    assert "Referred back to the Cabinet and the Governing Body of the CCG; nothing is decided" in said
    assert {"cabinet", "ccg-governing-body"} <= set(board.recipients("jc-referred"))
    assert board.outcome == "referred back"
    assert board.facts("decided") == board.facts("deferred") == []


def test_there_is_nothing_to_defer_or_refer_back_where_there_is_consensus(board: Board) -> None:
    """000:336-341: both are for matters that a consensus of those present does not support."""
    board.comes_before_the_board()
    board.agrees(on="2019-06-13")
    for verb, more in (("defer", {"to_meeting_on": "2019-07-11"}), ("refer-back", {}), ("open-dispute", {})):
        fields = {"reasons": "So.", **more} | ({} if verb == "open-dispute" else {"consulted": list(FOUR)})
        assert "no consensus has failed" in board.is_refused(verb, on="2019-06-13", **fields)


def test_a_withdrawn_item_is_neither_decided_nor_put_off(board: Board) -> None:
    """000:332-348: the fourth end; and what is decided is not withdrawn any more."""
    board.comes_before_the_board()
    board.does("withdraw", on="2019-06-03", reasons="The provider has left the market.")
    assert board.outcome == "withdrawn"
    board.comes_before_the_board()
    board.agrees(on="2019-06-13")
    board.decides(on="2019-06-13")
    assert "a decision is not withdrawn" in board.is_refused("withdraw", on="2019-06-14", reasons="So.")


# --- dispute ---


def test_a_dispute_goes_to_the_leader_and_the_ccgs_chair_and_back_to_the_board(board: Board) -> None:
    """P33, 000:355-360: discussed by the two, then referred back to the Board, which agrees."""
    board.comes_before_the_board()
    fails(board, on="2019-06-13")
    said = board.does("open-dispute", on="2019-06-13", reasons="Who bears the cost.")
    assert "Leader of the Council and Chair of NHS Southampton City CCG discuss it. There is no arbitration" in said
    assert board.waits_for() == ("Awaiting the dispute's resolution", "2019-07-11")
    back = {"result": "back-to-board", "to_meeting_on": "2019-07-11", "reasons": "Shared equally."}
    assert "discussed it yet" in board.is_refused("conclude-dispute", on="2019-06-17", **back)
    assert "is discussed by" in board.is_refused("discuss", on="2019-06-17", between=[COUNCIL_LEAD, LAY])
    board.discusses(on="2019-06-20", between=(COUNCIL_LEAD, CHAIR))
    board.does("conclude-dispute", on="2019-06-21", **back)
    board.publishes("agenda", on="2019-06-21")
    assert board.waits_for() == ("Awaiting the meeting", "2019-07-11")
    board.agrees(on="2019-07-11")
    board.decides(on="2019-07-11")
    board.signs_and_publishes(on="2019-07-11")
    assert board.outcome == "decided"


def test_a_better_care_dispute_follows_the_agreements_own_process(board: Board) -> None:
    """P33, 000:355-356: the section 75 agreement's dispute resolution, with those who manage the pooled fund."""
    board.comes_before_the_board(better_care=True)
    fails(board, on="2019-06-13")
    board.does("open-dispute", on="2019-06-13", reasons="The risk share.")
    assert board.fact("dispute-opened")["route"] == "section-75"
    assert "section 75 agreement is followed" in board.letter("jc-asked", OFFICER)


def test_a_dispute_that_is_not_resolved_may_not_move_forward(board: Board) -> None:
    """P33, 000:360-362: no consensus, no formal and binding arbitration; the matter is not progressed."""
    board.comes_before_the_board()
    fails(board, on="2019-06-13")
    board.does("open-dispute", on="2019-06-13", reasons="Who bears the cost.")
    board.discusses(on="2019-06-20", between=(COUNCIL_LEAD, CHAIR))
    board.does("conclude-dispute", on="2019-06-21", result="not-progressed", reasons="No agreement.")
    assert board.outcome == "not progressed"
    assert "not progressed" in board.letter("jc-outcome", OFFICER)


def test_a_matter_back_from_dispute_without_consensus_may_end_there(board: Board) -> None:
    """P33, 000:358-361: after further consideration by the Board, not progressed, or referred back all the same."""
    board.comes_before_the_board()
    fails(board, on="2019-06-13")
    board.does("open-dispute", on="2019-06-13", reasons="Who bears the cost.")
    board.discusses(on="2019-06-20", between=(COUNCIL_LEAD, CHAIR))
    board.does("conclude-dispute", on="2019-06-21", result="back-to-board", to_meeting_on="2019-07-11", reasons="Go.")
    board.publishes("agenda", on="2019-06-21")
    fails(board, on="2019-07-11")
    assert "came back to the Board before" in board.is_refused(
        "conclude-dispute", on="2019-07-11", result="back-to-board", to_meeting_on="2019-08-08", reasons="Again."
    )
    board.does("conclude-dispute", on="2019-07-11", result="not-progressed", reasons="No agreement.")
    assert board.outcome == "not progressed"


def test_a_dispute_nobody_discusses_is_escalated_to_both_heads(board: Board) -> None:
    """P33, 000:357-360, local policy: 28 days, with reminders; then the escalation list, and the wait stays named."""
    board.comes_before_the_board()
    fails(board, on="2019-06-13")
    board.does("open-dispute", on="2019-06-13", reasons="Who bears the cost.")
    board.waits_until("2019-07-12")
    assert COUNCIL_LEAD in board.recipients("jc-overdue")
    assert board.waits_for() == ("Awaiting the dispute's resolution", None)


def test_all_six_may_take_part_and_one_is_enough_to_withhold(board: Board) -> None:
    """000:326-341: five of six are a majority and no consensus."""
    board.comes_before_the_board()
    board.meets((*COUNCIL, *CCG), on="2019-06-13")
    board.shows({LAY: "against"}, on="2019-06-13")
    assert board.fact("consensus-failed")["dissent"] == [LAY]

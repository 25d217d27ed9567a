"""Items that the Board does not decide as others: information, exception reports, business cases, the constitution."""

from __future__ import annotations

import pytest
from story_joint_commissioning import ACCOUNTABLE, ADULT, CLERK, FOUR, OFFICER, Board

SERVICE_DIRECTOR = "service-director-legal"
CONSULTED = ["leader-of-the-council", "group-leaders", "chief-strategy-officer", OFFICER]


@pytest.mark.parametrize("more", [{"scope": "outside"}, {"scope": "of-joint-interest"}, {"pounds": 500_001}])
def test_what_is_out_of_scope_or_above_the_limit_is_for_information(board: Board, more: dict[str, object]) -> None:
    """P34, 000:350-353: discussed for information only, minuted, and referred to the relevant decision-maker."""
    board.comes_before_the_board(**more)
    board.meets(on="2019-06-13")
    assert "for information only" in board.is_refused("vote", on="2019-06-13", hands=dict.fromkeys(FOUR, "for"))
    assert "for information only" in board.may_not_decide(on="2019-06-13")
    assert board.waits_for() == ("Awaiting the minutes", "2019-06-17")
    board.does("minute", on="2019-06-13", considerations="It fits the strategy.", recommendations="That it be agreed.")
    assert board.outcome == "for information, referred"
    letter = board.letter("jc-referred", "cabinet")
    assert "It was before the Board for information only" in letter
    assert "What the Board recommends: That it be agreed." in letter


def test_an_item_of_the_ccgs_is_referred_to_its_governing_body(board: Board) -> None:
    """P34, 000:352-353: "e.g. CCG Governing Body, Council": by whose decision it is."""
    board.comes_before_the_board(scope="outside", decision_maker=ACCOUNTABLE)
    board.does("minute", on="2019-06-13", considerations="It was noted.", recommendations="none")
    assert board.recipients("jc-referred")[0] == "ccg-governing-body"


def test_an_item_for_decision_is_not_minuted_away(board: Board) -> None:
    """000:326-353: what is in scope and within the limit is decided on a show of hands."""
    board.comes_before_the_board()
    refused = board.is_refused("minute", on="2019-06-13", considerations="So.", recommendations="none")
    assert "take a show of hands" in refused


def test_an_exception_report_is_received_and_considered(board: Board) -> None:
    """P41, 000:148-150: where performance is outside its threshold the Board receives an exception report."""
    board.comes_before_the_board(kind="exception-report", title="Delayed transfers", pounds=None, better_care=True)
    assert "an exception report is received" in board.fact("remit-checked")["why"]
    board.does("minute", on="2019-06-13", considerations="Delays rose.", recommendations="A recovery plan.")
    assert board.outcome == "considered"
    assert "board-chair" in board.recipients("jc-outcome")


def test_minutes_not_written_are_asked_for_by_name(board: Board) -> None:
    """000:350-352: formally minuted; the clerk is asked, then it is escalated."""
    board.comes_before_the_board(scope="outside")
    board.waits_until("2019-06-18")
    assert "minute what the Board considered" in board.letter("jc-asked", CLERK)
    assert board.recipients("jc-overdue") != []
    assert board.waits_for() == ("Awaiting the minutes", None)


def test_a_new_pooled_scheme_comes_with_its_business_case(board: Board) -> None:
    """P38, 000:166-168: received, reviewed and approved, by the schemes of delegation; approved here."""
    board.enters(on="2019-05-20", meeting_on="2019-06-13", kind="business-case", better_care=True)
    board.is_taken(on="2019-05-20")
    assert board.waits_for() == ("Awaiting the business case", "2019-06-06")
    board.does("attach", on="2019-05-27", kind="business-case", file="scheme.pdf")
    board.publishes("agenda", on="2019-05-28")
    board.agrees(on="2019-06-13")
    board.decides(on="2019-06-13")
    board.signs_and_publishes(on="2019-06-13")
    assert board.outcome == "decided"


def test_a_business_case_may_be_rejected(board: Board) -> None:
    """P38, 000:166-168: the named individual declines it on its merits, though the Board supports it."""
    board.comes_before_the_board(kind="business-case")
    board.does("attach", on="2019-05-20", kind="business-case", file="scheme.pdf")
    board.agrees(on="2019-06-13")
    board.decides(on="2019-06-13", outcome="not-agreed")
    board.signs_and_publishes(on="2019-06-13")
    assert board.outcome == "declined"


# --- the constitution (001:4401-4437) ---


def establishing(board: Board) -> None:
    """Enter the establishment of the Board for Cabinet on 18 and Council on 19 July 2017."""
    board.enters(on="2017-07-10", kind="constitution", title="Joint Commissioning Board", pounds=None,
                 cabinet_on="2017-07-18", council_on="2017-07-19")  # fmt: skip


def test_the_board_is_established_by_cabinet_then_council(board: Board) -> None:
    """P17, 001:4355-4437: Cabinet on 18 July 2017, Council on the 19th, then the constitution is changed."""
    establishing(board)
    assert board.waits_for() == ("Awaiting the Cabinet", "2017-07-18")
    refused = board.is_refused("record-parent-decision", on="2017-07-17", body="council", adopted=True)
    assert "Cabinet decides first" in refused
    board.does("record-parent-decision", on="2017-07-18", body="cabinet", adopted=True)
    assert board.waits_for() == ("Awaiting the Council", "2017-07-19")
    assert "once Cabinet and Council" in board.is_refused("amend-constitution", on="2017-07-18", by=SERVICE_DIRECTOR,
                                                          consulted=CONSULTED, changes="None.")  # fmt: skip
    board.does("record-parent-decision", on="2017-07-19", body="council", adopted=True)
    assert board.waits_for() == ("Awaiting the changes to the constitution", "2017-08-02")
    refused = board.is_refused("amend-constitution", on="2017-07-25", by=SERVICE_DIRECTOR, consulted=CONSULTED[:2],
                               changes="Financial Procedure Rules.")  # fmt: skip
    assert "not consulted yet: Chief Strategy Officer, Director of Quality and Integration" in refused
    assert "cannot change" in board.is_refused("amend-constitution", on="2017-07-25", by=ADULT, consulted=CONSULTED,
                                               changes="So.")  # fmt: skip
    board.does("amend-constitution", on="2017-07-25", by=SERVICE_DIRECTOR, consulted=CONSULTED,
               changes="Financial Procedure Rules: up to £2M when all three agree.")  # fmt: skip
    assert board.outcome == "adopted"


def test_the_board_is_not_established_where_the_council_does_not_adopt_it(board: Board) -> None:
    """P17, 001:4414-4425: adopt or not; non-executive functions are the Council's to give."""
    establishing(board)
    board.does("record-parent-decision", on="2017-07-18", body="cabinet", adopted=True)
    board.does("record-parent-decision", on="2017-07-19", body="council", adopted=False)
    assert board.outcome == "not adopted"


def test_a_cabinet_that_is_not_heard_of_is_asked_after(board: Board) -> None:
    """P17, 001:4355-4356: its day passes, and who minutes it is asked and named."""
    establishing(board)
    board.waits_until("2017-07-19T09:00")
    assert "record what the Cabinet decided" in board.letter("jc-overdue", OFFICER)
    assert board.waits_for() == ("Awaiting the Cabinet", None)


def test_what_cabinet_and_council_decide_does_not_come_before_the_board(board: Board) -> None:
    """P17, 001:4401-4437: there is no Board yet to place the item before."""
    establishing(board)
    refused = board.is_refused("place-item", on="2017-07-11", by="cabinet-member-health", agreed=True)
    assert "decided by Cabinet and Council" in refused

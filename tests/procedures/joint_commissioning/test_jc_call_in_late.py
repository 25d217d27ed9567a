"""A call-in of the named individual's decision that came in time, and was entered the morning after."""

from __future__ import annotations

from story_joint_commissioning import OFFICER, Board


def test_a_call_in_entered_late_stops_the_decision_of_an_item(board: Board) -> None:
    """P28, 000:273-276: handed in on the last working day, entered on the first day after; reconsidered and dropped."""
    board.enters(on="2019-05-01", meeting_on="2019-06-13", wards="bargate, bevois")
    board.is_taken(on="2019-05-01")
    board.publishes("key-decision", on="2019-05-15")
    board.publishes("agenda", on="2019-06-05")
    board.agrees(on="2019-06-13")
    board.decides(on="2019-06-13")
    board.signs_and_publishes(on="2019-06-14")
    board.waits_until("2019-06-24T09:00")
    assert len(board.facts("implementable")) == 1
    board.does("call-in", on="2019-06-24", called_in_by="three members", reasons="The cost.", called_in_on="2019-06-21")
    assert board.playing.case.implementable is None
    assert "that no longer holds" in board.letter("kd-called-in", "monitoring-officer")
    board.does("resolve-call-in", on="2019-07-01", outcome="referred-back", reasons="Look again.")
    board.does("resolve-call-in", on="2019-07-04", outcome="dropped", reasons="Not to be done.")
    assert board.outcome == "dropped after call-in"
    assert "dropped after call-in" in board.letter("jc-outcome", OFFICER)

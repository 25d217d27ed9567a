"""An item on which there is consensus: the named individual decides it, or declines; notices, call-in, the end."""

from __future__ import annotations

import pytest
from story_joint_commissioning import (
    ACCOUNTABLE,
    ADULT,
    CCG,
    CHAIR,
    CLERK,
    COUNCIL,
    FINANCE,
    FOUR,
    HEALTH,
    LAY,
    OFFICER,
    Board,
)

from models.cases import Status


def test_consensus_unlocks_and_the_named_individual_decides(board: Board) -> None:
    """P28, P32, 000:326-348: taken by the Chair, papers out, quorum, hands, decision, two signatures, publication."""
    board.enters(on="2019-05-20", meeting_on="2019-06-13")
    assert board.waits_for() == ("Awaiting a place on the agenda", "2019-05-25")
    board.is_taken(on="2019-05-21")
    assert board.waits_for() == ("Awaiting agenda and reports", "2019-06-05")
    board.publishes("agenda", on="2019-06-05")
    assert board.waits_for() == ("Awaiting the meeting", "2019-06-13")
    board.meets(on="2019-06-13")
    assert board.waits_for() == ("Awaiting a show of hands", "2019-06-17")
    board.shows("for", on="2019-06-13")
    assert board.fact("quorum-met")["taking_part"] == dict(zip(FOUR, ("council", "council", "ccg", "ccg"), strict=True))
    assert board.waits_for() == ("Awaiting the decision", "2019-06-20")
    board.decides(on="2019-06-14")
    assert board.waits_for() == ("Awaiting signatures", "2019-06-18")
    board.signs_and_publishes(on="2019-06-17")
    assert board.outcome == "decided"
    assert board.fact("implementable")["why"].startswith("only a key decision stands still")
    assert "Cabinet Member for Adult Care decided: To award the contract." in board.letter("jc-outcome", OFFICER)

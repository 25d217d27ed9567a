"""The Board's support, through which the stories of its items speak: real flow, verbs, letters and council file."""

from __future__ import annotations

from datetime import date
from typing import Any

from story_checks import check_soundness
from story_teller import Teller

from models.joint_commissioning_words import PROCEDURE
from models.london import date_in_london

HEALTH, ADULT, FINANCE = "cabinet-member-health", "cabinet-member-adult-care", "cabinet-member-finance"
CHAIR, ACCOUNTABLE, LAY = "ccg-chair", "ccg-accountable-officer", "ccg-lay-member"  # the first presides in 2018/19
COUNCIL, CCG = (HEALTH, ADULT, FINANCE), (CHAIR, ACCOUNTABLE, LAY)
FOUR = (HEALTH, ADULT, CHAIR, ACCOUNTABLE)
COUNCIL_LEAD, CCG_LEAD = "leader-of-the-council", "ccg-clinical-lead"
OFFICER, CLERK = "director-quality-and-integration", "democratic-services"
ITEM: dict[str, Any] = {
    "reference": "JCB-1", "title": "Carers' support", "proposal": "To award the contract.", "decision_maker": ADULT,
    "pounds": 400_000,
}  # fmt: skip
DECISION: dict[str, Any] = {
    "outcome": "agreed", "decision": "To award the contract.", "reasons": "It is the best value.",
    "alternatives": "none", "conflicts": "none", "democratic_services_present": True,
}  # fmt: skip


class Board(Teller):
    """Acts as the Board's support."""

    # -- what happens --------------------------------------------------------------------------------------

    def enters(self, *, on: str, **more: Any) -> str:
        """Enter an item for a Cabinet Member to decide, not key, unless `more` says otherwise."""
        return self.opens(PROCEDURE, {**ITEM, **more}, on=on)

    def comes_before_the_board(self, *, entered: str = "2019-05-20", meeting: str = "2019-06-13", **more: Any) -> None:
        """Enter an item, have the Chair take it, and publish agenda and report in time for its meeting."""
        self.enters(on=entered, meeting_on=meeting, **more)
        self.is_taken(on=entered)
        self.publishes("agenda", on=entered)

    def is_taken(self, *, on: str, by: str | None = None) -> str:
        """Have the Chair take the item onto the agenda."""
        return self.does("place-item", on=on, by=by, agreed=True)

    def publishes(self, what: str, *, on: str, **more: Any) -> str:
        """Record a publication on the day itself."""
        return self.does("publish", on=on, what=what, **more)

    def meets(self, present: tuple[str, ...] = FOUR, *, on: str, **more: Any) -> str:
        """Record the roll of the meeting."""
        return self.does("attend", on=on, present=list(present), **more)

    def shows(self, hands: str | dict[str, str] = "for", *, on: str) -> str:
        """Record a show of hands: the same of everybody who takes part, or by role."""
        self.waits_until(on)
        roles = [attendee.role for attendee in self.playing.case.meeting.taking_part]
        given = dict.fromkeys(roles, hands) if isinstance(hands, str) else {**dict.fromkeys(roles, "for"), **hands}
        return self.does("vote", on=on, hands=given)

    def agrees(self, *, on: str, present: tuple[str, ...] = FOUR) -> None:
        """Have the Board meet and show consensus."""
        self.meets(present, on=on)
        self.shows("for", on=on)

    def disagrees(self, *, on: str, present: tuple[str, ...] = FOUR) -> None:
        """Have the Board meet, with the CCG's Accountable Officer against."""
        self.meets(present, on=on)
        self.shows({ACCOUNTABLE: "against"}, on=on)

    def defers(self, to: str, *, on: str, consulted: tuple[str, ...] = FOUR) -> str:
        """Have the Chair defer the matter."""
        return self.does("defer", on=on, to_meeting_on=to, consulted=list(consulted), reasons="The cost is disputed.")

    def discusses(self, *, on: str, between: tuple[str, ...] = (CHAIR, COUNCIL_LEAD)) -> str:
        """Record the discussion that a deferral calls for."""
        return self.does("discuss", on=on, between=list(between))

    def refers_back(self, *, on: str, consulted: tuple[str, ...] = FOUR) -> str:
        """Have the Chair direct that the matter be referred back."""
        return self.does("refer-back", on=on, consulted=list(consulted), reasons="No agreement is in sight.")

    def decides(self, *, on: str, by: str | None = None, **more: Any) -> str:
        """Record the named individual's decision."""
        return self.does("decide-item", on=on, by=by, **{**DECISION, **more})

    def may_not_decide(self, *, on: str, by: str | None = None, **more: Any) -> str:
        """Try to record the decision, and return why it is refused."""
        return self.is_refused("decide-item", on=on, by=by, **{**DECISION, **more})

    def signs_and_publishes(self, *, on: str) -> str:
        """Sign the decision notice twice and publish it, all on one day."""
        for capacity in ("decision-maker", "proper-officer"):
            self.does("sign", on=on, capacity=capacity)
        return self.publishes("decision-notice", on=on)

    # -- what is seen --------------------------------------------------------------------------------------

    def recipients(self, template: str) -> list[str]:
        """Return to whom letters from a template went, each once, in order."""
        return list(dict.fromkeys(letter.draft.recipient for letter in self.letters(template)))

    def letter(self, template: str, to: str) -> str:
        """Return subject and text, on one line, of the newest letter from a template to a role."""
        letter = self.letters(template, to)[-1]
        return " ".join(f"{letter.draft.subject} {letter.draft.text}".split())

def ends_of_rounds(board: Board) -> list[list[str]]:
    """Return for each round which of the ends that must never be confused its facts hold."""
    ends = ("decided", "declined", "deferred", "referred-back", "withdrawn", "not-progressed")
    return [[fact.kind for fact in round_.facts if fact.kind in ends] for round_ in board.playing.case.rounds]


def check(board: Board) -> None:
    """Check what holds of every story: the record chains, no round ends twice, no decision without consensus."""
    if board.played is None:
        return
    record = board.playing.record
    assert all(len(ends) <= 1 for ends in ends_of_rounds(board))
    kinds = [fact.kind for fact in record]
    for kind in ("decided", "declined"):
        if kind in kinds:
            assert "consensus-reached" in kinds[: kinds.index(kind)]
            assert "quorum-met" in kinds[: kinds.index("consensus-reached")]
    for fact in record.all("implementable"):
        assert date.fromisoformat(fact["from"]) <= date_in_london(fact.at)
    check_soundness(board.playing)
    summary = board.playing.summary
    assert summary.outcome is not None or summary.awaiting.startswith(("Awaiting", "Standing still"))

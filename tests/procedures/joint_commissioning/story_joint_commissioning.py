"""The Board's support, through which the stories of its items speak: real flow, verbs, letters and council file."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest

from desk.rehearsal import Rehearsal
from models.cases import Status
from models.council import Council
from models.deadlines import Deadline
from models.facts import Fact, check_chain
from models.joint_commissioning_words import PROCEDURE
from models.london import LONDON, date_in_london, parse_day, parse_instant
from models.outgoing import Letter
from tasks.forms import Refused

NOON = time(12, 0)
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


class Board:
    """Acts as the Board's support; a day such as "2019-06-13" means noon in London, with a time that instant."""

    def __init__(self, council: Council) -> None:
        """Open an office of `council`; the case comes with `enters`."""
        self.council = council
        self.played: Rehearsal | None = None

    # -- what happens --------------------------------------------------------------------------------------

    def enters(self, *, on: str, **more: Any) -> str:
        """Enter an item for a Cabinet Member to decide, not key, unless `more` says otherwise."""
        self.played = Rehearsal(self.council, instant(on), procedure=PROCEDURE)
        fields = {**ITEM, **more}
        return self.playing.notify({name: value for name, value in fields.items() if value is not None}).says

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

    def does(self, verb: str, *, on: str, by: str | None = None, **fields: Any) -> str:
        """Do any verb `on` a day, and return what the office is told. Raises Refused."""
        self.waits_until(on)
        return self.playing.do(verb, by, **fields).says

    def is_refused(self, verb: str, *, on: str, by: str | None = None, **fields: Any) -> str:
        """Try a verb that must be refused, and return the reason; nothing may have been recorded."""
        self.waits_until(on)
        before = self.playing.record.head
        with pytest.raises(Refused) as refused:
            self.does(verb, on=on, by=by, **fields)
        assert self.playing.record.head == before
        return str(refused.value)

    def waits_until(self, on: str) -> None:
        """Let time pass until a day's noon, or an instant."""
        self.playing.advance_to(max(instant(on), self.playing.clock.now()))

    # -- what is seen --------------------------------------------------------------------------------------

    def waits_for(self) -> tuple[str, str | None]:
        """Return the state shown for the case and the last day of its wait, if it has one."""
        summary = self.playing.summary
        return summary.awaiting, date_in_london(summary.until).isoformat() if summary.until else None

    @property
    def outcome(self) -> str | None:
        """Return how the case ended, or None while it is open."""
        return self.playing.summary.outcome

    def facts(self, kind: str) -> list[Fact]:
        """Return the facts of one kind, oldest first."""
        return list(self.playing.record.all(kind))

    def fact(self, kind: str) -> Fact:
        """Return the one fact of a kind."""
        (found,) = self.facts(kind)
        return found

    def letters(self, template: str, to: str | None = None) -> list[Letter]:
        """Return the letters written from a template, to anybody or to one role, oldest first."""
        return [each for each in self.playing.letters
                if each.draft.template == template and to in (None, each.draft.recipient)]  # fmt: skip

    def recipients(self, template: str) -> list[str]:
        """Return to whom letters from a template went, each once, in order."""
        return list(dict.fromkeys(letter.draft.recipient for letter in self.letters(template)))

    def letter(self, template: str, to: str) -> str:
        """Return subject and text, on one line, of the newest letter from a template to a role."""
        letter = self.letters(template, to)[-1]
        return " ".join(f"{letter.draft.subject} {letter.draft.text}".split())

    def deadline(self, name: str) -> Deadline:
        """Return the deadline of a name."""
        return self._deadline(name)[0]

    def last_day(self, name: str) -> str:
        """Return the last day of a deadline."""
        return self.deadline(name).last_day.isoformat()

    def status(self, name: str) -> Status:
        """Return where the deadline of a name stands."""
        return self._deadline(name)[1]

    def _deadline(self, name: str) -> tuple[Deadline, Status]:
        (found,) = [each for each in self.playing.case.deadlines() if each[0].name == name]
        return found

    @property
    def playing(self) -> Rehearsal:
        """Return the rehearsal that plays the case."""
        assert self.played is not None, "no item has been entered yet"
        return self.played


def instant(on: str) -> datetime:
    """Return noon in London on a day, or the instant that is written."""
    return parse_instant(on) if "T" in on else datetime.combine(parse_day(on), NOON, LONDON)


def ends_of_rounds(board: Board) -> list[list[str]]:
    """Return for each round which of the ends that must never be confused its facts hold."""
    ends = ("decided", "declined", "deferred", "referred-back", "withdrawn", "not-progressed")
    return [[fact.kind for fact in round_.facts if fact.kind in ends] for round_ in board.playing.case.rounds]


def check(board: Board) -> None:
    """Check what holds of every story: the record chains, no round ends twice, no decision without consensus."""
    if board.played is None:
        return
    record = board.playing.record
    assert check_chain(record) == record.head
    assert all(len(ends) <= 1 for ends in ends_of_rounds(board))
    kinds = [fact.kind for fact in record]
    for kind in ("decided", "declined"):
        if kind in kinds:
            assert "consensus-reached" in kinds[: kinds.index(kind)]
            assert "quorum-met" in kinds[: kinds.index("consensus-reached")]
    for fact in record.all("implementable"):
        assert date.fromisoformat(fact["from"]) <= date_in_london(fact.at)
    before = record.head
    board.playing.settle()
    assert board.playing.record.head == before
    for letter in board.playing.letters:
        for part in (letter.draft.subject, letter.draft.text):
            assert not any(left in part for left in ("{{", "{%", "None", "datetime.", "Scope."))
    words = [(each.draft.recipient, each.draft.subject, each.draft.text) for each in board.playing.letters]
    assert len(words) == len(set(words)), "a letter was written twice"
    summary = board.playing.summary
    assert summary.outcome is not None or summary.awaiting.startswith(("Awaiting", "Standing still"))

"""Whatever is done to an item, in any order: no decision without quorum and consensus, and never two ends at once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from story_joint_commissioning import (
    ADULT,
    CCG,
    CCG_LEAD,
    CHAIR,
    COUNCIL,
    COUNCIL_LEAD,
    DECISION,
    FOUR,
    HEALTH,
    Board,
    check,
)

from models.boards import Hand, InterestAction
from models.council import Council, load_council
from tasks.forms import Refused

SOUTHAMPTON = load_council("southampton")
MEMBERS = (*COUNCIL, *CCG)
OUTCOMES = {
    "decided", "declined", "referred back", "withdrawn", "not progressed", "not taken onto the agenda",
    "dropped after call-in",
}  # fmt: skip

rolls = st.one_of(st.just(MEMBERS), st.just(FOUR), st.sets(st.sampled_from(MEMBERS), min_size=1))
hands = st.one_of(st.just("for"), st.dictionaries(st.sampled_from(MEMBERS), st.sampled_from([str(h) for h in Hand])))
acts = st.one_of(
    st.tuples(st.just("attend"), rolls),
    st.tuples(st.just("declare-interest"), st.tuples(st.sampled_from(MEMBERS), st.sampled_from(list(InterestAction)))),
    st.tuples(st.just("vote"), hands),
    st.tuples(st.sampled_from(["decide-item", "defer", "refer-back", "discuss", "open-dispute", "back", "stop",
                               "withdraw", "publish", "convene", "sign", "decision-notice", "call-in"]), st.none()),
)  # fmt: skip
days = st.integers(0, 20)


class Whoever:
    """Does one thing after another, each allowed or refused, never knowing which."""

    def __init__(self, board: Board) -> None:
        """Begin with an item taken onto the agenda, its agenda published."""
        self.board = board
        board.comes_before_the_board()

    @property
    def today(self) -> str:
        """Return the day it is."""
        return self.board.playing.clock.now().date().isoformat()

    def does(self, verb: str, more: Any) -> None:
        """Try something; a refusal records nothing."""
        if self.board.outcome is not None:
            return
        name, fields = self._fields(verb, more)
        try:
            self.board.does(name, on=self.today, **fields)
        except Refused:
            return

    def _fields(self, verb: str, more: Any) -> tuple[str, dict[str, Any]]:
        case: Any = self.board.playing.case
        following = next(day for day in case.board.meetings if day > case.today)
        present = [attendee.role for attendee in case.meeting.taking_part] or list(FOUR)
        everyone: dict[str, Any] = {"consulted": list(MEMBERS), "reasons": "So."}
        chair = case.presiding[0]
        others = {role: hand for role, hand in more.items() if role in present} if isinstance(more, dict) else {}
        member, action = more if verb == "declare-interest" else (CHAIR, "none")
        fields: dict[str, dict[str, Any]] = {
            "attend": {"present": sorted(more) if verb == "attend" else list(FOUR)},
            "declare-interest": {"member": member, "action": action, "interest": "An interest",
                                 "granted_by": "the Standards Committee"},
            "vote": {"hands": {**dict.fromkeys(present, "for"), **others}},
            "decide-item": DECISION, "refer-back": everyone,
            "defer": {**everyone, "to_meeting_on": following.isoformat()},
            "discuss": {"between": [COUNCIL_LEAD, CHAIR, CCG_LEAD, HEALTH][: 2 + (chair == HEALTH) * 2]},
            "open-dispute": {"reasons": "So."}, "withdraw": {"reasons": "So."},
            "publish": {"what": "agenda"}, "convene": {"meeting_on": following.isoformat()},
            "sign": {"capacity": "decision-maker"}, "call-in": {"called_in_by": "Three", "reasons": "So."},
            "decision-notice": {"what": "decision-notice"},
            "back": {"result": "back-to-board", "to_meeting_on": following.isoformat(), "reasons": "So."},
            "stop": {"result": "not-progressed", "reasons": "So."},
        }  # fmt: skip
        names = {"back": "conclude-dispute", "stop": "conclude-dispute", "decision-notice": "publish"}
        return names.get(verb, verb), fields[verb]

    def lets_time_pass(self, number: int) -> None:
        """Let some days pass, or go to the day of the meeting."""
        if self.board.outcome is not None:
            return
        case: Any = self.board.playing.case
        day = case.today + timedelta(days=number)
        if number % 2 and case.meeting_on and case.meeting_on > case.today:
            day = case.meeting_on
        self.board.waits_until(min(day, date(2020, 5, 1)).isoformat())


def holds(board: Board) -> None:
    """Check what must hold at every moment, beside what holds of every story."""
    check(board)
    record = board.playing.record
    if record.first("decided") or record.first("declined"):
        decision = record.first("decided") or record.first("declined")
        assert decision is not None
        before = record.facts[: decision.number]
        last = next(fact for fact in reversed(before) if fact.kind in ("consensus-reached", "consensus-failed"))
        assert last.kind == "consensus-reached"
        assert last["round"] == decision["round"]
        quorum = next(fact for fact in reversed(before) if fact.kind in ("quorum-met", "quorum-failed"))
        sides = list(quorum["taking_part"].values())
        assert quorum.kind == "quorum-met"
        assert min(sides.count("council"), sides.count("ccg")) >= 2
        voted = next(fact for fact in reversed(before) if fact.kind == "voted")
        assert set(voted["hands"].values()) == {"for"}
        assert set(voted["hands"]) == set(quorum["taking_part"])
    summary = board.playing.summary
    assert summary.outcome in OUTCOMES if summary.outcome is not None else summary.message


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(acts, days), min_size=1, max_size=8))
def test_no_order_of_events_decides_without_quorum_and_consensus(events: Any) -> None:
    """P32, 000:326-362: random attendance, interests, votes, deferrals, days; each run ends or waits for somebody."""
    board = Board(SOUTHAMPTON)
    whoever = Whoever(board)
    whoever.lets_time_pass(1)
    for (verb, more), number in events:
        whoever.does(verb, more)
        whoever.lets_time_pass(number if number % 3 == 0 else 0)
    holds(board)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(rolls, st.lists(acts.filter(lambda act: act[0] == "declare-interest"), max_size=2), hands,
                          st.sampled_from(["decide-item", "defer", "refer-back", "open-dispute"]), days),
                min_size=1, max_size=3))  # fmt: skip
def test_no_run_of_meetings_decides_without_quorum_and_consensus(meetings: Any) -> None:
    """P25-P34, 000:326-362: meeting after meeting as they go in life, with whoever comes, votes and directs."""
    board = Board(SOUTHAMPTON)
    whoever = Whoever(board)
    for roll, interests, shown, then, number in meetings:
        whoever.lets_time_pass(1)
        whoever.does("attend", roll)
        for verb, more in interests:
            whoever.does(verb, more)
        whoever.does("vote", shown)
        whoever.does(then, None)
        whoever.does("discuss", None)
        whoever.does("back" if number % 2 else "stop", None)
        whoever.does("convene", None)
        whoever.does("publish", None)
    holds(board)


def test_every_wait_of_an_item_names_somebody(council: Council) -> None:
    """000:252-362: where nobody acts, the item waits under a name, and whoever is waited for was written to."""
    board = Board(council)
    board.enters(on="2019-05-20", meeting_on="2019-06-13")
    for when in ("2019-05-20", "2019-06-01", "2019-06-20", "2019-08-01"):
        board.waits_until(when)
        message = board.playing.summary.message
        assert any(council.title(role, date(2019, 6, 1)) in message for role in (*MEMBERS, "democratic-services"))
    with pytest.raises(Refused):
        board.decides(on="2019-08-01", by=ADULT)

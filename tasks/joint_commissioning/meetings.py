"""The meeting of a round: discussions before it, roll, quorum, show of hands, consensus (ToR 8.1 to 8.3, 11.1)."""

from __future__ import annotations

from datetime import date

from models.facts import Fact
from models.joint_commissioning import JointCommissioningCase
from models.london import first_instant_of
from tasks.drafting import listed, morning_of
from tasks.joint_commissioning import agenda
from tasks.joint_commissioning.asking import ask
from tasks.notices import inform, told
from tasks.steps import step
from tasks.turns import Effect
from tasks.waiting import due, park, wake_after

Case = JointCommissioningCase


def consider(case: Case) -> bool:
    """Have the Board consider the item at the meeting of this round; tell whether it did, or the item stood over."""
    if case.consensus_reached or case.consensus_failed:
        return True
    agenda.wait_for_named_meeting(case)
    tell_of_deferral(case)
    agenda.call(case)
    if _over(case) and (why_not := case.why_not_consider()):
        stand_over(case, case.round.number, why=why_not)
        return False
    agenda.see_to_notice_and_papers(case)
    ask_for_discussions(case)
    on = wait_for_the_day(case)
    return _hold(case, on)


def _hold(case: Case, on: date) -> bool:
    """Take the item through the meeting: a roll with a quorum, then hands."""
    if case.roll is None:
        if _over(case):
            stand_over(case, case.round.number, why="no roll of its meeting was entered")
            return False
        here = "" if case.decision_maker in case.board.members else f" --in-attendance {case.decision_maker}"
        _wait_for_record(case, "Awaiting the roll", "say who is at the meeting",
                         f"attend CASE --present ROLE,ROLE{here}")  # fmt: skip
    test_quorum(case)
    if not case.meeting.quorum.met:
        if case.today > on:
            stand_over(case, case.round.number, why=case.meeting.quorum.reason)
            return False
        park("Awaiting a quorum", case.meeting_by, f"{case.meeting.quorum.reason} For information only until then")
    if case.round.last("voted") is None:
        why_not = case.why_not_vote()
        if (why_not and case.today > on) or _over(case):
            stand_over(case, case.round.number, why=why_not or "no show of hands was recorded")
            return False
        _wait_for_record(case, "Awaiting a show of hands", "record the show of hands",
                         "vote CASE --hands ROLE=for,ROLE=against")  # fmt: skip
    show_consensus(case)
    return True


def _over(case: Case) -> bool:
    """Tell whether the time to enter what happened at the meeting is over; if not, ask for a turn then."""
    by = case.roll_by
    assert by is not None
    wake_after(by)
    return by.passed(case.now)


def _wait_for_record(case: Case, awaiting: str, to: str, command: str) -> None:
    by, on = case.roll_by, case.meeting_on
    assert by is not None
    assert on is not None
    if due(morning_of(on)):
        ask(case, [case.section.clerk], to, by, "The Board's decisions rest on who was present and on a show of hands "
            "(Terms of Reference 8.1). Where nothing is entered, the item stands over.", command)  # fmt: skip
    park(awaiting, by, f"{case.council.title(case.section.clerk, case.today)} enters what happened at the meeting")


def wait_for_the_day(case: Case) -> date:
    """Return the day of the meeting once it has come."""
    on = case.meeting_on
    assert on is not None
    if not due(first_instant_of(on)):
        missing = case.round.after_deferral is not None and case.discussed is None
        if missing and case.discussions_by and not case.discussions_by.passed(case.now):
            park("Awaiting discussions", case.discussions_by, f"{listed(case, _discussing(case))} discuss the matter")
        park("Awaiting the meeting", case.meeting_by, f"the {case.board.name} considers the item")
    return on


# -- discussions after a deferral ------------------------------------------------------------------------------


def _discussing(case: Case) -> list[str]:
    chair = case.presiding[0]
    return [chair, *case.leads_across_from(chair)]


def tell_of_deferral(case: Case) -> None:
    """Tell the members, the partner leads and the decision-maker to which meeting the matter was deferred (ToR 8.2)."""
    deferred = case.round.after_deferral
    if deferred is None or case.meeting_on is None:
        return
    roles = told(case, [*case.board.members, *case.partner_leads, case.decision_maker, case.responsible_officer])
    inform(case, roles, f"deferral, fact {deferred.number}", template="jc-deferred",
           deferred_to=date.fromisoformat(deferred["to_meeting_on"]), grounds=deferred["reasons"],
           consulted=listed(case, deferred["consulted"]))  # fmt: skip


def ask_for_discussions(case: Case) -> None:
    """Ask the Chair and the partner leads to discuss a deferred matter before the Board has it again (ToR 8.2)."""
    by = case.discussions_by
    if by is None or case.discussed is not None:
        return
    chair = case.presiding[0]
    ask(
        case, _discussing(case), "discuss this matter, the Chair with the partner lead", by,
        "A deferred matter is reconsidered after discussions between the Chair and the respective partner lead "
        "(Terms of Reference 8.2). Without them no show of hands is taken.",
        f"discuss CASE --between {chair},{case.leads_across_from(chair)[0]}",
    )  # fmt: skip


# -- quorum and consensus -----------------------------------------------------------------------------------------


def test_quorum(case: Case) -> None:
    """Record whether there is a quorum, anew whenever the roll or an interest changes it (ToR 8.1, 11.1)."""
    if case.round.last("voted") is not None:
        return
    times = len(case.round.all("attended")) + len(case.round.all("interest-declared"))
    if case.meeting.quorum.met:
        quorum_met(case, case.round.number, times)
    else:
        quorum_failed(case, case.round.number, times)


@step("quorum-met", "Quorum met, round {0}")
def quorum_met(case: Case, round_: int, times: int) -> Effect:
    """Record the quorum, with who makes it."""
    return _quorum(case)


@step("quorum-failed", "No quorum, round {0}")
def quorum_failed(case: Case, round_: int, times: int) -> Effect:
    """Record that there is no quorum: nothing can be decided, and what is said is for information."""
    return _quorum(case)


def _quorum(case: Case) -> Effect:
    held = case.meeting
    return Effect({
        "round": case.round.number, "reason": held.quorum.reason,
        "taking_part": {a.role: a.partner for a in held.taking_part}, "withdrawn": [a.role for a in held.withdrawn],
        "deputies": {a.role: a.seat for a in held.present if a.deputises},
    })  # fmt: skip


def show_consensus(case: Case) -> Fact:
    """Record whether the show of hands demonstrates consensus (ToR 8.1, 8.3)."""
    reached = case.consensus.reached
    return (consensus_reached if reached else consensus_failed)(case, case.round.number)


@step("consensus-reached", "Consensus, round {0}")
def consensus_reached(case: Case, round_: int) -> Effect:
    """Record consensus: the named individual may now decide, and need not (ToR 8.4)."""
    return _consensus(case)


@step("consensus-failed", "No consensus, round {0}")
def consensus_failed(case: Case, round_: int) -> Effect:
    """Record that there is no consensus: nothing is decided under delegation (ToR 8.3)."""
    return _consensus(case)


def _consensus(case: Case) -> Effect:
    shown = case.consensus
    return Effect({"round": case.round.number, "reason": shown.reason, "dissent": list(shown.dissent),
                   "held_on": case.meeting.on.isoformat()})  # fmt: skip


@step("stood-over", "The item stands over, round {0}")
def stand_over(case: Case, round_: int, *, why: str) -> Effect:
    """Record that the Board did not consider the item, which is neither a decision nor a deferral."""
    return Effect({"round": round_, "reasons": why, "held_on": (case.meeting_on or case.today).isoformat()})

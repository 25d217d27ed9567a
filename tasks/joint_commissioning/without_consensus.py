"""Where there is no consensus: the Chair's direction, the referral back, the dispute (ToR 8.2, 8.3, 9.1)."""

from __future__ import annotations

from models.facts import Fact
from models.joint_commissioning import JointCommissioningCase
from models.joint_commissioning_words import DisputeRoute
from models.london import date_in_london
from tasks.drafting import listed
from tasks.joint_commissioning.asking import ask
from tasks.joint_commissioning.outcomes import tell_outcome
from tasks.notices import inform, told
from tasks.waiting import park

Case = JointCommissioningCase


def wait_for_direction(case: Case) -> str:
    """Return how a matter without consensus ended; parks until then. A deferral begins a new round instead."""
    if case.record.last("not-progressed") is not None:
        return tell_outcome(case, "not progressed")
    if (referred := case.round.last("referred-back")) is not None:
        tell_parents(case, referred)
        return "referred back"
    if case.dispute is not None:
        wait_for_dispute(case)
    by = case.direction_by
    assert by is not None
    chair, others = case.presiding
    ask(case, [chair, *others], "defer this matter, or direct that it be referred back", by, _choices(case),
        f"defer CASE --to-meeting-on DATE --consulted {','.join(_present(case))} --reasons REASONS")  # fmt: skip
    park("Awaiting the Chair's direction", by,
         f"{case.council.title(chair, case.today)}, having consulted those present, defers or refers back")  # fmt: skip


def _present(case: Case) -> list[str]:
    return [attendee.role for attendee in case.meeting.taking_part]


def _choices(case: Case) -> str:
    """Say what the Chair may direct now, by how often there was no consensus (local policy)."""
    failed = case.consensus_failed
    assert failed is not None
    told_ = f"{failed['reason']} No decision is taken under delegation. Having consulted those present, you "
    times, choices = case.times_failed, case.choices
    dispute = "open a dispute (open-dispute; Terms of Reference 9.1)"
    if times >= choices.no_more_after:
        return f"{told_}direct that it be referred back to each partner (refer-back), or {dispute}. After {times} " \
               "failures to agree it is not deferred again."  # fmt: skip
    offer = ""
    if times >= choices.offer_referral_after:
        offer = f" This is failure number {times} to agree: consider referring it back."
    if case.key:
        offer += " For a later meeting notice of this key decision is given anew: 28 clear days, or by exception."
    return f"{told_}defer it to a named meeting, direct that it be referred back to each partner (refer-back), or " \
           f"{dispute}.{offer}"  # fmt: skip


def tell_parents(case: Case, referred: Fact) -> None:
    """Tell each parent body that the matter is referred back to it, and why nothing was decided (ToR 8.3)."""
    failed = case.consensus_failed
    parents = [partner.parent for partner in case.board.partners.values()]
    roles = told(case, [*parents, *case.board.members, case.decision_maker, case.responsible_officer])
    inform(
        case, roles, f"referral back, fact {referred.number}", template="jc-referred",
        referred_on=date_in_london(referred.at), grounds=referred["reasons"], parents=_parents(case),
        minuted=failed["reason"] if failed else "", recommendations="", information="",
    )  # fmt: skip


def _parents(case: Case) -> str:
    return " and ".join(partner.parent_name for partner in case.board.partners.values())


def wait_for_dispute(case: Case) -> None:
    """Wait for those who resolve a dispute: by the agreement's process, or the Leader and the CCG's Chair (ToR 9.1)."""
    by = case.dispute_by
    assert by is not None
    process = "the dispute resolution process of the section 75 agreement is followed"
    if case.dispute_route is DisputeRoute.LEADERS:
        process = "it is discussed by the Leader of the Council and the Chair of the CCG, and comes back to the Board"
    ask(
        case, [*case.those_in_dispute, case.responsible_officer], "discuss this dispute, and say what came of it", by,
        f"The matter is in dispute: {process} (Terms of Reference 9.1). There is no arbitration: without agreement it "
        "may not move forward.",
        "conclude-dispute CASE --result back-to-board --to-meeting-on DATE --reasons REASONS",
    )  # fmt: skip
    park("Awaiting the dispute's resolution", by, f"{listed(case, case.those_in_dispute)} discuss it")



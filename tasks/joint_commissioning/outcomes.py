"""How an item ends: the named individual's decision, information alone, not taken, withdrawn (ToR 8.4, 8.5)."""

from __future__ import annotations

from models.executive_words import CallInOutcome
from models.facts import Fact
from models.joint_commissioning import JointCommissioningCase
from models.joint_commissioning_words import ItemKind
from models.london import date_in_london, first_instant_of
from tasks import endings
from tasks.drafting import enclosure_of, morning_of, write_to
from tasks.executive import steps as executive
from tasks.joint_commissioning import agenda
from tasks.joint_commissioning.asking import ask
from tasks.joint_commissioning.meetings import stand_over
from tasks.notices import inform, told
from tasks.steps import step_for_each
from tasks.turns import Effect
from tasks.waiting import due, park

Case = JointCommissioningCase


# -- the decision ------------------------------------------------------------------------------------------------


def wait_for_decision(case: Case) -> Fact | None:
    """Return what the named individual decided, None where the item stood over because nothing was (ToR 8.4)."""
    if case.decision is not None:
        return case.decision
    reached, by = case.consensus_reached, case.entry_by
    assert reached is not None
    assert by is not None
    if by.passed(case.now):
        stand_over(case, case.round.number, why="no decision of the named individual at the meeting was entered")
        return None
    ask(
        case, [case.decision_maker], "decide this item on its merits, at the meeting", by,
        f"{reached['reason']} That lets you decide and does not bind you: you may decline (Terms of Reference 8.4).",
        f"decide-item CASE --decided-on {case.meeting.on} --outcome agreed --decision WORDS --reasons REASONS "
        "--alternatives WORDS --conflicts WORDS",
    )  # fmt: skip
    park("Awaiting the decision", by, f"{case.decision_maker_in_words} decides on the merits, or declines")


def carry_out(case: Case, decision: Fact) -> str:
    """Have the decision signed, published and left to stand still for call-in, and return how it ended (ToR 6.8)."""
    if not case.of_the_council:
        return tell_outcome(case, "decided" if case.agreed else "declined")
    executive.wait_for_signatures(case)
    executive.wait_for_publication(case)
    if not case.agreed:
        return tell_outcome(case, "declined")
    if executive.stand_still(case) is CallInOutcome.DROPPED:
        return tell_outcome(case, "dropped after call-in")
    executive.make_implementable(case)
    executive.wait_for_reasons(case)
    outcome = tell_outcome(case, "decided")
    executive.wait_for_late_entries(case)
    return outcome


# -- information alone -------------------------------------------------------------------------------------------


def consider_for_information(case: Case) -> str:
    """Have the Board discuss what it does not decide, refer it on, and return how it ended (ToR 3.9, 8.5)."""
    agenda.wait_for_named_meeting(case)
    agenda.call(case)
    agenda.see_to_agenda(case)
    assert case.meeting_on is not None
    noted = case.round.last("noted")
    if noted is None:
        if not due(first_instant_of(case.meeting_on)):
            park("Awaiting the meeting", case.meeting_by, f"the {case.board.name} discusses it for information")
        by = case.roll_by
        assert by is not None
        if due(morning_of(case.meeting_on)):
            ask(case, [case.section.clerk], "minute what the Board considered and recommends", by,
                "Items for information have the Board's considerations and recommendations formally minuted "
                "(Terms of Reference 8.5).", "minute CASE --considerations WORDS --recommendations WORDS")  # fmt: skip
        park("Awaiting the minutes", by, f"{case.council.title(case.section.clerk, case.today)} minutes the discussion")
    if case.kind is ItemKind.EXCEPTION_REPORT:
        return tell_outcome(case, "considered")
    refer_on(case, noted)
    return "for information, referred"


def refer_on(case: Case, noted: Fact) -> None:
    """Refer an item for information to the relevant decision-maker, with what the Board recommends (ToR 8.5)."""
    parent = case.partner.parent
    inform(
        case, told(case, [parent, case.decision_maker, case.responsible_officer]), "referral for information",
        template="jc-referred", referred_on=date_in_london(noted.at), grounds=case.remit.why,
        parents=case.partner.parent_name, minuted=noted["considerations"], recommendations=noted["recommendations"],
        information="yes",
    )  # fmt: skip


# -- every end -----------------------------------------------------------------------------------------------------


def tell_outcome(case: Case, outcome: str) -> str:
    """Tell the Board, and for Better Care the Health and Wellbeing Board (ToR 6.14), how the item ended."""
    roles = [*case.board.members, case.decision_maker, case.responsible_officer]
    if case.better_care:
        roles += case.section.accountable_to
    decided = case.decision
    inform(case, told(case, roles), f"outcome: {outcome}", template="jc-outcome", outcome=outcome,
           ended_on=case.today, decision=decided["decision"] if decided else "",
           decided_by=case.decision_maker_in_words if decided else "")  # fmt: skip
    return outcome


def withdraw(case: Case) -> str:
    """Tell everyone concerned that the item was withdrawn, and close it: a fourth end, beside decided or put off."""
    return endings.close(case, tell_outcome(case, "withdrawn"))


def report_minutes(case: Case) -> None:
    """Report minutes to the CCG's Governing Body and make them available to the Cabinet (ToR 6.7; P31)."""
    for fact in case.record.all("document-attached"):
        if fact["kind"] == "minutes" and not fact.get("confidential"):
            send_minutes(case, told(case, case.section.receive_minutes), fact.number)


@step_for_each("minutes-reported", "Report the minutes of fact {0}")
def send_minutes(case: Case, role: str, /, number: int) -> Effect:
    """Send one parent body the minutes attached by a fact."""
    document = case.record.facts[number - 1]
    values: dict[str, object] = {"attached_on": date_in_london(document.at), "papers": [document["filename"]]}
    letter = write_to(case, "jc-minutes", role, values, [enclosure_of(document)])
    return Effect({"consultee": role, "document": number}, [letter])

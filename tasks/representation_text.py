"""What the representation says, gathered from the record."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from models.consultation import Standing
from models.facts import Fact
from models.london import date_in_london
from models.pharmacy import PharmacyCase
from models.pharmacy_words import Capacity, Opinion
from notifications.representation import ConsultationRow, MeetingHeld, Representation

NOT_REACHED = {
    Standing.EXCUSED: "Not reached; gone on without, with reasons on the record",
    Standing.IN_QUESTION: "Letter not known to have arrived",
    Standing.IN_THE_POST: "Letter on its way at the time of the decision",
}


def text_of(case: PharmacyCase, decision: Fact) -> Representation:
    """Return everything the representation says; what the record does not hold is printed as outstanding."""
    notice, council, today = case.notice, case.council, case.today
    capacity: Literal["relevant", "neighbouring"] = (
        "relevant" if notice.capacity is Capacity.RELEVANT else "neighbouring"
    )
    assessment = _considered_assessment(case, decision)
    addressee = case.addressee
    computed = case.computed_represent_by.last_day
    return Representation(
        case_ref=case.ref, senders_ref=notice.reference, council_name=council.name,
        board_name=council.bodies[council.pharmacy.board].name,
        addressee=council.title(addressee, today) if addressee else "", sent_on=today, issued=True,
        applicant=notice.applicant, premises_closing=notice.closing, premises_remaining=notice.remaining,
        wards=[council.wards[ward].name for ward in notice.wards], capacity=capacity,
        notice_given_on=notice.given_on, last_day=case.represent_by.last_day,
        day_45=computed if case.represent_by.last_day < computed else None,
        derivation=case.represent_by.in_words(), creates_gap=decision["opinion"] == Opinion.GAP,
        reasons_need=decision.get("limb_a") or "", reasons_access=decision.get("limb_b") or "",
        other_matters=decision.get("other_matters") or "None.",
        wishes_to_be_heard=decision["wishes_oral_hearing"],
        matter_for_evidence=decision.get("hearing_matter") or "",
        decided_on=date_in_london(decision.at), decision_maker=_decision_maker(case, decision),
        legal_basis=decision["legal_basis"], legal_basis_uncertain=bool(decision["legal_basis_uncertain"]),
        equality_ref=_assessment_ref(assessment),
        equality_considered_on=date_in_london(decision.at) if assessment else None,
        alternatives=decision.get("alternatives") or "", conflicts=decision["conflicts"],
        consultation=[*(_row(case, role, decision) for role in case.roles), *(_vacancy(case, r) for r in case.vacant)],
        meeting=_meeting(case),
    )  # fmt: skip


def _decision_maker(case: PharmacyCase, decision: Fact) -> str:
    """Return the office that decided, as it was called on that day, and for whom it stood in."""
    on = date_in_london(decision.at)
    deputy_for = decision.get("deputy_for")
    stead = f", as deputy of the {case.council.title(deputy_for, on)}" if deputy_for else ""
    return f"{case.council.title(decision.actor, on)}{stead}"


def _considered_assessment(case: PharmacyCase, decision: Fact) -> Fact | None:
    """Return the assessment that the decision considered, which one attached since is not (Equality Act s.149)."""
    number = decision.get("assessment")
    return case.record.facts[number - 1] if number else None


def _assessment_ref(assessment: Fact | None) -> str:
    if assessment is None:
        return ""
    if assessment["kind"] == "equality-screening":
        return f"Screening, fact {assessment.number} of the record: {assessment.get('reasons') or ''}"
    return f"{assessment['filename']}, fact {assessment.number} of the record"


def _row(case: PharmacyCase, role: str, decision: Fact) -> ConsultationRow:
    line = case.consultee(role)
    response = line.response
    considered = (decision.get("considered") or {}).get(role, "")
    return ConsultationRow(
        consultee=case.council.title(role, case.today), circulated_on=line.clock_started_on,
        not_reached=NOT_REACHED.get(line.standing, "Not asked before the decision"),
        answered_on=date_in_london(datetime.fromisoformat(response["received_at"])) if response else None,
        late=bool(response and response["late"]), opinion=response["opinion"] if response else "",
        interest=_interest(response), considered=considered,
    )  # fmt: skip


def _vacancy(case: PharmacyCase, role: str) -> ConsultationRow:
    return ConsultationRow(
        consultee=case.council.title(role, case.today), circulated_on=None, not_reached="Office vacant"
    )


def _interest(response: Fact | None) -> str:
    if response is None:
        return ""
    return "None declared" if response["interest"] == "none" else "Declared"


def _meeting(case: PharmacyCase) -> MeetingHeld | None:
    held = case.record.last("meeting-held")
    if held is None:
        return None
    titles = [case.council.title(role, case.today) for role in held["attended"]]
    opinion = held.get("opinion") or "no common view"
    quorate = "" if held["quorate"] else f" The meeting was inquorate: {held['quorum']}"
    return MeetingHeld(
        held_on=date.fromisoformat(held["held_on"]), attendance=titles, outcome=f"{opinion}.{quorate}"
    )

"""The face of a Better Care plan: its last day, who has signed and who not, and what each of its facts says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from desk.faces import Face, Move, People
from desk.tables import Cell
from models.better_care import BetterCarePlan
from models.better_care_packs import BOARD
from models.better_care_words import Assured
from models.london import day_in_words, parse_day, short_day_in_words
from tasks import lost_letters

SENTENCES = {
    "plan-received": "draft plan received for {policy}: {reference}",
    "arrangements-agreed": "the Board agrees how the final version is approved ({authority}): {text}",
    "document-attached": "{kind} attached: {filename}",
    "condition-met": "condition {condition} met: {evidence}",
    "condition-not-met": "condition {condition} not met: {evidence}",
    "route-chosen": "route to the Board's approval: {route} ({reasons})",
    "meeting-notice-given": "notice of the special meeting of {meets_on} given on {reached_on}",
    "signed-off": "signed off for {signatory} on {signed_on}{late}, {manner} ({authority})",
    "sign-off-refused": "{signatory} refuses to sign on {signed_on} ({authority})",
    "submitted": "submitted on {reached_on}{late}: {basis}",
    "breach-recorded": "BREACH: {what} not done by {last_day} ({rule})",
    "breach-withdrawn": "breach of fact {breach} withdrawn: {reasons}",
    "deadline-passed": "the last day has passed: {name}",
    "assured": "NHS England's assurers: {outcome}",
    "evidence-sent": "evidence of the conditions sent on {reached_on}{late}",
    "panel-decided": "escalation panel: {outcome} ({reasons})",
    "section-75-signed": "section 75 agreement signed on {reached_on}{late}: {reference}",
    "return-recorded": "{stage}, return ({returns} in all): {authority}",
    "review-recorded": "review of the allocations: {outcome} ({reasons})",
    "letter-bounced": "the letter to {consultee} came back: {text}",
    "letter-ambiguous": "the fate of the letter to {consultee} is not known",
    "withdrawn": "the plan is withdrawn: {reasons}",
    "closed": "case closed: {outcome}",
}

MILESTONES = {
    "plan-received": "Draft received", "arrangements-agreed": "Arrangements agreed", "route-chosen": "Route chosen",
    "signed-off": "Signed off", "sign-off-refused": "Sign-off refused", "submitted": "Submitted",
    "breach-recorded": "Breach recorded", "assured": "Assured", "panel-decided": "Panel decided",
    "section-75-signed": "Section 75 signed", "withdrawn": "Withdrawn", "closed": "Closed",
}  # fmt: skip


def what_it_is(case: BetterCarePlan) -> list[str]:
    """Return the plan in two sentences: until when, and on what it stands or stood."""
    last = case.submit_by
    doubt = f" ({case.pack.submit_by.doubt})" if case.pack.submit_by.doubt else ""
    sent = case.submission
    told = f"Not submitted; {len(case.outstanding)} of {len(case.pack.signatories)} signatures are wanted before it is."
    if sent is not None:
        told = f"Submitted on {day_in_words(parse_day(sent['reached_on']))}: {sent['basis']}."
    return [f"To be submitted by {day_in_words(last.last_day)}, that day included{doubt}.", told]


def people(case: BetterCarePlan) -> People:
    """Return one row for each signatory: whom to ask, whether it may delegate, where it stands, on what authority."""
    columns = ("Signatory", "Id", "Asked", "Delegation", "Standing", "Authority")
    rows = [_row(case, key) for key in case.pack.signatories]
    return People("Signatories", columns, rows, f"National conditions with evidence: {_conditions(case)}.")


def _row(case: BetterCarePlan, key: str) -> list[Cell]:
    signed, signatory = case.signature(key), case.signatory(key)
    return [
        signatory.name, key, case.council.title(case.asked(key), case.today), signatory.delegation,
        _standing(case, key), str(signed["authority"]) if signed else "",
    ]  # fmt: skip


def _standing(case: BetterCarePlan, key: str) -> Cell:
    signed = case.signature(key)
    if signed is not None:
        return (f"signed {short_day_in_words(parse_day(signed['signed_on']))}", "green")
    if case.refusal(key) is not None:
        return ("refused", "bold red")
    if case.superseded(key) is not None:
        return ("signed an earlier version", "yellow")
    if key == BOARD and case.chair_support is not None:
        return ("the Chair supports; the Board to approve", "yellow")
    return "may follow" if case.signatory(key).may_follow else ("outstanding", "yellow")


def _conditions(case: BetterCarePlan) -> str:
    return f"{len(case.conditions_met)} of {len(case.pack.conditions)}"


def moves(case: BetterCarePlan) -> list[Move]:
    """Return what would move a plan on, the most pressing first; nothing once its case is closed."""
    if case.closed is not None:
        return []
    return list(_before_submission(case) if case.submission is None else _after_submission(case))


def _before_submission(case: BetterCarePlan) -> Iterator[Move]:
    ref = case.ref
    if case.arrangements is None and case.draft_on is not None:
        yield Move("what the Board agreed on approving the final version is recorded",
                   f"cleardays record-arrangements {ref} --authority MINUTE --text TEXT --delegate ROLE")  # fmt: skip
    if case.needs_route:
        yield Move("it is chosen how the Board approves between its meetings",
                   f"cleardays choose-board-route {ref} --route ROUTE --reasons REASONS")  # fmt: skip
    for problem in case.problems:
        yield Move(problem, f"cleardays attach {ref} --kind KIND --file FILE")
    for key in case.conditions_unmet:
        yield Move(f"evidence of the condition {key} is recorded",
                   f"cleardays meet-condition {ref} --condition {key} --evidence EVIDENCE")  # fmt: skip
    for key in case.outstanding:
        yield Move(f"the {case.name_of(key)} signs",
                   f"cleardays sign-off {ref} --signatory {key} --authority AUTHORITY")  # fmt: skip
    if not case.problems and not case.lacking:
        yield Move("the plan is submitted", f"cleardays submit {ref} --proof PROOF")


def _after_submission(case: BetterCarePlan) -> Iterator[Move]:
    ref, graded = case.ref, case.assured
    if case.board_to_follow:
        yield Move("the Board approves the plan that went out",
                   f"cleardays sign-off {ref} --signatory board --authority MINUTE")  # fmt: skip
    if graded is None or (case.evidence_sent is not None and not case.approved):
        yield Move("the assurers' letter is recorded", f"cleardays record-assurance {ref} --outcome OUTCOME")
    elif graded["outcome"] == Assured.WITH_CONDITIONS:
        yield Move("the evidence that was asked for is sent",
                   f"cleardays send-evidence {ref} --evidence EVIDENCE --proof PROOF")  # fmt: skip
    elif graded["outcome"] == Assured.NOT_APPROVED and case.panel is None:
        yield Move("the escalation panel's decision is recorded",
                   f"cleardays record-panel {ref} --outcome OUTCOME --reasons REASONS")  # fmt: skip
    if case.approved:
        yield from _once_approved(case)


def _once_approved(case: BetterCarePlan) -> Iterator[Move]:
    if case.section_75 is None:
        yield Move("the section 75 agreement is signed",
                   f"cleardays record-section-75 {case.ref} --reference REFERENCE")  # fmt: skip
    for each in case.returns:
        if each.ends_on < case.today and not each.complete:
            yield Move(f"the return for {each.title}: {each.missing[0]}",
                       f"cleardays record-return {case.ref} --returns {each.id} --stage {each.missing[0]} "
                       "--authority AUTHORITY")  # fmt: skip


def outstanding(case: BetterCarePlan) -> list[str]:
    """Return what is missing or to be looked into, in sentences."""
    return [] if case.closed is not None else list(_outstanding(case))


def _outstanding(case: BetterCarePlan) -> Iterator[str]:
    if case.submission is None:
        yield from (f"{problem[:1].upper()}{problem[1:]}." for problem in case.problems)
        yield from (f"{each[:1].upper()}{each[1:]}." for each in case.lacking)
    for key in case.pack.signatories:
        signed = case.signature(key)
        if signed is not None and signed.get("doubt"):
            yield f"The {case.name_of(key)} signed on a power in doubt: {signed['doubt']}."
    yield from lost_letters.in_sentences(case)
    if case.board_to_follow:
        following = case.next_board_meeting
        when = f"on {day_in_words(following)}" if following else "at a meeting still to be published"
        yield f"The Board has still to approve the plan, {when}."


def gate(case: BetterCarePlan) -> str | None:
    """Return why the plan cannot be submitted as compliant yet, or None."""
    wanting = [*case.problems, *case.lacking] if case.submission is None else []
    return f"It cannot be submitted as compliant yet:** {'; '.join(wanting)}." if wanting else None


def as_dict(case: BetterCarePlan) -> dict[str, Any]:
    """Return what is the plan's own in plain JSON values."""
    sent, graded = case.submission, case.assured
    return {
        "policy": case.record.facts[0]["policy"], "submit_by": case.submit_by.last_day.isoformat(),
        "problems": list(case.problems), "lacking": list(case.lacking) if sent is None else sent["lacking"],
        "signatories": {key: case.standing_of(key) for key in case.pack.signatories},
        "conditions_met": list(case.conditions_met), "route": case.route["route"] if case.route else None,
        "submitted_on": sent["reached_on"] if sent else None, "basis": sent["basis"] if sent else None,
        "assured": graded["outcome"] if graded else None,
        "returns": {each.id: [str(stage) for stage in each.done] for each in case.returns if each.done},
    }  # fmt: skip


FACE = Face(
    what_it_is=what_it_is, sentences=SENTENCES, milestones=MILESTONES, moves=moves, people=people,
    outstanding=outstanding, gate=gate, as_dict=as_dict,
    in_a_line=lambda case: f"{case.subject} · signed: {len(case.pack.signatories) - len(case.unsigned)} of "
    f"{len(case.pack.signatories)} · conditions: {_conditions(case)}",
)  # fmt: skip

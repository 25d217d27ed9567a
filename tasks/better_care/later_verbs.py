"""What an officer does to a Better Care plan once it is submitted: assurance, evidence, panel, agreement, returns."""

from __future__ import annotations

from datetime import date
from typing import Any

from models.better_care import BetterCarePlan
from models.better_care_returns import Return
from models.better_care_words import Assured, Panel, Stage
from models.council_file import one_of
from models.facts import Fact
from models.london import day_in_words
from tasks.acts import Act, ReadFile, Verb
from tasks.authority import DECISION_MAKER, OFFICER
from tasks.better_care import forms
from tasks.days import happened_on
from tasks.forms import Refused
from tasks.powers import Power


def submitted(case: BetterCarePlan) -> Fact:
    """Return the submission that stands; raises Refused where there is none."""
    if case.submission is None:
        raise Refused("the plan is not submitted yet; record the submission first (submit)")
    return case.submission


def _since(case: BetterCarePlan) -> date:
    return date.fromisoformat(submitted(case)["reached_on"])


def record_assurance(case: BetterCarePlan, form: forms.RecordAssurance, read_file: ReadFile) -> Act:
    """Record how the plan was graded: approved, with conditions and by when, or not approved (report para 9)."""
    decided_on = happened_on(case, form.decided_on, "the letter", not_before=_since(case))
    if case.approved:
        raise Refused("the plan is approved already; nothing is left to be graded")
    payload: dict[str, Any] = {
        "outcome": form.outcome, "reference": form.reference, "decided_on": decided_on.isoformat(),
        "conditions": None, "evidence_by": None, "reasons": form.reasons,
    }  # fmt: skip
    if form.outcome is Assured.WITH_CONDITIONS:
        payload |= _conditions(case, form, decided_on)
        return Act("assured", payload, f"Approved with conditions; evidence by {payload['evidence_by']}.")
    if form.outcome is Assured.NOT_APPROVED and not form.reasons:
        raise Refused("say why the plan is not approved, in the letter's words (--reasons)")
    if form.outcome is Assured.APPROVED:
        return Act("assured", payload, "The plan is approved.")
    return Act("assured", payload, "Not approved: the escalation panel follows.")


def _conditions(case: BetterCarePlan, form: forms.RecordAssurance, decided_on: date) -> dict[str, Any]:
    if not form.conditions:
        raise Refused("say what has to be shown, in the letter's words (--conditions)")
    usual = case.pack.evidence_by
    evidence_by = form.evidence_by or (usual.on if usual is not None else None)
    if evidence_by is None:
        raise Refused(f"{case.pack.title} has no usual day for the evidence; give the letter's day (--evidence-by)")
    if evidence_by < decided_on:
        raise Refused(
            f"evidence by {day_in_words(evidence_by)} is before the letter of {day_in_words(decided_on)}; give the "
            "letter's day (--evidence-by)"
        )
    doubt = usual.doubt if form.evidence_by is None and usual is not None else ""
    return {"conditions": form.conditions, "evidence_by": evidence_by.isoformat(), "doubt": doubt}


def send_evidence(case: BetterCarePlan, form: forms.SendEvidence, read_file: ReadFile) -> Act:
    """Record that the evidence of the conditions was sent, in time or late."""
    graded, due = case.assured, case.evidence_by
    if graded is None or due is None:
        raise Refused("no approval with conditions is recorded, so no evidence is asked for")
    if case.evidence_sent is not None:
        raise Refused(f"the evidence was sent before, fact {case.evidence_sent.number}")
    first = date.fromisoformat(graded["decided_on"])
    sent_on = happened_on(case, form.sent_on, "the evidence", not_before=first)
    late = sent_on > due.last_day
    payload = {"evidence": form.evidence, "proof": form.proof, "reached_on": sent_on.isoformat(), "late": late}
    return Act("evidence-sent", payload, f"Evidence recorded{', late' if late else ', in time'}.")


def record_panel(case: BetterCarePlan, form: forms.RecordPanel, read_file: ReadFile) -> Act:
    """Record what the escalation panel said of a plan that was not approved."""
    graded = case.assured
    if graded is None or graded["outcome"] != Assured.NOT_APPROVED:
        raise Refused("the panel meets on a plan that was not approved; record that first (record-assurance)")
    if case.panel is not None:
        raise Refused(f"the panel has spoken, fact {case.panel.number}")
    first = date.fromisoformat(graded["decided_on"])
    decided_on = happened_on(case, form.decided_on, "the panel's decision", not_before=first)
    told = {
        Panel.APPROVED: "The panel approves the plan.",
        Panel.REVISE: "The plan is to be revised, signed and submitted again.",
        Panel.DIRECTED: "NHS England directs the use of the fund; the case closes.",
    }
    payload = {"outcome": form.outcome, "reasons": form.reasons, "decided_on": decided_on.isoformat()}
    return Act("panel-decided", payload, told[form.outcome])


def record_section_75(case: BetterCarePlan, form: forms.RecordSection75, read_file: ReadFile) -> Act:
    """Record the pooling agreement under section 75 of the NHS Act 2006."""
    if case.section_75 is not None:
        raise Refused(f"the agreement was signed before, fact {case.section_75.number}")
    submitted(case)
    signed_on = happened_on(case, form.signed_on, "the last signature")
    late = signed_on > case.section_75_by.last_day
    payload = {"reference": form.reference, "reached_on": signed_on.isoformat(), "late": late}
    told = f"after {day_in_words(case.section_75_by.last_day)}" if late else "in time"
    return Act("section-75-signed", payload, f"Section 75 agreement recorded, {told}.")


def record_return(case: BetterCarePlan, form: forms.RecordReturn, read_file: ReadFile) -> Act:
    """Record one stage of one or several returns: the joint board before the Board before NHS England (2.11, 2.12)."""
    submitted(case)
    known = {each.id: each for each in case.returns}
    for id_ in form.returns:
        if id_ not in known:
            raise Refused(f"{id_!r} is not a return of this plan ({one_of(known, id_)})")
    given = [known[id_] for id_ in dict.fromkeys(form.returns)]
    done_on = happened_on(case, form.done_on, "the return", not_before=max(each.ends_on for each in given))
    for each in given:
        _in_order(each, form.stage, form.reasons)
        _after_earlier_stages(each, form.stage, done_on)
    if form.stage is Stage.BOARD and done_on not in case.council.body(case.local.board).meetings:
        raise Refused(f"the Board did not meet on {day_in_words(done_on)} by its published dates; check the day")
    payload = {
        "returns": [each.id for each in given], "stage": form.stage, "authority": form.authority,
        "reached_on": done_on.isoformat(), "reasons": form.reasons,
        "retrospective": form.stage is Stage.BOARD and any(_was_sent_by(each, done_on) for each in given),
    }  # fmt: skip
    titles = ", ".join(each.title for each in given)
    after = ", after it was sent" if payload["retrospective"] else ""
    return Act("return-recorded", payload, f"Recorded, {form.stage}{after}: {titles}.")


def _in_order(each: Return, stage: Stage, reasons: str | None) -> None:
    """Refuse a stage that a return does not have, has had, or has not come to."""
    if stage not in each.stages:
        raise Refused(f"the return for {each.title} has no stage {stage}; it has {', '.join(each.stages)}")
    if stage in each.done:
        raise Refused(f"{stage} is recorded for {each.title}, fact {each.done[stage].number}")
    before = [earlier for earlier in each.stages[: each.stages.index(stage)] if earlier in each.missing]
    if Stage.JOINT_BOARD in before:
        raise Refused(f"the joint board signs the return for {each.title} off first; record that (--stage joint-board)")
    if before and not reasons:
        raise Refused(
            f"the Board approves the return for {each.title} before it goes to NHS England; where it cannot, say why "
            "(--reasons), and the Board approves it afterwards"
        )


def _after_earlier_stages(each: Return, stage: Stage, done_on: date) -> None:
    """Refuse a day before that of a stage which comes first (draft plan 2.11: joint board, Board, NHS England)."""
    for earlier in each.stages[: each.stages.index(stage)]:
        fact = each.done.get(earlier)
        if fact is not None and done_on.isoformat() < fact["reached_on"]:
            first = day_in_words(date.fromisoformat(fact["reached_on"]))
            raise Refused(
                f"{stage} on {day_in_words(done_on)} would be before {earlier}, {first} (fact {fact.number}), for "
                f"{each.title}; check the day"
            )


def _was_sent_by(each: Return, on: date) -> bool:
    return bool(each.sent is not None and each.sent["reached_on"] <= on.isoformat())


def record_review(case: BetterCarePlan, form: forms.RecordReview, read_file: ReadFile) -> Act:
    """Record what a national review of the allocations came to (report para 6)."""
    review = case.pack.review
    if review is None:
        raise Refused(f"{case.pack.title} has no review of its allocations")
    before = case.record.last("review-recorded")
    if before is not None:
        raise Refused(f"the review was recorded before, fact {before.number}")
    decided_on = happened_on(case, form.decided_on, "the review")
    payload = {"outcome": form.outcome, "reasons": form.reasons, "decided_on": decided_on.isoformat()}
    return Act("review-recorded", payload, f"The {review.name}: {form.outcome}.")


def to_record_assurance(case: BetterCarePlan) -> Power:
    """Return who enters what NHS England decided of the plan: the responsible officer, on its word."""
    return Power("record what NHS England decided", case.responsible_officer, word_of=case.local.nhs_england)


LATER: tuple[Verb[Any], ...] = (
    Verb("record-assurance", "Record the assurance", forms.RecordAssurance, record_assurance, DECISION_MAKER,
         power=to_record_assurance,
         example="--outcome approved --reference BCF-2017-118"),
    Verb("send-evidence", "Record evidence of an approval's conditions", forms.SendEvidence, send_evidence, OFFICER,
         example="--evidence 'risk plan, version 2' --proof 'header of the e-mail'"),
    Verb("record-panel", "Record the escalation panel", forms.RecordPanel, record_panel, DECISION_MAKER,
         power=to_record_assurance,
         example="--outcome revise --reasons 'The social care spending is not maintained'"),
    Verb("record-section-75", "Record the section 75 agreement", forms.RecordSection75, record_section_75, OFFICER,
         example="--reference 'deed 2017/114'"),
    Verb("record-return", "Record a stage of a return", forms.RecordReturn, record_return, OFFICER,
         example="--returns 2017/18-q2 --stage joint-board --authority 'Board, 9 November 2017'"),
    Verb("record-review", "Record a review of the allocations", forms.RecordReview, record_review, OFFICER,
         example="--outcome not-reduced --reasons 'letter of 5 December 2017'"),
)  # fmt: skip

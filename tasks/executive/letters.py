"""Whom an executive decision's letters go to, and what each of them says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from models.deadlines import Deadline
from models.executive_beforehand import exception_about
from models.executive_decisions import ExecutiveDecision
from models.executive_mends import OutOfReach, out_of_reach
from models.executive_notices import PUBLISHED_FACT
from models.executive_words import Function, Published, Route
from models.facts import Fact
from models.london import date_in_london, day_in_words, parse_day
from tasks.ladders import newest_rung
from tasks.notices import inform, told
from tasks.waiting import wake_after


def tell(case: ExecutiveDecision, roles: Sequence[str], about: str, template: str, **values: object) -> None:
    """Tell `roles` about something once, with what any letter on the decision says."""
    item: dict[str, Any] = {**case.decision_values(), "reference": case.reference, **values}
    inform(case, told(case, roles), about, template=template, **item)


def officers(case: ExecutiveDecision) -> list[str]:
    """Return who sees to the decision: the Proper Officer, and whoever takes it."""
    return [case.rules.proper_officer, case.decision_maker]


def tell_of_timetable(case: ExecutiveDecision) -> None:
    """Tell the Proper Officer, on day 0 and whenever the day moves, every day counted back from the decision."""
    lost = out_of_reach(case)
    tell(
        case, officers(case), f"timetable for {case.decide_on.isoformat()}, {'key' if case.key else 'not key'}",
        "kd-timetable", days=[f"{d.name}: by {day_in_words(d.last_day)}" for d in case.counted_back],
        derivations=[f"{d.name}: {d.in_words()}" for d in case.counted_back],
        strict=day_in_words(case.strict_notice_by.last_day) if case.key else "",
        first_lost=f"{lost[0].deadline.name}, {day_in_words(lost[0].deadline.last_day)}" if lost else "",
        first_mends="; or ".join(mend.says for mend in lost[0].mends) if lost else "",
    )  # fmt: skip


def remind(case: ExecutiveDecision) -> None:
    """Remind the Proper Officer of each day counted back that nothing has met; after an outage only the newest."""
    for deadline in case.still_wanted():
        wake_after(deadline)
        if deadline.passed(case.now):
            continue
        rung = newest_rung(case, deadline.target, None, case.rules.reminder_days.value)
        if rung is not None:
            tell(
                case, [case.rules.proper_officer],
                f"{deadline.name} due by {deadline.last_day.isoformat()}, {rung} days before", "kd-due",
                what=deadline.name, due_by=deadline.last_day, derivation=deadline.in_words(),
                days_left=(deadline.last_day - case.today).days,
            )  # fmt: skip


def tell_what_is_lost(case: ExecutiveDecision, lost: Sequence[OutOfReach]) -> None:
    """Tell those who see to the decision what can no longer be met, and what would mend it."""
    if not lost:
        return
    mends = list(dict.fromkeys(mend for each in lost for mend in each.mends))
    about = ", ".join(f"{each.deadline.name} {each.deadline.last_day.isoformat()}" for each in lost)
    tell(
        case, officers(case), f"out of reach: {about}", "kd-out-of-reach", first=lost[0].deadline.name,
        missed_on=lost[0].deadline.last_day,
        lost=[f"{each.deadline.name}: {each.deadline.in_words()}" for each in lost],
        mends=[(mend.says, f"cleardays {_with_ref(mend.verb, case.ref)}") for mend in mends],
    )  # fmt: skip


def _with_ref(verb: str, ref: str) -> str:
    name, _, fields = verb.partition(" ")
    return f"{name} {ref} {fields}".strip()


def inform_chair_of_exception(case: ExecutiveDecision) -> None:
    """Give scrutiny's chair, or its members without one, written notice of each general exception (reg 10(1)(a))."""
    if case.decision is not None:
        return
    for fact in case.record.all(PUBLISHED_FACT[Published.GENERAL_EXCEPTION]):
        if not fact["chair_informed_on"] and fact["for_day"] == case.decide_on.isoformat():
            tell(
                case, told(case, [case.rules.scrutiny_chair]) or list(case.rules.scrutiny_members),
                exception_about(fact), "kd-general-exception", published_on=case.published_on(fact),
                grounds=fact["reasons"],
            )  # fmt: skip


def ask_for_reasons(case: ExecutiveDecision) -> None:
    """Ask for the notice of reasons that an exception or an urgency calls for, as soon as it is relied on."""
    for concern in case.reasons_due():
        tell(case, [case.rules.proper_officer], f"reasons: {concern}, {case.decide_on.isoformat()}", "kd-reasons-due",
             concern=concern)  # fmt: skip


def ask_to_sign_and_publish(case: ExecutiveDecision, by: Deadline) -> None:
    """Ask for the signatures on the record and for its publication, and say until when it is kept."""
    decision, kept = case.decision, case.keep_until
    assert decision is not None
    assert kept is not None
    record, papers = kept
    again = f", amended by fact {case.amended.number}" if case.amended else ""
    tell(
        case, officers(case), f"record of the decision{again}", "kd-record-due", publish_by=by.last_day,
        derivation=by.in_words(), decided_on=parse_day(decision["decided_on"]),
        signed=" and ".join(case.signatures_due).replace("-", " "), signed_source=case.signatures_source,
        amended="yes" if case.amended else "",
        democratic_services="" if decision["democratic_services_present"] or not case.at_a_meeting else "absent",
        keep_record=record.last_day, keep_papers=papers.last_day, **five_fields(case),
    )  # fmt: skip


def five_fields(case: ExecutiveDecision) -> dict[str, object]:
    """Return the fields of the record: decision, reasons, alternatives, conflicts, dispensations (regs 12, 13)."""
    decision = case.decision
    assert decision is not None
    says = case.amended["decision"] if case.amended else decision["decision"]
    executive = case.function is Function.EXECUTIVE
    return {
        "decision": says, "grounds": decision["reasons"], "alternatives": decision["alternatives"],
        "conflicts": decision["conflicts"], "dispensations": decision["dispensations"] if executive else "",
        "background_papers": list(decision["background_papers"]),
    }  # fmt: skip


def tell_leader_of_urgency(case: ExecutiveDecision) -> None:
    """Tell the leader that a decision of special urgency is to be reported to the Council (reg 19)."""
    report_by = case.urgency_report_by
    if report_by is not None and case.decision is not None and case.decision["route"] == Route.URGENCY:
        tell(case, [case.rules.leader, case.rules.proper_officer], "report of urgency", "kd-urgency-report",
             report_by=report_by.last_day, derivation=report_by.in_words(),
             decided_on=parse_day(case.decision["decided_on"]))  # fmt: skip


def tell_of_standstill(case: ExecutiveDecision, standstill: Deadline) -> None:
    """Tell scrutiny and those who see to the decision until when it may be called in, and from when implemented."""
    publication = case.publication
    assert publication is not None
    published_on, entered_on = case.published_on(publication), date_in_london(publication.at)
    late = [case.rules.monitoring_officer] if entered_on > published_on else []
    tell(
        case, [*officers(case), case.rules.scrutiny_chair, *late],
        f"standstill until {standstill.last_day.isoformat()}", "kd-standstill", published_on=published_on,
        entered_late=day_in_words(entered_on) if late else "", call_in_until=standstill.last_day - timedelta(days=1),
        implement_from=standstill.last_day, derivation=standstill.in_words(),
    )  # fmt: skip


def tell_of_call_in(case: ExecutiveDecision, called: Fact, stage: str, by: Deadline) -> None:
    """Tell everybody concerned before whom a called-in decision is, and by when that is to end."""
    stopped = case.stopped
    roles = [*officers(case), case.rules.leader, case.rules.scrutiny_chair,
             *([case.rules.monitoring_officer] if stopped else [])]  # fmt: skip
    tell(
        case, roles, f"call-in: {stage} {called.number}", "kd-called-in", stage=stage, resolve_by=by.last_day,
        derivation=by.in_words(), called_in_on=parse_day(called["called_in_on"]),
        called_in_by=called["called_in_by"], grounds=called["reasons"],
        stopped=day_in_words(parse_day(stopped["from"])) if stopped else "",
    )  # fmt: skip


def tell_overdue(case: ExecutiveDecision, deadline: Deadline) -> None:
    """Tell the Proper Officer and the Monitoring Officer that a day after the decision was not kept."""
    tell(case, [case.rules.proper_officer, case.rules.monitoring_officer],
         f"overdue: {deadline.name}, {deadline.last_day.isoformat()}", "kd-overdue", what=deadline.name,
         missed_on=deadline.last_day, derivation=deadline.in_words())  # fmt: skip


def tell_implementable(case: ExecutiveDecision, fact: Fact) -> None:
    """Tell those who see to the decision that it may be implemented from today, and why; anew if it was stopped."""
    kept = case.keep_until
    assert kept is not None
    first = case.record.first(fact.kind)
    about = "implementable" if first is fact else f"implementable again, fact {fact.number}"
    tell(case, officers(case), about, "kd-implementable", implement_from=parse_day(fact["from"]), why=fact["why"],
         keep_record=kept[0].last_day, keep_papers=kept[1].last_day)  # fmt: skip

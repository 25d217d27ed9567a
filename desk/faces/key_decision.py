"""The face of a key decision: the matter, who has a part in it, and what each of its facts says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from desk.faces import Face, Move, People
from desk.tables import Cell
from models.amounts import in_pounds
from models.executive_decisions import ExecutiveDecision
from models.executive_mends import out_of_reach
from models.executive_notices import answers
from models.executive_words import Published, Signatory, UrgentMatter
from models.key_decision import KeyDecisionCase
from models.london import day_in_words, short_day_in_words
from tasks import lost_letters

SENTENCES = {
    "notified": "entered: {matter}, to be decided on {decide_on}",
    "key-decision-tested": "tested: {why}",
    "notice-published": "notice of key decision published on {published_on}",
    "exception-notified": "notice of a general exception published on {published_on}: {reasons}",
    "private-notice-published": "notice of a private meeting published on {published_on}: {reasons}",
    "second-private-notice-published": "second notice of a private meeting published on {published_on}; "
    "representations: {representations}",
    "agenda-published": "agenda and reports published on {published_on}",
    "item-added": "item added to the agenda, published on {published_on}",
    "reasons-published": "notice of reasons published on {published_on}: {reasons}",
    "publication-corrected": "fact {fact} corrected: published on {published_on} ({reasons})",
    "urgency-consented": "{asked} agreed that it is urgent ({matter}): {reasons}",
    "urgency-refused": "{asked} refused to agree that it is urgent ({matter}): {reasons}",
    "urgency-unable-to-act": "{asked} is unable to act ({matter}): {reasons}",
    "decision-moved": "moved to {decide_on}: {reasons}",
    "decision-corrected": "what was entered is corrected: {reasons}",
    "deadline-passed": "the last day for the {name} has passed",
    "decided": "decided on {decided_on}: {decision} ({route})",
    "declined": "not agreed to on {decided_on}: {reasons}",
    "signed": "decision notice signed by the {capacity}",
    "decision-published": "decision published on {published_on}",
    "called-in": "called in on {called_in_on} by {called_in_by}: {reasons}",
    "call-in-resolved": "call-in, {stage}: {outcome} on {resolved_on} ({reasons})",
    "implementable": "may be implemented from {from}: {why}",
    "withdrawn": "withdrawn: {reasons}",
    "letter-bounced": "the letter to {consultee} came back: {text}",
    "letter-ambiguous": "the fate of the letter to {consultee} is not known",
    "closed": "case closed: {outcome}",
}

MILESTONES = {
    "notified": "Entered", "notice-published": "Notice published", "exception-notified": "General exception",
    "private-notice-published": "Private notice", "agenda-published": "Agenda published",
    "urgency-consented": "Urgency agreed", "urgency-refused": "Urgency refused", "decision-moved": "Moved",
    "decided": "Decided", "declined": "Not agreed", "decision-published": "Decision published",
    "called-in": "Called in", "call-in-resolved": "Call-in resolved", "implementable": "Implementable",
    "withdrawn": "Withdrawn", "closed": "Closed",
}  # fmt: skip


def what_it_is(case: KeyDecisionCase) -> list[str]:
    """Return the decision in sentences: what, by whom, when; whether it is key; until when it is kept."""
    return [*_sentences(case)]


def _sentences(case: KeyDecisionCase) -> Iterator[str]:
    amount = f", {in_pounds(case.pounds)}" if case.pounds else ""
    yield f"{case.matter}{amount}. {case.decision_maker_in_words} decides on {day_in_words(case.decide_on)}."
    tested = case.decision_values()["key_result"]
    yield f"It is {tested}.{' To be taken in private, as Part 2.' if case.private else ''}"
    if case.keep_until is not None:
        record, papers = case.keep_until
        yield (
            f"The record is kept until {day_in_words(record.last_day)} at least, background papers until "
            f"{day_in_words(papers.last_day)}."
        )


def moves(case: KeyDecisionCase) -> list[Move]:
    """Return what would move the case on, the most pressing first; nothing once it is closed."""
    if case.closed is not None:
        return []
    return [*(_before(case) if case.decision is None else _after(case))]


def _before(case: ExecutiveDecision) -> Iterator[Move]:
    for each in out_of_reach(case):
        for way in each.mends:
            yield _move(case, f"mends the {each.deadline.name}: {way.says}", *way.verb.split(" ", 1))
    what = {
        case.notice_by.name: Published.KEY_DECISION, case.exception_by.name: Published.GENERAL_EXCEPTION,
        case.private_notice_by.name: Published.PRIVATE_MEETING,
        case.second_private_notice_by.name: Published.PRIVATE_MEETING_SECOND,
        case.papers_by.name: Published.AGENDA,
    }  # fmt: skip
    for deadline in case.still_wanted():
        if not deadline.passed(case.now):
            until = short_day_in_words(deadline.last_day)
            yield _move(case, f"to be published by {until}: {deadline.name}", "publish",
                        f"--what {what[deadline.name]}")  # fmt: skip
    if case.why_not_decide(case.today, in_private=case.private) is None:
        fields = "--outcome OUTCOME --decision TEXT --reasons REASONS --alternatives TEXT --conflicts TEXT"
        yield _move(case, "the decision is taken and recorded", "decide-item", fields)


def _after(case: ExecutiveDecision) -> Iterator[Move]:
    for signatory in case.signatures_due:
        if signatory not in case.signed_by:
            yield _move(case, f"the {signatory} signs the decision notice", "sign", f"--capacity {signatory}")
    called = case.call_in
    if case.signed and case.publication is None:
        yield _move(case, "the decision notice is published", "publish", "--what decision-notice")
    elif called is not None and called.stage is not None:
        yield _move(case, f"the stage of {called.stage} ends: {', '.join(called.may_end_as)}", "resolve-call-in",
                    "--outcome OUTCOME --reasons REASONS")  # fmt: skip
    elif case.publication is not None and case.implementable is None and called is None:
        yield _move(case, "it is called in, while it stands still", "call-in",
                    "--called-in-by NAMES --reasons REASONS")  # fmt: skip
    elif case.late_entry_by is not None and not case.late_entry_by.passed(case.now):
        yield _move(case, "a call-in that came in time is entered late, and stops the decision", "call-in",
                    "--called-in-by NAMES --reasons REASONS --called-in-on DAY")  # fmt: skip
    for concern in case.reasons_due():
        yield _move(case, f"the notice of reasons is published ({concern})", "publish",
                    "--what reasons-notice --reasons REASONS")  # fmt: skip


def _move(case: ExecutiveDecision, what: str, verb: str, fields: str = "") -> Move:
    return Move(what, f"cleardays {verb} {case.ref} {fields}".rstrip())


def outstanding(case: KeyDecisionCase) -> list[str]:
    """Return what is missing or to be looked into, in sentences."""
    found = [f"The {each.deadline.name} was due by {day_in_words(each.deadline.last_day)}: {_or(each.mends)}."
             for each in out_of_reach(case)]  # fmt: skip
    found += [f"A notice of reasons is still to be published: {each}." for each in case.reasons_due()]
    if case.decision is not None and case.at_a_meeting and not case.decision["democratic_services_present"]:
        found.append("The record does not say that Democratic Services attended (000:272-273).")
    found += lost_letters.in_sentences(case)
    return [*found, *(f"{breach[0].upper()}{breach[1:]}." for breach in case.breaches())]


def _or(mends: Any) -> str:
    return "; or ".join(way.says for way in mends) or "nothing mends it"


def people(case: KeyDecisionCase) -> People:
    """Return who has a part in the decision, by office, and what they have done."""
    signed = {Signatory.DECISION_MAKER: case.decision_maker, Signatory.PROPER_OFFICER: case.rules.proper_officer}
    rows: list[list[Cell]] = []
    for signatory, role in signed.items():
        done = "signed" if signatory in case.signed_by else "not signed yet"
        rows.append([case.council.title(role, case.today), role, str(signatory), done if case.signatures_due else ""])
    for role in case.rules.consents:
        answered = (f for matter in UrgentMatter for f in answers(case.record, matter) if f["asked"] == role)
        said = [f"{fact['answer']} ({fact['matter']})" for fact in answered]
        rows.append([case.council.title(role, case.today), role, "may agree that it is urgent", ", ".join(said)])
    return People("Who has a part in it", ("Office", "Role id", "Part", "So far"), rows)


def in_a_line(case: KeyDecisionCase) -> str:
    """Return the decision-maker, the day, and whether it is key."""
    key = "key" if case.key else "not key"
    return f"{case.decision_maker_in_words} · {short_day_in_words(case.decide_on)} · {key}"


def gate(case: KeyDecisionCase) -> str | None:
    """Return why the decision cannot be taken on its day as things stand, or None."""
    if case.decision is not None or case.closed is not None:
        return None
    why_not = case.why_not_decide(case.decide_until, in_private=case.private)
    when = day_in_words(case.decide_until)
    return f"As things stand it cannot be decided on {when}:** {why_not}." if why_not else None


def as_dict(case: KeyDecisionCase) -> dict[str, Any]:
    """Return what is the decision's own in plain JSON values."""
    since, kept = case.implementable_from, case.keep_until
    return {
        "matter": case.matter, "decision_maker": case.decision_maker_in_words, "made_by": str(case.made_by),
        "function": str(case.function), "decide_on": case.decide_on.isoformat(),
        "decide_until": case.decide_until.isoformat(), "pounds": case.pounds, "wards": list(case.wards_affected),
        "private": case.private, "key": case.key, "route": str(case.route) if case.route else None,
        "implementable_from": since.isoformat() if since else None,
        "keep_record_until": kept[0].last_day.isoformat() if kept else None,
        "keep_papers_until": kept[1].last_day.isoformat() if kept else None,
    }  # fmt: skip


FACE = Face(
    what_it_is=what_it_is, sentences=SENTENCES, milestones=MILESTONES, moves=moves, outstanding=outstanding,
    people=people, in_a_line=in_a_line, gate=gate, as_dict=as_dict,
)  # fmt: skip

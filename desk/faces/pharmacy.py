"""The face of a pharmacy consolidation: the application, its consultees, and what each of its facts says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from desk import plan_table
from desk.artifacts import in_cell
from desk.faces import Face, People, PlanFace
from desk.faces.pharmacy_moves import moves, outstanding
from desk.tables import Cell
from models.consultation import BEFORE_PAPERS, Consultee, Standing
from models.london import date_in_london, day_in_words, short_day_in_words
from models.pharmacy import PharmacyCase
from models.pharmacy_plan import plan_of

HEAD = "| Consultee | Had papers | Answer by | Standing | Opinion | Interest |\n|---|---|---|---|---|---|\n"
STANDING_COLOURS = {
    Standing.ANSWERED: "green", Standing.LATE: "yellow", Standing.SILENT: "yellow", Standing.IN_QUESTION: "bold red",
    Standing.EXCUSED: "dim",
}  # fmt: skip

SENTENCES = {
    "notified": "notice given by the sender: {reference}, {applicant}",
    "document-attached": "{kind} attached: {filename}",
    "plan-laid": "plan laid back from {last_day}: {verdict}",
    "route-decided": "route decided: {route}{by_default} ({reasons})",
    "route-disputed": "the Director and the Chair disagree on the route: {reasons}",
    "circulated": "papers sent to {consultee}{late}",
    "response-received": "{consultee} answers: {opinion}{late}{interest}",
    "feedback-closed": "feedback closes: {gap} gap, {no_gap} no gap, {no_comment} no comment; {silent} did not answer",
    "meeting-held": "the group meets: {opinion}; {quorum}",
    "urgent-route-named": "urgent-decision route named: {reasons}",
    "time-extended": "{clock} extended{amount}: {reasons}{moved}",
    "clock-suspended": "the clock of {clock} stands from {from} until {until}: {reasons}{moved}",
    "clock-resumed": "the clock runs again from {resumed_on}: {reasons}{moved}",
    "notice-corrected": "notice corrected: given on {given_on} ({evidence}; {reasons}){moved}",
    "entry-retracted": "fact {fact} taken back: {reasons}{moved}",
    "calendar-applied": "the calendar has changed: {reasons}{moved}{targets}",
    "recirculation-asked": "papers to be circulated anew: {reasons}",
    "consultee-added": "{consultee} is consulted as well: {reasons}",
    "consultee-excused": "going on without {consultee}: {reasons}",
    "resend-asked": "papers to be sent again to {consultee}: {reasons}",
    "papers-served": "papers handed to {consultee} by {channel} on {served_on}",
    "letter-bounced": "the letter to {consultee} came back: {text}",
    "letter-ambiguous": "the fate of the letter to {consultee} is not known",
    "decided": "decided: {opinion} ({legal_basis})",
    "representation-issued": "representation issued: {opinion}",
    "representation-sent": "representation {taken} {addressee}{late}",
    "breach-recorded": "BREACH: no representation by {last_day} ({rule})",
    "breach-withdrawn": "withdrawn: {last_day} was kept after all ({reasons})",
    "deadline-passed": "the last day for the {name} has passed",
    "representations-shared": "representations of others shared with us on {shared_on}",
    "comments-made": "comments made{late}",
    "hearing-notified": "hearing notified for {hearing_on}",
    "hearing-held": "hearing held on {held_on}",
    "outcome-recorded": "the application is {outcome}",
    "consolidation-notified": "consolidation takes effect on {effective_on}",
    "consolidation-extended": "three more months for the notice of consolidation: {reasons}",
    "statement-published": "supplementary statement published on {published_on}",
    "withdrawn": "the application is withdrawn: {reasons}",
    "closed": "case closed: {outcome}",
}

MILESTONES = {
    "notified": "Notified", "notice-corrected": "Notice corrected", "route-decided": "Route decided",
    "time-extended": "Time extended", "clock-suspended": "Clock suspended", "recirculation-asked": "Circulated anew",
    "feedback-closed": "Feedback closed", "meeting-held": "Meeting held",
    "urgent-route-named": "Urgent route named", "decided": "Decided", "representation-sent": "Representation sent",
    "breach-recorded": "Breach recorded", "outcome-recorded": "Outcome recorded",
    "consolidation-notified": "Consolidation notified", "statement-published": "Statement published",
    "withdrawn": "Withdrawn", "closed": "Closed",
}  # fmt: skip


def what_it_is(case: PharmacyCase) -> Iterator[str]:
    """Give the application in two sentences: the premises, the wards, and what the Board has to do."""
    notice = case.notice
    yield (
        f"{notice.closing} would close, {notice.remaining} would remain. "
        f"Wards: {case.wards_in_words or 'none named'}."
    )
    duty = "the Board must make a representation" if case.must_represent else "a neighbouring Board: it may comment"
    yield f"Notice was given on {day_in_words(notice.given_on)}; {duty}. Route: {case.route or 'not chosen yet'}."


def people(case: PharmacyCase) -> People | None:
    """Return one row for each consultee, vacant offices included; None before the route is chosen."""
    if case.route is None:
        return None
    rows: list[list[Cell]] = [_consultee_row(case, each) for each in case.consultees]
    rows += [[case.council.title(role, case.today), role, "", "", "", ("office vacant", "yellow"), "", ""]
             for role in case.vacant]  # fmt: skip
    columns = ("Consultee", "Role id", "Invited", "Clock from", "Answer by", "Standing", "Opinion", "Interest")
    told = case.views.in_words(feedback_closed=case.feedback_closed)
    return People("Consultees", columns, rows, f"{told}.")


def _consultee_row(case: PharmacyCase, each: Consultee) -> list[Cell]:
    standing = _standing(each)
    if each.trouble is not None:
        standing = f"{standing}: {each.trouble.kind.removeprefix('letter-')}"
    return [
        case.council.title(each.role, case.today),
        each.role,
        short_day_in_words(date_in_london(each.circulated.at)) if each.circulated else "not yet",
        short_day_in_words(each.clock_started_on) if each.clock_started_on else "not started",
        short_day_in_words(each.feedback_by.last_day) if each.feedback_by else "",
        (standing, STANDING_COLOURS.get(each.standing, "")),
        str(each.response["opinion"]) if each.response else "",
        str(each.response["interest"]) if each.response else "",
    ]


def _standing(each: Consultee) -> str:
    if each.answer_from_before is None:
        return str(each.standing)
    where = "asked" if each.standing is Standing.ASKED else each.standing
    return f"{where}; {BEFORE_PAPERS}"


def as_dict(case: PharmacyCase) -> dict[str, Any]:
    """Return what is the application's own in plain JSON values."""
    notice = case.notice
    return {
        "applicant": notice.applicant, "closing": notice.closing, "remaining": notice.remaining,
        "wards": list(notice.wards), "capacity": str(notice.capacity), "given_on": notice.given_on.isoformat(),
        "route": str(case.route) if case.route else None,
        "consultees": [_consultee_dict(case, each) for each in case.consultees],
        "plan": plan_table.as_dict(case, plan_of(case)) if plan_table.is_planned(case) else None,
    }  # fmt: skip


def _consultee_dict(case: PharmacyCase, each: Consultee) -> dict[str, Any]:
    return {
        "role": each.role, "title": case.council.title(each.role, case.today), "standing": str(each.standing),
        "invited_on": date_in_london(each.circulated.at).isoformat() if each.circulated else None,
        "clock_started_on": each.clock_started_on.isoformat() if each.clock_started_on else None,
        "answer_by": each.feedback_by.last_day.isoformat() if each.feedback_by else None,
        "opinion": each.response["opinion"] if each.response else None,
        "interest": each.response["interest"] if each.response else None,
        "trouble": each.trouble.kind if each.trouble else None,
    }  # fmt: skip


def people_page(case: PharmacyCase) -> str:
    """Return one line for each consultee, by office."""
    if case.route is None:
        return "Nobody is consulted before the route is chosen."
    rows = [_row(case, each) for each in case.consultees]
    rows += [f"| {_office(case, role)} | - | - | office vacant | - | - |" for role in case.vacant]
    return (
        f"# Consultees of {case.ref}\n\n{case.views.in_words(feedback_closed=case.feedback_closed)}.\n\n"
        "In `type` stands the role id by which the forms and the command line know each of them.\n\n"
        + HEAD + "\n".join(rows)
    )  # fmt: skip


def _office(case: PharmacyCase, role: str) -> str:
    return f"{in_cell(case.council.title(role, case.today))} `{role}`"


def _row(case: PharmacyCase, each: Consultee) -> str:
    response = each.response
    cells = [
        _had_papers(each),
        _day(each.feedback_by.last_day) if each.feedback_by else "-",
        f"**{each.standing}**" if each.standing is Standing.IN_QUESTION else _standing(each).partition(" (")[0],
        str(response["opinion"]) if response else "-",
        str(response["interest"]) if response else "-",
    ]
    return "| " + " | ".join([_office(case, each.role), *map(in_cell, cells)]) + " |"


def _had_papers(each: Consultee) -> str:
    if each.clock_started_on is not None:
        return _day(each.clock_started_on)
    return f"sent {_day(date_in_london(each.circulated.at))}" if each.circulated else "not yet"


def _day(day: date) -> str:
    """Return a date that stays on one line of a narrow column: Sat 9 Sep."""
    return short_day_in_words(day).rpartition(" ")[0].replace(" ", "\N{NO-BREAK SPACE}")


def in_a_line(case: PharmacyCase) -> str:
    """Return the Board's capacity, the wards and the route."""
    return f"{case.notice.capacity} Board · wards: {case.wards_in_words} · route: {case.route or 'not chosen yet'}"


def flags(case: PharmacyCase) -> list[str]:
    """Return that the sender's last day is another than day 45, where it is."""
    return [f"The dates differ.** {case.stated_difference}"] if case.stated_difference else []


def gate(case: PharmacyCase) -> str | None:
    """Return why no decision can be taken yet, or None."""
    why_not = case.why_not_decide() if case.decision is None else None
    return f"No decision can be taken yet:** {why_not}." if why_not else None


def _print_plan(case: PharmacyCase) -> None:
    if plan_table.is_planned(case):
        plan_table.print_laid_back(case, plan_of(case))


def _explained(case: PharmacyCase) -> list[str]:
    return plan_table.explained(plan_of(case)) if plan_table.is_planned(case) else []


FACE = Face(
    what_it_is=lambda case: list(what_it_is(case)), sentences=SENTENCES, milestones=MILESTONES, moves=moves,
    people=people, outstanding=outstanding, in_a_line=in_a_line, flags=flags,
    gate=gate, people_page=people_page, as_dict=as_dict,
    plan=PlanFace(plan_table.TITLE, plan_table.markdown, _print_plan, _explained),
)  # fmt: skip

"""What the Prefect UI shows of a case: timetable, consultees, what comes next. Offices only, never people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from desk import plan_table
from models.consultation import Consultee, Standing
from models.facts import Fact
from models.london import date_in_london, instant_in_words, short_day_in_words
from models.pharmacy import PharmacyCase
from models.pharmacy_words import Status
from notifications.printable import printable
from notifications.timeline import TimelineEvent, svg_data_uri, timeline_svg, timeline_table
from tasks.outlook import outlook

STATES = {
    Status.OPEN: "open", Status.MET: "met", Status.MET_LATE: "met", Status.PASSED: "passed",
    Status.FELL_AWAY: "fell away",
}  # fmt: skip
TOLD = {
    "notified": "Notified", "notice-corrected": "Notice corrected", "route-decided": "Route decided",
    "time-extended": "Time extended", "clock-suspended": "Clock suspended", "recirculation-asked": "Circulated anew",
    "feedback-closed": "Feedback closed", "meeting-held": "Meeting held",
    "urgent-route-named": "Urgent route named", "decided": "Decided", "representation-sent": "Representation sent",
    "breach-recorded": "Breach recorded", "outcome-recorded": "Outcome recorded",
    "consolidation-notified": "Consolidation notified", "statement-published": "Statement published",
    "withdrawn": "Withdrawn", "closed": "Closed",
}  # fmt: skip

HEAD = "| Consultee | Had papers | Answer by | Standing | Opinion | Interest |\n|---|---|---|---|---|---|\n"


def artifacts(case: PharmacyCase, awaiting: str, message: str) -> Mapping[str, tuple[str, str]]:
    """Return Markdown and a description for each artifact of a case, by the end of its key."""
    return {
        "timetable": (timetable(case, awaiting, message), "Each date, and how it was computed"),
        "consultees": (consultees(case), "Where each of them stands"),
        "next": (coming(case, awaiting, message), "What happens by itself"),
    }


def timetable(case: PharmacyCase, awaiting: str, message: str) -> str:
    """Return the case's dates as a picture, a table and their derivations."""
    events = timeline_events(case)
    title = f"Timetable of {case.ref}"
    picture = timeline_svg(title, f"The dates of case {case.ref}, in order.", case.notice.given_on, events, case.today)
    notice = case.notice
    flag = f"\n> **The dates differ.** {case.stated_difference}\n" if case.stated_difference else ""
    how = "\n\n".join(
        f"### {deadline.name.capitalize()}\n\n" + "\n".join(f"- {line}" for line in deadline.explain())
        for deadline, _ in case.deadlines()
        if not deadline.name.startswith("feedback: ")
    )
    return (
        f"# {case.ref}\n\nReference {inert(notice.reference)} · {notice.capacity} Board · "
        f"wards: {case.wards_in_words} · route: {case.route or 'not chosen yet'}\n\n**{awaiting}**: {message}\n{flag}\n"
        f"![{title}]({svg_data_uri(picture)})\n\n{timeline_table(events, case.notice.given_on)}\n\n"
        f"{plan_table.markdown(case)}## How each date was computed\n\n{how}\n"
    )


def inert(text: str) -> str:
    """Return text from outside as Markdown that shows it letter for letter: no link, picture, table or HTML."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(printable(text).split()))


def timeline_events(case: PharmacyCase) -> list[TimelineEvent]:
    """Return what has happened and each deadline, for the timeline."""
    happened = [
        TimelineEvent(TOLD[fact.kind], _day_of(case, fact), state="met", note=_note(fact))
        for fact in case.record
        if fact.kind in TOLD
    ]
    first = case.record.first("circulated")
    if first is not None:
        invited = len({fact["consultee"] for fact in case.record.all("circulated")})
        happened.append(TimelineEvent(f"Circulated to {invited}", date_in_london(first.at), state="met"))
    for deadline, status in case.deadlines():
        if deadline.name.startswith("feedback: "):
            continue
        state, name = STATES[status], deadline.name.capitalize()
        note = "met late" if status is Status.MET_LATE else "local policy" if deadline.local_policy else ""
        happened.append(TimelineEvent(f"{name}: last day", deadline.last_day, "last day", state, note))  # type: ignore[arg-type]
        if deadline.target != deadline.last_day:
            happened.append(TimelineEvent(f"{name}: target", deadline.target, "target", state))  # type: ignore[arg-type]
    return sorted(happened, key=lambda event: event.on)


def _day_of(case: PharmacyCase, fact: Fact) -> date:
    return case.notice.given_on if fact.kind == "notified" else date_in_london(fact.at)


def _note(fact: Fact) -> str:
    said = fact.get("route") or fact.get("opinion") or fact.get("outcome") or ""
    return f"{said}{', late' if fact.get('late') is True else ''}"


def consultees(case: PharmacyCase) -> str:
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
    return f"{_in_cell(case.council.title(role, case.today))} `{role}`"


def _row(case: PharmacyCase, each: Consultee) -> str:
    response = each.response
    cells = [
        _had_papers(each),
        _day(each.feedback_by.last_day) if each.feedback_by else "-",
        f"**{each.standing}**" if each.standing is Standing.IN_QUESTION else str(each.standing).partition(" (")[0],
        str(response["opinion"]) if response else "-",
        str(response["interest"]) if response else "-",
    ]
    return "| " + " | ".join([_office(case, each.role), *map(_in_cell, cells)]) + " |"


def _had_papers(each: Consultee) -> str:
    if each.clock_started_on is not None:
        return _day(each.clock_started_on)
    return f"sent {_day(date_in_london(each.circulated.at))}" if each.circulated else "not yet"


def _in_cell(text: str) -> str:
    return text.replace("|", "/")


def _day(day: date) -> str:
    """Return a date that stays on one line of a narrow column: Sat 9 Sep."""
    return short_day_in_words(day).rpartition(" ")[0].replace(" ", "\N{NO-BREAK SPACE}")


def coming(case: PharmacyCase, awaiting: str, message: str) -> str:
    """Return what the case will do by itself, soonest first."""
    rows = [f"| {instant_in_words(c.at)} | {c.what} |" for c in outlook(case)]
    table = "\n".join(["| When | What |", "|---|---|", *rows]) if rows else "Nothing happens by itself."
    why_not = case.why_not_decide() if case.decision is None and case.closed is None else None
    gate = f"\n\n**No decision can be taken yet:** {why_not}.\n" if why_not else ""
    return f"# What comes next for {case.ref}\n\n**{awaiting}**: {message}{gate}\n\n{table}\n"

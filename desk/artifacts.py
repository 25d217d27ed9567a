"""What the Prefect UI shows of a case: timetable, people, what comes next. Offices only, never people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from desk.faces import face_of
from desk.story import late_in_sentences
from desk.tables import Cell, as_title
from models.cases import Case, Status
from models.facts import Fact
from models.london import date_in_london, instant_in_words
from notifications.printable import printable
from notifications.timeline import TimelineEvent, svg_data_uri, timeline_svg, timeline_table
from tasks.procedures import procedure_of

STATES = {
    Status.OPEN: "open", Status.MET: "met", Status.MET_LATE: "met", Status.PASSED: "passed",
    Status.FELL_AWAY: "fell away",
}  # fmt: skip

def artifacts(case: Case, awaiting: str, message: str) -> Mapping[str, tuple[str, str]]:
    """Return Markdown and a description for each artifact of a case, by the end of its key."""
    return {
        "timetable": (timetable(case, awaiting, message), "Each date, and how it was computed"),
        "people": (people_page(case), "Where each of them stands"),
        "next": (coming(case, awaiting, message), "What happens by itself"),
    }


def timetable(case: Case, awaiting: str, message: str) -> str:
    """Return the case's dates as a picture, a table and their derivations."""
    events = timeline_events(case)
    title = f"Timetable of {case.ref}"
    picture = timeline_svg(title, f"The dates of case {case.ref}, in order.", case.began_on, events, case.today)
    how = "\n\n".join(
        f"### {as_title(deadline.name)}\n\n" + "\n".join(f"- {line}" for line in deadline.explain())
        for deadline, _ in case.deadlines()
        if not deadline.name.startswith("feedback: ")
    )
    return (
        f"# {case.ref}\n\nReference {inert(case.reference)} · {face_of(case).in_a_line(case)}\n\n"
        f"**{awaiting}**: {message}\n{_flags(case)}\n"
        f"![{title}]({svg_data_uri(picture)})\n\n{timeline_table(events, case.began_on)}\n\n"
        f"{_plan(case)}{_late(case)}## How each date was computed\n\n{how}\n"
    )


def _late(case: Case) -> str:
    """Return what was done late, and why: outages that were noted."""
    late = late_in_sentences(case)
    return "## What was late, and why\n\n" + "".join(f"- {each}\n" for each in late) + "\n" if late else ""


def _plan(case: Case) -> str:
    plan = face_of(case).plan
    return plan.markdown(case) if plan is not None else ""


def _flags(case: Case) -> str:
    return "".join(f"\n> **{flag}\n" for flag in face_of(case).flags(case))


def inert(text: str) -> str:
    """Return text from outside as Markdown that shows it letter for letter: no link, picture, table or HTML."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(printable(text).split()))


def timeline_events(case: Case) -> list[TimelineEvent]:
    """Return what has happened and each deadline, for the timeline."""
    milestones = face_of(case).milestones
    happened = [
        TimelineEvent(milestones[fact.kind], _day_of(case, fact), state="met", note=_note(fact))
        for fact in case.record
        if fact.kind in milestones
    ]
    first = case.record.first("circulated")
    if first is not None:
        invited = len({fact["consultee"] for fact in case.record.all("circulated")})
        happened.append(TimelineEvent(f"Circulated to {invited}", date_in_london(first.at), state="met"))
    for deadline, status in case.deadlines():
        if deadline.name.startswith("feedback: "):
            continue
        state, name = STATES[status], as_title(deadline.name)
        note = "met late" if status is Status.MET_LATE else "local policy" if deadline.local_policy else ""
        happened.append(TimelineEvent(f"{name}: last day", deadline.last_day, "last day", state, note))  # type: ignore[arg-type]
        if deadline.target != deadline.last_day:
            happened.append(TimelineEvent(f"{name}: target", deadline.target, "target", state))  # type: ignore[arg-type]
    return sorted(happened, key=lambda event: event.on)


def _day_of(case: Case, fact: Fact) -> date:
    return case.began_on if fact.number == 1 else date_in_london(fact.at)


def _note(fact: Fact) -> str:
    said = fact.get("route") or fact.get("opinion") or fact.get("outcome") or ""
    return f"{said}{', late' if fact.get('late') is True else ''}"


def people_page(case: Case) -> str:
    """Return those whom the case concerns as a table, by office."""
    face = face_of(case)
    if face.people_page is not None:
        return face.people_page(case)
    people = face.people(case)
    if people is None:
        return "Nobody is concerned yet."
    head = "| " + " | ".join(people.columns) + " |\n|" + "---|" * len(people.columns)
    rows = ["| " + " | ".join(in_cell(words(cell)) for cell in row) + " |" for row in people.rows]
    return f"# {people.title} of {case.ref}\n\n{people.summary}\n\n" + "\n".join([head, *rows])


def words(cell: Cell) -> str:
    """Return the words of a table's cell, without its colour."""
    return cell if isinstance(cell, str) else cell[0]


def in_cell(text: str) -> str:
    """Return text as a cell of a Markdown table holds it."""
    return text.replace("|", "/")


def coming(case: Case, awaiting: str, message: str) -> str:
    """Return what the case will do by itself, soonest first."""
    rows = [f"| {instant_in_words(c.at)} | {c.what} |" for c in procedure_of(case.record).outlook(case)]
    table = "\n".join(["| When | What |", "|---|---|", *rows]) if rows else "Nothing happens by itself."
    closed_gate = face_of(case).gate(case) if case.closed is None else None
    gate = f"\n\n**{closed_gate}\n" if closed_gate else ""
    return f"# What comes next for {case.ref}\n\n**{awaiting}**: {message}{gate}\n\n{table}\n"

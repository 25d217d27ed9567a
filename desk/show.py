"""A case in an officer's words: what it is, what it waits for, its dates, its consultees, what comes next."""

from __future__ import annotations

from typing import Any

from desk import plan_table
from desk.moves import moves, outstanding
from desk.story import Line, in_words
from desk.tables import Cell, heading, say, show_table
from desk.urgency import COLOURS, days_left_in_words, due, line_of, state_of
from models.consultation import Consultee, Standing
from models.deadlines import Deadline
from models.london import LONDON, date_in_london, day_in_words, instant_in_words, short_day_in_words
from models.pharmacy import PharmacyCase
from models.pharmacy_plan import plan_of
from models.pharmacy_words import Status
from models.store import CaseSummary
from tasks.outlook import outlook

STATUS_COLOURS = {
    Status.OPEN: "", Status.MET: "green", Status.MET_LATE: "yellow", Status.PASSED: "red", Status.FELL_AWAY: "dim",
}  # fmt: skip
STANDING_COLOURS = {
    Standing.ANSWERED: "green", Standing.LATE: "yellow", Standing.SILENT: "yellow", Standing.IN_QUESTION: "bold red",
    Standing.EXCUSED: "dim",
}  # fmt: skip
TONES = {"breach": "bold red", "refused": "red", "letter": "dim"}


def as_dict(case: PharmacyCase, summary: CaseSummary) -> dict[str, Any]:
    """Return a case in plain JSON values, dates as 2017-07-26."""
    notice = case.notice
    return {
        **line_of(case, summary), "closing": notice.closing, "remaining": notice.remaining,
        "wards": list(notice.wards), "capacity": str(notice.capacity), "given_on": notice.given_on.isoformat(),
        "route": str(case.route) if case.route else None, "message": summary.message,
        "moves": [{"what": move.what, "command": move.command} for move in moves(case)],
        "deadlines": [_deadline_dict(deadline, status) for deadline, status in case.deadlines()],
        "consultees": [_consultee_dict(case, each) for each in case.consultees],
        "next": [{"at": c.at.astimezone(LONDON).isoformat(), "what": c.what} for c in outlook(case)],
        "outstanding": outstanding(case),
        "plan": plan_table.as_dict(case, plan_of(case)) if plan_table.is_planned(case) else None,
    }  # fmt: skip


def fact_dicts(case: PharmacyCase) -> list[dict[str, Any]]:
    """Return the record in plain JSON values, oldest fact first."""
    return [
        {"number": fact.number, "at": fact.at.astimezone(LONDON).isoformat(), "fact": fact.kind, "actor": fact.actor,
         "channel": fact.channel, "hash": fact.hash, "payload": dict(fact.payload)}
        for fact in case.record
    ]  # fmt: skip


def _deadline_dict(deadline: Deadline, status: Status) -> dict[str, Any]:
    return {
        "name": deadline.name, "last_day": deadline.last_day.isoformat(), "target": deadline.target.isoformat(),
        "status": str(status), "source": deadline.source, "rule": deadline.rule,
        "local_policy": deadline.local_policy, "derivation": deadline.explain(),
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


def print_case(case: PharmacyCase, summary: CaseSummary) -> None:
    """Print a case for an officer."""
    _print_what_it_is(case)
    _print_what_it_waits_for(case, summary)
    heading("Deadlines")
    _print_deadlines(case)
    if plan_table.is_planned(case):
        plan_table.print_laid_back(case, plan_of(case))
    if case.route is not None:
        heading("Consultees")
        _print_consultees(case)
    if case.closed is None:
        heading("What comes next if nobody does anything")
        coming = [(instant_in_words(each.at), each.what) for each in outlook(case)]
        show_table(("When", "What"), coming) if coming else say("Nothing: the case waits for news.")
    if missing := outstanding(case):
        heading("Outstanding")
        for each in missing:
            say(f"- {each}")
    say()
    say(f"cleardays show {case.ref} --why tells how each date was worked out; with --facts, what has been recorded.")


def _print_what_it_is(case: PharmacyCase) -> None:
    notice = case.notice
    say(f"{case.ref}: {notice.applicant}, {notice.reference}", "bold")
    say(f"{notice.closing} would close, {notice.remaining} would remain. Wards: {case.wards_in_words or 'none named'}.")
    duty = "the Board must make a representation" if case.must_represent else "a neighbouring Board: it may comment"
    say(f"Notice was given on {day_in_words(notice.given_on)}; {duty}. Route: {case.route or 'not chosen yet'}.")


def _print_what_it_waits_for(case: PharmacyCase, summary: CaseSummary) -> None:
    say()
    if case.closed is not None:
        return say(f"Closed on {day_in_words(date_in_london(case.closed.at))}: {case.closed['outcome']}.", "bold")
    when = due(case, summary)
    until = f" until {day_in_words(when.on)}" if when.on and summary.until else ""
    if when.on and not summary.until:
        until = f"; the representation is due by {day_in_words(when.on)}"
    say(f"{state_of(summary)}{until} ({when.urgency}{_left(when.days_left)})", COLOURS[when.urgency] or "bold")
    if summary.message:
        say(f"{summary.message[0].upper()}{summary.message[1:]}.")
    if summary.head > summary.seen:
        say("The desk has not acted on the newest facts yet; it does so while it runs (cleardays up).")
    if possible := moves(case):
        heading("What would move it")
        for move in possible:
            say(f"- {move.what}")
            print(f"    {move.command}")


def _left(days: int | None) -> str:
    return "" if days is None or days == 0 else f", {days_left_in_words(days)}"


def _print_deadlines(case: PharmacyCase) -> None:
    rows: list[list[Cell]] = []
    for deadline, status in case.deadlines():
        if not deadline.name.startswith("feedback: "):
            rows.append([deadline.name, short_day_in_words(deadline.last_day), short_day_in_words(deadline.target),
                         _days_left(case, deadline, status), (str(status), STATUS_COLOURS[status]), deadline.source,
                         "local policy" if deadline.local_policy else ""])  # fmt: skip
    show_table(("Deadline", "Last day", "Target", "Left", "Status", "Source", ""), rows)


def _days_left(case: PharmacyCase, deadline: Deadline, status: Status) -> str:
    return days_left_in_words((deadline.last_day - case.today).days) if status is Status.OPEN else ""


def _print_consultees(case: PharmacyCase) -> None:
    rows: list[list[Cell]] = [_consultee_row(case, each) for each in case.consultees]
    rows += [[case.council.title(role, case.today), role, "", "", "", ("office vacant", "yellow"), "", ""]
             for role in case.vacant]  # fmt: skip
    show_table(("Consultee", "Role id", "Invited", "Clock from", "Answer by", "Standing", "Opinion", "Interest"), rows)
    say(f"{case.views.in_words()}.")


def _consultee_row(case: PharmacyCase, each: Consultee) -> list[Cell]:
    standing = str(each.standing)
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


def print_why(case: PharmacyCase) -> None:
    """Print how each deadline of a case was worked out."""
    for deadline, status in case.deadlines():
        heading(f"{deadline.name.capitalize()}: {day_in_words(deadline.last_day)}, {status}")
        for line in deadline.explain():
            say(f"- {line}")
    if plan_table.is_planned(case):
        heading(plan_table.TITLE)
        for line in plan_table.explained(plan_of(case)):
            say(f"- {line}")


def print_facts(case: PharmacyCase) -> None:
    """Print the record of a case, every fact in a line."""
    rows = [
        [str(fact.number), instant_in_words(fact.at), in_words(case, fact), fact.actor, fact.channel]
        for fact in case.record
    ]
    heading("Record")
    show_table(("No", "Recorded at", "Fact", "By", "Door"), rows)


def print_story(lines: list[Line]) -> None:
    """Print a story: each day once, what happened on it below."""
    day = None
    for line in lines:
        if date_in_london(line.at) != day:
            day = date_in_london(line.at)
            heading(day_in_words(day))
        say(f"{line.at.astimezone(LONDON):%H:%M}  {line.text}", TONES.get(line.tone, ""))

"""A case in an officer's words: what it is, what it waits for, its dates, its people, what comes next."""

from __future__ import annotations

from typing import Any

from desk.faces import People, face_of
from desk.story import Line, in_words, late_in_sentences
from desk.tables import Cell, as_title, heading, say, show_table
from desk.urgency import COLOURS, days_left_in_words, due, line_of, state_of
from models.cases import Case, Status
from models.deadlines import Deadline
from models.facts import Fact
from models.london import LONDON, date_in_london, day_in_words, instant_in_words, short_day_in_words
from models.store import CaseSummary
from tasks.authority import ASSUMED, OS_USER
from tasks.procedures import procedure_of

STATUS_COLOURS = {
    Status.OPEN: "", Status.MET: "green", Status.MET_LATE: "yellow", Status.PASSED: "red", Status.FELL_AWAY: "dim",
}  # fmt: skip
TONES = {"breach": "bold red", "refused": "red", "letter": "dim"}


def as_dict(case: Case, summary: CaseSummary) -> dict[str, Any]:
    """Return a case in plain JSON values, dates as 2017-07-26."""
    face = face_of(case)
    coming = procedure_of(case.record).outlook(case)
    return {
        **line_of(case, summary), **face.as_dict(case), "message": summary.message,
        "moves": [{"what": move.what, "command": move.command} for move in face.moves(case)],
        "deadlines": [_deadline_dict(deadline, status) for deadline, status in case.deadlines()],
        "next": [{"at": c.at.astimezone(LONDON).isoformat(), "what": c.what} for c in coming],
        "outstanding": list(face.outstanding(case)), "late": late_in_sentences(case),
        "assumed": who_was_assumed(case),
    }  # fmt: skip


def fact_dicts(case: Case) -> list[dict[str, Any]]:
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


def print_case(case: Case, summary: CaseSummary) -> None:
    """Print a case for an officer."""
    face = face_of(case)
    say(f"{case.ref}: {case.subject}, {case.reference}", "bold")
    for sentence in face.what_it_is(case):
        say(sentence)
    _print_what_it_waits_for(case, summary)
    heading("Deadlines")
    _print_deadlines(case)
    if face.plan is not None:
        face.plan.print(case)
    _print_people(face.people(case))
    if case.closed is None:
        heading("What comes next if nobody does anything")
        coming = [(instant_in_words(each.at), each.what) for each in procedure_of(case.record).outlook(case)]
        show_table(("When", "What"), coming) if coming else say("Nothing: the case waits for news.")
    if late := late_in_sentences(case):
        heading("What was late, and why")
        for each in late:
            say(f"- {each}")
    if missing := face.outstanding(case):
        heading("Outstanding")
        for each in missing:
            say(f"- {each}")
    if assumed := who_was_assumed(case):
        heading("Taken for the office whose task it is, since nobody said who acted (--by)")
        for each in assumed:
            say(f"- {each}")
    say()
    say(f"cleardays show {case.ref} --why tells how each date was worked out; with --facts, what has been recorded.")


def _print_what_it_waits_for(case: Case, summary: CaseSummary) -> None:
    say()
    if case.closed is not None:
        return say(f"Closed on {day_in_words(date_in_london(case.closed.at))}: {case.closed['outcome']}.", "bold")
    when = due(case, summary)
    until = f" until {day_in_words(when.on)}" if when.on and summary.until else ""
    if when.on and not summary.until:
        until = f"; it is due by {day_in_words(when.on)}"
    say(f"{state_of(summary)}{until} ({when.urgency}{_left(when.days_left)})", COLOURS[when.urgency] or "bold")
    if summary.message:
        say(f"{summary.message[0].upper()}{summary.message[1:]}.")
    if summary.head > summary.seen:
        say("The desk has not acted on the newest facts yet; it does so while it runs (cleardays up).")
    if possible := face_of(case).moves(case):
        heading("What would move it")
        for move in possible:
            say(f"- {move.what}")
            print(f"    {move.command}")


def _left(days: int | None) -> str:
    return "" if days is None or days == 0 else f", {days_left_in_words(days)}"


def _print_deadlines(case: Case) -> None:
    rows: list[list[Cell]] = []
    if not case.deadlines():
        return say("None.")
    for deadline, status in case.deadlines():
        if not deadline.name.startswith("feedback: "):
            rows.append([deadline.name, short_day_in_words(deadline.last_day), short_day_in_words(deadline.target),
                         _days_left(case, deadline, status), (str(status), STATUS_COLOURS[status]), deadline.source,
                         "local policy" if deadline.local_policy else ""])  # fmt: skip
    show_table(("Deadline", "Last day", "Target", "Left", "Status", "Source", ""), rows)


def _days_left(case: Case, deadline: Deadline, status: Status) -> str:
    return days_left_in_words((deadline.last_day - case.today).days) if status is Status.OPEN else ""


def _print_people(people: People | None) -> None:
    if people is None:
        return
    heading(people.title)
    show_table(people.columns, people.rows)
    if people.summary:
        say(people.summary)


def print_why(case: Case) -> None:
    """Print how each deadline of a case was worked out."""
    for deadline, status in case.deadlines():
        heading(f"{as_title(deadline.name)}: {day_in_words(deadline.last_day)}, {status}")
        for line in deadline.explain():
            say(f"- {line}")
    plan = face_of(case).plan
    if plan is not None and (lines := plan.explained(case)):
        heading(plan.title)
        for line in lines:
            say(f"- {line}")


def _by(fact: Fact) -> str:
    login = f" (login {fact[OS_USER]})" if fact.get(OS_USER) else ""
    return f"{fact.actor}, assumed{login}" if fact.get(ASSUMED) else f"{fact.actor}{login}"


def who_was_assumed(case: Case) -> list[str]:
    """Return, office by office, the facts in its name of which nobody said who acted, with the login if known."""
    assumed: dict[tuple[str, str], list[int]] = {}
    for fact in case.record:
        if fact.get(ASSUMED):
            assumed.setdefault((fact.actor, str(fact.get(OS_USER) or "")), []).append(fact.number)
    return [
        f"{case.council.title(role, case.today) if role in case.council.known_roles else role}: "
        f"fact{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
        + (f", entered under the login {login}" if login else ", entered under a login that is not known")
        for (role, login), numbers in assumed.items()
    ]


def print_facts(case: Case) -> None:
    """Print the record of a case, every fact in a line."""
    rows = [
        [str(fact.number), instant_in_words(fact.at), in_words(case, fact), _by(fact), fact.channel]
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

"""The first page of the command line: every command by name, without importing what any of them needs."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from textwrap import wrap


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name, one line of help, and where its function is ("module:function")."""

    name: str
    summary: str
    place: str
    passes_all: bool = False  #: whether everything behind the name goes to the function unread


BEGIN = (
    Command("demo", "Play a case before your eyes, with the Prefect UI, on a fast clock", "desk.commands_house:demo"),
    Command("notify", "Open a case: cleardays notify lists the procedures", "desk.commands_verbs:notify",
            passes_all=True),
    Command("up", "Start the desk: cases move, letters leave, deadlines are kept", "desk.commands_house:up"),
)  # fmt: skip
LOOK = (
    Command("cases", "What is due: every open case, what it waits for and until when", "desk.commands_cases:cases"),
    Command("show", "One case: its deadlines, its people, what comes next; --why explains each date",
            "desk.commands_cases:show"),
    Command("letters", "The letters of a case, and how far each has come", "desk.commands_cases:letters"),
    Command("diary", "The dates of a case, or of one office in it, for a calendar (.ics)", "desk.commands_diary:diary"),
    Command("check", "Verify that the record of a case is whole and unaltered", "desk.commands_cases:check"),
    Command("evidence", "Write a case's record, letters and papers into one file for court, auditor or publication",
            "desk.commands_evidence:evidence"),
    Command("verify", "Check such a file: what was changed, put in, taken out or moved, and where",
            "desk.commands_evidence:verify"),
    Command("heads", "The daily heads: how far each record had come, sealed and mailed to the auditor",
            "desk.commands_heads:heads"),
)  # fmt: skip
DATES = (
    Command("when", 'Work out a date: cleardays when "5 clear working days before" 2017-07-26',
            "desk.commands_dates:when"),
    Command("timetable", "The dates of a procedure from its first day on, without opening a case",
            "desk.commands_dates:timetable"),
    Command("rehearse", "Play a whole case from a file, in memory: nothing is sent", "desk.commands_rehearse:rehearse"),
)  # fmt: skip
HOUSE = (
    Command("council", "Check a council's file: cleardays council check southampton", "desk.commands_house:council"),
    Command("who-may", "Which office may do what: cleardays who-may pharmacy-consolidation",
            "desk.commands_authority:who_may"),
    Command("calendar", "What a changed calendar would move: cleardays calendar check; --apply moves it",
            "desk.commands_calendar:calendar"),
    Command("doctor", "Say what is wrong in cases and house, and what to do about it", "desk.commands_doctor:doctor"),
    Command("retention", "What of closed cases need no longer be kept; --apply deletes it",
            "desk.commands_retention:retention"),
    Command("forget", "Remove personal contact data from a closed case", "desk.commands_retention:forget"),
    Command("settings", "Show each setting and the variable it is read from", "desk.commands_house:settings"),
    Command("reconcile", "Bring Prefect's runs in line with the record", "desk.commands_house:reconcile"),
    Command("test", "Run the project's own tests; further arguments go to pytest", "desk.commands_house:test",
            passes_all=True),
)  # fmt: skip

PHARMACY = {
    "attach": "Attach a document",
    "decide-route": "Decide the route",
    "respond": "Record a response",
    "meet": "Record a meeting",
    "decide": "Decide: gap or no gap",
    "name-urgent-route": "Name the urgent-decision route",
    "resend": "Send papers again",
    "serve": "Record papers served another way",
    "circulate-again": "Circulate the papers anew",
    "consult-also": "Consult somebody else as well",
    "extend": "Extend a time",
    "suspend": "Suspend a clock",
    "resume": "Let a clock run again",
    "correct-notice": "Correct when notice was given",
    "retract": "Take back an entry that moved dates",
    "excuse": "Go on without a consultee",
    "bounce": "Record a bounced letter",
    "settle": "Settle a letter whose fate is not known",
    "share-representations": "Record representations shared",
    "comment": "Record comments made",
    "notify-hearing": "Record notice of a hearing",
    "record-hearing": "Record a hearing",
    "record-outcome": "Record the outcome",
    "record-consolidation": "Record the consolidation",
    "extend-consolidation": "Record three more months",
    "publish-statement": "Record the statement published",
    "withdraw": "Record a withdrawal",
}

KEY_DECISION = {
    "publish": "Record a publication",
    "consent-urgency": "Record a consent to urgency",
    "decide-item": "Record the decision",
    "sign": "Record a signature",
    "call-in": "Record a call-in",
    "resolve-call-in": "Record how a call-in went on",
    "correct-publication": "Correct a day of publication",
    "move-decision": "Move the decision to another day",
    "correct-decision": "Correct what was entered of it",
    "settle": "Settle a letter whose fate is not known",
    "withdraw": "Record a withdrawal",
}

BETTER_CARE = {
    "attach": "Attach a document",
    "record-arrangements": "Record the arrangements for approval",
    "meet-condition": "Record evidence of a condition",
    "choose-board-route": "Choose the route to the Board's approval",
    "give-meeting-notice": "Record notice of a special meeting",
    "sign-off": "Record a sign-off",
    "submit": "Record the submission",
    "record-assurance": "Record the assurance",
    "send-evidence": "Record evidence of an approval's conditions",
    "record-panel": "Record the escalation panel",
    "record-section-75": "Record the section 75 agreement",
    "record-return": "Record a stage of a return",
    "record-review": "Record a review of the allocations",
    "settle": "Settle a letter whose fate is not known",
    "withdraw": "Record a withdrawal",
}

GRANT = {
    "attach": "Attach a document",
    "explain-difference": "Explain a difference",
    "record-stage": "Record what a body did",
    "retract": "Take back an outcome",
    "settle": "Settle a letter whose fate is not known",
    "withdraw": "Record a withdrawal",
}

JOINT_COMMISSIONING = {
    "attach": "Attach a document",
    "place-item": "Take an item onto the agenda",
    "convene": "Name the meeting",
    "move-decision": "Move the decision to another day",
    "correct-decision": "Correct what was entered of it",
    "attend": "Record who is present",
    "declare-interest": "Record an interest",
    "vote": "Record a show of hands",
    "defer": "Defer to a later meeting",
    "refer-back": "Refer back to the parent bodies",
    "discuss": "Record a discussion",
    "open-dispute": "Open a dispute",
    "conclude-dispute": "Record how a dispute ended",
    "minute": "Minute a discussion",
    "publish": "Record a publication",
    "consent-urgency": "Record a consent to urgency",
    "decide-item": "Record the decision",
    "sign": "Record a signature",
    "call-in": "Record a call-in",
    "resolve-call-in": "Record how a call-in went on",
    "correct-publication": "Correct a day of publication",
    "record-parent-decision": "Record Cabinet or Council",
    "amend-constitution": "Record changes to the constitution",
    "settle": "Settle a letter whose fate is not known",
    "withdraw": "Record a withdrawal",
}

VERBS_OF = {
    "pharmacy-consolidation": PHARMACY,
    "key-decision": KEY_DECISION,
    "better-care-plan": BETTER_CARE,
    "grant": GRANT,
    "joint-commissioning-item": JOINT_COMMISSIONING,
}
"""The titles of each procedure's verbs, kept here so that help need not import them; a test compares the two."""


CASES = {
    "pharmacy-consolidation": "a pharmacy consolidation",
    "key-decision": "a key decision",
    "better-care-plan": "a Better Care plan",
    "grant": "a grant",
    "joint-commissioning-item": "an item of the Joint Commissioning Board",
}


def _verbs() -> dict[str, tuple[Command, ...]]:
    """Return a section for each procedure; a verb of several stands under the first of them."""
    told: set[str] = set()
    sections = {}
    for procedure, titles in VERBS_OF.items():
        sections[_section(procedure)] = tuple(
            Command(name, title, "desk.commands_verbs:verb") for name, title in titles.items() if name not in told
        )
        told |= titles.keys()
    return sections


def _section(procedure: str) -> str:
    return f"To act on {CASES[procedure]} (cleardays VERB CASE --help names the fields)"


def _told_above() -> dict[str, list[str]]:
    """Return by section the verbs that its procedure shares with one further up the page."""
    told: set[str] = set()
    above = {}
    for procedure, titles in VERBS_OF.items():
        above[_section(procedure)] = sorted(titles.keys() & told)
        told |= titles.keys()
    return above


SECTIONS: dict[str, tuple[Command, ...]] = {
    "To begin": BEGIN,
    "To look": LOOK,
    **_verbs(),
    "To work out dates": DATES,
    "To keep house": HOUSE,
}
COMMANDS = {command.name: command for section in SECTIONS.values() for command in section}

INTRODUCTION = """\
Cleardays runs the time-bound procedures of a council: it sets every date, writes every letter once,
asks the right person for each decision, and keeps a record that stands up.

Usage: cleardays COMMAND [OPTIONS]     cleardays COMMAND --help says more about one."""

CLOSING = """\
First day? Play examples/contentious.yaml with `cleardays rehearse`, then enter your own notice:
`cleardays notify pharmacy-consolidation --example` prints one to fill in."""


def front_page(*, bold: bool) -> str:
    """Return the first page as text; `bold` marks its headings for a terminal."""
    wide = max(map(len, COMMANDS))
    lines = [INTRODUCTION]
    for title, commands in SECTIONS.items():
        lines += ["", f"\033[1m{title}\033[0m" if bold else title]
        lines += [f"  {command.name:<{wide}}  {command.summary}" for command in commands]
        if above := _told_above().get(title):
            lines += wrap(f"and, as above: {', '.join(above)}", 100, initial_indent="  ", subsequent_indent="    ",
                          break_on_hyphens=False)  # fmt: skip
    return "\n".join([*lines, "", CLOSING])


def no_such_command(name: str) -> str:
    """Return the sentence for a command that does not exist, with the nearest ones that do."""
    near = get_close_matches(name.lower(), COMMANDS, n=3, cutoff=0.5)
    guess = f"did you mean {' or '.join(near)}?" if near else "cleardays --help lists all there are"
    return f"there is no command {name!r}; {guess}"

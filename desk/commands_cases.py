"""`cases`, `show`, `letters`, `check`: what an officer looks at."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from desk.case_names import Case
from desk.door import read_case, the_office
from desk.show import as_dict, fact_dicts, print_case, print_facts, print_why
from desk.tables import Cell, print_json, say, show_table
from desk.urgency import due, line_of, most_pressing_first, state_of
from models.london import LONDON, instant_in_words
from models.outgoing import FOLDER, Letter, LetterState
from models.pharmacy_words import PROCEDURE
from models.whole_record import check_whole
from models.whole_row import told_at_first
from tasks.forms import Refused
from tasks.procedures import REGISTERS

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences")]

LETTER_COLOURS = {
    LetterState.SENT: "green", LetterState.REFUSED: "bold red", LetterState.AMBIGUOUS: "bold red",
    LetterState.CANCELLED: "dim",
}  # fmt: skip


def cases(
    every: Annotated[bool, typer.Option("--all", help="Closed cases as well")] = False, as_json: Json = False
) -> None:
    """List what is due: each case, what it waits for and until when, the most pressing first."""
    with the_office() as (office, _):
        with office.store.reading() as reading:
            found = [each for each in reading.cases(open_only=not every) if each.procedure not in REGISTERS]
        read = sorted(((read_case(office, each.ref), each) for each in found), key=most_pressing_first)
    if as_json:
        return print_json([line_of(case, summary) for case, summary in read])
    if not read:
        return say(_nothing(every))
    rows: list[list[Cell]] = []
    for case, summary in read:
        when, line = due(case, summary), line_of(case, summary)
        rows.append([case.ref, case.subject, state_of(summary) if not summary.outcome else summary.outcome,
                     when.in_words() if not summary.outcome else "", (str(when.urgency), when.colour),
                     ("; ".join(line["breaches"]), "bold red")])  # type: ignore[arg-type]  # fmt: skip
    breached = any(row[-1][0] for row in rows)
    columns = ("Case", "About", "Waits for", "Until", "Urgency", "Breach")
    show_table(columns if breached else columns[:-1], rows if breached else [row[:-1] for row in rows])


cases.example = "Example: cleardays cases --all"  # type: ignore[attr-defined]


def _nothing(every: bool) -> str:
    notify = f"cleardays notify {PROCEDURE}"
    return (
        f"There are no {'' if every else 'open '}cases. Enter a notice: {notify} --example > notice.yaml prints one to "
        f"fill in, {notify} --file notice.yaml opens its case; cleardays notify lists the other procedures"
    )


def show(
    case: Case,
    why: Annotated[bool, typer.Option("--why", help="How each date was worked out")] = False,
    facts: Annotated[bool, typer.Option("--facts", help="The record as well, every fact in a line")] = False,
    as_json: Json = False,
) -> None:
    """Show one case: what it waits for and what would move it, its deadlines, its people, what comes next."""
    with the_office() as (office, _):
        read, summary = read_case(office, case), office.store.case(case)
    if as_json:
        return print_json(as_dict(read, summary) | ({"facts": fact_dicts(read)} if facts else {}))
    if why:
        return print_why(read)
    print_case(read, summary)
    if facts:
        print_facts(read)


show.example = "Example: cleardays show PC-2017-001 --why"  # type: ignore[attr-defined]


def letters(
    case: Case,
    read: Annotated[int | None, typer.Option(metavar="N", help="Print letter N as its reader sees it")] = None,
    save: Annotated[Path | None, typer.Option(metavar="DIR", help="Write every letter to DIR as .eml")] = None,
    as_json: Json = False,
) -> None:
    """List the letters of a case and how far each has come."""
    with the_office() as (office, _):
        office.store.case(case)
        with office.store.reading() as reading:
            found = reading.letters(case)
        if save is not None:
            from desk.letter_files import save_letters

            saved = save_letters(office.store, found, save)
            return (
                print_json([str(path) for path in saved]) if as_json else say(f"{len(saved)} letters saved in {save}.")
            )
    if read is not None:
        return _read(case, found, read)
    if as_json:
        return print_json([_letter_dict(number, each) for number, each in enumerate(found, start=1)])
    if not found:
        return say(f"No letter of {case} has been written yet.")
    rows: list[list[Cell]] = [
        [str(number), instant_in_words(each.written_at), each.draft.recipient, each.draft.subject,
         (_state(each), LETTER_COLOURS.get(each.state, ""))]
        for number, each in enumerate(found, start=1)
    ]  # fmt: skip
    show_table(("No", "Written at", "To", "Subject", "State"), rows)


letters.example = "Example: cleardays letters PC-2017-001 --read 1"  # type: ignore[attr-defined]


def _state(letter: Letter) -> str:
    if letter.state is LetterState.SENT and letter.reply.startswith(FOLDER):
        folder, written, name = letter.reply.rpartition(" written as ")
        return f"put into the {folder}, written as {name}" if written else f"put into the {letter.reply}"
    return f"{letter.state}: {letter.reply}" if letter.reply and letter.state is not LetterState.SENT else letter.state


def _read(case: str, found: list[Letter], number: int) -> None:
    if not 1 <= number <= len(found):
        raise Refused(f"{case} has no letter {number}; it has {len(found)}, listed by cleardays letters {case}")
    draft = found[number - 1].draft
    say(f"From: {draft.sender}\nTo: {draft.recipient} <{draft.address}>\nSubject: {draft.subject}")
    for enclosure in draft.enclosures:
        say(f"Enclosed: {enclosure.filename}")
    say()
    say(draft.text)


def _letter_dict(number: int, letter: Letter) -> dict[str, Any]:
    return {
        "number": number, "at": letter.written_at.astimezone(LONDON).isoformat(), "to": letter.draft.recipient,
        "template": letter.draft.template, "subject": letter.draft.subject, "state": str(letter.state),
        "reply": letter.reply, "message_id": letter.draft.message_id,
        "enclosures": [enclosure.filename for enclosure in letter.draft.enclosures],
    }  # fmt: skip


def check(case: Case, as_json: Json = False) -> None:
    """Verify that a record is whole: no fact or letter changed, removed, inserted or moved; the daily heads agree.

    So does the case's row: what it follows, what it waits for and until when, and how it ended.
    """
    from desk.rows import cannot_be_told, wrong

    with the_office() as (office, _):
        with office.store.reading() as reading:
            whole = check_whole(reading, case)
            row, record = reading.case(case), reading.record(case)
        whole_but = f"the facts of case {case} are whole, but"
        try:
            otherwise = wrong(office, row, record)
        except Exception as error:
            raise Refused(f"{whole_but} {cannot_be_told(error)}") from error
        if otherwise is not None:
            raise Refused(f"{whole_but} {otherwise}. Set it anew: cleardays reconcile")
    names_council = "council" in told_at_first(record)
    if as_json:
        return print_json({"case": case, "whole": True, **asdict(whole)})
    say(f"The record of {case} is whole: {whole.facts} facts, each follows from the one before.", "green")
    older = f"; {whole.unsealed_letters} posted before letters were sealed" if whole.unsealed_letters else ""
    say(f"Letters that are as they were posted: {whole.letters}{older}.")
    if not names_council:
        say("Which council it is of its row alone says: it was opened before first facts named that.")
    if whole.heads:
        say(f"The daily heads agree with it: {whole.heads} of them name it (cleardays heads).")
    say(f"Its newest fact has the hash {whole.head}; noted elsewhere, it proves the record as of today.")


check.example = "Example: cleardays check PC-2017-001"  # type: ignore[attr-defined]

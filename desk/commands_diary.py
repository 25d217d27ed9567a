"""`diary`: a case's dates, or one office's part in them, as a table or as a file for a calendar."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from desk.case_names import Case
from desk.door import read_case, the_office
from desk.tables import Cell, print_json, say, show_table
from models.cases import Case as AnyCase
from models.london import short_day_in_words
from tasks.diary import Entry, entries, file_of
from tasks.forms import Refused
from tasks.procedures import procedure_of

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences")]


def diary(
    case: Case,
    role: Annotated[
        str | None, typer.Option(metavar="ROLE", help="Only what this office must do: a role id of the council's file")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.ics", help="Write a calendar file, to be imported into a diary")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a case's dates as a diary holds them; a date that moves or falls away does so in the diary too.

    With --out, write them as a calendar file. Import the newest file again whenever a date has changed: an entry
    keeps its place, takes its new day, or is marked as cancelled.
    """
    with the_office() as (office, _):
        read = read_case(office, case)
    found = entries(read, procedure_of(read.record).dates, role)
    whose = f"{case}, {read.council.title(role, read.today)}" if role else case
    if out is not None:
        _write(read, found, whose, out)
    if as_json:
        return print_json({"case": case, "role": role, "entries": [_entry_dict(each) for each in found]})
    if out is not None:
        return say(f"{_count(found)} of {whose} written to {out}. Import it again when a date has changed.", "green")
    if not found:
        return say(_nothing_for(read, whose))
    say(f"{whose}: {_count(found)}", "bold")
    say()
    show_table(("Day", "What", "State", "How the day came about"), [_row(read, each) for each in found])
    say()
    say(f"For a calendar: cleardays diary {case}{f' --role {role}' if role else ''} --out {case}.ics")


diary.example = "Example: cleardays diary PC-2017-001 --role healthwatch --out dates.ics"  # type: ignore[attr-defined]


def _write(case: AnyCase, found: list[Entry], whose: str, out: Path) -> None:
    if not found:
        raise Refused(f"nothing was written to {out}: {_nothing_for(case, whose)}")
    out.write_bytes(file_of(case, found, whose))


def _nothing_for(case: AnyCase, whose: str) -> str:
    return (
        f"no date of {whose} has been set so far. A consultee has one once papers are sent to them; without --role, "
        f"cleardays diary {case.ref} shows those of the case"
    )


def _count(found: list[Entry]) -> str:
    return "1 date" if len(found) == 1 else f"{len(found)} dates"


def _row(case: AnyCase, entry: Entry) -> list[Cell]:
    held = entry.date
    return [short_day_in_words(held.on), held.what, (state_of(case, entry), "dim" if entry.cancelled else ""), held.how]


def state_of(case: AnyCase, entry: Entry) -> str:
    """Return how an entry stands, and how often its day has changed, in words."""
    stands = "cancelled" if entry.cancelled else "done" if entry.date.done else "to come"
    if stands == "to come" and entry.date.on < case.today:
        stands = "passed"
    times = {0: "", 1: ", changed once"}.get(entry.sequence, f", changed {entry.sequence} times")
    return f"{stands}{times}"


def _entry_dict(entry: Entry) -> dict[str, Any]:
    held = entry.date
    return {
        "uid": entry.uid, "name": held.name, "on": held.on.isoformat(), "what": held.what, "how": held.how,
        "sequence": entry.sequence, "cancelled": entry.cancelled, "done": held.done, "roles": list(held.roles),
    }  # fmt: skip

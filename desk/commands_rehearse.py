"""`rehearse`: a whole case played from a file, told by date, with everything it wrote kept on request."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from desk.rehearsal import Rehearsal, as_json, council_named, play
from desk.scenario import load_yaml, read_scenario
from desk.show import STATUS_COLOURS, print_story
from desk.story import Line, story
from desk.tables import Cell, heading, print_json, say, show_table
from models.london import instant_in_words, short_day_in_words

PATIENCE = 2.0  #: seconds of silence after which a rehearsal says how far it has come


def rehearse(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.yaml", help="What happens, such as examples/late.yaml")],
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep letters, documents and record in DIR")] = None,
    as_json_: Annotated[bool, typer.Option("--json", help="Print JSON instead of the story")] = False,
) -> None:
    """Play a whole case in memory, on a clock of its own: the same letters and dates, and nothing is sent."""
    chosen = read_scenario(load_yaml(scenario))
    played = play(chosen, council_named(chosen.council), _progress(), beside=scenario.parent)
    if out is not None:
        from desk.rehearsal_files import keep

        keep(played, out)
    if as_json_:
        return print_json(as_json(played))
    _tell(played)
    if out is not None:
        say(f"Letters, documents, record and timeline are in {out}.")


rehearse.example = "Example: cleardays rehearse examples/contentious.yaml --out rehearsal/"  # type: ignore[attr-defined]


def _progress() -> Callable[[str], None]:
    said_at = time.monotonic()

    def told(line: str) -> None:
        nonlocal said_at
        if time.monotonic() - said_at > PATIENCE:
            said_at = time.monotonic()
            print(f"playing, now at {line.partition(': ')[0]} ...", file=sys.stderr)

    return told


def _tell(played: Rehearsal) -> None:
    case, letters = played.case, played.letters
    refused = [Line(each.at, f"{each.verb} was refused: {each.reason}", "refused") for each in played.refusals]
    say(f"{case.ref}: {case.subject}, {case.reference}", "bold")
    print_story(sorted([*story(case, letters), *refused], key=lambda line: line.at))
    heading("Deadlines")
    rows: list[list[Cell]] = [
        [deadline.name, short_day_in_words(deadline.last_day), short_day_in_words(deadline.target),
         (str(status), STATUS_COLOURS[status]), deadline.source]
        for deadline, status in case.deadlines()
        if not deadline.name.startswith("feedback: ")
    ]  # fmt: skip
    show_table(("Deadline", "Last day", "Target", "Status", "Source"), rows)
    summary = played.summary
    say()
    until = f", until {instant_in_words(summary.until)}" if summary.until else ""
    ended = f"closed, {summary.outcome}" if summary.outcome else f"{summary.awaiting}{until}"
    say(f"On {instant_in_words(case.now).partition(' on ')[2]}: {ended}.", "bold")
    say(f"{len(case.record.facts)} facts, {len(letters)} letters, {len(played.refusals)} refused. Nothing was sent.")

"""Two hundred consultees answer at the same moment, then two thousand: is any refused or lost, how long is each held?

    python -m benchmarks.answers [--consultees 200,2000] [--database URL] [--json FILE]

The answers go through the verb that every door uses; each is on disk before its sender is told so. They come in two
shapes: all to one case, whose record is then one queue, and eight to each of many cases. All are sent at once, to a
process with as many threads as a web server of one process keeps; a sender's wait begins with the first. Meanwhile a
desk in a process of its own takes the turns that the answers call for.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from desk.office import open_office
from desk.settings import Settings
from flows import turn_of
from models.council import COUNCILS
from models.facts import check_chain
from models.pharmacy_words import PROCEDURE
from notifications.outbox import deliver_at_once
from tasks.forms import Refused
from tasks.opening import notify
from tasks.turns import Office, Parked, TurnTaken, in_office
from tasks.verbs import perform

THREADS = 40  # of a web server's pool
EACH = 8  # answers to each of many cases
PROCESSES = multiprocessing.get_context("spawn")
NOTICE = {
    "applicant": "A Ltd", "closing": "1 Low Street", "remaining": "2 High Street", "wards": "bargate",
    "capacity": "relevant",
}  # fmt: skip
ROUTE = {"route": "contentious", "reasons": "Two ward members object.", "chair_agrees": "yes"}
PAPER = b"Made up for the benchmark.\n" * 100
WORDS = "Our members who do not drive would have to take two buses; we ask that this be weighed. " * 6


@dataclass(frozen=True)
class Held:
    """How it went with one number of answers in one shape. Times in milliseconds."""

    answers: int
    cases: int
    refused: int
    lost: int
    p50: float
    p95: float
    longest: float
    per_second: float
    commits: int
    caught_up: float  #: from the last answer until a turn had read every one


def council_of(folder: Path, consultees: int) -> None:
    """Write a council file whose contentious cases are circulated to so many further consultees."""
    text = (COUNCILS / "southampton.yaml").read_text(encoding="utf-8")
    names = [f"neighbour-{number}" for number in range(1, consultees + 1)]
    asked = "          - board-member-icb\n        source: paper, paragraph 8"
    if asked not in text:
        sys.exit("councils/southampton.yaml no longer lists the consultees of paragraph 8 as this benchmark expects")
    text = text.replace(asked, "".join(f"          - {name}\n" for name in names) + asked)
    roles = "".join(
        f"  {name}:\n    title: Neighbour {name[10:]}\n    organisation: council\n"
        f"    held_by:\n      - {{person: {name}, from: 2016-12-05}}\n"
        for name in names
    )  # fmt: skip
    people = "".join(f"  {name}: {{name: Neighbour {name[10:]}, email: {name}@example.org}}\n" for name in names)
    text = text.replace("\nroles:\n", f"\nroles:\n{roles}", 1).replace("\npeople:\n", f"\npeople:\n{people}", 1)
    folder.mkdir(parents=True)
    (folder / "southampton.yaml").write_text(text, encoding="utf-8")


def turn(office: Office, ref: str) -> None:
    """Take a turn of a case, as a desk does without Prefect's picture of it."""
    with in_office(office):
        try:
            turn_of(PROCEDURE)(ref)
        except (Parked, TurnTaken):
            return


def desk(settings: Settings, closes: Event) -> None:
    """Take the turns that are called for, until told to stop."""
    office = open_office(settings)
    while not closes.is_set():
        with office.store.reading() as reading:
            cases = reading.to_wake(office.clock.now())
        for case in cases:
            turn(office, case.ref)
        if not cases:
            time.sleep(0.05)
    office.store.close()


@contextmanager
def open_desk(settings: Settings) -> Any:
    """Keep a desk open in a process of its own."""
    closes = PROCESSES.Event()
    process = PROCESSES.Process(target=desk, args=(settings, closes))
    process.start()
    try:
        yield
    finally:
        closes.set()
        process.join()


def opened(office: Office, number: int) -> str:
    """Open a case and take it to its circulation; return its reference."""
    given_at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    fields = {**NOTICE, "reference": f"CAS-{number}", "given_at": given_at}
    ref = notify(office, PROCEDURE, "southampton", fields, channel="command line").case
    turn(office, ref)
    for kind in ("application", "equality-impact-assessment"):
        paper = {"kind": kind, "file": f"{kind}.txt"}
        perform(office, ref, "attach", paper, channel="command line", read_file=lambda _: PAPER)
    perform(office, ref, "decide-route", ROUTE, channel="command line")
    turn(office, ref)
    deliver_at_once(office.store, office.clock)
    turn(office, ref)
    assert office.store.case(ref).awaiting == "Awaiting feedback", office.store.case(ref)
    return ref


def answer_all(office: Office, answers: Sequence[tuple[str, str]]) -> Held:
    """Let every consultee answer at once, each (case, role); return how it went."""
    commits = office.store.commits
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(time.sleep, [0.01] * THREADS))  # every thread is there
        began = time.perf_counter()

        def answer(each: tuple[str, str]) -> tuple[float, bool]:
            ref, role = each
            fields = {"consultee": role, "opinion": "gap", "interest": "none", "reasons": WORDS, "channel": "link"}
            try:
                perform(office, ref, "respond", fields, channel="portal", request=f"{ref}/{role}")
            except Refused:
                return time.perf_counter() - began, False
            return time.perf_counter() - began, True

        done = list(pool.map(answer, answers))
    whole = time.perf_counter() - began
    commits = office.store.commits - commits
    caught_up = _caught_up({ref for ref, _ in answers}, office)
    waits = sorted(1000 * wait for wait, _ in done)
    return Held(
        answers=len(answers), cases=len({ref for ref, _ in answers}), refused=sum(not taken for _, taken in done),
        lost=_lost(office, answers), p50=waits[len(waits) // 2], p95=waits[int(0.95 * len(waits))],
        longest=waits[-1], per_second=len(answers) / whole, commits=commits, caught_up=1000 * caught_up,
    )  # fmt: skip


def _lost(office: Office, answers: Sequence[tuple[str, str]]) -> int:
    """Return how many answers the records, whose chains are checked, do not hold word for word."""
    found = set()
    for ref in {ref for ref, _ in answers}:
        record = office.store.record(ref)
        check_chain(record)
        answers_kept = record.all("response-received")
        found |= {(ref, fact["consultee"]) for fact in answers_kept if fact["reasons"] == WORDS.strip()}
    return len(set(answers) - found)


def _caught_up(refs: set[str], office: Office) -> float:
    began = time.perf_counter()
    while any((case := office.store.case(ref)).seen < case.head for ref in refs):
        time.sleep(0.01)
    return time.perf_counter() - began


def measured(folder: Path, count: int, one_case: bool, database: str | None) -> Held:
    """Measure `count` answers: to one case, or to as many as it takes with a few each."""
    councils = folder / "councils"
    council_of(councils, count if one_case else EACH)
    settings = Settings(home=folder / "home", councils=councils, database=database)
    office = open_office(settings)
    cases = 1 if one_case else count // EACH
    refs = [opened(office, number) for number in range(1, cases + 1)]
    asked = [f"neighbour-{number}" for number in range(1, (count if one_case else EACH) + 1)]
    with open_desk(settings):
        time.sleep(3)  # it has imported everything
        held = answer_all(office, [(ref, role) for role in asked for ref in refs])
    office.store.close()
    return held


def table(rows: Sequence[Held]) -> str:
    """Return what was measured as text."""
    names = list(asdict(rows[0]))
    lines = ["".join(f"{name.replace('_', ' '):>12}" for name in names)]
    for row in rows:
        lines.append("".join(f"{value:12,.0f}" for value in asdict(row).values()))
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--consultees", default="200,2000", help="how many answer at once, separated by commas")
    options.add_argument("--database", help="URL of an empty case database; without it SQLite files")
    options.add_argument("--json", type=Path, help="write the figures to this file as well")
    chosen = options.parse_args()
    rows: list[Held] = []
    for count in map(int, chosen.consultees.split(",")):
        for one_case in (True, False):
            with tempfile.TemporaryDirectory() as folder:
                rows.append(measured(Path(folder), count, one_case, chosen.database))
            print(table(rows), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    sys.exit(any(row.refused or row.lost for row in rows))


if __name__ == "__main__":
    main()

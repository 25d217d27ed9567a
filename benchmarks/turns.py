"""CPU time of a case's turn: the desk's own worker beside Prefect's stock runner and process worker.

    python -m benchmarks.turns [--runs 24] [--at-once 4] [--json turns.json]

All three run the same two-task flow, which then parks, against the same Prefect server, one after the other.
CPU seconds are read from /proc, children included; so it runs on Linux only. Each is started, takes one turn
unmeasured, and is then measured over the runs. The server's share is what it used above its idle rate.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from desk.runs import Runs
from desk.server import LocalServer, deploy_with, ensure_pool
from desk.template_database import cache_folder

ROOT = Path(__file__).resolve().parents[1]
ENTRYPOINT = "benchmarks.toy_case:toy_case"
TASKS = 2  # in the toy flow
IDLE_SECONDS = 10.0
SETTLE_SECONDS = 4.0  # events are sent, and stored, behind the turn's back
TICKS = os.sysconf("SC_CLK_TCK")

DESK = """
import sys
from desk.worker import DeskWorker, work
work(DeskWorker(sys.argv[1], limit=int(sys.argv[2]), poll_seconds=1, entrypoints=sys.argv[3:]))
"""
SERVE = """
import sys
from benchmarks.toy_case import toy_case
toy_case.serve(name=sys.argv[1], limit=int(sys.argv[2]), pause_on_shutdown=False)
"""


@dataclass(frozen=True)
class Cost:
    """What one turn cost, on average."""

    runner: str
    cpu: float
    server_cpu: float
    wall: float

    @property
    def together(self) -> float:
        """CPU seconds of runner and server."""
        return self.cpu + self.server_cpu


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a process, its descendants alive, and those it has waited for."""
    total = 0.0
    for process in [pid, *_descendants(pid)]:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += sum(int(ticks) for ticks in fields[11:15]) / TICKS
    return total


def _descendants(pid: int) -> Iterator[int]:
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield int(child)
            yield from _descendants(int(child))


class Bench:
    """One server, and the runners measured against it in turn."""

    def __init__(self, server: LocalServer, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._idle_rate = 0.0

    def rest(self) -> None:
        """Measure what the server uses with nothing to do."""
        time.sleep(5)
        before = self._server_cpu()
        time.sleep(IDLE_SECONDS)
        self._idle_rate = (self._server_cpu() - before) / IDLE_SECONDS

    def measure(self, runner: str, command: list[str], deployment: UUID | None, runs: int) -> Cost:
        """The cost of a turn by the process that `command` starts, woken from a parked run."""
        turns = self._folder / f"{runner}.turns"
        turns.touch()
        with Runs(self._server.api_url) as prefect, self._running(command, turns) as process:
            deployment = deployment or self._served(runner, process)
            self._take(prefect, self._parked(prefect, deployment, 1), turns, process)
            parked = self._parked(prefect, deployment, runs)
            before, server_before, began = cpu_seconds(process.pid), self._server_cpu(), time.monotonic()
            wall = self._take(prefect, parked, turns, process)
            server = self._server_cpu() - server_before - self._idle_rate * (time.monotonic() - began)
            cost = Cost(runner, (cpu_seconds(process.pid) - before) / runs, server / runs, wall / runs)
            self._check(prefect, parked, runner)
            return cost

    def _parked(self, prefect: Runs, deployment: UUID, runs: int) -> list[UUID]:
        far = datetime.now(UTC) + timedelta(days=1)
        return [prefect.create(f"case-{uuid4()}", "toy", deployment, "Notified", far) for _ in range(runs)]

    def _server_cpu(self) -> float:
        assert self._server.pid is not None
        return cpu_seconds(self._server.pid)

    @contextmanager
    def _running(self, command: list[str], turns: Path) -> Iterator[subprocess.Popen[bytes]]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        environment |= {
            "PREFECT_API_URL": self._server.api_url,
            "PREFECT_HOME": str(self._folder / "home"),
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PREFECT_RUNNER_POLL_FREQUENCY": "1",
            "TOY_TURNS": str(turns),
            # Compiled modules are kept for all of them: it halves what a stock run costs.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(cache_folder() / "bytecode"),
        }
        with turns.with_suffix(".log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _served(self, name: str, process: subprocess.Popen[bytes]) -> UUID:
        """The id of the deployment that `serve` makes for itself."""
        from prefect.client.orchestration import SyncPrefectClient
        from prefect.exceptions import ObjectNotFound

        with SyncPrefectClient(self._server.api_url) as client:
            while process.poll() is None:
                try:
                    return client.read_deployment_by_name(f"Toy case/{name}").id
                except ObjectNotFound:
                    time.sleep(0.2)
        raise RuntimeError(f"{name} ended before it served its flow; see {self._folder}.")

    def _take(self, prefect: Runs, parked: list[UUID], turns: Path, process: subprocess.Popen[bytes]) -> float:
        """Wake the runs and return the seconds until the last was in its turn, when all has settled."""
        done = len(turns.read_text().splitlines()) + len(parked)
        began = time.monotonic()
        for run in parked:
            prefect.wake(run, "The benchmark wakes it.")
        while len(turns.read_text().splitlines()) < done:
            if process.poll() is not None:
                raise RuntimeError(f"{turns.stem} ended with code {process.returncode}; see {self._folder}.")
            time.sleep(0.05)
        wall = time.monotonic() - began
        time.sleep(SETTLE_SECONDS)
        return wall

    def _check(self, prefect: Runs, parked: list[UUID], runner: str) -> None:
        """Raise RuntimeError unless the server shows every run parked again and both its tasks done."""
        from prefect.client.orchestration import SyncPrefectClient

        waiting = [run for run in map(prefect.state_of, parked) if run and run.state_name == "Awaiting feedback"]
        with SyncPrefectClient(self._server.api_url) as client:
            these = {"flow_runs": {"id": {"any_": [str(run) for run in parked]}}}
            completed = {"task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
            tasks = client.request("POST", "/task_runs/count", json=these | completed).json()
        if len(waiting) != len(parked) or tasks != TASKS * len(parked):
            raise RuntimeError(
                f"{runner}: of {len(parked)} runs {len(waiting)} are parked again, and {tasks} tasks are done; "
                f"expected all of them, and {TASKS} tasks each. The figures would not compare like with like."
            )


def measure(runs: int, at_once: int) -> list[Cost]:
    """The costs of all three, the desk's first."""
    with tempfile.TemporaryDirectory() as name, LocalServer(Path(name) / "server") as server:
        from prefect.client.orchestration import SyncPrefectClient
        from prefect.client.schemas.actions import WorkPoolCreate

        from benchmarks.toy_case import toy_case

        ensure_pool(server.api_url, "desk")
        with SyncPrefectClient(server.api_url) as client:
            client.create_work_pool(WorkPoolCreate(name="processes", type="process"))
            deployed = {pool: deploy_with(client, toy_case, ENTRYPOINT, pool, pool) for pool in ("desk", "processes")}
        bench = Bench(server, Path(name))
        bench.rest()
        python, limit = sys.executable, str(at_once)
        worker = ["-m", "prefect", "worker", "start", "--pool", "processes", "--limit", limit]
        return [
            bench.measure("desk", [python, "-c", DESK, "desk", limit, ENTRYPOINT], deployed["desk"], runs),
            bench.measure("serve", [python, "-c", SERVE, "serve", limit], None, runs),
            bench.measure("process worker", [python, *worker], deployed["processes"], runs),
        ]


def main() -> int:
    """Print the table, and the figures as JSON; 1 if the desk does not cost a fifth or less of `serve`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=24, help="turns to measure of each")
    parser.add_argument("--at-once", type=int, default=4, help="turns at the same time")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    costs = measure(chosen.runs, chosen.at_once)
    desk = costs[0]
    print(f"CPU seconds a turn, {chosen.runs} turns each, {chosen.at_once} at once\n")
    print(f"{'':16}{'runner':>9}{'server':>9}{'together':>10}{'wall':>8}{'runner x':>10}{'together x':>12}")
    for cost in costs:
        print(
            f"{cost.runner:16}{cost.cpu:9.3f}{cost.server_cpu:9.3f}{cost.together:10.3f}{cost.wall:8.2f}"
            f"{cost.cpu / desk.cpu:10.1f}{cost.together / desk.together:12.1f}"
        )
    figures = json.dumps({cost.runner: {**asdict(cost), "together": cost.together} for cost in costs}, indent=2)
    print(f"\n{figures}")
    if chosen.json:
        chosen.json.write_text(figures + "\n")
    stock = costs[1]
    return 0 if stock.cpu >= 8 * desk.cpu and stock.together >= 5 * desk.together else 1


if __name__ == "__main__":
    raise SystemExit(main())

"""A case's run on a real Prefect server: made, parked, woken, cut short, made again."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas import FlowRun
from prefect.settings import PREFECT_API_URL, temporary_settings

from desk.runs import CaseRun, Runs
from desk.server import LocalServer, ServerDidNotStart, deploy_with, ensure_pool, free_port
from desk.turn import Turns
from desk.worker import DeskWorker

pytestmark = pytest.mark.prefect

ROOT = Path(__file__).resolve().parents[2]
ENTRYPOINT = "tests.integration.toy_procedure:toy_procedure"
FAR = timedelta(days=40)


def wait_until(true: Callable[[], object], what: str, patience: float = 45) -> None:
    """Wait until `true()`; fail with `what` was waited for when it takes too long."""
    give_up = time.monotonic() + patience
    while not true():
        if time.monotonic() > give_up:
            pytest.fail(f"waited {patience:.0f} seconds in vain for: {what}")
        time.sleep(0.05)


@dataclass
class Office:
    """An officer's view of the toy procedure: cases, their record, and their runs."""

    api_url: str
    record: Path
    runs: Runs
    pool: str
    deployment_id: UUID
    desks: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def notified(self, case_ref: str, until: datetime, due_at: datetime | None = None) -> UUID:
        """Take in a case, and make its run."""
        (self.record / f"{case_ref}.until").write_text(until.isoformat())
        due_at = due_at or datetime.now(UTC)
        return self.runs.create(case_ref, "toy", self.deployment_id, "Notified", due_at)

    def answered(self, case_ref: str) -> None:
        """Record the answer."""
        (self.record / f"{case_ref}.answer").touch()

    def turns(self, case_ref: str) -> int:
        """How many turns the case has had, by its own record."""
        file = self.record / f"{case_ref}.turns"
        return len(file.read_text().splitlines()) if file.exists() else 0

    def run(self, case_ref: str) -> CaseRun:
        """The case's run as it stands."""
        run = self.runs.find(case_ref)
        assert run is not None, f"no run of {case_ref}"
        return run

    def waits_for(self, case_ref: str, state_name: str) -> None:
        """Wait until the run is in the state of this name."""
        wait_until(lambda: self.run(case_ref).state_name == state_name, f"{case_ref} to be in state {state_name!r}")

    def open_desk(self, name: str) -> subprocess.Popen[bytes]:
        """Start a desk as a process of its own."""
        script = (
            "import sys; from desk.worker import DeskWorker, work; "
            "work(DeskWorker(sys.argv[1], name=sys.argv[2], poll_seconds=0.2, entrypoints=sys.argv[3:]))"
        )
        command = [sys.executable, "-c", script, self.pool, name, ENTRYPOINT]
        desk = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PREFECT_API_URL": self.api_url})
        self.desks.append(desk)
        return desk

    def at_work(self, cases: Iterable[str]) -> set[str]:
        """The process ids of the desks that have taken turns of these cases."""
        files = [self.record / f"{case}.turns" for case in cases]
        return {line for file in files if file.exists() for line in file.read_text().splitlines()}


@pytest.fixture
def office(
    prefect_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Office]:
    """An office with a work pool of its own, and nobody at the desk."""
    monkeypatch.setenv("TOY_RECORD", str(tmp_path))
    pool = re.sub(r"\W|_", "-", request.node.name)
    with Runs(prefect_server) as runs:
        office = Office(prefect_server, tmp_path, runs, pool, deploy(prefect_server, pool))
        yield office
        for desk in office.desks:
            desk.kill()
            desk.wait()


def deploy(api_url: str, pool: str) -> UUID:
    """Deploy the toy procedure to a pool, made if need be; the deployment's id."""
    from prefect.client.orchestration import SyncPrefectClient

    from tests.integration.toy_procedure import toy_procedure

    ensure_pool(api_url, pool)
    with SyncPrefectClient(api_url) as client:
        return deploy_with(client, toy_procedure, ENTRYPOINT, f"by {pool}", pool, tags=["toy"])


@dataclass
class Desk:
    """A desk at work in this process."""

    nudge: Callable[[], None]
    stop: Callable[[], None]


@pytest.fixture
def desk(office: Office) -> Iterator[Desk]:
    """A desk that polls so rarely that only a nudge makes it look."""
    worker = DeskWorker(
        office.pool, poll_seconds=3600, entrypoints=[ENTRYPOINT],
        again=lambda ref: (office.record / f"{ref}.answer").exists(),
    )  # fmt: skip
    thread = threading.Thread(target=lambda: asyncio.run(worker.start()))
    thread.start()
    yield Desk(worker.nudge, worker.stop)
    worker.stop()
    thread.join()


def test_a_turn_parks_the_run_under_the_name_of_what_it_waits_for(office: Office, desk: Desk) -> None:
    """The run is Scheduled as "Awaiting feedback", due at the deadline, named after its case."""
    until = datetime.now(UTC).replace(microsecond=0) + FAR
    office.notified("PC1", until)
    desk.nudge()
    office.waits_for("PC1", "Awaiting feedback")
    run = office.run("PC1")
    assert (run.name, run.state_type, run.due_at) == ("PC1", "SCHEDULED", until)
    assert run.message == "Feedback is due."
    assert office.turns("PC1") == 1


def test_a_wake_gives_the_next_turn_before_the_deadline(office: Office, desk: Desk) -> None:
    """An answer on any day ends the wait; the finished run is not woken again."""
    run_id = office.notified("PC2", datetime.now(UTC) + FAR)
    desk.nudge()
    office.waits_for("PC2", "Awaiting feedback")
    office.answered("PC2")
    assert office.runs.wake(run_id, "Healthwatch answered.") == "woken"
    desk.nudge()
    office.waits_for("PC2", "Completed")
    assert office.turns("PC2") == 2
    assert office.runs.wake(run_id, "Healthwatch answered again.") == "finished"


def test_an_answer_during_a_turn_is_not_lost(office: Office, desk: Desk) -> None:
    """A wake leaves a running turn alone; the desk looks at the record once more when that turn ends."""
    run_id = office.notified("PC3", datetime.now(UTC) + FAR)
    (office.record / "PC3.hold").touch()
    desk.nudge()
    wait_until(lambda: office.turns("PC3") == 1, "the first turn to begin")
    assert office.runs.wake(run_id, "Healthwatch answered.") == "running"
    (office.record / "PC3.until").write_text((datetime.now(UTC) + FAR).isoformat())
    (office.record / "PC3.hold").rename(office.record / "PC3.answer")
    desk.nudge()
    office.waits_for("PC3", "Completed")


def test_a_deadline_wakes_the_run_by_itself(office: Office) -> None:
    """Nobody answers and nobody wakes the run: it takes its turn when the date has come, and not before."""
    desk = office.open_desk("alone")
    until = datetime.now(UTC) + timedelta(seconds=5)
    office.notified("PC4", until, due_at=until)
    office.waits_for("PC4", "Completed")
    assert office.turns("PC4") == 1, "a turn before the deadline would have parked the run once more"
    desk.terminate()
    assert desk.wait() == 0


def test_a_desk_that_was_killed_continues_when_it_is_started_again(office: Office) -> None:
    """The turn that was cut short is taken again by the namesake of the desk that died."""
    office.notified("PC5", datetime.now(UTC) + FAR)
    (office.record / "PC5.hold").touch()
    desk = office.open_desk("mortal")
    wait_until(lambda: office.turns("PC5") == 1, "the first turn to begin")
    desk.kill()
    desk.wait()
    (office.record / "PC5.hold").unlink()
    assert office.run("PC5").state_name == "Running"
    office.open_desk("mortal")
    office.waits_for("PC5", "Awaiting feedback")
    assert office.turns("PC5") == 2


def test_two_desks_take_each_turn_once(office: Office) -> None:
    """Two desks that pull from one pool at the same time share the work and never double it."""
    cases = [f"PC{number}" for number in range(100, 124)]
    for case in cases:
        (office.record / f"{case}.hold").touch()
        office.notified(case, datetime.now(UTC) + FAR)
    desks = [office.open_desk("one"), office.open_desk("two")]
    wait_until(lambda: len(office.at_work(cases)) == 2, "both desks to take turns")
    for case in cases:
        (office.record / f"{case}.hold").unlink()
    for case in cases:
        office.waits_for(case, "Awaiting feedback")
    for desk in desks:
        desk.terminate()
    assert [desk.wait() for desk in desks] == [0, 0]
    assert {case: office.turns(case) for case in cases} == dict.fromkeys(cases, 1)


@pytest.mark.parametrize("stamped", ["in order", "out of order"])
def test_a_run_that_was_parked_again_meanwhile_is_left_alone(office: Office, stamped: str) -> None:
    """A desk with an old list neither takes the turn nor sleeps until the new date: the wait stays.

    A busy server stores states in another order than it stamps them, so the park may look the younger.
    """
    case = f"PC6 {stamped}"
    run_id = office.notified(case, datetime.now(UTC) + FAR)
    with get_client(sync_client=True) as client:
        listed = client.read_flow_run(run_id)
    office.runs.repark(run_id, "Awaiting feedback", datetime.now(UTC) + FAR, "Feedback is due.")
    if stamped == "out of order":
        stamp_park_later(run_id)
    parked = office.run(case)
    with Turns(entrypoints=[ENTRYPOINT]) as turns:
        assert turns.take(listed, listed_at=datetime.now(UTC) - FAR) == "not ours", "it looks again first"
        assert office.run(case) == parked
        assert turns.take(listed, listed_at=datetime.now(UTC)) == "not ours", "it gives an old claim back"
        assert office.run(case) == parked
    assert office.turns(case) == 0


def stamp_park_later(run_id: UUID) -> None:
    """Stamp the run's park an hour later than it was, in the database of the server under test."""
    later = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
    database = Path(os.environ["PREFECT_HOME"]) / "prefect.db"
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        changed = connection.execute(
            "UPDATE flow_run_state SET timestamp = ? WHERE name = 'Awaiting feedback' AND flow_run_id = ?",
            (later, str(run_id)),
        )
        assert changed.rowcount == 1


@pytest.mark.parametrize("entrypoint", ["{folder}/assessment.py:f", ENTRYPOINT])
def test_code_that_the_desk_has_not_deployed_is_never_loaded(
    office: Office, tmp_path: Path, entrypoint: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever has the pages' password can make a deployment; its run fails with a sentence, its code is not read."""
    (tmp_path / "assessment.py").write_text(
        "from pathlib import Path\nfrom prefect import flow\n"
        f"Path({str(tmp_path / 'loaded')!r}).touch()\n@flow\ndef f(case_ref: str = '') -> None: ...\n"
    )
    named = entrypoint.format(folder=tmp_path)
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow_from_name("anything")
        made = client.create_deployment(flow_id, "anything", work_pool_name=office.pool, entrypoint=named)
        run = client.create_flow_run_from_deployment(made)
        with Turns() as turns:  # as the desk itself has it
            assert turns.take(run, listed_at=datetime.now(UTC)) == "ended"
        state = client.read_flow_run(run.id).state
    assert state is not None
    assert state.is_failed()
    assert f"names {named!r}, which this desk has not deployed" in str(state.message)
    assert named in caplog.text
    assert not (tmp_path / "loaded").exists()


def test_threads_that_ask_for_the_first_time_at_once_do_not_spoil_each_others_token(
    prefect_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is answered at its first request; Prefect's client sleeps, two minutes in the end, before it repeats one.

    So it was once an hour, when a token runs out, and at each start: the bell and the board of a desk stood still.
    """
    repeated: list[float] = []
    monkeypatch.setattr("prefect.client.base.time.sleep", repeated.append)
    for _ in range(8):
        with Runs(prefect_server) as runs, ThreadPoolExecutor(6) as threads:
            together = threading.Barrier(6)

            def ask(runs: Runs = runs, together: threading.Barrier = together) -> CaseRun | None:
                together.wait()
                return runs.find("none of this reference")

            assert [asked.result() for asked in [threads.submit(ask) for _ in range(6)]] == [None] * 6
    assert repeated == []


def test_a_turn_that_cannot_begin_leaves_nothing_half_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread's first turn while the server is away breaks off, with no other noise than what is raised."""
    noise: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", noise.append)
    with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{free_port()}/api"}):
        turns = Turns()
    with turns, pytest.raises(RuntimeError, match="Failed to reach API"):
        turns.take(FlowRun(flow_id=uuid4()), datetime.now(UTC))
    gc.collect()
    assert noise == []


def test_a_second_server_in_one_home_is_refused(prefect_server: str) -> None:
    """Two that were started at the same moment, or on two ports, would write to one database."""
    home = os.environ["PREFECT_HOME"]
    start = "import pathlib, sys, desk.server; desk.server.LocalServer(pathlib.Path(sys.argv[1])).start()"
    second = subprocess.run([sys.executable, "-c", start, home], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert f"Another cleardays up has its Prefect server in {home} already." in second.stderr
    assert "CLEARDAYS_PREFECT_URL" in second.stderr


def test_desks_that_make_the_pool_at_once_share_it(prefect_server: str) -> None:
    """The first start of several desks on a new server makes one pool, and none of them breaks off."""
    for number in range(5):
        with ThreadPoolExecutor(4) as threads:
            together = threading.Barrier(4)

            def ensure(name: str = f"shared-{number}", together: threading.Barrier = together) -> UUID:
                together.wait()
                return ensure_pool(prefect_server, name)

            assert len({made.result() for made in [threads.submit(ensure) for _ in range(4)]}) == 1


def test_creating_twice_makes_one_run(office: Office) -> None:
    """The same case has the same run however often it is asked for; another case has another."""
    until = datetime.now(UTC) + FAR
    first = office.notified("PC70", until, due_at=until)
    assert office.notified("PC70", until, due_at=until) == first
    assert office.notified("PC71", until, due_at=until) != first
    found = office.runs.find("PC70")
    assert found is not None
    assert (found.run_id, found.case_ref) == (first, "PC70")


def test_a_moved_deadline_moves_the_parked_run(office: Office) -> None:
    """`repark` changes the name, the date and the message, with no turn in between."""
    until = datetime.now(UTC).replace(microsecond=0) + FAR
    run_id = office.notified("PC8", until, due_at=until)
    moved = until + timedelta(days=14)
    assert office.runs.repark(run_id, "Awaiting more feedback", moved, "Extended by 14 days.") == "woken"
    run = office.runs.state_of(run_id)
    assert run is not None
    assert (run.state_name, run.due_at, run.message) == (
        "Awaiting more feedback",
        moved,
        "Extended by 14 days.",
    )


def test_when_prefects_database_is_lost_the_run_is_made_again(office: Office, tmp_path: Path) -> None:
    """The old id is reported missing, and `create` makes a new run on the empty server."""
    until = datetime.now(UTC) + FAR
    home = tmp_path / "prefect"
    with LocalServer(home) as server, Runs(server.api_url) as runs:
        lost = runs.create("PC9", "toy", deploy(server.api_url, "toy"), "Awaiting feedback", until)
    for file in home.glob("prefect.db*"):
        file.unlink()
    with LocalServer(home) as server, Runs(server.api_url) as runs:
        assert runs.wake(lost, "Healthwatch answered.") == "missing"
        assert runs.find("PC9") is None
        again = runs.create("PC9", "toy", deploy(server.api_url, "toy"), "Awaiting feedback", until)
        assert runs.wake(again, "Healthwatch answered.") == "woken"


def test_a_server_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """A desk that is killed leaves no server behind to hold its port."""
    script = (
        "import pathlib, sys, time; from desk.server import LocalServer; "
        "server = LocalServer(pathlib.Path(sys.argv[1])); server.start(); "
        "print(server.port, flush=True); time.sleep(600)"
    )
    desk = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert desk.stdout is not None
    server = LocalServer(tmp_path, port=int(desk.stdout.readline()))
    assert server.is_healthy()
    desk.kill()
    desk.wait()
    wait_until(lambda: not server.is_healthy(), "the server to end with the desk")


def test_a_server_that_dies_says_why(tmp_path: Path) -> None:
    """The error carries the end of the server's log, and names the whole of it."""
    nowhere = {"PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{tmp_path}/no-such-folder/prefect.db"}
    server = LocalServer(tmp_path, settings=nowhere)
    with pytest.raises(ServerDidNotStart, match=r"(?s)ended with code.*unable to open database file.*server\.log"):
        server.start()
    assert server.pid is None


def test_a_port_that_another_program_has_is_refused(tmp_path: Path) -> None:
    """Whatever answers there is not taken for our server; the sentence names the port and the ways out."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerDidNotStart, match=f"port {port} already.*CLEARDAYS_PREFECT_PORT"):
            LocalServer(tmp_path, port=port).start()

"""A desk at work as `cleardays up` runs it, in a process of its own, on a clock that a test moves.

`python -m tests.desk_at_work` is that process; CLEARDAYS_HOME says where it keeps its things.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from desk.office import open_office
from desk.server import free_port
from desk.server_auth import server_auth
from desk.settings import Settings
from flows import FLOWS
from models import better_care_packs
from models.facts import Record
from models.pharmacy_words import PROCEDURE
from models.store import CaseSummary
from tasks.turns import Office

if TYPE_CHECKING:
    from desk.runs import Runs
    from models.pharmacy import PharmacyCase

ROOT = Path(__file__).resolve().parents[1]
DOOR = "command line"
PACKS = "TEST_BETTER_CARE_PACKS"  #: names the file of Better Care policy periods that a desk goes by


def wait_until(true: Callable[[], object], what: str, patience: float = 180) -> None:
    """Wait until `true()`; fail with `what` was waited for when it takes too long."""
    give_up = time.monotonic() + patience
    while not true():
        if time.monotonic() > give_up:
            pytest.fail(f"waited {patience:.0f} seconds in vain for: {what}")
        time.sleep(0.05)


class FileClock:
    """A clock that stands still for every process that reads its file, until a test moves it."""

    def __init__(self, file: Path) -> None:
        """Tell the instant that `file` holds."""
        self._file = file

    def now(self) -> datetime:
        """Return the instant in the file, aware."""
        return datetime.fromisoformat(self._file.read_text())

    def set(self, instant: datetime) -> None:
        """Move every process's clock to `instant` (aware)."""
        new = self._file.with_suffix(".new")
        new.write_text(instant.isoformat())
        new.replace(self._file)


def a_paper(home: Path) -> str:
    """Write a paper that can be attached into a folder, and return its path."""
    path = home / "application.pdf"
    path.write_bytes(b"%PDF-1.4 made up")
    return str(path)


@dataclass(frozen=True)
class FormRun:
    """How the run of a form ended."""

    run_id: UUID
    state: str
    message: str


@dataclass
class DeskAtWork:
    """One home folder: its desk, its Prefect server, and this process's own office on the same database."""

    home: Path
    port: int = field(default_factory=free_port)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    settings: Mapping[str, str] = field(default_factory=dict)  #: variables that its desks are started with

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a process that works with this home."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CLEARDAYS_"))}
        own = {
            "CLEARDAYS_HOME": str(self.home), "CLEARDAYS_PREFECT_PORT": str(self.port), "CLEARDAYS_BELL_SECONDS": "0.2",
            "PREFECT_HOME": str(self.home / "prefect"), "CLEARDAYS_PROCEDURES": PROCEDURE,
            "CLEARDAYS_DAILY_HEADS": "false",
        }  # fmt: skip
        return {**kept, **own, **self.settings, **more}

    def open(self, name: str = "desk", **environment: str) -> subprocess.Popen[bytes]:
        """Start a desk, and return its process once it is open; what it tells goes to `<name>.told`."""
        told = self.home / f"{name}.told"
        with told.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.desk_at_work"], cwd=ROOT, env=self.environment(**environment),
                stdout=file, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.processes.append(process)
        wait_until(lambda: "at work" in told.read_text() or process.poll() is not None, "the desk to open", 240)
        assert process.poll() is None, told.read_text()
        return process

    def close(self) -> None:
        """Stop every desk as an officer would, by Ctrl-C; each must leave in order."""
        self.__dict__.pop("deployments", None)  # the next desk makes its own
        while self.processes:
            self.close_one(self.processes[-1])

    def close_one(self, process: subprocess.Popen[bytes]) -> None:
        """Stop one desk."""
        process.terminate()
        assert process.wait(timeout=90) == 0
        self.processes.remove(process)

    def kill(self) -> None:
        """End what is left of the desks after a test that failed."""
        for process in self.processes:
            process.kill()
            process.wait()

    @property
    def url(self) -> str:
        """Return where the Prefect pages are."""
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def clock(self) -> FileClock:
        """Return the clock that every process of this home goes by."""
        return FileClock(self.home / "clock")

    @cached_property
    def office(self) -> Office:
        """Return an office on the same database: what an officer's command line works with."""
        return open_office(Settings(home=self.home, _env_file=None), self.clock)

    @property
    def auth(self) -> str | None:
        """Return what the desk's Prefect server asks for."""
        return server_auth(Settings(home=self.home, _env_file=None))

    @cached_property
    def runs(self) -> Runs:
        """Return the runs on the desk's Prefect server."""
        from desk.runs import Runs

        return Runs(f"{self.url}/api", self.auth)

    @cached_property
    def prefect(self) -> Any:
        """Return a client of the desk's Prefect server."""
        from prefect.client.orchestration import SyncPrefectClient

        return SyncPrefectClient(f"{self.url}/api", auth_string=self.auth)

    # -- what an officer does ------------------------------------------------------------------------------

    def fill_in(self, title: str, /, *, of: str = PROCEDURE, **parameters: Any) -> FormRun:
        """Fill in a form of a procedure as the Prefect pages do, and return how its run ended."""
        run_id = self.prefect.create_flow_run_from_deployment(self.deployment(title, of), parameters=parameters).id
        return self.ended(run_id)

    def ended(self, run_id: UUID) -> FormRun:
        """Return how a run ended, once it has."""
        wait_until(lambda: self.prefect.read_flow_run(run_id).state.is_final(), "the form's run to end")
        state = self.prefect.read_flow_run(run_id).state
        return FormRun(run_id, state.name, state.message)

    def deployment(self, title: str, of: str = PROCEDURE) -> UUID:
        """Return the id of a procedure's deployment by its title, without the number in front."""
        cases, form = f"desk.procedures:{FLOWS[of].partition(':')[2]}", f"desk.prefect_forms:{of.replace('-', '_')}_"
        own = [each for each in self.deployments if each.entrypoint == cases or each.entrypoint.startswith(form)]
        found: dict[str, UUID] = {re.sub(r"^\d+ ", "", each.name): each.id for each in own}
        return found[title]

    @cached_property
    def deployments(self) -> list[Any]:
        """Return every deployment on the desk's Prefect server, in the order of their names."""
        from prefect.client.schemas.sorting import DeploymentSort

        return list(self.prefect.read_deployments(limit=200, sort=DeploymentSort.NAME_ASC))

    def does(self, ref: str, verb: str, **fields: Any) -> None:
        """Do a verb in this process, which is not the desk's."""
        from tasks.verbs import perform

        perform(self.office, ref, verb, fields, channel=DOOR)

    def has_papers(self, ref: str) -> None:
        """Attach what a case needs before it is circulated: a screening of one sentence, and an application."""
        self.does(ref, "attach", kind="equality-screening", reasons="A small change.")
        self.does(ref, "attach", kind="application", file=a_paper(self.home))

    # -- what is seen --------------------------------------------------------------------------------------

    def record(self, ref: str) -> Record:
        """Return a case's record."""
        return self.office.store.record(ref)

    def waits_for(self, ref: str, awaiting: str) -> CaseSummary:
        """Wait until a case rests in a state, its run parked under the same name; return its summary."""

        def rests() -> bool:
            case = self.office.store.case(ref)
            if (case.awaiting, case.seen) != (awaiting, case.head):
                return False
            run = self.runs.find(ref)
            return run is not None and run.state_name == awaiting

        wait_until(rests, f"{ref} to be {awaiting!r}")
        return self.office.store.case(ref)


@contextmanager
def desk_at_work(home: Path, now: datetime, **settings: str) -> Iterator[DeskAtWork]:
    """Open a desk at `home` with `settings` of its own, its clock at `now` (aware); it is closed at the end."""
    work = DeskAtWork(home, settings=settings)
    work.clock.set(now)
    try:
        work.open()
        yield work
        work.close()
    finally:
        work.kill()


@dataclass(frozen=True)
class TurnTaken:
    """That a process ran a case's procedure from its top, between two instants of the machine's monotonic clock."""

    case: str
    process: int
    began: int
    ended: int


def turns_taken(home: Path) -> list[TurnTaken]:
    """Return the turns that the desks at `home` have taken, each by the word of the desk that took it."""
    lines = [line.split() for file in home.glob("*.turns") for line in file.read_text().splitlines()]
    return [TurnTaken(case, int(process), int(began), int(ended)) for case, process, began, ended in lines]


def _note_turns(file: Path) -> None:
    """Write down in `file` when each turn of this process begins and ends."""
    from flows.pharmacy_consolidation import VERSIONS

    def noted(procedure: Callable[[PharmacyCase], str], case: PharmacyCase) -> str:
        began = time.monotonic_ns()
        try:
            return procedure(case)
        finally:
            with file.open("a") as notes:
                notes.write(f"{case.ref} {os.getpid()} {began} {time.monotonic_ns()}\n")

    for version, procedure in VERSIONS.items():
        VERSIONS[version] = partial(noted, procedure)


def _main() -> int:
    from desk import service
    from desk.settings import settings
    from desk.up import work

    service.POLL_SECONDS = 0.4  # a test fills in many forms, one after the other

    def told(line: str) -> None:
        print(line, flush=True)

    home = settings().home
    if (packs := os.environ.get(PACKS)) is not None:
        better_care_packs.SHIPPED = Path(packs)
    _note_turns(home / f"{os.getpid()}.turns")
    return work(settings(), told=told, clock=FileClock(home / "clock"), ready=lambda desk, url: told("at work"))


if __name__ == "__main__":
    sys.exit(_main())

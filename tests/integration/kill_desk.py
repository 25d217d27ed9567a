"""A desk and an officer in processes of their own, without a Prefect server, for tests that kill one of them.

The desk has the real bell, turns, postroom, mailer and store. It works when it is told to, until nothing is left to be
done at that instant, and says so: whoever plays a case with it never waits for a time to pass.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn, cast
from uuid import NAMESPACE_URL, UUID, uuid5

# Imported here, once, by the process that the others are forked from: they then start in a moment.
import desk.cli
import desk.commands_verbs
import desk.door
import notifications.documents
import notifications.mailer  # noqa: F401
from desk.bell import Bell
from desk.office import open_office
from desk.procedures import PROCEDURES  # noqa: F401
from desk.runs import Outcome, Runs
from desk.service import Desk, transport_of
from desk.settings import Settings
from flows import turn_of
from models import failpoints
from models.clock import Clock
from models.council import Council, load_council
from models.london import LONDON
from models.pharmacy_words import PROCEDURE
from notifications.mail_settings import SmtpSettings
from notifications.outbox import Postroom
from tasks.turns import CaseView, Office, Parked
from tests.integration.desk_apart import SharedClock, note_failpoints

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.integration.kill_warm"])

BEGAN = datetime(2017, 7, 26, 10, tzinfo=LONDON)
NOTICE = {
    "reference": "CAS-17", "given_at": BEGAN.isoformat(), "capacity": "relevant", "applicant": "A Ltd",
    "closing": "1 Low Street", "remaining": "2 High Street", "wards": "bargate",
}  # fmt: skip

SOUTHAMPTON = load_council("southampton", Settings(_env_file=None).councils)  #: read once, for every process
NOWHERE = "http://127.0.0.1:9/api"  #: nothing is asked of a Prefect server


def council(name: str) -> Council:
    """Return the one council of these stories."""
    assert name == SOUTHAMPTON.id, name
    return SOUTHAMPTON


@dataclass(frozen=True)
class Orders:
    """What a process is to work on, and where it is to die."""

    home: Path
    database: str
    mail_port: int
    dies_at: str = ""  #: a failpoint, as `models.failpoints.arm` takes it; "": nowhere
    at_once: int = 1  #: letters sent at the same time
    notes: Path | None = None  #: where each failpoint that is reached is written down, one a line

    def settings(self) -> Settings:
        """Return the settings of a desk with these orders."""
        mail = SmtpSettings(host="127.0.0.1", port=self.mail_port, hello_name="desk.example.org")
        return Settings(home=self.home, database=self.database, transport="smtp", smtp=mail, _env_file=None)

    def clock(self) -> SharedClock:
        """Return the clock of the story."""
        return SharedClock(self.home / "clock")

    def office(self) -> Office:
        """Open an office on the database and the story's clock."""
        office = open_office(self.settings(), self.clock())
        office.council = council
        return office

    def prepare(self) -> None:
        """Set this process up: its log, its failpoint, its notes."""
        logging.basicConfig(filename=self.home / "desk.log", level=logging.WARNING, force=True)
        failpoints.arm(self.dies_at)
        note_failpoints(self.notes)


class TurnsHere:
    """What the bell rings for, in place of a Prefect server: it notes which cases call, and takes their turns."""

    def __init__(self) -> None:
        self._refs: dict[UUID, str] = {}
        self._called: dict[UUID, str] = {}

    def create(self, ref: str, procedure: str, deployment: UUID, *state: Any) -> UUID:
        """Make the run of a case, the same each time, and note that the case calls."""
        run = uuid5(NAMESPACE_URL, ref)
        self._refs[run] = self._called[run] = ref
        return run

    def wake(self, run: UUID, reason: str) -> Outcome:
        """Note that a case calls; a desk that is new here makes its run again, as on a Prefect server that is new."""
        if run not in self._refs:
            return "missing"
        self._called[run] = self._refs[run]
        return "woken"

    def park(
        self, awaiting: str, until: datetime | None, message: str, overtaken: Callable[[], bool] = lambda: False
    ) -> NoReturn:
        """Leave a turn, claimed before it began as under a Prefect server; the record says what is awaited."""
        raise Parked(awaiting, until, message)

    def show(self, case: CaseView, parked: Parked | None) -> None:
        """Show nothing: nobody looks."""

    def take_all(self) -> int:
        """Take a turn of each case that calls; return how many."""
        called, self._called = list(self._called.values()), {}
        for ref in called:
            try:
                turn_of(PROCEDURE)(ref)
            except Parked:
                continue
        return len(called)


class DeskAtHand(Desk):
    """The desk, without the thread in which Prefect would have it take turns."""

    def __init__(self, office: Office, orders: Orders) -> None:
        chosen = orders.settings()
        super().__init__(office, chosen, NOWHERE, {})
        office.engine = self._turns = TurnsHere()
        self.postroom = Postroom(
            office.store, office.clock, transport_of(chosen), office.holder, self._retry_minutes, orders.at_once
        )
        self._loop = asyncio.new_event_loop()
        self.postroom.recover(self._dead_claimants())

    def works_until_it_rests(self) -> None:
        """Do everything that is to be done at this instant: turns, and the letters that they cause.

        The bell is new each time: it waits some seconds before it rings twice for one reason, and the story's clock
        leaps.
        """
        bell = Bell(self.office, cast(Runs, self._turns), {PROCEDURE: UUID(int=1)}, lambda: None, 1.0)
        while bell.sweep() + self._turns.take_all() + self._loop.run_until_complete(self.postroom.post_due()):
            self.postroom.recover(self._dead_claimants())


def keep_a_desk(orders: Orders, line: Connection) -> None:
    """Be a desk: work whenever the other end of `line` says so, answer when at rest, and leave when it hangs up."""
    orders.prepare()
    here = DeskAtHand(orders.office(), orders)
    line.send("open")
    while True:
        try:
            line.recv()
        except EOFError:
            return
        here.works_until_it_rests()
        line.send("rests")


def type_a_command(orders: Orders, words: Sequence[str]) -> None:
    """Be an officer at the command line, on the clock of the story: `cleardays WORDS`."""
    orders.prepare()
    os.environ |= {"CLEARDAYS_HOME": str(orders.home), "CLEARDAYS_DATABASE": orders.database}
    told = os.open(orders.home / "told", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(told, 1)
    os.dup2(told, 2)

    def on_the_clock(settings: Settings, clock: Clock | None = None) -> Office:
        return orders.office()

    desk.door.open_office = on_the_clock  # type: ignore[attr-defined]
    sys.exit(desk.cli.main(list(words)))


class DeskDied(Exception):
    """The desk's process was killed by its failpoint."""


class DeskBroke(AssertionError):
    """The desk's process ended in another way than by its failpoint, or hangs."""


class DeskProcess:
    """A desk in a process of its own, seen from outside."""

    PATIENCE = 120  #: seconds for it to come to rest; only a desk that hangs needs them

    def __init__(self, orders: Orders) -> None:
        """Start it. Raises DeskDied when it dies before it is open."""
        self._orders = orders
        self._line, others_end = PROCESSES.Pipe()
        self.process = PROCESSES.Process(target=keep_a_desk, args=(orders, others_end))
        self.process.start()
        others_end.close()
        self._hear()

    def works(self) -> None:
        """Let it work until it rests. Raises DeskDied, or DeskBroke."""
        self._line.send("work")
        self._hear()

    def _hear(self) -> None:
        try:
            if not self._line.poll(self.PATIENCE):
                raise DeskBroke(f"the desk has been at work for {self.PATIENCE} seconds and does not rest")
            self._line.recv()
        except (EOFError, ConnectionError):
            self.process.join()
            if self.process.exitcode == -9 and self._orders.dies_at:
                raise DeskDied(self._orders.dies_at) from None
            raise DeskBroke(f"a desk ended by itself with {self.process.exitcode}: {self._said()}") from None

    def _said(self) -> str:
        return (self._orders.home / "desk.log").read_text()[-2000:]

    def close(self) -> None:
        """End it."""
        self._line.close()
        self.process.kill()
        self.process.join()


def officer(orders: Orders, words: Sequence[str]) -> int:
    """Let an officer type a command in a process of their own; return its exit code, -9 where it was killed."""
    process = PROCESSES.Process(target=type_a_command, args=(orders, words))
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode

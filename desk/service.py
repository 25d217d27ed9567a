"""The desk at work: the worker takes turns, the bell rings, the postroom sends."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from uuid import UUID

from desk.bell import Bell
from desk.board import Board
from desk.clock_watch import WatchedClock, uptime
from desk.engine import PrefectEngine
from desk.office import is_dead
from desk.outage_watch import OutageWatch
from desk.pulse import Pulse
from desk.runs import Runs
from desk.settings import Settings
from models.clock import ClockInDoubt, SystemClock
from models.outages import MAIL, PREFECT
from models.outgoing import LetterState
from notifications.mailer import SmtpTransport
from notifications.outbox import Postroom
from notifications.transport import FolderTransport, Transport
from tasks.turns import Office, set_office

log = logging.getLogger(__name__)

POOL = "cleardays"
BRIEF = 10.0  #: seconds for which the Prefect server may be silent without its being noted
QUIET = 10.0  #: seconds for which a desk that opens again after a kill leaves aside what can wait
POLL_SECONDS = 2.0  #: between two looks for forms that somebody has filled in


class MailIsNotSet(RuntimeError):
    """Letters are to be sent by SMTP, but no mail server is given: set CLEARDAYS_SMTP__HOST, or use the folder."""


class Desk:
    """Everything one desk process does, on one Prefect server and one case database."""

    def __init__(
        self, office: Office, settings: Settings, api_url: str, deployments: Mapping[str, UUID],
        auth: str | None = None, told: Callable[[str], None] = lambda line: None, again: bool = False,
    ) -> None:  # fmt: skip
        """`deployments` gives each procedure's deployment id on the server; `told` hears what is urgent.

        `again` tells that the desk opens after a kill: cases that missed a turn come first.
        """
        from desk.worker import DeskWorker

        self.office, self._settings = office, settings
        self.clock = WatchedClock(office.clock, uptime if isinstance(office.clock, SystemClock) else None)
        office.clock = self.clock
        self.pulse = Pulse(office, self.clock, told)
        self._prefect, self._mail_server = OutageWatch(office, PREFECT, BRIEF), OutageWatch(office, MAIL)
        self.runs = Runs(api_url, auth)
        office.engine = PrefectEngine(self.runs)
        office.dead_holders = self._dead_holders
        set_office(office)
        self.worker = DeskWorker(
            POOL, name=settings.desk, limit=settings.turns_at_once, poll_seconds=POLL_SECONDS, again=self._has_news,
            heard=_telling(self._prefect),
            journal=None if settings.prefect_url else settings.home / "prefect" / "prefect.db",
        )
        self.bell = Bell(office, self.runs, deployments, self.worker.nudge, settings.bell_seconds)
        self._board = Board(office, self.runs, deployments, told)
        self.postroom = Postroom(
            office.store, office.clock, transport_of(settings), office.holder, self._retry_minutes,
            answers=_telling(self._mail_server),
        )
        self._quiet = QUIET if again else 0.0
        self._mail = threading.Event()
        self._stopping = threading.Event()
        self._closed = threading.Event()
        office.posted = self._mail.set
        office.recorded = self.bell.ring

    def run(
        self, printer: Callable[[str], None] = log.info, started: Callable[[], None] = lambda: None,
        beside: Mapping[str, Callable[[], None]] | None = None,
    ) -> None:  # fmt: skip
        """Work until `stop`; turns and letters under way end first. `beside` runs in threads of its own, by name."""
        self.pulse.begin()
        if self.pulse.doubt is None:
            self.postroom.recover(self._dead_claimants())
        work = {
            "pulse": self.pulse.keep_beating, "bell": self.bell.keep_ringing,
            "board": self._keep_board_fresh,
            "postroom": lambda: asyncio.run(self._keep_posting()), **(beside or {}),
        }  # fmt: skip
        helpers = [threading.Thread(target=target, name=name) for name, target in work.items()]
        for helper in helpers:
            helper.start()
        started()
        try:
            asyncio.run(self.worker.start(printer=printer))
        finally:
            self.stop()
            for helper in helpers:
                helper.join()
            self.pulse.end()
            self.runs.close()
            self._closed.set()

    def wait(self, seconds: float) -> bool:
        """Wait, until the desk is told to stop at the most; tell whether it was. Callable from any thread."""
        return self._stopping.wait(seconds)

    def has_closed(self, seconds: float) -> bool:
        """Wait up to `seconds` until nothing of the desk is at work any more; tell whether so. From any thread."""
        return self._closed.wait(seconds)

    def leave_aside(self) -> None:
        """Wait while there is more urgent work after a kill, or until the desk is told to stop."""
        self.wait(self._quiet)

    def stop(self) -> None:
        """Let `run` end. Callable from any thread."""
        self._stopping.set()
        self.pulse.stop()
        self.worker.stop()
        self.bell.stop()
        self.postroom.stop()
        self._mail.set()

    def _keep_board_fresh(self) -> None:
        self.leave_aside()
        self._board.keep_fresh(self.wait)

    async def _keep_posting(self) -> None:
        while not self._stopping.is_set():
            self._mail.clear()
            try:
                if await self.postroom.post_due():
                    self.bell.ring()
                self.postroom.recover(self._dead_claimants())
            except ClockInDoubt:  # the pulse has said so
                await asyncio.to_thread(self._stopping.wait, 2.0)
            except Exception:
                log.exception("The postroom could not work; trying again shortly.")
                await asyncio.sleep(2)
            await asyncio.to_thread(self._mail.wait, 2.0)
        await self.postroom.close()

    def _has_news(self, ref: str) -> bool:
        case = self.office.store.case(ref)
        return case.outcome is None and case.head > case.seen

    def _retry_minutes(self, ref: str) -> tuple[int, ...]:
        case = self.office.store.case(ref)
        return self.office.council(case.council).local_policy.retry_minutes.value

    def _dead_claimants(self) -> list[str]:
        """Return the holders of claimed letters whose process is gone."""
        with self.office.store.reading() as reading:
            held = reading.letters_held([LetterState.CLAIMED, LetterState.SENDING])
        holders = {letter.claimed_by for letter in held if letter.claimed_by}
        return [holder for holder in holders if holder != self.office.holder and is_dead(holder)]

    def _dead_holders(self) -> list[str]:
        """Return the holders of turns whose process is gone."""
        with self.office.store.reading() as reading:
            holders = reading.turn_holders()
        return [holder for holder in holders if holder != self.office.holder and is_dead(holder)]


def _telling(watch: OutageWatch) -> Callable[[str | None], None]:
    """Return what a service's failures, and with None its answers, are told to."""
    return lambda failure: watch.works() if failure is None else watch.failed(failure)


def transport_of(settings: Settings) -> Transport:
    """Return how letters leave: through the council's mail server, or into a folder. Raises MailIsNotSet."""
    if settings.transport == "folder":
        return FolderTransport(settings.outbox)
    if settings.smtp is None:
        raise MailIsNotSet(MailIsNotSet.__doc__ or "")
    return SmtpTransport(settings.smtp)

"""The bell: wakes the run of every case that has a new fact or whose next turn is due.

A wake is only a hint: whatever rang it and was lost, the bell finds again, because it asks the record. It also
makes the runs of cases that have none, and gives back those that Prefect has lost.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from models.clock import ClockInDoubt
from models.failpoints import reached
from models.store import CaseSummary
from tasks.turns import Office

if TYPE_CHECKING:
    from desk.runs import Runs

log = logging.getLogger(__name__)

ONCE_IN = 5.0  #: seconds before the same reason rings again; twice as long each time
SELDOM = 300.0  #: the longest of these pauses: a case whose turns fail is tried again for as long as it takes
MANY = 200  #: cases woken in one sweep


@dataclass(frozen=True, slots=True)
class _Rung:
    """Why a case was rung for, and when the same reason rings again."""

    reason: tuple[int, datetime | None]
    pause: float
    again_at: float


class Bell:
    """Rings for the cases of one office."""

    def __init__(
        self, office: Office, runs: Runs, deployments: Mapping[str, UUID], nudge: Callable[[], None], seconds: float
    ) -> None:
        """`deployments` gives a procedure's deployment; `nudge` makes the worker look; `seconds` between sweeps."""
        self._office, self._runs, self._deployments = office, runs, deployments
        self._nudge, self._seconds = nudge, seconds
        self._rung: dict[str, _Rung] = {}
        self._told = threading.Event()
        self._stopping = False
        self._quiet_since: str | None = None  # the store's mark when no case called for anything
        self._any_call = True
        self._next_due: datetime | None = None

    def ring(self, ref: str = "") -> None:
        """Sweep now rather than at the next interval. Callable from any thread."""
        self._told.set()

    def stop(self) -> None:
        """End `keep_ringing`. Callable from any thread."""
        self._stopping = True
        self._told.set()

    def keep_ringing(self) -> None:
        """Sweep until stopped. A server that does not answer is asked again at the next sweep."""
        while not self._stopping:
            self._told.clear()
            try:
                self.sweep()
            except ClockInDoubt:  # the pulse and the board say so
                self._told.wait(2.0)
            except Exception as error:
                log.warning("The bell could not ring; trying again shortly. %s: %s", type(error).__name__, error)
                self._told.wait(2.0)
            self._told.wait(self._seconds)

    def sweep(self) -> int:
        """Wake every case that calls for a turn, and return how many were woken."""
        mark = self._office.store.mark()
        if mark is not None and mark == self._quiet_since and not self._is_due():
            return 0
        self._quiet_since = None
        calling = self._calling()
        woken = [case for case in calling if not self._stopping and self._wake_alone(case)]
        if woken:
            self._nudge()
        if not self._any_call:
            self._quiet_since = mark
        return len(woken)

    def _is_due(self) -> bool:
        return self._next_due is not None and self._next_due <= self._office.clock.now()

    def _calling(self) -> list[CaseSummary]:
        """Return up to MANY cases that call for a turn and were not rung for just now, past all that were."""
        limit = MANY
        while True:
            with self._office.store.reading() as reading:
                cases = reading.to_wake(self._office.clock.now(), limit)
                self._any_call, self._next_due = bool(cases), reading.next_due()
            calling = [case for case in cases if self._is_new(case)]
            if len(calling) >= MANY or len(cases) < limit:
                return calling[:MANY]
            limit *= 2

    def _is_new(self, case: CaseSummary) -> bool:
        """Tell whether this reason has not rung just now: the turn it asked for may be under way, or have failed."""
        rung = self._rung.get(case.ref)
        return rung is None or rung.reason != (case.head, case.due_at) or time.monotonic() >= rung.again_at

    def _note(self, case: CaseSummary) -> None:
        reason, rung = (case.head, case.due_at), self._rung.get(case.ref)
        pause = min(rung.pause * 2, SELDOM) if rung is not None and rung.reason == reason else ONCE_IN
        if len(self._rung) > 10_000:
            self._rung.clear()
        self._rung[case.ref] = _Rung(reason, pause, time.monotonic() + pause)

    def _wake_alone(self, case: CaseSummary) -> bool:
        """Wake a case; what goes wrong with it alone does not keep the others asleep."""
        from httpx import HTTPStatusError, TransportError

        self._note(case)
        try:
            return self._wake(case)
        except Exception as error:
            if isinstance(error, TransportError):
                raise
            if isinstance(error, HTTPStatusError) and error.response.status_code >= 500:
                raise
            log.exception("Case %s could not be woken; trying again later.", case.ref)
            return False

    def _wake(self, case: CaseSummary) -> bool:
        run_id = UUID(case.run_id) if case.run_id else None
        outcome = self._runs.wake(run_id, "A fact was recorded, or a date has come.") if run_id else "missing"
        if outcome == "missing":
            self._make_run(case)
        elif outcome == "finished" and run_id is not None:
            self._runs.revive(run_id, "The last turn did not end as it should.")
        elif outcome == "running":
            self._rung.pop(case.ref, None)  # look again as soon as that turn has ended
            return False
        return outcome != "paused"

    def _make_run(self, case: CaseSummary) -> None:
        deployment = self._deployments.get(case.procedure)
        if deployment is None:
            log.error("Case %s follows %s, which this desk does not know.", case.ref, case.procedure)
            return
        run = self._runs.create(case.ref, case.procedure, deployment, "Notified", datetime.now(UTC))
        reached("run-created", case.ref)
        self._office.store.write(lambda tx: tx.note_run(case.ref, str(run)))

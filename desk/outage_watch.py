"""Notes when something that the desk needs does not answer, and when it answers again."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime

from models.clock import ClockInDoubt
from tasks.turns import Office

log = logging.getLogger(__name__)


class OutageWatch:
    """Hears of one service whether it answers, writes when that changes, and never hinders who tells it."""

    def __init__(self, office: Office, service: str, patience: float = 0.0) -> None:
        """Watch `service`; what is over within `patience` seconds is not noted."""
        self._office, self._service, self._patience = office, service, patience
        self._since: datetime | None = None
        self._first = 0.0
        self._noted = True  # an outage may have outlasted the desk before this one: the first success ends it
        self._hearing = threading.Lock()

    def failed(self, why: str) -> None:
        """Hear that the service did not answer, and why."""
        with self._hearing:
            try:
                if self._since is None:
                    self._since, self._first = self._office.clock.now(), time.monotonic()
                    self._noted = False
                if self._noted or time.monotonic() - self._first < self._patience:
                    return
                since = self._since
                self._office.store.write(lambda tx: tx.begin_outage(self._service, since, why))
                self._noted = True
            except Exception as error:
                self._tell(error)

    def works(self) -> None:
        """Hear that the service answered."""
        if self._since is None and not self._noted:
            return
        with self._hearing:
            try:
                now = self._office.clock.now()
                if self._noted:
                    self._office.store.write(lambda tx: tx.end_outage(self._service, now))
                self._since, self._noted = None, False
            except Exception as error:
                self._tell(error)

    def _tell(self, error: Exception) -> None:
        if not isinstance(error, ClockInDoubt):
            log.warning("Whether %s answers could not be noted. %s", self._service, error)

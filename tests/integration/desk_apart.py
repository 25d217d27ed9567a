"""A desk in a process of its own, for tests that kill it: real worker, bell and postroom, on a clock the test moves."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

# Imported here, once, by the process that desks are forked from: a desk then starts in a moment.
import notifications.documents
import notifications.mailer  # noqa: F401
from desk.office import open_office
from desk.procedures import PROCEDURES  # noqa: F401
from desk.reconcile import reconcile
from desk.server import use_server
from desk.service import Desk
from desk.settings import Settings
from models import failpoints
from models.facts import read_instant, write_instant
from notifications.mail_settings import SmtpSettings


class SharedClock:
    """A clock that stands still until the test moves it, and that its desks read too: its instant is a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        """Return the instant the clock was last set to, in UTC."""
        return read_instant(self._file.read_text())

    def set(self, instant: datetime) -> None:
        """Move to `instant` (aware), for every process at once."""
        moved = self._file.with_suffix(".moved")
        moved.write_text(write_instant(instant))
        os.replace(moved, self._file)


def work(home: Path, api_url: str, deployments: Mapping[str, UUID], mail_port: int, dies_at: str) -> None:
    """Open a desk on what is in `home` and work until SIGTERM, or until it reaches the failpoint `dies_at`."""
    logging.basicConfig(filename=home / "desk.log", level=logging.WARNING, force=True)
    failpoints.arm(dies_at)
    use_server(api_url)
    mail = SmtpSettings(host="127.0.0.1", port=mail_port, hello_name="desk.example.org")
    chosen = Settings(home=home, transport="smtp", smtp=mail, bell_seconds=0.05)
    office = open_office(chosen, SharedClock(home / "clock"))
    desk = Desk(office, chosen, api_url, deployments)
    signal.signal(signal.SIGTERM, lambda number, frame: desk.stop())
    list(reconcile(office, desk.runs, deployments))
    desk.run(started=(home / "open").touch)
    office.store.close()

"""A desk in a process of its own, for tests that kill it: real worker, bell and postroom, on a clock the test moves."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from httpx import Request, Response

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

NO_CHANGE = ("filter", "count", "get_scheduled_flow_runs", "heartbeat", "paginate", "history")


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


def work(
    home: Path, api_url: str, deployments: Mapping[str, UUID], mail_port: int, database: str, dies_at: str,
    notes: Path | None = None,
) -> None:  # fmt: skip
    """Open a desk on what is in `home` and work until SIGTERM, or until it reaches the failpoint `dies_at`.

    Each failpoint that is reached is written down in `notes`, one a line.
    """
    logging.basicConfig(filename=home / "desk.log", level=logging.WARNING, force=True)
    if notes is not None or dies_at.startswith("prefect-"):
        listen_to_prefect()
    note_failpoints(notes)
    failpoints.arm(dies_at)
    use_server(api_url)
    mail = SmtpSettings(host="127.0.0.1", port=mail_port, hello_name="desk.example.org")
    chosen = Settings(home=home, database=database, transport="smtp", smtp=mail, bell_seconds=0.05, _env_file=None)
    office = open_office(chosen, SharedClock(home / "clock"))
    desk = Desk(office, chosen, api_url, deployments)
    signal.signal(signal.SIGTERM, lambda number, frame: desk.stop())
    list(reconcile(office, desk.runs, deployments))
    desk.run(started=(home / "open").touch)
    office.store.close()


def note_failpoints(notes: Path | None) -> None:
    """Write each failpoint that this process reaches into a file, one a line, from now on."""
    if notes is None:
        return
    file = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(name: str, of: str) -> None:
        os.write(file, f"{name}\t{of}\n".encode())

    failpoints.listen(note)


def listen_to_prefect() -> None:
    """Let each change that this process asks of Prefect come by a failpoint before it is asked and after the answer."""
    from prefect.client.base import PrefectHttpxAsyncClient, PrefectHttpxSyncClient

    send, send_async = PrefectHttpxSyncClient.send, PrefectHttpxAsyncClient.send

    def asks(self: PrefectHttpxSyncClient, request: Request, *args: Any, **options: Any) -> Response:
        _reached("prefect-asked", request)
        answer = send(self, request, *args, **options)
        _reached("prefect-answered", request)
        return answer

    async def asks_async(self: PrefectHttpxAsyncClient, request: Request, *args: Any, **options: Any) -> Response:
        _reached("prefect-asked", request)
        answer = await send_async(self, request, *args, **options)
        _reached("prefect-answered", request)
        return answer

    PrefectHttpxSyncClient.send = asks  # type: ignore[method-assign]
    PrefectHttpxAsyncClient.send = asks_async  # type: ignore[method-assign]


def _reached(name: str, request: Request) -> None:
    change = change_of(request)
    if change is not None:
        failpoints.reached(name, change)


def change_of(request: Request) -> str | None:
    """Return what a request changes on a Prefect server, such as "set_state RUNNING"; None for what changes nothing.

    Signs of life and logs come whenever they come, and nothing hangs on them.
    """
    path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", request.url.path.partition("/api/")[2])
    if request.method == "GET" or path.endswith(NO_CHANGE) or path.startswith(("logs", "events")):
        return None
    if path.endswith("set_state"):
        return f"set_state {json.loads(request.content)['state']['type']}"
    return f"{request.method} {path.strip('/')}"

"""`cleardays up`: the Prefect server, the deployments and the desk, started together and stopped together."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING
from uuid import UUID

from desk.settings import Settings, settings
from models import failpoints
from models.clock import Clock

if TYPE_CHECKING:
    from desk.server import LocalServer
    from desk.service import Desk

log = logging.getLogger(__name__)

AGAIN = 30.0  #: seconds before runs are compared with the record again after the server failed


def run() -> int:
    """Run server and desk until told to stop (Ctrl-C or SIGTERM). Returns the exit code."""
    return work(settings(), told=lambda line: print(line, file=sys.stderr, flush=True), kept_open=True)


def work(
    chosen: Settings, *, told: Callable[[str], None], clock: Clock | None = None,
    ready: Callable[[Desk, str], None] = lambda desk, url: None, kept_open: bool = False,
) -> int:  # fmt: skip
    """Start everything on `chosen` settings, call `ready` with the desk and the UI's address, work until stopped.

    Where the settings name a Prefect server that runs already, the desk works on that one and starts none. With
    `kept_open` the desk works in a child process and opens again when it is killed; so does a server of its own.
    """
    from desk.listener import not_checked
    from desk.server import LocalServer, ServerDidNotStart, answers, lets_in, use_server
    from desk.server_auth import open_to_others, server_auth, where_it_is

    os.umask(0o077)  # logs, letters and Prefect's files are for the desk's own user
    if (warning := failpoints.warning()) is not None:
        told(warning)
    _check(chosen, clock)
    api_url = chosen.prefect_api_url
    auth = server_auth(chosen)
    server = None if chosen.prefect_url else LocalServer(
        chosen.home / "prefect", chosen.prefect_port, auth, host=chosen.prefect_host
    )  # fmt: skip
    for warning in (open_to_others(chosen), not_checked(api_url)) if server is not None else ():
        if warning is not None:
            told(warning)
    if server is None and not answers(api_url):
        told(f"The Prefect server at {api_url} does not answer: start it, or leave CLEARDAYS_PREFECT_URL unset.")
        return 2
    if server is None and not lets_in(api_url, auth):
        told(
            f"The Prefect server at {api_url} does not take the password it was given ({where_it_is(chosen)}): put the "
            "right one into CLEARDAYS_PREFECT_AUTH, or into a file that CLEARDAYS_PREFECT_AUTH_FILE names."
        )
        return 2
    if server is not None:
        told("Starting the Prefect server (the first time takes up to a minute) ...")
        try:
            server.start(progress=_every_five_seconds(told))
        except ServerDidNotStart as error:
            told(str(error))
            return 2
    try:
        use_server(api_url, auth)
        if not kept_open:
            return _at_the_desk(chosen, told, clock, ready, again=False, forked=False)
        from desk.supervisor import import_all, keep_open

        import_all()
        return keep_open(
            lambda again: _at_the_desk(chosen, told, clock, ready, again, forked=True), told,
            look=_Restarts(server, told).look if server is not None else lambda stopping: None,
        )  # fmt: skip
    finally:
        if server is not None:
            server.stop(patience=20.0 if server.is_healthy() else 5.0)


def _check(chosen: Settings, clock: Clock | None) -> None:
    """Raise what is wrong with the database, the council's file or the mail settings before anything starts."""
    from desk.office import open_office
    from desk.service import transport_of
    from tasks.calendar_changes import current_editions

    transport_of(chosen)
    office = open_office(chosen, clock)
    try:
        office.council(chosen.council)
        current_editions(office)  # reckons the calendars, once for every desk that is forked from here
    finally:
        office.store.close()


def _at_the_desk(
    chosen: Settings, told: Callable[[str], None], clock: Clock | None, ready: Callable[[Desk, str], None], again: bool,
    forked: bool,
) -> int:  # fmt: skip
    from desk.deployments import deploy
    from desk.leaving import leave_in_time
    from desk.logs import let_go_of_server, quieten
    from desk.office import open_office
    from desk.registers import keep_registers
    from desk.server_auth import where_it_is
    from desk.service import Desk

    quieten(chosen.home / "desk.log")
    api_url = chosen.prefect_api_url
    url = api_url.rstrip("/").removesuffix("/api")
    if again:
        _until_it_answers(api_url, told)
    office = open_office(chosen, clock)
    try:
        deployments = deploy(
            api_url, log.info if again else told, forms_of=chosen.offered, kept=chosen.home / "deployments.json"
        )
        desk = Desk(office, chosen, api_url, deployments, told=told, again=again)
        _stop_on_signals(partial(leave_in_time, desk, told) if forked else desk.stop)
        if chosen.daily_heads and (nobody := _without_auditor(desk, chosen)) is not None and not again:
            told(f"{nobody}.")
        told(f"The desk is open. Letters are {_letters(chosen)}. Stop with Ctrl-C.")
        told(f"The pages ask for a password once in each browser: {where_it_is(chosen)}.")
        for procedure in () if again else chosen.offered:
            told(f"  {procedure}")
            told(f"    what a person can do: {url}/v2/deployments?limit=50&tags=%5B%22{procedure}%22%5D")
            listed = f"{url}/v2/deployments/deployment/{deployments[procedure]}?tab=Description"
            told(f"    open cases by deadline: {listed}")
        desk.run(
            started=lambda: ready(desk, url),
            beside={
                "reconcile": lambda: _reconcile(desk, deployments, told),
                **({"registers": lambda: keep_registers(desk)} if chosen.daily_heads else {}),
            },
        )
        let_go_of_server()
        told("The desk has closed; every open case stays parked and goes on when it opens again.")
        return 0
    finally:
        office.store.close()


def _until_it_answers(api_url: str, told: Callable[[str], None]) -> None:
    """Wait for a Prefect server that is away; a desk that was killed may open before it is back."""
    from desk.server import answers

    if not answers(api_url):
        told("Waiting for the Prefect server ...")
    while not answers(api_url):
        time.sleep(0.5)


class _LeftOff(Exception):
    """The server was not waited for: all is to stop."""


def _leave_off(stopping: Callable[[], bool]) -> None:
    if stopping():
        raise _LeftOff


class _Restarts:
    """Starts our own Prefect server again when it ends, after pauses that grow while it does not come up."""

    def __init__(self, server: LocalServer, told: Callable[[str], None]) -> None:
        self._server, self._told = server, told
        self._pause, self._not_before = 0.0, 0.0

    def look(self, stopping: Callable[[], bool]) -> None:
        """Start the server again if it has ended; leave that off when `stopping` tells that all is to stop."""
        from desk.server import ServerDidNotStart

        if self._server.runs() or time.monotonic() < self._not_before:
            return
        self._told("The Prefect server has ended; it is started again. Cases keep their dates meanwhile.")
        try:
            self._server.start(progress=lambda seconds: _leave_off(stopping))
            self._pause = 0.0
            self._told("The Prefect server answers again.")
        except _LeftOff:
            return
        except ServerDidNotStart as error:
            self._pause = min(300.0, max(5.0, 2 * self._pause))
            self._not_before = time.monotonic() + self._pause
            self._told(f"{error}\nTrying again in {self._pause:.0f} seconds.")


def _reconcile(desk: Desk, deployments: Mapping[str, UUID], told: Callable[[str], None]) -> None:
    """Bring Prefect's runs in line with the record while the desk works already, and say what was done."""
    from desk.reconcile import in_sum, reconcile

    desk.leave_aside()
    while not desk.wait(0):
        try:
            done = list(reconcile(desk.office, desk.runs, deployments, stopped=lambda: desk.wait(0)))
        except Exception as error:  # the server went away: the cases do not wait for it
            log.warning("Runs could not be compared with the record; trying again shortly. %s", error)
            desk.wait(AGAIN)
            continue
        if done:
            told(in_sum(done))
        return


def _without_auditor(desk: Desk, chosen: Settings) -> str | None:
    from models.council import CouncilError
    from tasks.heads_procedure import without_auditor

    try:
        return without_auditor(desk.office.council(chosen.council))
    except CouncilError:  # told where a case of it is opened
        return None


def _letters(chosen: Settings) -> str:
    return f"written to {chosen.outbox}" if chosen.transport == "folder" else "sent by the council's mail server"


def _every_five_seconds(told: Callable[[str], None]) -> Callable[[float], None]:
    said = [0]

    def progress(seconds: float) -> None:
        if seconds >= said[0] + 5:
            said[0] = int(seconds // 5) * 5
            told(f"  still starting, {said[0]} seconds so far ...")

    return progress


def _stop_on_signals(stop: Callable[[], None]) -> None:
    """Call `stop` at SIGINT or SIGTERM, in a thread of its own: the main thread may hold a lock that `stop` takes."""
    if threading.current_thread() is not threading.main_thread():
        return
    read, write = os.pipe()

    def wait_until_told() -> None:
        while os.read(read, 1):
            stop()

    def told_to_stop(number: int, frame: FrameType | None) -> None:
        os.write(write, b"!")

    threading.Thread(target=wait_until_told, daemon=True, name="told to stop").start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told_to_stop)

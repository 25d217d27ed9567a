"""A desk that is told to stop closes, also where the servers that it works with do not answer."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.leaving import letters_under_way
from models.outgoing import LetterState
from models.store import open_store
from tests.desk_at_work import ROOT, DeskAtWork, wait_until
from tests.integration.databases import AT, draft, open_case
from tests.integration.one_case import entered


class Opened:
    """`cleardays up` in a process of its own, its letters on their way to a mail server that says nothing."""

    def __init__(self, home: Path, mail_port: int) -> None:
        self.work = DeskAtWork(home)
        self.work.clock.set(datetime.now(UTC))
        environment = self.work.environment(
            CLEARDAYS_TRANSPORT="smtp", CLEARDAYS_SMTP__HOST="127.0.0.1", CLEARDAYS_SMTP__PORT=str(mail_port)
        )
        self._told = home / "told"
        with self._told.open("wb") as told:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "desk.cli", "up"], cwd=ROOT, env=environment, stdout=told, stderr=told,
            )  # fmt: skip

    @property
    def children(self) -> list[int]:
        """Return the processes that it has started."""
        try:
            pid = self.process.pid
            return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except OSError:
            return []

    @property
    def told(self) -> str:
        """Return what it has told so far."""
        return self._told.read_text()

    @property
    def is_open(self) -> bool:
        """Tell whether the desk has opened."""
        return "The desk is open." in self.told

    @property
    def went_wrong(self) -> bool:
        """Tell whether it has ended, or its desk has."""
        return self.process.poll() is not None or "it opens again" in self.told

    @property
    def server(self) -> int:
        """Return the process of its Prefect server."""
        commands = {each: Path(f"/proc/{each}/cmdline").read_text() for each in self.children}
        return next(each for each, command in commands.items() if "desk.server_process" in command)

    def letters(self, *states: LetterState) -> int:
        """Return how many letters a desk holds in these states."""
        with self.work.office.store.reading() as reading:
            return len(reading.letters_held(list(states)))


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Open a desk; whatever is left of it is killed."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        opened = Opened(tmp_path, silent.getsockname()[1])
        try:
            wait_until(lambda: opened.is_open or opened.went_wrong, "the desk to open", 240)
            assert opened.is_open, opened.told
            yield opened
        finally:
            for each in opened.children:
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
            opened.process.kill()
            opened.process.wait()
            opened.work.office.store.close()


def _ended(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


@pytest.mark.prefect
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the desk's processes are found in /proc")
def test_a_desk_closes_though_no_server_answers(opened: Opened) -> None:
    """Told to stop while Prefect and the mail server stand still, it ends in order; no letter is lost or in doubt."""
    entered(opened.work, "CAS-1")
    wait_until(lambda: opened.letters(LetterState.CLAIMED), "letters to be on their way")
    children = opened.children
    os.kill(opened.server, signal.SIGSTOP)
    entered(opened.work, "CAS-2")
    opened.process.terminate()
    assert opened.process.wait(timeout=120) == 0, opened.told
    assert "The desk has closed" in opened.told
    wait_until(lambda: all(map(_ended, children)), "the server's and the desk's end", 30)
    assert opened.letters(LetterState.CLAIMED, LetterState.SENDING) == 0


def test_letters_that_have_not_left_are_given_back_and_cannot_leave(tmp_path: Path) -> None:
    """One that the mail server may have is waited for; the others wait again, and are not ours to send any more."""
    store = open_store(f"sqlite:///{tmp_path}/cases.db")
    ref = open_case(store)
    for key in ("first", "second", "third"):
        letter = draft(key)
        store.write(lambda tx, letter=letter: tx.post(ref, 1, letter, AT))  # type: ignore[misc]
    first, second = store.write(lambda tx: tx.claim_letters(AT, "we", 2))
    (third,) = store.write(lambda tx: tx.claim_letters(AT, "they", 2))
    assert store.write(lambda tx: tx.move_letter(first, was=LetterState.CLAIMED, becomes=LetterState.SENDING))
    assert letters_under_way(store, "we")
    assert not store.write(lambda tx: tx.move_letter(second, was=LetterState.CLAIMED, becomes=LetterState.SENDING))
    with store.reading() as reading:
        states = [found.state for key in ("first", "second", "third") if (found := reading.letter(ref, key))]
    assert states == [LetterState.SENDING, LetterState.WAITING, LetterState.CLAIMED]
    assert store.write(lambda tx: tx.move_letter(first, was=LetterState.SENDING, becomes=LetterState.SENT, at=AT))
    assert not letters_under_way(store, "we")
    assert third.claimed_by == "they"
    store.close()

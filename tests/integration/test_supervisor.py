"""A desk that is killed or breaks off opens again at once; one that is told to stop, or cannot work, does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk_at_work import ROOT, wait_until

WORK = """
import os, signal, sys, time
from desk.supervisor import keep_open

def work(again):
    print("again" if again else "first", os.getpid(), flush=True)
    signal.signal(signal.SIGTERM, lambda number, frame: os._exit(0))
    if "refuses" in sys.argv:
        raise ValueError("the council's file cannot be read")
    if "breaks" in sys.argv and not again:
        raise RuntimeError("nobody foresaw this")
    while True:
        time.sleep(0.05)

def look(stopping):
    if "looks" in sys.argv:
        print("looks", flush=True)
        while not stopping():
            time.sleep(0.05)

sys.exit(keep_open(work, told=lambda line: print(line, flush=True), look=look))
"""


class Kept:
    """A process that keeps a desk open, and what it has said."""

    def __init__(self, folder: Path, how: str) -> None:
        self._said = folder / "said"
        with self._said.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-c", WORK, how], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )

    @property
    def lines(self) -> list[str]:
        """Return what was said so far."""
        return self._said.read_text().splitlines()

    def desk(self, which: str) -> int:
        """Return the process of the first desk, or of the one that opened again, once it is there."""
        wait_until(lambda: any(line.startswith(which) for line in self.lines), f"the {which} desk", 60)
        return int(next(line for line in self.lines if line.startswith(which)).split()[1])


@pytest.fixture
def kept(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Kept]:
    """Keep a desk open that goes wrong as the test's parameter says."""
    kept = Kept(tmp_path, getattr(request, "param", "works"))
    yield kept
    if kept.process.poll() is None:
        kept.process.kill()
    kept.process.wait()


def test_a_killed_desk_opens_again_and_is_told_so(kept: Kept) -> None:
    """The second desk is another process, knows that it opens again, and ends when the parent is told to stop."""
    first = kept.desk("first")
    os.kill(first, signal.SIGKILL)
    assert kept.desk("again") != first
    assert "The desk was killed (SIGKILL); it opens again." in kept.lines
    kept.process.send_signal(signal.SIGTERM)
    assert kept.process.wait(30) == 0


@pytest.mark.parametrize("kept", ["breaks"], indirect=True)
def test_a_desk_that_breaks_off_opens_again(kept: Kept) -> None:
    """What nobody foresaw is said, and does not close the desk for good."""
    kept.desk("again")
    assert "RuntimeError: nobody foresaw this" in kept.lines
    assert "The desk broke off; it opens again." in kept.lines


@pytest.mark.parametrize("kept", ["refuses"], indirect=True)
def test_a_desk_that_cannot_work_as_things_are_set_stays_closed(kept: Kept) -> None:
    """It says why in one sentence, once, and gives the exit code of a refusal."""
    assert kept.process.wait(30) == 2
    assert [line for line in kept.lines if "council's file" in line] == ["cleardays: the council's file cannot be read"]


@pytest.mark.parametrize("kept", ["looks"], indirect=True)
def test_a_desk_closes_while_its_server_is_started_again(kept: Kept) -> None:
    """Whoever looks whether all is well, and mends what is not, hears that all is to stop."""
    kept.desk("first")
    wait_until(lambda: "looks" in kept.lines, "the look", 60)
    kept.process.terminate()
    assert kept.process.wait(30) == 0


def test_a_desk_ends_with_its_parent(kept: Kept) -> None:
    """No desk works on when whoever keeps it open is gone: two would be open after the next start."""
    desk = kept.desk("first")
    kept.process.kill()
    wait_until(lambda: not _runs(desk), "the desk's end", 30)


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False

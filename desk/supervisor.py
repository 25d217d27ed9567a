"""Keeps a desk open: it works in a child process, which is forked anew at once when it dies.

The parent has imported everything the desk needs and does nothing itself, so a desk that was killed is back within a
moment: the imports alone would take seconds.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from types import FrameType

from desk.refusals import REFUSED, refuse, sentence_for
from desk.server_process import leave_with

log = logging.getLogger(__name__)

BROKE_OFF = 1  #: exit code of a desk that met something nobody foresaw
LOOK_SECONDS = 2.0  #: between two looks whether all is well
SHORT_LIVED = 10.0  #: a desk that dies sooner opens again after a pause, which grows
LONGEST_PAUSE = 60.0
TO_STOP = (signal.SIGINT, signal.SIGTERM)

#: What a desk and its first turn need; each takes from a hundredth to half a second to import.
PREPARED = (
    "anyio.streams.memory", "anyio.streams.tls", "desk.leaving", "desk.plan_table", "desk.prefect_forms",
    "desk.procedures", "desk.reconcile", "desk.registers", "desk.urgency", "desk.worker", "email_validator", "holidays",
    "notifications.documents", "notifications.mailer", "tasks.heads_procedure",
)  # fmt: skip


def import_all() -> None:
    """Import what a desk needs, so that none that is forked from here has to."""
    from desk.logs import prepare

    for name in PREPARED:
        import_module(name)
    prepare()


def keep_open(
    work: Callable[[bool], int], told: Callable[[str], None],
    look: Callable[[Callable[[], bool]], None] = lambda stopping: None,
) -> int:  # fmt: skip
    """Run `work` in a child process, again when it is killed or breaks off, until this process is told to stop.

    `work` is told whether it opens again. Returns the exit code of a desk that closed, because it was told to (SIGINT,
    SIGTERM) or because, opened for the first time, it cannot work as things are set. `look` is called every few
    seconds with what tells whether this process was told to stop, and soon returns when it was. Call `keep_open` from
    the main thread, before any other thread was started.
    """
    pauses = 0
    again = False
    with _Signals() as signals:
        while True:
            opened_at = time.monotonic()
            status = _watch(_fork(work, again), signals, look)
            short_lived = time.monotonic() - opened_at < SHORT_LIVED
            code = os.waitstatus_to_exitcode(status)
            if code == 0 or (code == REFUSED and short_lived and not again):
                return code
            if signals.stopping:
                return 0
            pauses = pauses + 1 if short_lived else 0
            pause = 0.0 if pauses < 2 else min(LONGEST_PAUSE, 2.0 ** (pauses - 2))
            how = "broke off" if code > 0 else f"was killed ({signal.Signals(-code).name})"
            told(f"The desk {how}; it opens again{f' in {pause:.0f} s' if pause else ''}.")
            again = True
            until = time.monotonic() + pause
            while (left := until - time.monotonic()) > 0 and not signals.stopping:
                signals.wait(left)
            if signals.stopping:
                return 0


def _fork(work: Callable[[bool], int], again: bool) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    code = BROKE_OFF
    try:
        signal.set_wakeup_fd(-1)
        for number in (*TO_STOP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        threading.Thread(target=leave_with, args=(parent,), daemon=True, name="parent's end").start()
        code = work(again)
    except Exception as error:
        if (sentence := sentence_for(error)) is not None:
            code = refuse(sentence, as_json=False)
        else:
            log.exception("The desk broke off.")
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _watch(child: int, signals: _Signals, look: Callable[[Callable[[], bool]], None]) -> int:
    """Wait for the end of the child, and return its status; pass on what it is told."""
    passed_on = False
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        if signals.stopping and not passed_on:
            os.kill(child, signal.SIGTERM)
            passed_on = True
        if not signals.wait(LOOK_SECONDS) and not signals.stopping:
            look(lambda: signals.stopping)


class _Signals:
    """Lets the main thread sleep until a signal arrives: a child's end, or that all is to stop."""

    def __init__(self) -> None:
        self.stopping = False

    def __enter__(self) -> _Signals:
        self._read, write = os.pipe()
        self._write = write
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in TO_STOP:
            signal.signal(number, self._told)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(-1)
        for number in (*TO_STOP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.close(self._read)
        os.close(self._write)

    def _told(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def wait(self, seconds: float) -> bool:
        """Wait up to `seconds` for a signal; tell whether one came."""
        came, _, _ = select.select([self._read], [], [], seconds)
        if came:
            os.read(self._read, 64)
        return bool(came)

"""Failpoints: the places at which the kill test ends the desk, each named and described here.

Each is a write that must be safe to lose the process at. The environment variable CLEARDAYS_FAILPOINT arms one:
`case-rested`; `case-rested:3`, when it is reached for the third time; `letter-marked/representation`, when it is
reached for that letter. The process then kills itself as `kill -9` would: nothing is flushed, closed or told to
anybody. Never set it where cases are real; `cleardays up` warns when it is set.

Every write of the store passes `before-commit` and `committed`, under the name of the function whose work it is: one
that is added tomorrow has its two failpoints, and a test that plays a case finds them.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")
W = TypeVar("W")

VARIABLE = "CLEARDAYS_FAILPOINT"

POINTS = {
    "before-commit": "work is done within its transaction; nothing of it is committed",
    "committed": "work is committed; whoever asked for it has not been told",
    "verb-before-commit": "an officer's fact is written; it is not committed",
    "verb-recorded": "an officer's fact is committed; the bell has not been rung",
    "turn-claimed": "a turn of the case is claimed; nothing has been done in it",
    "step-before-commit": "a step has written its facts and letters; they are not committed",
    "step-committed": "a step's facts and letters are committed; neither the postroom nor Prefect has been told",
    "case-rested": "the case is parked in the record; Prefect still takes its run to be under way",
    "case-closed": "the case is closed in the record; Prefect still takes its run to be under way",
    "artifact-published": "one of the case's artifacts is published; the others are not",
    "turn-ended": "the run is parked in Prefect; the desk has not looked whether a fact came in meanwhile",
    "run-created": "Prefect has made the run of a case; the case does not know it yet",
    "case-reconciled": "one case's run has been put right; the case does not know it yet, and others may be left",
    "letters-claimed": "letters are claimed; no mail server has been spoken to about them",
    "content-given": "all of a letter but its final dot has gone out; it is not marked as being sent",
    "letter-marked": "the letter is marked as being sent; its final dot has not left",
    "letter-accepted": "the mail server has taken the letter over; its fate is not recorded",
    "fate-recorded": "what became of the letter is recorded; no turn has seen it",
    "migration-backed-up": "the database is copied before an upgrade; its tables are as they were",
    "migration-statement": "one statement of an upgrade is done; others follow, and nothing of it is committed",
    "migration-before-commit": "the tables are of the new version; that is not committed",
    "migration-committed": "the upgrade is committed; nothing has worked with the new tables yet",
    "prefect-asked": "a change is to be asked of Prefect; only a desk whose requests a test listens to comes by here",
    "prefect-answered": "Prefect has made a change; the desk has not heard so; as above",
}
"""Every failpoint by name, with what has been done when it is reached and what has not."""

_SPEC = re.compile(r"(?P<point>(?P<name>[a-z-]+)(?:/.+?)?)(?::(?P<times>\d+))?")

_armed = False
_point, _left = "", 0
_counting = threading.Lock()
_listener: Callable[[str, str], None] | None = None


def reached(name: str, of: str = "") -> None:
    """Kill this process if it is armed to die here; otherwise do nothing. `of` says for what letter, step or case."""
    if _listener is not None:
        _listener(name, of)
    if _armed and _point in (name, f"{name}/{of}"):
        _count_down()


def around(write: Callable[[Callable[[W], T]], T], work: Callable[[W], T]) -> T:
    """Do `write(work)` with a failpoint before its commit and one after it, and return what it returns.

    They are named after the function that `work` was written in: "committed/verbs.perform".
    """
    if not _armed and _listener is None:
        return write(work)
    place = place_of(work)

    def to_its_end(given: W) -> T:
        result = work(given)
        reached("before-commit", place)
        return result

    result = write(to_its_end)
    reached("committed", place)
    return result


def place_of(work: Callable[..., object]) -> str:
    """Return what a write is called: its module and the function that it was written in."""
    while isinstance(work, partial):
        work = work.func
    within = work.__qualname__.partition(".<locals>")[0]
    return f"{work.__module__.rpartition('.')[2]}.{within}"


def arm(spec: str) -> None:
    """Arm "point", "point/of", "point:N" or "point/of:N"; an empty text disarms. Raises ValueError for another."""
    global _armed, _point, _left
    read = _SPEC.fullmatch(spec)
    if spec and (read is None or read["name"] not in POINTS):
        raise ValueError(f"{VARIABLE} is {spec!r}; it names one of {', '.join(POINTS)}, with :N for the N-th time")
    _armed, _point, _left = read is not None, read["point"] if read else "", int(read["times"] or 1) if read else 1


def listen(listener: Callable[[str, str], None] | None) -> None:
    """Let `listener` hear of each failpoint that this process reaches, by name and by what it is of; None: nobody."""
    global _listener
    _listener = listener


def warning() -> str | None:
    """Return what is to be said loudly where a desk starts with a failpoint armed, or None when none is."""
    if not _armed:
        return None
    return f"WARNING: {VARIABLE} is set: this process will kill itself at {_point!r}. Unset it unless this is a test."


def _count_down() -> None:
    global _left
    with _counting:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get(VARIABLE, ""))

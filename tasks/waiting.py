"""Waiting: only functions named wait_for_ park a case, and they do it here."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from models.deadlines import Deadline
from tasks.turns import Parked, current_turn


def park(awaiting: str, until: Deadline | None, why: str) -> NoReturn:
    """Leave the case waiting under the name `awaiting` until a deadline ends or a fact arrives.

    A deadline that has passed already is not waited for: the case then waits for a fact alone.
    """
    now = current_turn().now
    open_until = until if until is not None and not until.passed(now) else None
    message = why if open_until is None else f"{why}; {open_until.name}: {open_until.in_words()}"
    raise Parked(awaiting, open_until.ends_at if open_until else None, message)


def wake_after(deadline: Deadline) -> None:
    """Ask for a turn as soon as a deadline has passed, whatever else the case waits for."""
    current_turn().wake_at(deadline.wakes_at)


def due(instant: datetime) -> bool:
    """Tell whether `instant` (aware) has come; if not, ask for a turn then."""
    turn = current_turn()
    if instant <= turn.now:
        turn.came_due(instant)
        return True
    turn.wake_at(instant)
    return False

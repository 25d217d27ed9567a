"""The one source of the present instant, handed in at the edge: system, fixed or accelerated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant; every procedure, verb and letter takes its time from one of these."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class ClockInDoubt(RuntimeError):
    """The clock may be wrong: no deadline lapses and no letter leaves by it until it is put right or confirmed."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the machine's present instant, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved: rehearsals and tests."""

    def __init__(self, instant: datetime) -> None:
        """Start at `instant` (aware). Raises ValueError for an instant without a time zone."""
        self._now = _aware(instant)

    def now(self) -> datetime:
        """Return the instant the clock was last set to, in UTC."""
        return self._now

    def set(self, instant: datetime) -> None:
        """Move to `instant` (aware), forwards or backwards. Raises ValueError without a time zone."""
        self._now = _aware(instant)


class AcceleratedClock:
    """A clock that starts at a given instant and runs faster than the machine's: the demonstration."""

    def __init__(self, start: datetime, factor: float, real: Clock | None = None) -> None:
        """Start at `start` (aware); one real second lasts `factor` seconds here.

        Raises ValueError for a factor below 1 or a start without a time zone.
        """
        if factor < 1:
            raise ValueError(f"a factor of {factor} would slow the clock down; give 1 or more")
        self._real = real or SystemClock()
        self._factor = factor
        self.begin(start)

    def begin(self, start: datetime) -> None:
        """Start anew at `start` (aware). Raises ValueError without a time zone."""
        self._start = _aware(start)
        self._origin = self._real.now()

    def now(self) -> datetime:
        """Return the accelerated instant, aware, in UTC."""
        elapsed: timedelta = self._real.now() - self._origin
        return self._start + elapsed * self._factor


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone; an instant needs one")
    return instant.astimezone(UTC)

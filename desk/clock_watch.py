"""A clock that is not believed blindly: it is held against time as it passes, and against what is recorded.

A machine's clock that was set wrong would let deadlines lapse and letters say false dates. While it is in doubt the
desk holds back; it goes on by itself once the clock is put right, or when an officer confirms it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from models.clock import Clock, ClockInDoubt
from models.facts import write_instant
from models.outages import BELIEVED_UNTIL, CLOCK, Seen, duration, moment
from models.store import Store

WRONG = timedelta(minutes=2)  #: a clock that is out by more than this is not believed
AT_ONCE = 0.5  #: seconds: two readings that lie further apart were interrupted, and are taken again
CONFIRM = "cleardays doctor --clock-is-right"


def uptime() -> float:
    """Return the seconds since the machine was started, those asleep included, so that a nap is no wrong clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def boot() -> str:
    """Return what tells this run of the machine from others, or an empty text where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


class WatchedClock:
    """Tells the time of another clock for as long as nothing speaks against it; else raises ClockInDoubt."""

    def __init__(self, clock: Clock, passed: Callable[[], float] | None = None) -> None:
        """Watch `clock`; `passed` gives the seconds that really pass, None where a clock may be moved at will."""
        self._clock, self._passed = clock, passed
        self._began: datetime | None = None  #: what the clock said when `passed` was nought, as last believed
        self._floor: datetime | None = None  #: the newest instant known to have been
        self._watching = threading.Lock()

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC. Raises ClockInDoubt, with both times, where it may be wrong."""
        with self._watching:
            told, began = self._read()
            if (wrong := self._objection(told, began)) is not None:
                raise ClockInDoubt(wrong)
            self._began = began
            return told

    def doubt(self) -> str | None:
        """Return why the clock is not believed, or None."""
        try:
            self.now()
        except ClockInDoubt as doubt:
            return str(doubt)
        return None

    def unchecked(self) -> datetime:
        """Return what the clock says, right or wrong."""
        return self._clock.now()

    def expect(self, *, at: datetime, passed: float) -> None:
        """Believe that the clock said `at` (aware) when `passed` seconds had passed."""
        with self._watching:
            self._began = at - timedelta(seconds=passed)

    def not_before(self, newest: datetime | None) -> None:
        """Believe no time before `newest` (aware): something is recorded then."""
        with self._watching:
            self._floor = newest

    def believe(self) -> None:
        """Take the clock to be right as it is."""
        with self._watching:
            self._began, self._floor = None, None

    def _read(self) -> tuple[datetime, datetime | None]:
        """Return what the clock says, and what it then said when nothing had passed yet."""
        if self._passed is None:
            return self._clock.now(), None
        while True:
            before, told, after = self._passed(), self._clock.now(), self._passed()
            if after - before <= AT_ONCE:
                return told, told - timedelta(seconds=before)

    def _objection(self, told: datetime, began: datetime | None) -> str | None:
        if self._floor is not None and told < self._floor - WRONG:
            return (
                f"the clock says {moment(told)}, and the newest sign of life on record is of {moment(self._floor)}: "
                f"it goes slow, or went fast before. {_what_to_do()}"
            )
        if self._began is None or began is None or abs(began - self._began) <= WRONG:
            return None
        off, way = (began - self._began, "ahead") if began > self._began else (self._began - began, "back")
        should = told - (began - self._began)
        return (
            f"the clock says {moment(told)}, and by the time that has passed it is {moment(should)}: it was set "
            f"{way} by {duration(off)}. {_what_to_do()}"
        )


def _what_to_do() -> str:
    return (
        "The desk holds back: no deadline lapses and no letter leaves. Put the clock right, and it goes on by itself; "
        f"or, if the clock is right, confirm it: {CONFIRM}"
    )


def newest_on_record(store: Store, told: datetime, desk: Seen | None) -> datetime | None:
    """Return the newest sign of life after `told` (aware) that nobody has said to be of a wrong clock, or None."""
    with store.reading() as reading:
        newest = reading.newest_after(told)
        excused = reading.clock_believed_until()
    signs = [at for at in (newest, desk.at if desk else None) if at is not None and at > told]
    if excused is not None:
        signs = [at for at in signs if at > excused]
    return max(signs, default=None)


def confirm(store: Store, told: datetime, who: str) -> datetime | None:
    """Note that the clock is right, which says `told` (aware); return the newest instant on record beyond it."""
    with store.reading() as reading:
        desk = reading.service("desk")
        signs = [reading.newest_after(told), desk.at if desk else None]
    newest = max((at for at in signs if at is not None and at > told), default=None)
    says = {"who": who, "boot": boot(), "uptime": uptime(), BELIEVED_UNTIL: write_instant(newest or told)}
    store.write(lambda tx: tx.note_service(CLOCK, told, says))
    return newest

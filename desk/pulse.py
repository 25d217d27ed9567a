"""The desk's sign of life: one small note a minute, by which it is known later from when until when it was away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from desk.clock_watch import WatchedClock, boot, newest_on_record, uptime
from models.clock import ClockInDoubt
from models.outages import CLOCK, DESK, Seen, moment
from models.store import Reading, Writing
from tasks.turns import Office

log = logging.getLogger(__name__)

EVERY = 60.0  #: seconds between two signs of life
SOON = 2.0  #: seconds between two looks while the clock is in doubt, or the database cannot be written
FRESH = timedelta(seconds=50)  #: a sign of life this young, perhaps of another desk, is enough
AWAY = timedelta(minutes=3)  #: a silence longer than this was an outage
STOPPED = "it had been stopped"
GONE = "it had ended without a word: killed, or the machine went down"
STOOD_STILL = "its process or its machine stood still"


def desk_runs(reading: Reading, now: datetime) -> bool:
    """Tell whether a desk gives signs of life on this database; `now` is aware."""
    desk = reading.service(DESK)
    return desk is not None and bool(desk.says.get("open")) and now - desk.at <= AWAY


class Pulse:
    """Keeps the sign of life of one desk, and watches its clock."""

    def __init__(self, office: Office, clock: WatchedClock, told: Callable[[str], None] = lambda line: None) -> None:
        """`told` hears, loudly, that the clock is in doubt and when it is no more."""
        self._office, self._clock, self._told = office, clock, told
        self._beat_at: float | None = None  #: by `uptime`, when this desk last gave a sign
        self._confirmed: Seen | None = None
        self._doubt: str | None = None
        self._beat_failed = False
        self._stop = threading.Event()

    @property
    def doubt(self) -> str | None:
        """Return why the desk holds back, or None."""
        return self._doubt

    def begin(self) -> None:
        """Hold the clock against the record, note how long the desk was away, and give the first sign of life."""
        with self._office.store.reading() as reading:
            desk, self._confirmed = reading.service(DESK), reading.service(CLOCK)
        told = self._clock.unchecked()
        if desk is not None and desk.says.get("boot") and desk.says["boot"] == boot() and self._is_newest(desk):
            self._clock.expect(at=desk.at, passed=float(desk.says["uptime"]))
        self._clock.not_before(newest_on_record(self._office.store, told, desk))
        self.beat()

    def _is_newest(self, desk: Seen) -> bool:
        """Tell whether a sign of life is younger than the last word of an officer on the clock."""
        said = self._confirmed.says if self._confirmed else {}
        return said.get("boot") != desk.says["boot"] or float(said["uptime"]) < float(desk.says["uptime"])

    def keep_beating(self) -> None:
        """Give a sign of life each minute until `end`; look more often while something is wrong."""
        while not self._stop.wait(self._pause()):
            try:
                self.beat()
            except Exception as error:
                log.error("The desk cannot write its sign of life; trying again shortly. %s", error)
                self._beat_failed = True
            else:
                self._beat_failed = False

    def _pause(self) -> float:
        return SOON if self._doubt is not None or self._beat_failed else EVERY

    def beat(self) -> None:
        """Give a sign of life if none is fresh; note a silence before it. While the clock is in doubt: look again."""
        if self._doubt is not None:
            self._look_for_word()
        try:
            now = self._clock.now()
        except ClockInDoubt as doubt:
            return self._hold_back(str(doubt))
        self._go_on()
        up, last = uptime(), self._beat_at
        says = self._says(up, open_=True)

        def work(tx: Writing) -> None:
            seen = tx.service(DESK)
            if seen is not None and now - seen.at > AWAY and (last is None or up - last > AWAY.total_seconds()):
                tx.note_outage(DESK, seen.at, now, _how_it_ended(seen, restarted=last is None))
            if seen is None or abs(now - seen.at) >= FRESH or not seen.says.get("open") or last is None:
                tx.note_service(DESK, now, says)

        self._office.store.write(work)
        self._beat_at = up

    def stop(self) -> None:
        """Let `keep_beating` end. Callable from any thread, and from a signal's handler."""
        self._stop.set()

    def end(self) -> None:
        """Note that the desk was stopped in order: the last that it does."""
        if self._doubt is None:
            try:
                now, says = self._clock.now(), self._says(uptime(), open_=False)
                self._office.store.write(lambda tx: tx.note_service(DESK, now, says))
            except Exception as error:
                log.warning("That the desk was stopped could not be noted. %s", error)

    def _says(self, up: float, *, open_: bool) -> dict[str, Any]:
        return {"holder": self._office.holder, "boot": boot(), "uptime": up, "open": open_}

    # -- a clock in doubt ----------------------------------------------------------------------------------

    def _hold_back(self, doubt: str) -> None:
        if self._doubt is None:
            log.error("The desk holds back: %s", doubt)
            self._told(f"THE DESK HOLDS BACK: {doubt}")
            self._note_that_it_holds_back(doubt)
        self._doubt = doubt

    def _note_that_it_holds_back(self, doubt: str) -> None:
        """Note it for the doctor. When it began is told by the last time that was believed."""
        with self._office.store.reading() as reading:
            desk = reading.service(DESK)
        since = desk.at if desk is not None else self._clock.unchecked()
        self._office.store.write(lambda tx: tx.begin_outage(CLOCK, since, doubt))

    def _go_on(self) -> None:
        if self._doubt is None:
            return
        now = self._clock.now()
        self._office.store.write(lambda tx: tx.end_outage(CLOCK, now))
        self._doubt = None
        log.warning("The clock is believed again; the desk goes on.")
        self._told(f"The clock is believed again ({moment(now)}); the desk goes on.")

    def _look_for_word(self) -> None:
        """Believe the clock where somebody has confirmed it since."""
        with self._office.store.reading() as reading:
            said = reading.service(CLOCK)
        if said is not None and (self._confirmed is None or said.says != self._confirmed.says):
            self._confirmed = said
            self._clock.believe()


def _how_it_ended(seen: Seen, *, restarted: bool) -> str:
    if not restarted:
        return STOOD_STILL
    return GONE if seen.says.get("open") else STOPPED

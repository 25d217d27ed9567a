"""The journey with its run mirrored in Prefect: a desk at work as `cleardays up` runs it, with server and postroom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.journey_ours import ASSESSMENT, DOOR
from benchmarks.journey_story import COUNCIL, NOTICE, TRIGGERS
from models.clock import FixedClock
from models.london import LONDON
from models.outgoing import LetterState
from models.pharmacy_words import PROCEDURE

if TYPE_CHECKING:
    from desk.service import Desk

BEGINS = datetime(2045, 8, 1, 10, 0, tzinfo=LONDON)  # ahead of Prefect's own clock, which then wakes nothing by itself
BETWEEN = timedelta(days=70)  #: between two lots of cases: the clock only goes forward
PATIENCE = 300.0


def mirrored(folder: Path, one_by_one: int, at_once: int) -> dict[str, float]:
    """Return the cases a second of a desk at work, one by one and `at_once` at the same time, on SQLite."""
    from desk.server import free_port
    from desk.settings import Settings
    from desk.up import work

    clock, found, failed = FixedClock(BEGINS), {}, []

    def play(desk: Desk) -> None:
        try:
            lots = iter(range(one_by_one + 3))
            _play(desk, clock, next(lots), 1)  # unmeasured
            lone = range(one_by_one)
            found["one by one"] = _rate(one_by_one, lambda: [_play(desk, clock, next(lots), 1) for _ in lone])
            found["at once"] = _rate(at_once, lambda: _play(desk, clock, next(lots), at_once))
        except BaseException as error:
            failed.append(error)
        finally:
            desk.stop()

    settings = Settings(home=folder, procedures=PROCEDURE, prefect_port=free_port(), bell_seconds=0.5)
    work(settings, told=lambda line: None, clock=clock,
         ready=lambda desk, url: threading.Thread(target=play, args=(desk,), daemon=True).start())  # fmt: skip
    if failed:
        raise failed[0]
    return found


def _rate(cases: int, play: Callable[[], object]) -> float:
    began = time.monotonic()
    play()
    return cases / (time.monotonic() - began)


def _play(desk: Desk, clock: FixedClock, lot: int, cases: int) -> None:
    """Take cases from their notice to their representation, all on the same days."""
    from tasks.opening import notify
    from tasks.verbs import perform

    begins = BEGINS + lot * BETWEEN
    clock.set(begins)
    refs = [
        notify(desk.office, PROCEDURE, COUNCIL,
               {**NOTICE, "given_at": begins.isoformat(), "reference": f"{lot}/{number}"}, channel=DOOR).case
        for number in range(cases)
    ]  # fmt: skip
    _wait_for_rest(desk, refs)
    for trigger in TRIGGERS[1:]:
        clock.set(begins + trigger.after)
        _wait_for_rest(desk, refs)
        for ref in refs:
            perform(desk.office, ref, trigger.verb, trigger.fields, channel=DOOR, read_file=lambda _: ASSESSMENT)
        _wait_for_rest(desk, refs)
    states = {desk.office.store.case(ref).awaiting for ref in refs}
    assert states == {"Awaiting determination"}, states


def _wait_for_rest(desk: Desk, refs: Sequence[str]) -> None:
    """Return once every case has seen its record, nothing is due and no letter is under way."""
    patience, store = time.monotonic() + PATIENCE, desk.office.store
    under_way = [LetterState.WAITING, LetterState.CLAIMED, LetterState.SENDING]
    desk.bell.ring()
    while True:
        now = desk.office.clock.now()
        with store.reading() as reading:
            cases = reading.summaries(refs)
            resting = all(case.head == case.seen and (case.due_at is None or case.due_at > now) for case in cases)
            if resting and not reading.letters_held(under_way):
                return
        if time.monotonic() > patience:
            raise TimeoutError(f"not at rest after {PATIENCE:.0f} seconds: {[case.awaiting for case in cases]}")
        time.sleep(0.01)

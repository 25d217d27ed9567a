"""The post book: which letters are about to leave, and what became of each, as the outbox and the record keep it.

Whatever is to be entered at the same moment is entered in one transaction, one transaction at a time. A single letter
waits for nobody; where several are entered together more will come, and a breath is taken so that they come together.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue

from models.facts import Payload
from models.outages import DELAY, NONE_NOTED, delay, is_late, times
from models.outgoing import Claim, Letter, LetterState
from models.store import Store, Writing
from models.store_post import NewFact, Settled

MAIL = "mail"  #: the channel of facts about letters
POSTROOM = "cleardays"  #: their actor

FATES = {
    LetterState.SENT: "letter-sent",
    LetterState.REFUSED: "letter-bounced",
    LetterState.AMBIGUOUS: "letter-ambiguous",
    LetterState.CANCELLED: "letter-cancelled",
}

PATIENCE = 1.0  #: seconds for which the thread that enters waits for more
BREATH = 0.001  #: seconds between transactions while letters come in a stream; longer, short letters wait for it


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a letter: `told` goes into the record, the transcript stays in the outbox."""

    letter: Letter
    state: LetterState
    at: datetime
    told: Payload
    transcript: str

    @property
    def is_to_say_how_late(self) -> bool:
        """Tell whether its fact says by how much the letter is late, and why."""
        says_so = self.state is LetterState.SENT or "write_anew" in self.told
        return says_so and is_late(self.letter.written_at, self.at)

    def fact(self, late: Payload | None) -> NewFact:
        """Return the fact that tells it; `late` is by how much the letter is late, where that is to be told."""
        draft, kind = self.letter.draft, FATES[self.state]
        payload = {
            "letter": draft.key, "consultee": draft.recipient, "template": draft.template,
            "message_id": draft.message_id, "attempts": self.letter.attempts, **self.told,
        }  # fmt: skip
        if self.state is LetterState.SENT:
            payload["accepted_at"] = self.at.isoformat()
        if late is not None:
            payload[DELAY] = late
        return NewFact(kind, self.at, POSTROOM, MAIL, payload, f"{kind}/{draft.key}")


def record_fates(tx: Writing, fates: Sequence[Fate]) -> None:
    """Record what became of letters, as states of the outbox and as facts of their cases, together.

    A letter that is no longer held under its claim is passed over: its fate was recorded before, or is another desk's.
    """
    ours = tx.settle_letters([Settled(fate.letter.claim, fate.state, fate.at, fate.transcript) for fate in fates])
    facts: dict[str, list[NewFact]] = {}
    for fate in fates:
        if fate.letter.claim in ours:
            late = _lateness(tx, fate) if fate.is_to_say_how_late else None
            facts.setdefault(fate.letter.case, []).append(fate.fact(late))
    for case, of_case in facts.items():
        tx.append_all(case, of_case)


def _lateness(tx: Writing, fate: Fate) -> Payload:
    """Return by how much a letter is late, and why: outages that were noted, and the recipient's own mail server."""
    letter = fate.letter
    late = delay(letter.written_at, fate.at, tx.outages(letter.written_at, fate.at))
    delays = tx.record(letter.case).all("letter-delayed")
    put_off = sum(each["letter"] == letter.draft.key and each["code"] is not None for each in delays)
    if put_off:
        by_them = f"the recipient's mail server put the letter off {times(put_off)}"
        late["because"] = by_them if late["because"] == NONE_NOTED else f"{late['because']}; {by_them}"
    return late


def record_fate(tx: Writing, letter: Letter, state: LetterState, now: datetime, told: Payload, transcript: str) -> None:
    """Record what became of one letter; see `record_fates`."""
    record_fates(tx, [Fate(letter, state, now, told, transcript)])


@dataclass(slots=True, eq=False)
class _Entry:
    """A mark, or a fate, that waits to be entered; `entered` tells whether a letter to be marked was still ours."""

    mark: Letter | None
    fate: Fate | None
    entered: asyncio.Future[bool]


class PostBook:
    """Enters marks and fates, many at a time, in a thread that is there as long as there is something to enter."""

    def __init__(self, store: Store) -> None:
        """Enter them into `store`."""
        self._store = store
        self._waiting: SimpleQueue[_Entry] = SimpleQueue()
        self._clerk: threading.Thread | None = None
        self._door = threading.Lock()  # held while a clerk comes or goes

    async def mark(self, letter: Letter) -> bool:
        """Mark a letter as being sent, and return once that is on disk; False when it is no longer ours to send."""
        return await self._enter(mark=letter)

    async def record(self, fate: Fate) -> None:
        """Record what became of a letter, and return once that is on disk."""
        await self._enter(fate=fate)

    def _enter(self, mark: Letter | None = None, fate: Fate | None = None) -> asyncio.Future[bool]:
        entry = _Entry(mark, fate, asyncio.get_running_loop().create_future())
        self._waiting.put(entry)
        with self._door:
            if self._clerk is None:
                self._clerk = threading.Thread(target=self._enter_all, name="post book", daemon=True)
                self._clerk.start()
        return entry.entered

    # -- in the clerk's thread -----------------------------------------------------------------------------

    def _enter_all(self) -> None:
        while True:
            while group := self._group():
                self._enter_together(group)
                if len(group) > 1:
                    time.sleep(BREATH)
            with self._door:
                if self._waiting.empty():
                    self._clerk = None
                    return

    def _group(self) -> list[_Entry]:
        """Wait a while for an entry, and return it with all that wait beside it."""
        group: list[_Entry] = []
        with suppress(Empty):
            group.append(self._waiting.get(timeout=PATIENCE))
            while True:
                group.append(self._waiting.get_nowait())
        return group

    def _enter_together(self, group: Sequence[_Entry]) -> None:
        """Enter a group in one transaction; where that fails, each alone, for one of them cannot be entered."""
        try:
            outcome: set[Claim] | BaseException = self._store.write(_work_of(group))
        except Exception as error:
            if len(group) > 1:
                for entry in group:
                    self._enter_together([entry])
                return
            outcome = error
        except BaseException as stopped:
            outcome = stopped
        _tell(group, outcome)


def _work_of(group: Iterable[_Entry]) -> Callable[[Writing], set[Claim]]:
    """Return the work of one transaction; it returns the claims of the letters it marked."""
    marks = [entry.mark.claim for entry in group if entry.mark is not None]
    fates = [entry.fate for entry in group if entry.fate is not None]
    if not fates:
        return _marking(marks)

    def enter(tx: Writing) -> set[Claim]:
        marked = tx.mark_letters(marks) if marks else set()
        if fates:
            record_fates(tx, fates)
        return marked

    return enter


def _marking(letters: Sequence[Claim]) -> Callable[[Writing], set[Claim]]:
    """Return the work of a transaction that marks letters and does nothing else."""
    return lambda tx: tx.mark_letters(letters)


def _tell(group: Sequence[_Entry], outcome: set[Claim] | BaseException) -> None:
    """Tell everybody who waits, in the thread of the loop that they wait in, unless that has ended."""
    marks_first = sorted(group, key=lambda entry: entry.mark is None)  # a server waits for what a mark lets go

    def tell() -> None:
        for entry in marks_first:
            if entry.entered.done():
                continue
            if isinstance(outcome, BaseException):
                entry.entered.set_exception(outcome)
            else:
                entry.entered.set_result(entry.mark is None or entry.mark.claim in outcome)

    with suppress(RuntimeError):
        group[0].entered.get_loop().call_soon_threadsafe(tell)

"""A rehearsed case in a world that does not keep to the story: mail fails, power fails, officers do anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from desk.rehearsal import Rehearsal
from models.council import Council
from models.outgoing import LetterState
from models.pharmacy import PharmacyCase
from models.pharmacy_words import PROCEDURE
from models.store import Store, Writing
from notifications.message import Composed
from notifications.outbox import Postroom
from notifications.transport import (
    Ambiguous,
    BeforeDot,
    ConnectionFailed,
    PermanentRefusal,
    Receipt,
    TemporaryRefusal,
)
from tasks.turns import Office

T = TypeVar("T")

FATES = ("accepted", "refused", "busy", "unreachable", "no answer")


class PowerCut(BaseException):
    """The machine stopped: nothing that runs gets to do anything more."""


class MortalStore(Store):
    """A store whose machine may stop right before a transaction, and does not come back until told."""

    writes_left: int | None = None

    def write(self, work: Callable[[Writing], T]) -> T:
        """Write, unless the power is gone."""
        if self.writes_left is not None:
            if self.writes_left <= 0:
                raise PowerCut
            self.writes_left -= 1
        return super().write(work)


class Mail:
    """Mail servers, each with the mood given for its recipient; remembers every Message-ID it was ever handed."""

    def __init__(self) -> None:
        self.moods: dict[str, str] = {}  # by address
        self.handed: list[bytes] = []

    async def send(
        self, message: Composed, sender: str, recipient: str, before_dot: BeforeDot | None = None
    ) -> Receipt:
        """Deal with a message as the mood is."""
        mood = self.moods.get(recipient, "accepted")
        if mood == "refused":
            raise PermanentRefusal(550, "5.1.1 unknown")
        if mood == "unreachable":
            raise ConnectionFailed("nobody listens")
        if mood == "busy":
            raise TemporaryRefusal(450, "4.2.0 busy")
        assert before_dot is not None
        await before_dot()
        head = bytes(message).split(b"\r\n\r\n")[0]
        self.handed.append(next(line for line in head.splitlines() if line.lower().startswith(b"message-id:")))
        if mood == "no answer":
            raise Ambiguous("the line was lost")
        return Receipt("mail.example.org", "250 OK")

    async def close(self) -> None:
        """Nothing to close."""


class World(Rehearsal):
    """A rehearsal whose letters go through a real postroom to moody mail servers, and whose machine may stop."""

    def __init__(self, council: Council, start: datetime, store: Store, procedure: str = PROCEDURE) -> None:
        """Open on a store at `start` (aware)."""
        super().__init__(council, start, store, procedure)
        self.mail = Mail()
        self.dead: list[str] = []

    def deliver(self) -> None:
        """Send every letter that is due."""
        postroom = Postroom(self.store, self.clock, self.mail, self.office.holder, lambda ref: (5, 120, 1440))
        asyncio.run(postroom.post_due())

    def restart(self) -> None:
        """Start again after whatever happened: another process, which knows nothing but the database."""
        self.dead.append(self.office.holder)
        assert isinstance(self.store, MortalStore)
        self.store.writes_left = None
        self.store._kept.clear()
        self.office = Office(
            store=self.store, clock=self.clock, council=lambda name: self.council, holder=f"desk {len(self.dead)}",
            dead_holders=lambda: self.dead, real_clock=self.clock,
        )  # fmt: skip
        postroom = Postroom(self.store, self.clock, self.mail, self.office.holder, lambda ref: (5,))
        postroom.recover(self.dead)

    def live(self, act: Callable[[], Any]) -> bool:
        """Do `act`; if the power fails in the midst of it, start again and return False."""
        try:
            act()
        except PowerCut:
            self.restart()
            return False
        return True

    def case_at(self, number: int, at: datetime) -> PharmacyCase:
        """Return the case as its record stood before fact `number`, read at `at` (aware)."""
        return PharmacyCase(self.record.until(number - 1), self.council, at)

    def undecided_letters(self) -> int:
        """Return how many letters are claimed or on their way."""
        with self.store.reading() as reading:
            return len(reading.letters_held([LetterState.CLAIMED, LetterState.SENDING]))

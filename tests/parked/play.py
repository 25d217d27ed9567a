"""Playing parked cases: stopping a story at a wait, and taking it up again where it was stopped.

Runs under the released code that writes the databases and under the current code that resumes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from desk.rehearsal import Rehearsal
from models.council import Council
from models.facts import read_instant, write_instant
from models.outgoing import Letter, LetterState
from models.store import Store, Writing
from notifications.outbox import Postroom, record_fate
from notifications.transport import FolderTransport
from tasks.forms import Refused

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
GONE = "elsewhere:4711:1"  #: the desk that held letters and turns when the database was kept; it never comes back
ACCEPTED = {"accepted_by": "mail.example.org", "reply": "250 OK"}


class Player(Rehearsal):
    """A rehearsal among many cases in one database: it delivers its own letters only, and notes where it rests."""

    def __init__(self, council: Council, start: datetime, store: Store, procedure: str) -> None:
        """Open at `start` (aware) on a store that other cases are kept in as well."""
        super().__init__(council, start, store, procedure)
        self.beside = EXAMPLES
        self.posting = True
        self.done = 0  #: events of the story behind it
        self.rests: list[dict[str, Any]] = []

    def turn(self) -> None:
        """Take one turn and note where the case rests after it."""
        if self.summary.outcome is None:
            super().turn()
            self.rests.append({"at": write_instant(self.clock.now()), "done": self.done, **where(self)})

    def deliver(self) -> None:
        """Count the case's own waiting letters as accepted now."""
        if self.posting:
            self.store.write(self._hand_over)

    def _hand_over(self, tx: Writing) -> None:
        for letter in tx.claim_letters(self.clock.now(), "the post", 10_000, self.case_ref):
            record_fate(tx, letter, LetterState.SENT, self.clock.now(), ACCEPTED, "250 OK")

    def tries(self, event: Mapping[str, Any]) -> bool:
        """Do an event of the story at its time; tell whether it was refused."""
        self.advance_to(read_instant(event["at"]))
        try:
            self.do(event["do"], event["by"], **event["fields"])
        except Refused:
            refused = True
        else:
            refused = False
        self.done += 1
        return refused


def where(player: Rehearsal) -> dict[str, Any]:
    """Return where a case rests, as plain data: what it waits for, until when, when it is due, how far it has read."""
    case = player.summary
    return {
        "seen": case.seen, "awaiting": case.awaiting, "until": told(case.until), "due_at": told(case.due_at),
        "outcome": case.outcome,
    }  # fmt: skip


def told(instant: datetime | None) -> str | None:
    """Return an instant as the record writes it."""
    return None if instant is None else write_instant(instant)


def due_letters(tx: Writing, player: Rehearsal) -> list[Letter]:
    """Return the letters of a case that could be sent now, oldest first."""
    now = player.clock.now()
    return [each for each in tx.letters(player.case_ref) if each.state is LetterState.WAITING and each.due_at <= now]


def taken_up(store: Store, council: Council, parked: Mapping[str, Any]) -> Player:
    """Return a player who stands where a parked case was left, at that instant."""
    player = Player(council, read_instant(parked["at"]), store, parked["procedure"])
    player.case_ref = parked["case"]
    return player


def goes_on(player: Player, parked: Mapping[str, Any], story: Mapping[str, Any], outbox: Path) -> list[bool]:
    """Play a parked case to its end as a desk would that starts again; tell of each event whether it was refused.

    Letters that the desk before had claimed are put right first, into the folder `outbox` if any were sent.
    """
    if parked["trouble"]:  # those of every case: all of them are parked at the same instant
        postroom = Postroom(player.store, player.clock, FolderTransport(outbox), "resumed:1:1", lambda ref: (5, 30))
        postroom.recover([GONE])
    player.office.dead_holders = lambda: [GONE]
    player.settle()
    refused = [player.tries(event) for event in (*parked["first"], *story["events"][parked["done"] :])]
    player.advance_to(read_instant(story["ends_at"]))
    return refused


def flow_facts(player: Rehearsal) -> list[str]:
    """Return the key of every fact that the procedure itself recorded, in order."""
    return [fact.key or fact.kind for fact in player.record if fact.channel == "flow"]

"""A letter on its way out, as the outbox keeps it: plain values, no database and no mail server."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class LetterState(StrEnum):
    """How far a letter has come; only the last three are final without an officer."""

    WAITING = "waiting"  #: in the outbox, to be sent when due
    CLAIMED = "claimed"  #: a desk has taken it; nothing of it has left
    SENDING = "sending"  #: about to be handed over; a crash now leaves its fate unknown
    SENT = "sent"  #: accepted by the recipient's mail server
    REFUSED = "refused"  #: refused for good, or bounced: an officer's question
    AMBIGUOUS = "ambiguous"  #: handed over, but no answer came back: an officer's question
    CANCELLED = "cancelled"  #: fell away before it was sent


FOLDER = "folder "  #: begins the name of what took a letter that was written to a folder, and sent to nobody


def taken(by: str) -> str:
    """Return what became of a letter that `by` took: "accepted by mail.example.org", "put into the folder /outbox"."""
    return f"put into the {by}" if by.startswith(FOLDER) else f"accepted by {by}"


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with a letter."""

    filename: str
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter as a step writes it, before it has a number in the outbox."""

    template: str
    recipient: str  #: role id
    address: str
    sender: str
    reply_to: str
    subject: str
    text: str
    html: str
    enclosures: tuple[Enclosure, ...] = ()
    key: str = ""  #: unique in the case: step, round and recipient; that of the fact it goes with
    message_id: str = ""
    good_until: datetime | None = None  #: after that (aware) its words about dates are not true
    of_use_until: datetime | None = None  #: after that (aware) nobody needs it any more

    def keyed(self, key: str, message_id: str) -> Draft:
        """Return the draft under the key and Message-ID it will be sent with."""
        return replace(self, key=key, message_id=message_id)


class Claim(NamedTuple):
    """One taking of a letter, for one try to send it. No two are alike, not even of one letter by one desk."""

    letter: int
    holder: str | None  #: None while nobody has it
    attempt: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in the outbox."""

    id: int
    case: str
    fact: int
    draft: Draft
    written_at: datetime
    state: LetterState
    due_at: datetime
    attempts: int
    claimed_by: str | None
    settled_at: datetime | None
    reply: str

    @property
    def claim(self) -> Claim:
        """Return under which claim it is held, or was when it was read."""
        return Claim(self.id, self.claimed_by, self.attempts)

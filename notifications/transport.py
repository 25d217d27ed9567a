"""The last step of a letter: what a transport promises, how it can end, and the transport that writes files.

Every way it can end is a type, named after what happens next, never after where it was thrown.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from models.outgoing import FOLDER
from notifications.message import Composed, MalformedMessage

BeforeDot = Callable[[], Awaitable[None]]

_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>\r\n]+>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of sending: the server that took the message over, and its reply in its own words.

    It says "accepted by", never "delivered": the server may be the council's own relay.
    """

    accepted_by: str
    reply: str


class MailError(Exception):
    """A message was not handed over, or may not have been. The kind of error says what to do."""


class TemporaryRefusal(MailError):
    """The server said "not now" (4xx). It does not have the message: try again later, with growing pauses."""

    def __init__(self, code: int, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(f"The mail server put the message off: {code} {text}. It will be tried again.")


class PermanentRefusal(MailError):
    """The server said "no" (5xx). It does not have the message: an officer corrects address or letter."""

    def __init__(self, code: int, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(f"The mail server refused the message: {code} {text}. Correct the address or the letter.")


class ConnectionFailed(MailError):
    """The server cannot have the message: the connection failed before its end was sent. Safe to try again.

    It may come after `before_dot` was awaited; the caller then takes its mark back.
    """


class LoginRefused(ConnectionFailed):
    """The server admits none of our letters. Nothing was handed over: an officer mends the settings."""


class Ambiguous(MailError):
    """The message went out whole and no reply came. It is not sent again by itself: an officer asks."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"The message was sent and the mail server did not reply ({text}). Ask whether it arrived.")


class SentTwice(MailError):
    """A message with this Message-ID was handed over before: a defect in the caller. Nothing was sent now."""


class Transport(Protocol):
    """What the outbox calls to hand one message to one recipient."""

    async def send(
        self, message: Composed, sender: str, recipient: str, before_dot: BeforeDot | None = None
    ) -> Receipt:
        """Hand over a message.

        `sender` and `recipient` are plain addresses. `before_dot` is the write-ahead mark: it is awaited
        when all of the message but its final dot has gone out, and immediately before that dot: until then the
        server must forget the message if the line is lost. Raises a MailError, of the kind that says what happens
        next; whatever `before_dot` raises goes through, the line is cut, and nothing was sent.
        """
        ...

    async def close(self) -> None:
        """Let go of connections. The transport may be used again afterwards."""
        ...


class FolderTransport:
    """Writes each message to a folder, for rehearsals and for looking before anything leaves.

    Files are called `0001-<fingerprint of the Message-ID>.eml` in the order of sending. A file appears whole
    or not at all, and a Message-ID is taken once, also across processes. Needs a file system with hard links.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._taken = folder / ".message-ids"
        self._lock = asyncio.Lock()
        self._written: int | None = None

    async def send(
        self, message: Composed | bytes, sender: str, recipient: str, before_dot: BeforeDot | None = None
    ) -> Receipt:
        """Write the message. Raises SentTwice, MalformedMessage, or ConnectionFailed if it cannot be written."""
        if before_dot is not None:
            await before_dot()
        async with self._lock:
            try:
                name = await asyncio.to_thread(self._write, bytes(message))
            except OSError as error:
                raise ConnectionFailed(f"The message cannot be written to {self.folder}: {error}.") from error
        return Receipt(accepted_by=f"{FOLDER}{self.folder}", reply=f"written as {name}")

    async def close(self) -> None:
        """Do nothing: the folder holds no connection."""

    def _write(self, message: bytes) -> str:
        found = _MESSAGE_ID.search(message)
        if found is None:
            raise MalformedMessage("The message has no Message-ID; compose it with notifications.message.compose.")
        fingerprint = sha256(found[1]).hexdigest()[:16]
        if self._written is None:
            self._taken.mkdir(parents=True, exist_ok=True)
            self._written = len(list(self.folder.glob("*.eml")))
        handle, whole = tempfile.mkstemp(dir=self._taken, prefix="being-written-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(message)
                file.flush()
                os.fsync(file.fileno())
            name = self._publish(whole, fingerprint)
        except FileExistsError:
            raise SentTwice(f"{found[1].decode()} was already sent to {self.folder}.") from None
        finally:
            os.unlink(whole)
        _sync(self._taken)
        _sync(self.folder)
        return name

    def _publish(self, whole: str, fingerprint: str) -> str:
        """Take the Message-ID, then show the file. FileExistsError means that the Message-ID was taken."""
        os.link(whole, self._taken / fingerprint)
        number = (self._written or 0) + 1
        name = f"{number:04d}-{fingerprint}.eml"
        try:
            os.link(whole, self.folder / name)
        except OSError:
            (self._taken / fingerprint).unlink()
            raise
        self._written = number
        return name


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""A mail server on loopback with a mood: it accepts, puts off, refuses, or drops the line after the final dot.

It offers PIPELINING and SIZE, runs in a thread of its own, and keeps what it has taken over by Message-ID.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from zlib import crc32

MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>\r\n]+>)", re.IGNORECASE | re.MULTILINE)
ENVELOPE = re.compile(rb"<([^>]*)>")
SIZE = re.compile(rb"SIZE=(\d+)")
HANG_UP, TAKE_AND_HANG_UP = "hang up", "take and hang up"
OFFERS = b"250-mail.example.org\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 50000000\r\n"
FIRST_REPLIES = {"rcpt": "250 OK", "data": "354 Go on", "dot": "250 OK queued"}
PUT_OFF = {
    ("rcpt", 0): "450 4.2.0 Mailbox busy", ("data", 1): "451 4.3.0 Try again later", ("dot", 2): "451 4.7.1 Greylisted",
}  # fmt: skip


class Accepts:
    """A server that takes everything, and what every other one starts from."""

    def answer(self, stage: str, recipient: str, size: int) -> str:
        """Return the reply at a stage of a letter: "rcpt", "data" or "dot"."""
        return FIRST_REPLIES[stage]


@dataclass
class PutsOff(Accepts):
    """A server that puts each letter off once: at the recipient, at DATA or after the dot, by whom it is for.

    Some letters are put off at all three, in turn, and one recipient is put off for ever. A letter is known by its
    recipient and its size, all that a server has seen of it when it names the recipient.
    """

    for_ever: str = "public.health@example.org"
    at_all_three: tuple[str, ...] = ("nhs.england.pharmacy@example.org", "planning.policy@example.org")
    tries: Counter[tuple[str, int]] = field(default_factory=Counter)

    def answer(self, stage: str, recipient: str, size: int) -> str:
        """Return the reply at a stage of a letter."""
        self.tries[recipient, size] += stage == "rcpt"
        turn = self.tries[recipient, size] - 1
        if recipient == self.for_ever:
            turn %= 3
        elif recipient not in self.at_all_three:
            turn = crc32(recipient.encode()) % 3 if turn == 0 else 3
        return PUT_OFF.get((stage, turn), FIRST_REPLIES[stage])


@dataclass
class Refuses(Accepts):
    """A server that refuses all letters to some recipients: one at the recipient, one at DATA, one after the dot."""

    at: dict[str, str] = field(
        default_factory=lambda: {
            "healthwatch.southampton@example.org": "rcpt",
            "planning.policy@example.org": "data",
            "public.health@example.org": "dot",
        }
    )

    def answer(self, stage: str, recipient: str, size: int) -> str:
        """Return the reply at a stage of a letter."""
        return "550 5.1.1 No such mailbox" if self.at.get(recipient) == stage else FIRST_REPLIES[stage]


class RefusesAll(Accepts):
    """A server that refuses every letter, at one of the three stages by its recipient."""

    def answer(self, stage: str, recipient: str, size: int) -> str:
        """Return the reply at a stage of a letter."""
        stages = ("rcpt", "data", "dot")
        return "554 5.7.1 Not here" if stages[crc32(recipient.encode()) % 3] == stage else FIRST_REPLIES[stage]


@dataclass
class Drops(Accepts):
    """A server that hangs up after the final dot of every other letter of some recipients, from their first.

    Of some of these it keeps the message, which is then on its way; of the others it does not.
    """

    after_the_dot: dict[str, str] = field(
        default_factory=lambda: {
            "nhs.england.pharmacy@example.org": TAKE_AND_HANG_UP,
            "healthwatch.southampton@example.org": TAKE_AND_HANG_UP,
            "planning.policy@example.org": HANG_UP,
            "public.health@example.org": HANG_UP,
        }
    )
    seen: Counter[str] = field(default_factory=Counter)

    def answer(self, stage: str, recipient: str, size: int) -> str:
        """Return the reply at a stage of a letter."""
        if stage == "dot":
            self.seen[recipient] += 1
            if self.seen[recipient] % 2:
                return self.after_the_dot.get(recipient, FIRST_REPLIES[stage])
        return FIRST_REPLIES[stage]


MOODS = {"accepts": Accepts, "4xx": PutsOff, "5xx": Refuses, "5xx-all": RefusesAll, "drops": Drops}


class MailServer:
    """A server of one mood; `with` runs it. What it took and where it dropped the line is kept by Message-ID."""

    def __init__(self, mood: Accepts) -> None:
        """Answer as `mood` says."""
        self.mood = mood
        self.taken: Counter[str] = Counter()  #: how often each message was taken over
        self.recipients: dict[str, str] = {}  #: whom each message was for
        self.dropped: set[str] = set()  #: messages after whose final dot the line was dropped
        self.refused: set[str] = set()  #: messages that were answered 4xx or 5xx after their final dot
        self.port = 0
        self._open: set[asyncio.Transport] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail server")

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> int:
        self._server = await self._loop.create_server(lambda: _Line(self), "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _close(self) -> None:
        self._server.close()
        for transport in list(self._open):
            transport.abort()
        await asyncio.sleep(0)


class _Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._came = bytearray()
        self._forget()

    def _forget(self) -> None:
        self._recipient, self._size, self._accepted, self._reads_message = "", 0, False, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server._open.add(transport)
        self._say("220 mail.example.org ESMTP")

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go; what had no final dot is forgotten, as every server must."""
        self._server._open.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        """Take lines, or a message up to its final dot, as they come."""
        self._came += data
        while not self._transport.is_closing() and (self._message() if self._reads_message else self._command()):
            pass

    def _command(self) -> bool:
        line, end, rest = bytes(self._came).partition(b"\r\n")
        if not end:
            return False
        self._came[:] = rest
        word = line[:4].upper()
        if word == b"EHLO":
            self._transport.write(OFFERS)
        elif word == b"MAIL":
            self._forget()
            declared = SIZE.search(line.upper())
            self._size = int(declared[1]) if declared else 0
            self._say("250 OK")
        elif word == b"RCPT":
            found = ENVELOPE.search(line)
            self._recipient = found[1].decode() if found else ""
            self._accepted = self._answer("rcpt").startswith("250")
        elif word == b"DATA":
            if not self._accepted:
                self._say("503 5.5.1 No valid recipient")
            else:
                self._reads_message = self._answer("data").startswith("354")
        elif word == b"QUIT":
            self._say("221 Bye")
            self._transport.close()
        else:
            if word == b"RSET":
                self._forget()
            self._say("250 OK")
        return True

    def _message(self) -> bool:
        message, end, rest = bytes(self._came).partition(b"\r\n.\r\n")
        if not end:
            return False
        self._came[:] = rest
        found = MESSAGE_ID.search(message)
        name = found[1].decode() if found else "no Message-ID"
        self._server.recipients[name] = self._recipient
        reply = self._reply("dot")
        if reply in (TAKE_AND_HANG_UP, HANG_UP):
            self._server.dropped.add(name)
        elif not reply.startswith("250"):
            self._server.refused.add(name)
        if reply == TAKE_AND_HANG_UP or reply.startswith("250"):
            self._server.taken[name] += 1
        self._forget()
        if reply in (TAKE_AND_HANG_UP, HANG_UP):
            self._transport.abort()
        else:
            self._say(reply)
        return True

    def _reply(self, stage: str) -> str:
        return self._server.mood.answer(stage, self._recipient, self._size)

    def _answer(self, stage: str) -> str:
        reply = self._reply(stage)
        self._say(reply)
        return reply

    def _say(self, reply: str) -> None:
        self._transport.write(f"{reply}\r\n".encode())

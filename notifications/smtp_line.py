"""A line to a mail server: words go out, several at a time, and their replies come back in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

CHUNK = 384 * 1024
LONGEST_REPLY = 64 * 1024


class Reply(NamedTuple):
    """What the server said to one command; the lines of `text` are parted by line feeds."""

    code: int
    text: str

    @property
    def is_good(self) -> bool:
        """Tell whether the server said yes."""
        return 200 <= self.code < 300


class LineLost(Exception):
    """The line was lost, or no reply came in time; what it says begins without a capital and ends without a stop."""


class Line(asyncio.Protocol):
    """Speaks over a transport on which the server has been greeted.

    Each reply has a time by which it must be there whole, counted from the reply before it; when one is late the line
    is cut, whatever has come of it.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        """Take the transport over."""
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._expected: deque[tuple[asyncio.Future[Reply], float]] = deque()
        self._alarm: asyncio.TimerHandle | None = None  # it may ring too early, never too late
        self._late_at = 0.0  # when the reply awaited next is late, by the loop's clock
        self._held = b""
        self._paused: asyncio.Future[None] | None = None
        self._lost: LineLost | None = None
        # With this limit writing goes on only when the system has taken every byte.
        transport.set_write_buffer_limits(high=1, low=0)
        transport.set_protocol(self)

    @property
    def is_up(self) -> bool:
        """Tell whether neither side has hung up."""
        return self._lost is None and not self._transport.is_closing()

    def say(self, words: bytes, *timeouts: float) -> list[asyncio.Future[Reply]]:
        """Send commands, and return their replies to come, one for each of `timeouts` (seconds).

        Awaiting a reply raises LineLost when it does not come. Raises LineLost when the line is lost already.
        """
        if not self.is_up:
            raise self._lost or LineLost("the server hung up")
        replies = [self._loop.create_future() for _ in timeouts]
        self._expected.extend(zip(replies, timeouts, strict=True))
        self._transport.write(words)
        if len(self._expected) == len(replies):  # else the reply awaited next is another
            self._watch()
        return replies

    async def write(self, pieces: Iterable[bytes], timeout: float) -> None:
        """Send pieces, until the system has taken every byte.

        Raises LineLost, also when the system takes nothing for `timeout` seconds.
        """
        for chunk in _chunks(pieces):
            if not self.is_up:
                raise self._lost or LineLost("the server hung up")
            self._transport.write(chunk)
            if self._paused is not None:
                await self._progress(timeout)

    async def _progress(self, timeout: float) -> None:
        assert self._paused is not None
        alarm = self._loop.call_later(timeout, self._too_late, timeout)
        try:
            await self._paused
        finally:
            alarm.cancel()

    def hang_up(self) -> None:
        """Cut the line at once: what waits for a reply is told that it is lost."""
        self._end(LineLost("the line was cut"))

    # -- what the transport calls --------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Hand each whole reply to whoever waits for it; one that nobody waits for is left aside."""
        self._held = self._held + data if self._held else data
        try:
            for reply in self._whole_replies():
                if self._expected:
                    waiting, _ = self._expected.popleft()
                    self._watch()
                    if not waiting.done():
                        waiting.set_result(reply)
        except ValueError:
            self._end(LineLost(f"the server said what is no reply: {self._held[:80]!r}"))

    def pause_writing(self) -> None:
        """Note that the system takes no more for now."""
        self._paused = self._loop.create_future()

    def resume_writing(self) -> None:
        """Let `write` go on."""
        paused, self._paused = self._paused, None
        if paused is not None and not paused.done():
            paused.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell everybody who waits."""
        self._end(LineLost(str(error) if error and str(error) else "the server hung up"))

    # ------------------------------------------------------------------------------------------------------

    def _whole_replies(self) -> Iterator[Reply]:
        """Take whole replies off what has come. Raises ValueError for what is none."""
        while True:
            at, lines = 0, []
            while (end := self._held.find(b"\n", at)) >= 0:
                line, at = self._held[at:end], end + 1
                lines.append(line[4:].strip().decode("utf-8", "surrogateescape"))
                if line[3:4] != b"-":
                    break
            else:
                if len(self._held) > LONGEST_REPLY:
                    raise ValueError
                return
            code = int(line[:3])
            self._held = self._held[at:]
            yield Reply(code, "\n".join(lines))

    def _watch(self) -> None:
        """Have the alarm ring when the reply awaited next is late.

        It is set anew only where it would ring too late: to set it for each reply took a tenth of a letter's time.
        """
        if not self._expected:
            return
        self._late_at = self._loop.time() + self._expected[0][1]
        if self._alarm is None or self._alarm.when() > self._late_at:
            self._ring_at(self._late_at)

    def _ring_at(self, when: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(when, self._alarmed)

    def _alarmed(self) -> None:
        self._alarm = None
        if self._expected and self._loop.time() >= self._late_at:
            self._too_late(self._expected[0][1])
        elif self._expected:
            self._ring_at(self._late_at)

    def _too_late(self, timeout: float) -> None:
        self._end(LineLost(f"no whole reply came from the server in {timeout:g} seconds"))

    def _end(self, lost: LineLost) -> None:
        if self._lost is None:
            self._lost = lost
            self._transport.abort()
        waiting = [each for each, _ in self._expected]
        self._expected.clear()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._paused is not None:
            waiting.append(self._paused)  # type: ignore[arg-type]
        for each in waiting:
            if not each.done():
                each.set_exception(self._lost)
                each.exception()  # nobody may be there any more to ask for it


def _chunks(pieces: Iterable[bytes]) -> Iterator[bytes | memoryview]:
    """Give pieces as they are sent: together up to a chunk, as a call of the system costs more than the copy."""
    together: list[bytes] = []
    size = 0
    for piece in pieces:
        if together and size + len(piece) > CHUNK:
            yield b"".join(together)
            together, size = [], 0
        if len(piece) > CHUNK:  # in parts, and not copied
            view = memoryview(piece)
            yield from (view[start : start + CHUNK] for start in range(0, len(view), CHUNK))
        else:
            together.append(piece)
            size += len(piece)
    if together:
        yield b"".join(together)

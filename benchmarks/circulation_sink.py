"""Where the benchmark's letters go: postfix's smtp-sink where it is found, or a sink of our own; and a long line.

    python -m benchmarks.circulation_sink sink PORT            # takes every message and keeps none
    python -m benchmarks.circulation_sink line PORT TO DELAY   # hands everything on to port TO, DELAY seconds later
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

HERE = "127.0.0.1"
GREETING = b"220 sink.example.org ESMTP\r\n"
OFFERS = b"250-sink.example.org\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE\r\n"
REPLIES = {b"EHLO": OFFERS, b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
END = b"\r\n.\r\n"
PATIENCE = 10.0


class Sink(asyncio.Protocol):
    """A mail server that reads commands and messages, says yes to all, and forgets them."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._held, self._in_message = transport, b"", False
        transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        """Answer every command and every end of a message that has come whole."""
        held, replies = self._held + data, []
        while True:
            end = held.find(END if self._in_message else b"\r\n")
            if end < 0:
                break
            if self._in_message:
                held, self._in_message = held[end + len(END) :], False
                replies.append(b"250 2.0.0 taken\r\n")
                continue
            verb, held = held[:4].upper(), held[end + 2 :]
            self._in_message = verb == b"DATA"
            replies.append(REPLIES.get(verb, b"250 ok\r\n"))
            if self._in_message:
                held = b"\r\n" + held  # an end may follow at once
        self._held = held[-len(END) + 1 :] if self._in_message else held
        if replies:
            self._transport.write(b"".join(replies))


class Delayed(asyncio.Protocol):
    """One direction of a long line: whatever comes goes on to the other end, a fixed time later, in its order."""

    def __init__(self, delay: float) -> None:
        self._delay, self._early, self._closing = delay, [], False  # type: tuple[float, list[bytes], bool]
        self._other: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the end that this direction reads from."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def leads_to(self, other: asyncio.Transport) -> None:
        """Write to `other` from now on, and what has come already."""
        self._other = other
        for data in self._early:
            self._loop.call_later(self._delay, other.write, data)

    def data_received(self, data: bytes) -> None:
        """Send on what has come when its time has come."""
        if self._other is None:
            self._early.append(data)
        else:
            self._loop.call_later(self._delay, self._other.write, data)

    def connection_lost(self, error: Exception | None) -> None:
        """Hang up at the other end, as late as everything else."""
        if self._other is not None:
            self._loop.call_later(self._delay, self._other.close)


class Caller(Delayed):
    """The direction from whoever calls, which calls the far end itself."""

    def __init__(self, delay: float, to: int) -> None:
        super().__init__(delay)
        self._to = to

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Call the far end."""
        super().connection_made(transport)
        self._calling = self._loop.create_task(self._call())

    async def _call(self) -> None:
        far, back = await self._loop.create_connection(lambda: Delayed(self._delay), HERE, self._to)
        back.leads_to(self.transport)
        self.leads_to(far)


async def _serve(port: int, to: int | None, delay: float) -> None:
    def connected() -> asyncio.Protocol:
        return Sink() if to is None else Caller(delay, to)

    listening = await asyncio.get_running_loop().create_server(connected, HERE, port)
    await listening.serve_forever()


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.create_server((HERE, 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def found_sink(given: Path | None) -> Path | None:
    """Return where smtp-sink is, as given or on the PATH; None when the bundled sink is to do."""
    if given is not None:
        return given
    there = shutil.which("smtp-sink")
    return Path(there) if there else None


def _smtp_sink(program: Path, port: int) -> subprocess.Popen[bytes]:
    as_whom = ["-u", "nobody"] if os.geteuid() == 0 else []
    beside = program.resolve().parents[1] / "lib" / "postfix"  # where a package that was only unpacked has them
    libraries = {"LD_LIBRARY_PATH": str(beside)} if beside.is_dir() and "LD_LIBRARY_PATH" not in os.environ else {}
    return subprocess.Popen([str(program), *as_whom, f"{HERE}:{port}", "200"], env={**os.environ, **libraries})


def _bundled(*words: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "benchmarks.circulation_sink", *map(str, words)])


@contextmanager
def serving(program: Path | None, round_trip: float) -> Iterator[tuple[int, int]]:
    """Run a sink, behind a line that takes `round_trip` seconds there and back; give its port and process id."""
    port = free_port()
    started = [_smtp_sink(program, port) if program else _bundled("sink", port)]
    try:
        _until_it_listens(port)
        reached_at = port
        if round_trip:
            reached_at = free_port()
            started.append(_bundled("line", reached_at, port, round_trip / 2))
            _until_it_listens(reached_at)
        yield reached_at, started[0].pid
    finally:
        for process in started:
            process.terminate()
            process.wait()


def _until_it_listens(port: int) -> None:
    give_up = monotonic() + PATIENCE
    while True:
        try:
            with socket.create_connection((HERE, port)):
                return
        except ConnectionRefusedError:
            if monotonic() > give_up:
                raise SystemExit(f"the sink did not start to listen on port {port}; see what it said above") from None
            sleep(0.02)


def cpu_of(pid: int) -> float:
    """Return the seconds of processor time a process has used; 0 where the system does not say (not Linux)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Be the sink, or the long line."""
    what, port, *others = sys.argv[1:]
    to, delay = (int(others[0]), float(others[1])) if what == "line" else (None, 0.0)
    asyncio.run(_serve(int(port), to, delay))


if __name__ == "__main__":
    main()

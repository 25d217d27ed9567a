"""Who listens on the port of our own Prefect server: nobody else is told its password, also while the server is away.

Any user of this machine may listen on a port that nobody holds. So each connection to the port is looked at before it
is made, whatever part of Cleardays or of Prefect makes it: the kernel tells whose socket listens there.
"""

from __future__ import annotations

import logging
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LISTENING = "0A"

log = logging.getLogger(__name__)
_watched: set[int] = set()
_told: set[tuple[int, int]] = set()


class StrangerListens(ConnectionRefusedError):
    """Another user's program listens where our Prefect server should; it is sent nothing."""


def watch(url: str) -> None:
    """From now on let this process connect to the port of `url` on this machine only where we, or root, listen."""
    port = urlsplit(url).port
    if port is None or not can_tell():
        return
    if not _watched:
        sys.addaudithook(_before)
    _watched.add(port)


def can_tell() -> bool:
    """Tell whether this system says whose sockets listen."""
    return hasattr(os, "geteuid") and TABLES[0].exists()


def not_checked(url: str) -> str | None:
    """Return what cannot be checked on this system, as a sentence; None where it can."""
    if can_tell():
        return None
    return (
        f"This system does not tell whose program listens on port {urlsplit(url).port}: while the Prefect server is "
        "away, whoever takes its port is sent its password. Let no other user log in to this machine."
    )


def stranger_at(url: str) -> str | None:
    """Return, as a sentence, that somebody else's program listens at `url` on this machine; None where none does."""
    place = urlsplit(url)
    host = "127.0.0.1" if place.hostname == "localhost" else place.hostname or ""
    if place.port is None or not _is_here(host) or not can_tell():
        return None
    user = _stranger(host, place.port)
    return _sentence(place.port, user) if user is not None else None


def refuse_stranger(url: str) -> None:
    """Raise StrangerListens where somebody else's program listens at an address that is watched."""
    if urlsplit(url).port in _watched and (why := stranger_at(url)) is not None:
        raise StrangerListens(why)


def _before(event: str, args: tuple[Any, ...]) -> None:
    """Raise StrangerListens before a connection to a watched port that is not ours; called for every audited event."""
    if event != "socket.connect":
        return
    address = args[1]
    if not isinstance(address, tuple) or address[1] not in _watched or not _is_here(str(address[0])):
        return
    if (user := _stranger(str(address[0]), address[1])) is not None:
        sentence = _sentence(address[1], user)
        if (address[1], user) not in _told:
            _told.add((address[1], user))
            log.error("%s", sentence)
        raise StrangerListens(sentence)


def _sentence(port: int, user: int) -> str:
    return (
        f"The program that listens on port {port} is of another user (number {user}) and is not our Prefect server: it "
        f"is sent nothing. Find it with: ss -ltnp 'sport = :{port}', and have it stopped"
    )


def _is_here(host: str) -> bool:
    return host.startswith("127.") or host == "::1"


def _stranger(host: str, port: int) -> int | None:
    """Return a user, neither we nor root, whose program listens on a port of this machine; None where none does."""
    return next((user for user in _listeners(host, port) if user not in (0, os.geteuid())), None)


def _listeners(host: str, port: int) -> list[int]:
    """Return the users whose sockets take connections to a port of this machine's own address `host`."""
    mapped = host if ":" in host else f"::ffff:{host}"
    wanted = {"0" * 8, "0" * 32, _as_listed(mapped)} | ({_as_listed(host)} if ":" not in host else set())
    users = []
    for table in TABLES:
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            _, local, _, state, _, _, _, user, *_ = line.split()
            address, _, listed = local.partition(":")
            if state == LISTENING and int(listed, 16) == port and address in wanted:
                users.append(int(user))
    return users


def _as_listed(host: str) -> str:
    """Return an address as the kernel lists it: words of four bytes, each in the machine's own order."""
    packed = socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
    return "".join(f"{word:08X}" for word in struct.unpack(f"={len(packed) // 4}I", packed))

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
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LISTENING = "0A"

log = logging.getLogger(__name__)
_watched: set[tuple[str, int]] = set()
_keepers: set[int] = set()
_told: set[tuple[int, int]] = set()


class StrangerListens(ConnectionRefusedError):
    """Another user's program listens where our Prefect server should; it is sent nothing."""


def watch(url: str, keepers: Iterable[int] = ()) -> None:
    """From now on let this process connect to `url` on this machine only where we, root or a keeper listens.

    So too at its port of any loopback address. `keepers` are the numbers of users who need not be told the password:
    those who own the file that it stands in, or the folder.
    """
    host, port = _place(url)
    if port is None or not can_tell():
        return
    if not _watched:
        sys.addaudithook(_before)
    _watched.add((host, port))
    _keepers.update(keepers)


def can_tell() -> bool:
    """Tell whether this system says whose sockets listen."""
    return hasattr(os, "geteuid") and TABLES[0].exists()


def not_checked(url: str) -> str | None:
    """Return what cannot be checked on this system, as a sentence; None where it can."""
    host, port = _place(url)
    if can_tell() and _is_address(host):
        return None
    why = f"This system does not tell whose program listens on port {port}" if not can_tell() else (
        f"Whose program listens at {host} (CLEARDAYS_PREFECT_HOST), a name and not an address, is not looked at"
    )  # fmt: skip
    return (
        f"{why}: while the Prefect server is away, whoever takes its port is sent its password. "
        f"{'Give the address' if can_tell() else 'Let no other user log in to this machine'}."
    )


def stranger_at(url: str) -> str | None:
    """Return, as a sentence, that a stranger listens at `url`, an address of this machine; None where none does."""
    host, port = _place(url)
    if port is None or not can_tell():
        return None
    user = _stranger(host, port)
    return _sentence(port, user) if user is not None else None


def refuse_stranger(url: str) -> None:
    """Raise StrangerListens where somebody else's program listens at an address that is watched."""
    if _is_watched(*_place(url)) and (why := stranger_at(url)) is not None:
        raise StrangerListens(why)


def _before(event: str, args: tuple[Any, ...]) -> None:
    """Raise StrangerListens before a connection to a watched port that is not ours; called for every audited event."""
    if event != "socket.connect":
        return
    if not isinstance(args[1], tuple) or not _is_watched(host := _plain(str(args[1][0])), port := args[1][1]):
        return
    if (user := _stranger(host, port)) is not None:
        sentence = _sentence(port, user)
        if (port, user) not in _told:
            _told.add((port, user))
            log.error("%s", sentence)
        raise StrangerListens(sentence)


def _sentence(port: int, user: int) -> str:
    return (
        f"The program that listens on port {port} is of another user (number {user}) and is not our Prefect server: it "
        f"is sent nothing. Find it with: ss -ltnp 'sport = :{port}', and have it stopped"
    )


def _place(url: str) -> tuple[str, int | None]:
    place = urlsplit(url)
    return "127.0.0.1" if place.hostname == "localhost" else _plain(place.hostname or ""), place.port


def _plain(host: str) -> str:
    """Return an address in its one plain form, without its network card; a name as it is."""
    return str(ip_address(host.partition("%")[0])) if _is_address(host) else host


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_watched(host: str, port: int | None) -> bool:
    if host.startswith("127.") or host == "::1":
        return any(port == watched for _, watched in _watched)
    return (host, port) in _watched


def _stranger(host: str, port: int) -> int | None:
    """Return a user, neither we nor root nor a keeper, who listens on a port of this machine; None where none does."""
    ours = {0, os.geteuid(), *_keepers}
    return next((user for user in _listeners(host, port) if user not in ours), None)


def _listeners(host: str, port: int) -> list[int]:
    """Return the users whose sockets take connections to a port of this machine's own address `host`.

    As the kernel does, whoever listens at that very address is taken before whoever listens at all. That a socket at
    `::` takes IPv6 alone is not told: any user may open one beside ours, so it counts where no other is there.
    """
    if not _is_address(host):
        return []
    users: dict[str, list[int]] = {}
    for table in TABLES:
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            _, local, _, state, _, _, _, user, *_ = line.split()
            address, _, listed = local.partition(":")
            if state == LISTENING and int(listed, 16) == port:
                users.setdefault(address, []).append(int(user))
    every = (host, "::") if ":" in host else (host, f"::ffff:{host}", "0.0.0.0", "::ffff:0.0.0.0", "::")
    return next((users[listed] for listed in map(_as_listed, every) if listed in users), [])


def _as_listed(host: str) -> str:
    """Return an address as the kernel lists it: words of four bytes, each in the machine's own order."""
    packed = socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
    return "".join(f"{word:08X}" for word in struct.unpack(f"={len(packed) // 4}I", packed))

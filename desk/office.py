"""Opening the office: the store, the council files and the clock that turns and verbs work with."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from desk.clock_watch import boot
from desk.settings import Settings
from models.clock import Clock, SystemClock
from models.council import Council, load_council
from models.council_file import CouncilFileError
from models.store import open_store
from models.time_stamps import Stamper
from tasks.turns import Office

OUTSIDE_CONTAINERS = "4026531836"  #: how Linux numbers the machine's own space of process numbers, on every machine

log = logging.getLogger(__name__)


def open_office(settings: Settings, clock: Clock | None = None) -> Office:
    """Return an office on the settings' database and council files, its tables brought up to date.

    Raises models.store_schema.StoreIsNewer when a newer Cleardays wrote the database.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)  # names, addresses and opinions are kept in it
    return Office(
        store=open_store(settings.database_url),
        clock=clock or SystemClock(),
        council=council_files(settings.councils),
        holder=holder(),
        stamper=_stamper(settings),
    )


def _stamper(settings: Settings) -> Stamper | None:
    """Return what asks the time-stamping authority of the settings, or None where none is set."""
    if settings.tsa_url is None or settings.tsa_ca_file is None:
        return None
    from notifications.time_stamping import stamper_at

    return stamper_at(settings.tsa_url, settings.tsa_ca_file, settings.tsa_timeout_seconds)


def council_files(folder: Path) -> Callable[[str], Council]:
    """Return a look-up of councils by name that reads a file again when it was changed.

    A change that makes the file unusable is told in the log, and the file as it was before stays in force until it is
    put right: a slip of the pen must not make a day pass. The look-up raises models.council_file.CouncilFileError for
    a file that was wrong from the start.
    """
    read: dict[str, tuple[int, Council]] = {}

    def council(name: str) -> Council:
        path = Path(name) if name.endswith((".yaml", ".yml")) else folder / f"{name}.yaml"
        changed = path.stat().st_mtime_ns if path.exists() else 0
        kept = read.get(name)
        if kept is None or kept[0] != changed:
            try:
                kept = (changed, _loaded(name, folder, changed))
            except CouncilFileError as error:
                if kept is None:
                    raise
                log.error("The council's file as it was before stays in force until it is put right: %s", error)
                kept = (changed, kept[1])
            read[name] = kept
        return kept[1]

    return council


@lru_cache(maxsize=64)
def _loaded(name: str, folder: Path, changed: int) -> Council:
    """Return a council as its file was when it was `changed`: read once, also for the desks forked from here."""
    return load_council(name, folder)


def holder() -> str:
    """Return who this process is, for claims: where it runs (see `_here`), its number, and when it started."""
    return ":".join((*_here(), str(os.getpid()), _started(os.getpid())))


def is_dead(claimant: str) -> bool:
    """Tell whether a claim's holder is a process of this machine that no longer runs.

    A holder on another machine, or in another container, is never called dead, whatever its name: its process number
    says nothing here. Its claim lapses with time instead.
    """
    try:
        machine, space, run, number, started = claimant.rsplit(":", 4)
        here, space_here, run_here = _here()
        if (machine, space) != (here, space_here):
            return False
        if run != run_here:  # the machine was started anew; a container with this name may be on another machine
            return space == OUTSIDE_CONTAINERS
        return _started(int(number)) != started
    except ValueError:
        return False


def _here() -> tuple[str, str, str]:
    """Return the machine, the space that its process numbers count in (each container has one), and the machine's run.

    The last two are empty where the system does not say.
    """
    try:
        space = str(os.stat("/proc/self/ns/pid").st_ino)
    except OSError:
        space = ""
    return socket.gethostname(), space, boot().partition("-")[0]


def _started(number: int) -> str:
    """Return when a process started, in the kernel's ticks; an empty text when it does not run.

    One that was killed and that its parent has not yet asked about (a zombie) no longer runs.
    """
    try:
        about = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        return "" if about[0] in ("Z", "X") else about[19]
    except OSError:
        pass
    try:
        os.kill(number, 0)
    except OSError:
        return ""
    return "unknown"

"""A copy of a SQLite database, made before its tables are changed: what an upgrade that disappoints goes back to."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

ROOM_BESIDES = 16 * 1024 * 1024  #: bytes that stay free beside the copy, for the log that the upgrade itself writes

log = logging.getLogger(__name__)


class NoRoomForBackup(RuntimeError):
    """The disk has no room for the copy that is made before an upgrade; nothing was changed."""


def back_up(file: Path, version: str) -> Path:
    """Copy the database in `file`, whose tables are of `version`, beside it, and return the copy.

    What has been committed is copied, by SQLite's own backup, while others may read. A copy made before of the same
    version is replaced once the new one is whole. Raises NoRoomForBackup.
    """
    copy = backup_of(file, version)
    needed, free = _size(file) + ROOM_BESIDES, shutil.disk_usage(file.parent).free
    if free < needed:
        raise NoRoomForBackup(
            f"before its tables are changed, the database {file} is copied to {copy}; that takes {_megabytes(needed)}, "
            f"and the disk has {_megabytes(free)} free. Make room and start again; nothing was changed"
        )
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))  # names and addresses are in it
    opened = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=15)
    with closing(opened) as source, closing(sqlite3.connect(unfinished)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself
    _flush(unfinished)
    unfinished.replace(copy)
    _flush(copy.parent)
    log.warning("Before its tables are changed, the database %s was copied to %s.", file, copy)
    return copy


def backup_of(file: Path, version: str) -> Path:
    """Return where the copy of a database is kept that was made when its tables were of `version`."""
    return file.with_name(f"{file.stem}.before-upgrade-from-{version}{file.suffix}")


def _size(file: Path) -> int:
    """Return the bytes that a copy of a database may take: its own, and those of the log that goes with it."""
    return sum(each.stat().st_size for each in (file, Path(f"{file}-wal")) if each.exists())


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:,.0f} MB"


def _flush(path: Path) -> None:
    """Let a file, or a folder's list of files, be on the disk before we go on."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

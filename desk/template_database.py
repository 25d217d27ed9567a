"""A Prefect database, empty and up to date, kept to be copied: it saves a new server its migrations.

Prefect builds its SQLite tables in some hundred steps, which take longer than everything else a new server
does. The first server on a machine leaves a copy behind, one for each version of Prefect; the next ones start
from it. The server still checks on start that the tables are up to date, so a template can save time only.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

#: The one table that a database without any data has a row in: which migration it stands at.
_MIGRATIONS = "alembic_version"


def cache_folder() -> Path:
    """Where Cleardays keeps what it can make again: `$XDG_CACHE_HOME/cleardays` or `~/.cache/cleardays`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cleardays"


def template_file() -> Path:
    """The template for the installed version of Prefect, whether it is there or not."""
    return cache_folder() / f"prefect-{version('prefect')}.db"


def offer_template(database: Path) -> bool:
    """Copy the template to `database`, which does not exist yet. False if there is no usable template."""
    template = template_file()
    if not _is_empty(template):
        return False
    try:
        shutil.copyfile(template, database)
    except OSError:
        database.unlink(missing_ok=True)
        return False
    return True


def save_template(database: Path) -> bool:
    """Keep a copy of a new server's database as the template.

    False, and nothing kept, if it holds any data already or the folder cannot be written.
    """
    try:
        cache_folder().mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=cache_folder(), suffix=".db")
        os.close(handle)
    except OSError:
        return False
    copy = Path(name)
    try:
        _copy(database, copy)
        if not _is_empty(copy):
            return False
        copy.replace(template_file())
    except (OSError, sqlite3.Error):
        return False
    finally:
        copy.unlink(missing_ok=True)
    return True


def _copy(database: Path, target: Path) -> None:
    """A copy of a database in use, in one file without a journal beside it."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _is_empty(database: Path) -> bool:
    """Whether the file is a migrated Prefect database with no row of data in it."""
    if not database.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            tables = {name for (name,) in names if not name.startswith("sqlite_")}
            if _MIGRATIONS not in tables or "flow_run" not in tables:
                return False
            return not any(
                connection.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone() for table in tables - {_MIGRATIONS}
            )
    except sqlite3.Error:
        return False

"""Brings a database's tables to the version this code needs, by Alembic's migrations."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.pool import StaticPool

from models.failpoints import reached
from models.store_backup import back_up
from models.tables import Base

NEWEST = "0004"
MIGRATIONS = Path(__file__).parent / "migrations"

log = logging.getLogger(__name__)


class StoreIsNewer(RuntimeError):
    """The database was written by a newer version of Cleardays than this one; start that version instead."""


def prepare(engine: Engine) -> None:
    """Create or upgrade the tables where needed; a database in memory gets them at once.

    Several processes may do so at the same time: the engine of `open_store` lets one write after the other. All of it
    is one transaction: a process that is killed in the midst of it leaves the tables as they were. A SQLite database
    is copied first, see models/store_backup.py; PostgreSQL's is backed up by whoever runs the server.

    Raises StoreIsNewer when the database holds a version this code does not know, and NoRoomForBackup.
    """
    if isinstance(engine.pool, StaticPool):
        Base.metadata.create_all(engine)
        return
    with engine.connect().execution_options(reads_only=True) as connection:
        if version_of(connection) == NEWEST:
            return
    with engine.begin() as connection:  # nobody else writes from here on
        before = version_of(connection)
        if before == NEWEST:
            return  # another process was faster
        if before is not None:
            _see_that_it_can_be_undone(engine, before)
        upgrade(connection)
        reached("migration-before-commit")
    reached("migration-committed")
    if before is not None:
        log.warning("The tables of the database were brought from version %s to %s.", before, NEWEST)


def _see_that_it_can_be_undone(engine: Engine, before: str) -> None:
    if before not in known():
        raise _newer(before)
    if engine.dialect.name == "sqlite" and engine.url.database:
        back_up(Path(engine.url.database), before)
    reached("migration-backed-up")


def known() -> list[str]:
    """Return the versions of the tables that this code knows, oldest first."""
    return sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def version_of(connection: Connection) -> str | None:
    """Return the version of the tables, or None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing, within the transaction of `connection`."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    event.listen(connection, "after_cursor_execute", _after_statement)
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise _newer(version_of(connection)) from error
    finally:
        event.remove(connection, "after_cursor_execute", _after_statement)


def _after_statement(*_: object) -> None:
    reached("migration-statement")


def _newer(version: str | None) -> StoreIsNewer:
    return StoreIsNewer(
        f"this database holds tables of version {version}, this Cleardays knows up to {NEWEST}: start the newer "
        "Cleardays, or restore the backup made before the upgrade"
    )

"""Brings a database's tables to the version this code needs, by Alembic's migrations."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.pool import StaticPool

from models.tables import Base

NEWEST = "0002"
MIGRATIONS = Path(__file__).parent / "migrations"


class StoreIsNewer(RuntimeError):
    """The database was written by a newer version of Cleardays than this one; start that version instead."""


def prepare(engine: Engine) -> None:
    """Create or upgrade the tables where needed; a database in memory gets them at once.

    Several processes may do so at the same time: the engine of `open_store` lets one write after the other.

    Raises StoreIsNewer when the database holds a version this code does not know.
    """
    if isinstance(engine.pool, StaticPool):
        Base.metadata.create_all(engine)
        return
    with engine.connect().execution_options(reads_only=True) as connection:
        if version_of(connection) == NEWEST:
            return
    with engine.begin() as connection:
        upgrade(connection)


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
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreIsNewer(
            f"this database holds tables of version {version_of(connection)}, this Cleardays knows up to "
            f"{NEWEST}: start the newer Cleardays, or restore the backup made before the upgrade"
        ) from error

"""The tables come out of the migrations as the code describes them, on both databases, and never go back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from models.store import open_store
from models.store_schema import MIGRATIONS, NEWEST, StoreIsNewer, prepare, version_of
from models.tables import Base
from tests.integration.databases import Database, append, at_once, database, open_case  # noqa: F401
from tests.integration.postgres import postgres_server  # noqa: F401


def test_the_migrations_make_the_tables_that_the_code_describes(database: Database) -> None:  # noqa: F811
    """Alembic finds no difference in tables, columns, types, indexes or constraints."""
    with database.store()._engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "render_as_batch": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_every_constraint_has_its_name(database: Database) -> None:  # noqa: F811
    """A later migration can name what it changes, the same on both databases."""
    inspector = inspect(database.store()._engine)
    for table in Base.metadata.sorted_tables:
        named = {c["name"] for c in inspector.get_unique_constraints(table.name)}
        named |= {c["name"] for c in inspector.get_foreign_keys(table.name)}
        named.add(inspector.get_pk_constraint(table.name)["name"])
        assert named == {constraint.name for constraint in table.constraints}


def test_the_newest_version_is_that_of_the_last_migration(database: Database) -> None:  # noqa: F811
    """The number in the code, the file's number and what a fresh database says are one."""
    files = sorted(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    assert files[-1].startswith(f"{NEWEST}_")
    for file in files:
        source = (MIGRATIONS / "versions" / f"{file}.py").read_text(encoding="utf-8")
        assert re.search(rf'^revision = "{file[:4]}"$', source, re.MULTILINE)
    with database.store()._engine.connect() as connection:
        assert version_of(connection) == NEWEST


def test_opening_again_changes_nothing(database: Database) -> None:  # noqa: F811
    """A second start finds its tables and leaves the record as it is."""
    store = database.store()
    ref = open_case(store)
    again = database.store()
    assert again.record(ref).facts == store.record(ref).facts
    prepare(again._engine)
    assert again.record(ref).head == 1


def test_several_processes_may_start_on_an_empty_database(database: Database) -> None:  # noqa: F811
    """Six at once: one makes the tables, nobody stumbles over them, and all can write."""
    stores = at_once(*[database.store] * 6)
    assert [store for store in stores if isinstance(store, Exception)] == []
    ref = open_case(database.stores[0])
    for store in database.stores[1:]:
        store.write(lambda tx: append(tx, ref))
    assert database.stores[0].record(ref).head == 6


def test_a_database_of_a_newer_cleardays_is_left_alone(database: Database) -> None:  # noqa: F811
    """An older program says which versions do not fit and what to do, and touches nothing."""
    store = database.store()
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreIsNewer, match=f"of version 9999, this Cleardays knows up to {NEWEST}"):
        open_store(database.url)
    with store._engine.connect() as connection:
        assert version_of(connection) == "9999"


def test_a_database_in_memory_has_the_same_tables(tmp_path: Path) -> None:
    """A rehearsal's store, made without migrations, has the columns of one on disk."""
    memory, file = open_store("sqlite://"), open_store(f"sqlite:///{tmp_path}/cases.db")
    tables = inspect(memory._engine), inspect(file._engine)
    for table in Base.metadata.sorted_tables:
        columns = [[(c["name"], str(c["type"]), c["nullable"]) for c in t.get_columns(table.name)] for t in tables]
        assert columns[0] == columns[1]
    memory.close()
    file.close()

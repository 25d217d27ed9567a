"""Engines: how a database is opened, flushed at every commit, and written to by one transaction at a time."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import StaticPool

from models.store_prepared import run_text

WRITES = 2013_349  #: PostgreSQL's number of the lock that one writing transaction holds at a time


def engine_of(url: str) -> Engine:
    """Return an engine on the database at a URL (see `models.store.open_store`)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, in_memory=parsed.database in (None, "", ":memory:"))
    return _postgresql(url)


def _sqlite(url: str, *, in_memory: bool) -> Engine:
    if in_memory:
        engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
        )
    else:
        _make_private(Path(make_url(url).database or ""))
        engine = create_engine(
            url, connect_args={"check_same_thread": False}, pool_size=10, max_overflow=40, hide_parameters=True
        )

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions are begun by us, below
        for pragma in ("busy_timeout=15000", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if not in_memory:
            _write_ahead(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        run_text(connection, "BEGIN IMMEDIATE" if _writes(connection) else "BEGIN DEFERRED")

    return engine


def _make_private(file: Path) -> None:
    """Create a database's file for its owner alone, if it is not there; SQLite's journals take after it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():  # what is there and cannot be used, SQLite says better
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))


def _write_ahead(connection: Any) -> None:
    """Keep a write-ahead log; SQLite does not wait by itself while another process turns it on."""
    patience = time.monotonic() + 15
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > patience:
                raise
            time.sleep(0.02)


def _postgresql(url: str) -> Engine:
    """Return an engine that lets one transaction write at a time, as SQLite does.

    Without that, groups of two processes that touch the same cases in different orders deadlock, a second each.
    """
    engine = create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: object) -> None:
        connection.execute("SET lock_timeout = '15s'")
        connection.execute("SET idle_in_transaction_session_timeout = '60s'")  # a desk that hangs lets go
        connection.commit()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _writes(connection):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITES})")

    return engine


def _writes(connection: Connection) -> bool:
    return connection.get_execution_options().get("reads_only") is not True

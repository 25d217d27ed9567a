"""An upgrade of the tables can be killed anywhere, and undone: on SQLite by the copy that is made before it."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections import namedtuple
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from models import store_backup
from models.facts import check_chain
from models.failpoints import VARIABLE
from models.store import open_store
from models.store_backup import NoRoomForBackup, backup_of
from models.store_schema import NEWEST, StoreIsNewer, version_of
from tests.integration.databases import KINDS
from tests.integration.postgres import Postgres, postgres_server  # noqa: F401
from tests.parked.releases import RELEASES

ROOT = Path(__file__).resolve().parents[2]
RELEASE = RELEASES[0]
(CASE,) = [case for case in RELEASE.cases if case["trouble"] == "letters being sent"]
WAS = RELEASE.manifest["schema"]
STARTS = "import sys; from models.store import open_store; open_store(sys.argv[1]).close()"
POINTS = [
    "migration-backed-up", "migration-statement:1", "migration-statement:4", "migration-statement:12",
    "migration-before-commit", "migration-committed",
]  # fmt: skip
Usage = namedtuple("Usage", "total used free")


@dataclass(frozen=True)
class Old:
    """A database as the release left it."""

    url: str

    def version(self) -> str | None:
        """Return the version of its tables."""
        engine = create_engine(self.url)
        with engine.connect() as connection:
            found = version_of(connection)
        engine.dispose()
        return found

    def tables(self) -> set[str]:
        """Return the names of its tables and of the columns of its cases."""
        engine = create_engine(self.url)
        inspector = inspect(engine)
        found = set(inspector.get_table_names()) | {f"cases.{c['name']}" for c in inspector.get_columns("cases")}
        engine.dispose()
        return found


@pytest.fixture(params=KINDS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Old:
    """A database in the tables of the first release: a SQLite file, then PostgreSQL."""
    if request.param != "postgres":
        return Old(RELEASE.written_to(tmp_path / "cases.db"))
    server: Postgres = request.getfixturevalue("postgres_server")
    old = Old(server.new_database())
    RELEASE.loaded_into(old.url, tmp_path / "scratch.db", only=CASE["case"])
    return old


@pytest.mark.parametrize("point", POINTS)
def test_an_upgrade_that_is_killed_leaves_a_database_that_the_next_start_brings_up(old: Old, point: str) -> None:
    """After the kill the tables are whole, the old ones or the new ones; the next start has the record as it was."""
    before = old.tables()
    killed = subprocess.run(
        [sys.executable, "-c", STARTS, old.url], cwd=ROOT, env={**os.environ, VARIABLE: point}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    if point == "migration-committed":
        assert (old.version(), before < old.tables()) == (NEWEST, True)
    else:
        assert (old.version(), old.tables()) == (WAS, before)

    store = open_store(old.url)
    assert old.version() == NEWEST
    record = store.record(CASE["case"])
    assert (check_chain(record), record.facts[-1].hash) == (CASE["head"], CASE["head_hash"])
    with store.reading() as reading:
        held = [letter for letter in reading.letters(CASE["case"]) if letter.claimed_by]
    assert len(held) == 2
    store.close()


# -- the copy beside it ------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a SQLite database that the first release wrote."""
    RELEASE.written_to(tmp_path / "cases.db")
    return tmp_path / "cases.db"


def test_a_database_is_copied_before_its_tables_are_changed(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The copy is named by the version, is its owner's alone, holds every case, and the log says where it is."""
    open_store(f"sqlite:///{file}").close()
    copy = backup_of(file, WAS)
    assert copy.name == f"cases.before-upgrade-from-{WAS}.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert Old(f"sqlite:///{copy}").version() == WAS
    engine = create_engine(f"sqlite:///{copy}")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM cases")) == len(RELEASE.cases)
    engine.dispose()
    assert f"the database {file} was copied to {copy}" in caplog.text
    assert f"brought from version {WAS} to {NEWEST}" in caplog.text
    assert sorted(each.name for each in file.parent.iterdir() if "upgrade" in each.name) == [copy.name]


def test_what_is_still_in_the_log_of_the_database_is_in_the_copy(file: Path) -> None:
    """A desk that was killed leaves committed facts in SQLite's write-ahead log; they are copied, too."""
    leaves_it_in_the_log = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA journal_mode=WAL'); "
        "c.execute(\"UPDATE cases SET message = 'in the log'\"); c.commit(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", leaves_it_in_the_log, str(file)], check=False)
    assert Path(f"{file}-wal").stat().st_size > 0
    open_store(f"sqlite:///{file}").close()
    engine = create_engine(f"sqlite:///{backup_of(file, WAS)}")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT DISTINCT message FROM cases")) == "in the log"
    engine.dispose()


def test_the_copy_can_be_put_in_the_place_of_the_database(file: Path) -> None:
    """Back to the old version, and up again: the newer copy takes the older one's place."""
    open_store(f"sqlite:///{file}").close()
    shutil.copy(backup_of(file, WAS), file)
    assert Old(f"sqlite:///{file}").version() == WAS
    store = open_store(f"sqlite:///{file}")
    assert check_chain(store.record(CASE["case"])) == CASE["head"]
    store.close()


def test_a_new_database_and_one_that_is_up_to_date_are_not_copied(tmp_path: Path) -> None:
    """There is nothing to go back to."""
    for _ in range(2):
        open_store(f"sqlite:///{tmp_path}/cases.db").close()
    assert not list(tmp_path.glob("*upgrade*"))


def test_without_room_for_the_copy_nothing_is_changed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names both files, what is needed and what there is; a start with room goes through."""
    before = file.read_bytes()
    with monkeypatch.context() as full:
        full.setattr(store_backup.shutil, "disk_usage", lambda path: Usage(10**9, 10**9, 1024**2))
        with pytest.raises(NoRoomForBackup, match=r"takes [\d,]+ MB, and the disk has 1 MB free. Make room"):
            open_store(f"sqlite:///{file}")
    assert Old(f"sqlite:///{file}").version() == WAS
    assert len(file.read_bytes()) == len(before)
    open_store(f"sqlite:///{file}").close()
    assert Old(f"sqlite:///{file}").version() == NEWEST


def test_a_database_of_a_newer_release_is_refused_and_left_alone(file: Path) -> None:
    """One sentence says both versions and what to do; nothing is copied or changed."""
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    before = file.read_bytes()
    with pytest.raises(StoreIsNewer, match=f"holds tables of version 9999, this Cleardays knows up to {NEWEST}: start"):
        open_store(f"sqlite:///{file}")
    assert Old(f"sqlite:///{file}").tables() == Old(RELEASE.written_to(file.with_name("again.db"))).tables()
    assert file.read_bytes()[100:] == before[100:]
    assert not list(file.parent.glob("*upgrade*"))

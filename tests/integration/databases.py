"""The databases that the store is tested on, and a case to write to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from models.facts import Fact
from models.outgoing import Draft
from models.store import NewCase, Store, Writing, open_store
from tests.integration.postgres import Postgres

AT = datetime(2017, 8, 1, 9, tzinfo=UTC)
LATER = AT + timedelta(days=1)
KINDS = ["file", pytest.param("postgres", marks=pytest.mark.postgres)]


@dataclass
class Database:
    """One database, which any number of stores may be opened on, as that many processes would."""

    url: str
    stores: list[Store] = field(default_factory=list)

    @property
    def is_postgres(self) -> bool:
        """Tell which of the two it is."""
        return make_url(self.url).get_backend_name() == "postgresql"

    def store(self) -> Store:
        """Open a store on it."""
        store = open_store(self.url)
        self.stores.append(store)
        return store


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database: a SQLite file, then PostgreSQL."""
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres_server")
        database = Database(server.new_database())
    else:
        database = Database(f"sqlite:///{tmp_path}/cases.db")
    yield database
    for store in database.stores:
        store.close()


def new_case(reference: str = "CAS-1", year: int = 2017) -> NewCase:
    """What a case is opened with."""
    return NewCase("PC", year, "pharmacy-consolidation", 1, "southampton", reference)


def open_case(store: Store, reference: str = "CAS-1") -> str:
    """Open a case with its first fact, and return its reference."""

    def work(tx: Writing) -> str:
        ref = tx.open_case(new_case(reference))
        append(tx, ref, "notified")
        return ref

    return store.write(work)


def append(tx: Writing, ref: str, kind: str = "noted", key: str | None = None, **payload: object) -> Fact:
    """Append a fact of no importance."""
    return tx.append(ref, kind, at=AT, actor="cleardays", channel="test", payload=payload, key=key)


def draft(key: str, address: str = "chair@example.org") -> Draft:
    """A letter under a key."""
    return Draft(
        template="circulation", recipient="board-chair", address=address,
        sender="Public Health <public.health@example.org>", reply_to="pharmacy.applications@example.org",
        subject="Pharmacy consolidation", text="Please answer by Friday.\n", html="<p>Please answer by Friday.</p>",
        key=key, message_id=f"<{key.replace('/', '.')}@example.org>",
    )  # fmt: skip


def at_once(*works: Callable[[], object]) -> list[object]:
    """Do all `works` in threads that start together; return what each returned or raised."""
    start = threading.Barrier(len(works))
    outcomes: list[object] = [None] * len(works)

    def go(number: int, work: Callable[[], object]) -> None:
        start.wait()
        try:
            outcomes[number] = work()
        except Exception as error:
            outcomes[number] = error

    threads = [threading.Thread(target=go, args=(number, work)) for number, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes

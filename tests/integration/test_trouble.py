"""What goes wrong around the desk: a database lost, locked or full, a broken file, one bad case among good ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from models.store import Store, Writing, open_store
from models.store_writers import OutcomeUnknown
from tests.integration.databases import Database, append, at_once, database, open_case  # noqa: F401
from tests.integration.postgres import postgres_server  # noqa: F401


def lose_connection_after_commit(store: Store, times: int = 1) -> None:
    """Let the next commits reach the database and their answers be lost, in the driver's own words."""
    dialect = store._engine.dialect
    commit, left = dialect.do_commit, [times]

    def committed_and_lost(connection: Any) -> None:
        commit(connection)
        if left[0]:
            left[0] -= 1
            connection.dbapi_connection.close()
            commit(connection)

    dialect.do_commit = committed_and_lost  # type: ignore[assignment, method-assign]


def test_work_whose_commit_may_have_arrived_is_not_done_again(database: Database) -> None:  # noqa: F811
    """A fact is not recorded twice because the answer to its commit was lost; whoever asked is told to look."""
    store = database.store()
    ref = open_case(store)
    lose_connection_after_commit(store)
    with pytest.raises(OutcomeUnknown, match="look at the case before doing it again"):
        store.write(lambda tx: append(tx, ref, "response-received"))
    assert [fact.kind for fact in store.record(ref)] == ["notified", "response-received"]
    store.write(lambda tx: append(tx, ref, "decided"))
    assert store.record(ref).head == 3


def test_a_group_whose_commit_may_have_arrived_is_not_done_again(database: Database) -> None:  # noqa: F811
    """Those who shared the lost commit are all told so, and nothing of theirs is recorded twice."""
    store = database.store()
    ref = open_case(store)
    lose_connection_after_commit(store, times=2)

    def note(number: int) -> Callable[[], object]:
        return lambda: store.write(lambda tx: append(tx, ref, f"noted-{number}"))

    outcomes = at_once(*map(note, range(12)))
    kinds = [fact.kind for fact in store.record(ref)][1:]
    assert sorted(kinds) == sorted(f"noted-{n}" for n in range(12))
    assert any(isinstance(outcome, OutcomeUnknown) for outcome in outcomes)


def test_a_full_disk_refuses_work_whole_and_the_desk_goes_on_when_there_is_room(tmp_path: Path) -> None:
    """Nothing of the work that met the full disk is kept; the same store works once there is room again."""
    store = open_store(f"sqlite:///{tmp_path}/cases.db")
    ref = open_case(store)
    pages = store.write(lambda tx: tx._connection.exec_driver_sql("PRAGMA page_count").scalar())
    room = [pages]
    event.listen(store._engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count={room[0]}"))

    def much(tx: Writing) -> None:
        append(tx, ref, "attached")
        tx.keep_document("0" * 64, b"x" * 1_000_000)

    store.write(lambda tx: tx._connection.exec_driver_sql(f"PRAGMA max_page_count={pages}").scalar())
    with pytest.raises(OperationalError, match="full"):
        store.write(much)
    assert store.record(ref).head == 1
    room[0] = 1_000_000
    store.write(much)
    assert store.record(ref).head == 2
    store.close()

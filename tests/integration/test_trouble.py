"""What goes wrong around the desk: a database lost, locked or full, a broken file, one bad case among good ones."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from desk.bell import Bell
from desk.deployments import deploy
from desk.office import council_files
from desk.reconcile import reconcile
from desk.runs import Runs
from models.clock import FixedClock
from models.council import COUNCILS
from models.council_file import CouncilFileError
from models.store import Store, Writing, open_store
from models.store_writers import OutcomeUnknown
from tasks.turns import Office
from tests.integration.databases import AT, Database, append, at_once, database, new_case, open_case  # noqa: F401
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


def test_a_slip_in_the_council_file_stops_no_case_and_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A running desk keeps to the file as it was, says so once, and takes up the file once it is put right."""
    file = tmp_path / "southampton.yaml"
    whole = (COUNCILS / "southampton.yaml").read_text(encoding="utf-8")
    council = council_files(tmp_path)
    saved = itertools.count(1)

    def save(content: str) -> None:
        file.write_text(content, encoding="utf-8")
        os.utime(file, (0, next(saved)))

    save(whole.replace("wards:", "wards", 1))
    with pytest.raises(CouncilFileError):
        council("southampton")
    save(whole)
    before = council("southampton")
    save(whole.replace("wards:", "wards", 1))
    assert council("southampton") is council("southampton") is before
    assert len([each for each in caplog.records if "stays in force" in each.message]) == 1
    save(whole.replace("name: Southampton City Council", "name: City of Southampton", 1))
    assert council("southampton").name != before.name


@pytest.mark.prefect
def test_no_page_of_another_site_reads_or_writes_cases(prefect_server: str) -> None:
    """An officer's browser reaches the server on loopback, and so does every page that is open in it."""
    elsewhere = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    asked = httpx.options(f"{prefect_server}/deployments/filter", headers=elsewhere)
    assert "access-control-allow-origin" not in asked.headers
    plain = {"Origin": "https://example.org", "Content-Type": "text/plain"}
    for what in ("/flows/", "/deployments/filter"):
        assert httpx.post(f"{prefect_server}{what}", content='{"name": "x"}', headers=plain).status_code == 403
    ours = {**elsewhere, "Origin": prefect_server.removesuffix("/api")}
    assert httpx.options(f"{prefect_server}/deployments/filter", headers=ours).status_code == 200


@pytest.mark.prefect
def test_a_case_of_an_unknown_procedure_stops_no_other(prefect_server: str, tmp_path: Path) -> None:
    """It is left alone and named; the others are given their runs, at the start and by the bell."""
    office = Office(open_store(f"sqlite:///{tmp_path}/cases.db"), FixedClock(AT), council_files(COUNCILS))
    for procedure, reference in [("long-gone", "CAS-1"), ("pharmacy-consolidation", "CAS-2")]:
        new = replace(new_case(reference), procedure=procedure)
        office.store.write(lambda tx, new=new: append(tx, tx.open_case(new), "notified"))  # type: ignore[misc]
    deployments = deploy(prefect_server, forms_of=())
    with Runs(prefect_server) as runs:
        bell = Bell(office, runs, deployments, lambda: None, 1.0)
        assert bell.sweep() == 2
        assert runs.find("PC-2017-001") is None
        assert runs.find("PC-2017-002") is not None
        alone, other = reconcile(office, runs, deployments)
        assert alone.did == "left alone: its procedure is not known"
        assert other.ref == "PC-2017-002"
    office.store.close()


@pytest.mark.prefect
def test_cases_that_always_fail_do_not_starve_the_rest(
    prefect_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More broken cases than one sweep wakes stand before a sound one; the bell comes to it all the same."""
    monkeypatch.setattr("desk.bell.MANY", 5)
    office = Office(open_store(f"sqlite:///{tmp_path}/cases.db"), FixedClock(AT), council_files(COUNCILS))
    for number in range(12):
        new = replace(new_case(f"CAS-{number}"), procedure="long-gone" if number < 11 else "pharmacy-consolidation")
        office.store.write(lambda tx, new=new: append(tx, tx.open_case(new), "notified"))  # type: ignore[misc]
    with Runs(prefect_server) as runs:
        bell = Bell(office, runs, deploy(prefect_server, forms_of=()), lambda: None, 1.0)
        for _ in range(3):
            bell.sweep()
        assert office.store.case("PC-2017-012").run_id is not None
    office.store.close()

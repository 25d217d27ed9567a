"""The page of open cases in Prefect: what was missed stands first, with its day."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from desk import board
from desk.board import NARROW, Board
from desk.office import council_files
from desk.rehearsal import Rehearsal
from models.council import load_council
from models.facts import Record
from models.store import open_store

NOTIFIED_AT = datetime(2017, 7, 26, 11, tzinfo=UTC)
NOTICE = {
    "reference": "CAS-17", "given_at": NOTIFIED_AT.isoformat(), "capacity": "relevant", "wards": "bargate",
    "applicant": "A Ltd", "closing": "1 Low Street", "remaining": "2 High Street",
}  # fmt: skip


@dataclass
class Pages:
    """The pages of deployments, as they would stand in Prefect."""

    ui_url: str = "http://127.0.0.1:4200"
    shown: dict[UUID, str] = field(default_factory=dict)

    def describe(self, deployment: UUID, text: str) -> None:
        """Keep a page."""
        self.shown[deployment] = text

    def artifacts_of(self, runs: Sequence[str]) -> Mapping[str, Mapping[str, UUID]]:
        """Return none: no run has been taken."""
        return {}


def page_of(played: Rehearsal) -> str:
    """Return the page of open cases as it is shown now."""
    pages: Any = Pages()
    deployment = uuid4()
    Board(played.office, pages, {"pharmacy-consolidation": deployment}).refresh()
    return str(pages.shown[deployment]).replace(NARROW, " ")


def in_breach(also: int) -> tuple[Rehearsal, str]:
    """Return a case 3 days after its last day, and so many others that wait for days to come."""
    played = Rehearsal(load_council("southampton"), NOTIFIED_AT)
    played.notify(NOTICE)
    first = played.case_ref
    assert f"| {first} | Awaiting route | " in page_of(played)
    for kind in ("application", "equality-impact-assessment"):
        played.do("attach", kind=kind, file=f"{kind}.pdf")
    played.do("decide-route", route="contentious", reasons="x", chair_agrees="yes")
    played.do("respond", consultee="healthwatch", opinion="gap", interest="none", channel="telephone")
    played.advance_to(NOTIFIED_AT + timedelta(days=48))
    for number in range(also):
        given_at = played.clock.now().isoformat()
        played.notify({**NOTICE, "reference": f"CAS-{18 + number}", "given_at": given_at})
    return played, first


def rows_of(page: str) -> list[str]:
    """Return the rows of the cases on a page."""
    return [line for line in page.splitlines() if line.startswith("| PC-")]


def test_a_case_in_breach_stands_first_with_the_day_that_was_missed() -> None:
    """It waits for no day to come; the page names the day that has passed, and that it is a breach."""
    played, first = in_breach(also=1)
    rows = rows_of(page_of(played))
    assert rows[0].startswith(f"| {first} | ")
    assert "| Sat 9 Sep 2017 | **breach, 3 days late** |" in rows[0]
    assert len(rows) == 2
    assert "late" not in rows[1]


def test_it_stands_first_also_where_more_cases_than_the_page_has_room_for_wait_for_a_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cases with a day come before those without when the page is cut; what was missed is not cut away."""
    monkeypatch.setattr(board, "MOST", 2)
    played, first = in_breach(also=3)
    page = page_of(played)
    rows = rows_of(page)
    assert rows[0].startswith(f"| {first} | ")
    assert "**breach, 3 days late**" in rows[0]
    assert len(rows) == 2
    assert "2 more: `cleardays cases`." in page


def test_it_stands_first_also_where_its_row_waits_for_a_later_day() -> None:
    """What a case in breach waits for next may have a day to come; the day that was missed is told all the same."""
    played, first = in_breach(also=1)
    later = played.clock.now() + timedelta(days=20)
    store = played.office.store
    head = store.case(first).head
    assert store.write(
        lambda tx: tx.park(first, seen=head, awaiting="Awaiting feedback", until=later, due_at=later, message="")
    )
    assert "| Sat 9 Sep 2017 | **breach, 3 days late** |" in rows_of(page_of(played))[0]
    assert rows_of(page_of(played))[0].startswith(f"| {first} | Awaiting feedback | ")


def test_records_are_read_once_and_a_few_in_each_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred thousand cases may be asked about: each look reads some, and a record only when it has grown."""
    monkeypatch.setattr(board, "AT_ONCE", 1)
    played, first = in_breach(also=1)
    store, now = played.office.store, played.clock.now()
    second = played.case_ref
    head = store.case(second).head
    store.write(lambda tx: tx.park(second, seen=head, awaiting="x", until=None, due_at=None, message=""))
    pages: Any = Pages()
    cases = Board(played.office, pages, {"pharmacy-consolidation": uuid4()})
    read: list[str] = []
    record = store.record

    def noted(ref: str) -> Record:
        read.append(ref)
        return record(ref)

    monkeypatch.setattr(store, "record", noted)
    for seen in ([first], [first, second], [first, second]):
        assert list(cases._missed("pharmacy-consolidation", now)) == [first]
        assert read == seen
    played.case_ref = first
    played.do("attach", kind="other", file="x.pdf")
    read.clear()
    cases._missed("pharmacy-consolidation", now)
    assert read == [first]


def test_pages_that_are_not_there_are_asked_for_ever_more_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run without its timetable, people and next steps may have had no turn yet; a new fact is a reason to look."""
    played = Rehearsal(load_council("southampton"), NOTIFIED_AT)
    played.notify(NOTICE)
    store, clock, mark = played.office.store, [0.0], ["1"]
    asked: list[float] = []

    def none(runs: Sequence[str]) -> Mapping[str, Mapping[str, UUID]]:
        asked.append(clock[0])
        return {}

    run = str(uuid4())
    store.write(lambda tx: tx.note_run(played.case_ref, run))
    monkeypatch.setattr(store, "mark", lambda: mark[0])
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    pages: Any = Pages()
    pages.artifacts_of = none
    cases = Board(played.office, pages, {"pharmacy-consolidation": uuid4()})
    for second in range(0, 300, 5):
        clock[0] = float(second)
        if second == 200:
            mark[0] = "2"
        cases.refresh()
    assert asked == [0, 5, 15, 35, 75, 135, 195, 200, 205, 215, 235, 275]


def test_cases_that_may_have_missed_a_day_are_found_by_indexes(tmp_path: Path) -> None:
    """Neither the facts nor the cases are read through, however many there are."""
    store = open_store(f"sqlite:///{tmp_path / 'cases.db'}")
    asked: list[str] = []
    with store.reading() as reading:
        connection = reading._connection

        def plan(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
            told = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            asked.append(" | ".join(row[3] for row in told))

        event.listen(connection, "before_cursor_execute", plan)
        reading.perhaps_missed(NOTIFIED_AT, "pharmacy-consolidation")
    store.close()
    assert "ix_facts_missed" in asked[0]
    assert ["ix_cases_open_until (procedure=? AND until" in each for each in asked[1:]] == [True, True], asked
    assert not [each for each in asked if "SCAN cases" in each or "SCAN facts |" in each], asked


def test_that_cases_follow_older_dates_is_told_once(tmp_path: Path) -> None:
    """On the terminal when the page is first made, and on the page for as long as it is so."""
    played = Rehearsal(load_council("southampton"), NOTIFIED_AT)
    played.notify(NOTICE)
    proclaimed = b"proclaimed_holidays: [{date: 2017-08-22, reason: Day of thanks}]"
    (tmp_path / "southampton.yaml").write_bytes(
        played.council.source.replace(b"proclaimed_holidays: []", proclaimed)
    )
    pages: Any = Pages()
    told: list[str] = []
    for council, said in ((played.office.council, 0), (council_files(tmp_path), 1)):
        played.office.council = council
        cases = Board(played.office, pages, {"pharmacy-consolidation": uuid4()}, told.append)
        for _ in range(2):
            cases.refresh()
        assert told == ["1 open case follows older dates: cleardays calendar check."] * said

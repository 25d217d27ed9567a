"""What a case's row says is held against its facts by `check` and the doctor, and `reconcile` sets it anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk import rows
from desk.evidence import gather
from desk.rehearsal import Rehearsal
from models.clock import FixedClock
from models.council import load_council
from models.facts import BrokenRecord
from models.store import open_store
from models.whole_record import check_whole
from models.whole_row import told_at_first

NOTIFIED_AT = datetime(2017, 7, 26, 11, tzinfo=UTC)
NOTICE = {
    "reference": "CAS-17", "given_at": NOTIFIED_AT.isoformat(), "capacity": "relevant", "wards": "bargate",
    "applicant": "A Ltd", "closing": "1 Low Street", "remaining": "2 High Street",
}  # fmt: skip
LATER = "2099-01-01T00:00:00.000000Z"


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Rehearsal]:
    """A case that waits for its route until day 13."""
    played = Rehearsal(load_council("southampton"), NOTIFIED_AT, open_store(f"sqlite:///{tmp_path / 'cases.db'}"))
    played.notify(NOTICE)
    yield played
    played.store.close()


def rewrites(played: Rehearsal, tmp_path: Path, column: str, value: object) -> None:
    """Change one column of the case's row, as somebody with the file could."""
    with sqlite3.connect(tmp_path / "cases.db") as connection:
        connection.execute(f"UPDATE cases SET {column} = ?", (value,))
    connection.close()


def found(played: Rehearsal) -> list[str]:
    """Return what the doctor finds in rows with --deep."""
    return [each.what for each in rows.in_full(played.office)]


def glanced(played: Rehearsal) -> list[str]:
    """Return what the doctor finds in rows without."""
    with played.store.reading() as reading:
        return [each.what for each in rows.at_a_glance(reading, reading.cases(open_only=True))]


@pytest.mark.parametrize(
    ("column", "value", "told", "glance"),
    [
        ("due_at", LATER, "calls for no turn before 00:00 on Thursday 1 January 2099", True),
        ("due_at", None, "calls for no turn at all", True),
        ("until", LATER, "until 00:00 on Thursday 1 January 2099", False),
        ("awaiting", "Awaiting nothing", "its row says Awaiting nothing", False),
        ("outcome", "withdrawn", "says it ended (withdrawn), and no fact closed it", True),
        ("procedure", "key-decision", "says procedure 'key-decision', its first fact 'pharmacy-", False),
        ("version", 9, "says version 9, its first fact 2", False),
        ("council", "elsewhere", "says council 'elsewhere', its first fact 'southampton'", False),
    ],
)
def test_a_row_that_was_rewritten_is_found_and_set_anew(
    played: Rehearsal, tmp_path: Path, column: str, value: object, told: str, glance: bool
) -> None:
    """Each column that could stop the case is named with the mend, after which a turn brings it back as it was."""
    before = played.store.case(played.case_ref)
    assert (found(played), glanced(played)) == ([], [])
    rewrites(played, tmp_path, column, value)
    (what,) = found(played)
    assert told in what
    assert bool(glanced(played)) == glance

    assert rows.set_anew(played.office) == [played.case_ref]
    with played.store.reading() as reading:
        assert [each.ref for each in reading.to_wake(played.clock.now())] == [played.case_ref]
    played.settle()
    after = played.store.case(played.case_ref)
    assert after == before
    assert found(played) == []


def test_a_turn_that_comes_too_soon_is_no_fault(played: Rehearsal, tmp_path: Path) -> None:
    """It finds nothing to do and sets the row anew; one that recorded something keeps the alarms it had set before."""
    due_at = played.store.case(played.case_ref).due_at
    assert due_at is not None
    rewrites(played, tmp_path, "due_at", (due_at - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    assert found(played) == []


def test_a_record_ahead_of_the_clock_is_told_as_of_its_newest_fact(played: Rehearsal) -> None:
    """A demonstration's clock runs through two months in a minute; afterwards the record is in the future."""
    played.do("decide-route", route="contentious", reasons="x", chair_agrees="yes")
    played.advance_to(NOTIFIED_AT + timedelta(days=30))
    played.office.clock = FixedClock(NOTIFIED_AT)
    assert found(played) == []


def test_check_and_evidence_say_that_the_row_was_rewritten(played: Rehearsal, tmp_path: Path) -> None:
    """A sentence with the mend, where the facts themselves are whole."""
    rewrites(played, tmp_path, "procedure", "key-decision")
    with played.store.reading() as reading, pytest.raises(BrokenRecord, match=r"rewritten.*cleardays reconcile"):
        check_whole(reading, played.case_ref)
    with pytest.raises(BrokenRecord, match="says procedure 'key-decision'"):
        gather(played.office, played.case_ref)


def test_a_row_that_reopens_a_closed_case_is_found(played: Rehearsal, tmp_path: Path) -> None:
    """The fact that closed it says how it ended; the next turn says so again."""
    played.do("withdraw", "democratic-services", reasons="Withdrawn by the applicant")
    rewrites(played, tmp_path, "outcome", None)
    (what,) = found(played)
    assert "says it is open" in what
    assert glanced(played)
    rows.set_anew(played.office)
    played.settle()
    assert played.store.case(played.case_ref).outcome == "withdrawn"


def test_a_first_fact_names_what_the_case_follows(played: Rehearsal) -> None:
    """Procedure, version, council and reference are under its hash."""
    assert told_at_first(played.store.record(played.case_ref)) == {
        "procedure": "pharmacy-consolidation", "version": 2, "council": "southampton", "reference": "CAS-17",
    }  # fmt: skip

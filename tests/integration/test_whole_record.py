"""`cleardays check` finds what was changed behind the record's back: facts, rows, letters, and what the heads say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from models.council import load_council
from models.facts import BrokenRecord, make_fact
from models.store import open_store
from models.tables import FactRow
from models.whole_record import Whole, check_whole, heads_of
from tests.integration.heads_office import HeadsOffice

REGISTER = "DH-2017-001"


@pytest.fixture
def at() -> Iterator[HeadsOffice]:
    """A case of three facts and a register with two letters: two days of August 2017 are sealed."""
    office = HeadsOffice(open_store("sqlite://"), [load_council("southampton")], "2017-08-01")
    ref = office.a_case()
    office.grows(ref)
    office.desk_runs_until("2017-08-02")
    office.grows(ref)
    office.desk_runs_until("2017-08-03")
    yield office
    office.store.close()


CASE = "PC-2017-001"


def checked(at: HeadsOffice, ref: str) -> Whole:
    """Return what agrees."""
    with at.store.reading() as reading:
        return check_whole(reading, ref)


def by_another_hand(at: HeadsOffice, statement: str, **values: object) -> None:
    """Change the database as somebody with its password would."""
    with at.store._engine.begin() as connection:
        connection.execute(text(statement), values)
    at.store._kept.clear()


def told(at: HeadsOffice, ref: str) -> str:
    """Return what is said to be wrong."""
    with pytest.raises(BrokenRecord) as broken:
        checked(at, ref)
    return str(broken.value)


def test_what_was_left_alone_is_whole(at: HeadsOffice) -> None:
    """The case is named by two files; the register's own letters are under seal, and its head is in the next day's."""
    case, register = checked(at, CASE), checked(at, REGISTER)
    assert (case.facts, case.letters, case.heads) == (3, 0, 2)
    assert (register.letters, register.unsealed_letters, register.heads) == (2, 0, 2)
    with at.store.reading() as reading:
        assert [head.number for _, head in heads_of(reading, CASE, "southampton")] == [2, 3]


def test_facts_that_were_cut_off_are_found_though_the_row_says_the_same(at: HeadsOffice) -> None:
    """The newest fact is removed and the row is put right to match: the chain is whole, and the heads are not."""
    second = at.store.record(CASE).facts[1].hash
    by_another_hand(at, "DELETE FROM facts WHERE case_ref = :ref AND number = 3", ref=CASE)
    assert "holds 2 facts; 3 were recorded" in told(at, CASE)
    by_another_hand(at, "UPDATE cases SET head = 2 WHERE ref = :ref", ref=CASE)
    assert "is not the one that was recorded last" in told(at, CASE)
    by_another_hand(at, "UPDATE cases SET head_hash = :hash WHERE ref = :ref", hash=second, ref=CASE)
    assert told(at, CASE) == (
        f"case {CASE} had 3 facts by the daily heads of Wednesday 2 August 2017; it has 2: the newest were cut off"
    )


def test_a_record_whose_hashes_were_computed_anew_is_found_by_the_heads(at: HeadsOffice) -> None:
    """The newest fact is replaced by another that chains, row and all: nothing in the record shows it."""
    before, old = at.store.record(CASE).facts[1:3]
    new = make_fact(case=CASE, number=3, at=old.at, kind="noted", actor="a", channel="test", payload={"reference": "x"},
                    key=None, salt=old.salt, previous=before.hash)  # fmt: skip
    by_another_hand(at, "UPDATE facts SET payload = :payload, hash = :hash WHERE case_ref = :ref AND number = 3",
                    payload='{"reference":"x"}', hash=new.hash, ref=CASE)  # fmt: skip
    by_another_hand(at, "UPDATE cases SET head_hash = :hash WHERE ref = :ref", hash=new.hash, ref=CASE)
    assert "fact 3" in told(at, CASE)
    assert "daily heads of Wednesday 2 August 2017 name" in told(at, CASE)


def test_a_fact_that_was_put_in_behind_the_newest_is_found(at: HeadsOffice) -> None:
    """It chains, and the row does not know it: no turn would read it, and the check names its number."""
    newest = at.store.record(CASE).facts[-1]
    put_in = make_fact(case=CASE, number=4, at=newest.at + timedelta(1), kind="noted", actor="a", channel="test",
                       payload={}, key=None, salt="0", previous=newest.hash)  # fmt: skip
    with at.store._engine.begin() as connection:
        row = {name: getattr(put_in, name) for name in ("number", "at", "kind", "actor", "channel", "key", "salt",
                                                        "previous", "hash")}  # fmt: skip
        connection.execute(FactRow.__table__.insert().values(case_ref=CASE, payload="{}", **row))  # type: ignore[attr-defined]
    assert "is said to have 3 facts; the newest there is has the number 4" in told(at, CASE)


@pytest.mark.parametrize("column", ["subject", "text", "html", "address", "sender", "attachments", "message_id"])
def test_a_letter_that_was_changed_is_found(column: str, at: HeadsOffice) -> None:
    """Whatever of it: words, address, enclosures; the fact that posted it says how it was."""
    value = "[]" if column == "attachments" else "something else"
    by_another_hand(at, f"UPDATE letters SET {column} = :value WHERE key = 'heads-mailed/2017-08-01'", value=value)
    assert "is not as fact" in told(at, REGISTER)


def test_a_letter_that_was_removed_or_put_in_is_found(at: HeadsOffice) -> None:
    """The fact that posted them names each by its key."""
    by_another_hand(at, "UPDATE letters SET key = 'heads-mailed/other' WHERE key = 'heads-mailed/2017-08-01'")
    assert "the letter heads-mailed/2017-08-01" in told(at, REGISTER)
    assert "was removed" in told(at, REGISTER)

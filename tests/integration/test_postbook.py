"""The post book on both databases: what waits at the same moment is entered together, and each of it stands alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from models.facts import check_chain
from models.outgoing import Letter, LetterState
from models.store import Store, open_store
from models.store_post import AT_A_TIME, NewFact, Settled
from models.store_prepared import Prepared
from models.tables import FactRow
from notifications.postbook import Fate, PostBook, record_fates
from tests.integration.databases import AT, Database, database, draft, open_case  # noqa: F401
from tests.integration.postgres import postgres_server  # noqa: F401

TOLD = {"accepted_by": "mail.example.org", "reply": "250 OK"}


def claimed(store: Store, ref: str, count: int) -> list[Letter]:
    """Letters of a case that a desk has claimed."""

    def work(tx: Any) -> list[Letter]:
        for number in range(count):
            tx.post(ref, 1, draft(f"{ref}/{number}"), AT)
        return tx.claim_letters(AT, "desk", count)  # type: ignore[no-any-return]

    return store.write(work)


def sent(letter: Letter, **told: object) -> Fate:
    """That a letter was accepted."""
    return Fate(letter, LetterState.SENT, AT, {**TOLD, **told}, "250 OK")


def at_the_same_moment(
    store: Store, entries: Callable[[PostBook], Sequence[Awaitable[Any]]]
) -> tuple[list[Any], int]:  # fmt: skip
    """Make entries while the database is busy, so that all wait; return their outcomes and the commits they took."""
    busy, go_on = threading.Event(), threading.Event()

    def hold(tx: object) -> None:
        busy.set()
        assert go_on.wait(30)

    async def run() -> list[Any]:
        holder = asyncio.create_task(asyncio.to_thread(store.write, hold))
        await asyncio.to_thread(busy.wait, 30)
        waiting = asyncio.gather(*entries(PostBook(store)), return_exceptions=True)
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.1, go_on.set)
        outcomes = await waiting
        await holder
        return outcomes

    before = store.commits
    return asyncio.run(run()), store.commits - before - 1


def states(store: Store, ref: str) -> list[LetterState]:
    """How far the letters of a case have come, oldest first."""
    with store.reading() as reading:
        return [letter.state for letter in reading.letters(ref)]


def test_marks_and_fates_share_a_commit(database: Database) -> None:  # noqa: F811
    """Ten marks and ten fates of two cases that wait together take at most two commits; each is there."""
    store = database.store()
    refs = [open_case(store, f"CAS-{number}") for number in range(2)]
    letters = [letter for ref in refs for letter in claimed(store, ref, 10)]
    marks, fates = letters[::2], letters[1::2]
    outcomes, commits = at_the_same_moment(
        store, lambda book: [*map(book.mark, marks), *(book.record(sent(letter)) for letter in fates)]
    )
    assert outcomes[:10] == [True] * 10
    assert commits <= 2
    for ref in refs:
        assert states(store, ref) == [LetterState.SENDING, LetterState.SENT] * 5
        record = store.record(ref)
        assert check_chain(record) == 6
        assert [fact["letter"] for fact in record.all("letter-sent")] == [
            letter.draft.key for letter in fates if letter.case == ref
        ]  # fmt: skip


def test_a_letter_that_is_ours_no_longer_is_not_marked(database: Database) -> None:  # noqa: F811
    """Cancelled meanwhile, one is told so; its neighbours are marked."""
    store = database.store()
    ref = open_case(store)
    letters = claimed(store, ref, 3)
    store.write(lambda tx: tx.cancel_waiting(ref, AT, letters[1].draft.key))
    outcomes, _ = at_the_same_moment(store, lambda book: [book.mark(letter) for letter in letters])
    assert outcomes == [True, False, True]
    assert states(store, ref) == [LetterState.SENDING, LetterState.CANCELLED, LetterState.SENDING]


@pytest.mark.parametrize("again", ["desk", "another desk"])
def test_a_letter_obeys_its_last_claim_and_none_before(database: Database, again: str) -> None:  # noqa: F811
    """Taken back and claimed again, by another desk or the same, it is not for the first claim to mark or settle."""
    store, waits, going = database.store(), LetterState.WAITING, LetterState.SENDING
    ref = open_case(store)
    (first,) = claimed(store, ref, 1)
    assert store.write(lambda tx: tx.move_letter(first, was=LetterState.CLAIMED, becomes=waits))
    (second,) = store.write(lambda tx: tx.claim_letters(AT, again, 1))
    outcomes, _ = at_the_same_moment(store, lambda book: [*map(book.mark, (first, second)), book.record(sent(first))])
    assert outcomes[:2] == [False, True]
    assert not store.write(lambda tx: tx.move_letter(first, was=going, becomes=waits))
    assert states(store, ref) == [going]
    assert store.record(ref).head == 1
    store.write(lambda tx: record_fates(tx, [sent(first), sent(second)]))
    assert [fact["attempts"] for fact in store.record(ref).all("letter-sent")] == [2]


def test_a_fate_that_cannot_be_recorded_keeps_back_no_other(database: Database) -> None:  # noqa: F811
    """One holds a value that the record does not know: it alone fails, and nothing of it is kept."""
    store = database.store()
    ref = open_case(store)
    letters = claimed(store, ref, 3)
    fates = [sent(letters[0]), sent(letters[1], reply=float("nan")), sent(letters[2])]
    outcomes, _ = at_the_same_moment(store, lambda book: [book.record(fate) for fate in fates])
    assert [type(outcome) for outcome in outcomes] == [type(None), ValueError, type(None)]
    assert states(store, ref) == [LetterState.SENT, LetterState.CLAIMED, LetterState.SENT]
    assert check_chain(store.record(ref)) == 3


def test_a_fate_is_recorded_once(database: Database) -> None:  # noqa: F811
    """Recorded again, alone or beside another, it changes nothing and adds no fact."""
    store = database.store()
    ref = open_case(store)
    letters = claimed(store, ref, 2)
    store.write(lambda tx: record_fates(tx, [sent(letters[0])]))
    store.write(lambda tx: record_fates(tx, [Fate(letters[0], LetterState.REFUSED, AT, {}, ""), sent(letters[1])]))
    assert states(store, ref) == [LetterState.SENT] * 2
    assert [fact.kind for fact in store.record(ref)] == ["notified", "letter-sent", "letter-sent"]


def test_many_fates_at_once(database: Database) -> None:  # noqa: F811
    """More letters than one statement is about are all settled, each with its fact."""
    store = database.store()
    ref = open_case(store)
    letters = claimed(store, ref, 2 * AT_A_TIME + 3)
    store.write(lambda tx: record_fates(tx, [sent(letter) for letter in letters]))
    assert set(states(store, ref)) == {LetterState.SENT}
    assert check_chain(store.record(ref)) == len(letters) + 1


def test_letters_are_found_by_their_numbers_however_many_are_under_way(tmp_path: Path) -> None:
    """To mark letters and to settle them SQLite looks at these letters, and not at every one in their state."""
    store = open_store(f"sqlite:///{tmp_path}/cases.db")
    letters = claimed(store, open_case(store, "CAS-1"), 20)
    said: list[str] = []

    def work(tx: Any) -> list[str]:
        driver = tx._connection.connection.driver_connection
        driver.set_trace_callback(said.append)
        tx.mark_letters([letter.claim for letter in letters])
        tx.settle_letters([Settled(letter.claim, LetterState.SENT, AT, "250 OK") for letter in letters])
        driver.set_trace_callback(None)
        plans = [driver.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall() for statement in said]
        return [step for plan in plans for *_, step in plan if "letters" in step]

    looks = store.write(work)
    assert len(looks) >= 3 * len(letters)
    assert {look for look in looks if "PRIMARY KEY" not in look} == set()
    store.close()


def test_facts_appended_together_chain_and_read_back_as_they_were_given(database: Database) -> None:  # noqa: F811
    """A key already recorded is left out; what is read by another store is what was given."""
    store, other = database.store(), database.store()
    ref = open_case(store)
    news = [NewFact("noted", AT + timedelta(minutes=n), "icb", "test", {"n": n, "é": [None]}, f"k/{n}") for n in (1, 2)]
    store.write(lambda tx: tx.append_all(ref, news[:1]))
    store.write(lambda tx: tx.append_all(ref, news))
    record = other.record(ref)
    assert check_chain(record) == 3
    assert [(f.kind, f.at, f.actor, f.channel, f.payload, f.key) for f in record.facts[1:]] == [
        (new.kind, new.at, new.actor, new.channel, new.payload, new.key) for new in news
    ]
    assert store.record(ref).facts == record.facts


def test_what_the_driver_refuses_is_told_as_by_any_other_statement(database: Database) -> None:  # noqa: F811
    """A clash with what is there is an IntegrityError, and nothing is kept."""
    store = database.store()
    ref = open_case(store)
    again = Prepared(lambda _: insert(FactRow).values(case_ref=ref, number=1, kind="noted"))
    with pytest.raises(IntegrityError):
        store.write(lambda tx: again.run(tx._connection))
    assert store.record(ref).head == 1

"""The store on a SQLite file and on PostgreSQL: nothing lost, nothing doubled, nothing edited."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from models.facts import BrokenRecord, Fact, check_chain
from models.outgoing import LetterState
from models.store import AlreadyOpen, Store, UnknownCase, Work, Writing, open_store
from models.tables import CaseRow
from tests.integration.databases import (  # noqa: F401
    AT,
    LATER,
    Database,
    append,
    at_once,
    database,
    draft,
    new_case,
    open_case,
)
from tests.integration.postgres import postgres_server  # noqa: F401

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def store(database: Database) -> Store:  # noqa: F811
    """A store on a fresh database."""
    return database.store()


# -- numbering and grouping --------------------------------------------------------------------------------


def test_twenty_writers_of_two_processes_number_one_case_without_gaps(database: Database) -> None:  # noqa: F811
    """Two stores, ten threads each: every fact acknowledged is there once, numbered 1 to the last, and chained."""
    one, other = database.store(), database.store()
    ref = open_case(one)

    def writer(store: Store, name: int) -> list[Fact]:
        return [store.write(lambda tx, i=i: append(tx, ref, writer=name, i=i)) for i in range(10)]

    written = at_once(*(lambda s=s, n=n: writer(s, n) for n, s in enumerate([one, other] * 10)))
    facts = [fact for each in written for fact in each]  # type: ignore[attr-defined]
    assert sorted(fact.number for fact in facts) == list(range(2, 202))
    record = other.record(ref)
    assert check_chain(record) == 201
    assert {fact.hash for fact in facts} == {fact.hash for fact in record.facts[1:]}


def test_facts_of_many_cases_from_two_processes_are_all_kept(database: Database) -> None:  # noqa: F811
    """Groups that touch the same cases in different orders wait for or undo each other; nothing is lost of it."""
    one, other = database.store(), database.store()
    refs = [open_case(one, f"CAS-{n}") for n in range(6)]

    def writer(store: Store, order: list[str]) -> None:
        for round_ in range(5):
            for ref in order:
                store.write(lambda tx, ref=ref, r=round_: append(tx, ref, round=r))

    at_once(*(lambda s=s, o=o: writer(s, o) for s in (one, other) for o in (refs, refs[::-1], refs[3:] + refs[:3])))
    assert [check_chain(one.record(ref)) for ref in refs] == [1 + 6 * 5] * 6


def in_one_group(store: Store, *works: Work[object]) -> list[object]:
    """Let all `works` wait behind one slow commit, so that they are committed together; return their outcomes."""
    held, go_on = threading.Event(), threading.Event()

    def slow(tx: Writing) -> None:
        held.set()
        assert go_on.wait(30)

    holder = threading.Thread(target=lambda: store.write(slow))
    holder.start()
    assert held.wait(30)

    def release() -> None:
        while len(store._writers._queue) < len(works):
            time.sleep(0.002)
        go_on.set()

    *outcomes, _ = at_once(*(lambda work=work: store.write(work) for work in works), release)
    holder.join()
    return outcomes


def test_writers_that_wait_share_one_commit(store: Store) -> None:
    """Fifty writers behind one slow commit are committed together, and each gets its own result."""
    ref = open_case(store)
    before = store.commits
    numbers = in_one_group(store, *[lambda tx: append(tx, ref).number] * 50)
    assert sorted(map(int, map(str, numbers))) == list(range(2, 52))
    assert store.commits - before == 2  # the slow one, and the fifty


def kept(ref: str, count: int) -> list[Work[object]]:
    """Work of which nothing goes wrong."""
    return [lambda tx, n=n: append(tx, ref, "kept", f"kept/{n}").number for n in range(count)]


def only_the_kept(store: Store, ref: str, count: int) -> None:
    """Check that the record holds the facts of `kept`, chained, and that no letter was left."""
    record = store.record(ref)
    assert (check_chain(record), [fact.kind for fact in record.facts[1:]]) == (count + 1, ["kept"] * count)
    with store.reading() as reading:
        assert reading.letters(ref) == []


def test_one_that_fails_does_not_harm_those_it_shares_a_commit_with(store: Store) -> None:
    """What it had written is rolled back, its error is its own, and the others share their commit all the same."""
    ref = open_case(store)

    def fails(tx: Writing) -> None:
        append(tx, ref, "never-happened")
        tx.post(ref, 2, draft("never"), AT)
        raise LookupError("mine alone")

    before = store.commits
    *numbers, failed = in_one_group(store, *kept(ref, 10), fails)
    assert sorted(map(int, map(str, numbers))) == list(range(2, 12))
    assert isinstance(failed, LookupError)
    assert store.commits - before == 2
    only_the_kept(store, ref, 10)


def test_what_the_database_refuses_does_not_harm_the_others(store: Store) -> None:
    """A Message-ID that is taken, a statement that is wrong: refused for those who brought it, kept for the rest."""
    ref = open_case(store)

    def clashes(tx: Writing) -> None:
        append(tx, ref, "never-happened")
        tx.post(ref, 1, draft("one"), AT)
        tx.post(ref, 1, draft("two").keyed("two", draft("one").message_id), AT)

    def cannot_be_done(tx: Writing) -> None:
        append(tx, ref, "never-happened")
        tx._connection.execute(text("SELECT * FROM no_such_table"))

    *numbers, clashed, refused = in_one_group(store, *kept(ref, 10), clashes, cannot_be_done)
    assert sorted(map(int, map(str, numbers))) == list(range(2, 12))
    assert isinstance(clashed, IntegrityError)
    assert isinstance(refused, DBAPIError)
    only_the_kept(store, ref, 10)


def test_a_clash_is_tried_again_alone(store: Store) -> None:
    """Work that clashed with another's, which it had not seen, sees it the second time and is done."""
    ref = open_case(store)
    tries: list[int] = []

    def clashes_once(tx: Writing) -> int:
        tries.append(1)
        tx.post(ref, 1, draft("one"), AT)
        if len(tries) == 1:
            tx.post(ref, 1, draft("two").keyed("two", draft("one").message_id), AT)
        return append(tx, ref, "kept").number

    *numbers, number = in_one_group(store, *kept(ref, 3), clashes_once)
    assert sorted(map(int, map(str, [*numbers, number]))) == [2, 3, 4, 5]
    assert len(tries) == 2
    with store.reading() as reading:
        assert [letter.draft.key for letter in reading.letters(ref)] == ["one"]


def test_a_record_read_before_its_commit_is_not_remembered(store: Store) -> None:
    """A fact that was read within work that failed is not taken for the one that has its number now."""
    ref = open_case(store)

    def fails(tx: Writing) -> None:
        append(tx, ref, "never-happened")
        assert tx.record(ref).last("never-happened") is not None
        raise ValueError("not today")

    in_one_group(store, fails, lambda tx: append(tx, ref, "kept"))
    assert [fact.kind for fact in store.record(ref)] == ["notified", "kept"]
    with pytest.raises(ValueError, match="not today"):
        store.write(fails)
    store.write(lambda tx: append(tx, ref, "kept"))
    assert [fact.kind for fact in store.record(ref)] == ["notified", "kept", "kept"]


def test_those_of_one_commit_read_what_the_others_wrote_and_nothing_of_what_failed(store: Store) -> None:
    """Each finds the record whole as it stands when its turn comes, its own fact behind those of the others."""
    ref = open_case(store)

    def fails(tx: Writing) -> None:
        append(tx, ref, "never-happened")
        assert tx.record(ref).last("never-happened") is not None
        raise ValueError("not today")

    def reads_and_adds(tx: Writing) -> int:
        before, fact, after = tx.record(ref).head, append(tx, ref, "kept"), tx.record(ref)
        assert (before + 1, fact.number, check_chain(after)) == (fact.number, after.head, after.head)
        assert after.all("kept")[-1] == fact
        assert not after.all("never-happened")
        return fact.number

    outcomes = in_one_group(store, *[reads_and_adds, fails, reads_and_adds] * 6)
    assert sum(isinstance(each, ValueError) for each in outcomes) == 6
    assert sorted(each for each in outcomes if isinstance(each, int)) == list(range(2, 14))
    assert [fact.kind for fact in store.record(ref)] == ["notified", *["kept"] * 12]


def test_what_is_rolled_back_leaves_nothing(store: Store) -> None:
    """Work that fails on its own keeps neither fact, letter, document nor case; the next fact takes the number."""
    ref = open_case(store)

    def fails(tx: Writing) -> None:
        fact = append(tx, ref, "circulated", "circulated/1")
        tx.post(ref, fact.number, draft("circulated/1"), AT)
        tx.keep_document("0" * 64, b"paper")
        tx.open_case(new_case("CAS-2"))
        assert tx.record(ref).head == 2
        raise ValueError("not today")

    commits = store.commits
    with pytest.raises(ValueError, match="not today"):
        store.write(fails)
    assert store.commits == commits
    with store.reading() as reading:
        assert reading.letters(ref) == []
        assert reading.next_letter_due() is None
        assert [case.ref for case in reading.cases()] == [ref]
        with pytest.raises(LookupError, match="no document"):
            reading.document("0" * 64)
    assert store.record(ref).head == 1
    assert store.write(lambda tx: append(tx, ref)).number == 2
    assert check_chain(store.record(ref)) == 2


def test_a_use_of_the_store_within_its_own_work_is_refused(store: Store) -> None:
    """Work that reads or writes past its transaction would see or do something else: it is told at once."""
    ref = open_case(store)
    for inner in (lambda: store.record(ref), lambda: store.write(lambda tx: append(tx, ref))):
        with pytest.raises(RuntimeError, match="inside another use of the store"):
            store.write(lambda tx, inner=inner: inner())
    assert store.write(lambda tx: append(tx, ref)).number == 2


def test_an_interrupted_writer_leaves_the_queue_in_order(store: Store) -> None:
    """Ctrl-C in the midst of work reaches who pressed it; nothing is kept, and others still write."""
    ref = open_case(store)

    def interrupted(tx: Writing) -> None:
        append(tx, ref, "never-happened")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write(interrupted)
    assert store.write(lambda tx: append(tx, ref)).number == 2
    assert check_chain(store.record(ref)) == 2


# -- keys ------------------------------------------------------------------------------------------------


def test_a_key_is_recorded_once(store: Store) -> None:
    """The second time returns the fact of the first, with the payload of the first."""
    ref = open_case(store)
    first = store.write(lambda tx: append(tx, ref, "decided", "decided", opinion="gap"))
    again = store.write(lambda tx: append(tx, ref, "decided", "decided", opinion="no-gap"))
    assert again == first
    assert store.record(ref).head == 2


def test_a_key_is_recorded_once_by_many_at_the_same_time(database: Database) -> None:  # noqa: F811
    """Twelve threads of two processes record the same three keys: three facts, and everyone is given them."""
    stores = [database.store(), database.store()]
    ref = open_case(stores[0])
    outcomes = at_once(
        *(lambda s=stores[n % 2], k=f"key/{n % 3}": s.write(lambda tx: append(tx, ref, "noted", k)) for n in range(12))
    )
    assert {fact.hash for fact in outcomes} == {fact.hash for fact in stores[1].record(ref).facts[1:]}  # type: ignore[attr-defined]
    assert stores[0].record(ref).head == 4


def test_a_payload_is_recorded_as_it_will_be_read(store: Store) -> None:
    """Numbers as keys, tuples and any letter come back as JSON knows them, on both databases, and still chain."""
    ref = open_case(store)
    payload = {"by_day": {1: "a", 2: ("b", "c")}, "name": "O’Brien \x00 \u2028 𝄞", "none": None}
    fact = store.write(lambda tx: tx.append(ref, "noted", at=AT, actor="cleardays", channel="test", payload=payload))
    assert fact["by_day"] == {"1": "a", "2": ["b", "c"]}
    fresh = open_store(str(store._engine.url.render_as_string(hide_password=False)))
    assert fresh.record(ref).facts[1] == fact
    assert check_chain(fresh.record(ref)) == 2
    fresh.close()


# -- append only -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement", ["UPDATE facts SET payload = '{}'", "DELETE FROM facts", "UPDATE facts SET number = number + 1"]
)
def test_the_database_itself_refuses_to_edit_or_delete_a_fact(store: Store, statement: str) -> None:
    """Even past our code: the triggers of either database answer."""
    ref = open_case(store)
    with store._engine.connect() as connection, pytest.raises(DBAPIError, match="facts are appended, never"):
        connection.execute(text(statement))
    assert check_chain(store.record(ref)) == 1


@pytest.mark.postgres
def test_the_facts_cannot_be_emptied_out(postgres_server: object) -> None:  # noqa: F811
    """PostgreSQL's TRUNCATE, which no row trigger sees, is refused too."""
    store = open_store(postgres_server.new_database())  # type: ignore[attr-defined]
    open_case(store)
    with store._engine.connect() as connection, pytest.raises(DBAPIError, match="facts are appended, never"):
        connection.execute(text("TRUNCATE facts CASCADE"))
    store.close()


def test_facts_missing_at_the_end_are_noticed(store: Store) -> None:
    """A record shorter than the case says, as after a damaged restore, is not read as if it were whole."""
    ref = open_case(store)
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE cases SET head = 3"))
    with pytest.raises(BrokenRecord, match="holds 1 facts; 3 were recorded"):
        store.record(ref)


# -- cases -----------------------------------------------------------------------------------------------


def test_cases_opened_at_once_have_numbers_of_their_own(database: Database) -> None:  # noqa: F811
    """Two processes, eight threads each: serials 1 to 16 of the year, nobody is turned away."""
    stores = [database.store(), database.store()]
    refs = at_once(*(lambda s=stores[n % 2], n=n: open_case(s, f"CAS-{n}") for n in range(16)))
    assert sorted(map(str, refs)) == [f"PC-2017-{n:03d}" for n in range(1, 17)]


def test_one_notice_entered_by_many_at_once_opens_one_case(database: Database) -> None:  # noqa: F811
    """One of eight opens it; the others are told which case it is."""
    stores = [database.store(), database.store()]
    outcomes = at_once(*(lambda s=stores[n % 2]: open_case(s, "CAS-1") for n in range(8)))
    assert [o for o in outcomes if isinstance(o, str)] == ["PC-2017-001"]
    refused = [o for o in outcomes if isinstance(o, AlreadyOpen)]
    assert len(refused) == 7
    assert all("as case PC-2017-001" in str(error) for error in refused)


def test_a_reference_entered_before_is_refused_and_each_year_counts_anew(store: Store) -> None:
    """The sender's reference is taken once; the series starts again with the year; past 999 it goes on."""
    assert open_case(store, "CAS-1") == "PC-2017-001"
    with pytest.raises(AlreadyOpen, match="'CAS-1' was entered before, as case PC-2017-001"):
        open_case(store, "CAS-1")
    assert store.write(lambda tx: tx.open_case(new_case("CAS-2", 2018))) == "PC-2018-001"
    with store._engine.begin() as connection:
        connection.execute(CaseRow.__table__.update().where(CaseRow.ref == "PC-2018-001").values(serial=999))  # type: ignore[attr-defined]
    assert store.write(lambda tx: tx.open_case(new_case("CAS-3", 2018))) == "PC-2018-1000"


def test_a_case_that_is_not_there_is_named(store: Store) -> None:
    """Every way to a case says which one is missing."""
    for ask in (
        lambda: store.case("PC-2017-009"),
        lambda: store.record("PC-2017-009"),
        lambda: store.write(lambda tx: tx.case("PC-2017-009")),
        lambda: store.write(lambda tx: append(tx, "PC-2017-009")),
    ):
        with pytest.raises(UnknownCase, match="'PC-2017-009'"):
            ask()


def test_cases_are_listed_by_their_next_deadline(store: Store) -> None:
    """The nearest deadline first, those that wait for nothing dated after them, closed ones last or left out."""
    refs = [open_case(store, f"CAS-{n}") for n in range(4)]
    for ref, until, outcome in (
        (refs[0], None, None), (refs[1], LATER, None), (refs[2], AT, None), (refs[3], None, "withdrawn"),
    ):  # fmt: skip
        store.write(
            lambda tx, r=ref, u=until, o=outcome: tx.park(
                r, seen=1, awaiting="Awaiting route", until=u, due_at=u, message="", outcome=o
            )
        )
    with store.reading() as reading:
        assert [case.ref for case in reading.cases()] == [refs[2], refs[1], refs[0], refs[3]]
        assert [case.ref for case in reading.cases(open_only=True)] == [refs[2], refs[1], refs[0]]
        assert reading.cases(procedure="health-plan") == []


# -- turns -----------------------------------------------------------------------------------------------


def test_a_turn_is_claimed_by_one_desk(database: Database) -> None:  # noqa: F811
    """Of ten desks of two processes that claim at once, one has it, until it gives it back."""
    stores = [database.store(), database.store()]
    ref = open_case(stores[0])
    until = AT + timedelta(minutes=2)
    claims = at_once(
        *(
            lambda s=stores[n % 2], n=n: s.write(lambda tx: tx.claim_turn(ref, f"desk {n}", AT, until))
            for n in range(10)
        )
    )
    assert sorted(map(bool, claims)) == [False] * 9 + [True]
    holder = f"desk {claims.index(True)}"
    with stores[0].reading() as reading:
        assert reading.turn_holders() == [holder]
    stores[1].write(lambda tx: tx.release_turn(ref, "somebody else"))
    assert not stores[1].write(lambda tx: tx.claim_turn(ref, "new", AT, until))
    stores[1].write(lambda tx: tx.release_turn(ref, holder))
    assert stores[1].write(lambda tx: tx.claim_turn(ref, "new", AT, until))


def test_a_claim_lapses_with_time_or_with_the_desk_that_held_it(store: Store) -> None:
    """Past its end, or when its holder is known to be dead, another desk may take over; not a moment before."""
    ref = open_case(store)
    until = AT + timedelta(minutes=2)

    def claim(holder: str, now: timedelta, dead: tuple[str, ...] = ()) -> bool:
        return store.write(lambda tx: tx.claim_turn(ref, holder, AT + now, until + now, dead))

    assert claim("a", timedelta(0))
    assert not claim("b", timedelta(minutes=2))
    assert claim("b", timedelta(minutes=2, microseconds=1))
    assert not claim("c", timedelta(minutes=3), dead=("a", "z"))
    assert claim("c", timedelta(minutes=3), dead=("a", "b"))


def test_a_case_is_parked_only_on_the_record_that_was_read(store: Store) -> None:
    """A fact that came in between keeps the claim and everything else as it was: the turn is taken again."""
    ref = open_case(store)
    store.write(lambda tx: tx.claim_turn(ref, "a", AT, LATER))

    def park(seen: int) -> bool:
        return store.write(
            lambda tx: tx.park(ref, seen=seen, awaiting="Awaiting feedback", until=LATER, due_at=LATER, message="m")
        )

    store.write(lambda tx: append(tx, ref, "response-received"))
    before = store.case(ref)
    assert not park(1)
    assert store.case(ref) == before
    with store.reading() as reading:
        assert reading.turn_holders() == ["a"]
    assert park(2)
    parked = store.case(ref)
    assert (parked.awaiting, parked.until, parked.due_at, parked.seen) == ("Awaiting feedback", LATER, LATER, 2)
    assert store.write(lambda tx: tx.claim_turn(ref, "b", AT, LATER))


def test_the_bell_finds_what_is_new_and_what_is_due_and_nothing_else(store: Store) -> None:
    """A fact newer than the last turn, a date that has come to the microsecond; not what waits, not what is closed."""
    refs = {name: open_case(store, name) for name in ("new", "due", "waits", "undated", "closed")}
    due = {"due": LATER, "waits": LATER + timedelta(microseconds=1), "closed": AT}
    for name, ref in refs.items():
        store.write(
            lambda tx, ref=ref, name=name: tx.park(
                ref,
                seen=1,
                awaiting="Awaiting",
                until=None,
                due_at=due.get(name),
                message="",
                outcome="withdrawn" if name == "closed" else None,
            )
        )
    for name in ("new", "closed"):
        store.write(lambda tx, ref=refs[name]: append(tx, ref))
    with store.reading() as reading:
        assert {case.ref for case in reading.to_wake(LATER)} == {refs["new"], refs["due"]}
    store.write(lambda tx: tx.postpone(refs["due"], LATER + timedelta(hours=1)))
    with store.reading() as reading:
        assert {case.ref for case in reading.to_wake(LATER)} == {refs["new"]}


# -- letters and documents ---------------------------------------------------------------------------------


def test_a_letter_is_claimed_by_one_desk(database: Database) -> None:  # noqa: F811
    """Forty letters and eight desks of two processes at once: each letter is claimed once."""
    stores = [database.store(), database.store()]
    ref = open_case(stores[0])
    stores[0].write(lambda tx: [tx.post(ref, 1, draft(f"l/{n}"), AT) for n in range(40)])
    claims = at_once(
        *(lambda s=stores[n % 2], n=n: s.write(lambda tx: tx.claim_letters(AT, f"desk {n}", 7)) for n in range(8))
    )
    ids = [letter.id for each in claims for letter in each]  # type: ignore[attr-defined]
    assert len(ids) == len(set(ids)) == 40


def test_a_letter_moves_only_from_where_it_is(store: Store) -> None:
    """Of two that move a letter from the same state, one does; a letter not yet due is not claimed."""
    ref = open_case(store)
    store.write(lambda tx: tx.post(ref, 1, draft("a"), AT, due_at=LATER))
    store.write(lambda tx: tx.post(ref, 1, draft("a"), AT))  # the key is there: left alone
    assert store.write(lambda tx: tx.claim_letters(AT, "desk", 5)) == []
    (letter,) = store.write(lambda tx: tx.claim_letters(LATER, "desk", 5))
    assert (letter.attempts, letter.claimed_by, letter.state) == (1, "desk", LetterState.CLAIMED)
    moves = [
        store.write(lambda tx: tx.move_letter(letter, was=LetterState.CLAIMED, becomes=LetterState.SENDING))
        for _ in range(2)
    ]
    assert moves == [True, False]


def test_a_letter_that_nobody_has_begun_to_send_is_cancelled(store: Store) -> None:
    """Waiting and claimed letters fall away and are named; one being sent, one sent, and another case's do not."""
    ref, other = open_case(store), open_case(store, "CAS-2")
    store.write(lambda tx: [tx.post(ref, 1, draft(key), AT) for key in ("sending", "claimed")])
    store.write(lambda tx: tx.claim_letters(AT, "desk", 5))
    with store.reading() as reading:
        sending = reading.letter(ref, "sending")
        assert sending is not None
    store.write(lambda tx: tx.move_letter(sending, was=LetterState.CLAIMED, becomes=LetterState.SENDING))
    store.write(lambda tx: tx.post(ref, 1, draft("waiting"), AT))
    store.write(lambda tx: tx.post(other, 1, draft("elsewhere"), AT))
    assert store.write(lambda tx: tx.cancel_waiting(ref, LATER)) == ["claimed", "waiting"]
    with store.reading() as reading:
        states = {letter.draft.key: str(letter.state) for r in (ref, other) for letter in reading.letters(r)}
    assert states == {
        "sending": "sending", "claimed": "cancelled", "waiting": "cancelled", "elsewhere": "waiting",
    }  # fmt: skip


def test_a_message_id_is_taken_once_across_all_cases(store: Store) -> None:
    """The database itself refuses a second letter with the same Message-ID."""
    ref, other = open_case(store), open_case(store, "CAS-2")
    store.write(lambda tx: tx.post(ref, 1, draft("a"), AT))
    with pytest.raises(IntegrityError):
        store.write(lambda tx: tx.post(other, 1, draft("a"), AT))


def test_a_letter_needs_the_fact_that_causes_it(store: Store) -> None:
    """No letter stands in the outbox for a fact that is not recorded: foreign keys are enforced."""
    ref = open_case(store)
    with pytest.raises(IntegrityError):
        store.write(lambda tx: tx.post(ref, 7, draft("a"), AT))


def test_a_document_is_kept_once_by_its_content(database: Database) -> None:  # noqa: F811
    """Two processes keep the same file at once: it is there once, byte for byte."""
    stores = [database.store(), database.store()]
    content = bytes(range(256)) * 40
    of = hashlib.sha256(content).hexdigest()
    at_once(*(lambda s=stores[n % 2]: s.write(lambda tx: tx.keep_document(of, content)) for n in range(6)))
    with stores[0].reading() as reading:
        assert reading.document(of) == content


# -- reading, other processes, failures ----------------------------------------------------------------------


def test_a_reader_sees_one_state_and_does_not_hold_up_a_writer(store: Store) -> None:
    """What a reader began to read stays as it was until it is done, while facts go on being recorded."""
    ref = open_case(store)
    with store.reading() as reading:
        assert reading.record(ref).head == 1
        assert store.write(lambda tx: append(tx, ref)).number == 2
        assert reading.case(ref).head == 1
        assert reading.record(ref).head == 1
    assert store.record(ref).head == 2


def test_a_reader_cannot_write(store: Store) -> None:
    """A connection lent for reading takes no write lock; on PostgreSQL the server refuses a write outright."""
    ref = open_case(store)
    with store.reading() as one, store.reading() as other:
        assert one.case(ref) == other.case(ref)
        if store._engine.dialect.name == "postgresql":
            with pytest.raises(DBAPIError, match="read-only"):
                one._connection.execute(text("UPDATE cases SET head = 9"))


@pytest.mark.postgres
def test_a_connection_that_the_server_closed_is_opened_again(postgres_server: object) -> None:  # noqa: F811
    """After a restart of PostgreSQL the next fact is recorded as if nothing had been."""
    store = open_store(postgres_server.new_database())  # type: ignore[attr-defined]
    ref = open_case(store)
    with store._engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert store.write(lambda tx: append(tx, ref)).number == 2
    assert store.record(ref).head == 2
    store.close()


# -- SQLite alone --------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Iterator[tuple[Store, Path]]:
    """A store on a SQLite file, and the file."""
    store = open_store(f"sqlite:///{tmp_path}/deep/er/cases.db")
    yield store, tmp_path / "deep" / "er" / "cases.db"
    store.close()


def test_every_sqlite_connection_keeps_its_promises(file: tuple[Store, Path]) -> None:
    """Write-ahead log, every commit flushed, foreign keys on, patience with other processes: on each connection."""
    store, _ = file
    open_case(store)
    promises = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15000}
    with store.reading() as one, store.reading() as other:
        for reading in (one, other):
            for pragma, value in promises.items():
                assert reading._connection.scalar(text(f"PRAGMA {pragma}")) == value
    told = store.write(lambda tx: {p: tx._connection.scalar(text(f"PRAGMA {p}")) for p in promises})
    assert told == promises


def test_a_writer_waits_for_another_process(file: tuple[Store, Path]) -> None:
    """While another process holds the file's write lock, a fact waits, readers do not; then it is recorded."""
    store, path = file
    ref = open_case(store)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    recorded: list[Fact] = []
    writer = threading.Thread(target=lambda: recorded.append(store.write(lambda tx: append(tx, ref))))
    writer.start()
    assert store.record(ref).head == 1
    assert recorded == []
    other.execute("COMMIT")
    writer.join()
    other.close()
    assert recorded[0].number == 2


def test_a_fact_acknowledged_is_on_disk_for_another_process(file: tuple[Store, Path]) -> None:
    """As soon as `write` returns, a stranger's connection reads the fact."""
    store, path = file
    ref = open_case(store)
    fact = store.write(lambda tx: append(tx, ref))
    with sqlite3.connect(path) as stranger:
        assert stranger.execute("SELECT hash FROM facts WHERE number = 2").fetchall() == [(fact.hash,)]
    stranger.close()


def test_a_store_in_memory_serves_many_threads() -> None:
    """Writers and readers of a rehearsal's store take turns on its one connection; nothing is lost."""
    store = open_store("sqlite://")
    ref = open_case(store)

    def writer() -> None:
        for _ in range(20):
            store.write(lambda tx: append(tx, ref))

    def reader() -> list[int]:
        return [check_chain(store.record(ref)) for _ in range(20)]

    outcomes = at_once(*[writer] * 6, *[reader] * 6)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert all(heads == sorted(heads) for heads in outcomes[6:])  # type: ignore[type-var, call-overload]
    assert check_chain(store.record(ref)) == 121
    with store.reading(), pytest.raises(RuntimeError, match="inside another use of the store"):
        store.write(lambda tx: append(tx, ref))
    store.close()


def test_the_mark_changes_with_what_anybody_commits_and_with_nothing_else(database: Database) -> None:  # noqa: F811
    """A desk that sees the mark it saw before need not ask what is new."""
    one, other = database.store(), database.store()
    ref = open_case(one)
    before = one.mark()
    assert before is not None
    with one.reading() as reading, other.reading() as elsewhere:
        assert reading.case(ref).head == elsewhere.case(ref).head == 1
    assert one.mark() == before
    with pytest.raises(UnknownCase):
        other.write(lambda tx: tx.case("PC-2017-999"))
    one.write(lambda tx: append(tx, ref, "answered"))
    after = one.mark()
    assert after != before
    other.write(lambda tx: append(tx, ref, "answered"))
    assert one.mark() not in (before, after)

    def seen_while_it_is_under_way(tx: Writing) -> str | None:
        append(tx, ref, "answered")
        return one.mark()

    under_way = other.write(seen_while_it_is_under_way)
    assert one.mark() != under_way
    assert open_store("sqlite://").mark() is None


def test_what_calls_for_a_turn_is_found_by_indexes(tmp_path: Path) -> None:
    """A desk asks this again and again: no open case is read that calls for nothing, however many there are."""
    store = open_store(f"sqlite:///{tmp_path}/cases.db")
    plans: list[str] = []

    def explain(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        told = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
        plans.append(" | ".join(row[3] for row in told))

    with store.reading() as reading:
        event.listen(reading._connection, "before_cursor_execute", explain)
        reading.to_wake(AT)
        reading.next_due()
        reading.turn_failures()
        reading.councils()
    store.close()
    news, due, next_due, failures, *councils = plans
    assert "ix_cases_open_with_news" in news
    assert "ix_cases_open_due (outcome=? AND due_at<?)" in due
    assert "ix_cases_open_due (outcome=?" in next_due
    assert "SEARCH cases USING INDEX sqlite_autoindex_cases_1 (ref=?)" in failures
    assert all("SEARCH cases USING COVERING INDEX" in each for each in councils)

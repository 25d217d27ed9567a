"""Which heads are to be sealed, on both databases: every fact is in this file or in the next, in whatever order."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import text

from models.heads import Head
from models.store import NewCase, Store
from tests.integration.databases import Database, append, at_once, database, open_case  # noqa: F401
from tests.integration.postgres import postgres_server  # noqa: F401

COUNCIL = "southampton"


def to_seal(store: Store, council: str = COUNCIL) -> list[Head]:
    """Return the heads that a file made now would name."""
    with store.reading() as reading:
        return reading.heads_to_seal(council)


def seal(store: Store) -> list[Head]:
    """Read the heads and, in a later transaction, note that a file names them."""
    heads = to_seal(store)
    store.write(lambda tx: tx.note_sealed(heads))
    return heads


def head(store: Store, ref: str) -> Head:
    """Return how far a case has come."""
    newest = store.record(ref).facts[-1]
    return Head(ref, newest.number, newest.hash)


def test_a_file_names_the_cases_that_grew_since_the_last_one(database: Database) -> None:  # noqa: F811
    """All of them at first; then none; then those with a new fact alone."""
    store = database.store()
    refs = [open_case(store, f"CAS-{number}") for number in range(5)]
    assert seal(store) == [head(store, ref) for ref in refs]
    assert seal(store) == []
    store.write(lambda tx: append(tx, refs[3]))
    assert seal(store) == [head(store, refs[3])]
    assert to_seal(store) == []


def test_a_fact_that_comes_while_the_file_is_made_is_in_the_next(database: Database) -> None:  # noqa: F811
    """Between the reading and the noting: the number says what the file names, and no clock is asked."""
    store = database.store()
    ref = open_case(store)
    read = to_seal(store)
    store.write(lambda tx: append(tx, ref))
    store.write(lambda tx: tx.note_sealed(read))
    assert to_seal(store) == [head(store, ref)]


def test_no_fact_is_in_neither_file_whoever_writes_meanwhile(database: Database) -> None:  # noqa: F811
    """Three writers in stores of their own and a sealer: in the end the files' newest heads are those of the cases."""
    stores = [database.store() for _ in range(4)]
    refs = [open_case(stores[0], f"CAS-{number}") for number in range(3)]
    files: list[list[Head]] = []

    def writer(store: Store, ref: str) -> Callable[[], int]:
        return lambda: len([store.write(lambda tx: append(tx, ref)) for _ in range(20)])

    def sealer() -> int:
        while len(files) < 15:
            files.append(seal(stores[3]))
        return 20

    outcomes = at_once(*(writer(store, ref) for store, ref in zip(stores, refs, strict=False)), sealer)
    assert outcomes == [20] * 4
    files.append(seal(stores[3]))
    newest = {each.case: each for file in files for each in file}
    assert newest == {ref: head(stores[0], ref) for ref in refs}
    for ref in refs:
        numbers = [each.number for file in files for each in file if each.case == ref]
        assert numbers == sorted(set(numbers))
        chained = {fact.number: fact.hash for fact in stores[0].record(ref)}
        assert all(chained[each.number] == each.hash for file in files for each in file if each.case == ref)


def test_each_council_has_its_own(database: Database) -> None:  # noqa: F811
    """A file names the cases of one council; the councils that call for one are known without looking at all cases."""
    store = database.store()
    open_case(store)
    ref = store.write(lambda tx: tx.open_case(NewCase("PC", 2017, "pharmacy-consolidation", 1, "exeter", "E-1")))
    store.write(lambda tx: append(tx, ref))
    with store.reading() as reading:
        assert reading.councils_to_seal() == ["exeter", COUNCIL]
    assert [each.case for each in to_seal(store, "exeter")] == [ref]
    seal(store)
    with store.reading() as reading:
        assert reading.councils_to_seal() == ["exeter"]


def test_a_record_that_was_cut_is_known_by_what_was_sealed(database: Database) -> None:  # noqa: F811
    """Fewer facts than a file has named: each such case is given with both numbers."""
    store = database.store()
    ref = open_case(store)
    for _ in range(3):
        store.write(lambda tx: append(tx, ref))
    seal(store)
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE cases SET head = 2 WHERE ref = :ref"), {"ref": ref})
    with store.reading() as reading:
        assert reading.cut_since_sealed(COUNCIL) == {ref: (2, 4)}
    assert to_seal(store) == []


def test_quiet_cases_are_not_looked_at(database: Database) -> None:  # noqa: F811
    """The look-up goes by the index of the few that grew, on either database."""
    store = database.store()
    open_case(store)
    seal(store)
    look_up = "SELECT ref FROM cases WHERE council = 'southampton' AND cases.head != cases.sealed"
    with store._engine.connect() as connection:
        if database.is_postgres:
            connection.execute(text("SET enable_seqscan = off"))
            connection.execute(text("SET enable_bitmapscan = off"))
            plan = connection.execute(text(f"EXPLAIN {look_up}"))
        else:
            plan = connection.execute(text(f"EXPLAIN QUERY PLAN {look_up}"))
        assert "ix_cases_unsealed" in " ".join(str(row) for row in plan)

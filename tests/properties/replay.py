"""A record copied to a store of its own, as it stood at a fact, so that it can be run again from there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from flows import turn_of
from models.clock import FixedClock
from models.council import Council
from models.facts import FIRST_HASH, Fact, Record, canonical
from models.outgoing import Draft
from models.store import Store, open_store
from models.tables import CaseRow, FactRow
from tasks.turns import Office, Parked, in_office


def copied(record: Record) -> Store:
    """Return a store in memory that holds the one record, hash for hash."""
    store = open_store("sqlite://")
    prefix, year, serial = record.case.split("-")
    with store._engine.begin() as connection:
        connection.execute(
            insert(CaseRow).values(
                ref=record.case, series=f"{prefix}-{year}", serial=int(serial), procedure=record.procedure,
                version=record.version, council=record.council, reference="copied", head=record.head,
                head_hash=record.facts[-1].hash if record.facts else FIRST_HASH, seen=0, awaiting="New", message="",
            )
        )  # fmt: skip
        rows = [
            {"case_ref": fact.case, "number": fact.number, "at": fact.at, "kind": fact.kind, "actor": fact.actor,
             "channel": fact.channel, "key": fact.key, "payload": canonical(fact.payload), "salt": fact.salt,
             "previous": fact.previous, "hash": fact.hash}
            for fact in record
        ]  # fmt: skip
        if rows:
            connection.execute(insert(FactRow.__table__), rows)
    return store


def replayed(record: Record, council: Council, at: datetime) -> tuple[list[Fact], dict[str, Draft]]:
    """Take one turn over a copy of `record` at `at` (aware); return the facts it appends and its letters by key."""
    store, clock = copied(record), FixedClock(at)
    with in_office(Office(store, clock, lambda name: council, holder="replay", real_clock=clock)), suppress(Parked):
        turn_of(record.procedure)(record.case)
    with store.reading() as reading:
        facts = reading.record(record.case).facts[record.head :]
        letters = {letter.draft.key: letter.draft for letter in reading.letters(record.case)}
    store.close()
    return facts, letters


def turns_in(record: Record) -> list[list[Fact]]:
    """Return what turns recorded: the longest runs of facts of the flow at one instant, oldest first."""
    found: list[list[Fact]] = []
    for fact in record:
        last = found[-1][-1] if found else None
        if fact.channel != "flow":
            continue
        if last is not None and last.number == fact.number - 1 and last.at == fact.at:
            found[-1].append(fact)
        else:
            found.append([fact])
    return found


def as_decided(facts: Sequence[Fact]) -> list[tuple[str, str | None, str, dict[str, Any]]]:
    """Return what the flow decided in each fact: all but why it was late, which the desk tells from its own outages."""
    return [
        (fact.kind, fact.key, fact.actor, {name: value for name, value in fact.payload.items() if name != "delay"})
        for fact in facts
    ]

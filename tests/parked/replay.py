"""Taking every turn of a recorded case again, under the code as it is now, and telling where it goes another way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from flows import turn_of
from models.clock import FixedClock
from models.council import Council
from models.editions import DATES_BY
from models.facts import Fact, Record, canonical, read_instant
from models.london import instant_in_words
from models.outgoing import Letter
from models.store import Reading, Store
from tasks.turns import Office, Parked, in_office
from tests.parked.play import told
from tests.properties.replay import copied

WHAT_TO_DO = (
    "Cases like it are open at councils, and would be decided otherwise half-way. Keep the old function as version "
    "{version} of {procedure} in VERSIONS of its flow, and add the changed one beside it as version {next}; "
    "README.md, “Changing a procedure”, has the steps."
)


class DecidesOtherwise(AssertionError):
    """The code of today takes a recorded turn otherwise than it was taken."""


def check_turns(reading: Reading, ref: str, rests: Sequence[Mapping[str, Any]], council: Council) -> int:
    """Take each turn of a case again from the record as it stood then; return how many were taken.

    `rests` says where the case rested after each. Raises DecidesOtherwise, naming the turn, the fact or the wait, and
    what to do. A fact may have gained a field; it may not have lost or changed one.
    """
    record, letters = reading.record(ref), reading.letters(ref)
    editions = {sha: reading.document(sha) for fact in record if (sha := fact.get(DATES_BY))}
    taken, before = 0, 0
    for rest in rests:
        if rest["seen"] > record.head:
            break
        began = last_from_outside(record, before, rest["seen"])
        facts, posted, rested = turn_again(record.until(began), editions, council, read_instant(rest["at"]))
        written = [letter for letter in letters if began < letter.fact <= rest["seen"]]
        found = next(differences(record.facts[began : rest["seen"]], facts, written, posted, rest, rested), None)
        if found is not None:
            raise DecidesOtherwise(_sentence(record, began, rest, found))
        taken, before = taken + 1, rest["seen"]
    return taken


def last_from_outside(record: Record, after: int, until: int) -> int:
    """Return the number of the last fact up to `until` that no turn recorded, `after` where there is none."""
    return max((fact.number for fact in record.facts[after:until] if fact.channel != "flow"), default=after)


def turn_again(
    record: Record, editions: Mapping[str, bytes], council: Council, at: datetime
) -> tuple[list[Fact], list[Letter], dict[str, Any]]:
    """Take a turn of a copy of `record` at an instant (aware); return its facts, its letters and where it rests."""
    store, clock = copied(record), FixedClock(at)
    for sha256, content in editions.items():
        _keep(store, sha256, content)
    office = Office(store, clock, lambda name: council, holder="replay", real_clock=clock)
    with in_office(office), suppress(Parked):
        turn_of(record.procedure)(record.case)
    case = store.case(record.case)
    with store.reading() as reading:
        facts, letters = reading.record(record.case).facts[record.head :], reading.letters(record.case)
    store.close()
    until, due_at = told(case.until), told(case.due_at)
    return facts, letters, {"awaiting": case.awaiting, "until": until, "due_at": due_at, "outcome": case.outcome}


def _keep(store: Store, sha256: str, content: bytes) -> None:
    store.write(lambda tx: tx.keep_document(sha256, content))


def differences(
    recorded: Sequence[Fact], again: Sequence[Fact], written: Sequence[Letter], posted: Sequence[Letter],
    rest: Mapping[str, Any], rested: Mapping[str, Any],
) -> Iterator[str]:  # fmt: skip
    """Give each way in which a turn differs from the one recorded, in words: facts first, then letters, the wait."""
    for number, (was, now) in enumerate(zip(recorded, again, strict=False), start=1):
        if (was.kind, was.key, was.actor) != (now.kind, now.key, now.actor):
            yield f"as fact {number} of the turn it recorded {_named(was)}; now it would record {_named(now)}"
        lost = [name for name, value in was.payload.items() if not _same(value, now.get(name))]
        if lost:
            values = f"{canonical(was[lost[0]])}; now {canonical(now.get(lost[0]))}"
            yield f"fact {_named(was)} said {lost[0]}: {values}"
    if len(again) < len(recorded):
        yield f"it recorded {_named(recorded[len(again)])}; now it would not"
    if len(again) > len(recorded):
        yield f"it would now record {_named(again[len(recorded)])} as well"
    were, are = [{(each.draft.key, each.draft.template) for each in letters} for letters in (written, posted)]
    for key, template in sorted(were ^ are):
        was_written = (key, template) in were
        yield f"the letter {key} ({template}) was {'written; now it would not be' if was_written else 'not written'}"
    for what, now_ in rested.items():
        if rest[what] != now_:
            yield f"it then waited with {what} {rest[what]!r}; now {now_!r}"


def _same(was: object, now: object) -> bool:
    """Tell whether a value says the same; an object may have gained fields, a document may be typeset otherwise."""
    if isinstance(was, dict) and isinstance(now, dict):
        return all(name in now and _same(value, now[name]) for name, value in was.items())
    if isinstance(was, str) and isinstance(now, str) and len(was) == len(now) == 64:
        return was == now or (_is_digest(was) and _is_digest(now))
    return was == now


def _is_digest(text: str) -> bool:
    return set(text) <= set("0123456789abcdef")


def _named(fact: Fact) -> str:
    return f"{fact.key or fact.kind!r}"


def _sentence(record: Record, began: int, rest: Mapping[str, Any], found: str) -> str:
    version = record.version
    when = instant_in_words(read_instant(rest["at"]))
    return (
        f"{record.procedure} decides otherwise than when case {record.case} was recorded. In the turn at {when}, after "
        f"fact {began} ({record.facts[began - 1].kind}), {found}. "
        + WHAT_TO_DO.format(version=version, procedure=record.procedure, next=version + 1)
    )

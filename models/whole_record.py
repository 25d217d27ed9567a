"""Whether all that is kept of a case agrees: its facts, its row, its letters, and the daily heads that name it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from models.facts import BrokenRecord, Record, check_chain
from models.heads import Head, parse_heads, sha256_of
from models.heads_register import PROCEDURE, SEALED
from models.london import day_in_words
from models.outgoing import Letter
from models.sealed_letters import POSTED, seal_of
from models.store import Reading


@dataclass(frozen=True, slots=True)
class Whole:
    """What was found to agree."""

    facts: int
    letters: int  #: under seal
    unsealed_letters: int  #: posted before letters were sealed
    heads: int  #: daily heads that name the case
    head: str  #: hash of the newest fact


def check_whole(reading: Reading, ref: str) -> Whole:
    """Return what agrees of a case; raises BrokenRecord, naming the first thing that does not, and UnknownCase."""
    record = reading.record(ref)
    count = check_chain(record)
    _check_row(reading, ref)
    sealed, unsealed = _check_letters(record, reading.letters(ref))
    named = _check_heads(record, heads_of(reading, ref, record.council))
    return Whole(count, sealed, unsealed, named, record.facts[-1].hash)


def _check_row(reading: Reading, ref: str) -> None:
    number, hashed, newest, newest_hash = reading.head_fact(ref)
    if number != newest:
        raise BrokenRecord(
            f"case {ref} is said to have {number} facts; the newest there is has the number {newest}: facts were added "
            "or removed by another hand than Cleardays. Restore the database from its backup"
        )
    if hashed != newest_hash:
        raise BrokenRecord(
            f"the newest fact of case {ref}, number {number}, is not the one that was recorded last: its hash is "
            f"{newest_hash}, that of the fact recorded was {hashed}. Restore the database from its backup"
        )


def _check_letters(record: Record, letters: Iterable[Letter]) -> tuple[int, int]:
    """Return how many letters agree with their seals, and how many have none."""
    seals = {key: (fact.number, seal) for fact in record for key, seal in fact.get(POSTED, {}).items()}
    under_seal = {number for number, _ in seals.values()}
    salt, unsealed = record.facts[0].salt, 0
    there = {letter.draft.key: letter for letter in letters}
    for key, (number, seal) in seals.items():
        letter = there.get(key)
        if letter is None:
            raise BrokenRecord(f"the letter {key} of case {record.case}, posted by fact {number}, was removed")
        if seal_of(letter.draft, salt) != seal:
            raise BrokenRecord(
                f"the letter {key} of case {record.case} is not as fact {number} posted it: it was changed afterwards"
            )
    for key, letter in there.items():
        if key not in seals:
            if letter.fact in under_seal:
                raise BrokenRecord(f"the letter {key} of case {record.case} was posted by no fact: it was put in")
            unsealed += 1
    return len(seals), unsealed


def heads_of(reading: Reading, ref: str, council: str) -> list[tuple[date, Head]]:
    """Return each head of a case that the daily files of its council name, with its day."""
    found = []
    for register in reading.cases(procedure=PROCEDURE):
        if register.council == council:
            for fact in reading.record(register.ref).all(SEALED):
                heads = parse_heads(kept_as_sealed(reading, fact["filename"], fact["sha256"]))
                if (head := heads.head_of(ref)) is not None:
                    found.append((heads.day, head))
    return found


def kept_as_sealed(reading: Reading, name: str, sha256: str) -> bytes:
    """Return a file that a register keeps, by its name and SHA-256; raises BrokenRecord where it is not as it was."""
    try:
        content = reading.document(sha256)
    except LookupError as error:
        raise BrokenRecord(f"{name}, which was sealed, was removed; the auditor was mailed it") from error
    if sha256_of(content) != sha256:
        raise BrokenRecord(f"{name} is not as it was sealed (SHA-256 {sha256}); the auditor was mailed it")
    return content


def _check_heads(record: Record, named: Sequence[tuple[date, Head]]) -> int:
    for day, head in named:
        if head.number > record.head:
            raise BrokenRecord(
                f"case {record.case} had {head.number} facts by the daily heads of {day_in_words(day)}; it has "
                f"{record.head}: the newest were cut off"
            )
        if record.facts[head.number - 1].hash != head.hash:
            raise BrokenRecord(
                f"fact {head.number} of case {record.case} is another than the daily heads of {day_in_words(day)} "
                "name: the record was changed and its hashes computed anew"
            )
    return len(named)

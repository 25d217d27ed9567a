"""Whether all that is kept of a case agrees: its facts, its row, its letters, and the daily heads that name it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from models.evidence_form import HASH, HOLD_DOCUMENTS, hashes_in
from models.facts import BrokenRecord, Record, Withheld, check_chain
from models.heads import Head, parse_heads
from models.heads_register import PROCEDURE, SEALED
from models.london import day_in_words
from models.outgoing import Letter
from models.removals import Removals, removals_of
from models.sealed_letters import POSTED, digest_left, letter_fields, seal_of, sealed_from
from models.store import Reading
from models.whole_row import check_row


@dataclass(frozen=True, slots=True)
class Whole:
    """What was found to agree."""

    facts: int
    letters: int  #: under seal
    unsealed_letters: int  #: posted before letters were sealed
    documents: int  #: that facts and letters name, each with the content it was kept with
    heads: int  #: daily heads that name the case
    head: str  #: hash of the newest fact


def check_whole(reading: Reading, ref: str) -> Whole:
    """Return what agrees of a case; raises BrokenRecord, naming the first thing that does not, and UnknownCase."""
    record = reading.record(ref)
    count = check_chain(record)
    _check_row(reading, ref)
    check_row(reading.case(ref), record)
    removals, letters = removals_of(record), reading.letters(ref)
    _check_withheld(record, removals)
    sealed, unsealed = _check_letters(record, letters, removals)
    documents = _check_documents(reading, record, letters, removals)
    named = _check_heads(record, heads_of(reading, ref, record.council))
    return Whole(count, sealed, unsealed, documents, named, record.facts[-1].hash)


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


def _check_withheld(record: Record, removals: Removals) -> None:
    """Raise BrokenRecord for a field of which only the digest is left, though no later fact lists it as removed."""
    for fact in record:
        for name, value in fact.payload.items():
            if isinstance(value, Withheld) and not removals.took_field(fact.number, name):
                raise BrokenRecord(
                    f"the text of the field {name} of fact {fact.number} of case {record.case} ({fact.kind}) was "
                    "removed, and no later fact says so. Restore the database from its backup"
                )


def _check_letters(record: Record, letters: Iterable[Letter], removals: Removals) -> tuple[int, int]:
    """Return how many letters agree with their seals, and how many have none."""
    seals = {key: (fact.number, seal) for fact in record for key, seal in fact.get(POSTED, {}).items()}
    since = sealed_from((fact.number, fact.payload) for fact in record)
    salt, unsealed = record.facts[0].salt, 0
    there = {letter.draft.key: letter for letter in letters}
    for key, (number, seal) in seals.items():
        letter = there.get(key)
        if letter is None:
            raise BrokenRecord(f"the letter {key} of case {record.case}, posted by fact {number}, was removed")
        if letter.fact != number:
            raise BrokenRecord(
                f"the letter {key} of case {record.case} is kept under fact {letter.fact}; fact {number} posted it"
            )
        if seal_of(letter.draft, salt) != seal:
            raise BrokenRecord(
                f"the letter {key} of case {record.case} is not as fact {number} posted it: it was changed afterwards"
            )
    for key, letter in there.items():
        if key not in seals:
            if since is not None and not 0 < letter.fact < since:
                raise BrokenRecord(f"the letter {key} of case {record.case} was posted by no fact: it was put in")
            unsealed += 1
        for name, value in letter_fields(letter.draft).items():
            if digest_left(value) and not removals.took_letter_field(letter.fact, name):
                raise BrokenRecord(
                    f"the {name} of the letter {key} of case {record.case} was removed, and no later fact says so. "
                    "Restore the database from its backup"
                )
    return len(seals), unsealed


def _check_documents(reading: Reading, record: Record, letters: Iterable[Letter], removals: Removals) -> int:
    """Return how many documents that facts and letters name are there, each read; its store says which was changed."""
    needed = {each.sha256 for letter in letters for each in letter.draft.enclosures}
    for fact in record:
        if fact.kind in HOLD_DOCUMENTS:
            needed |= {value for name in ("sha256", "pdf", "word") if HASH.fullmatch(str(value := fact.get(name)))}
    named = needed | {digest for fact in record for digest in hashes_in(dict(fact.payload))}
    there = reading.documents_there(sorted(named))
    for sha256 in there:
        reading.document(sha256)
    for sha256 in sorted(needed - there.keys() - removals.documents):
        raise BrokenRecord(
            f"the document with SHA-256 {sha256}, which case {record.case} names, was removed, and no fact says so. "
            "Restore the database from its backup"
        )
    return len(there)


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
        return reading.document(sha256)
    except LookupError as error:
        raise BrokenRecord(f"{name}, which was sealed, was removed; the auditor was mailed it") from error
    except BrokenRecord as error:
        raise BrokenRecord(f"{name} is not as it was sealed (SHA-256 {sha256}); the auditor was mailed it") from error


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

"""The letters of an evidence file, each against the seal in the fact that posted it and against what left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.evidence_chain import Finding, Kind, judge_fields
from models.evidence_form import (
    LETTERS,
    Entry,
    Field,
    Unreadable,
    content_digest,
    hashes_in,
    letter_folder,
    short,
)
from models.evidence_reading import decode, read_fields
from models.evidence_record import About, Files, text_missing
from models.removals import Removals, removals_of
from models.sealed_letters import POSTED, sealed_from

NONE = "-"  #: where a letter has no proof, or no file

Composed = Callable[[Mapping[str, Field], str], bytes | None]  #: by fields and the instant written


@dataclass(frozen=True, slots=True)
class Posted:
    """A letter as the index lists it."""

    number: int
    fact: int  #: that posted it
    proof: str  #: the number of the fact that says what left, or NONE
    file: str  #: its .eml, or NONE

    def __str__(self) -> str:
        """Return the letter as a line of the index."""
        return f"{self.number:04d} {self.fact:06d} {self.proof} {self.file}"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a folder of chain/ holds of a letter."""

    fields: Mapping[str, Field]
    seal: str
    faults: tuple[Finding, ...]  #: fields that do not have their digest


@dataclass(frozen=True, slots=True)
class SealedLetter:
    """A letter of a file: its line in the index and what is under its seal."""

    posted: Posted
    sealed: Sealed

    @property
    def fields(self) -> Mapping[str, Field]:
        """Return its fields by name."""
        return self.sealed.fields

    @property
    def key(self) -> str:
        """Return its key in the case."""
        return str(self.fields["key"].value)


def read_letters(files: Files) -> tuple[list[SealedLetter], list[Finding]]:
    """Return the letters of a file, and what cannot be read of them."""
    letters, found = [], []
    own: dict[str, list[str]] = {}
    for name in files.names:
        own.setdefault(name.rpartition("/")[0], []).append(name)
    try:
        lines = decode(files.read(LETTERS)).splitlines()
    except Unreadable as error:
        return [], [Finding(Kind.EDIT, LETTERS, str(error))]
    for place, line in enumerate(lines, start=1):
        parts = line.split(" ")
        if len(parts) != 4 or not all(part.isdecimal() and len(part) < 15 for part in parts[:2]):
            found.append(Finding(Kind.EDIT, f"line {place} of {LETTERS}", f"{short(line)} names no letter and fact"))
            continue
        posted = Posted(int(parts[0]), int(parts[1]), parts[2], parts[3])
        folder = letter_folder(posted.number)
        try:
            sealed = _sealed_in(files, folder, own.get(folder, ()))
            if "key" not in sealed.fields or sealed.fields["key"].withheld:
                raise Unreadable("its key is missing")
        except Unreadable as error:
            found.append(Finding(Kind.EDIT, f"letter {posted.number}", f"{folder}: {error}"))
            continue
        letters.append(SealedLetter(posted, sealed))
    return letters, found


def _sealed_in(files: Files, folder: str, own: Sequence[str]) -> Sealed:
    """Return what a folder of chain/ holds of a letter in its `own` files. Raises Unreadable."""
    if f"{folder}/fields" not in own:
        raise Unreadable("its list of fields is missing")
    texts = {name.partition("/field.")[2]: files.read(name) for name in own if "/field." in name}
    sealed = _read_fields(files.read(f"{folder}/fields"), tuple(texts.items()))
    for name in own:
        field = name.removeprefix(f"{folder}/")
        if field != "fields" and field.removeprefix("field.") not in sealed.fields:
            raise Unreadable(f"{field} is none of its fields")
    return sealed


@lru_cache(maxsize=512)
def _read_fields(fields: bytes, texts: tuple[tuple[str, bytes], ...]) -> Sealed:
    read = read_fields(fields, dict(texts))
    return Sealed(read, content_digest(fields), tuple(judge_fields(read, "a letter")))


def judge_letters(
    files: Files, letters: Sequence[SealedLetter], entries: Sequence[Entry], about: About, composed: Composed
) -> list[Finding]:
    """Return what is wrong with the letters of a file whose facts are `entries`.

    `composed` makes a letter's message anew, for those of which the record does not hold what left.
    """
    found: list[Finding] = []
    removals = removals_of(entries)
    since = sealed_from((entry.number, entry.fields) for entry in entries)
    seals = dict(_seals(entries))
    by_number = {entry.number: entry for entry in entries}
    proofs = {entry.get("letter"): entry for entry in entries if entry.kind == "letter-sent"}
    told = {digest for each in proofs.values() if (digest := each.get("message_sha256"))}
    seen: set[tuple[int, str]] = set()
    for letter in letters:
        number, place = (letter.posted.fact, letter.key), f"letter {letter.posted.number}"
        if number in seen:
            found.append(Finding(Kind.INSERTION, place, "it is in the file twice"))
        seen.add(number)
        if letter.sealed.faults:
            found += judge_fields(letter.fields, place)
        found += _against_seal(letter, place, seals, by_number, since)
        if not about.publication:
            found += _withheld(letter, place, removals)
            found += _message_dropped(letter, place, proofs, removals)
        found += _against_what_left(files, letter, place, by_number, proofs, told, composed, about.publication)
    for (fact, key), _ in seals.items():
        if (fact, key) not in seen:
            says = f"fact {fact} posted it, and it is not in the file"
            found.append(Finding(Kind.DELETION, f"letter {short(key)}", says))
    listed = {f"chain/letter-{letter.posted.number:04d}" for letter in letters} | {LETTERS}
    told_before = any(finding.place.startswith(("letter", "line")) for finding in found)
    files_listed = {letter.posted.file for letter in letters}
    for name in files.names:
        stray = (name.startswith("chain/letter-") and name.rpartition("/")[0] not in listed) or (
            name.startswith("letters/") and name not in listed and name not in files_listed
        )
        if stray and not told_before:
            found.append(Finding(Kind.INSERTION, name, f"no letter in {LETTERS} has such a file"))
    return found


def _seals(entries: Sequence[Entry]) -> Iterator[tuple[tuple[int, str], str]]:
    for entry in entries:
        posted = entry.get(POSTED)
        if isinstance(posted, dict):
            yield from (((entry.number, str(key)), str(seal)) for key, seal in posted.items())


def _against_seal(
    letter: SealedLetter, place: str, seals: Mapping[tuple[int, str], str], facts: Mapping[int, Entry],
    since: int | None,
) -> Iterator[Finding]:  # fmt: skip
    """Give what is wrong with a letter by its seal; letters have one `since` that fact, in a record begun before."""
    seal = letter.sealed.seal
    expected = seals.get((letter.posted.fact, letter.key))
    if expected == seal:
        return
    fact = facts.get(letter.posted.fact)
    if expected is not None:
        swapped = seal in seals.values()
        kind, says = (Kind.REORDERING, "another letter's") if swapped else (Kind.EDIT, "not the one")
        yield Finding(kind, place, f"its fields have {says} seal that fact {letter.posted.fact} holds")
    elif fact is None or (since is not None and fact.number >= since):
        yield Finding(Kind.INSERTION, place, f"fact {letter.posted.fact} did not post it")


def _withheld(letter: SealedLetter, place: str, removals: Removals) -> Iterator[Finding]:
    for name, each in letter.fields.items():
        if each.withheld and not removals.took_letter_field(letter.posted.fact, name):
            yield text_missing(f"field {name} of {place}")


def _message_dropped(
    letter: SealedLetter, place: str, proofs: Mapping[object, Entry], removals: Removals
) -> Iterator[Finding]:
    """Give a letter that left and has no message in the file, though nothing that it is composed of was removed."""
    proof, enclosures = proofs.get(letter.key), letter.fields.get("enclosures")
    if letter.posted.file != NONE or proof is None or not proof.get("message_sha256"):
        return
    papers = set(hashes_in(enclosures.value if enclosures else None))
    if not any(each.withheld for each in letter.fields.values()) and not papers & removals.documents:
        says = f"fact {proof.number} says that it left, and its message is not in the file"
        yield Finding(Kind.DELETION, place, says)


def _against_what_left(
    files: Files, letter: SealedLetter, place: str, facts: Mapping[int, Entry], proofs: Mapping[object, Entry],
    told: set[str], composed: Composed, publication: bool,
) -> Iterator[Finding]:  # fmt: skip
    proof, file = proofs.get(letter.key), letter.posted.file
    left = proof.get("message_sha256") if proof else None
    number = f"{proof.number:06d}" if proof and left and file != NONE and not publication else NONE
    if file == NONE or publication:
        if letter.posted.proof != NONE:
            says = "it names a proof of a letter that is not here"
            yield Finding(Kind.EDIT, f"line {letter.posted.number} of {LETTERS}", says)
        return
    if file not in files:
        yield Finding(Kind.DELETION, place, f"{file} is missing")
        return
    content = files.read(file)
    digest = content_digest(content)
    if digest == left:
        if letter.posted.proof != number:
            yield Finding(Kind.EDIT, f"line {letter.posted.number} of {LETTERS}", f"the proof is fact {number}")
        return
    fact = facts.get(letter.posted.fact)
    again = composed(letter.fields, fact.at) if fact else None
    if again is not None and again == content and letter.posted.proof == NONE:
        return  # what left cannot be told from the record, or was composed by another Cleardays: the account says so
    if digest in told:
        yield Finding(Kind.REORDERING, place, f"{file} is another letter")
    elif again is not None or left:
        yield Finding(Kind.EDIT, place, f"{file} is neither what left nor what the record's letter gives")

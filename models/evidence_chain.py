"""What is wrong with a chain of facts, by kind and place: edits, insertions, deletions, facts moved, times rewritten.

The facts are judged as they stand in a file: each names the hash of the one before it, so that the way they were
chained is known even where one of them was changed, taken out or put in.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from models.evidence_form import Entry, Field, digest_of, hash_of, is_time, short
from models.facts import FIRST_HASH


class Kind(StrEnum):
    """What was done to an evidence file."""

    EDIT = "edit"
    INSERTION = "insertion"
    DELETION = "deletion"
    REORDERING = "reordering"
    SWAP = "swapped attachment"
    TIME = "rewritten time"
    CUT = "cut tail"
    REWRITTEN = "rewritten record"  #: every hash was computed anew; only a head that was kept elsewhere shows it


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: its kind, where, and a sentence without its stop."""

    kind: Kind
    place: str  #: "fact 12", "field opinion of fact 12", "letter 3", a file's name
    says: str

    def __str__(self) -> str:
        """Return the finding as a line."""
        return f"{self.kind}, {self.place}: {self.says}."


def judge_chain(entries: Sequence[Entry], head: int, head_hash: str) -> list[Finding]:
    """Return what is wrong with facts in the order of the file; the file says that it ends with fact `head`."""
    path = _chained(entries, head_hash)
    positions = {position: rank for rank, position in enumerate(path)}
    found = [
        Finding(Kind.INSERTION, f"fact {entry.number}",
                f"a fact {short(entry.kind)} stands in line {position + 1} that no other fact follows from")
        for position, entry in enumerate(entries) if position not in positions
    ]  # fmt: skip
    found += _moved(entries, path)
    found += _gaps(entries, path)
    times = {entry.at for entry in entries}
    for position in path:
        if not entries[position].holds:
            found += judge_entry(entries[position], times)
    found += _end(entries, path, head, head_hash)
    return found


def judge_entry(entry: Entry, times: Iterable[str] = ()) -> Iterator[Finding]:
    """Give what is wrong within one fact: its fields, the digest of them in its header, its hash.

    `times` are those of the facts beside it: where one of them gives the hash, it was the time that was changed.
    """
    place = f"fact {entry.number}"
    yield from judge_fields(entry.fields, place)
    if entry.digest != digest_of(entry.fields_text):
        yield Finding(Kind.EDIT, f"fields of {place}", "they are not those that its header has the digest of")
    elif entry.instant is None:
        yield Finding(Kind.TIME, place, f"it says it was recorded at {short(entry.at)}, which is no instant")
    elif entry.hash != hash_of(entry):
        true = next((at for at in times if replace(entry, at=at).holds), None)
        if true is not None:
            yield Finding(Kind.TIME, place, f"it was recorded at {true}, and says {entry.at}")
            return
        yield Finding(Kind.EDIT, f"header of {place}",
                      "its time, number, kind, actor, channel, key or link is not as it was")  # fmt: skip


def judge_fields(fields: Mapping[str, Field], place: str) -> Iterator[Finding]:
    """Give each field whose text does not have the digest that is kept of it."""
    for name, field in fields.items():
        if not field.withheld and digest_of(field.text) != field.digest:
            kind = Kind.TIME if is_time(name) else Kind.EDIT
            yield Finding(kind, f"field {name} of {place}", f"it reads {short(field.value)}, which was not recorded")


def _chained(entries: Sequence[Entry], head_hash: str) -> list[int]:
    """Return the positions of the facts in the order in which they were chained, without any that nothing follows.

    It ends with the fact that has the hash `head_hash`, where that is reached. Where the chain breaks (a fact is
    missing, or got a new hash) it goes on with the next fact of the file that does not follow from one already in it.
    """
    following: dict[str, list[int]] = {}
    for position, entry in enumerate(entries):
        following.setdefault(entry.previous, []).append(position)
    path: list[int] = []
    used: set[int] = set()
    dead: set[int] = set()
    at: str | None = FIRST_HASH
    while True:
        choices = [each for each in following.get(at or "", ()) if each not in used and each not in dead] if at else []
        if choices:
            chosen = _leading_on(entries, following, choices)
            dead |= set(choices) - {chosen}
        elif at == head_hash:
            return path
        else:
            known = {entries[each].hash for each in path}
            rest = [each for each in range(len(entries)) if each not in used and each not in dead]
            starts = [each for each in rest if entries[each].previous not in known]
            if not starts:
                return path
            heads = {entries[each].hash for each in rest}
            chosen = next((each for each in starts if entries[each].previous not in heads), starts[0])
        path.append(chosen)
        used.add(chosen)
        at = entries[chosen].hash


def _leading_on(entries: Sequence[Entry], following: Mapping[str, Sequence[int]], choices: Sequence[int]) -> int:
    """Return that of several facts after one from which the longest chain follows; of equals the last in the file.

    A copy put in stands before or behind the fact it was copied from; either is the one too many.
    """
    if len(choices) == 1:
        return choices[0]
    lengths = {}
    for choice in choices:
        seen, at = {choice}, entries[choice].hash
        while (after := next((each for each in following.get(at, ()) if each not in seen), None)) is not None:
            seen.add(after)
            at = entries[after].hash
        lengths[choice] = (len(seen), entries[choice].holds, -choice)
    return max(choices, key=lambda choice: lengths[choice])


def _moved(entries: Sequence[Entry], path: Sequence[int]) -> Iterator[Finding]:
    """Give the facts that stand in the file before one that they follow from: the fewest that explain the order."""
    if all(before < after for before, after in pairwise(path)):
        return
    kept = _longest_rising(path)
    for rank, position in enumerate(path):
        if rank not in kept:
            entry = entries[position]
            yield Finding(Kind.REORDERING, f"fact {entry.number}",
                          f"it stands in line {position + 1} and was recorded as number {rank + 1}")  # fmt: skip


def _longest_rising(values: Sequence[int]) -> set[int]:
    """Return the ranks of a longest rising run of values, those between left out."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for rank, value in enumerate(values):
        length = bisect_left(tails, value)
        before.append(ends[length - 1] if length else -1)
        if length == len(tails):
            tails.append(value)
            ends.append(rank)
        else:
            tails[length], ends[length] = value, rank
    kept, rank = set(), ends[-1] if ends else -1
    while rank >= 0:
        kept.add(rank)
        rank = before[rank]
    return kept


def _gaps(entries: Sequence[Entry], path: Sequence[int]) -> Iterator[Finding]:
    """Give each place of the chain at which facts are missing, or at which a fact has a hash the next does not name."""
    number, hashed = 0, FIRST_HASH
    for position in path:
        entry = entries[position]
        if entry.previous != hashed:
            missing = entry.number - number - 1
            if missing > 0:
                yield Finding(Kind.DELETION, _facts(number + 1, entry.number - 1),
                              f"fact {entry.number} follows from a fact that is not in the file")  # fmt: skip
            elif number and missing == 0:
                yield Finding(Kind.EDIT, f"fact {number}", f"fact {entry.number} follows from one with another hash")
            else:
                says = f"it names a fact before it that is not in the file, and the number {entry.number}"
                yield Finding(Kind.EDIT, f"header of fact {entry.number}", says)
        number, hashed = entry.number, entry.hash


def _end(entries: Sequence[Entry], path: Sequence[int], head: int, head_hash: str) -> Iterator[Finding]:
    last = entries[path[-1]] if path else None
    number, hashed = (last.number, last.hash) if last else (0, FIRST_HASH)
    if number < head:
        yield Finding(Kind.CUT, _facts(number + 1, head), f"the file says that the record ends with fact {head}")
    elif number > head:
        yield Finding(Kind.INSERTION, _facts(head + 1, number), f"the file says that the record ends with fact {head}")
    elif hashed != head_hash:
        yield Finding(Kind.EDIT, f"fact {number}", "the file says that the record ends with another hash")


def _facts(first: int, last: int) -> str:
    return f"fact {first}" if first == last else f"facts {first} to {last}"

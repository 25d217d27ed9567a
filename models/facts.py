"""The record of a case: facts that are appended, numbered and chained, and never edited.

A fact's hash covers its predecessor's hash and a digest of each field of its payload, so that a field may
one day be withheld from publication while the chain still checks (see `field_digests`).

That is also the one exception to "never edited": personal data whose time is over is removed from a closed case. The
field then holds a `Withheld` with the digest it had; number, instant, hash and chain stay as they were, and a newer
fact says what was removed, by whom and why.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar

Payload = Mapping[str, Any]

FIRST_HASH = "0" * 64
ANEW = "~"  #: stands in a key before the number of a second doing, where the first had fallen away
MARK = "withheld sha256"  #: the one key of the object that stands, where payloads are kept, for a field withheld
_MARKED = f'"{MARK}":'  # within a JSON text its quotes are not escaped, so it is a key and no part of somebody's words
REST = ""  #: among the salts that are left, the one from which those of things that come later are made
NOTHING_WITHIN: Mapping[str, Iterable[str]] = {}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class Withheld(str):
    """What is left of a payload's field whose value was removed: its digest, by which the chain still holds.

    As text it says so, so that a page or list that shows the field needs no case of its own.
    """

    def __new__(cls, digest: str) -> Withheld:
        """`digest` is the one that `field_digests` gave for the field (hex). Raises ValueError for another text."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"{digest!r} is not a digest: 64 hexadecimal digits")
        return super().__new__(cls, f"[withheld; sha256 {digest}]")

    @property
    def digest(self) -> str:
        """Return the digest (hex) of what was removed."""
        return self[-65:-1]


def write_payload(payload: Payload) -> str:
    """Return the JSON text under which a payload is kept; fields withheld are told from text that reads like one."""
    kept = {name: {MARK: value.digest} if isinstance(value, Withheld) else value for name, value in payload.items()}
    return canonical(kept)


def read_payload(text: str) -> dict[str, Any]:
    """Return the payload that `write_payload` wrote."""
    payload: dict[str, Any] = json.loads(text)
    if _MARKED in text:
        for name, value in payload.items():
            if isinstance(value, dict) and value.keys() == {MARK}:
                payload[name] = Withheld(value[MARK])
    return payload


def refuse_marks(text: str) -> str:
    """Return the JSON text of a new payload. Raises ValueError where it would be read as having a field withheld."""
    if _MARKED in text:
        raise ValueError(f"a field of a new fact is named {MARK!r}, kept for what is removed; name it otherwise")
    return text


def write_instant(instant: datetime) -> str:
    """Return an aware instant as the record writes it: UTC, microseconds, a Z at the end.

    Raises ValueError for an instant without a time zone.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone; the record keeps instants only")
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_instant(text: str) -> datetime:
    """Return the aware UTC instant that `write_instant` wrote."""
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)


def canonical(value: object) -> str:
    """Return the one JSON text for a value: sorted keys, no spaces, letters as they are.

    Raises ValueError for a number that JSON does not know (infinite, or not a number).
    """
    return _CANONICAL.encode(value)


def field_salt(salt: str, name: str) -> str:
    """Return the salt of one field of a fact; a published copy gives it for the fields it shows, and no other.

    With the fact's own salt a reader could guess a withheld field that has few values ("gap", "no-gap"). `salt` may
    also be what `salts_left` returned.
    """
    if is_whole(salt):
        return _sha256(f"{salt}:{name}")
    left = _salts(salt)
    return left[name] if name in left else _sha256(f"{left[REST]}:{name}")


def salts_left(salt: str, names: Iterable[str], within: Mapping[str, Iterable[str]] = NOTHING_WITHIN) -> str:
    """Return what is kept of a fact's salt once fields of it are removed: the salts of the fields `names` that stay.

    Nobody can test a guess of what was removed by them. `within` are things with fields of their own whose salts come
    from this one (letters), each with its fields that stay. What comes later gets its salts from another root.
    """
    kept = {name: field_salt(salt, name) for name in names}
    kept |= {name: salts_left(field_salt(salt, name), fields) for name, fields in within.items()}
    return canonical(kept | {REST: field_salt(salt, REST)})


def is_whole(salt: str) -> bool:
    """Tell whether a fact's salt is the one that it was recorded with, and not what `salts_left` returned."""
    return not salt.startswith("{")


@lru_cache(maxsize=256)
def _salts(text: str) -> Mapping[str, str]:
    salts: dict[str, str] = json.loads(text)
    return salts


def field_digests(payload: Payload, salt: str) -> dict[str, str]:
    """Return, by the name of the field, the SHA-256 (hex) over "field salt:canonical JSON".

    A field's text can be struck out of a published copy, its digest left in place, and the chain still holds. A field
    that is `Withheld` gives the digest it left.
    """
    return {name: field_digest(value, salt, name) for name, value in payload.items()}


def field_digest(value: object, salt: str, name: str) -> str:
    """Return the digest (hex) of one field of a fact with `salt`."""
    return value.digest if isinstance(value, Withheld) else _sha256(f"{field_salt(salt, name)}:{canonical(value)}")


def payload_digest(digests: Mapping[str, str]) -> str:
    """Return the SHA-256 (hex) over the digests of a payload's fields, one line "name digest" each, by name."""
    return _sha256("\n".join(f"{name} {digests[name]}" for name in sorted(digests)))


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened in a case, as it was recorded."""

    case: str
    number: int  #: 1 for the first fact of a case, without gaps
    at: datetime  #: when it was recorded (aware, UTC)
    kind: str  #: past tense: "notified", "circulated", "decided"
    actor: str  #: role id from the council file, or "cleardays"
    channel: str  #: the door it came through: "flow", "command line", "form", "mail"
    payload: Payload
    key: str | None  #: unique within the case where a fact must not be recorded twice
    salt: str  #: 32 hexadecimal digits; where fields were removed, the salts that are left (see `salts_left`)
    previous: str  #: hash of fact number - 1
    hash: str

    def __getitem__(self, name: str) -> Any:
        """Return one field of the payload. Raises KeyError when the fact does not carry it."""
        return self.payload[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return one field of the payload, or `default`."""
        return self.payload.get(name, default)


def chain_hash(
    *, case: str, number: int, at: datetime, kind: str, actor: str, channel: str, key: str | None,
    digest: str, previous: str,
) -> str:  # fmt: skip
    """Return the hash (hex SHA-256) of a fact: over its header, its payload's digest and `previous`."""
    header = [case, number, write_instant(at), kind, actor, channel, key, digest, previous]
    return _sha256(canonical(header))


def make_fact(
    *, case: str, number: int, at: datetime, kind: str, actor: str, channel: str, payload: Payload,
    key: str | None, salt: str, previous: str,
) -> Fact:  # fmt: skip
    """Return a fact chained to `previous` (the hash of the fact before it, or FIRST_HASH)."""
    digest = payload_digest(field_digests(payload, salt))
    hashed = chain_hash(case=case, number=number, at=at, kind=kind, actor=actor, channel=channel, key=key,
                        digest=digest, previous=previous)  # fmt: skip
    return Fact(case, number, at, kind, actor, channel, payload, key, salt, previous, hashed)


class BrokenRecord(Exception):
    """The record of a case does not chain: a fact was changed, removed, inserted or moved."""


def check_chain(facts: Iterable[Fact]) -> int:
    """Return how many facts chain correctly from the first; raises BrokenRecord naming the first that does not."""
    previous, count = FIRST_HASH, 0
    for fact in facts:
        count += 1
        again = make_fact(case=fact.case, number=fact.number, at=fact.at, kind=fact.kind, actor=fact.actor,
                          channel=fact.channel, payload=fact.payload, key=fact.key, salt=fact.salt,
                          previous=previous)  # fmt: skip
        if fact.number != count or fact.previous != previous or fact.hash != again.hash:
            raise BrokenRecord(
                f"fact {fact.number} of case {fact.case} ({fact.kind}) does not follow from fact {count - 1}: "
                "it was changed, removed, inserted or moved after it was recorded"
            )
        previous = fact.hash
    return count


@dataclass(slots=True)
class Record:
    """The facts of one case in their order, with look-ups by kind, key and letter. Grows only at the end.

    A fact that consisted in a letter which was kept back, because its dates had ceased to be true, stands in the order
    and is found by no look-up: it is to be done anew.
    """

    case: str
    procedure: str
    version: int  #: the version of the procedure this case follows
    council: str
    facts: list[Fact] = field(default_factory=list)
    _by_kind: dict[str, list[Fact]] = field(default_factory=dict, repr=False)
    _by_key: dict[str, Fact] = field(default_factory=dict, repr=False)
    _by_letter: dict[str, tuple[Fact, ...]] = field(default_factory=dict, repr=False)
    _fallen: dict[str, int] = field(default_factory=dict, repr=False)  #: by key, how often it was done and fell away

    def __post_init__(self) -> None:
        """Index the facts given at the start."""
        for fact in self.facts:
            self._index(fact)

    @property
    def head(self) -> int:
        """Return the number of the newest fact, 0 when there is none."""
        return len(self.facts)

    def add(self, fact: Fact) -> None:
        """Take in the next fact. Raises ValueError when it is not the next."""
        if fact.number != self.head + 1:
            raise ValueError(f"fact {fact.number} cannot follow fact {self.head} of case {self.case}")
        self.facts.append(fact)
        self._index(fact)

    def all(self, kind: str) -> Sequence[Fact]:
        """Return the facts of one kind, oldest first."""
        return self._by_kind.get(kind, ())

    def first(self, kind: str) -> Fact | None:
        """Return the oldest fact of a kind, or None."""
        found = self._by_kind.get(kind)
        return found[0] if found else None

    def last(self, kind: str) -> Fact | None:
        """Return the newest fact of a kind, or None."""
        found = self._by_kind.get(kind)
        return found[-1] if found else None

    def keyed(self, key: str) -> Fact | None:
        """Return the fact recorded under a key, or None."""
        return self._by_key.get(key)

    def about_letter(self, key: str | None) -> Sequence[Fact]:
        """Return the facts on what became of the letter with a key, oldest first."""
        return self._by_letter.get(key, ()) if key is not None else ()

    def _undo(self, letter: str) -> None:
        """Count as not done what consisted in a letter that never left: its words had ceased to be true."""
        if (done := self._by_key.pop(letter, None)) is None:
            return
        key = letter.partition(ANEW)[0]
        self._by_key.pop(key, None)
        self._by_kind[done.kind].remove(done)
        self._fallen[key] = self._fallen.get(key, 0) + 1

    def until(self, number: int) -> Record:
        """Return a copy that ends with fact `number`: the record as it stood then."""
        return Record(self.case, self.procedure, self.version, self.council, self.facts[:number])

    def copy(self) -> Record:
        """Return a copy that grows by itself; no fact is looked at again for it."""
        copied = Record(self.case, self.procedure, self.version, self.council)
        copied.facts = self.facts.copy()
        copied._by_kind = {kind: facts.copy() for kind, facts in self._by_kind.items()}
        copied._by_key, copied._by_letter = self._by_key.copy(), self._by_letter.copy()
        copied._fallen = self._fallen.copy()
        return copied

    def __iter__(self) -> Iterator[Fact]:
        """Give the facts in their order."""
        return iter(self.facts)

    def to_do_under(self, key: str) -> str | None:
        """Return the key to do something under: its own, another where that fell away, None where it is done."""
        if key in self._by_key:
            return None
        return f"{key}{ANEW}{self._fallen[key] + 1}" if key in self._fallen else key

    def _index(self, fact: Fact) -> None:
        self._by_kind.setdefault(fact.kind, []).append(fact)
        if fact.key is not None:
            self._by_key[fact.key] = self._by_key[fact.key.partition(ANEW)[0]] = fact
        if fact.kind == "letter-cancelled" and fact.payload.get("write_anew") is True:
            self._undo(fact["letter"])
        if (letter := fact.payload.get("letter")) is not None:
            self._by_letter[letter] = (*self._by_letter.get(letter, ()), fact)


class Recorded(Protocol):
    """What reads a record."""

    record: Record


V = TypeVar("V")


class until_the_record_grows(Generic[V]):
    """A property worked out once for each length of its object's record: nobody asks a record the same thing twice."""

    def __init__(self, work_out: Callable[[Any], V]) -> None:
        """Work it out with `work_out`, a method without arguments."""
        self._work_out, self._name = work_out, f"_{work_out.__name__} by length"
        self.__doc__ = work_out.__doc__

    def __get__(self, owner: Recorded, kind: type | None = None) -> V:
        """Return the value as the record stands."""
        if owner is None:
            return self
        head = owner.record.head
        kept: tuple[int, V] | None = owner.__dict__.get(self._name)
        if kept is None or kept[0] != head:
            kept = owner.__dict__[self._name] = (head, self._work_out(owner))
        return kept[1]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

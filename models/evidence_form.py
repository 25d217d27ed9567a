"""The form of an evidence file: how facts and letters are written so that sha256sum alone can follow the chain.

Each fact is a folder of small files, each the very text that was hashed:

    chain/000012/header           the fact's header in canonical JSON; its SHA-256 is the fact's hash. It ends with
                                  the digest of its fields and the hash of the fact before it
    chain/000012/fields           a line "name digest" for each field; its SHA-256 is that digest
    chain/000012/field.opinion    "salt:canonical JSON" of one field; its SHA-256 stands in `fields`

record.jsonl says the same in a line for each fact, put together from those texts and nothing else. A letter is such a
folder too (chain/letter-0001/fields and field.*); the SHA-256 of its `fields` is its seal, which the fact names that
posted it. What is withheld leaves its digest in `fields` and no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any

from models.facts import (
    Fact,
    Withheld,
    canonical,
    chain_hash,
    field_digest,
    field_salt,
    payload_digest,
    read_instant,
    write_instant,
)

FORMAT = "cleardays-evidence 1"
RECORD, CASE, SUMS, VERIFY = "record.jsonl", "case.json", "SHA256SUMS", "VERIFY.txt"
LETTERS, DOCUMENTS = "letters/index.txt", "documents/index.txt"
COUNCIL = "account.yaml"  #: the council's file that the account is made by, where it cannot be the one of fact 1
LARGE = 128 * 1024  #: bytes of a content that is not kept in memory to be known again
LARGEST_NUMBER = 10**15  #: beyond which no number of a file is meant in earnest

HOLD_DOCUMENTS = ("document-attached", "representation-issued")  #: facts whose documents must be there

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}")
HASH = re.compile(r"[0-9a-f]{64}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_TIMED = re.compile(r".*(_at|_on|_by|_until|^at|^day|^until|^last_day|again_at)$")


class Unreadable(ValueError):
    """Something of an evidence file is not of its form; the message says what, and what is expected."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a fact or a letter: its digest, and its salt and value unless it is withheld."""

    digest: str
    salt: str = ""
    value: Any = None
    withheld: bool = False

    @classmethod
    def shown(cls, salt: str, value: Any) -> Field:
        """Return a field with its salt (of the field, not of the fact) and value."""
        return cls(digest_of(preimage(salt, value)), salt, value)

    @classmethod
    def hidden(cls, digest: str) -> Field:
        """Return a field of which only the digest is told."""
        return cls(digest, withheld=True)

    @property
    def text(self) -> str:
        """Return what its digest is the SHA-256 of."""
        return preimage(self.salt, self.value)


@dataclass(frozen=True)
class Entry:
    """A fact as an evidence file holds it: as it is written there, whether it is true or not."""

    case: str
    number: int
    at: str
    kind: str
    actor: str
    channel: str
    key: str | None
    digest: str  #: of its fields, as its header names it
    previous: str
    fields: Mapping[str, Field]
    hash: str  #: as written in the file

    @cached_property
    def header(self) -> str:
        """Return the header in canonical JSON; its SHA-256 is the fact's hash."""
        return canonical([self.case, self.number, self.at, self.kind, self.actor, self.channel, self.key,
                          self.digest, self.previous])  # fmt: skip

    @cached_property
    def fields_text(self) -> str:
        """Return the text whose SHA-256 is the digest of the fields."""
        return fields_text(self.fields)

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """Return the files of chain/ that say the same, by their names."""
        return chain_files(self)

    @cached_property
    def holds(self) -> bool:
        """Tell whether its hash follows from what it says, and each field has the digest that is kept of it."""
        shown = (each for each in self.fields.values() if not each.withheld)
        return (
            self.instant is not None and self.digest == digest_of(self.fields_text) and self.hash == hash_of(self)
            and all(digest_of(each.text) == each.digest for each in shown)
        )  # fmt: skip

    @cached_property
    def instant(self) -> datetime | None:
        """Return when it was recorded (aware, UTC), or None where the text is no instant."""
        return instant_of(self.at)

    @property
    def line(self) -> str:
        """Return the fact as a line of record.jsonl, without the line feed."""
        told = ",".join(_told(name, self.fields[name]) for name in sorted(self.fields))
        return f'{{"fact":{self.header},"fields":{{{told}}},"hash":"{self.hash}"}}'

    def get(self, name: str) -> Any:
        """Return the value of a field, or None where it is withheld or not there."""
        found = self.fields.get(name)
        return None if found is None else found.value


def entry_of(fact: Fact, hidden: frozenset[str] = frozenset()) -> Entry:
    """Return a fact as an evidence file holds it, the fields named in `hidden` withheld, as those that were removed."""
    fields = {}
    for name, value in fact.payload.items():
        if name in hidden or isinstance(value, Withheld):
            fields[name] = Field.hidden(field_digest(value, fact.salt, name))
        else:
            fields[name] = Field.shown(field_salt(fact.salt, name), value)
    digest = payload_digest({name: field.digest for name, field in fields.items()})
    return Entry(fact.case, fact.number, write_instant(fact.at), fact.kind, fact.actor, fact.channel, fact.key,
                 digest, fact.previous, fields, fact.hash)  # fmt: skip


def hash_of(entry: Entry) -> str:
    """Return the hash that follows from what the entry says. Raises Unreadable where its time is no instant."""
    if entry.instant is None:
        raise Unreadable(f"fact {entry.number} says it was recorded at {short(entry.at)}, which is no instant")
    return chain_hash(case=entry.case, number=entry.number, at=entry.instant, kind=entry.kind, actor=entry.actor,
                      channel=entry.channel, key=entry.key, digest=entry.digest, previous=entry.previous)  # fmt: skip


def fields_text(fields: Mapping[str, Field]) -> str:
    """Return one line "name digest" for each field, by name: what `models.facts.payload_digest` hashes."""
    return "\n".join(f"{name} {fields[name].digest}" for name in sorted(fields))


def preimage(salt: str, value: Any) -> str:
    """Return "salt:canonical JSON", the text of which a field's digest is the SHA-256."""
    return f"{salt}:{canonical(value)}"


def digest_of(text: str | bytes) -> str:
    """Return the SHA-256 (hex) of a text in UTF-8, or of bytes."""
    return sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def content_digest(content: bytes) -> str:
    """Return the SHA-256 (hex) of a file's content, which may be asked for more than once; a large one is not kept."""
    return _digest_kept(content) if len(content) < LARGE else digest_of(content)


@lru_cache(maxsize=8192)
def _digest_kept(content: bytes) -> str:
    return digest_of(content)


def chain_folder(number: int) -> str:
    """Return the folder of a fact."""
    return f"chain/{number:06d}"


def letter_folder(number: int) -> str:
    """Return the folder of a letter's fields."""
    return f"chain/letter-{number:04d}"


def folder_files(folder: str, fields: Mapping[str, Field]) -> dict[str, bytes]:
    """Return the files of a folder that hold fields: `fields` and one for each field that is shown."""
    shown = {f"{folder}/field.{name}": each.text.encode() for name, each in fields.items() if not each.withheld}
    return {f"{folder}/fields": fields_text(fields).encode(), **shown}


def chain_files(entry: Entry) -> dict[str, bytes]:
    """Return the files of one fact by their names in the evidence file."""
    folder = chain_folder(entry.number)
    return {f"{folder}/header": entry.header.encode(), **folder_files(folder, entry.fields)}


def is_time(name: str) -> bool:
    """Tell whether a field holds a time, by its name: accepted_at, given_on, represent_by."""
    return bool(_TIMED.fullmatch(name))


def instant_of(text: object) -> datetime | None:
    """Return the instant that a text of the record's form stands for, or None."""
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        return None
    try:
        return read_instant(text)
    except ValueError:
        return None


def hashes_in(value: object) -> Iterator[str]:
    """Give each SHA-256 (hex) in a value of a field, however deep."""
    if isinstance(value, str):
        if HASH.fullmatch(value):
            yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from hashes_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from hashes_in(each)


def short(value: object) -> str:
    """Return a value for a sentence, cut where it is long."""
    text = str(value)
    return repr(text if len(text) <= 80 else f"{text[:77]}...")


def _told(name: str, field: Field) -> str:
    if field.withheld:
        return f'"{name}":{{"withheld":"{field.digest}"}}'
    return f'"{name}":{{"salt":"{field.salt}","value":{canonical(field.value)}}}'

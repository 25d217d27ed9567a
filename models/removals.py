"""What a record says was removed from it: the only fields, words of letters and documents that may be missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from models.retention import PAPERS_REMOVED, PERSONAL_DATA_REMOVED
from models.sealed_letters import POSTED

PROOFS = frozenset({
    POSTED, "procedure_version", "letter", "sha256", "pdf", "word", "fields", "letter_fields", "documents",
})  #: what else is checked by: no removal takes these fields of facts  # fmt: skip


class Said(Protocol):
    """A fact, as the database or an evidence file holds it."""

    @property
    def number(self) -> int:
        """Return its number."""
        ...

    @property
    def kind(self) -> str:
        """Return its kind."""
        ...

    def get(self, name: str, /) -> Any:
        """Return one field of it, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Removals:
    """What was removed, each with the number of the newest fact that says so."""

    fields: Mapping[tuple[int, str], int] = field(default_factory=dict)  #: by fact and field
    letter_fields: Mapping[str, int] = field(default_factory=dict)  #: of every letter that there was then
    documents: frozenset[str] = frozenset()  #: SHA-256 (hex)

    def took_field(self, fact: int, name: str) -> bool:
        """Tell whether a later fact lists a field of fact number `fact`."""
        return name not in PROOFS and self.fields.get((fact, name), 0) > fact

    def took_letter_field(self, fact: int, name: str) -> bool:
        """Tell whether a fact behind the one that posted a letter, number `fact`, lists a field of letters."""
        return self.letter_fields.get(name, 0) > fact


def removals_of(facts: Iterable[Said]) -> Removals:
    """Return what the facts of a record list as removed; whatever is not of their form lists nothing."""
    fields: dict[tuple[int, str], int] = {}
    letter_fields: dict[str, int] = {}
    documents: set[str] = set()
    for fact in facts:
        if fact.kind == PERSONAL_DATA_REMOVED:
            fields |= dict.fromkeys(_fields(fact.get("fields")), fact.number)
            letter_fields |= dict.fromkeys(_texts(fact.get("letter_fields")), fact.number)
        elif fact.kind == PAPERS_REMOVED:
            documents |= set(_texts(fact.get("documents")))
    return Removals(fields, letter_fields, frozenset(documents))


def _fields(told: object) -> Iterator[tuple[int, str]]:
    for number, names in told.items() if isinstance(told, dict) else ():
        if isinstance(number, str) and number.isdecimal() and len(number) < 16:
            yield from ((int(number), name) for name in _texts(names))


def _texts(told: object) -> Iterator[str]:
    yield from (each for each in told if isinstance(each, str)) if isinstance(told, list | dict) else ()

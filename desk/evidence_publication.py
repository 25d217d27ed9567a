"""What a published evidence file leaves out, and why: the chain still checks, and nothing left out can be guessed.

Personal data of others is exempt under section 40 of the Freedom of Information Act 2000. What is personal is read from
the council's file (names, addresses and telephone numbers of its people) and from the names of the record's own fields;
what was marked confidential by its sender is left out as well, for the officer to look at under section 41.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.council import Council
from models.facts import Payload, Record, canonical
from models.outgoing import Letter

if TYPE_CHECKING:
    from desk.evidence import Material

PERSONAL = "personal data (Freedom of Information Act 2000, section 40)"
CONFIDENTIAL = "marked confidential by its sender (consider the Freedom of Information Act 2000, section 41)"
CHOSEN = "withheld by the officer who made this file"
STRUCK = "[withheld, s.40]"

PERSONAL_FIELDS = frozenset({
    "address", "addresses", "attendees", "called_in_by", "contact", "email", "in_attendance", "member_name",
    "message_sha256", "os_user", "person", "public_questions", "signatory", "signed_by", "telephone",
})  #: fields of facts that name people, or let a guess of an address be tested, whatever they hold  # fmt: skip
LETTER_FIELDS = frozenset({"address", "html", "sender", "text"})  #: the words of a letter greet and are signed by name
_TITLES = re.compile(r"^(Dr|Mr|Mrs|Ms|Miss|Mx|Professor|Prof|Councillor|Cllr|Sir|Dame|Lord|Lady|Baroness|Rev|Revd)\.? ")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+[A-Za-z0-9]")


@dataclass(frozen=True)
class Withheld:
    """What is left out: fields by the number of their fact, documents by SHA-256, each with its reason."""

    fields: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    letter_fields: frozenset[str] = frozenset()
    documents: Mapping[str, str] = field(default_factory=dict)
    pattern: re.Pattern[str] | None = None  #: matches what is struck out of words made for reading
    unsearched: Sequence[str] = ()  #: documents given whole that could not be searched for names

    def fields_of(self, number: int) -> frozenset[str]:
        """Return the names of the fields of a fact that are withheld."""
        return frozenset(self.fields.get(number, ()))

    def struck(self, text: str) -> str:
        """Return words made for reading with names, addresses and telephone numbers struck out."""
        return self.pattern.sub(STRUCK, text) if self.pattern else text

    def in_words(self) -> str:
        """Return what is withheld and why, one line each."""
        lines = ["What this published file withholds, and why. The digest of each is left in its place.", ""]
        lines += [f"fact {number}, field {name}: {why}" for number, names in sorted(self.fields.items())
                  for name, why in sorted(names.items())]  # fmt: skip
        lines += [f"every letter, field {name}: {PERSONAL}" for name in sorted(self.letter_fields)]
        lines += [f"document {digest}: {why}" for digest, why in sorted(self.documents.items())]
        lines += ["", "letters/*.txt are letters as they read, names struck out; they are copies, and prove nothing."]
        return "\n".join(lines) + "\n"

    def counted(self) -> str:
        """Return how much is withheld, in a sentence."""
        fields = sum(map(len, self.fields.values()))
        return f"Withheld: {fields} fields of facts, {len(self.documents)} documents, addresses and words of letters."

    def as_dict(self) -> dict[str, object]:
        """Return what is withheld and why, in plain JSON values."""
        return {
            "fields": {str(number): dict(names) for number, names in self.fields.items()},
            "letters": sorted(self.letter_fields), "documents": dict(self.documents),
            "documents_not_searched": list(self.unsearched),
        }  # fmt: skip


def nothing_withheld() -> Withheld:
    """Return what a file that is not for publication leaves out."""
    return Withheld()


def for_publication(material: Material, chosen: Sequence[str] = ()) -> Withheld:
    """Return what the published file of a case leaves out; `chosen` adds fields as "12:reasons", fact and field.

    Raises ValueError, naming the choice, for a fact or a field that the record does not have.
    """
    pattern = _pattern(personal_words(material.case.council, material.letters))
    fields: dict[int, dict[str, str]] = {}
    for fact in material.record:
        personal = [name for name in fact.payload if _is_personal(name, fact.payload, pattern)]
        if personal:
            fields[fact.number] = dict.fromkeys(personal, PERSONAL)
    for number, name in (_choice(each, material.record) for each in chosen):
        fields.setdefault(number, {}).setdefault(name, CHOSEN)
    documents = dict(_documents(material, pattern))
    unsearched = [digest for digest, content in material.documents.items()
                  if digest not in documents and _text_of(content) is None]  # fmt: skip
    return Withheld(fields, LETTER_FIELDS, documents, pattern, unsearched)


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    whole = "|".join(re.escape(word) for word in words)
    return re.compile(rf"(?<!\w)(?:{whole})(?!\w)|{_ADDRESS.pattern}" if words else _ADDRESS.pattern, re.IGNORECASE)


def personal_words(council: Council, letters: Sequence[Letter]) -> list[str]:
    """Return the names, addresses and telephone numbers of the council's people, the longest first.

    A team or an organisation that stands there as a person, because letters go to it, is not one: its name is also
    that of an office, or of what an office belongs to.
    """
    words: set[str] = set()
    public = " / ".join(_public_words(council)).casefold()
    for person in council.people.values():
        bare = _TITLES.sub("", person.name)
        words |= {person.email, *([person.telephone] if person.telephone else [])}
        if bare.removesuffix(" team").casefold() in public:
            continue
        words |= {person.name, bare}
        if bare != person.name and " " in bare:
            words.add(bare.rpartition(" ")[2])  # "Dear Councillor Tarrant"
    words |= {letter.draft.address for letter in letters}
    return sorted(filter(None, words), key=lambda word: (-len(word), word))


def _public_words(council: Council) -> Iterator[str]:
    """Give the titles of offices, and the names of councils, bodies and organisations."""
    yield from (council.name, council.department)
    yield from (body.name for body in council.bodies.values())
    for role in council.roles.values():
        yield from (role.title, str(role.organisation))
        for earlier in role.renamed:
            yield from (earlier.title, str(earlier.organisation))


def _is_personal(name: str, payload: Payload, pattern: re.Pattern[str]) -> bool:
    if name in ("posted", "message_id"):  # digests of letters, and an identifier that tells no name
        return False
    return bool(payload[name]) and (name in PERSONAL_FIELDS or pattern.search(canonical(payload[name])) is not None)


def _choice(written: str, record: Record) -> tuple[int, str]:
    number, colon, name = written.partition(":")
    if not colon or not number.isdecimal() or not 0 < int(number[:9]) <= record.head:
        raise ValueError(
            f"--withhold {written!r} is not FACT:FIELD, such as --withhold 12:reasons; {record.case} has facts 1 to "
            f"{record.head}"
        )
    fact = record.facts[int(number) - 1]
    if name not in fact.payload:
        raise ValueError(f"fact {fact.number} ({fact.kind}) has no field {name!r}; it has {', '.join(fact.payload)}")
    if name == "posted":
        raise ValueError("the seals of letters (posted) are digests and tell nothing; they cannot be withheld")
    return fact.number, name


def _documents(material: Material, pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for fact in material.record:
        if fact.get("confidential") and fact.get("sha256"):
            yield fact["sha256"], CONFIDENTIAL
    council_file = material.record.facts[0].get("council_file")
    for digest, content in material.documents.items():
        text = _text_of(content)
        if digest == council_file or (text is not None and pattern.search(text)):
            yield digest, PERSONAL


def _text_of(content: bytes) -> str | None:
    """Return a document that is plain text, its folded lines put together as in a calendar file; None for another."""
    if b"\x00" in content or content.startswith((b"%PDF", b"PK")):
        return None
    try:
        return content.decode("utf-8").replace("\r\n ", "")
    except UnicodeDecodeError:
        return None

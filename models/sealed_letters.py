"""Letters under seal: the fact that posts letters carries a digest of each, so that the chain covers their words.

Each field of a letter has a salted digest of its own. A field can be removed later (an address, when the case is
over), its digest left in its place, and the letter's seal still checks.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping

from models.facts import Payload, Record, Withheld, field_digests, field_salt, payload_digest
from models.outgoing import Draft

POSTED = "posted"  #: the field of a fact that holds the seals of the letters it posts, by the letter's key
_REMOVED = re.compile(r"\[withheld; sha256 ([0-9a-f]{64})\]")  # as models.facts.Withheld reads


def seals(record_salt: str, letters: Iterable[Draft]) -> dict[str, str]:
    """Return the seal of each letter by its key; `record_salt` is the salt of the first fact of the record."""
    return {letter.key: seal_of(letter, record_salt) for letter in letters}


def seal_of(letter: Draft, record_salt: str) -> str:
    """Return the seal (hex) of a letter: the digest over those of its fields, as of a fact's payload."""
    return payload_digest(letter_digests(letter, record_salt))


def letter_fields(letter: Draft) -> dict[str, object]:
    """Return what of a letter is under seal, by name; a field that was removed reads as `removed` put it."""
    return {
        "address": letter.address,
        "enclosures": [[each.filename, each.media_type, each.sha256] for each in letter.enclosures],
        "html": letter.html,
        "key": letter.key,
        "message_id": letter.message_id,
        "recipient": letter.recipient,
        "reply_to": letter.reply_to,
        "sender": letter.sender,
        "subject": letter.subject,
        "template": letter.template,
        "text": letter.text,
    }


def letter_salt(record_salt: str, key: str) -> str:
    """Return the salt of a letter's fields, made from that of the record's first fact and the letter's key."""
    return field_salt(record_salt, _of_letter(key))


def salts_of_letters(letters: Iterable[Draft]) -> dict[str, list[str]]:
    """Return what of the letters of a record stays when its first salt is dropped (see `salts_left`), by its name."""
    return {
        _of_letter(letter.key): [name for name, value in letter_fields(letter).items() if digest_left(value) is None]
        for letter in letters
    }


def _of_letter(key: str) -> str:
    return f"letter {key}"


def letter_digests(letter: Draft, record_salt: str) -> dict[str, str]:
    """Return the digest (hex) of each field of a letter by its name; one that was removed gives what it left."""
    fields = letter_fields(letter)
    digests = field_digests(fields, letter_salt(record_salt, letter.key))
    return digests | {name: left for name, value in fields.items() if (left := digest_left(value))}


def removed(letter: Draft, record_salt: str, field: str) -> str:
    """Return what to keep in place of a letter's field once it is removed: its digest, so that the seal still checks.

    For example `address` or `text`; what is removed already is returned as it is.
    """
    return str(Withheld(letter_digests(letter, record_salt)[field]))


def digest_left(value: object) -> str | None:
    """Return the digest that a removed field left in its place, or None for one that is there."""
    found = _REMOVED.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else None


def sealed_from(facts: Iterable[tuple[int, Container[str]]]) -> int | None:
    """Return the number of the fact from which on every letter of a record is under seal; None where none is.

    `facts` are their numbers and the names of their fields. That letters were sealed before a record's first fact named
    the version of its procedure; an older record has its letters sealed from the first that is.
    """
    for number, names in facts:
        if POSTED in names or (number == 1 and "procedure_version" in names):
            return number
    return None


def with_seals(payload: Payload, record: Record, letters: Iterable[Draft]) -> Payload:
    """Return the payload of a fact with the seals of the letters it posts; without letters it is left as it is."""
    sealed: Mapping[str, str] = seals(record.facts[0].salt, letters)
    return {**payload, POSTED: sealed} if sealed else payload

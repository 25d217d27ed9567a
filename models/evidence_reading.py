"""The texts of an evidence file read back, trusting none of them: what is not of its form is said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from models.evidence_form import HASH, LARGEST_NUMBER, NAME, Entry, Field, Unreadable, short
from models.facts import canonical


def read_line(line: str) -> Entry:
    """Return the fact of a line of record.jsonl. Raises Unreadable where it is not such a line."""
    plain = read_json(line)
    if not isinstance(plain, dict) or set(plain) != {"fact", "fields", "hash"}:
        raise Unreadable('it is not an object of "fact", "fields" and "hash"')
    header, fields, hashed = plain["fact"], plain["fields"], plain["hash"]
    if not isinstance(header, list) or len(header) != 9:
        raise Unreadable("its header does not have nine parts")
    case, number, at, kind, actor, channel, key, digest, previous = header
    words = (case, at, kind, actor, channel, digest, previous, hashed)
    if not all(isinstance(each, str) for each in words) or not (key is None or isinstance(key, str)):
        raise Unreadable("a part of its header is not a text")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < LARGEST_NUMBER:
        raise Unreadable(f"its number is {short(number)}; expected a whole number from 1 on")
    if not isinstance(fields, dict):
        raise Unreadable("its fields are not an object")
    read = {name: _field(name, told) for name, told in fields.items()}
    return Entry(case, number, at, kind, actor, channel, key, digest, previous, read, hashed)


def read_fields(fields: bytes, files: Mapping[str, bytes]) -> dict[str, Field]:
    """Return the fields that a file `fields` lists, shown where `files` (by field name) holds their text.

    The digest is that of the list, whatever the text hashes to. Raises Unreadable.
    """
    read: dict[str, Field] = {}
    for line in decode(fields).split("\n"):
        name, _, digest = line.partition(" ")
        if not NAME.fullmatch(name) or not HASH.fullmatch(digest) or name in read:
            raise Unreadable(f"the line {short(line)} is not a field's name and digest, each name once")
        if name not in files:
            read[name] = Field.hidden(digest)
            continue
        salt, colon, value = decode(files[name]).partition(":")
        if not colon:
            raise Unreadable(f"field.{name} has no salt before a colon")
        read[name] = Field(digest, salt, read_json(value))
    return read


def read_json(text: str) -> Any:
    """Return what a JSON text says. Raises Unreadable for anything else, numbers beyond all measure among it."""
    try:
        value = json.loads(text, parse_int=_int, parse_constant=_no_number)
        canonical(value).encode()  # an infinite number or half a character is read, and cannot be written again
        return value
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"it is not JSON: {short(error)}") from error


def decode(content: bytes) -> str:
    """Return bytes as text. Raises Unreadable where they are not UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"byte {error.start} is not UTF-8") from error


def _field(name: str, told: Any) -> Field:
    if not NAME.fullmatch(name) or not isinstance(told, dict):
        raise Unreadable(f"the field {short(name)} is not written as fields are")
    if set(told) == {"withheld"} and isinstance(told["withheld"], str):
        return Field.hidden(told["withheld"])
    if set(told) != {"salt", "value"} or not isinstance(told["salt"], str):
        raise Unreadable(f"the field {short(name)} has neither salt and value nor the digest of what is withheld")
    return Field.shown(told["salt"], told["value"])


def _int(digits: str) -> int:
    if len(digits) > 18:
        raise ValueError(f"the number {digits[:20]}... is beyond all measure")
    return int(digits)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")

"""The daily heads: how far the record of each case had come when a day was over, as a text file for the auditor.

A chain of hashes alone does not show that its newest facts were cut off. A file that left the building does: it
names the number and the hash of the newest fact of every case that grew. Each file holds the hash of the one before
it. It is plain text, one head in a line:

    cleardays-heads 1
    council: southampton
    day: 2017-08-01
    sealed: 2017-08-01T23:00:00.000412Z
    previous: 64 hexadecimal digits: the SHA-256 of the file of the day before, 64 noughts in the first
    PC-2017-001 12 64 hexadecimal digits: the hash of fact 12

`sealed` says when the heads were read, in UTC: after the end of the day in London, later where the desk was shut. What
is recorded while a file is made is in it or in the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise

from models.facts import FIRST_HASH, read_instant, write_instant
from models.london import date_in_london, day_in_words, first_instant_of, instant_in_words, parse_day

FIRST_LINE = "cleardays-heads 1"
NO_FILE_BEFORE = FIRST_HASH  #: what the first file of a council names as the one before it
IN_TIME = timedelta(minutes=15)  #: what is sealed within this after the end of its day is not late
LARGEST = 64 * 1024 * 1024  #: bytes of a file; a hundred thousand heads take nine million

_HEADER = ("council", "day", "sealed", "previous")
_HASH = re.compile(r"[0-9a-f]{64}")
_COUNCIL = re.compile(r"[a-z0-9][a-z0-9-]*")
_SEALED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_HEAD = re.compile(r"(?P<case>[A-Za-z0-9][A-Za-z0-9._-]*) (?P<number>[1-9][0-9]{0,17}) (?P<hash>[0-9a-f]{64})")


class HeadsError(ValueError):
    """A file of heads that is not as `write_heads` writes it, with its line."""

    def __init__(self, line: int, found: str) -> None:
        """`line` counts from 1; `found` says what is wrong there and what is expected."""
        self.line = line
        super().__init__(f"line {line} of the heads file {found}")


@dataclass(frozen=True, slots=True)
class Head:
    """How far the record of one case had come: the number of its newest fact, and that fact's hash."""

    case: str
    number: int
    hash: str

    def __str__(self) -> str:
        """Return the head as a line of the file."""
        return f"{self.case} {self.number} {self.hash}"


@dataclass(frozen=True, slots=True)
class Heads:
    """The file of one day: the heads of the cases of a council whose record grew since the file before."""

    council: str
    day: date  #: the London day that was over
    sealed_at: datetime  #: when the heads were read (aware, UTC)
    previous: str  #: SHA-256 (hex) of the file before, NO_FILE_BEFORE for the first
    heads: tuple[Head, ...]  #: by case, in the order of their characters

    def head_of(self, case: str) -> Head | None:
        """Return the head of a case, or None where its record had not grown."""
        return next((head for head in self.heads if head.case == case), None)

    @property
    def late(self) -> bool:
        """Tell whether it was sealed late: the desk was shut when the day was over."""
        return is_late(self.day, self.sealed_at)


def is_late(day: date, sealed_at: datetime) -> bool:
    """Tell whether a London day was sealed noticeably after its end; `sealed_at` is aware."""
    return sealed_at - first_instant_of(day + timedelta(days=1)) > IN_TIME


def file_name(council: str, day: date) -> str:
    """Return the name under which a file of heads is kept and sent."""
    return f"heads-{council}-{day.isoformat()}.txt"


def write_heads(council: str, day: date, sealed_at: datetime, previous: str, heads: Iterable[Head]) -> bytes:
    """Return the file of a London day: UTF-8, line feeds, the heads in the order of their cases' characters.

    Raises HeadsError for what `parse_heads` would not read.
    """
    header = {"council": council, "day": day.isoformat(), "sealed": write_instant(sealed_at), "previous": previous}
    lines = [FIRST_LINE, *(f"{name}: {value}" for name, value in header.items())]
    content = "".join(f"{line}\n" for line in [*lines, *map(str, sorted(heads, key=lambda head: head.case))]).encode()
    parse_heads(content)
    return content


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 (hex) by which the next file names this one."""
    return sha256(content).hexdigest()


def parse_heads(content: bytes) -> Heads:
    """Return what a file of heads says. Raises HeadsError, naming the line, for any file not exactly of this form."""
    lines = _lines(content)
    if lines[0] != FIRST_LINE:
        raise HeadsError(1, f"is {_short(lines[0])}; a heads file of this version begins with {FIRST_LINE!r}")
    header = [_header(lines, number, name) for number, name in enumerate(_HEADER, start=2)]
    council, day, sealed_at, previous = header[0], _day(header[1]), _sealed(header[2]), header[3]
    if not _COUNCIL.fullmatch(council):
        raise HeadsError(2, f"names the council {_short(council)}; expected its id, such as 'southampton'")
    if date_in_london(sealed_at) <= day:
        raise HeadsError(
            4, f"says it was sealed at {instant_in_words(sealed_at)}, before {day_in_words(day)} was over in London"
        )
    if not _HASH.fullmatch(previous):
        raise HeadsError(5, f"names {_short(previous)} as the file before; expected 64 hexadecimal digits")
    first = len(_HEADER) + 2
    heads = tuple(_head(line, number) for number, line in enumerate(lines[first - 1 :], start=first))
    for number, (before, head) in enumerate(pairwise(heads), start=first + 1):
        if head.case <= before.case:
            raise HeadsError(number, f"has case {head.case} behind {before.case}; each case comes once, in order")
    return Heads(council, day, sealed_at, previous, heads)


def _lines(content: bytes) -> list[str]:
    if len(content) > LARGEST:
        raise HeadsError(1, f"begins a file of {len(content)} bytes; expected {LARGEST} at most")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise HeadsError(line, "is not UTF-8; take the file as it was sent") from error
    *lines, rest = text.split("\n")
    if rest or not lines:
        raise HeadsError(len(lines) + 1, "does not end with a line feed: the end of the file is missing")
    return lines


def _header(lines: list[str], number: int, name: str) -> str:
    line = lines[number - 1] if number <= len(lines) else ""
    before, colon, value = line.partition(": ")
    if before != name or not colon:
        raise HeadsError(number, f"is {_short(line)}; expected '{name}: ...'")
    return value


def _day(text: str) -> date:
    try:
        if (day := parse_day(text)).isoformat() == text:
            return day
    except ValueError:
        pass
    raise HeadsError(3, f"names the day {_short(text)}; expected a day of the calendar such as 2017-08-01")


def _sealed(text: str) -> datetime:
    try:
        if _SEALED.fullmatch(text):
            return read_instant(text)
    except ValueError:
        pass
    raise HeadsError(4, f"says it was sealed at {_short(text)}; expected one such as 2017-08-01T23:00:00.000000Z")


def _head(line: str, number: int) -> Head:
    found = _HEAD.fullmatch(line)
    if found is None:
        raise HeadsError(number, f"is {_short(line)}; expected 'CASE NUMBER HASH', the hash of 64 hexadecimal digits")
    return Head(found["case"], int(found["number"]), found["hash"])


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")

"""Calendar files: dates for a diary, which move or fall away when the date does (RFC 5545, RFC 5546)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_THE_MORNING_BEFORE = "-PT15H"  # an all-day entry begins at midnight
_PRODUCT = "-//Cleardays//Statutory dates//EN"


@dataclass(frozen=True, slots=True)
class DiaryDay:
    """A whole day in a diary.

    `uid` stays the same while the day moves; `sequence` grows each time, so that a diary replaces what it holds.
    What is `cancelled` leaves the diary; only what still has to be done is `to_do` and has a reminder, at 9 on the
    morning before.
    """

    uid: str
    summary: str
    description: str
    on: date  #: a day in London
    sequence: int = 0
    cancelled: bool = False
    to_do: bool = True

    def __post_init__(self) -> None:
        """Refuse what a diary would misread."""
        if isinstance(self.on, datetime):
            raise ValueError(f"The entry is for a whole day; give a date instead of {self.on.isoformat()}.")
        if self.sequence < 0:
            raise ValueError(
                f"The sequence {self.sequence} is below 0; it starts at 0 and grows when the date moves."
            )


def calendar_file(
    days: Sequence[DiaryDay], *, stamp: datetime, name: str = "", organiser: str | None = None, cancels: bool = False
) -> bytes:
    """Return an iCalendar file of these days, to be imported into a diary; the same arguments give the same bytes.

    `stamp` is the aware instant of writing, `name` what a diary calls the collection, `organiser` an e-mail address.
    A file that `cancels` takes all its days out of the diary of whoever opens it (METHOD:CANCEL); otherwise a
    cancelled day is published as such. Raises ValueError for a naive `stamp`, for a file without days or with one UID
    twice, and where a file that cancels holds a day that stands.
    """
    _check(days, stamp, cancels)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", f"METHOD:{'CANCEL' if cancels else 'PUBLISH'}"]
    if name:
        lines.append(f"X-WR-CALNAME:{_one_line(name)}")
    written = stamp.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    for day in days:
        lines += _event(day, written, organiser)
    lines += ["END:VCALENDAR", ""]
    return "\r\n".join(map(_folded, lines)).encode()


def _check(days: Sequence[DiaryDay], stamp: datetime, cancels: bool) -> None:
    if stamp.tzinfo is None:
        raise ValueError(f"The stamp {stamp.isoformat()} has no time zone; give an aware datetime.")
    if not days:
        raise ValueError("A calendar file without an entry cannot be imported; give at least one day.")
    uids = [day.uid for day in days]
    if twice := sorted({uid for uid in uids if uids.count(uid) > 1}):
        raise ValueError(f"The UID {twice[0]} stands twice; a diary would keep one of the two entries only.")
    if cancels and (standing := [day.uid for day in days if not day.cancelled]):
        raise ValueError(f"The entry {standing[0]} is not cancelled; a file that cancels takes all its entries out.")


def _event(day: DiaryDay, written: str, organiser: str | None) -> list[str]:
    """Return the lines of one entry, in the order in which the icalendar package writes them."""
    summary = _text(day.summary)
    alarm = [
        "BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{summary}", f"TRIGGER:{_THE_MORNING_BEFORE}", "END:VALARM",
    ] if day.to_do and not day.cancelled else []  # fmt: skip
    return [
        "BEGIN:VEVENT",
        f"SUMMARY:{summary}",
        f"DTSTART;VALUE=DATE:{day.on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day.on + timedelta(days=1):%Y%m%d}",
        f"DTSTAMP:{written}",
        f"UID:{_text(day.uid)}",
        f"SEQUENCE:{day.sequence}",
        f"DESCRIPTION:{_text(day.description)}",
        *([] if organiser is None else [f"ORGANIZER:mailto:{_one_line(organiser)}"]),
        f"STATUS:{'CANCELLED' if day.cancelled else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",  # a last day does not make anyone busy
        *alarm,
        "END:VEVENT",
    ]


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


def _text(text: str) -> str:
    """Return text as RFC 5545 (3.3.11) writes it: backslashes, semicolons, commas and line breaks escaped."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Return a line in pieces of fewer than 75 octets (RFC 5545, 3.1), none ending between \\ and what it escapes."""
    if len(line) < 75 and line.isascii():
        return line
    pieces, begin, octets = [], 0, 0
    for place, character in enumerate(line):
        size = len(character.encode())
        if octets + size >= 75:
            end = place - 1 if place - begin > 1 and line[place - 1] in "\\^" else place
            pieces.append(line[begin:end])
            begin, octets = end, place - end
        octets += size
    return "\r\n ".join([*pieces, line[begin:]])

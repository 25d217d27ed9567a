"""Calendar files: dates for a diary, which move or fall away when the date does (RFC 5545, RFC 5546)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icalendar import Event

_THE_MORNING_BEFORE = timedelta(hours=-15)  # an all-day entry begins at midnight
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
    from icalendar import Calendar

    _check(days, stamp, cancels)
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancels else "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
    for day in days:
        calendar.add_component(_event(day, stamp, organiser))
    content: bytes = calendar.to_ical()
    return content


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


def _event(day: DiaryDay, stamp: datetime, organiser: str | None) -> Event:
    from icalendar import Alarm, Event, vCalAddress

    entry = Event()
    entry.add("uid", day.uid)
    entry.add("dtstamp", stamp.astimezone(UTC).replace(microsecond=0))
    entry.add("dtstart", day.on)
    entry.add("dtend", day.on + timedelta(days=1))
    entry.add("summary", day.summary)
    entry.add("description", day.description)
    entry.add("sequence", day.sequence)
    entry.add("status", "CANCELLED" if day.cancelled else "CONFIRMED")
    entry.add("transp", "TRANSPARENT")  # a last day does not make anyone busy
    if organiser is not None:
        entry.add("organizer", vCalAddress(f"mailto:{organiser}"))
    if day.to_do and not day.cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", day.summary)
        alarm.add("trigger", _THE_MORNING_BEFORE)
        entry.add_component(alarm)
    return entry

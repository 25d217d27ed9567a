"""Calendar files: a date for a consultee's diary, which moves or falls away when the date does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_THE_MORNING_BEFORE = timedelta(hours=-15)  # an all-day entry begins at midnight


def feedback_date(
    uid: str,
    case_ref: str,
    summary: str,
    description: str,
    on: date,
    sequence: int = 0,
    cancelled: bool = False,
    *,
    stamp: datetime,
    organiser: str | None = None,
) -> bytes:
    """Return an iCalendar file (RFC 5545) with one all-day entry, and a reminder at 9 on the morning before.

    `uid` stays the same while the date moves; `sequence` grows by one each time, so that a diary replaces
    what it holds. `cancelled` takes the entry out of the diary. `stamp` is the aware instant of writing,
    `organiser` an e-mail address. The same arguments give the same bytes.
    Raises ValueError for a naive `stamp`, an instant in place of a day, or a negative `sequence`.
    """
    from icalendar import Alarm, Calendar, Event, vCalAddress

    if stamp.tzinfo is None:
        raise ValueError(f"The stamp {stamp.isoformat()} has no time zone; give an aware datetime.")
    if isinstance(on, datetime):
        raise ValueError(f"The entry is for a whole day; give a date instead of {on.isoformat()}.")
    if sequence < 0:
        raise ValueError(f"The sequence {sequence} is below 0; it starts at 0 and grows when the date moves.")

    entry = Event()
    entry.add("uid", uid)
    entry.add("dtstamp", stamp.astimezone(UTC))
    entry.add("dtstart", on)
    entry.add("dtend", on + timedelta(days=1))
    entry.add("summary", summary if case_ref in summary else f"{summary} ({case_ref})")
    entry.add("description", description)
    entry.add("sequence", sequence)
    entry.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    entry.add("transp", "TRANSPARENT")  # a last day does not make anyone busy
    if organiser is not None:
        entry.add("organizer", vCalAddress(f"mailto:{organiser}"))
    if not cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", _THE_MORNING_BEFORE)
        entry.add_component(alarm)

    calendar = Calendar()
    calendar.add("prodid", "-//Cleardays//Feedback dates//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(entry)
    content: bytes = calendar.to_ical()
    return content

"""London time: which day an instant belongs to, where a day ends, and dates in words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
LAST_TIME = time(23, 59, 59, 999999)

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ]"
    r"(?P<clock>[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)"
    r" ?(?P<offset>[Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)


def date_in_london(instant: datetime) -> date:
    """Return the day it is in London at an aware instant; a time without a zone is a ValueError.

    A statutory date is a London date: 2017-06-30T23:30Z is already 1 July there
    (Interpretation Act 1978 s.9, Summer Time Act 1972).
    """
    if instant.utcoffset() is None:
        raise ValueError(
            f"{instant.isoformat()} has no time zone, so its London date is unknown; add Z or an offset"
        )
    return instant.astimezone(LONDON).date()


def first_instant_of(day: date) -> datetime:
    """Return 00:00:00 in London on a day, as an aware instant."""
    return datetime.combine(day, time.min, LONDON)


def last_instant_of(day: date) -> datetime:
    """Return 23:59:59.999999 in London on a day: the one instant shown and enforced as its end."""
    return datetime.combine(day, LAST_TIME, LONDON)


def days_between(earlier: date, later: date) -> int:
    """Return how many days lie from one date to another: 1 for tomorrow, negative when reversed."""
    return (later - earlier).days


def parse_day(text: str) -> date:
    """Return the date written as 2017-07-26, or raise a ValueError that names the text."""
    written = text.strip()
    if _DAY.fullmatch(written):
        try:
            return date.fromisoformat(written)
        except ValueError:
            pass
    raise ValueError(f"'{text}' is not a date; write it as 2017-07-26")


def parse_instant(text: str) -> datetime:
    """Return the instant written as 2017-08-01T10:00, as an aware time in London.

    An offset or Z is honoured; without one the clock on the wall in London is meant. A clock time
    that comes twice when summer time ends is read as the earlier one, because an earlier start never
    makes a deadline late. One that is skipped when summer time begins, or does not exist at all, is a
    ValueError that names the text.
    """
    found = _INSTANT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"'{text}' is not a date and time; write it as 2017-08-01T10:00")
    day, clock, offset = found["day"], found["clock"], found["offset"]
    try:
        written = datetime.fromisoformat(f"{day}T{clock}{(offset or '').upper()}")
        in_london = written.replace(tzinfo=LONDON) if offset is None else written.astimezone(LONDON)
    except (ValueError, OverflowError):
        raise ValueError(f"'{text}' is not a date and time; write it as 2017-08-01T10:00") from None
    if offset is None and not _is_shown_by_a_clock(in_london):
        raise ValueError(
            f"'{text}' never happened in London: the clocks went forward over it;"
            " write a time before 01:00 or from 02:00"
        )
    return in_london


def _is_shown_by_a_clock(in_london: datetime) -> bool:
    """Tell whether a London clock ever shows this time: it survives the way to UTC and back."""
    there_and_back = in_london.astimezone(UTC).astimezone(LONDON)
    return there_and_back.replace(tzinfo=None) == in_london.replace(tzinfo=None)


def day_in_words(day: date) -> str:
    """Return a date as it is written in a letter: Saturday 9 September 2017."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day_in_words(day: date) -> str:
    """Return a date as it fits in a table: Sat 9 Sep 2017."""
    return f"{_DAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1][:3]} {day.year}"


def instant_in_words(instant: datetime) -> str:
    """Return an aware instant as London reads it: 10:00 on Tuesday 1 August 2017."""
    day = date_in_london(instant)
    return f"{instant.astimezone(LONDON):%H:%M} on {day_in_words(day)}"

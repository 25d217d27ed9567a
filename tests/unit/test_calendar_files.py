"""Calendar files: what a diary reads back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from notifications.calendar_files import feedback_date

WRITTEN_AT = datetime(2017, 8, 4, 9, 30, tzinfo=UTC)


def entry(**changes: Any) -> bytes:
    """The calendar file of a feedback date, with some of its arguments changed."""
    given: dict[str, Any] = {
        "uid": "PC-2017-01-feedback-healthwatch@example.org",
        "case_ref": "PC-2017-01",
        "summary": "Last day to answer",
        "description": "Reply to replies@example.org; quote PC-2017-01.\nOr telephone.",
        "on": date(2017, 8, 18),
        "stamp": WRITTEN_AT,
    }
    return feedback_date(**given | changes)


def test_the_last_day_is_a_whole_day_in_the_diary_and_makes_nobody_busy() -> None:
    """The entry is a DATE, so no time zone can move it; text with commas and line breaks survives."""
    calendar = Calendar.from_ical(entry())
    [event] = calendar.events
    assert calendar["METHOD"] == "PUBLISH"
    assert (event.start, event.end) == (date(2017, 8, 18), date(2017, 8, 19))
    assert b"DTSTART;VALUE=DATE:20170818\r\n" in entry()
    assert event["SUMMARY"] == "Last day to answer (PC-2017-01)"
    assert event["DESCRIPTION"] == "Reply to replies@example.org; quote PC-2017-01.\nOr telephone."
    assert event["TRANSP"] == "TRANSPARENT"


def test_the_diary_reminds_on_the_morning_before() -> None:
    """Fifteen hours before midnight is 9 o'clock on the day before."""
    [event] = Calendar.from_ical(entry()).events
    [alarm] = event.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(hours=-15)


def test_a_moved_date_replaces_the_entry_it_was() -> None:
    """Same UID, next SEQUENCE, new day."""
    [was] = Calendar.from_ical(entry()).events
    [moved] = Calendar.from_ical(entry(on=date(2017, 8, 25), sequence=1)).events
    assert moved["UID"] == was["UID"]
    assert (was["SEQUENCE"], moved["SEQUENCE"]) == (0, 1)
    assert moved.start == date(2017, 8, 25)


def test_a_cancelled_date_leaves_the_diary() -> None:
    """METHOD:CANCEL with the same UID, and no reminder."""
    calendar = Calendar.from_ical(entry(sequence=2, cancelled=True))
    [event] = calendar.events
    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert not event.walk("VALARM")


def test_the_same_entry_is_the_same_bytes() -> None:
    """Nothing in the file depends on when or where it is made; its lines end with CRLF and fit 75 bytes."""
    content = entry(organiser="public.health@example.org", description="é" * 200)
    assert content == entry(organiser="public.health@example.org", description="é" * 200)
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 75


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"stamp": datetime(2017, 8, 4)}, "no time zone"),
        ({"on": WRITTEN_AT}, "whole day"),
        ({"sequence": -1}, "below 0"),
    ],
)
def test_what_a_diary_would_misread_is_refused(changes: dict[str, Any], complaint: str) -> None:
    """A naive stamp, an instant for a day and a negative sequence are named."""
    with pytest.raises(ValueError, match=complaint):
        entry(**changes)

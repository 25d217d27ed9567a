"""Calendar files: what a diary reads back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from notifications.calendar_files import DiaryDay, calendar_file

WRITTEN_AT = datetime(2017, 8, 4, 9, 30, tzinfo=UTC)
DAY = DiaryDay(
    uid="PC-2017-001-5f0c@example.org",
    summary="Last day to answer (PC-2017-001)",
    description="Reply to replies@example.org; quote PC-2017-001, please.\nOr telephone.",
    on=date(2017, 8, 18),
)


def file(*days: DiaryDay, **more: Any) -> bytes:
    """The calendar file of some days, written on the morning of 4 August 2017."""
    return calendar_file(days or (DAY,), **{"stamp": WRITTEN_AT, **more})


def changed(**changes: Any) -> DiaryDay:
    """The day with some of its fields changed."""
    return replace(DAY, **changes)


def test_the_last_day_is_a_whole_day_in_the_diary_and_makes_nobody_busy() -> None:
    """The entry is a DATE, so no time zone can move it; text with commas and line breaks survives."""
    calendar = Calendar.from_ical(file())
    [event] = calendar.events
    assert calendar["METHOD"] == "PUBLISH"
    assert (event.start, event.end) == (date(2017, 8, 18), date(2017, 8, 19))
    assert b"DTSTART;VALUE=DATE:20170818\r\n" in file()
    assert event["SUMMARY"] == "Last day to answer (PC-2017-001)"
    assert event["DESCRIPTION"] == "Reply to replies@example.org; quote PC-2017-001, please.\nOr telephone."
    assert event["TRANSP"] == "TRANSPARENT"


def test_the_diary_reminds_on_the_morning_before() -> None:
    """Fifteen hours before midnight is 9 o'clock on the day before."""
    [event] = Calendar.from_ical(file()).events
    [alarm] = event.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(hours=-15)


def test_what_is_done_stays_in_the_diary_without_a_reminder() -> None:
    """Nobody is reminded of what they have answered."""
    [event] = Calendar.from_ical(file(changed(to_do=False))).events
    assert event["STATUS"] == "CONFIRMED"
    assert not event.walk("VALARM")


def test_a_moved_date_replaces_the_entry_it_was() -> None:
    """Same UID, next SEQUENCE, new day."""
    [was] = Calendar.from_ical(file()).events
    [moved] = Calendar.from_ical(file(changed(on=date(2017, 8, 25), sequence=1))).events
    assert moved["UID"] == was["UID"]
    assert (was["SEQUENCE"], moved["SEQUENCE"]) == (0, 1)
    assert moved.start == date(2017, 8, 25)


def test_a_file_that_cancels_takes_its_dates_out_of_the_diary() -> None:
    """METHOD:CANCEL with the same UID, and no reminder."""
    calendar = Calendar.from_ical(file(changed(sequence=2, cancelled=True), cancels=True))
    [event] = calendar.events
    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert not event.walk("VALARM")


def test_a_whole_diary_shows_what_was_cancelled_among_what_stands() -> None:
    """One file, many entries: METHOD:PUBLISH for all, STATUS:CANCELLED for the one that fell away."""
    days = [replace(DAY, uid=f"{number}@example.org", cancelled=number == 1) for number in range(3)]
    calendar = Calendar.from_ical(file(*days, name="PC-2017-001, Healthwatch", organiser="public.health@example.org"))
    assert calendar["METHOD"] == "PUBLISH"
    assert calendar["X-WR-CALNAME"] == "PC-2017-001, Healthwatch"
    assert [event["STATUS"] for event in calendar.events] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert [bool(event.walk("VALARM")) for event in calendar.events] == [True, False, True]
    assert {event["ORGANIZER"] for event in calendar.events} == {"mailto:public.health@example.org"}


def test_the_same_dates_are_the_same_bytes() -> None:
    """Nothing in the file depends on when or where it is made; its lines end with CRLF and fit 75 bytes."""
    day = changed(description="é" * 200, summary="Łódź, Сочи; 日本 \\ " * 12)
    content = file(day, organiser="public.health@example.org")
    assert content == file(day, organiser="public.health@example.org")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    [event] = Calendar.from_ical(content).events
    assert (event["SUMMARY"], event["DESCRIPTION"]) == (day.summary, day.description)


def test_the_stamp_is_the_instant_in_utc() -> None:
    """DTSTAMP is the same for one instant, in whichever time zone it was given."""
    in_summer = WRITTEN_AT.astimezone(timezone(timedelta(hours=1)))
    assert file(stamp=in_summer) == file()
    assert b"DTSTAMP:20170804T093000Z\r\n" in file()


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: file(stamp=datetime(2017, 8, 4)), "no time zone"),
        (lambda: changed(on=WRITTEN_AT), "whole day"),
        (lambda: changed(sequence=-1), "below 0"),
        (lambda: calendar_file([], stamp=WRITTEN_AT), "without an entry"),
        (lambda: file(DAY, changed(on=date(2017, 8, 25))), "stands twice"),
        (lambda: file(cancels=True), "is not cancelled"),
    ],
)
def test_what_a_diary_would_misread_is_refused(make: Any, complaint: str) -> None:
    """A naive stamp, an instant for a day, a negative sequence, and files that contradict themselves are named."""
    with pytest.raises(ValueError, match=complaint):
        make()


@given(
    summary=st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))), to_do=st.booleans(),
    description=st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), include_characters="\n\\,;^")),
    cancelled=st.booleans(), sequence=st.integers(0, 99),
)  # fmt: skip
def test_the_bytes_are_those_of_the_icalendar_package(summary: str, description: str, **more: Any) -> None:
    """Read and written again by the package, a file is the same to the last byte: escapes, folds and order."""
    written = file(changed(summary=summary, description=description, **more), name="PC-2017-001: dates",
                   organiser="replies@example.org")  # fmt: skip
    assert Calendar.from_ical(written).to_ical() == written
    [event] = Calendar.from_ical(written).events
    assert (event["SUMMARY"], event["DESCRIPTION"]) == (summary, description)

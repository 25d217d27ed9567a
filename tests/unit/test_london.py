"""London time: the day of an instant, the ends of a day, reading and writing dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from models.london import (
    LONDON,
    date_in_london,
    day_in_words,
    days_between,
    first_instant_of,
    instant_in_words,
    last_instant_of,
    parse_day,
    parse_instant,
    short_day_in_words,
)

SPRING, AUTUMN = date(2017, 3, 26), date(2017, 10, 29)


def test_an_instant_without_a_zone_has_no_london_date() -> None:
    """A naive time is refused by name rather than guessed."""
    with pytest.raises(ValueError, match="2017-08-01T10:00:00 has no time zone"):
        date_in_london(datetime(2017, 8, 1, 10))


@pytest.mark.parametrize("change", [SPRING, AUTUMN])
@pytest.mark.parametrize("offset", range(-3, 4))
def test_each_day_of_a_clock_change_week_ends_where_the_next_begins(change: date, offset: int) -> None:
    """One microsecond parts 23:59:59.999999 from 00:00:00, also when the day has 23 or 25 hours."""
    day = change + timedelta(days=offset)
    last, first = (
        last_instant_of(day).astimezone(UTC),
        first_instant_of(day + timedelta(days=1)).astimezone(UTC),
    )
    assert first - last == timedelta(microseconds=1)
    assert (date_in_london(last), date_in_london(first)) == (day, day + timedelta(days=1))


def test_the_change_days_are_an_hour_short_and_an_hour_long() -> None:
    """The spring change day has 23 hours and the autumn one 25."""
    for day, hours in [(SPRING, 23), (AUTUMN, 25)]:
        begins, next_begins = first_instant_of(day), first_instant_of(day + timedelta(days=1))
        assert next_begins.astimezone(UTC) - begins.astimezone(UTC) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("written", "in_utc"),
    [
        ("2017-08-01T10:00", "2017-08-01T09:00:00+00:00"),
        ("2017-08-01 10:00", "2017-08-01T09:00:00+00:00"),
        ("2017-08-01T10:00:30", "2017-08-01T09:00:30+00:00"),
        ("2017-08-01T10:00:30.5", "2017-08-01T09:00:30.500000+00:00"),
        (" 2017-01-01T10:00 ", "2017-01-01T10:00:00+00:00"),
        ("2017-08-01T10:00Z", "2017-08-01T10:00:00+00:00"),
        ("2017-08-01T10:00z", "2017-08-01T10:00:00+00:00"),
        ("2017-08-01T10:00+02:00", "2017-08-01T08:00:00+00:00"),
        ("2017-08-01T10:00-0500", "2017-08-01T15:00:00+00:00"),
        ("2017-10-29T01:30+00:00", "2017-10-29T01:30:00+00:00"),
    ],
)
def test_an_instant_is_read_with_its_offset_or_as_london_time(written: str, in_utc: str) -> None:
    """An offset or Z is honoured; without one the London clock is meant."""
    instant = parse_instant(written)
    assert instant.astimezone(UTC).isoformat() == in_utc
    assert instant.tzinfo is LONDON


def test_a_clock_time_that_comes_twice_is_the_earlier() -> None:
    """On the autumn change 01:30 comes twice; the first one, still summer time, is taken."""
    assert parse_instant("2017-10-29T01:30").astimezone(UTC) == datetime(2017, 10, 29, 0, 30, tzinfo=UTC)


def test_a_clock_time_that_never_comes_is_refused() -> None:
    """On the spring change the clocks skip from 01:00 to 02:00."""
    with pytest.raises(ValueError, match="'2017-03-26T01:30' never happened in London"):
        parse_instant("2017-03-26T01:30")
    assert parse_instant("2017-03-26T02:00").astimezone(UTC) == datetime(2017, 3, 26, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2017-08-01", "2017-02-30T10:00", "2017-08-01T25:00", "2017-08-01T10:00+99:00"]
)
def test_what_is_not_an_instant_is_refused_by_name(text: str) -> None:
    """The error names the text and shows the form expected."""
    with pytest.raises(
        ValueError, match=f"'{text}' is not a date and time; write it as 2017-08-01T10:00".replace("+", r"\+")
    ):
        parse_instant(text)


def test_an_instant_off_the_end_of_the_calendar_is_refused() -> None:
    """An offset that leads before the year 1 is a clear error, not an overflow."""
    with pytest.raises(ValueError, match="is not a date and time"):
        parse_instant("0001-01-01T00:00+14:00")


def test_a_day_is_read_in_one_form_only() -> None:
    """Year, month and day with hyphens; surrounding spaces are forgiven."""
    assert parse_day(" 2017-07-26 ") == date(2017, 7, 26)
    for text in ["30/02/2017", "2017-02-30", "20170726", "2017-W30-3", "26 July 2017", ""]:
        with pytest.raises(ValueError, match=f"'{text}' is not a date; write it as 2017-07-26"):
            parse_day(text)


def test_dates_in_words() -> None:
    """Letters say the day of the week; tables shorten it; instants give the London clock."""
    assert day_in_words(date(2017, 9, 9)) == "Saturday 9 September 2017"
    assert short_day_in_words(date(2017, 9, 9)) == "Sat 9 Sep 2017"
    assert instant_in_words(datetime(2017, 8, 1, 9, tzinfo=UTC)) == "10:00 on Tuesday 1 August 2017"


def test_days_between_counts_forward_and_back() -> None:
    """Tomorrow is one day on, yesterday one day back, whatever the clocks do."""
    assert days_between(date(2017, 7, 26), date(2017, 9, 9)) == 45
    assert days_between(date(2017, 3, 27), date(2017, 3, 26)) == -1

"""Phrases for periods: each one known, read as people write them, refused with help."""

from __future__ import annotations

import pytest

from models.periods import (
    Period,
    at_least_working_days_before,
    before,
    beginning_with,
    by,
    clear_days_before,
    clear_working_days_before,
    every,
    first_working_day_after_clear,
    prior_to,
    within,
)
from models.phrases import KNOWN_PHRASES, parse_phrase


@pytest.mark.parametrize(
    ("phrase", "period"),
    [
        ("within 45 days of", within(45, "days")),
        ("within 14 calendar days of", within(14, "calendar days")),
        ("within 1 week of", within(1, "weeks")),
        ("within 6 months of", within(6, "months")),
        ("60 days beginning with", beginning_with(60, "days")),
        ("by", by()),
        ("before", before()),
        ("prior to", prior_to()),
        ("28 clear days before", clear_days_before(28)),
        ("5 clear working days before", clear_working_days_before(5)),
        ("at least 5 working days before", at_least_working_days_before(5)),
        ("within 20 working days of", within(20, "working days")),
        ("the first working day after 5 clear working days after", first_working_day_after_clear(5)),
        ("every 6 weeks from", every(6, "weeks")),
    ],
)
def test_each_phrase_is_its_period_and_says_itself_again(phrase: str, period: Period) -> None:
    """A phrase reads to the period a flow would write, and the period's words are the phrase."""
    assert parse_phrase(phrase) == period
    assert period.words == phrase


@pytest.mark.parametrize("phrase", KNOWN_PHRASES)
def test_every_phrase_listed_is_read(phrase: str) -> None:
    """What the error offers works when a number takes the place of N."""
    assert parse_phrase(phrase.replace("N ", "7 ")).words == phrase.replace("N ", "7 ")


def test_capitals_spaces_and_the_singular_do_not_matter() -> None:
    """People write "Within  1 Day of"; the source they read it in is kept."""
    assert parse_phrase("  Within  1 Day of ", source="minute 12") == within(1, "days", source="minute 12")
    assert parse_phrase("1 clear working day before").words == "1 clear working day before"


@pytest.mark.parametrize(
    "text", ["", "in 3 days", "within days of", "within five days of", "within -5 days of"]
)
def test_an_unknown_phrase_lists_those_known(text: str) -> None:
    """The error names what was written and every phrase that would do."""
    with pytest.raises(ValueError, match=f"'{text}' is not a period known here") as refused:
        parse_phrase(text)
    assert all(phrase in str(refused.value) for phrase in KNOWN_PHRASES)


def test_nought_is_no_period() -> None:
    """A known phrase with an impossible number says so."""
    with pytest.raises(ValueError, match="0 days is no period"):
        parse_phrase("within 0 days of")

"""A board that should meet every month and each quarter on performance: what was missed, and what drifted."""

from __future__ import annotations

from datetime import date

from models.board_meetings import meetings_kept
from models.council import load_council

SOUTHAMPTON = load_council("southampton")


def test_southamptons_published_meetings_keep_every_month_and_quarter() -> None:
    """P25, P26, 000:252-257: monthly, and at least one each quarter on the section 75 agreement; none is off."""
    section = SOUTHAMPTON.joint_commissioning
    assert section is not None
    held = SOUTHAMPTON.body(section.board).meetings
    kept = meetings_kept(held, section.performance_meetings, date(2017, 8, 1), date(2027, 12, 31),
                         tolerance_days=section.meeting_tolerance_days.value)  # fmt: skip
    assert kept.in_words() == []


def test_a_month_without_a_meeting_and_a_quarter_without_performance_are_named() -> None:
    """P25, P26, 000:252-257: each missing one in a sentence; the month that is not over is not judged."""
    held = [date(2019, 3, 20), date(2019, 5, 15), date(2019, 6, 11)]
    kept = meetings_kept(held, [date(2019, 3, 20)], date(2019, 1, 1), date(2019, 7, 1), tolerance_days=7)
    assert kept.in_words() == [
        "No meeting of the Board in January 2019 (ToR 6.4).",
        "No meeting of the Board in February 2019 (ToR 6.4).",
        "No meeting of the Board in April 2019 (ToR 6.4).",
        "No meeting on the partnership agreement in the quarter from 1 April 2019 (ToR 6.5).",
        "Monthly meeting planned Thursday 20 June 2019, held Tuesday 11 June 2019: 9 days early (ToR 6.4).",
    ]


def test_a_drift_within_the_tolerance_is_not_reported() -> None:
    """P25, 000:252, local policy: a week either way; the eighth day is reported."""
    held = [date(2019, 1, 10), date(2019, 2, 17), date(2019, 3, 18)]
    kept = meetings_kept(held, held, date(2019, 1, 1), date(2019, 3, 31), tolerance_days=7)
    assert [drift.days for drift in kept.off_their_day] == [8]


def test_a_board_without_meetings_misses_every_month() -> None:
    """000:252: no meeting, no day to be off."""
    kept = meetings_kept([], [], date(2019, 1, 1), date(2019, 2, 1), tolerance_days=7)
    assert [month.first for month in kept.months] == [date(2019, 1, 1)]
    assert kept.off_their_day == ()

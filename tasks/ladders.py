"""Ladders of reminders: so many days before a day, or after it, and of those that are due the newest alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from tasks.drafting import morning_of
from tasks.waiting import due


def newest_rung(day: date, since: date | None, ladder: Sequence[int]) -> int | None:
    """Return the newest rung (days before `day`) of a falling ladder that has come, or None; the rest ask for a turn.

    Rungs on or before the London day `since`, if one is given, are left out. Missed ones are skipped, never bunched.
    """
    mornings = {rung: day - timedelta(days=rung) for rung in ladder}
    return _newest({rung: on for rung, on in mornings.items() if since is None or on > since})


def newest_rung_after(day: date, ladder: Sequence[int]) -> int | None:
    """Return the newest rung (days after `day`) of a rising ladder that has come, or None; the rest ask for a turn."""
    return _newest({rung: day + timedelta(days=rung) for rung in ladder})


def _newest(mornings: dict[int, date]) -> int | None:
    come = [rung for rung, on in mornings.items() if due(morning_of(on))]
    return come[-1] if come else None

"""Ladders of reminders: so many days before a day, the newest rung that is due alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from tasks.drafting import morning_of
from tasks.waiting import due


def newest_rung(day: date, since: date, ladder: Sequence[int]) -> int | None:
    """Return the newest rung (days before `day`) of a falling ladder that has come, or None; the rest ask for a turn.

    Rungs on or before the London day `since` are left out. Missed rungs are skipped, never bunched.
    """
    mornings = {rung: day - timedelta(days=rung) for rung in ladder}
    come = [rung for rung, morning in mornings.items() if morning > since and due(morning_of(morning))]
    return come[-1] if come else None

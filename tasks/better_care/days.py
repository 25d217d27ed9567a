"""The day on which something happened, as an officer enters it."""

from __future__ import annotations

from datetime import date

from models.better_care import BetterCarePlan
from models.london import day_in_words
from tasks.forms import Refused


def happened_on(case: BetterCarePlan, on: date | None, what: str, *, not_before: date | None = None) -> date:
    """Return the London day of `what`, today unless told.

    Raises Refused for a day ahead, and for one before `not_before` (by default the day the draft was received).
    """
    day, first = on or case.today, not_before or case.began_on
    if day > case.today:
        raise Refused(f"{what} of {day_in_words(day)} lies ahead; record it once it has happened")
    if day < first:
        before = "the draft was received" if not_before is None else "what it follows"
        raise Refused(f"{what} of {day_in_words(day)} is before {before}, {day_in_words(first)}; check the day")
    return day

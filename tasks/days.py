"""The day on which something happened, as an officer enters it: never ahead, and never before its case could have been.

A slip in a typed year would count as kept in time what was not, so every verb that takes such a day asks here.
"""

from __future__ import annotations

from datetime import date, timedelta

from models.cases import Case
from models.london import day_in_words
from tasks.forms import Refused

BEFOREHAND = timedelta(days=183)  #: how long before its case was entered a notice or a consent to it may have come


def happened_on(case: Case, on: date | None, what: str, *, not_before: date | None = None) -> date:
    """Return the London day of `what`, today unless told.

    Raises Refused for a day ahead, and for one before `not_before` (by default the day on which the case began).
    """
    day, first = on or case.today, not_before or case.began_on
    if day > case.today:
        raise Refused(f"{what} of {day_in_words(day)} lies ahead; record it once it has happened")
    if day < first:
        before = "the case began" if not_before is None else "what it follows"
        raise Refused(f"{what} of {day_in_words(day)} is before {before}, {day_in_words(first)}; check the day")
    return day


def happened_beforehand(case: Case, on: date | None, what: str) -> date:
    """Return the London day of what may have come before its case was entered: a notice, its papers, a consent.

    Raises Refused for a day ahead, and for one so long before the case began that its year is a slip.
    """
    first = case.began_on - BEFOREHAND
    if on is not None and on < first:
        raise Refused(
            f"{what} of {day_in_words(on)} is more than half a year before the case began, "
            f"{day_in_words(case.began_on)}; check the year"
        )
    return happened_on(case, on, what, not_before=first)

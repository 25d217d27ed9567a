"""What is late: by the day itself, or only since an entry moved it."""

from __future__ import annotations

from models.cases import Case, Status
from models.deadlines import Deadline
from models.london import day_in_words

LATE = (Status.PASSED, Status.MET_LATE)


def over(case: Case) -> list[str]:
    """Return each last day of a case that has passed undone, the newest first, in sentences."""
    passed = [each for each, status in case.deadlines() if status is Status.PASSED and each.sense != "first day"]
    return [_over_since(each) for each in sorted(passed, key=lambda each: each.last_day, reverse=True)]


def made_late(before: Case, after: Case) -> list[str]:
    """Return what is late by the dates of `after` and was not by those of `before`, in sentences.

    The time to answer ends by itself, so that nothing is late when it has.
    """
    was = {each.name for each, status in before.deadlines() if status in LATE}
    return [
        _over_since(each) if status is Status.PASSED else _done_late(each)
        for each, status in after.deadlines()
        if status in LATE and each.name not in was and not each.name.startswith("feedback")
    ]


def _over_since(deadline: Deadline) -> str:
    return f"The last day for the {deadline.name} has passed: it was {day_in_words(deadline.last_day)}."


def _done_late(deadline: Deadline) -> str:
    return f"That makes the {deadline.name} late: it was done after {day_in_words(deadline.last_day)}."

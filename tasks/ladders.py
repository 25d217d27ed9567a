"""Ladders of reminders: so many days before a day, or after it, and of those that are due the newest alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from models.cases import Case
from models.council_procedures import ANY_DAY
from tasks.drafting import morning_of
from tasks.waiting import due


def rungs(case: Case, day: date, since: date | None, ladder: Sequence[int]) -> dict[int, date]:
    """Return the London day of each rung (days before `day`) of a falling ladder; none on or before `since`, if given.

    Where the council's file wants reminders on working days, a rung on a day off comes on the last working day before
    it: never later, and on its own day where that one is on or before `since`.
    """
    after, policy = since or date.min, case.council.local_policy.reminders_on
    days = {rung: on for rung in ladder if (on := day - timedelta(days=rung)) > after}
    if policy is None or policy.value == ANY_DAY:
        return days
    moved = {rung: case.calendar.last_working_day_on_or_before(on) for rung, on in days.items()}
    return {rung: moved[rung] if moved[rung] > after else on for rung, on in days.items()}


def newest_rung(case: Case, day: date, since: date | None, ladder: Sequence[int]) -> int | None:
    """Return the newest rung (days before `day`) of a falling ladder that has come, or None; the rest ask for a turn.

    Rungs on or before the London day `since`, if one is given, are left out. Missed ones are skipped, never bunched.
    """
    return newest_come(rungs(case, day, since, ladder))


def newest_rung_after(day: date, ladder: Sequence[int]) -> int | None:
    """Return the newest rung (days after `day`) of a rising ladder that has come, or None; the rest ask for a turn."""
    return newest_come({rung: day + timedelta(days=rung) for rung in ladder})


def newest_come(days: Mapping[int, date]) -> int | None:
    """Return the newest rung whose morning, on its London day, has come, or None; the rest ask for a turn."""
    come = [rung for rung, on in days.items() if due(morning_of(on))]
    return come[-1] if come else None

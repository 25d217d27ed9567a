"""How pressing a case is: a word and a colour, by the days left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.cases import Case
from models.london import date_in_london, short_day_in_words
from models.store import CaseSummary


class Urgency(StrEnum):
    """How pressing a case is, in the word shown beside the colour."""

    OVERDUE = "overdue"
    TODAY = "due today"
    THIS_WEEK = "due this week"
    ON_TIME = "on time"
    NO_LIMIT = "no time limit"
    CLOSED = "closed"


COLOURS = {
    Urgency.OVERDUE: "bold red", Urgency.TODAY: "red", Urgency.THIS_WEEK: "yellow", Urgency.ON_TIME: "green",
    Urgency.NO_LIMIT: "", Urgency.CLOSED: "dim",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Due:
    """Until when a case waits, and how pressing that is."""

    on: date | None
    days_left: int | None
    urgency: Urgency

    @property
    def colour(self) -> str:
        """Return the style of the word: colour only repeats it."""
        return COLOURS[self.urgency]

    def in_words(self) -> str:
        """Return the day with the days left: Sat 9 Sep 2017, 12 days left."""
        if self.on is None or self.days_left is None:
            return "no date"
        return f"{short_day_in_words(self.on)}, {days_left_in_words(self.days_left)}"


def due(case: Case, summary: CaseSummary) -> Due:
    """Return until when a case waits at the instant it was read.

    A case that missed the day it stands or falls with stays overdue until that is done. One that waits for no date of
    its own, or that the desk has not looked at yet, is due on that day.
    """
    if case.closed is not None:
        return Due(None, None, Urgency.CLOSED)
    on, stands_by = date_in_london(summary.until) if summary.until else None, case.must_be_done_by
    if on is None and stands_by is not None:
        on = stands_by.last_day
    left = (on - case.today).days if on else None
    return Due(on, left, Urgency.OVERDUE if case.overdue else _by_days(left))


def _by_days(left: int | None) -> Urgency:
    if left is None:
        return Urgency.NO_LIMIT
    if left < 0:
        return Urgency.OVERDUE
    if left == 0:
        return Urgency.TODAY
    return Urgency.THIS_WEEK if left <= 7 else Urgency.ON_TIME


def most_pressing_first(read: tuple[Case, CaseSummary]) -> tuple[bool, date, str]:
    """Return the place of a case in a list: open before closed, the nearest day first, no day last."""
    case, summary = read
    return case.closed is not None, due(case, summary).on or date.max, case.ref


def days_left_in_words(days: int) -> str:
    """Return 12 days left, 1 day left, today, or 3 days ago."""
    if days == 0:
        return "today"
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"{count} left" if days > 0 else f"{count} ago"


def line_of(case: Case, summary: CaseSummary) -> dict[str, object]:
    """Return what the list of cases says of one, in plain JSON values."""
    when = due(case, summary)
    return {
        "case": case.ref, "reference": case.reference, "subject": case.subject,
        "state": state_of(summary), "waits_until": when.on.isoformat() if when.on else None,
        "days_left": when.days_left, "urgency": str(when.urgency), "breaches": case.breaches(),
        "outcome": summary.outcome,
    }  # fmt: skip


def state_of(summary: CaseSummary) -> str:
    """Return what a case waits for: the name of its state, or that the desk has not looked at it yet."""
    return "Awaiting the desk" if summary.seen == 0 else summary.awaiting

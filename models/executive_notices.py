"""Notices and publications of a decision as the record holds them: when each was published, and for which day.

A day of publication entered wrongly is corrected by a new fact; the newest correction of a fact holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from models.calendars import Calendar
from models.executive_words import CLEAR, Published, UrgentAnswer, UrgentMatter
from models.facts import Fact, Record
from models.periods import Period, clear_days_before, clear_working_days_before

PUBLISHED_FACT = {
    Published.KEY_DECISION: "notice-published",
    Published.GENERAL_EXCEPTION: "exception-notified",
    Published.PRIVATE_MEETING: "private-notice-published",
    Published.PRIVATE_MEETING_SECOND: "second-private-notice-published",
    Published.AGENDA: "agenda-published",
    Published.ADDED_ITEM: "item-added",
    Published.REASONS_NOTICE: "reasons-published",
    Published.DECISION_NOTICE: "decision-published",
}
"""The fact that each publication is recorded as; every one carries its day."""
DATED = tuple(PUBLISHED_FACT.values())
CORRECTED = "publication-corrected"
CONSENTED, REFUSED, UNABLE = "urgency-consented", "urgency-refused", "urgency-unable-to-act"
ANSWER_FACT = {
    UrgentAnswer.AGREED: CONSENTED, UrgentAnswer.REFUSED: REFUSED, UrgentAnswer.UNABLE: UNABLE,
}  # fmt: skip


def published_on(record: Record, fact: Fact) -> date:
    """Return the London day on which something was published: as corrected last, otherwise as recorded."""
    corrections = [each for each in record.all(CORRECTED) if each["fact"] == fact.number]
    return date.fromisoformat((corrections[-1] if corrections else fact)["published_on"])


def covering(record: Record, kind: str, day: date) -> Iterator[Fact]:
    """Give the facts of a kind that were published for a decision on `day`: that day, or a period with it."""
    for fact in record.all(kind):
        if date.fromisoformat(fact["for_day"]) <= day <= date.fromisoformat(fact["until_day"]):
            yield fact


def clear(count: int, reading: str, source: str) -> Period:
    """Return "N clear days before" in a reading of clear days: calendar days, or working days."""
    if reading not in CLEAR:
        raise ValueError(f"{reading!r} is no reading of clear days; use {' or '.join(CLEAR)}")
    return (clear_days_before if reading == CLEAR[0] else clear_working_days_before)(count, source=source)


def in_time(period: Period, published: date, day: date, calendar: Calendar) -> bool:
    """Tell whether what was published on a day leaves the clear days of `period` before `day`."""
    return published <= period.from_(day, name="notice", event="it is decided", calendar=calendar).last_day


def first_day_after(period: Period, published: date, calendar: Calendar) -> date:
    """Return the first working day before which `period` is clear, counted from a day of publication."""
    day = calendar.without_closures().working_day_after(published, 1)
    while not in_time(period, published, day, calendar):
        day = calendar.without_closures().working_day_after(day, 1)
    return day


def answers(record: Record, matter: UrgentMatter) -> list[Fact]:
    """Return what was answered on whether a matter is urgent, oldest first."""
    found = [fact for kind in ANSWER_FACT.values() for fact in record.all(kind) if fact["matter"] == matter]
    return sorted(found, key=lambda fact: fact.number)

"""Cycles: meetings and reviews that come round, and how far the real dates drift from the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count as numbers

from models.calendars import Calendar
from models.london import day_in_words, days_between
from models.months import last_day_of_month, last_day_of_quarter
from models.periods import Deadline, Period, every
from models.reckoning import LENGTHS, Kind


@dataclass(frozen=True)
class Drift:
    """One planned date of a cycle beside the date it was really held on."""

    planned: date
    held: date
    tolerance_days: int = 0

    @property
    def days(self) -> int:
        """Return how many days late it was held; negative when early."""
        return days_between(self.planned, self.held)

    @property
    def tolerated(self) -> bool:
        """Tell whether it was held within the tolerance on either side."""
        return abs(self.days) <= self.tolerance_days

    def in_words(self) -> str:
        """Return the drift in a line: planned when, held when, and how many days late or early."""
        off = (
            f"{abs(self.days)} day{'' if abs(self.days) == 1 else 's'} {'late' if self.days > 0 else 'early'}"
        )
        verdict = f"{off}, tolerated" if self.tolerated else off
        dates = f"planned {day_in_words(self.planned)}, held {day_in_words(self.held)}"
        return f"{dates}: {verdict if self.days else 'as planned'}"


@dataclass(frozen=True)
class Cycle:
    """Every so many weeks or months from an anchor. The nth date is counted from the anchor itself.

    So the six-monthly dates from 31 August are 28 February and 31 August again: a short month
    shortens one date, not those after it. `tolerance_days` is how far a date may be off either way.
    """

    period: Period
    tolerance_days: int = 0

    def __post_init__(self) -> None:
        """Refuse a period that does not come round."""
        if self.period.kind is not Kind.EVERY:
            raise ValueError(f"'{self.period.words}' does not come round; a cycle needs 'every N weeks from'")

    def nth(self, anchor: date, n: int) -> date:
        """Return the nth date of the cycle; the anchor is number 0."""
        return LENGTHS[self.period.unit](anchor, n * self.period.count)

    def dates(self, anchor: date, how_many: int) -> tuple[date, ...]:
        """Return the first dates after the anchor."""
        return tuple(self.nth(anchor, n) for n in range(1, how_many + 1))

    def next_after(
        self,
        anchor: date,
        day: date,
        *,
        name: str,
        event: str,
        evidence: str = "",
        calendar: Calendar | None = None,
    ) -> Deadline:
        """Return the first date of the cycle later than a day, as a deadline with its derivation."""
        n = next(n for n in numbers(1) if self.nth(anchor, n) > day)
        whole = every(n * self.period.count, self.period.unit, source=self.period.source)
        due = whole.from_(anchor, name=name, event=event, evidence=evidence, calendar=calendar)
        return replace(due, rule=self.period.words)

    def drift(self, anchor: date, held: Sequence[date]) -> tuple[Drift, ...]:
        """Return each date held after the anchor, in order, beside the date the cycle planned for it."""
        planned = self.dates(anchor, len(held))
        pairs = zip(planned, sorted(held), strict=True)
        return tuple(Drift(plan, real, self.tolerance_days) for plan, real in pairs)


@dataclass(frozen=True)
class Window:
    """The days from first to last, both included, in which something must happen once."""

    first: date
    last: date


def months_between(since: date, until: date) -> Iterator[Window]:
    """Yield each calendar month from the one of `since` to the one of `until`."""
    first = since.replace(day=1)
    while first <= until:
        window = Window(first, last_day_of_month(first))
        yield window
        first = window.last + timedelta(days=1)


def quarters_between(since: date, until: date) -> Iterator[Window]:
    """Yield each calendar quarter (January to March, April to June, ...) from `since` to `until`."""
    first = last_day_of_quarter(since).replace(day=1)
    first = first.replace(month=first.month - 2)
    while first <= until:
        window = Window(first, last_day_of_quarter(first))
        yield window
        first = window.last + timedelta(days=1)


def missed(windows: Iterable[Window], held: Iterable[date]) -> tuple[Window, ...]:
    """Return the windows in which nothing was held: "at least one in each quarter" kept or not."""
    days = sorted(held)
    return tuple(w for w in windows if not any(w.first <= day <= w.last for day in days))

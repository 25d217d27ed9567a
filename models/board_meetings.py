"""Whether a board meets as it should: every month, once a quarter for performance, and how far off its planned days.

Sources: Terms of Reference of the Joint Commissioning Board, 6.4 and 6.5 (000:252-257); the tolerance is local policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from models.cycles import Cycle, Drift, Window, missed, months_between, quarters_between
from models.periods import every

MONTHLY = every(1, "months", source="ToR 6.4")


@dataclass(frozen=True)
class MeetingsKept:
    """What was not kept between two days: months and quarters without a meeting, and meetings off their day."""

    months: tuple[Window, ...]
    quarters: tuple[Window, ...]
    off_their_day: tuple[Drift, ...]

    def in_words(self) -> list[str]:
        """Return each in a sentence, none where all was kept."""
        return [
            *(f"No meeting of the Board in {month.first:%B %Y} (ToR 6.4)." for month in self.months),
            *(f"No meeting on the partnership agreement in the quarter from {quarter.first:%-d %B %Y} (ToR 6.5)."
              for quarter in self.quarters),
            *(f"Monthly meeting {drift.in_words()} (ToR 6.4)." for drift in self.off_their_day),
        ]  # fmt: skip


def meetings_kept(
    held: Sequence[date], performance: Iterable[date], since: date, until: date, *, tolerance_days: int
) -> MeetingsKept:
    """Return what was not kept from `since` to `until`, both included, by a board that meets every month.

    `held` are its meetings in order, `performance` those given to the partnership agreement. The planned days are
    counted from the first meeting of all. The month and the quarter that `until` is in are not over and not judged.
    """
    whole_months = [month for month in months_between(since, until) if month.last < until]
    whole_quarters = [quarter for quarter in quarters_between(since, until) if quarter.last < until]
    drifts = [_drift(held[0], day, tolerance_days) for day in held if since <= day <= until] if held else []
    return MeetingsKept(
        missed(whole_months, held), missed(whole_quarters, performance),
        tuple(drift for drift in drifts if not drift.tolerated),
    )  # fmt: skip


def _drift(anchor: date, held: date, tolerance_days: int) -> Drift:
    """Return a meeting beside the day of its own month that the cycle from the first meeting plans."""
    cycle = Cycle(MONTHLY, tolerance_days)
    months = (held.year - anchor.year) * 12 + held.month - anchor.month
    return Drift(cycle.nth(anchor, months), held, tolerance_days)

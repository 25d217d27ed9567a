"""Adding working days, measured beside numpy and the holidays library: python -m benchmarks.dates.

Every contender adds 20 working days of England to the same days, in the same run and by turns, and
must come to the same dates. The best of several rounds counts. The ratios travel between machines;
the nanoseconds do not.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from time import perf_counter_ns
from typing import Any

import holidays
import numpy as np

from models.calendars import calendar_named
from models.periods import within

STARTS = 100_000
FEW_STARTS = 2_000  # for those slower by far: every contender is judged per day
WORKING_DAYS = 20
ROUNDS = 9
FIRST, SPAN_IN_DAYS = date(2012, 1, 1), 8_760


@dataclass(frozen=True)
class Contender:
    """A way to add working days to many days; `days` is what it is handed, `add` what is timed."""

    days: Sequence[date] | Any
    add: Callable[[Any], Any]

    def dates(self) -> list[date]:
        """Return the dates it comes to, as plain dates."""
        added = self.add(self.days)
        return added if isinstance(added, list) else list(added.tolist())


def contenders(starts: list[date]) -> Mapping[str, Contender]:
    """Return every way measured, the fastest shape first."""
    calendar = calendar_named("england-and-wales")
    one_day, period = calendar.working_day_after, within(WORKING_DAYS, "working days")
    england = holidays.country_holidays("GB", subdiv="ENG", years=range(FIRST.year - 1, 2038))
    as_array, few = np.array(starts, dtype="datetime64[D]"), starts[:FEW_STARTS]
    offset = _numpy_offset(np.array(sorted(england), dtype="datetime64[D]"))
    return {
        "numpy, one array": Contender(as_array, offset),
        "ours, all at once": Contender(starts, lambda days: calendar.working_days_after(days, WORKING_DAYS)),
        "ours, one by one": Contender(starts, lambda days: [one_day(day, WORKING_DAYS) for day in days]),
        "numpy, one by one": Contender(few, lambda days: [offset(np.datetime64(day)).item() for day in days]),
        "holidays, one by one": Contender(
            few, lambda days: [england.get_nth_working_day(day, WORKING_DAYS) for day in days]
        ),
        "ours, whole deadline": Contender(
            few,
            lambda days: [period.from_(day, name="Answer", event="it was asked").last_day for day in days],
        ),
    }


def best_times(ways: Mapping[str, Contender]) -> dict[str, float]:
    """Return each way's best time for one day in nanoseconds; all take turns, so that noise is shared."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    gc.disable()
    try:
        for _ in range(ROUNDS):
            for name, way in ways.items():
                begun = perf_counter_ns()
                way.add(way.days)
                times[name].append((perf_counter_ns() - begun) / len(way.days))
    finally:
        gc.enable()
    return {name: min(taken) for name, taken in times.items()}


def main() -> None:
    """Check that all ways agree, then print their times and the three ratios that matter."""
    starts = [FIRST + timedelta(days=n * 7_919 % SPAN_IN_DAYS) for n in range(STARTS)]
    ways = contenders(starts)
    expected = ways["holidays, one by one"].dates()
    for name, way in ways.items():
        if way.dates()[:FEW_STARTS] != expected:
            raise SystemExit(f"'{name}' comes to other dates; comparing it would mean nothing")

    times = best_times(ways)
    print(f"{WORKING_DAYS} working days of England after each of {STARTS:,} days\n")
    for name, nanoseconds in times.items():
        print(f"  {name:22} {nanoseconds:10,.0f} ns a day")
    at_once, alone = times["ours, all at once"], times["ours, one by one"]
    print(f"\n  ours, all at once, takes {at_once / times['numpy, one array']:.1f} times as long as numpy")
    print(f"  ours, one by one, is {times['numpy, one by one'] / alone:.0f} times faster than numpy")
    print(f"  ours, one by one, is {times['holidays, one by one'] / alone:.0f} times faster than holidays")


def _numpy_offset(bank_holidays: Any) -> Callable[[Any], Any]:
    calendar = np.busdaycalendar(holidays=bank_holidays)
    # rolled back first, so that from a Saturday the Monday after is the first day counted
    return lambda days: np.busday_offset(days, WORKING_DAYS, roll="backward", busdaycal=calendar)


if __name__ == "__main__":
    main()

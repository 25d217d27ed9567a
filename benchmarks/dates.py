"""Dates, measured: python -m benchmarks.dates.

First adding working days, beside numpy and the holidays library; then the command line, start-up included: one date,
and a batch of questions of which no two are the same, by one process and by as many as the machine has processors.

Every contender adds 20 working days of England to the same days, in the same run and by turns, and
must come to the same dates. The best of several rounds counts. The ratios travel between machines;
the nanoseconds do not.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import holidays
import numpy as np

from models.calendars import ENGLAND_AND_WALES, EVERY_DAY, UNITED_KINGDOM, calendar_named
from models.periods import within
from models.reckoning import RULES

STARTS = 100_000
FEW_STARTS = 2_000  # for those slower by far: every contender is judged per day
WORKING_DAYS = 20
ROUNDS = 9
FIRST, SPAN_IN_DAYS = date(2012, 1, 1), 8_760

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = 100_000
CALENDARS = (ENGLAND_AND_WALES, UNITED_KINGDOM, EVERY_DAY)
ONE_DATE = ["when", "5 clear working days before", "2017-07-26"]
COMMAND = [sys.executable, "-P", "-m", "desk.cli"]
BY_ITSELF = r"import sys; from desk.when import answer_lines; print('\n'.join(answer_lines(sys.stdin, 1)))"


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


def questions() -> str:
    """Return a batch of JSON lines, no two alike: every kind, unit and calendar, many counts and days."""
    kinds = [(kind, unit) for kind, (_, units) in RULES.items() for unit in units or ("",)]
    asked: dict[tuple[str, date, str], None] = {}
    numbers = count()
    while len(asked) < QUESTIONS:
        n = next(numbers)
        kind, unit = kinds[n % len(kinds)]
        many = 1 + n * 31 % 59 // (5 if unit in ("months", "years") else 1)
        day = FIRST + timedelta(days=n * 7_919 % 8_761)
        asked[kind.format(f"{many} {unit}"), day, CALENDARS[n // len(kinds) % len(CALENDARS)]] = None
    return "".join(
        json.dumps({"phrase": phrase, "date": day.isoformat(), "calendar": calendar}) + "\n"
        for phrase, day, calendar in asked
    )


def timed(command: list[str], asked: str = "") -> tuple[float, str]:
    """Return the seconds a command takes from its start to its end, and what it printed."""
    begun = perf_counter_ns()
    done = subprocess.run(command, input=asked, cwd=ROOT, capture_output=True, text=True, check=True)
    return (perf_counter_ns() - begun) / 1e9, done.stdout


def measure_the_command_line() -> None:
    """Check that one process and several answer alike, then print what they take."""
    seconds = min(timed([*COMMAND, *ONE_DATE])[0] for _ in range(ROUNDS))
    print(f"\nOne date from the command line, start-up included: {seconds:.2f} s (best of {ROUNDS})")
    asked = questions()
    print(f"{QUESTIONS:,} questions in a batch, no two alike, each answered with its derivation\n")
    alone, answers = timed([sys.executable, "-P", "-c", BY_ITSELF], asked)
    shared, same = timed([*COMMAND, "when", "--batch"], asked)
    if same != answers or answers.count("\n") != QUESTIONS or '{"error"' in answers:
        raise SystemExit("the batch was not answered, or not alike; its speed would mean nothing")
    for name, took in (("one process", alone), (f"{os.cpu_count()} processes", shared)):
        print(f"  {name:22} {took:6.1f} s {QUESTIONS / took:10,.0f} lines a second")


def main() -> None:
    """Check that all ways agree, then print their times and the three ratios that matter; then the command line's."""
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
    measure_the_command_line()


def _numpy_offset(bank_holidays: Any) -> Callable[[Any], Any]:
    calendar = np.busdaycalendar(holidays=bank_holidays)
    # rolled back first, so that from a Saturday the Monday after is the first day counted
    return lambda days: np.busday_offset(days, WORKING_DAYS, roll="backward", busdaycal=calendar)


if __name__ == "__main__":
    main()

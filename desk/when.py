"""One date from one phrase: "5 clear working days before" 2017-07-26; or a hundred thousand of them in seconds."""

from __future__ import annotations

import gc
import json
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from models.calendars import ENGLAND_AND_WALES, Calendar, calendar_named
from models.deadlines import Deadline
from models.london import day_in_words, parse_day
from models.periods import Kind, Period
from models.phrases import parse_phrase

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

EVENT = "the event falls"
EVIDENCE = "the date given"
DATES_OF_A_CYCLE = 8
IN_WORDS = {
    "last day": "On or before", "latest day": "On or before", "first day": "On or after",
}  # fmt: skip
A_FEW = 1_000  #: lines that one process answers at a time
EXPECTED_LINE = 'a line is a JSON object such as {"phrase": "within 45 days of", "date": "2017-07-26"}'

phrase_of = lru_cache(maxsize=4096)(parse_phrase)
calendar_of = lru_cache(maxsize=8)(calendar_named)
_written = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Answer:
    """The deadline that a phrase sets from a day; for a phrase that comes round, its next dates as well."""

    phrase: str
    day: date
    deadline: Deadline
    cycle: tuple[date, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the answer in plain JSON values, dates as 2017-07-26."""
        return {
            "phrase": self.phrase,
            "date": self.day.isoformat(),
            "result": [day.isoformat() for day in self.cycle] or self.deadline.last_day.isoformat(),
            "target": self.deadline.target.isoformat(),
            "sense": self.deadline.sense,
            "derivation": self.deadline.explain(),
        }

    def in_words(self) -> list[str]:
        """Return the answer for a person: the date first, then how it came about."""
        if not self.cycle:
            return [f"{IN_WORDS[self.deadline.sense]} {day_in_words(self.deadline.last_day)}", *self._derivation()]
        dates = [f"  {day_in_words(day)}" for day in self.cycle]
        return [f"The next {len(dates)} dates:", *dates, *self._derivation()]

    def _derivation(self) -> list[str]:
        return ["", *(f"  {line}" for line in self.deadline.explain())]


@dataclass(frozen=True, slots=True)
class Question:
    """A date asked for from the shell, everything as it was written."""

    phrase: str
    day: str
    calendar: str = ENGLAND_AND_WALES
    as_json: bool = False

    def print_answer(self) -> None:
        """Print the answer on standard output. Raises ValueError as `work_out` does, and for what is not a date."""
        answer = work_out(self.phrase, parse_day(self.day), self.calendar)
        if self.as_json:
            from desk.tables import print_json

            return print_json(answer.as_dict())
        print("\n".join(answer.in_words()))


def plain_question(args: Sequence[str]) -> Question | None:
    """Read `PHRASE DATE [--calendar NAME] [--json]`; None for all else, which is the parser's to read or to refuse.

    The parser's library takes longer to start than the answer takes in all.
    """
    given, calendar, as_json = [], ENGLAND_AND_WALES, False
    rest = iter(args)
    for arg in rest:
        if arg == "--json":
            as_json = True
        elif arg == "--calendar":
            calendar = next(rest, "-")
        else:
            given.append(arg)
    if len(given) != 2 or any(text.startswith("-") for text in (*given, calendar)):
        return None
    return Question(given[0], given[1], calendar, as_json)


def work_out(phrase: str, day: date, calendar: str = ENGLAND_AND_WALES) -> Answer:
    """Return what `phrase` comes to from `day`, working days and target counted by the calendar of that name.

    Raises ValueError for a phrase, a calendar or a year that is not known, with those that are.
    """
    period, days = phrase_of(phrase), calendar_of(calendar)
    return Answer(phrase, day, _deadline(period, day, days), _cycle(period, day))


def _deadline(period: Period, day: date, days: Calendar) -> Deadline:
    return period.from_(day, name="date", event=EVENT, evidence=EVIDENCE, calendar=days)


def _cycle(period: Period, day: date) -> tuple[date, ...]:
    if period.kind is not Kind.EVERY:
        return ()
    from models.cycles import Cycle

    return Cycle(period).dates(day, DATES_OF_A_CYCLE)


def answer_lines(lines: Iterable[str], processes: int | None = None) -> Iterator[str]:
    """Answer JSON lines {"phrase", "date", "calendar"?} with one JSON line each, in order; a wrong one with {"error"}.

    Empty lines are passed over. An answer is that of `Answer.as_dict`. Many lines are shared out over `processes`
    (default: one for each processor of this machine).
    """
    # for one date these would take half as long as the date
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    lines = iter(lines)
    yield from _answers(islice(lines, A_FEW))  # these also fill the calendars, which the processes then inherit
    many = processes or os.cpu_count() or 1
    beginning = list(islice(lines, A_FEW))
    if not beginning:
        return
    if many == 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield from _answers(chain(beginning, lines))
        return
    # not multiprocessing.Pool, one thread of which goes round and round while large answers come in
    with ProcessPoolExecutor(many, multiprocessing.get_context("fork"), _leave_stopping_to_the_parent) as pool:
        yield from _answered_by(pool, chain(beginning, lines), 4 * many)


def _answered_by(pool: ProcessPoolExecutor, lines: Iterator[str], ahead: int) -> Iterator[str]:
    """Share lines out a few at a time, and read no further ahead than is soon answered."""
    asked: deque[Future[list[str]]] = deque()
    while True:
        while len(asked) < ahead and (few := list(islice(lines, A_FEW))):
            asked.append(pool.submit(_answer_all, few))
        if not asked:
            return
        yield from asked.popleft().result()


def _leave_stopping_to_the_parent() -> None:
    gc.disable()  # answers hold no cycles
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _answer_all(lines: list[str]) -> list[str]:
    return list(_answers(lines))


def _answers(lines: Iterable[str]) -> Iterator[str]:
    return (_answer_line(line) for line in lines if line.strip())


def _answer_line(line: str) -> str:
    try:
        asked = json.loads(line)
    except ValueError as error:
        return _error(f"this line is not JSON ({error}); {EXPECTED_LINE}")
    try:
        return _answered(asked["phrase"], asked["date"], asked.get("calendar") or ENGLAND_AND_WALES)
    except (KeyError, TypeError, AttributeError):
        return _error(f"phrase or date is missing or is not text; {EXPECTED_LINE}")
    except (ValueError, OverflowError) as error:
        return _error(str(error))


@lru_cache(maxsize=8192)
def _answered(phrase: str, written: str, calendar: str) -> str:
    return _written(work_out(phrase, parse_day(written), calendar).as_dict())


def _error(sentence: str) -> str:
    return _written({"error": sentence})

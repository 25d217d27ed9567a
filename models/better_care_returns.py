"""The returns of a Better Care plan: one for each quarter and each year, with the day each is due and how far it is.

Draft plan 2.11, 2.12: the joint board signs performance returns off before the Board approves them and they go to NHS
England; it gives the partners an annual review. SI 2000/617 reg 7(4)(b): quarterly reports and an annual return.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from models.better_care_packs import Returns
from models.better_care_words import ANNUAL, QUARTERLY, Stage
from models.calendars import Calendar
from models.deadlines import Deadline
from models.facts import Fact, Record
from models.periods import within

MONTHS_OF = {1: "April to June", 2: "July to September", 3: "October to December", 4: "January to March"}


@dataclass(frozen=True)
class Return:
    """One return: its id ("2017/18-q2", "2017/18-annual"), what it covers, when it is due, what was recorded of it."""

    id: str
    title: str
    ends_on: date  #: the last day it covers
    due: Deadline
    stages: tuple[Stage, ...]
    done: Mapping[Stage, Fact]

    @property
    def missing(self) -> tuple[Stage, ...]:
        """Return the stages that nobody has recorded, in their order."""
        return tuple(stage for stage in self.stages if stage not in self.done)

    @property
    def complete(self) -> bool:
        """Tell whether every stage is recorded."""
        return not self.missing

    @property
    def sent(self) -> Fact | None:
        """Return the fact with which it left the council, or None."""
        return self.done.get(self.stages[-1])

    @property
    def awaits_retrospective_approval(self) -> bool:
        """Tell whether it went out and the Board has still to approve it."""
        return self.sent is not None and Stage.BOARD in self.missing


def returns_of(rules: Returns, record: Record, quarter_days: int, year_days: int, calendar: Calendar) -> list[Return]:
    """Return every return of a period by the day it is due, with what the record holds of it."""
    found = [_quarterly(end, record, quarter_days, calendar) for end in rules.quarters]
    found += [_annual(end, record, year_days, calendar) for end in rules.quarters if end.month == 3]
    return sorted(found, key=lambda each: (each.due.last_day, each.id))


def _quarterly(end: date, record: Record, days: int, calendar: Calendar) -> Return:
    number = (end.month - 4) // 3 % 4 + 1
    id_ = f"{_year_of(end)}-q{number}"
    title = f"quarter {number} of {_year_of(end)} ({MONTHS_OF[number]} {end.year})"
    due = _due(end, title, "the quarter", days, "draft plan 2.11: quarterly, no day given", calendar)
    return Return(id_, title, end, due, QUARTERLY, _done(record, id_))


def _annual(end: date, record: Record, days: int, calendar: Calendar) -> Return:
    title = f"the year {_year_of(end)} (annual return)"
    due = _due(end, title, "the year", days, "draft plan 2.12; SI 2000/617 reg 7(4)(b): annual, no day given", calendar)
    id_ = f"{_year_of(end)}-annual"
    return Return(id_, title, end, due, ANNUAL, _done(record, id_))


def _due(end: date, title: str, what: str, days: int, source: str, calendar: Calendar) -> Deadline:
    return within(days, "calendar days", source=source).from_(
        end, name=f"return for {title}", event=f"{what} ended", evidence="the calendar", calendar=calendar,
        local_policy=True,
    )  # fmt: skip


def _year_of(end: date) -> str:
    first = end.year - (end.month < 4)
    return f"{first}/{(first + 1) % 100:02}"


def _done(record: Record, id_: str) -> dict[Stage, Fact]:
    facts = [fact for fact in record.all("return-recorded") if id_ in fact["returns"]]
    return {Stage(fact["stage"]): fact for fact in facts}

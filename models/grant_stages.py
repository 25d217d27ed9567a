"""The stages of a grant: which body is asked what, for how much, after whom, and at which published meeting.

"Report" is the Southampton report "Adult social care grant" of 26 July 2017 (numbers are its paragraphs).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from models.amounts import Pounds
from models.calendars import Calendar
from models.council_grants import AskedBody, Grants
from models.deadlines import Deadline
from models.periods import by, clear_working_days_before

PROCEDURE = "grant"
PREFIX = "GR"
_YEAR = re.compile(r"(?P<first>[0-9]{4})/(?P<second>[0-9]{2})")


class Asked(StrEnum):
    """What a body is asked to do, in the order of the report."""

    AGREE_IN_PRINCIPLE = "agree-in-principle"  #: 7: the boards, in either order
    APPROVE = "approve"  #: 3, 7: the Cabinet
    ACCEPT = "accept"  #: 3, 7: the Council accepts the whole grant
    RATIFY = "ratify"  #: recommendation (i): the Health and Wellbeing Board ratifies the first year's expenditure
    BUDGET = "budget"  #: 12: the rest goes into the budgets of the later years


class StageOutcome(StrEnum):
    """What a body did with what it was asked."""

    AGREED = "agreed"
    REFUSED = "refused"
    DEFERRED = "deferred"


FACT_OF = {
    StageOutcome.AGREED: "stage-agreed", StageOutcome.REFUSED: "stage-refused", StageOutcome.DEFERRED: "deferred",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """One body's say about a grant."""

    id: str
    body: str  #: id of the body in the council's file
    asked: Asked
    amount: Pounds
    after: tuple[str, ...]  #: ids of the stages that must have agreed before
    clerk: str  #: role id of who is told of its meeting
    papers_clear_days: int
    papers_rule: str
    local_policy: bool
    source: str
    begins_on: date | None = None  #: for a later year: no meeting before this day
    year: str = ""  #: for a later year: "2018/19"
    urgent: str = ""  #: by what power its chair takes a late item as urgent, empty where there is none

    def papers_by(self, meets_on: date, calendar: Calendar, body: str) -> Deadline:
        """Return the latest day for the papers of a meeting of `body` (its name), which are out so many days before."""
        period = clear_working_days_before(self.papers_clear_days, source=self.papers_rule)
        return period.from_(
            meets_on, name=f"papers: {self.name(body)}", event=f"the {body} meets", evidence="published meetings",
            calendar=calendar, local_policy=self.local_policy,
        )  # fmt: skip

    def meeting(self, meets_on: date, calendar: Calendar, body: str) -> Deadline:
        """Return the day of the meeting as a deadline: by then `body` is to have said yes or no."""
        return by(source=self.source).from_(
            meets_on, name=self.name(body), event=f"the {body} meets", evidence="published meetings", calendar=calendar,
        )  # fmt: skip

    def name(self, body: str) -> str:
        """Return what the stage is called in a list, given the name of its body."""
        return f"{body}, {self.year}" if self.year else body

    def to_dict(self) -> dict[str, Any]:
        """Return every field in plain JSON values; `from_dict` reads it back."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        begins_on = self.begins_on.isoformat() if self.begins_on else None
        return {**fields, "after": list(self.after), "begins_on": begins_on}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Stage:
        """Return the stage that `to_dict` wrote down."""
        begins_on = date.fromisoformat(plain["begins_on"]) if plain["begins_on"] else None
        return cls(**{**plain, "asked": Asked(plain["asked"]), "after": tuple(plain["after"]), "begins_on": begins_on})


def stages_of(rules: Grants, total: Pounds, years: Mapping[str, Pounds]) -> Iterator[Stage]:
    """Give the stages of a grant of `total` under a council's rules, the chain first, then each later year's.

    `years` gives the amount of each year by its name ("2017/18"), the first year first (report para 5, figure 1).
    """
    first, *later = years.items()
    amounts = {"whole grant": total, "first year": first[1]}
    for key, each in rules.chain.items():
        yield Stage(key, asked=Asked(each.asked), amount=amounts[each.amount], after=each.after, **_common(each))
    ratifies = next(key for key, each in rules.chain.items() if each.asked == "ratify")
    for year, amount in later:
        for key, then in rules.later_years.items():
            yield Stage(
                f"{key}-{year.replace('/', '-')}", asked=Asked.BUDGET, amount=amount, after=(ratifies,),
                begins_on=date(first_calendar_year(year), then.month, 1), year=year, **_common(then),
            )  # fmt: skip


def _common(each: AskedBody) -> dict[str, Any]:
    return {
        "body": each.body, "clerk": each.clerk, "papers_clear_days": each.papers.clear_working_days,
        "papers_rule": each.papers.source or "", "local_policy": each.papers.source is None,
        "source": each.source, "urgent": each.papers.urgent or "",
    }  # fmt: skip


def first_calendar_year(year: str) -> int:
    """Return the calendar year in which a financial year such as "2017/18" begins; a ValueError names what is none."""
    found = _YEAR.fullmatch(year.strip())
    if found is None or (int(found["first"]) + 1) % 100 != int(found["second"]):
        raise ValueError(f"{year!r} is not a financial year; write it as 2017/18")
    return int(found["first"])


def first_meeting_that_fits(
    stage: Stage, meetings: Sequence[date], calendar: Calendar, *, later_than: date | None, ready_on: date
) -> date | None:
    """Return the first published meeting for a stage, or None where none that is published fits.

    It is later than `later_than`, the last meeting of the stages before it, if there is one, and its papers can still
    go out in time from `ready_on` (London days). A later year's stage is not taken before its month.
    """
    start = max(filter(None, (stage.begins_on, later_than and later_than + timedelta(days=1), ready_on)))
    papers = clear_working_days_before(stage.papers_clear_days)
    in_time = (
        day for day in meetings
        if day >= start and papers.from_(day, name="papers", event="it meets", calendar=calendar).last_day >= ready_on
    )  # fmt: skip
    return next(in_time, None)

"""The office through which a story of a grant speaks: the Service Director's, with the figures of the report."""

from __future__ import annotations

from typing import Any

import pytest
from story_teller import Teller

from models.grant_stages import PROCEDURE
from models.grants import GrantCase
from models.london import date_in_london, parse_day
from tasks.forms import Refused

YEARS = {"2017/18": "£4,981,651", "2018/19": "£3,161,704", "2019/20": "£1,567,547"}
SCHEMES = {
    "Extra nursing home capacity for complex needs": "1,500 thousand",
    "Meeting increased demand and complexity": "1,000 thousand",
    "Stabilising the provider market": "850 thousand",
    "Speeding up hospital discharges": "500 thousand",
    "Direct Payments Team": "350 thousand",
    "Weston Court replacement care": "250 thousand",
    "Accelerating the extra care housing programme": "250 thousand",
    "Expanded 7 day social care": "130 thousand",
    "Enhanced social care out of hours": "100 thousand",
    "Care Technology Coordinator": "50 thousand",
}
WHOLE, FIRST_YEAR = "£9,710,902", "£4,981,651"
AMOUNTS = {
    "integration-board": FIRST_YEAR, "commissioning-partnership-board": FIRST_YEAR, "cabinet": WHOLE,
    "council": WHOLE, "health-and-wellbeing-board": FIRST_YEAR,
}  # fmt: skip
HELD = {
    "integration-board": "2017-06-22", "commissioning-partnership-board": "2017-07-06", "cabinet": "2017-07-18",
    "council": "2017-07-19", "health-and-wellbeing-board": "2017-07-26",
}  # fmt: skip


class Board(Teller):
    """Speaks and acts as the office of the Service Director."""

    # -- what happens --------------------------------------------------------------------------------------

    def announces(self, *, on: str = "2017-06-12", **more: Any) -> str:
        """Enter the grant of the letter of 22 March 2017; returns what the office is told. Raises Refused."""
        fields = {
            "reference": "DH and DCLG, 22/3/17", "title": "Adult social care grant", "letter_on": "2017-03-22",
            "total": WHOLE, "years": YEARS, "schemes": SCHEMES, **more,
        }  # fmt: skip
        return self.opens(PROCEDURE, fields, on=on)

    def is_not_entered(self, **more: Any) -> str:
        """Try to enter the grant with fields that must be refused, and return the reason."""
        with pytest.raises(Refused) as refused:
            self.announces(**more)
        return str(refused.value)

    def records(self, stage: str, outcome: str = "agreed", *, on: str, **more: Any) -> str:
        """Record what a body did."""
        usual: dict[str, Any] = {"minute": f"{stage}/17/1"}
        in_time = {"amount": AMOUNTS.get(stage), "papers_on": self.papers_in_time(stage, more.get("held_on") or on)}
        usual |= in_time if outcome == "agreed" else {"reasons": "As minuted."}
        return self.does("record-stage", on=on, stage=stage, outcome=outcome, **usual | more)

    def papers_in_time(self, stage: str, held_on: str) -> str | None:
        """Return the latest day on which papers for a stage's meeting were in time."""
        found = self.case.stage_named(stage)
        due = found and found.papers_by(parse_day(held_on), self.case.calendar, self.case.body_of(found))
        return due.last_day.isoformat() if due else None

    def agree_up_to(self, stage: str) -> None:
        """Let every stage before `stage` agree on the report's own days, with what each of them needs."""
        for each, day in HELD.items():
            if each == stage:
                return
            if each == "health-and-wellbeing-board":
                self.is_ready_to_be_ratified(on=day)
            self.records(each, on=day)

    def is_ready_to_be_ratified(self, *, on: str) -> None:
        """Explain the £1,651 and attach the assessment."""
        self.does("explain-difference", on=on, sum="schemes", reasons="Rounded to thousands; £1,651 in contingency.")
        self.does("attach", on=on, kind="equality-screening", reasons="The schemes widen access; nobody loses by them.")

    # -- what is seen --------------------------------------------------------------------------------------

    @property
    def case(self) -> GrantCase:
        """Return the case as it stands."""
        case = self.playing.case
        assert isinstance(case, GrantCase)
        return case

    def plan(self) -> dict[str, str | None]:
        """Return the day for which each stage is planned, or was held, by its id."""
        days = {stage.id: self.case.meeting_on(stage) for stage in self.case.stages}
        return {stage: day.isoformat() if day else None for stage, day in days.items()}

    def written_about(self, subject: str, template: str, to: str) -> list[str]:
        """Return the London days on which letters with this in their subject were written from a template to a role."""
        return [
            date_in_london(letter.written_at).isoformat() for letter in self.letters(template, to)
            if subject in letter.draft.subject
        ]  # fmt: skip

    def papers(self) -> dict[str, str]:
        """Return the latest day for the papers of each stage that has a date, by its id."""
        dues = {stage.id: self.case.papers_by(stage) for stage in self.case.stages}
        return {stage: due.last_day.isoformat() for stage, due in dues.items() if due}

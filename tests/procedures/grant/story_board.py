"""The office through which a story of a grant speaks: real flow, verbs, letters and council file on its own clock."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import pytest

from desk.rehearsal import Rehearsal
from models.cases import Status
from models.council import Council
from models.facts import Fact
from models.grants import GrantCase
from models.london import LONDON, date_in_london, parse_day, parse_instant
from tasks.forms import Refused

NOON = time(12, 0)
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


class Board:
    """Speaks and acts as the office of the Service Director; every act happens on the day it names, at noon."""

    def __init__(self, council: Council) -> None:
        """Open an office of `council`; the case comes with `announces`."""
        self.council = council
        self.playing = Rehearsal(council, self._instant("2017-06-12"), procedure="grant")

    # -- what happens --------------------------------------------------------------------------------------

    def announces(self, *, on: str = "2017-06-12", **more: Any) -> str:
        """Enter the grant of the letter of 22 March 2017; returns what the office is told. Raises Refused."""
        self.playing.clock.set(self._instant(on))
        fields = {
            "reference": "DH and DCLG, 22/3/17", "title": "Adult social care grant", "letter_on": "2017-03-22",
            "total": WHOLE, "years": YEARS, "schemes": SCHEMES, **more,
        }  # fmt: skip
        return self.playing.notify(fields).says

    def is_not_entered(self, **more: Any) -> str:
        """Try to enter the grant with fields that must be refused, and return the reason."""
        with pytest.raises(Refused) as refused:
            self.announces(**more)
        return str(refused.value)

    def records(self, stage: str, outcome: str = "agreed", *, on: str, **more: Any) -> str:
        """Record what a body did."""
        usual: dict[str, Any] = {"minute": f"{stage}/17/1"}
        usual |= {"amount": AMOUNTS.get(stage)} if outcome == "agreed" else {"reasons": "As minuted."}
        return self.does("record-stage", on=on, stage=stage, outcome=outcome, **usual | more)

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

    def does(self, verb: str, *, on: str, **fields: Any) -> str:
        """Do any verb `on` a day, and return what the office is told. Raises Refused."""
        self.waits_until(on)
        given = {name: value for name, value in fields.items() if value is not None}
        return self.playing.do(verb, **given).says

    def is_refused(self, verb: str, *, on: str, **fields: Any) -> str:
        """Try a verb that must be refused, and return the reason; nothing may have been recorded."""
        self.waits_until(on)
        before = self.playing.record.head
        with pytest.raises(Refused) as refused:
            self.does(verb, on=on, **fields)
        assert self.playing.record.head == before
        return str(refused.value)

    def waits_until(self, on: str) -> None:
        """Let time pass until a day's noon, or an instant."""
        self.playing.advance_to(max(self._instant(on), self.playing.clock.now()))

    def mends_council_file(self, council: Council, *, notice_it: bool = True) -> None:
        """Let the council's file read otherwise from now on; take a turn at once unless nobody is to notice it yet."""
        self.council = self.playing.council = council
        self.playing.office.council = lambda name: council
        if notice_it:
            self.playing.settle()

    # -- what is seen --------------------------------------------------------------------------------------

    @property
    def case(self) -> GrantCase:
        """Return the case as it stands."""
        case = self.playing.case
        assert isinstance(case, GrantCase)
        return case

    def waits_for(self) -> tuple[str, str | None]:
        """Return the state shown for the case and the last day of its wait, if it has one."""
        summary = self.playing.summary
        return summary.awaiting, date_in_london(summary.until).isoformat() if summary.until else None

    @property
    def outcome(self) -> str | None:
        """Return how the case ended, or None while it is open."""
        return self.playing.summary.outcome

    def plan(self) -> dict[str, str | None]:
        """Return the day for which each stage is planned, or was held, by its id."""
        days = {stage.id: self.case.meeting_on(stage) for stage in self.case.stages}
        return {stage: day.isoformat() if day else None for stage, day in days.items()}

    def papers(self) -> dict[str, str]:
        """Return the latest day for the papers of each stage that has a date, by its id."""
        dues = {stage.id: self.case.papers_by(stage) for stage in self.case.stages}
        return {stage: due.last_day.isoformat() for stage, due in dues.items() if due}

    def status(self, name: str) -> Status:
        """Return where the deadline of a name stands."""
        (found,) = [status for deadline, status in self.case.deadlines() if deadline.name == name]
        return found

    def facts(self, kind: str) -> list[Fact]:
        """Return the facts of one kind, oldest first."""
        return list(self.playing.record.all(kind))

    def letters(self, template: str, to: str | None = None) -> list[str]:
        """Return subject and text, on one line each, of the letters written from a template, oldest first."""
        return [
            " ".join(f"{letter.draft.subject} {letter.draft.text}".split())
            for letter in self.playing.letters
            if letter.draft.template == template and to in (None, letter.draft.recipient)
        ]

    def recipients(self, template: str) -> list[str]:
        """Return to whom letters from a template went, each once, in order."""
        return list(dict.fromkeys(e.draft.recipient for e in self.playing.letters if e.draft.template == template))

    def days_written(self, template: str, to: str, about: str = "") -> list[str]:
        """Return the London days on which letters from a template that speak `about` something went to a role."""
        return [
            date_in_london(letter.written_at).isoformat() for letter in self.playing.letters
            if letter.draft.template == template and letter.draft.recipient == to and about in letter.draft.subject
        ]  # fmt: skip

    @staticmethod
    def _instant(on: str) -> datetime:
        return parse_instant(on) if "T" in on else datetime.combine(parse_day(on), NOON, LONDON)

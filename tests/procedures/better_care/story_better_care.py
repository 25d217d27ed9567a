"""The office of a Better Care plan as a story speaks of it: real flow, verbs and letters on a clock of its own."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from story_checks import check_words, never_twice

from desk.rehearsal import Rehearsal
from models.better_care import BetterCarePlan
from models.cases import Status
from models.council import Council
from models.facts import Fact, check_chain
from models.london import LONDON, date_in_london, day_in_words, parse_day, parse_instant
from tasks.forms import Refused

NOON = time(12, 0)
DIRECTOR, CHAIR, CLERK = "director-quality-and-integration", "board-chair", "democratic-services"
ABOVE = [DIRECTOR, "chief-executive", "monitoring-officer", CHAIR]
CONDITIONS = ("joint-plan", "social-care-maintained", "out-of-hospital", "transfers-of-care")
TABLES = {
    "2017-19": "Line,2017/18,2018/19\nCCG (minimum),16176000,16484000\nSCC,1000,1000\nTotal,16177000,16485000\n",
    "2024-25-addendum": "Line,2024/25\nICB (minimum),20900000\nTotal,20900000\n",
    "2025-26": "Line,2025/26\nICB (minimum),21300000\nTotal,21300000\n",
}


class PlanOffice:
    """Speaks and acts as the director's office; every act happens at noon of the London day it names."""

    def __init__(self, council: Council, folder: Path) -> None:
        """Open an office of `council` that writes its documents into `folder`."""
        self.council, self.folder = council, folder
        self.played: Rehearsal | None = None
        self.policy = "2017-19"

    # -- what happens ----------------------------------------------------------------------------------------

    def receives(self, *, on: str = "2017-07-18", draft_on: str | None = "2017-07-26", policy: str = "2017-19") -> str:
        """Enter a draft plan; returns what the office is told."""
        self.policy = policy
        self.played = Rehearsal(self.council, self._instant(on), procedure="better-care-plan")
        fields = {"reference": f"BCP-{policy}", "policy": policy, "received_at": self._instant(on)}
        return self.played.notify(fields | ({"draft_on": draft_on} if draft_on else {})).says

    def agrees_a_delegate(self, *, on: str = "2017-07-26", delegate: str | None = DIRECTOR) -> str:
        """Record what the Board agreed on 26 July 2017."""
        told = {"authority": "Board, 26 July 2017", "text": "Agreed.", "delegate": delegate}
        return self.does("record-arrangements", on=on, **told)

    def completes_the_plan(self, *, on: str, words: str = "The plan.") -> None:
        """Attach everything that the policy period asks for, without a gap, and a table that comes out."""
        self.attaches("narrative-plan", words, on=on)
        self.attaches("planning-return", "The return.", on=on)
        if "capacity-and-demand-plan" in self.case.pack.requires:
            self.attaches("capacity-and-demand-plan", "Beds.", on=on)
        self.attaches("pool-table", TABLES[self.policy], on=on, name="pool.csv")

    def attaches(self, kind: str, words: str, *, on: str, name: str = "plan.txt", **more: Any) -> str:
        """Attach a document of these words."""
        path = self.folder / name
        path.write_text(words, encoding="utf-8")
        return self.does("attach", on=on, kind=kind, file=path, **more)

    def meets_all_conditions(self, *, on: str) -> None:
        """Record evidence of every national condition."""
        for condition in self.case.pack.conditions:
            self.does("meet-condition", on=on, condition=condition, evidence="Section 10.")

    def is_ready_to_sign(self, *, on: str) -> None:
        """Complete the plan, with evidence of every condition."""
        self.completes_the_plan(on=on)
        self.meets_all_conditions(on=on)

    def signs(self, signatory: str, *, on: str, **more: Any) -> str:
        """Record a signature."""
        return self.does("sign-off", on=on, signatory=signatory, **{"authority": "minute 9", **more})

    def submits(self, *, on: str, **more: Any) -> str:
        """Record the submission."""
        return self.does("submit", on=on, proof="receipt of the portal", **more)

    def is_submitted_in_time(self) -> None:
        """Bring the plan of 2017 to its submission by the delegated route."""
        self.agrees_a_delegate()
        self.does("choose-board-route", on="2017-07-27", route="delegated-approval", reasons="No meeting in time.")
        self.is_ready_to_sign(on="2017-08-21")
        self.signs("nhs", on="2017-08-23")
        self.signs("council", on="2017-08-29")
        self.signs("board", on="2017-09-07", manner="delegation")
        self.submits(on="2017-09-11")

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

    # -- what there is to see --------------------------------------------------------------------------------

    @property
    def playing(self) -> Rehearsal:
        """Return the rehearsal that plays the case."""
        assert self.played is not None, "the office has received nothing yet"
        return self.played

    @property
    def case(self) -> BetterCarePlan:
        """Return the case as it stands."""
        case = self.playing.case
        assert isinstance(case, BetterCarePlan)
        return case

    @property
    def outcome(self) -> str | None:
        """Return how the case ended, or None."""
        return self.playing.summary.outcome

    def waits_for(self) -> tuple[str, str | None]:
        """Return the name under which the case waits and until which day."""
        summary = self.playing.summary
        return summary.awaiting, date_in_london(summary.until).isoformat() if summary.until else None

    def facts(self, kind: str) -> list[Fact]:
        """Return the facts of a kind."""
        return list(self.playing.record.all(kind))

    def fact(self, kind: str) -> Fact:
        """Return the one fact of a kind."""
        (found,) = self.facts(kind)
        return found

    def recipients(self, template: str) -> list[str]:
        """Return who was sent a letter, in order."""
        return [each.draft.recipient for each in self.playing.letters if each.draft.template == template]

    def letters(self, template: str, to: str) -> list[str]:
        """Return the letters of one template to one office, each on one line."""
        return [
            " ".join(f"{each.draft.subject} {each.draft.text}".split())
            for each in self.playing.letters
            if (each.draft.template, each.draft.recipient) == (template, to)
        ]

    def written_on(self, template: str, to: str) -> list[str]:
        """Return the London days on which a letter was written to an office."""
        return [
            date_in_london(each.written_at).isoformat()
            for each in self.playing.letters
            if (each.draft.template, each.draft.recipient) == (template, to)
        ]

    def status(self, name: str) -> Status:
        """Return where a deadline stands."""
        (found,) = [status for deadline, status in self.case.deadlines() if deadline.name == name]
        return found

    def last_day(self, name: str) -> str:
        """Return a deadline's last day."""
        (found,) = [deadline for deadline, _ in self.case.deadlines() if deadline.name == name]
        return found.last_day.isoformat()

    def is_sound(self) -> None:
        """Check the story: whole letters, never twice, each naming the last day; another turn adds nothing."""
        before = self.playing.record.head
        self.playing.settle()
        assert self.playing.record.head == before
        assert check_chain(self.playing.record) == before
        letters = self.playing.letters
        never_twice(letters)
        last_day = day_in_words(self.case.submit_by.last_day)
        for letter in letters:
            check_words(letter)
            assert last_day in " ".join(letter.draft.text.split()), letter.draft.template
            assert letter.draft.address.endswith("@example.org")

    @staticmethod
    def _instant(on: str) -> datetime:
        return parse_instant(on) if "T" in on else datetime.combine(parse_day(on), NOON, LONDON)

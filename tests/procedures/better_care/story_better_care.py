"""The office of a Better Care plan as a story speaks of it: real flow, verbs and letters on a clock of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from story_checks import check_soundness
from story_teller import Teller, instant

from models.better_care import BetterCarePlan
from models.council import Council
from models.london import day_in_words

DIRECTOR, CHAIR, CLERK = "director-quality-and-integration", "board-chair", "democratic-services"
ABOVE = [DIRECTOR, "chief-executive", "monitoring-officer", CHAIR]
CONDITIONS = ("joint-plan", "social-care-maintained", "out-of-hospital", "transfers-of-care")
TABLES = {
    "2017-19": "Line,2017/18,2018/19\nCCG (minimum),16176000,16484000\nSCC,1000,1000\nTotal,16177000,16485000\n",
    "2024-25-addendum": "Line,2024/25\nICB (minimum),20900000\nTotal,20900000\n",
    "2025-26": "Line,2025/26\nICB (minimum),21300000\nTotal,21300000\n",
}


class PlanOffice(Teller):
    """Speaks and acts as the director's office; every act happens at noon of the London day it names."""

    def __init__(self, council: Council, folder: Path) -> None:
        """Open an office of `council` that writes its documents into `folder`."""
        super().__init__(council)
        self.folder = folder
        self.policy = "2017-19"

    # -- what happens ----------------------------------------------------------------------------------------

    def receives(self, *, on: str = "2017-07-18", draft_on: str | None = "2017-07-26", policy: str = "2017-19") -> str:
        """Enter a draft plan; returns what the office is told."""
        self.policy = policy
        fields = {"reference": f"BCP-{policy}", "policy": policy, "received_at": instant(on), "draft_on": draft_on}
        return self.opens("better-care-plan", fields, on=on)

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

    # -- what there is to see --------------------------------------------------------------------------------

    @property
    def case(self) -> BetterCarePlan:
        """Return the case as it stands."""
        case = self.playing.case
        assert isinstance(case, BetterCarePlan)
        return case

    def is_sound(self) -> None:
        """Check the story: whole letters, never twice, each naming the last day; another turn adds nothing."""
        check_soundness(self.playing)
        last_day = day_in_words(self.case.submit_by.last_day)
        for letter in self.playing.letters:
            assert last_day in " ".join(letter.draft.text.split()), letter.draft.template

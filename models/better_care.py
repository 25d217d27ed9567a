"""A Better Care plan's case as its record shows it: all of the plan in hand, and what follows its submission."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from models.better_care_in_hand import PlanInHand
from models.better_care_packs import BOARD
from models.better_care_returns import Return, returns_of
from models.better_care_words import Assured, BoardRoute
from models.cases import Status, status_of
from models.deadlines import Deadline
from models.facts import Fact, until_the_record_grows
from models.london import day_in_words
from models.periods import by


class BetterCarePlan(PlanInHand):
    """One plan, read from its record at one instant."""

    # -- what follows --------------------------------------------------------------------------------------

    @property
    def assured(self) -> Fact | None:
        """Return how NHS England last graded the plan that was last submitted, or None."""
        found, sent = self.record.last("assured"), self.record.last("submitted")
        return found if found is not None and sent is not None and found.number > sent.number else None

    @property
    def panel(self) -> Fact | None:
        """Return what the escalation panel said after the plan was last not approved, or None."""
        found, graded = self.record.last("panel-decided"), self.assured
        return found if found is not None and graded is not None and found.number > graded.number else None

    @property
    def approved(self) -> bool:
        """Tell whether the plan is approved, by the assurers or by the panel."""
        if self.assured is not None and self.assured["outcome"] == Assured.APPROVED:
            return True
        return self.panel is not None and self.panel["outcome"] == Assured.APPROVED

    @property
    def evidence_by(self) -> Deadline | None:
        """Return the day by which the evidence of an approval with conditions is due, or None."""
        graded = self.assured
        if graded is None or graded["outcome"] != Assured.WITH_CONDITIONS:
            return None
        return by(source="letter of approval with conditions").from_(
            date.fromisoformat(graded["evidence_by"]), name="evidence of the conditions",
            event="the evidence is due", evidence=f"fact {graded.number}", calendar=self.calendar,
        )  # fmt: skip

    @property
    def evidence_sent(self) -> Fact | None:
        """Return the fact that the evidence of the conditions was sent, or None."""
        found, graded = self.record.last("evidence-sent"), self.assured
        return found if found is not None and graded is not None and found.number > graded.number else None

    @cached_property
    def section_75_by(self) -> Deadline:
        """Return the day by which the agreement under section 75 of the NHS Act 2006 is to be signed."""
        return self._on(self.pack.section_75_by, "section 75 agreement", "the agreement is to be signed")

    @property
    def section_75(self) -> Fact | None:
        """Return the fact that the section 75 agreement was signed, or None."""
        return self.record.last("section-75-signed")

    @until_the_record_grows
    def returns(self) -> list[Return]:
        """Return every return of the period, soonest due first."""
        local = self.local
        return returns_of(
            self.pack.returns, self.record, local.return_days.value, local.annual_return_days.value, self.calendar
        )

    # -- deadlines and letters -----------------------------------------------------------------------------

    @property
    def must_be_done_by(self) -> Deadline | None:
        """Return the last day for the submission."""
        return self.submit_by

    @property
    def overdue(self) -> bool:
        """Tell whether that day passed without a submission that lacked nothing, and nobody approved one since."""
        return self.complied is None and not self.approved and self.submit_by.passed(self.now)

    def deadlines(self) -> list[tuple[Deadline, Status]]:
        """Return every deadline the case has had, with where it stands."""
        found: list[tuple[Deadline | None, Fact | None]] = [
            (self.submit_by, self.complied),
            (self.sign_off_by, self.signed_off),
            *self._special_deadlines(),
            (self.evidence_by, self.evidence_sent),
            (self.section_75_by if self.approved else None, self.section_75),
            *((each.due, each.sent) for each in self.returns if self.approved and each.ends_on < self.today),
        ]
        ended = self.withdrawn or self.closed
        at = ended.at if ended else self.now
        return [
            (deadline, status_of(deadline, met, at, ended=ended is not None))
            for deadline, met in found if deadline is not None
        ]  # fmt: skip

    def _special_deadlines(self) -> list[tuple[Deadline, Fact | None]]:
        route = self.record.last("route-chosen")
        if route is None or route["route"] != BoardRoute.SPECIAL_MEETING:
            return []
        return [(self.notice_by(date.fromisoformat(route["meets_on"])), self.notice_given(route))]

    def letter_values(self) -> Mapping[str, object]:
        """Return what any letter about the plan may say."""
        return {
            "reference": self.reference, "plan": self.pack.title, "submit_by": self.submit_by.last_day,
            "submit_derivation": self.submit_by.in_words(), "signatures": self.signatures_in_words(),
            "problems": self.problems or ["the plan is complete"],
        }  # fmt: skip

    def signatures_in_words(self) -> list[str]:
        """Return a line for each signatory: whether, when and how it has signed."""
        return [f"{self.name_of(key)}: {self.standing_of(key)}" for key in self.pack.signatories]

    def standing_of(self, key: str) -> str:
        """Return in words where one signatory stands."""
        signed, refused, before = self.signature(key), self.refusal(key), self.superseded(key)
        if signed is not None:
            return f"signed off on {day_in_words(date.fromisoformat(signed['signed_on']))} ({signed['authority']})"
        if refused is not None:
            return f"refused on {day_in_words(date.fromisoformat(refused['signed_on']))} ({refused['authority']})"
        if key == BOARD and self.chair_support is not None:
            return "the Chair supports it; the Board has still to approve"
        if before is not None:
            return "signed an earlier version; not this one"
        return "not yet, and it may follow the submission" if self.signatory(key).may_follow else "not yet"

    def breaches(self) -> list[str]:
        """Return each breach that the record holds and no later fact withdrew."""
        return [
            f"{fact['what']} was not done by {day_in_words(date.fromisoformat(fact['last_day']))} ({fact['rule']})"
            for fact in self.record.all("breach-recorded")
            if self.record.keyed(f"breach-withdrawn/{fact.number}") is None
        ]

"""A key decision as a case of its own: what was entered of it, moved and corrected since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from models.cases import Status
from models.deadlines import Deadline
from models.executive_decisions import ExecutiveDecision
from models.executive_item import DecisionDay
from models.executive_words import Function, MadeBy
from models.facts import Fact, until_the_record_grows

PROCEDURE = "key-decision"
PREFIX = "KD"
MOVED = "decision-moved"


class KeyDecisionCase(ExecutiveDecision):
    """A decision of the Cabinet, a member or an officer, or of a committee of the Council; key or not."""

    @property
    def matter(self) -> str:
        """Return what is to be decided."""
        return str(self.entered["matter"])

    @property
    def made_by(self) -> MadeBy:
        """Return whether a body, a member or an officer decides."""
        return MadeBy(self.entered["made_by"])

    @property
    def function(self) -> Function:
        """Return whose function is exercised."""
        return Function(self.entered["function"])

    @property
    def decision_maker(self) -> str:
        """Return the role that decides; for a body, the one that signs for it."""
        return str(self.entered["signatory"] or self.entered["decision_maker"])

    @property
    def decision_maker_in_words(self) -> str:
        """Return the body's name or the office's title."""
        maker = self.entered["decision_maker"]
        return self.council.body(maker).name if self.made_by is MadeBy.BODY else self.council.title(maker, self.today)

    @until_the_record_grows
    def decision_days(self) -> Sequence[DecisionDay]:
        """Return every day the decision was set for, oldest first."""
        return [self._day(fact) for fact in (self.record.facts[0], *self.record.all(MOVED))]

    def _day(self, fact: Fact) -> DecisionDay:
        first = date.fromisoformat(fact["decide_on"])
        last = date.fromisoformat(fact["decide_until"]) if fact["decide_until"] else first
        return DecisionDay(first, last, self.who(fact), fact.get("reasons") or "as entered")

    @property
    def began_on(self) -> date:
        """Return the London day on which it was put forward."""
        return date.fromisoformat(self.record.facts[0]["proposed_on"])

    @property
    def must_be_done_by(self) -> Deadline:
        """Return the day on which the decision is to be taken."""
        return self.decide_by

    @property
    def overdue(self) -> bool:
        """Tell whether that day has passed without a decision."""
        return self.decision is None and self.closed is None and self.decide_by.passed(self.now)

    def deadlines(self) -> list[tuple[Deadline, Status]]:
        """Return every deadline the decision has had, with where it stands."""
        return self.deadlines_of_decision()

    def letter_values(self) -> Mapping[str, object]:
        """Return what any letter of the procedure may say."""
        return {**self.decision_values(), "reference": self.reference}

    def breaches(self) -> list[str]:
        """Return each day that the council's own rules or the law set and that was not kept."""
        return [
            f"the last day for the {deadline.name}, {deadline.last_day:%-d %B %Y}, was not kept ({deadline.source})"
            for deadline, status in self.deadlines()
            if deadline.name.startswith(("publication", "call-in:")) and status in (Status.PASSED, Status.MET_LATE)
        ]  # fmt: skip

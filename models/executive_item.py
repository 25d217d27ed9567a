"""A matter for decision as its record shows it: what it is, who decides it, when, and whether it is a key decision.

SI 2012/2089 applies to decisions of a council's executive; LGA 1972 Part VA and SI 2014/2095 to those of a committee
such as the Health and Wellbeing Board, and of its officers.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from models.cases import Case
from models.council_executive import ExecutiveDecisions
from models.executive_notices import published_on
from models.executive_words import Function, MadeBy, Signatory
from models.facts import Fact, until_the_record_grows
from models.key_test import KeyTest, Numbers, whether_key

CORRECTED = "decision-corrected"  #: what was entered was wrong: the matter is tested anew
TESTED = "key-decision-tested"


class DecisionDay(NamedTuple):
    """The day, or the first and last day of the period, on which a decision is to be taken; who set it, and why."""

    first: date
    last: date
    who: str
    why: str


class DecisionItem(Case):
    """One matter for decision. Each procedure says what it is, who decides it, and on which day."""

    # -- what was entered ----------------------------------------------------------------------------------

    @until_the_record_grows
    def entered(self) -> Mapping[str, Any]:
        """Return what is known of the matter: as entered, with later corrections applied."""
        known = dict(self.record.facts[0].payload)
        for fact in self.record.all(CORRECTED):
            known |= {name: value for name, value in fact["corrected"].items() if value is not None}
        return known

    @property
    def subject(self) -> str:
        """Return the matter."""
        return self.matter

    @property
    def pounds(self) -> int:
        """Return the expenditure or savings it brings, whichever is greater, 0 where there is none."""
        return int(self.entered["pounds"] or 0)

    @property
    def wards_affected(self) -> Sequence[str]:
        """Return the names of the wards on whose communities the effects are significant."""
        return [self.council.wards[ward].name for ward in self.entered["wards"]]

    @property
    def private(self) -> bool:
        """Tell whether it is to be taken in private, as Part 2 of the agenda (ToR 6.9, 6.10)."""
        return bool(self.entered["private"])

    # -- what each procedure says --------------------------------------------------------------------------

    @property
    @abstractmethod
    def matter(self) -> str:
        """Return what is to be decided, in one line."""

    @property
    @abstractmethod
    def decision_maker(self) -> str:
        """Return the role that takes the decision, or signs for the body that takes it."""

    @property
    @abstractmethod
    def decision_maker_in_words(self) -> str:
        """Return the name of the body, or the title of the office, that takes the decision."""

    @property
    @abstractmethod
    def made_by(self) -> MadeBy:
        """Return whether a body, a member or an officer decides."""

    @property
    def function(self) -> Function:
        """Return whose function is exercised."""
        return Function.EXECUTIVE

    @property
    @abstractmethod
    def decision_days(self) -> Sequence[DecisionDay]:
        """Return every day the decision was set for, oldest first; the last is the one that stands."""

    @property
    def at_a_meeting(self) -> bool:
        """Tell whether the decision is taken at a meeting: that of a body, or a board that its maker sits on."""
        return self.made_by is MadeBy.BODY

    # -- the rules that apply ------------------------------------------------------------------------------

    @property
    def rules(self) -> ExecutiveDecisions:
        """Return the section of the council's file. Raises ValueError where it has none."""
        section = self.council.executive_decisions
        if section is None:
            raise ValueError(f"the file of {self.council.name} has no section 'executive_decisions'; write one")
        return section

    @property
    def responsible_officer(self) -> str:
        """Return the Proper Officer, who sees to notices, papers and records."""
        return self.rules.proper_officer

    @until_the_record_grows
    def numbers(self) -> Numbers:
        """Return the council's numbers as they stood when the decision was first tested, so that no date moves."""
        tested = self.record.first(TESTED)
        return Numbers(**tested["numbers"]) if tested else Numbers.of(self.rules)

    @property
    def key_test(self) -> KeyTest:
        """Return the result of the key decision test (reg 8), by what is known of the decision now."""
        return whether_key(self.pounds, self.wards_affected, self.numbers)

    @property
    def key(self) -> bool:
        """Tell whether it is a key decision: of the executive, and significant (reg 8)."""
        return self.function is Function.EXECUTIVE and self.key_test.key

    @property
    def papers_are_due(self) -> bool:
        """Tell whether agenda and reports are published before: for a meeting (regs 6, 7; LGA 1972 s.100B; 000:271).

        A member or officer who decides alone has neither meeting nor agenda (reg 13).
        """
        return self.at_a_meeting if self.function is Function.EXECUTIVE else self.made_by is MadeBy.BODY

    @property
    def private_notice_is_due(self) -> bool:
        """Tell whether a private meeting needs notice: of the executive (reg 5), not of a committee of the Council."""
        return self.private and self.at_a_meeting and self.function is Function.EXECUTIVE

    @property
    def signatures_due(self) -> tuple[Signatory, ...]:
        """Return who signs the decision notice: local policy; the Regulations ask for a record (regs 12, 13)."""
        if self.function is not Function.EXECUTIVE:
            return ()
        policy = self.rules.signatures.value
        by = {MadeBy.BODY: policy.body, MadeBy.MEMBER: policy.member, MadeBy.OFFICER: policy.officer}
        return tuple(signatory for signatory in Signatory if signatory in by[self.made_by])

    @property
    def signatures_source(self) -> str:
        """Return what asks for the signatures."""
        return "the council's own rule"

    @property
    def decide_on(self) -> date:
        """Return the day on which the decision is to be taken, or the first of its period."""
        return self.decision_days[-1].first

    @property
    def decide_until(self) -> date:
        """Return that day, or the last of the period."""
        return self.decision_days[-1].last

    def published_on(self, fact: Fact) -> date:
        """Return the London day on which something was published, corrections applied."""
        return published_on(self.record, fact)

    @property
    def decision(self) -> Fact | None:
        """Return the decision taken, or None; one that was declined is a decision as well."""
        return self.record.first("decided") or self.record.first("declined")

    def decision_values(self) -> Mapping[str, object]:
        """Return what any letter on the decision may say of it."""
        executive = self.function is Function.EXECUTIVE
        return {
            "matter": self.matter, "decision_maker": self.decision_maker_in_words, "decide_on": self.decide_on,
            "key_result": self.key_test.why if executive else "a decision of the Council's side, not of its executive",
        }  # fmt: skip

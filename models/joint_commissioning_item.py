"""An item as it was entered: what it asks of the Board, who would decide it, and whether that is within the remit.

Sources: Terms of Reference of the Joint Commissioning Board, sections 2, 6.8 and 8.4 to 8.5 (000:85-115, 343-353).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from models.council_boards import Body, Partner
from models.council_joint_commissioning import FinancialLimit, JointCommissioning
from models.executive_decisions import ExecutiveDecision
from models.executive_words import Function, MadeBy, Signatory
from models.facts import until_the_record_grows
from models.joint_commissioning_words import WITHIN_SCOPE, Choices, ItemKind, Remit, Scope
from models.london import date_in_london

COUNCIL_SIDE = "council"


class BoardItem(ExecutiveDecision):
    """What an item is. Where the Council's member or officer decides, it is an executive decision as well (ToR 6.8)."""

    # -- the council's file --------------------------------------------------------------------------------

    @property
    def section(self) -> JointCommissioning:
        """Return the section of the council's file. Raises ValueError where it has none."""
        found = self.council.joint_commissioning
        if found is None:
            raise ValueError(f"the file of {self.council.name} has no section 'joint_commissioning'; write one")
        return found

    @property
    def board(self) -> Body:
        """Return the Board."""
        return self.council.body(self.section.board)

    @until_the_record_grows
    def choices(self) -> Choices:
        """Return the council's own choices as they stood when the item was entered, so that no date moves."""
        return Choices(**self.record.facts[0]["choices"])

    # -- what was entered ------------------------------------------------------------------------------------

    @property
    def kind(self) -> ItemKind:
        """Return what the item asks of the Board."""
        return ItemKind(self.record.facts[0]["kind"])

    @property
    def matter(self) -> str:
        """Return the item's title."""
        return str(self.record.facts[0]["title"])

    @property
    def proposal(self) -> str:
        """Return what is proposed, in full."""
        return str(self.record.facts[0]["proposal"])

    @property
    def scope(self) -> Scope:
        """Return where the item stands to the Board's scope."""
        return Scope(self.record.facts[0]["scope"])

    @property
    def without_amount(self) -> bool:
        """Tell whether no amount was entered: an exception report or the constitution, on which no money hangs."""
        return self.entered["pounds"] is None

    @property
    def better_care(self) -> bool:
        """Tell whether it arises under the Better Care section 75 agreement (ToR 4, 6.14, 9.1)."""
        return bool(self.record.facts[0]["better_care"])

    @property
    def began_on(self) -> date:
        """Return the London day on which the item was entered."""
        return date_in_london(self.record.facts[0].at)

    @property
    def responsible_officer(self) -> str:
        """Return the officer who brings items to the Board."""
        return self.section.responsible_officer

    # -- who decides -----------------------------------------------------------------------------------------

    @property
    def decision_maker(self) -> str:
        """Return the role of the named individual who has the delegated authority (ToR 1.4)."""
        return str(self.record.facts[0]["decision_maker"])

    @property
    def decision_maker_in_words(self) -> str:
        """Return the title of that office today."""
        return self.council.title(self.decision_maker, self.today)

    @property
    def of_the_council(self) -> bool:
        """Tell whether a Member or officer of the Council decides: then the law of executive decisions applies."""
        return self.council.organisation(self.decision_maker, self.today) == COUNCIL_SIDE

    @property
    def function(self) -> Function:
        """Return whose function is exercised; what the CCG's own people decide is none of the Council's executive."""
        return Function.EXECUTIVE if self.of_the_council else Function.COUNCIL

    def decision_values(self) -> Mapping[str, object]:
        """Return what any letter on the decision may say; what the CCG's people decide is the CCG's own."""
        values = super().decision_values()
        return values if self.of_the_council else {**values, "key_result": self.whose_decision}

    @property
    def whose_decision(self) -> str:
        """Return in a clause whose decision it is where it is not the Council's, and by which rules it is recorded."""
        return (
            f"a decision of {self.partner.name} under its own scheme of delegation, recorded in the Board's minutes: "
            "the law on the Council's executive decisions does not apply to it"
        )

    @property
    def made_by(self) -> MadeBy:
        """Return whether a member or an officer decides; the Board itself decides nothing (ToR 1.4)."""
        return MadeBy.MEMBER if self.decision_maker in self.board.members else MadeBy.OFFICER

    @property
    def at_a_meeting(self) -> bool:
        """Tell that delegations are exercised by those who act at Board meetings (001:4401-4437)."""
        return True

    @property
    def signatures_due(self) -> tuple[Signatory, ...]:
        """Return who signs the decision notice: decision-maker and Proper Officer (ToR 6.8; 000:271-273)."""
        return tuple(Signatory) if self.of_the_council else ()

    @property
    def signatures_source(self) -> str:
        """Return what asks for the signatures."""
        return "Terms of Reference of the Joint Commissioning Board, 6.8; 000:271-273"

    @property
    def private_notice_is_due(self) -> bool:
        """Tell whether the item needs notice of a private meeting: any Part 2 item of the Board (ToR 6.10)."""
        return self.private

    @property
    def partner_id(self) -> str:
        """Return the id of the partner for which the named individual decides."""
        own = self.council.organisation(self.decision_maker, self.today)
        for key, partner in self.board.partners.items():
            if partner.sits(self.decision_maker, self.today):
                return key
            if any(self.council.organisation(role, self.today) == own for role in partner.members):
                return key
        return next(iter(self.board.partners))

    @property
    def partner(self) -> Partner:
        """Return that partner."""
        return self.board.partners[self.partner_id]

    # -- remit -------------------------------------------------------------------------------------------------

    def limit_on(self, day: date) -> FinancialLimit | None:
        """Return the financial limit that holds for the named individual on a day (ToR 8.4; 001:4787-4789)."""
        return self.section.limit_on(self.partner_id, day)

    def remit_on(self, day: date) -> Remit:
        """Return whether the item can be decided under delegation at a meeting on `day`, and why (ToR 8.4, 8.5)."""
        if self.kind is ItemKind.EXCEPTION_REPORT:
            return Remit(False, "an exception report is received, and nothing is decided on it (ToR 3.9)")
        if self.scope not in WITHIN_SCOPE:
            return Remit(False, f"{self.scope.replace('-', ' ')}: not within the decision-making scope of the Board "
                                "(ToR 2, 8.5)")  # fmt: skip
        limit, amount = self.limit_on(day), self.pounds
        if limit is None:
            return Remit(False, f"the council's file gives {self.partner.name} no delegated limit on {day:%-d %B %Y}")
        if amount <= limit.pounds:
            return Remit(True, f"£{amount:,} is within the limit of £{limit.pounds:,} ({_source(limit)})")
        higher = limit.pounds_if_all_agree
        if higher is not None and amount <= higher:
            if self.decision_maker not in self.partner.members:
                return Remit(False, f"£{amount:,} is above the limit of £{limit.pounds:,}; up to £{higher:,} only a "
                                    f"member of {self.partner.name} on the Board decides, no officer "
                                    f"({_source(limit)})")  # fmt: skip
            return Remit(
                True, f"£{amount:,} is above £{limit.pounds:,} and within £{higher:,}, when all members of "
                f"{self.partner.name} on the Board agree ({_source(limit)})", all_must_agree=True,
            )  # fmt: skip
        return Remit(False, f"£{amount:,} is above the limit of £{higher or limit.pounds:,} ({_source(limit)})")


def _source(limit: FinancialLimit) -> str:
    return limit.source or "local policy"

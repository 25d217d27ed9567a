"""The section of a council file on its Joint Commissioning Board: limits by date, who acts, and its own choices."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from models.council_file import wrong
from models.council_procedures import CountingDown, Days, Policy
from models.council_sections import BodyId, Dated, DatesInOrder, Id, RoleId, RoleIds, Section, Text, not_empty

Pounds = Annotated[int, Field(ge=1)]


class FinancialLimit(Dated):
    """Up to how much one named individual of a partner may decide, from when until when."""

    partner: Id
    pounds: Pounds
    pounds_if_all_agree: Pounds | None = None  #: only when all of the partner's members on the Board agree
    source: Text | None = None
    why: Text | None = None  #: where no paper gives the figure


class Deferrals(Section):
    """After how many failures to agree the Chair is offered what."""

    offer_referral_after: int = Field(ge=1)
    no_more_after: int = Field(ge=1)  #: then the matter is referred back, or goes to dispute

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """Refuse an offer that comes too late."""
        if self.no_more_after < self.offer_referral_after:
            raise wrong("'no_more_after' not to be smaller than 'offer_referral_after'")
        return self


class ConstitutionChange(Section):
    """Who changes the constitution when a Board is established, and whom they consult first."""

    officer: RoleId
    consulted: RoleIds
    cabinet: RoleId
    council: RoleId
    source: Text


class JointCommissioning(Section):
    """How items come before the Joint Commissioning Board."""

    board: BodyId
    responsible_officer: RoleId
    clerk: RoleId
    dispute: RoleIds  #: who discuss a matter of dispute
    section_75_dispute: RoleIds  #: who do so under the partnership agreement
    accountable_to: RoleIds  #: told of what becomes of Better Care items
    receive_minutes: RoleIds
    constitution: ConstitutionChange
    limits: Annotated[tuple[FinancialLimit, ...], AfterValidator(not_empty)]
    performance_meetings: DatesInOrder = ()  #: those given to the partnership agreement, one in each quarter
    meeting_tolerance_days: Policy[Annotated[int, Field(ge=0)]]
    abstention: Policy[Literal["not-support", "stands-aside"]]
    casting_vote: Policy[Literal["none"]]
    deferrals: Policy[Deferrals]
    agenda_answer_days: Policy[Days]
    convene_working_days: Policy[Days]
    roll_working_days: Policy[Days]
    direction_working_days: Policy[Days]
    reconsider_days: Policy[Days]
    dispute_days: Policy[Days]
    decision_working_days: Policy[Days]
    reminder_days: Policy[CountingDown]
    escalation_roles: Policy[RoleIds]

    def limit_on(self, partner: str, on: date) -> FinancialLimit | None:
        """Return the financial limit of a partner's members on a day, or None where the file has none."""
        return next((limit for limit in self.limits if limit.partner == partner and limit.covers(on)), None)

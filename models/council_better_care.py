"""The section of a council file on Better Care plans: who signs, who is asked, the allocations, the council's times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from models.council_procedures import CountingDown, CountingUp, Days, Policy
from models.council_sections import BodyId, Dated, Id, RoleId, RoleIds, Section, Text, no_overlap, not_empty

Pounds = Annotated[int, Field(ge=1, le=10**11)]


class Signing(Section):
    """Who signs for a signatory: the first of the offices is the one that is asked and chased."""

    offices: RoleIds
    delegates: tuple[RoleId, ...] = ()  #: who may sign under its delegation, all of the same organisation
    clerk: RoleId | None = None  #: who puts it on an agenda, where a body has to meet
    source: Text | None = None

    @property
    def asked(self) -> str:
        """Return the office that is asked to sign."""
        return self.offices[0]


class Allocation(Section):
    """The minimum contribution to the pooled fund that the national allocations ask of the area for one year."""

    pounds: Pounds
    source: Text


class JointBoard(Dated):
    """The joint board that signs off returns first, from when until when."""

    body: BodyId


class BetterCare(Section):
    """How a council makes, signs and reports on its Better Care plans."""

    board: BodyId
    chair: RoleId
    responsible_officer: RoleId
    nhs_england: RoleId  #: to whom plan and returns go
    told: RoleIds  #: who hears of submission, assurance and the end, beside the signatories
    signatories: Mapping[Id, Signing]  #: by the signatory's id in the policy packs
    joint_boards: Annotated[tuple[JointBoard, ...], AfterValidator(not_empty), AfterValidator(no_overlap)]
    minimum_contribution: Mapping[Text, Allocation]  #: by year: "2017/18"
    chase_days: Policy[CountingDown]  #: before the last day, when outstanding signatories are asked again
    escalate_days: Policy[Days]  #: before the last day, when those above hear who has not signed
    after_chase_days: Policy[CountingUp]  #: after submission, when an answer that is late is asked for
    return_days: Policy[Days]  #: after the end of a quarter, for its return
    annual_return_days: Policy[Days]  #: after the end of a year, for its annual return
    escalation_roles: Policy[RoleIds]

"""The section of a council file on executive decisions: who consents, the thresholds, and the council's own times."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from models.council_file import wrong
from models.council_procedures import CountingDown, Days, Policy
from models.council_sections import RoleId, RoleIds, Section

Clear = Literal["clear days", "clear working days"]
Pounds = Annotated[int, Field(ge=1)]
Signs = tuple[Literal["decision-maker", "proper-officer"], ...]


def _two_or_more(wards: int) -> int:
    if wards < 2:
        raise wrong("2 or more: SI 2012/2089 reg 8 speaks of two or more wards")
    return wards


class Signatures(Section):
    """Who signs the notice of a decision, by whom it is made; the Regulations ask for a record, not for signatures."""

    body: Signs
    member: Signs
    officer: Signs


class ExecutiveDecisions(Section):
    """How a council takes executive decisions (SI 2012/2089), with what it chose itself where the law leaves it."""

    proper_officer: RoleId
    monitoring_officer: RoleId
    leader: RoleId
    scrutiny_chair: RoleId  #: of the relevant overview and scrutiny committee: regs 5, 10, 11
    scrutiny_members: tuple[RoleId, ...] = ()  #: told of a general exception while it has no chair: reg 10(1)(a)
    consents: RoleIds  #: whom to ask in turn that a matter is urgent: regs 5(6), 11(1)
    threshold_pounds: Policy[Pounds]  #: expenditure or savings from which a decision is key: reg 8
    wards_affected: Policy[Annotated[int, AfterValidator(_two_or_more)]]  #: from how many on a decision is key
    notice_days: Policy[Clear]  #: how 28 clear days are read
    papers_days: Policy[Clear]  #: how 5 clear days are read
    call_in_working_days: Policy[Days]
    publication_working_days: Policy[Days]  #: within how many the decision notice is published
    scrutiny_working_days: Policy[Days]  #: within how many scrutiny considers a call-in
    council_working_days: Policy[Days]  #: within how many the Council considers one
    reconsideration_working_days: Policy[Days]  #: within how many the decision-maker reconsiders
    late_entry_working_days: Policy[Days]  #: for how many a case stays open for a call-in that came in time
    amended_stands_still: Policy[bool]  #: whether what is amended after a call-in may be called in anew
    signatures: Policy[Signatures]
    reminder_days: Policy[CountingDown]  #: before each day counted back from the decision

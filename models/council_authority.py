"""The section of a council file on authority: which offices run a procedure, which look on, which keep the house.

Who decides and who presides is not said again here: that follows from the delegations, the decision-maker of a case
and the chairs of the boards, which the file gives where it speaks of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, ValidationInfo

from models.council_better_care import BetterCare
from models.council_executive import ExecutiveDecisions
from models.council_file import wrong
from models.council_grants import Grants
from models.council_joint_commissioning import JointCommissioning
from models.council_procedures import Pharmacy
from models.council_sections import RoleIds, Section, Text

ProcedureName = Literal[
    "pharmacy-consolidation", "key-decision", "better-care-plan", "grant", "joint-commissioning-item"
]
PROCEDURE_NAMES: tuple[str, ...] = get_args(ProcedureName)


def _apart_from_officers(roles: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """Return roles that are none of those named above them: who looks on, or keeps the house, moves no case."""
    by_procedure: Mapping[str, tuple[str, ...]] = info.data.get("officer") or {}
    before = {role: f"an officer of {name}" for name, named in by_procedure.items() for role in named}
    if info.field_name == "administrator":
        before |= dict.fromkeys(info.data.get("auditor") or (), "an auditor")
    both = [f"'{role}' is {before[role]}" for role in roles if role in before]
    if both:
        raise wrong(f"offices that are nothing else ({'; '.join(both)})")
    return roles


OfNothingElse = Annotated[RoleIds, AfterValidator(_apart_from_officers)]


class Authority(Section):
    """Which offices may do what is no decision; local policy, as no law or paper says it."""

    officer: Mapping[ProcedureName, RoleIds]  #: run the cases of a procedure, beside its responsible officer
    auditor: OfNothingElse  #: look at everything and record nothing
    administrator: OfNothingElse  #: calendars, retention and the house; never what becomes of a case
    why: Text


def officers_by_default(
    procedure: str, pharmacy: Pharmacy, better_care: BetterCare | None, executive: ExecutiveDecisions | None,
    joint: JointCommissioning | None, grants: Grants | None,
) -> tuple[str, ...]:  # fmt: skip
    """Return who runs a procedure by a file without a section on authority: its responsible officer and their team.

    The team is those offices to which the procedure's own section gives the work: deputies, clerks, the Proper Officer.
    """
    if procedure == "pharmacy-consolidation":
        deputies = [role for each in pharmacy.delegations.values() for role in each.deputies]
        return _each_once(pharmacy.responsible_officer, *deputies, pharmacy.urgent_decision_route.holder)
    if procedure == "key-decision" and executive is not None:
        return _each_once(executive.proper_officer, executive.monitoring_officer)
    if procedure == "better-care-plan" and better_care is not None:
        clerks = [each.clerk for each in better_care.signatories.values() if each.clerk is not None]
        return _each_once(better_care.responsible_officer, *clerks)
    if procedure == "joint-commissioning-item" and joint is not None:
        return _each_once(joint.responsible_officer, joint.clerk)
    if procedure == "grant" and grants is not None:
        clerks = [stage.clerk for stage in (*grants.chain.values(), *grants.later_years.values())]
        return _each_once(grants.responsible_officer, *clerks)
    return ()


def _each_once(*roles: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(roles))

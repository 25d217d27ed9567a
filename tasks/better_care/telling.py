"""Who is told what about a Better Care plan: those who sign it, and those above when something is late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.better_care import BetterCarePlan
from models.better_care_packs import BOARD
from models.deadlines import Deadline
from tasks.drafting import listed
from tasks.notices import inform, told
from tasks.steps import step
from tasks.turns import Effect


def officer(case: BetterCarePlan) -> list[str]:
    """Return the director who answers for the plan, where somebody holds the office."""
    return told(case, [case.responsible_officer])


def board_people(case: BetterCarePlan) -> list[str]:
    """Return the Board's Chair and whoever puts it on the Board's agenda."""
    clerk = case.local.signatories[BOARD].clerk
    return told(case, [case.local.chair, *([clerk] if clerk else [])])


def everybody(case: BetterCarePlan) -> list[str]:
    """Return all whom the plan concerns: the director, each signatory's office, and whom the council's file names."""
    signing = [case.asked(key) for key in case.pack.signatories]
    return told(case, [case.responsible_officer, case.local.chair, *signing, *case.local.told])


def escalate(case: BetterCarePlan, about: str, *, template: str, also: Sequence[str] = (), **values: Any) -> None:
    """Write to the council's escalation list for Better Care plans, and to `also`."""
    roles = told(case, [*case.local.escalation_roles.value, *also])
    inform(case, roles, about, template=template, escalated_to=listed(case, roles), **values)


def say_it_passed(case: BetterCarePlan, deadline: Deadline, what: str) -> None:
    """Record that a day passed without what it was for, and escalate it, once."""
    note_passed(case, deadline.name, deadline.last_day.isoformat(), deadline=deadline)
    escalate(
        case, f"passed: {deadline.name}, {deadline.last_day}", template="bc-passed", what=what,
        missed_on=deadline.last_day, missed_derivation=deadline.in_words(),
    )  # fmt: skip


@step("deadline-passed", "Note: {0} not done by {1}")
def note_passed(case: BetterCarePlan, name: str, last_day: str, *, deadline: Deadline) -> Effect:
    """Record that a last day passed, with its derivation."""
    return Effect({"name": name, "last_day": last_day, "deadline": deadline.to_dict()})

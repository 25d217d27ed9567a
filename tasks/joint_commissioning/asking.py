"""Asking somebody by name for what an item waits for: once, again before the day, and with escalation after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from models.deadlines import Deadline
from models.joint_commissioning import JointCommissioningCase
from models.london import date_in_london
from tasks.drafting import concerning, listed
from tasks.ladders import newest_rung
from tasks.notices import inform, told
from tasks.waiting import wake_after


def ask(
    case: JointCommissioningCase, roles: Sequence[str], to: str, by: Deadline, why: str, command: str = ""
) -> None:
    """Ask `roles` to do something ("say whether it is taken") by a deadline; remind them; escalate once it is over.

    What is asked, and by when, tells one asking from another: a day that moves is asked for anew.
    """
    about = f"{to}, round {case.round.number}, by {by.last_day.isoformat()}"
    values: dict[str, Any] = {
        "to_do": to, "asked_by": by.last_day, "derivation": by.in_words(), "why": why,
        "days_left": (by.last_day - case.today).days,
        "act_command": f"cleardays {command.replace('CASE', case.ref)}" if command else "",
    }  # fmt: skip
    if not told(case, roles):
        tell_of_vacancy(case, roles)
    asked = inform(case, told(case, roles), about, template="jc-asked", reminder="", **values)
    if asked and not by.passed(case.now):
        rung = newest_rung(case, by.last_day, date_in_london(asked[0].at), case.section.reminder_days.value)
        if rung is not None:
            reminded_on = by.last_day - timedelta(days=rung)
            inform(case, told(case, roles), f"{about}, reminder of {reminded_on.isoformat()}", template="jc-asked",
                   reminder="yes", **values)  # fmt: skip
    wake_after(by)
    if by.passed(case.now):
        escalate(case, about, to, by, roles, why)


def tell_of_vacancy(case: JointCommissioningCase, roles: Sequence[str]) -> None:
    """Tell the Board's escalation list, once, that nobody holds any of the offices that are waited for."""
    office = listed(case, roles)
    inform(
        case, told(case, case.section.escalation_roles.value), f"office vacant: {office}",
        template="case-office-vacant", office=office, **concerning(case),
        escalated_to=listed(case, told(case, case.section.escalation_roles.value)),
    )  # fmt: skip


def escalate(
    case: JointCommissioningCase, about: str, to: str, by: Deadline, roles: Sequence[str], why: str
) -> None:
    """Tell everyone on the Board's escalation list that a day has passed, and who was asked."""
    to_tell = told(case, case.section.escalation_roles.value)
    inform(
        case, to_tell, f"{about}, passed", template="jc-overdue", to_do=to, missed_on=by.last_day,
        derivation=by.in_words(), why=why, office=listed(case, roles), escalated_to=listed(case, to_tell),
    )  # fmt: skip

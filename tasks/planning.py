"""Planning backwards: the plan of a case is laid from its last day, and anew whenever a date moves.

Where it does not fit, it says so at once: the Board had no meeting between 26 July and 18 October 2017 (pack of 26 July
2017, Dates of Meetings), and what that means for a last day in September is better known in July.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from models.london import day_in_words, first_instant_of
from models.pharmacy import PharmacyCase
from models.pharmacy_plan import Step, plan_of
from models.plan_mends import mends
from models.plan_warnings import warnings
from models.planning import Plan, Planned
from tasks.drafting import morning_of
from tasks.meetings import earliest_meeting
from tasks.notices import inform, told
from tasks.steps import step
from tasks.turns import Effect
from tasks.waiting import due

SAID_OTHERWISE = (Step.ENTRY, Step.CALL, Step.DECISION, Step.SENDING)
"""Links that need no letter of their own: the flow does them, or the warnings before the target speak of them."""


def lay(case: PharmacyCase) -> None:
    """Lay the plan of the case, once for each set of its dates, and tell the officer when it does not fit (any more).

    Asks for a turn on the day after the latest day of what is to be done next, should it pass undone. Once the urgent
    route is named only the decision is left, which has warnings of its own: no plan is laid any more.
    """
    if case.sent is not None or case.determined_without_us:
        return
    plan, look_out = plan_of(case), warnings(case)
    if case.urgent is None:
        record_plan(case, _key(plan, look_out), plan=plan, look_out=look_out)
    if plan.failing is not None and _is_watched(case):
        _say_that_it_does_not_fit(case, plan, plan.failing, look_out)
    fails = next_to_fail(case, plan)
    if fails is not None:
        due(fails[0])


def next_to_fail(case: PharmacyCase, plan: Plan) -> tuple[datetime, Step] | None:
    """Return the instant (aware) at which the plan fits no longer if nothing is done, and the link that fails then.

    None where it does not fit already, is not watched, or the warnings before the target speak of that link.
    """
    coming = plan.next_open
    if not plan.fits or not _is_watched(case) or coming is None or coming.latest is None:
        return None
    step = Step(coming.link.name)
    return None if step in SAID_OTHERWISE else (first_instant_of(coming.latest + timedelta(days=1)), step)


@step("plan-laid", "Lay the plan back from the last day")
def record_plan(case: PharmacyCase, key: str, /, *, plan: Plan, look_out: list[str]) -> Effect:
    """Record the latest day of each link with how it came about, whether they fit, what would mend it, and warnings."""
    failing = plan.failing
    return Effect(
        {
            "last_day": plan.last_day.isoformat(), "links": [_plain(each) for each in plan.links], "fits": plan.fits,
            "verdict": "it fits" if failing is None else f"it does not fit, first: {failing.link.name}",
            "failing": failing.link.name if failing else None, "why": failing.why_it_fails if failing else None,
            "mends": [each.in_words for each in mends(case, plan)], "warnings": look_out,
        }
    )  # fmt: skip


def _plain(planned: Planned) -> dict[str, Any]:
    latest, done_on = planned.latest, planned.link.done_on
    return {
        "name": str(planned.link.name), "latest": latest.isoformat() if latest else None, "how": planned.how,
        "done_on": done_on.isoformat() if done_on else None,
    }  # fmt: skip


def _key(plan: Plan, look_out: list[str]) -> str:
    """Return what tells one plan from another: its days and its warnings, not the day on which it is looked at."""
    return sha256("\n".join([plan.digest, *look_out]).encode()).hexdigest()[:16]


def _is_watched(case: PharmacyCase) -> bool:
    """Tell whether the plan still has to be watched: until the urgent route, which is named on the target's morning."""
    over = case.urgent is not None or case.decision is not None or case.now >= morning_of(case.represent_by.target)
    return case.must_represent and not over


def _say_that_it_does_not_fit(case: PharmacyCase, plan: Plan, failing: Planned, look_out: list[str]) -> None:
    """Tell the responsible officer, once for each link that fails before a last day, unless another letter says it."""
    if failing.link.name in SAID_OTHERWISE or (failing.link.name == Step.MEETING and _urgent_route_comes_now(case)):
        return
    inform(
        case, told(case, [case.council.pharmacy.responsible_officer]),
        f"plan, {case.represent_by.last_day.isoformat()}: {failing.link.name}", template="plan-does-not-fit",
        failing_link=str(failing.link.name), failing_why=failing.why_it_fails,
        steps_left=[_step_left(each) for each in plan.links if each.link.is_open],
        mends=[(each.what, each.command) for each in mends(case, plan)], warnings=look_out,
    )  # fmt: skip


def _urgent_route_comes_now(case: PharmacyCase) -> bool:
    """Tell whether the flow names the urgent route in this turn, because no meeting can be called any more."""
    held = case.record.all("meeting-held")
    called = any(fact["round"] == len(held) + 1 for fact in case.record.all("meeting-called"))
    notice = case.council.local_policy.meeting_notice_working_days.value
    return not called and earliest_meeting(case.today, notice, case.calendar) > case.represent_by.target


def _step_left(planned: Planned) -> str:
    by = f"by {day_in_words(planned.latest)}" if planned.latest else "no day is left"
    return f"{planned.link.name}: {by}"

"""A plan laid back from its last day as an officer sees it: its links, whether they fit, what would mend it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from desk.urgency import days_left_in_words
from models.london import day_in_words, short_day_in_words
from models.pharmacy import PharmacyCase
from models.pharmacy_plan import Step, plan_of
from models.pharmacy_words import Route
from models.plan_mends import mends
from models.plan_warnings import warnings
from models.planning import Plan, Planned

TITLE = "Plan, laid back from the last day"
LEFT = ("What", "Latest day", "Left", "Its own last day")
STANDING = ("What", "Latest day", "Stands", "Its own last day")


def is_planned(case: PharmacyCase) -> bool:
    """Tell whether a case still has something to plan: until its representation is sent, or none is called for."""
    return not (case.withdrawn or case.closed or case.sent or case.determined_without_us)


def as_dict(case: PharmacyCase, plan: Plan) -> dict[str, Any]:
    """Return a plan in plain JSON values, dates as 2017-07-26."""
    return {
        "last_day": plan.last_day.isoformat(), "fits": plan.fits, "verdict": verdict(plan),
        "mends": [{"what": each.what, "command": each.command} for each in mends(case, plan)],
        "links": [
            {"name": str(each.link.name), "latest": _iso(each.latest), "earliest": _iso(each.earliest),
             "done_on": _iso(each.link.done_on), "left": left(plan, each), "derivation": each.how,
             "own_last_day": _iso(own_last_days(case).get(each.link.name))}
            for each in plan.links
        ],
        "warnings": warnings(case),
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def rows(case: PharmacyCase, plan: Plan, stands: Callable[[Plan, Planned], str]) -> list[tuple[str, ...]]:
    """Return a line for each link: name, latest day, how it `stands`, and its own last day if it has one."""
    own = own_last_days(case)
    return [
        (each.link.name, _short(each.latest, "no day left"), stands(plan, each), _short(own.get(each.link.name), ""))
        for each in plan.links
    ]


def own_last_days(case: PharmacyCase) -> dict[str, date]:
    """Return the last days that the paper itself sets on the way, which may come before the plan's latest days."""
    if case.route is Route.NON_CONTENTIOUS:
        return {Step.ROUTE: case.route_by.last_day}
    return {Step.ROUTE: case.route_by.last_day, Step.CIRCULATION: case.circulate_by.last_day}


def _short(day: date | None, without: str) -> str:
    return short_day_in_words(day) if day else without


def left(plan: Plan, planned: Planned) -> str:
    """Return how a link stands, with the days left to its latest day while it is to be done."""
    if not planned.link.is_open or planned.fails or planned.latest is None:
        return stands(plan, planned)
    return days_left_in_words((planned.latest - plan.today).days)


def stands(plan: Plan, planned: Planned) -> str:
    """Return how a link stands: done on a day, needed no more, too late, or still to be done."""
    link = planned.link
    if link.fell_away:
        return "needed no more"
    if link.done_on is not None:
        return f"done {short_day_in_words(link.done_on)}"
    if not planned.fails:
        return "to be done"
    return f"does not fit: not before {short_day_in_words(planned.earliest)}" if planned.earliest else "does not fit"


def explained(plan: Plan) -> list[str]:
    """Return how each latest day came about, a line for each link."""
    return [
        f"{each.link.name}, {day_in_words(each.latest) if each.latest else 'no day left'}: {each.how}"
        for each in plan.links
    ]


def verdict(plan: Plan) -> str:
    """Return in a sentence or two whether the plan fits, and what fails first where it does not."""
    if plan.failing is None:
        return f"The plan fits: what is still to be done can be done by {day_in_words(plan.last_day)}."
    return f"The plan does not fit. First fails the {plan.failing.link.name}. {plan.failing.why_it_fails}"


def markdown(case: PharmacyCase) -> str:
    """Return the plan of a case as Markdown with its warnings; nothing once there is nothing left to plan.

    It counts no days: it is read until the next turn, which may be weeks away.
    """
    if not is_planned(case):
        return ""
    plan = plan_of(case)
    lines = [STANDING, ("---",) * len(STANDING), *rows(case, plan, stands)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    told = [*(f"To mend it: {each.in_words}" for each in mends(case, plan)), *warnings(case)]
    listed = "\n".join(f"- {each}" for each in told)
    return f"## {TITLE}\n\n{verdict(plan)}\n\n{table}\n\n{listed}\n\n"


def print_laid_back(case: PharmacyCase, plan: Plan) -> None:
    """Print a plan: its links, whether it fits, what would mend it, and the warnings."""
    from desk.tables import heading, say, show_table

    heading(TITLE)
    show_table(LEFT, rows(case, plan, left))
    say(verdict(plan), "" if plan.fits else "bold red")
    for mend in mends(case, plan):
        say(f"- To mend it: {mend.what}")
        if mend.command:
            print(f"    {mend.command}")
    for warning in warnings(case):
        say(f"- {warning}", "yellow")

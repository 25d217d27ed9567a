"""What would mend a plan that does not fit: the act, by when, and the command that does it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from models.london import day_in_words
from models.pharmacy import PharmacyCase
from models.pharmacy_plan import Step
from models.planning import Gap, Link, Plan, Planned, lay


@dataclass(frozen=True, slots=True)
class Mend:
    """One way to mend a plan, as an act with its day, and the command; words in capitals are the officer's to fill."""

    what: str
    command: str = ""

    @property
    def in_words(self) -> str:
        """Return act and command in one line."""
        return f"{self.what}: {self.command}" if self.command else self.what


ACTS = {
    Step.ENTRY: ("enter the notice", "notify pharmacy-consolidation --file FILE"),
    Step.ASSESSMENT: (
        "attach the equality impact assessment, or a reasoned screening",
        "attach {ref} --kind equality-impact-assessment --file FILE",
    ),
    Step.ROUTE: ("decide the route", "decide-route {ref} --route ROUTE --reasons REASONS"),
    Step.CIRCULATION: ("circulate the papers", ""),
    Step.FEEDBACK: (
        "have everyone's answer",
        "respond {ref} --consultee ROLE --opinion OPINION --interest INTEREST --channel telephone",
    ),
    Step.CALL: ("call the group to a meeting", ""),
    Step.MEETING: ("hold the meeting", "meet {ref} --attended ROLE,ROLE,ROLE --opinion OPINION"),
    Step.DECISION: ("decide", "decide {ref} --opinion OPINION --limb-a REASONS --limb-b REASONS"),
    Step.SENDING: (
        "see that the representation reaches the addressee",
        "serve {ref} --consultee addressee --channel CHANNEL --served-on DATE",
    ),
}


def mends(case: PharmacyCase, plan: Plan) -> list[Mend]:
    """Return what would mend a plan that does not fit, the nearest to the ordinary course first."""
    if plan.failing is None:
        return []
    return [*_sooner(case, plan, plan.failing), *_without_the_group(case, plan), *_another_way(case)]


def _sooner(case: PharmacyCase, plan: Plan, failing: Planned) -> Iterator[Mend]:
    """Give the link that fails on its latest day, or on the last that is possible at all."""
    step = Step(failing.link.name)
    barely = next(each for each in _barest(case, plan).links if each.link.name == step).latest
    if failing.latest is not None and failing.latest >= plan.today:
        yield _act(case, step, failing.latest, "")
    elif barely is not None and barely >= plan.today:
        without = "" if step is Step.MEETING else "with no meeting, and "
        how = f" at the very latest: {without}the decision sent on the day it is taken"
        yield _act(case, step, barely, how)


def _act(case: PharmacyCase, step: Step, by: date, how: str) -> Mend:
    what, command = ACTS[step]
    if step in (Step.ASSESSMENT, Step.ROUTE) and case.urgent is None:
        what += ", so that the papers leave"
    if step is Step.CIRCULATION and "application" in case.missing_papers:
        what, command = f"attach the application and {what}", "attach {ref} --kind application --file FILE"
    if step is Step.CIRCULATION and case.missing_precondition:
        what += f" ({case.missing_precondition})"
    ready = f"cleardays {command.format(ref=case.ref)}" if command else ""
    return Mend(f"{what} by {day_in_words(by)}{how}", ready)


def _barest(case: PharmacyCase, plan: Plan) -> Plan:
    """Return the plan without the times that are local policy, and without the meeting unless that is what fails."""
    meets = plan.failing is not None and plan.failing.link.name == Step.MEETING

    def bare(link: Link) -> Link:
        gap = Gap() if link.name not in (Step.CIRCULATION, Step.FEEDBACK) else link.gap
        if link.name == Step.DECISION and not meets:
            gap = Gap(1)  # feedback closes at the end of its last day
        dropped = link.is_open and not meets and link.name in (Step.CALL, Step.MEETING)
        return replace(link, gap=gap, working_day=False, fell_away=link.fell_away or dropped)

    return lay([bare(each.link) for each in plan.links], plan.last_day, plan.today, case.calendar)


def _without_the_group(case: PharmacyCase, plan: Plan) -> Iterator[Mend]:
    """Give the decision on the answers alone, which is open once feedback has closed (recs (i), (ii))."""
    decision = next(each for each in plan.links if each.link.name == Step.DECISION)
    waits_for_meeting = plan.failing is not None and plan.failing.link.name == Step.MEETING
    if waits_for_meeting and decision.latest is not None and decision.latest >= plan.today:
        what, command = ACTS[Step.DECISION]
        by = day_in_words(decision.latest)
        yield Mend(f"{what} on the answers, without the meeting, by {by}", f"cleardays {command.format(ref=case.ref)}")


def _another_way(case: PharmacyCase) -> Iterator[Mend]:
    if not case.must_represent:
        yield Mend("say nothing: a neighbouring Board may comment and need not")
    elif case.urgent is None and case.decision is None:
        route = case.council.pharmacy.urgent_decision_route
        holder = case.council.title(route.holder, case.today)
        yield Mend(
            f"name the urgent-decision route ({route.name}; decided by the {holder})",
            f"cleardays name-urgent-route {case.ref} --reasons REASONS",
        )

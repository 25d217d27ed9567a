"""The plan of a pharmacy consolidation, laid back from the last day for the representation.

It holds what the paper asks for in the order in which it can be done, on the route that stands, with what is done
already. Before a route is chosen it plans for the contentious one, which asks for more (report paras 8 to 11).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.consultation import Standing
from models.facts import Fact, make_fact
from models.london import date_in_london, parse_day
from models.periods import clear_working_days_before
from models.pharmacy import PharmacyCase
from models.pharmacy_words import DELEGATIONS, Route
from models.planning import Gap, Link, Plan, lay
from models.reckoning import quantity

AGENDA = clear_working_days_before(5, source="Local Government Act 1972 s.100B")  #: notice of a meeting of the Board


class Step(StrEnum):
    """The links of the plan, in the words an officer sees."""

    ENTRY = "entry of the notice"
    ASSESSMENT = "equality impact assessment"
    ROUTE = "choice of the route"
    CIRCULATION = "circulation"
    FEEDBACK = "close of feedback"
    CALL = "call of the meeting"
    MEETING = "meeting of those consulted"
    DECISION = "decision"
    SENDING = "sending of the representation"


@dataclass(frozen=True, slots=True)
class _Progress:
    """What is done already, by the London day it was done on, and what is needed no more.

    What the flow does by itself in the very turn in which it can be done counts as done today.
    """

    done: dict[Step, date]
    fell_away: frozenset[Step]
    feedback_until: date | None  #: until when those who were sent papers, or are about to be, may answer


def plan_of(case: PharmacyCase) -> Plan:
    """Return the plan of a case at the instant it is read."""
    case = _with_default_route(case)
    progress = _progress(case)
    links = [
        Link(
            step, gap, working_day=step in OFFICE_ACTS, only_on=_published_days(case, step),
            done_on=progress.done.get(step), fell_away=step in progress.fell_away,
            expected_on=progress.feedback_until if step is Step.FEEDBACK else None,
        )
        for step, gap in _chain(case)
    ]  # fmt: skip
    return lay(links, case.represent_by.last_day, case.today, case.calendar)


OFFICE_ACTS = (Step.ASSESSMENT, Step.ROUTE, Step.CIRCULATION, Step.MEETING, Step.DECISION)


# -- the chain ---------------------------------------------------------------------------------------------------


def _chain(case: PharmacyCase) -> Iterator[tuple[Step, Gap]]:
    """Give the links of the route that stands, each with what must lie between it and the one before."""
    policy = case.council.local_policy
    days, notice = policy.plan_working_days.value, policy.meeting_notice_working_days.value
    period, _ = case.feedback_period
    leave = Gap(why="the papers can leave on the day the route is chosen")
    answer = Gap(period.count, why=f"those asked have {quantity(period.count, period.unit)} to answer")
    yield Step.ENTRY, Gap()
    if case.route is Route.NON_CONTENTIOUS:
        yield from [(Step.ROUTE, Gap()), (Step.CIRCULATION, leave), (Step.FEEDBACK, answer)]
        yield Step.ASSESSMENT, Gap(why="on this route the decision wants the assessment, not the circulation")
    else:
        yield Step.ASSESSMENT, _working_days(days.assessment, "the assessment takes {}")
        yield Step.ROUTE, Gap(why="the assessment goes with the papers")
        yield from [(Step.CIRCULATION, leave), (Step.FEEDBACK, answer)]
        yield Step.CALL, Gap(1, why="feedback closes at the end of its last day")
        yield Step.MEETING, _working_days(notice, "the meeting is called {} ahead")
    if decided_by_the_board(case):
        yield Step.DECISION, Gap(AGENDA.count + 1, "working days", f"the Board's agenda is out {AGENDA.words} it meets")
    else:
        yield Step.DECISION, _working_days(days.decision, "the decision takes {}")
    yield Step.SENDING, _working_days(days.sending, "the addressee's acceptance is allowed {}")


def _working_days(count: int, why: str) -> Gap:
    return Gap(count, "working days", why.format(quantity(count, "working days")))


def decided_by_the_board(case: PharmacyCase) -> bool:
    """Tell whether the council's file leaves the decision on the route that stands to the Board itself."""
    delegation = case.council.delegations_in_force(case.today).get(DELEGATIONS[case.route or Route.CONTENTIOUS])
    return delegation is not None and delegation.legal_basis == "full_board" and case.urgent is None


def _published_days(case: PharmacyCase, step: Step) -> tuple[date, ...] | None:
    """Return the published meetings on which alone a link can happen, None where any working day will do."""
    pharmacy, bodies = case.council.pharmacy, case.council.bodies
    if step is Step.DECISION and decided_by_the_board(case):
        return bodies[pharmacy.board].meetings
    return (bodies[pharmacy.group].meetings or None) if step is Step.MEETING else None


# -- what is done --------------------------------------------------------------------------------------------------


def _with_default_route(case: PharmacyCase) -> PharmacyCase:
    """Return the case as it stands once the default has been taken, where the flow takes it now (recs (i), (ii))."""
    if case.route is not None or not case.must_represent or not case.route_by.passed(case.now):
        return case
    record = case.record.until(case.record.head)
    by_default = make_fact(
        case=case.ref, number=record.head + 1, at=case.now, kind="route-decided", actor="plan", channel="plan",
        payload={"route": Route.CONTENTIOUS, "by_default": True}, key=None, salt="", previous=record.facts[-1].hash,
    )  # fmt: skip
    record.add(by_default)
    return PharmacyCase(record, case.council, case.now)


def _progress(case: PharmacyCase) -> _Progress:
    done = {Step.ENTRY: date_in_london(case.record.facts[0].at), **_prepared(case)}
    feedback_until = None
    if Step.CIRCULATION in done:
        feedback_until = _feedback_until(case)
        done |= _consulted(case)
    if case.decision is not None:
        done[Step.DECISION] = date_in_london(case.decision.at)
    if case.sent is not None:
        done[Step.SENDING] = parse_day(case.sent["reached_on"])
    return _Progress(done, frozenset(_needed_no_more(case, done)), feedback_until)


def _prepared(case: PharmacyCase) -> dict[Step, date]:
    """Return the assessment, the route and the circulation, as far as they are done."""
    done: dict[Step, date] = {}
    if case.route_fact is not None:
        done[Step.ROUTE] = date_in_london(case.route_fact.at)
    route = case.route
    sent = [date_in_london(fact.at) for fact in case.record.all("circulated") if fact["stage"] == route]
    everyone_has_papers = bool(sent) and all(c.standing is not Standing.NOT_INVITED for c in case.consultees)
    missing = case.missing_papers
    if case.assessment is not None and ("assessment" not in missing or everyone_has_papers):
        done[Step.ASSESSMENT] = date_in_london(case.assessment.at)
    if everyone_has_papers:
        done[Step.CIRCULATION] = max(sent)
    elif case.route is not None and not missing and case.missing_precondition is None:
        done[Step.CIRCULATION] = case.today
    return done


def _feedback_until(case: PharmacyCase) -> date | None:
    """Return the latest day on which somebody who must be awaited may still answer."""
    return max(
        (
            c.feedback_by.last_day
            if c.feedback_by
            else case.feedback_from(date_in_london(c.circulated.at) if c.circulated else case.today, c.role).last_day
            for c in case.consultees
            if c.must_be_awaited
        ),
        default=None,
    )


def _consulted(case: PharmacyCase) -> dict[Step, date]:
    """Return the close of feedback and what follows it, as far as they are done."""
    done: dict[Step, date] = {}
    if case.feedback_closed:
        done[Step.FEEDBACK] = _closed_on(case)
        called, held = case.record.all("meeting-called"), case.record.all("meeting-held")
        pending = [date_in_london(fact.at) for fact in called if fact["round"] == len(held) + 1]
        done[Step.CALL] = pending[0] if pending else case.today
    quorate = [fact for fact in case.record.all("meeting-held") if fact["quorate"]]
    if quorate:
        done[Step.CALL] = done[Step.MEETING] = date_in_london(quorate[-1].at)
    return done


def _closed_on(case: PharmacyCase) -> date:
    closed, until = case.record.last("feedback-closed"), case.feedback_by
    on = case.today if closed is None else date_in_london(closed.at)
    return min(on, until.last_day) if until is not None else on


def _needed_no_more(case: PharmacyCase, done: dict[Step, date]) -> Iterator[Step]:
    """Give what need not be done any more: the meeting after a clear response, consultation once it is urgent."""
    consultation = [Step.CIRCULATION, Step.FEEDBACK, Step.CALL, Step.MEETING]
    if case.decision is not None:
        yield from (step for step in (Step.ASSESSMENT, Step.ROUTE, *consultation) if step not in done)
    elif case.urgent is not None:
        yield from (step for step in consultation if step not in done)
    elif Step.FEEDBACK in done and Step.MEETING not in done and _is_clear(case):
        yield from (Step.CALL, Step.MEETING)


def _is_clear(case: PharmacyCase) -> bool:
    """Tell whether the response is clear: as recorded at the last close, or now where that is still to be recorded."""
    closed = case.record.last("feedback-closed")
    if closed is None or any(map(_may_open_feedback, case.record.facts[closed.number :])):
        return case.views.clear
    return bool(closed["clear"])


def _may_open_feedback(fact: Fact) -> bool:
    late = fact.kind == "response-received" and fact["late"]
    return not late and fact.kind in ("circulated", "papers-served", "response-received", "letter-bounced")


"""The outlook: what happens next if nobody does anything, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.consultation import Standing
from models.london import date_in_london
from models.pharmacy import PharmacyCase
from models.pharmacy_plan import plan_of
from models.pharmacy_words import Route
from tasks.drafting import morning_of
from tasks.ladders import rungs
from tasks.planning import next_to_fail


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that will happen by itself."""

    at: datetime
    what: str

    @property
    def on(self) -> date:
        """Return the London day."""
        return date_in_london(self.at)


def outlook(case: PharmacyCase) -> list[Coming]:
    """Return what the case will do by itself from now on, soonest first."""
    if case.closed is not None:
        return []
    coming = [*_plan(case), *_route(case), *_feedback(case), *_representation(case), *_afterwards(case)]
    return sorted((c for c in coming if c.at > case.now), key=lambda c: c.at)


def _plan(case: PharmacyCase) -> list[Coming]:
    fails = next_to_fail(case, plan_of(case)) if case.sent is None and not case.determined_without_us else None
    if fails is None:
        return []
    at, step = fails
    return [Coming(at, f"without the {step}, the plan does not fit any more; the responsible officer is told")]


def _route(case: PharmacyCase) -> list[Coming]:
    if case.route is not None:
        return []
    ladder = case.council.local_policy.ask_route_days.value
    asked = [case.notice.given_on + timedelta(days=day) for day in ladder]
    again = [Coming(morning_of(day), "the Director of Public Health is asked for the route again") for day in asked
             if day <= case.route_by.last_day]  # fmt: skip
    if not case.must_represent:
        return again
    return [*again, Coming(case.route_by.wakes_at, "without a route: contentious by default, papers are circulated")]


def _feedback(case: PharmacyCase) -> list[Coming]:
    if case.decision is not None or case.route is None:
        return []
    if case.route is Route.CONTENTIOUS and not case.record.all("circulated"):
        return [Coming(case.circulate_by.wakes_at, "circulation becomes late; that is recorded and escalated")]
    days: dict[date, int] = {}
    for each in case.consultees:
        if each.standing is Standing.ASKED and each.feedback_by is not None:
            ladder = case.council.local_policy.reminder_days.value
            for day in {*rungs(case, each.feedback_by.last_day, each.clock_started_on, ladder).values()}:
                days[day] = days.get(day, 0) + 1
    reminders = [Coming(morning_of(day), f"{count} consultees are reminded") for day, count in days.items()]
    closes = case.feedback_by
    if closes is None or case.feedback_closed:
        return reminders
    return [*reminders, Coming(closes.wakes_at, "feedback closes")]


def _representation(case: PharmacyCase) -> list[Coming]:
    if case.sent is not None:
        return []
    found = []
    if case.decision is None:
        ladder = (*case.council.local_policy.reminder_days.value, 0)
        warned = dict.fromkeys(rungs(case, case.represent_by.target, None, ladder).values())
        found = [Coming(morning_of(day), "the Director is warned that the decision is due") for day in warned]
    last = "the last day has passed" + (": a breach is recorded and escalated" if case.must_represent else "")
    return [*found, Coming(case.represent_by.wakes_at, f"without a representation sent, {last}")]


def _afterwards(case: PharmacyCase) -> list[Coming]:
    comments, consolidate = case.comments_by, case.consolidate_by
    found = []
    if comments is not None and case.record.last("comments-made") is None and case.outcome is None:
        found.append(Coming(comments.wakes_at, "the time to comment on other representations ends"))
    noticed = case.record.last("consolidation-notified") or case.record.last("statement-published")
    if consolidate is not None and noticed is None:
        found.append(Coming(consolidate.wakes_at, "without a notice of consolidation, the grant lapses"))
    return found

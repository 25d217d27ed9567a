"""What a Better Care plan's case will do by itself from now on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from models.better_care import BetterCarePlan
from models.better_care_words import BoardRoute
from models.london import parse_day
from tasks.drafting import morning_of
from tasks.ladders import rungs
from tasks.outlook import Coming


def outlook(case: BetterCarePlan) -> list[Coming]:
    """Return what the case will do by itself from now on, soonest first."""
    if case.closed is not None:
        return []
    coming = [*_before_submission(case), *_afterwards(case)]
    return sorted((each for each in coming if each.at > case.now), key=lambda each: each.at)


def _before_submission(case: BetterCarePlan) -> Iterator[Coming]:
    if case.record.last("submitted") is not None:
        return
    last = case.submit_by.last_day
    if case.outstanding:
        for day in dict.fromkeys(rungs(case, last, case.began_on, case.local.chase_days.value).values()):
            yield Coming(morning_of(day), "signatories still outstanding are asked again")
    if case.lacking:
        days = case.local.escalate_days.value
        yield Coming(morning_of(last - timedelta(days=days)), "those above are told what the plan lacks")
    route = case.route
    if route is not None and route["route"] == BoardRoute.SPECIAL_MEETING and case.notice_given(route) is None:
        notice_by = case.notice_by(parse_day(route["meets_on"]))
        yield Coming(notice_by.wakes_at, "without notice the special meeting falls; another route is asked for")
    yield Coming(case.submit_by.wakes_at, "without a submission, a breach is recorded and escalated")


def _afterwards(case: BetterCarePlan) -> Iterator[Coming]:
    review = case.pack.review
    if review is not None and case.record.last("review-recorded") is None:
        yield Coming(morning_of(review.starts_on), f"the {review.name} begins")
    if case.evidence_by is not None and case.evidence_sent is None:
        yield Coming(case.evidence_by.wakes_at, "without the evidence of the conditions, that is escalated")
    if not case.approved:
        return
    if case.section_75 is None:
        yield Coming(case.section_75_by.wakes_at, "without a section 75 agreement, that is escalated")
    for each in case.returns:
        if each.sent is None:
            yield Coming(morning_of(each.ends_on + timedelta(days=1)), f"the return for {each.title} is asked for")
            yield Coming(each.due.wakes_at, f"without the return for {each.title}, that is escalated")

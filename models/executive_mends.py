"""What can no longer be met before a decision, and what would mend it: from day 0, the earliest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from models.deadlines import Deadline
from models.executive_beforehand import NoticedDecision
from models.executive_notices import first_day_after
from models.executive_words import UrgentMatter
from models.london import day_in_words
from models.periods import Period


class Mend(NamedTuple):
    """One thing that would mend what can no longer be met: in a clause, and the verb with its fields."""

    says: str
    verb: str


class OutOfReach(NamedTuple):
    """A deadline that can no longer be met, and each thing that would mend it."""

    deadline: Deadline
    mends: tuple[Mend, ...]


def out_of_reach(item: NoticedDecision) -> list[OutOfReach]:
    """Return each day before a decision that has passed unmet and is still wanted, earliest first."""
    if item.decision is not None or item.withdrawn is not None:
        return []
    found = [each for each in _wanted(item) if each.deadline.passed(item.now)]
    return sorted(found, key=lambda each: each.deadline.last_day)


def _wanted(item: NoticedDecision) -> Iterator[OutOfReach]:
    """Give each day counted back from the decision that nothing has met yet, with what would mend its loss."""
    if item.key and item.route is None:
        moved = _by_moving(item, item.notice_period)
        if item.exception_by.passed(item.now):
            mends = (*_urgency(item), moved)
            yield OutOfReach(item.notice_by, mends)
            yield OutOfReach(item.exception_by, mends)
        else:
            yield OutOfReach(item.notice_by, (_exception(item), moved))
    if item.private_notice_is_due and not item.may_be_private_on(item.decide_until):
        mends = (CONSENT_TO_PRIVATE, IN_PUBLIC, _by_moving(item, item.private_period))
        yield OutOfReach(item.second_private_notice_by if item.first_private_notice else item.private_notice_by, mends)
    if item.papers_are_due and item.papers_for(item.decide_until) is None:
        convened = (AT_SHORTER_NOTICE,) if item.at_a_meeting else ()
        yield OutOfReach(item.papers_by, (*convened, _by_moving(item, item.papers_period)))


CONSENT_TO_PRIVATE = Mend(
    "obtain agreement that the private meeting is urgent (reg 5(6); 000:286-287)",
    "consent-urgency --matter private-meeting",
)
IN_PUBLIC = Mend(
    "take it in public, its papers open like any other's", "correct-decision --no-private --reasons REASONS"
)
AT_SHORTER_NOTICE = Mend(
    "convene the meeting at shorter notice, its agenda open to the public from then on (regs 6, 7)",
    "publish --what agenda --convened-on DAY",
)


def _exception(item: NoticedDecision) -> Mend:
    by = day_in_words(item.exception_by.last_day)
    return Mend(f"give notice of the general exception by {by} (reg 10)", "publish --what general-exception")


def _urgency(item: NoticedDecision) -> tuple[Mend, ...]:
    """Return the way by special urgency, unless it was refused: then the decision cannot be taken that day (reg 11)."""
    if item.refusal_of(UrgentMatter.KEY_DECISION):
        return ()
    office = item.consent_office(UrgentMatter.KEY_DECISION)
    asked = item.council.title(office, item.today) if office else "an office that can agree (none of the three is held)"
    says = f"ask {asked} to agree that it is urgent and cannot reasonably be deferred (reg 11)"
    return (Mend(says, "consent-urgency --matter key-decision"),)


def _by_moving(item: NoticedDecision, period: Period) -> Mend:
    day = first_day_after(period, item.today, item.calendar)
    return Mend(f"publish today and move the decision to {day_in_words(day)} or later", f"move-decision --to {day}")

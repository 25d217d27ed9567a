"""The meeting of those consulted, where no clear response can be agreed electronically (report para 11)."""

from __future__ import annotations

from datetime import date

from models.calendars import Calendar
from models.pharmacy import PharmacyCase
from tasks.drafting import write_to
from tasks.notices import told
from tasks.steps import step_for_each
from tasks.turns import Effect
from tasks.urgency import name_urgent_route, wait_is_over
from tasks.waiting import park


def convene(case: PharmacyCase) -> None:
    """Call the group to a meeting and wait for its outcome; again after an inquorate one while there is time.

    Where no meeting is possible before the internal target, the urgent-decision route is named instead. A decision
    ends the wait: it is open from the close of feedback, meeting or no meeting.
    """
    held = case.record.all("meeting-held")
    for round_ in range(1, len(held) + 2):
        if case.decision is not None or case.urgent is not None:
            return
        meeting = held[round_ - 1] if round_ <= len(held) else None
        if meeting is None and not _can_still_meet(case, round_):
            why = "the group was inquorate" if round_ > 1 else "no clear response could be agreed"
            name_urgent_route(case, why=f"{why} and no meeting can be held by {_target(case)}, the internal target")
            return
        if meeting is None or _was_called(case, round_):
            call(case, told(case, [case.council.pharmacy.responsible_officer, *case.roles]), round_)
        if meeting is None:
            wait_is_over(case, "the meeting of those consulted has not been held")
            park("Awaiting meeting", case.represent_by, f"no clear response: {case.views.in_words()}")
        if meeting["quorate"]:
            return


@step_for_each("meeting-called", "Call the group to a meeting, round {0}")
def call(case: PharmacyCase, role: str, /, round_: int) -> Effect:
    """Invite one of those consulted to meet for further discussion (para 11)."""
    values: dict[str, object] = {
        "views": case.views.in_words(), "meet_by": case.represent_by.target, "times_called": round_,
        "inquorate_before": "yes" if round_ > 1 else "",
    }  # fmt: skip
    return Effect({"consultee": role, "round": round_}, [write_to(case, "meeting-called", role, values)])


def _was_called(case: PharmacyCase, round_: int) -> bool:
    return any(fact["round"] == round_ for fact in case.record.all("meeting-called"))


def _can_still_meet(case: PharmacyCase, round_: int) -> bool:
    """Tell whether notice given today leaves a day to meet by the target; a meeting once called stays called."""
    if _was_called(case, round_):
        return True
    notice = case.council.local_policy.meeting_notice_working_days.value
    return earliest_meeting(case.today, notice, case.calendar) <= case.represent_by.target


def earliest_meeting(today: date, working_days: int, calendar: Calendar) -> date:
    """Return the first day on which a meeting called `today` may be held: so many working days later."""
    return calendar.working_day_after(today, working_days)


def _target(case: PharmacyCase) -> str:
    return f"{case.represent_by.target:%-d %B %Y}"

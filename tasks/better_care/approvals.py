"""Until a Better Care plan is submitted: who signs by when, the Board between its meetings, the chase, the last day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from models.better_care import BetterCarePlan
from models.better_care_packs import BOARD
from models.better_care_words import BoardRoute
from models.deadlines import Deadline
from models.facts import Fact
from models.london import day_in_words, first_instant_of, parse_day
from tasks.better_care.telling import board_people, escalate, everybody
from tasks.drafting import morning_of
from tasks.ladders import newest_rung
from tasks.notices import inform, told
from tasks.steps import step
from tasks.turns import Effect
from tasks.waiting import due, park, wake_after

ONE_DAY = timedelta(days=1)


def announce(case: BetterCarePlan) -> None:
    """Tell everybody who signs, on the day the draft is entered, by when, and when the Board meets (rec (i))."""
    inform(
        case, everybody(case), "plan received", template="bc-received", draft_on=case.draft_on or "",
        board_meetings=[day_in_words(day) for day in case.board_meetings],
        conditions=[f"{each.text} ({key})" for key, each in case.pack.conditions.items()],
    )  # fmt: skip


# -- the Board between its meetings (rec (ii)) ---------------------------------------------------------------


def see_to_the_board(case: BetterCarePlan) -> None:
    """Ask for a route at once where the Board does not meet in time; look again when a meeting or a notice fails."""
    for meeting in case.board_meetings:
        due(first_instant_of(meeting + ONE_DAY))
    route = case.record.last("route-chosen")
    if route is not None and route["route"] == BoardRoute.SPECIAL_MEETING:
        _see_to_special_meeting(case, route)
    if case.needs_route and not case.submit_by.passed(case.now):
        ask_for_route(case, route)


def ask_for_route(case: BetterCarePlan, before: Fact | None) -> None:
    """Ask the Director and the Chair how the Board's approval is had, with each way's last days."""
    notice_by, following = case.notice_by(case.latest_special_meeting), case.next_board_meeting
    failed = case.special_failed(before) if before is not None else None
    refused = case.own_refusal(BOARD)
    inform(
        case, told(case, [case.responsible_officer, *board_people(case)]),
        f"route to the Board, {before.number if before else 0}", template="bc-route-needed",
        next_meeting=following or "", failed=failed or "", special_on=case.latest_special_meeting,
        refused_on=parse_day(refused["signed_on"]) if refused else "", **_notice(notice_by),
        special_possible="yes" if case.special_is_possible else "", board_note=case.pack.board.note or "",
        act=f"cleardays choose-board-route {case.ref} --route ROUTE --reasons REASONS",
    )  # fmt: skip


def _see_to_special_meeting(case: BetterCarePlan, route: Fact) -> None:
    meets_on = parse_day(route["meets_on"])
    notice_by = case.notice_by(meets_on)
    wake_after(notice_by)
    wake_after(case.met_by(meets_on))
    if case.notice_given(route) is None and not notice_by.passed(case.now):
        inform(
            case, board_people(case), f"special meeting, {meets_on}", template="bc-special-meeting", meets_on=meets_on,
            **_notice(notice_by),
            act=f"cleardays give-meeting-notice {case.ref}",
        )  # fmt: skip


def _notice(notice_by: Deadline) -> dict[str, Any]:
    """Return what a letter says of the day for notice: the strict day, its derivation, the working day before it."""
    earlier = notice_by.target if notice_by.target != notice_by.last_day else ""
    return {
        "notice_by": notice_by.last_day, "notice_derivation": notice_by.in_words(), "notice_target": earlier,
    }  # fmt: skip


# -- chase and escalation ------------------------------------------------------------------------------------


def chase(case: BetterCarePlan) -> None:
    """Ask each signatory still outstanding again on the council's ladder, then tell those above; tell of refusals."""
    for refusal in case.record.all("sign-off-refused"):
        escalate(
            case, f"refusal, fact {refusal.number}", template="bc-refused",
            signatory=case.name_of(refusal["signatory"]), authority=refusal["authority"],
            refused_on=parse_day(refusal["signed_on"]),
        )  # fmt: skip
    if case.submission is not None or case.submit_by.passed(case.now):
        return
    last = case.submit_by.last_day
    rung = newest_rung(case, last, case.began_on, case.local.chase_days.value)
    if rung is not None and case.outstanding:
        inform(
            case, told(case, [*(case.asked(key) for key in case.outstanding), case.responsible_officer]),
            f"sign-off, {rung} days before", template="bc-sign-off-due", days_left=(last - case.today).days,
            act=f"cleardays sign-off {case.ref} --signatory SIGNATORY --authority AUTHORITY",
        )  # fmt: skip
    days = case.local.escalate_days.value
    if due(morning_of(last - timedelta(days=days))) and case.lacking:
        escalate(
            case, f"not signed, {days} days before", template="bc-not-signed", lacking=[*case.problems, *case.lacking],
            days_left=(last - case.today).days,
        )  # fmt: skip


# -- the last day --------------------------------------------------------------------------------------------


def watch_last_day(case: BetterCarePlan) -> None:
    """Record a breach when the last day has passed without a submission in time; withdraw it on proof that it was.

    A submission that lacked a signature or a condition wanted before it does not keep the day (001:586-593).
    """
    last, first = case.submit_by, case.complied
    wake_after(last)
    breach = case.record.last("breach-recorded")
    if first is not None and parse_day(first["reached_on"]) <= last.last_day:
        if breach is not None:
            withdraw_breach(case, breach.number, submission=first)
            inform(
                case, told(case, case.local.escalation_roles.value), f"breach withdrawn, fact {breach.number}",
                template="bc-breach-withdrawn", missed_on=last.last_day, proof=first["proof"],
            )  # fmt: skip
    elif last.passed(case.now):
        sent = case.record.first("submitted")
        record_breach(case, last.last_day.isoformat())
        escalate(
            case, f"breach, {last.last_day}", template="bc-breach", missed_on=last.last_day,
            lacking=[*case.problems, *case.lacking] or ["nothing but the submission itself"],
            sent_on=parse_day(sent["reached_on"]) if sent is not None else "",
        )  # fmt: skip


@step("breach-recorded", "Record the breach: no plan submitted by {0}")
def record_breach(case: BetterCarePlan, last_day: str) -> Effect:
    """Record that no plan with all that is wanted before its submission was submitted by the national last day."""
    sent = case.record.first("submitted")
    what = "the submission of the plan" if sent is None else "the submission of the plan with all its signatures"
    return Effect({"what": what, "last_day": last_day, "rule": case.pack.submit_by.source})


@step("breach-withdrawn", "Withdraw the breach of fact {0}")
def withdraw_breach(case: BetterCarePlan, number: int, *, submission: Fact) -> Effect:
    """Record by which proof the plan was submitted in time after all."""
    return Effect({"breach": number, "proof": submission.number, "reasons": submission["proof"]})


# -- waiting -------------------------------------------------------------------------------------------------


def wait_for_submission(case: BetterCarePlan) -> Fact:
    """Return the submission; until it is recorded, wait under the name of what the plan lacks first."""
    if case.submission is not None:
        return case.submission
    awaiting, why = wanted(case)
    park(awaiting, case.submit_by, why)


def wanted(case: BetterCarePlan) -> tuple[str, str]:
    """Return what a plan not yet submitted waits for, by its name as a state, and whose it is to do."""
    office = case.council.title(case.responsible_officer, case.today)
    draft_on = case.draft_on
    if case.arrangements is None and draft_on is not None and not due(first_instant_of(draft_on + ONE_DAY)):
        return "Awaiting arrangements", f"the Board considers the draft on {day_in_words(draft_on)} (rec (ii))"
    if case.needs_route and not case.submit_by.passed(case.now):
        return "Awaiting route to the Board", f"the Board does not meet in time; the {office} chooses how it approves"
    if case.problems:
        return "Awaiting the complete plan", f"the {office} completes it: {case.problems[0]}"
    if case.conditions_unmet:
        return "Awaiting evidence", f"the {office} records evidence of: {', '.join(case.conditions_unmet)}"
    if case.outstanding:
        return "Awaiting sign-off", f"to sign: {', '.join(_who_signs(case, key) for key in case.outstanding)}"
    return "Awaiting submission", f"everything is there; the {office} submits the plan"


def _who_signs(case: BetterCarePlan, key: str) -> str:
    return f"{case.name_of(key)} ({case.council.title(case.asked(key), case.today)})"


"""What an officer does to a Better Care plan before it is submitted: arrangements, conditions, route, signatures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date
from typing import Any

from models.better_care import BetterCarePlan
from models.better_care_packs import BOARD
from models.better_care_signing import (
    Signature,
    doubt_about,
    refusal_in_words,
    usual_manner,
    usual_office,
    why_not_delegate,
    why_not_sign,
)
from models.better_care_words import Answer, Basis, BoardRoute, Manner
from models.council_file import one_of
from models.london import date_in_london, day_in_words, instant_in_words
from tasks import forms as shared
from tasks.acts import Act, ReadFile, Verb
from tasks.authority import DECISION_MAKER, OFFICER
from tasks.better_care import forms
from tasks.better_care.documents import attach
from tasks.better_care.later_verbs import LATER
from tasks.common_verbs import check_role, settle, withdraw
from tasks.days import happened_on
from tasks.forms import Refused
from tasks.powers import Power, entered


def record_arrangements(case: BetterCarePlan, form: forms.RecordArrangements, read_file: ReadFile) -> Act:
    """Record what the Board agreed on approving the final version (report rec (ii))."""
    agreed_on = happened_on(case, form.agreed_on, "the resolution")
    if agreed_on not in case.council.body(case.local.board).meetings:
        raise Refused(
            f"the Board did not meet on {day_in_words(agreed_on)} by its published dates; name the day of its meeting, "
            "or enter the meeting in the council's file"
        )
    doubt = ""
    if form.delegate is not None:
        check_role(case, form.delegate)
        why_not = why_not_delegate(case, BOARD, form.delegate, agreed_on)
        if why_not is not None:
            raise Refused(why_not)
        doubt = f" Printed on the record: {case.pack.board.note}." if case.pack.board.delegation != "may" else ""
    payload = {
        "agreed_on": agreed_on.isoformat(), "authority": form.authority, "text": form.text, "delegate": form.delegate,
        "doubt": case.pack.board.note if form.delegate else None,
    }  # fmt: skip
    return Act("arrangements-agreed", payload, f"Arrangements recorded: {form.authority}.{doubt}")


def meet_condition(case: BetterCarePlan, form: forms.MeetCondition, read_file: ReadFile) -> Act:
    """Record the evidence of a national condition, or that it is not met after all (report para 5)."""
    if form.condition not in case.pack.conditions:
        known = one_of(case.pack.conditions, form.condition)
        raise Refused(f"{form.condition!r} is not a condition of {case.pack.title} ({known})")
    payload = {"condition": form.condition, "evidence": form.evidence}
    if not form.met:
        return Act("condition-not-met", payload, f"Recorded: the condition {form.condition} is not met.")
    left = [key for key in case.conditions_unmet if key != form.condition]
    told = f"Still without evidence: {', '.join(left)}." if left else "All conditions have evidence."
    return Act("condition-met", payload, f"The condition {form.condition} is met. {told}")


def choose_board_route(case: BetterCarePlan, form: forms.ChooseBoardRoute, read_file: ReadFile) -> Act:
    """Choose how the Board approves between its meetings (rec (ii); none from 26 July to 18 October 2017)."""
    if case.submission is not None:
        raise Refused("the plan is submitted; its Board approves at its next meeting, if it has not yet")
    if form.route is not BoardRoute.SPECIAL_MEETING and form.meets_on is not None:
        raise Refused("a day of meeting goes with a special meeting only; leave it out")
    refused = case.own_refusal(BOARD)
    if refused is not None and form.route is not BoardRoute.SPECIAL_MEETING:
        raise Refused(
            f"{refusal_in_words(case, refused)}; neither a delegate nor the Chair can overturn that. Choose a special "
            "meeting, or attach a changed plan first"
        )
    payload = {"route": form.route, "reasons": form.reasons, "meets_on": None, "notice_by": None}
    if form.route is BoardRoute.DELEGATED:
        return Act("route-chosen", payload, _delegated(case))
    if form.route is BoardRoute.CHAIR_SUPPORT:
        return Act("route-chosen", payload, _chair_support(case))
    meets_on, says = _special_meeting(case, form.meets_on)
    payload |= {"meets_on": meets_on.isoformat(), "notice_by": case.notice_by(meets_on).last_day.isoformat()}
    return Act("route-chosen", payload, says)


def _delegated(case: BetterCarePlan) -> str:
    arrangements = case.arrangements
    if arrangements is None or not arrangements["delegate"]:
        raise Refused(
            "the Board has agreed no delegate, so that nobody can approve for it; record what it agreed first "
            "(record-arrangements --delegate ROLE), or choose another route"
        )
    delegate = case.council.title(arrangements["delegate"], case.today)
    return f"Route chosen: the {delegate} approves for the Board ({arrangements['authority']}). {case.pack.board.note}."


def _chair_support(case: BetterCarePlan) -> str:
    following = case.next_board_meeting
    when = f"on {day_in_words(following)}" if following else "at a meeting still to be published"
    return f"Route chosen: the plan goes with the Chair's support, and the Board is asked to approve it {when}."


def _special_meeting(case: BetterCarePlan, meets_on: date | None) -> tuple[date, str]:
    last, by = case.latest_special_meeting, case.notice_by(case.latest_special_meeting).last_day
    limits = (
        f"the latest special meeting in time is on {day_in_words(last)}, with notice by {day_in_words(by)}"
    )
    if meets_on is None:
        raise Refused(f"name the day of the special meeting (--meets-on); {limits}")
    if meets_on > case.submit_by.last_day or meets_on < case.today:
        raise Refused(f"a special meeting on {day_in_words(meets_on)} is not from today to the last day; {limits}")
    notice_by = case.notice_by(meets_on)
    if notice_by.passed(case.now):
        raise Refused(
            f"notice of a meeting on {day_in_words(meets_on)} had to be given by {day_in_words(notice_by.last_day)} "
            f"(5 clear working days, {notice_by.source}); {limits}"
        )
    told = f"Route chosen: a special meeting of the Board on {day_in_words(meets_on)}."
    return meets_on, f"{told} Notice and papers must be out by {notice_by.in_words()}."


def give_meeting_notice(case: BetterCarePlan, form: forms.GiveMeetingNotice, read_file: ReadFile) -> Act:
    """Record that notice of the special meeting was given; too late a notice is none."""
    route = case.record.last("route-chosen")
    if route is None or route["route"] != BoardRoute.SPECIAL_MEETING:
        raise Refused("no special meeting of the Board was chosen; choose one first (choose-board-route)")
    if case.notice_given(route) is not None:
        raise Refused("notice of that special meeting was given before")
    given_on = happened_on(case, form.given_on, "the notice")
    notice_by = case.notice_by(date.fromisoformat(route["meets_on"]))
    if given_on > notice_by.last_day:
        raise Refused(
            f"notice had to be given by {day_in_words(notice_by.last_day)}; on {day_in_words(given_on)} it is too late "
            "for that meeting, which could decide nothing. Choose another route (choose-board-route)"
        )
    payload = {"meets_on": route["meets_on"], "reached_on": given_on.isoformat(), "where": form.where}
    return Act("meeting-notice-given", payload, "Notice of the special meeting recorded: it can approve the plan.")


def sign_off(case: BetterCarePlan, form: forms.SignOff, read_file: ReadFile) -> Act:
    """Record a signature or a refusal, with authority, day and the version it goes to (report summary, paras 3, 5)."""
    if form.signatory not in case.pack.signatories:
        known = one_of(case.pack.signatories, form.signatory)
        raise Refused(f"{form.signatory!r} does not sign a plan of {case.pack.title} ({known})")
    manner = form.manner or usual_manner(case, form.signatory)
    signed_by = form.signed_by or usual_office(case, form.signatory, manner)
    check_role(case, signed_by)
    given = Signature(form.signatory, signed_by, manner, form.signed_on or case.today, form.answer)
    why_not = why_not_sign(case, given)
    if why_not is not None:
        raise Refused(why_not)
    doubt = doubt_about(case, given)
    payload = {
        "signatory": form.signatory, "signed_by": signed_by, "manner": manner, "authority": form.authority,
        "signed_on": given.signed_on.isoformat(), "doubt": doubt, "version": case.version,
        "after_submission": case.submission is not None,
    }  # fmt: skip
    late = _is_late(case, given)
    name = case.name_of(form.signatory)
    if form.answer is Answer.REFUSED:
        return Act("sign-off-refused", payload, f"Recorded: the {name} refuses to sign. Those above are told.")
    who = "The Chair supports the plan for the" if manner is Manner.CHAIR_SUPPORT else "Signed off by the"
    when = f", LATE: {day_in_words(case.submit_by.last_day)} was the last day" if late else ""
    told = f"{who} {name}{when}. {_still(case, form.signatory, manner)}"
    return Act("signed-off", {**payload, "late": late}, f"{told}{_printed(doubt)}{_version_is_younger(case, given)}")


def _is_late(case: BetterCarePlan, given: Signature) -> bool:
    """Tell whether a signature wanted before the submission came after the last day; a revision's later ones do not."""
    last_day, all_signed = case.submit_by.last_day, case.signed_off
    if given.signed_on <= last_day or case.signatory(given.signatory).may_follow:
        return False
    return all_signed is None or all_signed["signed_on"] > last_day.isoformat()


def _version_is_younger(case: BetterCarePlan, given: Signature) -> str:
    """Return a word of warning where the documents came in after the day of the signature."""
    if case.version_came_on <= given.signed_on:
        return ""
    came_on = day_in_words(case.version_came_on)
    return f" Note: the documents came in on {came_on}, after that; are they those that it signed?"


def _still(case: BetterCarePlan, signed: str, manner: Manner) -> str:
    left = [case.name_of(key) for key in case.unsigned if key != signed or manner is Manner.CHAIR_SUPPORT]
    return f"Still to sign: {', '.join(left)}." if left else "Everybody has signed."


def _printed(doubt: str | None) -> str:
    return f" Printed on the record: {doubt}." if doubt else ""


def submit(case: BetterCarePlan, form: forms.Submit, read_file: ReadFile) -> Act:
    """Record the submission with its proof, and on what basis it stands (report rec (ii): by 11 September 2017)."""
    at = form.submitted_at or case.now
    if at > case.now:
        raise Refused(f"submitted at {instant_in_words(at)} lies ahead; it is {instant_in_words(case.now)}")
    then = case.as_it_stood(at)
    if case.submission is not None and (case.approved or then.basis == case.submission["basis"]):
        raise Refused(f"the plan was submitted before, fact {case.submission.number}; nothing has changed since")
    reached_on = happened_on(case, date_in_london(at), "the submission", not_before=_submitted_after(case))
    as_then = "" if at == case.now else f" (as it stood on {day_in_words(reached_on)}; what came later does not count)"
    if then.problems:
        raise Refused(f"the plan is not complete and is not submitted{as_then}: {'; '.join(then.problems[:5])}")
    if then.lacking and not form.despite:
        raise Refused(
            f"it cannot be submitted as compliant{as_then}: {'; '.join(then.lacking)}. Where the last day leaves no "
            "choice, say why it is submitted all the same (--despite); it is then recorded as not compliant"
        )
    late = case.submit_by.passed(at)
    payload = {
        "submitted_at": at.astimezone(UTC).isoformat(), "reached_on": reached_on.isoformat(), "proof": form.proof,
        "basis": then.basis, "compliant": then.basis is Basis.COMPLIANT, "lacking": then.lacking,
        "despite": form.despite if then.lacking else None, "version": then.version, "late": late,
        "signatures": {key: fact.number for key in case.pack.signatories if (fact := then.signature(key))},
    }  # fmt: skip
    told = ", LATE" if late else ", in time"
    changed = " Note: documents attached since are not those that were sent." if then.version != case.version else ""
    return Act("submitted", payload, f"Submitted on {day_in_words(reached_on)}{told}: {then.basis}.{changed}")


def _submitted_after(case: BetterCarePlan) -> date | None:
    """Return the day before which a submission cannot be: that of the one before it, or of the panel's revision."""
    if case.submission is not None:
        return date.fromisoformat(case.submission["reached_on"])
    return date.fromisoformat(case.panel["decided_on"]) if case.panel is not None else None


# -- who may enter it ------------------------------------------------------------------------------------------


def to_arrange(case: BetterCarePlan) -> Power:
    """Return who enters what the Board agreed: its clerk, on its word."""
    return Power("record what the Board agreed", _clerk(case, BOARD), word_of=case.local.board)


def to_sign_off(case: BetterCarePlan) -> Power:
    """Return who enters signatures: of each signatory the clerk whom the council's file names, else the officer."""
    clerks = dict.fromkeys(_clerk(case, key) for key in case.pack.signatories)
    others = tuple(each for each in clerks if each != case.responsible_officer)
    return Power("enter a sign-off", case.responsible_officer, deputies=others)


def to_sign_off_as(case: BetterCarePlan, form: forms.SignOff) -> Power:
    """Return who enters one signature, or refusal: the office that signs, or the signatory's clerk on its word."""
    if form.signatory not in case.local.signatories or form.signatory not in case.pack.signatories:
        return to_sign_off(case)
    manner = form.manner or usual_manner(case, form.signatory)
    signed_by = form.signed_by or usual_office(case, form.signatory, manner)
    return entered(case, f"sign off for the {case.name_of(form.signatory)}", _clerk(case, form.signatory), signed_by)


def to_submit(case: BetterCarePlan) -> Power:
    """Return who submits the plan: the responsible officer; the Board's clerk may enter that, on that word."""
    return Power("submit the plan", case.responsible_officer, recorders=(_clerk(case, BOARD),))


def _clerk(case: BetterCarePlan, signatory: str) -> str:
    local = case.local.signatories.get(signatory)
    return local.clerk if local is not None and local.clerk is not None else case.responsible_officer


WITHDRAW: Verb[Any] = Verb(
    "withdraw", "Record a withdrawal", shared.Withdraw, withdraw, OFFICER, example="--reasons 'Replaced by a new plan'"
)

EARLIER: tuple[Verb[Any], ...] = (
    Verb("attach", "Attach a document", shared.Attach, attach, OFFICER,
         example="--kind narrative-plan --file plan.docx"),
    Verb("record-arrangements", "Record the arrangements for approval", forms.RecordArrangements, record_arrangements,
         DECISION_MAKER, power=to_arrange,
         example="--authority 'Board, 26 July 2017, minute 14' --text 'Delegated to the Director' --delegate ROLE"),
    Verb("meet-condition", "Record evidence of a condition", forms.MeetCondition, meet_condition, OFFICER,
         example="--condition social-care-maintained --evidence 'planning return, sheet 4'"),
    Verb("choose-board-route", "Choose the route to the Board's approval", forms.ChooseBoardRoute,
         choose_board_route, OFFICER, example="--route delegated-approval --reasons 'No meeting before the last day'"),
    Verb("give-meeting-notice", "Record notice of a special meeting", forms.GiveMeetingNotice, give_meeting_notice,
         OFFICER,
         example="--where https://example.org/meetings"),
    Verb("sign-off", "Record a sign-off", forms.SignOff, sign_off, DECISION_MAKER,
         power=to_sign_off, power_by=to_sign_off_as, also="the office that signs",
         example="--signatory council --authority 'Cabinet, 22 August 2017, minute 31'"),
    Verb("submit", "Record the submission", forms.Submit, submit, DECISION_MAKER, power=to_submit,
         example="--proof 'receipt of the portal'"),
)  # fmt: skip

SETTLE: Verb[Any] = Verb(
    "settle", "Settle a letter whose fate is not known", shared.Settle, settle, OFFICER, on_closed=True,
    example="--consultee board-chair --fate received --reasons 'Told by telephone'",
)  # fmt: skip

VERBS: Mapping[str, Verb[Any]] = {verb.name: verb for verb in (*EARLIER, *LATER, SETTLE, WITHDRAW)}

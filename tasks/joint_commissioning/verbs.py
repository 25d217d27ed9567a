"""What is done to an item: before the meeting, at it, and while it is put off, referred back or in dispute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from models.boards import BadRoll, Hand, InterestAction, Meeting, read_roll
from models.joint_commissioning import JointCommissioningCase
from models.joint_commissioning_words import ATTACHED, ItemKind
from models.london import day_in_words
from tasks import board_forms, common_verbs, powers
from tasks.acts import Act, ReadFile, Verb
from tasks.authority import CHAIR, DECISION_MAKER, OFFICER
from tasks.common_verbs import check_role
from tasks.days import happened_beforehand
from tasks.executive.verbs import EXECUTIVE_VERBS, decide_item, sign, to_resolve
from tasks.forms import Attach, Refused, Settle, Withdraw
from tasks.joint_commissioning import forms
from tasks.joint_commissioning.directions import DIRECTIONS
from tasks.key_decision.forms import CorrectDecision, MoveDecision
from tasks.key_decision.verbs import correct_decision

Case = JointCommissioningCase


# -- before the meeting ----------------------------------------------------------------------------------------


def _attach(case: Case, form: Attach, read_file: ReadFile) -> Act:
    return common_verbs.attach(case, form, read_file, ATTACHED)


def _place(case: Case, form: forms.PlaceItem, read_file: ReadFile) -> Act:
    _not_constitution(case)
    answered = case.accepted or case.refused
    if answered is not None:
        raise Refused(f"that was answered before, fact {answered.number}")
    if not form.agreed and not form.reasons:
        raise Refused("say why the item is not taken (--reasons)")
    kind = "item-accepted" if form.agreed else "item-refused"
    says = "The item is taken onto the agenda." if form.agreed else "The item is not taken. The case closes."
    return Act(kind, {"reasons": form.reasons}, says)


def _convene(case: Case, form: board_forms.Convene, read_file: ReadFile) -> Act:
    _not_constitution(case)
    if form.body not in (None, case.section.board):
        raise Refused(f"this item comes before the {case.board.name} ({case.section.board}), not {form.body}")
    if case.consensus_reached or case.consensus_failed:
        raise Refused("the Board has considered the item at this meeting; the Chair defers it, or it is decided")
    if form.meeting_on < case.today:
        raise Refused(f"{day_in_words(form.meeting_on)} is past; name a day to come")
    published = form.meeting_on in case.board.meetings
    ordinary = form.kind is board_forms.MeetingKind.ORDINARY
    if ordinary and not published:
        near = ", ".join(day_in_words(day) for day in case.board.meetings if day >= case.today)[:80]
        raise Refused(f"the Board has no published meeting on {day_in_words(form.meeting_on)}; there are {near} ...")
    if not ordinary and not form.reasons:
        raise Refused("a meeting outside the published dates is held on an exceptional basis: say why (ToR 6.4, 6.6)")
    if case.board.chairing(form.meeting_on) is None:
        raise Refused(f"the council's file names no Chair of the {case.board.name} on {day_in_words(form.meeting_on)}")
    payload = {"meeting_on": form.meeting_on.isoformat(), "kind": form.kind, "reasons": form.reasons,
               "round": case.round.number}  # fmt: skip
    return Act("convened", payload, f"The item is taken on {day_in_words(form.meeting_on)}. {_reach(case, form)}")


def _move(case: Case, form: MoveDecision, read_file: ReadFile) -> Act:
    """Name another meeting by the verb that every executive decision has."""
    published = form.to in case.board.meetings
    kind = board_forms.MeetingKind.ORDINARY if published else board_forms.MeetingKind.ADDITIONAL
    return _convene(case, board_forms.Convene(meeting_on=form.to, kind=kind, reasons=form.reasons), read_file)


def _reach(case: Case, form: board_forms.Convene) -> str:
    """Say which days counted back from the meeting have passed already."""
    if not case.of_the_council:
        return ""
    period = case.notice_period if case.key else case.papers_period
    latest = period.from_(form.meeting_on, name="notice", event="the Board meets", calendar=case.calendar).last_day
    what = "notice of this key decision" if case.key else "its papers"
    return f"The latest day for {what} is {day_in_words(latest)}{', which has passed' if latest < case.today else ''}."


# -- at the meeting ----------------------------------------------------------------------------------------------


def _attend(case: Case, form: board_forms.Attend, read_file: ReadFile) -> Act:
    held_on = _at_the_meeting(case, form.held_on)
    if form.body not in (None, case.section.board):
        raise Refused(f"this item comes before the {case.board.name} ({case.section.board}), not {form.body}")
    try:
        roll = read_roll(form.present)
        for role in (*roll, *roll.values(), *form.in_attendance):
            check_role(case, role)
        if case.round.last("voted") and (case.roll is None or roll != case.roll["present"]):
            raise Refused("hands were shown; who was there then stands on the record (add others by --in-attendance)")
        held = case.meeting_with(roll, {})
        held.check_roll()
    except BadRoll as error:
        raise Refused(str(error)) from error
    undeclared = case.board.undeclared([a.seat for a in held.present if not a.deputises], held_on)
    payload = {
        "present": roll, "in_attendance": list(form.in_attendance),
        "held_on": held_on.isoformat(), "round": case.round.number,
        "partners": {a.role: a.partner for a in held.present}, "absent": list(held.absent),
        "undeclared": list(undeclared), "public_questions": form.public_questions,
    }  # fmt: skip
    titles = ", ".join(case.council.title(role, held_on) for role in undeclared)
    noted = f" No declaration of interests within twelve months: {titles} (ToR 11.1)." if undeclared else ""
    noted += _decider_there(case, held, form.in_attendance)
    return Act("attended", payload, f"Roll recorded. {held.quorum.reason}{noted}")


def _decider_there(case: Case, held: Meeting, in_attendance: Sequence[str]) -> str:
    """Say where who would decide is not recorded as there, which would stop the decision (001:4409-4412)."""
    if not case.remit.decides or held.was_there(case.decision_maker, in_attendance):
        return ""
    how = "on the roll" if case.decision_maker in case.board.members else "(--in-attendance)"
    return f" {case.decision_maker_in_words} decides and is not recorded {how}."


def _at_the_meeting(case: Case, held_on: date | None) -> date:
    """Return the day of the meeting of this round. Raises Refused where it has not come, or another is named."""
    _not_constitution(case)
    if case.accepted is None:
        raise Refused("the item has not been taken onto the agenda: the Chair or Vice-Chair says so first (place-item)")
    if case.meeting_on is None:
        raise Refused("no meeting is named for the item: do that first (convene)")
    if case.meeting_on > case.today:
        raise Refused(f"the meeting of {day_in_words(case.meeting_on)} lies ahead; record it once it is held")
    if held_on not in (None, case.meeting_on):
        raise Refused(f"the item is set for {day_in_words(case.meeting_on)}; for another day, convene first")
    return case.meeting_on


def _declare(case: Case, form: board_forms.DeclareInterest, read_file: ReadFile) -> Act:
    check_role(case, form.member)
    if case.decision is not None:
        raise Refused(f"the item is decided, fact {case.decision.number}; tell the monitoring officer")
    if case.round.last("voted"):
        raise Refused("hands were shown; an interest is declared before, and tell the monitoring officer of this one")
    deputies = [role for partner in case.board.partners.values() for role in partner.deputies_on(case.today)]
    if form.member not in (*case.board.members, *deputies, case.decision_maker):
        raise Refused(f"{form.member} is no member of the {case.board.name}, nor a deputy, nor the decision-maker")
    if form.action is InterestAction.DISPENSATION and not form.granted_by:
        raise Refused("a dispensation says who granted it (--granted-by; Localism Act 2011 s.33)")
    if form.action is not InterestAction.NONE and not form.interest:
        raise Refused("say what the interest is (--interest; ToR 11.1)")
    payload = {"member": form.member, "action": form.action, "interest": form.interest,
               "granted_by": form.granted_by, "round": case.round.number}  # fmt: skip
    says = f"Recorded for {case.council.title(form.member, case.today)}: {form.action}."
    if form.action is InterestAction.WITHDRAWS:
        says += " Who withdraws takes no part and does not count: the quorum is tested again."
    return Act("interest-declared", payload, says)


def _vote(case: Case, form: board_forms.Vote, read_file: ReadFile) -> Act:
    _at_the_meeting(case, None)
    if form.body not in (None, case.section.board):
        raise Refused(f"this item comes before the {case.board.name} ({case.section.board}), not {form.body}")
    why_not = case.why_not_vote()
    if why_not is not None:
        raise Refused(f"no show of hands can be taken: {why_not}")
    taking_part = [attendee.role for attendee in case.meeting.taking_part]
    others = [role for role in form.hands if role not in taking_part]
    missing = [role for role in taking_part if role not in form.hands]
    if others:
        raise Refused(f"{', '.join(others)} takes no part: not present as a member or deputy, or withdrawn")
    if missing:
        raise Refused(f"whose hand said what is missing for {', '.join(missing)}; who says nothing abstains (abstain)")
    payload = {
        "hands": dict(form.hands), "reasons": form.reasons, "round": case.round.number,
        "held_on": case.meeting.on.isoformat(),
        "dissent": [role for role, hand in form.hands.items() if hand is not Hand.FOR],
    }  # fmt: skip
    return Act("voted", payload, "Show of hands recorded.")


def _minute(case: Case, form: forms.Minute, read_file: ReadFile) -> Act:
    on = _at_the_meeting(case, None)
    if case.remit.decides:
        raise Refused(f"the item is for decision ({case.remit.why}): take a show of hands (vote)")
    payload = {"considerations": form.considerations, "recommendations": form.recommendations,
               "held_on": on.isoformat(), "round": case.round.number}  # fmt: skip
    return Act("noted", payload, "Considerations and recommendations are minuted.")


def _sign(case: Case, form: Any, read_file: ReadFile) -> Act:
    if not case.of_the_council:
        raise Refused(f"it is {case.whose_decision}; no decision notice of the Council's is signed for it")
    return sign(case, form, read_file)


def _decide(case: Case, form: Any, read_file: ReadFile) -> Act:
    act = decide_item(case, form, read_file)
    failed = [] if case.consensus_reached is None else list(case.consensus_reached["dissent"])
    return replace(act, payload={**act.payload, "round": case.round.number, "dissent": failed})


# -- around it -------------------------------------------------------------------------------------------------


def _correct(case: Case, form: CorrectDecision, read_file: ReadFile) -> Act:
    """Correct what was entered of the item, such as that it is taken in public, before hands are shown on it."""
    _not_constitution(case)
    if case.round.last("voted"):
        raise Refused("hands were shown on the item as it was entered; it is corrected before the Board considers it")
    act = correct_decision(case, form, read_file)
    public = " It is taken in public, its papers open like any other's." if form.private is False else ""
    return replace(act, says=f"{act.says}{public}")


def _withdraw(case: Case, form: Withdraw, read_file: ReadFile) -> Act:
    if case.decision is not None:
        raise Refused(f"the item was decided, fact {case.decision.number}; a decision is not withdrawn (ToR 8.4)")
    return common_verbs.withdraw(case, form, read_file)


def _not_constitution(case: Case) -> None:
    if case.kind is ItemKind.CONSTITUTION:
        raise Refused("a change of the constitution is decided by Cabinet and Council: record-parent-decision")


def _record_parent(case: Case, form: forms.RecordParentDecision, read_file: ReadFile) -> Act:
    if case.kind is not ItemKind.CONSTITUTION:
        raise Refused("the item comes before the Board; only a change of the constitution goes to Cabinet and Council")
    before = {fact["body"]: fact for fact in case.record.all("parent-decided")}
    if form.body in before:
        raise Refused(f"that was recorded before, fact {before[form.body].number}")
    if form.body is forms.ParentBody.COUNCIL and forms.ParentBody.CABINET not in before:
        raise Refused("the Cabinet decides first on its functions, the Council after it (001:4401-4437)")
    decided_on = happened_beforehand(case, form.decided_on, "the decision")
    payload = {"body": form.body, "adopted": form.adopted, "decided_on": decided_on.isoformat(),
               "minute": form.minute}  # fmt: skip
    return Act("parent-decided", payload, f"Recorded: {form.body}, {'adopted' if form.adopted else 'not adopted'}.")


def _amend(case: Case, form: forms.AmendConstitution, read_file: ReadFile) -> Act:
    adopted = {fact["body"] for fact in case.record.all("parent-decided") if fact["adopted"]}
    if adopted != set(forms.ParentBody):
        raise Refused("the constitution is changed once Cabinet and Council have adopted the recommendations")
    lacking = [role for role in case.section.constitution.consulted if role not in form.consulted]
    if lacking:
        titles = ", ".join(case.council.title(role, case.today) for role in lacking)
        raise Refused(f"the changes are made following consultation; not consulted yet: {titles} (001:4427-4437)")
    payload = {"consulted": list(form.consulted), "changes": form.changes}
    return Act("constitution-amended", payload, "Recorded: the constitution is amended.")


def to_place(case: Case) -> powers.Power:
    """Return who agrees that a new item is taken: the Chair or Vice-Chair (ToR 6.8)."""
    _not_constitution(case)
    return powers.Power("take an item onto the agenda", *case.presiding)


def to_decide(case: Case) -> powers.Power:
    """Return who decides: the named individual, and nobody for them (ToR 1.4, 8.4)."""
    return powers.Power("decide this item", case.decision_maker)


def to_minute(case: Case) -> powers.Power:
    """Return who enters what happened at the meeting: its clerk; the fact says whose hand each was (ToR 6.7, 8.3)."""
    return powers.Power("enter what the Board did", case.section.clerk)


def to_declare(case: Case) -> powers.Power:
    """Return who enters an interest: the clerk, on the member's word (ToR 11.1)."""
    return powers.Power("declare an interest", case.section.clerk)


def to_declare_as(case: Case, form: board_forms.DeclareInterest) -> powers.Power:
    """Return the same where it is known whose interest it is: that member may enter it."""
    return powers.entered(case, "declare an interest", case.section.clerk, form.member)


def to_record_parent(case: Case) -> powers.Power:
    """Return who enters what the Cabinet or the Council decided: the clerk, on the word of that body."""
    return powers.Power("record what a parent body decided", case.section.clerk)


def to_record_parent_as(case: Case, form: forms.RecordParentDecision) -> powers.Power:
    """Return the same where it is known which body decided."""
    return replace(to_record_parent(case), word_of=str(form.body))


def to_amend(case: Case) -> powers.Power:
    """Return who changes the constitution (001:4427)."""
    return powers.Power("change the constitution", case.section.constitution.officer)


OWN: dict[str, dict[str, Any]] = {
    "decide-item": {"act": _decide, "power": to_decide}, "sign": {"act": _sign},
    "resolve-call-in": {"power": partial(to_resolve, deciding=to_decide)},
}  # fmt: skip
EXECUTIVE: tuple[Verb[Any], ...] = tuple(replace(verb, **OWN.get(verb.name, {})) for verb in EXECUTIVE_VERBS)
"""The verbs of any executive decision; here the named individual alone decides."""

EXAMPLES = {
    "attach": "--kind report --file report.pdf",
    "place-item": "--agreed",
    "convene": "--meeting-on 2019-07-11",
    "move-decision": "--to 2019-07-11 --reasons 'The report is late'",
    "correct-decision": "--no-private --reasons 'Nothing in it is exempt'",
    "attend": "--present ccg-chair,ccg-lay-member,cabinet-member-health,cabinet-member-adult-care",
    "declare-interest": "--member ccg-chair --action declared-withdraws --interest 'Partner in the practice'",
    "vote": "--hands ccg-chair=for --hands ccg-lay-member=for --hands cabinet-member-health=abstain",
    "defer": "--to-meeting-on 2019-07-11 --consulted ccg-lay-member,cabinet-member-health --reasons 'The cost'",
    "refer-back": "--consulted ccg-lay-member,cabinet-member-health --reasons 'No agreement is in sight'",
    "discuss": "--between ccg-chair,leader-of-the-council",
    "open-dispute": "--reasons 'The share of each partner'",
    "conclude-dispute": "--result back-to-board --to-meeting-on 2019-09-12 --reasons 'A share was agreed'",
    "minute": "--considerations 'The budget of the pooled fund' --recommendations none",
    "record-parent-decision": "--body cabinet --adopted --minute CAB/17/31",
    "amend-constitution": "--consulted leader-of-the-council,group-leaders --changes 'Part 3, the terms of reference'",
    "settle": "--consultee cabinet --fate received --reasons 'Told by telephone'",
    "withdraw": "--reasons 'The provider has withdrawn'",
}

ALL: tuple[Verb[Any], ...] = (
    Verb("attach", "Attach a document", Attach, _attach, OFFICER),
    Verb("place-item", "Take an item onto the agenda", forms.PlaceItem, _place, CHAIR, power=to_place),
    Verb("convene", "Name the meeting", board_forms.Convene, _convene, OFFICER),
    Verb("move-decision", "Move the decision to another day", MoveDecision, _move, OFFICER),
    Verb("correct-decision", "Correct what was entered of it", CorrectDecision, _correct, OFFICER),
    Verb("attend", "Record who is present", board_forms.Attend, _attend, OFFICER),
    Verb("declare-interest", "Record an interest", board_forms.DeclareInterest, _declare, DECISION_MAKER,
         power=to_declare, power_by=to_declare_as, also="the member whose interest it is"),
    Verb("vote", "Record a show of hands", board_forms.Vote, _vote, DECISION_MAKER, power=to_minute),
    *DIRECTIONS,
    Verb("minute", "Minute a discussion", forms.Minute, _minute, DECISION_MAKER, power=to_minute),
    *EXECUTIVE,
    Verb("record-parent-decision", "Record Cabinet or Council", forms.RecordParentDecision, _record_parent,
         DECISION_MAKER, power=to_record_parent, power_by=to_record_parent_as),
    Verb("amend-constitution", "Record changes to the constitution", forms.AmendConstitution, _amend,
         DECISION_MAKER, power=to_amend),
    Verb("settle", "Settle a letter whose fate is not known", Settle, common_verbs.settle, OFFICER, on_closed=True),
    Verb("withdraw", "Record a withdrawal", Withdraw, _withdraw, OFFICER),
)

VERBS: dict[str, Verb[Any]] = {
    verb.name: replace(verb, example=verb.example or EXAMPLES[verb.name]) for verb in ALL
}
"""Every verb of an item by its name, in the order in which a case meets them."""

"""The steps and waits of an executive decision, for any procedure that brings one about.

Sources: SI 2012/2089 (reg), SI 2014/2095; Terms of Reference of the Joint Commissioning Board (000).
"""

from __future__ import annotations

from datetime import date

from models.executive_decisions import IMPLEMENTABLE, ExecutiveDecision
from models.executive_item import TESTED
from models.executive_mends import out_of_reach
from models.executive_notices import PUBLISHED_FACT, covering
from models.executive_words import CallInOutcome, CallInStage, Published, UrgentMatter
from models.facts import Fact
from models.london import day_in_words
from tasks.executive import letters
from tasks.steps import step
from tasks.turns import Effect
from tasks.waiting import park, wake_after

AWAITING_STAGE = {
    CallInStage.SCRUTINY: "Awaiting scrutiny of the call-in",
    CallInStage.COUNCIL: "Awaiting the Council on the call-in",
    CallInStage.RECONSIDERATION: "Awaiting reconsideration",
}

# -- the test and the timetable ----------------------------------------------------------------------------------


def test_whether_key(case: ExecutiveDecision) -> None:
    """Record whether it is a key decision, anew whenever what was entered of it changes (reg 8)."""
    tested = case.record.all(TESTED)
    if case.decision is None and (not tested or tested[-1]["why"] != case.key_test.why):
        record_test(case, len(tested) + 1)


@step(TESTED, "Test whether it is a key decision, round {0}")
def record_test(case: ExecutiveDecision, round_: int) -> Effect:
    """Record the result of the key decision test, and the council's numbers that the case goes by from then on."""
    return Effect({
        "key": case.key, "why": case.key_test.why, "function": case.function, "pounds": case.pounds,
        "wards": list(case.wards_affected), "numbers": case.numbers.to_dict(),
    })  # fmt: skip


def watch(case: ExecutiveDecision) -> None:
    """Tell every day counted back from the decision, remind of each, and say at once what can no longer be met."""
    if case.decision is not None:
        return
    letters.tell_of_timetable(case)
    letters.remind(case)
    wake_after(case.decide_by)
    lost = out_of_reach(case)
    for each in lost:
        record_passed(case, each.deadline.name, each.deadline.last_day.isoformat(),
                      mends=[mend.says for mend in each.mends])  # fmt: skip
    letters.tell_what_is_lost(case, lost)


@step("deadline-passed", "Note: the day for the {0} has passed")
def record_passed(case: ExecutiveDecision, name: str, last_day: str, *, mends: list[str]) -> Effect:
    """Record that a day counted back from the decision passed without what was due on it, and what would mend it."""
    return Effect({"name": name, "last_day": last_day, "mends": mends})


# -- before the decision -----------------------------------------------------------------------------------------


def see_to_notice(case: ExecutiveDecision) -> None:
    """Wait until the decision may be taken on its day: by notice, general exception or special urgency (regs 9-11)."""
    if case.decision is not None:
        return
    letters.inform_chair_of_exception(case)
    letters.ask_for_reasons(case)
    if case.route is not None:
        return
    if not case.notice_by.passed(case.now):
        park("Awaiting notice of key decision", case.notice_by, "28 clear days before the decision (reg 9; 000:270)")
    if not case.exception_by.passed(case.now):
        given = any(covering(case.record, PUBLISHED_FACT[Published.GENERAL_EXCEPTION], case.decide_on))
        park(
            "Awaiting the chair's receipt of the exception" if given else "Awaiting notice of general exception",
            case.exception_by, "notice of 28 clear days is out of reach; 5 clear days may do (reg 10)",
        )  # fmt: skip
    if case.refusal_of(UrgentMatter.KEY_DECISION):
        park("Awaiting a new day: urgency refused", None, "refused, it cannot be decided that day (reg 11); move it")
    if case.decide_by.passed(case.now):
        park("Awaiting a new day: no notice", None, "its day passed with no right to decide it; move the decision")
    park("Awaiting agreement that it is urgent", case.decide_by, "without it the decision cannot be taken (reg 11)")


def see_to_private_meeting(case: ExecutiveDecision) -> None:
    """Wait until the matter may be taken in private: both notices, or consent (reg 5; 000:284-287)."""
    if case.decision is not None or not case.private_notice_is_due or case.may_be_private_on(case.decide_until):
        return
    if not case.first_private_notice and not case.private_notice_by.passed(case.now):
        park("Awaiting notice of private meeting", case.private_notice_by, "28 clear days (reg 5(2); 000:284)")
    if case.first_private_notice and not case.second_private_notice_by.passed(case.now):
        park("Awaiting second notice of private meeting", case.second_private_notice_by,
             "5 clear days, with representations and the response to them (reg 5(4))")  # fmt: skip
    if case.refusal_of(UrgentMatter.PRIVATE_MEETING) or case.decide_by.passed(case.now):
        park("Awaiting a new day: not in private", None,
             "the decision cannot be taken in private (000:284-287); move it, or take it in public")  # fmt: skip
    park("Awaiting consent to a private meeting", case.decide_by, "without it, it cannot be taken in private (000:286)")


def wait_for_papers(case: ExecutiveDecision) -> None:
    """Wait until agenda and reports have been published in time for the day (regs 6, 7; 000:267-271; P24)."""
    if case.decision is not None or not case.papers_are_due or case.papers_for(case.decide_until):
        return
    if case.papers_by.passed(case.now):
        park("Awaiting a new day: papers late", None,
             "an item not available for 5 clear days is not considered; convene it at shorter notice, or move it"
             )  # fmt: skip
    park("Awaiting agenda and reports", case.papers_by, "open to the public for 5 clear days (regs 6, 7; 000:271)")


def wait_for_decision(case: ExecutiveDecision) -> Fact:
    """Return the decision, once taken on its day."""
    if case.decision is not None:
        return case.decision
    if case.decide_by.passed(case.now):
        park("Awaiting a new day: not decided", None, "its day has passed without a decision; move it or withdraw it")
    park("Awaiting decision", case.decide_by, f"{case.decision_maker_in_words} decides on the merits")


# -- after the decision ------------------------------------------------------------------------------------------


def wait_for_signatures(case: ExecutiveDecision) -> None:
    """Wait until the decision notice is signed, where it is to be (000:271-273 for the Joint Commissioning Board)."""
    letters.tell_leader_of_urgency(case)                         # reg 19
    letters.ask_for_reasons(case)
    by = case.publication_by
    if by is None or case.publication is not None:
        return
    letters.ask_to_sign_and_publish(case, by)
    wake_after(by)
    if by.passed(case.now):
        letters.tell_overdue(case, by)
    lacking = [str(s) for s in case.signatures_due if s not in case.signed_by]
    if lacking:
        park("Awaiting signatures", by, f"to be signed by the {' and the '.join(lacking)} ({case.signatures_source})")


def wait_for_publication(case: ExecutiveDecision) -> Fact:
    """Return the publication of the decision as it reads now (regs 12 to 14; SI 2014/2095 reg 8)."""
    if case.publication is not None:
        return case.publication
    park("Awaiting publication of the decision", case.publication_by, "as soon as reasonably practicable")


def stand_still(case: ExecutiveDecision) -> CallInOutcome | None:
    """Wait until a published key decision may be implemented, or was dropped (000:273-276).

    Returns how a call-in ended; None where there was none: its time expired, or the decision does not stand still.
    """
    called = case.call_in
    if called is None or case.may_be_called_in_anew:
        standstill = case.standstill
        if standstill is not None:
            letters.tell_of_standstill(case, standstill)
        if standstill is not None and not case.may_be_implemented:
            wake_after(standstill)
            park("Standing still for call-in", standstill, "it cannot be implemented before (000:273-276)")
        return None
    by = case.call_in_by
    if called.stage is None or by is None:
        return called.outcome
    letters.tell_of_call_in(case, called.called_in, called.stage, by)
    wake_after(by)
    if by.passed(case.now):
        letters.tell_overdue(case, by)
    park(AWAITING_STAGE[called.stage], by, "a called-in decision stands still until that is disposed of (000:275-276)")


def make_implementable(case: ExecutiveDecision) -> None:
    """Record that the decision may be implemented from today, and tell those who see to it."""
    if case.implementable is None:
        if not case.may_be_implemented:
            raise AssertionError(f"case {case.ref} was about to become implementable while it stands still")
        called = case.call_in
        record_implementable(case, *([called.called_in.number] if case.stopped and called else []))
    implementable = case.implementable
    assert implementable is not None
    letters.tell_implementable(case, implementable)


@step(IMPLEMENTABLE, "The decision may be implemented")
def record_implementable(case: ExecutiveDecision, *stopped_by: int) -> Effect:
    """Record from which day the decision may be implemented, and why; anew after a call-in that stopped it."""
    since = case.implementable_from
    assert since is not None
    return Effect({"from": since.isoformat(), "why": _why_implementable(case, since)})


def _why_implementable(case: ExecutiveDecision, since: date) -> str:
    called = case.call_in
    if not case.key:
        return "only a key decision stands still for call-in (000:273-276)"
    if called is not None and not case.may_be_called_in_anew:
        return f"the call-in was disposed of on {day_in_words(called.since)}: {str(called.outcome).replace('-', ' ')}"
    if case.exemption is not None:
        return f"it was exempted from call-in as urgent, fact {case.exemption.number}"
    return f"the time for call-in expired, and the decision may be implemented from {day_in_words(since)}"


def wait_for_late_entries(case: ExecutiveDecision) -> None:
    """Wait, the decision being implementable, for a call-in that came in time and is entered late (local policy)."""
    by = case.late_entry_by
    if by is not None and not by.passed(case.now):
        wake_after(by)
        park("Awaiting call-ins entered late", by, "a call-in that was handed in in time still stops it")


def wait_for_reasons(case: ExecutiveDecision) -> None:
    """Wait for a notice of reasons still to be published on an exception or an urgency (regs 5(7), 10(3), 11(3))."""
    if case.reasons_due():
        park("Awaiting notice of reasons", None, f"for {', '.join(case.reasons_due())}: as soon as practicable")


def tell_of_withdrawal(case: ExecutiveDecision) -> None:
    """Tell everybody who was written to that the matter was withdrawn."""
    written = [fact["consultee"] for fact in case.record.all("informed")]
    letters.tell(case, [*letters.officers(case), *written], "withdrawal", "kd-ended", ended="withdrawn",
                 why=case.withdrawn["reasons"] if case.withdrawn else "")  # fmt: skip


def tell_of_end(case: ExecutiveDecision, ended: str, why: str) -> None:
    """Tell those who see to the decision that nothing is left to be done on it, and why."""
    letters.tell(case, letters.officers(case), "end", "kd-ended", ended=ended, why=why)

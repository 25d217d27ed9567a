"""What an officer does to a key decision beside what is done to any executive decision: move it, correct it."""

from __future__ import annotations

from datetime import date

from models.council import UnknownId
from models.executive_decisions import ExecutiveDecision
from models.executive_item import CORRECTED
from models.key_decision import MOVED, KeyDecisionCase
from models.london import day_in_words
from tasks import common_verbs
from tasks.acts import Act, ReadFile, Verb
from tasks.authority import OFFICER
from tasks.executive.verbs import EXECUTIVE_VERBS
from tasks.forms import Refused, Settle, Withdraw
from tasks.key_decision.forms import CorrectDecision, MoveDecision


def move_decision(case: KeyDecisionCase, form: MoveDecision, read_file: ReadFile) -> Act:
    """Move the decision to another day; notices and papers published for the old one count only if they name the new.

    A notice given for a period counts for any day in it (reg 9: "the date on which, or the period within which").
    """
    if case.decision is not None:
        raise Refused(f"the decision was taken, fact {case.decision.number}; it can no longer be moved")
    check_period(form.to, form.until, case.today)
    if (form.to, form.until or form.to) == (case.decide_on, case.decide_until):
        raise Refused(f"it is set for {day_in_words(form.to)} already")
    payload = {"decide_on": form.to.isoformat(), "decide_until": form.until.isoformat() if form.until else None,
               "reasons": form.reasons}  # fmt: skip
    return Act(MOVED, payload, f"The decision is now set for {day_in_words(form.to)}; its notices are counted anew.")


def check_period(first: date, last: date | None, today: date) -> None:
    """Refuse a day that has passed, and a period that ends before it begins."""
    if first < today:
        raise Refused(f"{day_in_words(first)} has passed; name a day from {day_in_words(today)} on")
    if last is not None and last < first:
        raise Refused(f"a period cannot end on {day_in_words(last)}, before it begins on {day_in_words(first)}")


def correct_decision(case: ExecutiveDecision, form: CorrectDecision, read_file: ReadFile) -> Act:
    """Correct what was entered of the decision; the key decision test is made anew."""
    if case.decision is not None:
        raise Refused(
            f"the decision was taken, fact {case.decision.number}, on what was known then; whether it was key after "
            "all is for scrutiny to say (reg 18)"
        )
    if form.wards is not None:
        try:
            case.council.ward_members(form.wards)
        except UnknownId as error:
            raise Refused(str(error)) from error
    wards = None if form.wards is None else list(form.wards)
    corrected = {"pounds": form.pounds, "wards": wards, "private": form.private}
    if all(value is None for value in corrected.values()):
        raise Refused("nothing is corrected; give --pounds, --wards or --private")
    return Act(CORRECTED, {"corrected": corrected, "reasons": form.reasons}, "Corrected; it is tested anew.")


def withdraw(case: KeyDecisionCase, form: Withdraw, read_file: ReadFile) -> Act:
    """Record that the matter was withdrawn; a decision once taken is not withdrawn, but changed by another one."""
    if case.decision is not None:
        raise Refused(
            f"the decision was taken, fact {case.decision.number}, and is not withdrawn: it is changed by another "
            "decision, entered as a case of its own, or by its reconsideration after a call-in"
        )
    return common_verbs.withdraw(case, form, read_file)


VERBS = {
    verb.name: verb
    for verb in (
        *EXECUTIVE_VERBS,
        Verb("move-decision", "Move the decision to another day", MoveDecision, move_decision, OFFICER,
             example="--to 2017-08-15 --reasons 'The survey is late'"),
        Verb("correct-decision", "Correct what was entered of it", CorrectDecision, correct_decision, OFFICER,
             example="--pounds 480000 --reasons 'The estimate was revised'"),
        Verb("settle", "Settle a letter whose fate is not known", Settle, common_verbs.settle, OFFICER, on_closed=True,
             example="--consultee scrutiny-chair --fate received --reasons 'Told by telephone'"),
        Verb("withdraw", "Record a withdrawal", Withdraw, withdraw, OFFICER,
             example="--reasons 'No longer proposed'"),
    )
}
"""Every verb by its name, in the order in which a case meets them."""

"""The key decision as a procedure: how its cases are opened and read, and what can be done to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from models.council import Council, UnknownId
from models.executive_words import Function, MadeBy
from models.key_decision import PREFIX, PROCEDURE, KeyDecisionCase
from models.key_test import Numbers, whether_key
from models.london import date_in_london, day_in_words, first_instant_of
from tasks.diary import DiaryDate, dates_of_deadlines
from tasks.drafting import morning_of
from tasks.forms import Refused
from tasks.key_decision.forms import KeyDecision
from tasks.key_decision.verbs import VERBS, check_period
from tasks.outlook import Coming
from tasks.procedures import Opened, Opening, Procedure

EXAMPLE = {
    "reference": "CAB-2027-04",
    "matter": "Extra care housing at Example Court",
    "made_by": "body",
    "decision_maker": "cabinet",
    "decide_on": "2027-03-16",
    "pounds": "750000",
    "wards": "[bargate]",
}


def open_case(council: Council, form: KeyDecision, now: datetime, actor: str | None) -> Opened:
    """Open a case with what is to be decided; every day is counted back from the day of the decision.

    Raises Refused with a sentence, and models.council.UnknownId for an id that the council's file does not have.
    """
    section = council.executive_decisions
    if section is None:
        raise Refused(f"the file of {council.name} has no section 'executive_decisions'; see councils/README.md")
    today = date_in_london(now)
    check_period(form.decide_on, form.decide_until, today)
    if form.proposed_on is not None and form.proposed_on > today:
        raise Refused(f"{day_in_words(form.proposed_on)} lies ahead; it was put forward today at the latest")
    _check_maker(council, form, now)
    council.ward_members(form.wards)
    if form.private and not form.private_reasons:
        raise Refused("it is to be taken in private: say why, with the paragraph of Schedule 12A (--private-reasons)")
    signatory = form.signatory or (section.leader if form.made_by is MadeBy.BODY else None)
    proposed_on = form.proposed_on or today
    payload = {**form.model_dump(mode="json"), "signatory": signatory, "proposed_on": proposed_on.isoformat()}
    tested = whether_key(form.pounds, [council.wards[ward].name for ward in form.wards], Numbers.of(section))
    result = tested.why if form.function is Function.EXECUTIVE else "not a decision of the executive"
    says = f"{form.matter}. It is set for {day_in_words(form.decide_on)}, and is {result}."
    return Opened(payload, form.reference, form.decide_on.year, actor or section.proper_officer, says)


def begins_at(form: KeyDecision) -> datetime:
    """Return the morning (aware) on which a rehearsal begins: of the day it was proposed, or well before."""
    return morning_of(form.proposed_on or form.decide_on - timedelta(days=40))


def _check_maker(council: Council, form: KeyDecision, now: datetime) -> None:
    """Refuse a decision-maker or a signatory that the council's file does not have."""
    if form.made_by is MadeBy.BODY:
        council.body(form.decision_maker)
    elif form.signatory is not None:
        raise Refused("a member or an officer who decides signs in person; leave out the signatory")
    else:
        council.title(form.decision_maker, date_in_london(now))
    if form.signatory is not None and form.signatory not in council.known_roles:
        raise UnknownId("role", (form.signatory,), tuple(sorted(council.known_roles)))


def outlook(case: KeyDecisionCase) -> list[Coming]:
    """Return what the case will do by itself from now on, soonest first."""
    if case.closed is not None or case.withdrawn is not None:
        return []
    coming = [Coming(d.wakes_at, f"without the {d.name}, the day for it is lost, and what would mend it is told")
              for d in case.still_wanted()]  # fmt: skip
    standstill, publication = case.standstill, case.publication_by
    if standstill is not None and case.call_in is None and case.implementable is None:
        coming.append(Coming(first_instant_of(standstill.last_day), "call-in expires: it may be implemented"))
    if publication is not None and case.publication is None:
        coming.append(Coming(publication.wakes_at, "publication is overdue, and the Monitoring Officer is told"))
    if case.implementable is not None and case.late_entry_by is not None:
        coming.append(Coming(case.late_entry_by.wakes_at, "the time to enter call-ins late is over: the case closes"))
    if case.call_in_by is not None:
        coming.append(Coming(case.call_in_by.wakes_at, "the call-in is overdue, and the Monitoring Officer is told"))
    return sorted((each for each in coming if each.at > case.now), key=lambda each: each.at)


def dates(case: KeyDecisionCase) -> list[DiaryDate]:
    """Return the dates that stand in the case, the end of its standstill as the first day that it is."""
    standing = case.standstill
    return [
        replace(each, what="May be implemented, unless called in") if standing and each.name == standing.name else each
        for each in dates_of_deadlines(case)
    ]  # fmt: skip


KEY_DECISION = Procedure(
    name=PROCEDURE, title="Key decision", prefix=PREFIX, view=KeyDecisionCase,
    opening=Opening(KeyDecision, "Entered", open_case, begins_at, EXAMPLE),
    verbs=VERBS, outlook=outlook, dates=dates,
)  # fmt: skip
"""Key decisions, and other decisions of the executive, of committees and of their officers."""

"""Breaches: a last day without a representation, and the withdrawal of what later proof shows to be no breach."""

from __future__ import annotations

from datetime import date, timedelta

from models import clock_facts
from models.deadlines import Deadline
from models.facts import Fact
from models.london import first_instant_of, parse_day
from models.pharmacy import PharmacyCase
from tasks.drafting import day_45_if_open, write_to
from tasks.notices import escalate, told
from tasks.steps import step
from tasks.turns import Effect

RULE = "SI 2013/349 Sch 2 para 19(4), (5)"


def kept(case: PharmacyCase, last_day: date) -> bool:
    """Tell whether a last day was kept: a representation had reached the addressee, or none was called for any more.

    An application determined by that day left nothing to represent on (reg 26A).
    """
    if case.sent is not None and parse_day(case.sent["reached_on"]) <= last_day:
        return True
    return case.outcome is not None and parse_day(case.outcome["decided_on"]) <= last_day


def record(case: PharmacyCase, missed: Deadline) -> None:
    """Record that `missed` passed without a representation, and tell everyone on the escalation list."""
    last_day = missed.last_day.isoformat()
    before = [fact for fact in case.record.all("breach-recorded") if fact["last_day"] == last_day]
    withdrawn = sum(_is_withdrawn(case, fact) for fact in before)
    record_breach(case, last_day, withdrawn)
    escalate(
        case, f"breach, {last_day}, {withdrawn}", template="breach", missed_on=missed.last_day,
        day_45=day_45_if_open(case) or "", recorded_before="yes" if withdrawn else "",
    )  # fmt: skip


@step("breach-recorded", "Record the breach: no representation by {0}")
def record_breach(case: PharmacyCase, last_day: str, withdrawn_before: int) -> Effect:
    """Record that no representation reached the addressee by a last day, and whose day that was.

    Missing an earlier day that the sender stated does not break Sch 2 para 19(5) before day 45 is over.
    """
    day_45 = case.computed_represent_by.last_day
    statutory = parse_day(last_day) >= day_45
    rule = RULE if statutory else f"the last day that the sender stated; day 45 under {RULE} is {day_45:%-d %B %Y}"
    return Effect(
        {"rule": rule, "last_day": last_day, "statutory": statutory, "decided": case.decision is not None},
        due_at=first_instant_of(parse_day(last_day) + timedelta(days=1)),
    )


def withdraw_disproved(case: PharmacyCase) -> None:
    """Withdraw every recorded breach that the record, as it now is, shows to have been none."""
    for breach in case.record.all("breach-recorded"):
        if not _is_withdrawn(case, breach) and _disproof(case, breach) is not None:
            withdraw_breach(case, breach.number, breach=breach)


def _disproof(case: PharmacyCase, breach: Fact) -> tuple[int, str] | None:
    """Return the fact that shows a breach to have been none, and why; None while it stands."""
    last_day, sent, outcome = parse_day(breach["last_day"]), case.sent, case.outcome
    if sent is not None and parse_day(sent["reached_on"]) <= last_day:
        return sent["proof"], f"the representation reached the addressee on {parse_day(sent['reached_on']):%-d %B %Y}"
    if outcome is not None and parse_day(outcome["decided_on"]) <= last_day:
        return outcome.number, f"the application had been determined on {parse_day(outcome['decided_on']):%-d %B %Y}"
    moved = [fact for fact in case.record.facts[breach.number :] if fact.kind in clock_facts.MOVES_DATES]
    if moved and all(each.last_day > last_day for each in case.last_days):
        return moved[-1].number, f"the notice was corrected, and the last day is {case.represent_by.last_day:%-d %B %Y}"
    return None


@step("breach-withdrawn", "Withdraw the breach of fact {0}")
def withdraw_breach(case: PharmacyCase, number: int, *, breach: Fact) -> Effect:
    """Record by what proof a breach is withdrawn, and tell those who were told of it, and scrutiny.

    The letters go with the fact: once it is recorded the flow does not pass here again.
    """
    disproof = _disproof(case, breach)
    assert disproof is not None
    proof, why = disproof
    roles = told(case, [*case.council.local_policy.escalation_roles.value, *case.council.pharmacy.told])
    values: dict[str, object] = {"missed_on": parse_day(breach["last_day"]), "why": why, "proof": proof}
    return Effect(
        {"breach": number, "last_day": breach["last_day"], "reasons": why, "proof": proof, "told": roles},
        [write_to(case, "breach-withdrawn", role, values) for role in roles],
    )


def _is_withdrawn(case: PharmacyCase, breach: Fact) -> bool:
    return case.record.keyed(f"breach-withdrawn/{breach.number}") is not None

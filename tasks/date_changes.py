"""Telling people that their dates have moved, once for each entry that moved them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from models import clock_facts
from models.consultation import Standing
from models.facts import Fact
from models.london import day_in_words, parse_day
from models.pharmacy import PharmacyCase
from models.pharmacy_words import LocalClock
from tasks.circulation import if_after_the_boards_day
from tasks.diary import feedback_file
from tasks.drafting import enclose, write_to
from tasks.notices import inform, told
from tasks.steps import step_for_each
from tasks.turns import Effect


def tell_of_moved_dates(case: PharmacyCase) -> None:
    """Write to everyone whose date an entry of the clock ledger moved; after an outage of the newest entry alone."""
    for fact in _newest_of_each(case):
        if _is_about_the_notice(case, fact):
            _tell_of_correction(case, fact)
        elif case.decision is None:
            moved = {each["name"].removeprefix("feedback: "): each["before"] for each in fact["moved"]}
            asked = [c.role for c in case.consultees if c.role in moved and c.standing is Standing.ASKED]
            tell_new_date(case, told(case, asked), f"date moved, fact {fact.number}", fact=fact, was=moved)


def _newest_of_each(case: PharmacyCase) -> list[Fact]:
    """Return the newest entry about the notice, and the newest of those about the times to answer."""
    moves = [fact for fact in case.record if fact.kind in clock_facts.MOVES_DATES and fact["moved"]]
    newest = {_is_about_the_notice(case, fact): fact for fact in moves}
    return sorted(newest.values(), key=lambda fact: fact.number)


def _is_about_the_notice(case: PharmacyCase, fact: Fact) -> bool:
    return clock_facts.CORRECTED in (fact.kind, fact.get("kind"))


@step_for_each("informed", "Tell of the new date: {0}")
def tell_new_date(case: PharmacyCase, role: str, /, about: str, *, fact: Fact, was: Mapping[str, str]) -> Effect:
    """Tell one consultee until when they can answer now, with a calendar file that moves the date in their diary."""
    reply_by = case.consultee(role).feedback_by
    assert reply_by is not None
    content = feedback_file(case, role, reply_by.last_day, derivation=reply_by.in_words())
    calendar_file, kept = enclose("feedback-date.ics", content)
    values: dict[str, object] = {
        "reply_by": reply_by.last_day, "reply_derivation": reply_by.in_words(), "why": _why(fact, role),
        "was": parse_day(was[role]), **if_after_the_boards_day(case, reply_by.last_day),
    }  # fmt: skip
    letter = write_to(case, "date-moved", role, values, [calendar_file])
    payload = {
        "consultee": role, "about": about, "template": "date-moved", "reply_by": reply_by.last_day.isoformat(),
    }  # fmt: skip
    return Effect(payload, [letter], kept)


def _why(fact: Fact, role: str) -> str:
    """Return why the date of one consultee moved; a changed calendar may have moved others for other reasons."""
    told = (each.get("reasons") for each in fact["moved"] if each["name"] == f"{LocalClock.FEEDBACK}: {role}")
    return next(told, None) or str(fact["reasons"])


def _tell_of_correction(case: PharmacyCase, fact: Fact) -> None:
    pharmacy = case.council.pharmacy
    roles = [pharmacy.responsible_officer, pharmacy.chair, *case.council.local_policy.escalation_roles.value]
    inform(
        case, told(case, roles), f"notice corrected, fact {fact.number}", template="notice-corrected",
        corrected_by=case.who(fact), why=fact["reasons"], evidence=case.notice.evidence,
        moves=[_move(each) for each in fact["moved"] if not each["name"].startswith(f"{LocalClock.FEEDBACK}: ")],
        overdue="yes" if case.represent_by.passed(case.now) else "", stated_difference=case.stated_difference or "",
        act=f"cleardays retract {case.ref} --fact {fact.number} --reasons \"...\"",
    )  # fmt: skip


def _move(moved: Mapping[str, str]) -> str:
    before, after = (day_in_words(date.fromisoformat(moved[key])) for key in ("before", "after"))
    return f"{moved['name'].capitalize()}: {after}; before it was {before}"

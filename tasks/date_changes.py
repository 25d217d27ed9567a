"""Telling people that their dates have moved, once for each entry that moved them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import groupby

from models import clock_facts
from models.consultation import Consultee, Standing
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
    """Write to everyone whose date is another than the last letter to them says, because an entry moved it."""
    corrections = [f for f in case.record if _is_about_the_notice(case, f) and f.get("moved")]
    for fact in corrections[-1:]:  # after an outage the newest alone
        _tell_of_correction(case, fact)
    if case.decision is not None or case.outcome is not None:
        return
    moved = [(each.role, *found) for each in case.consultees if (found := _moved(case, each)) is not None]
    for (last_day, fact, was), group in groupby(sorted(moved, key=_by_entry), key=lambda each: each[1:]):
        about = f"date moved to {last_day.isoformat()}, fact {fact.number}"
        tell_new_date(case, told(case, [role for role, *_ in group]), about, fact=fact, was=was)


def _by_entry(moved: tuple[str, date, Fact, date]) -> tuple[int, date, date]:
    _, last_day, fact, was = moved
    return fact.number, last_day, was


def _moved(case: PharmacyCase, each: Consultee) -> tuple[date, Fact, date] | None:
    """Return the last day of somebody who can still answer, the entry that moved it, and the day they were told.

    None where they were told that day. A letter that was merely accepted later than planned moves nobody's diary.
    """
    if each.standing is not Standing.ASKED or each.feedback_by is None or each.circulated is None:
        return None
    since = case.record.facts[each.circulated.number :]
    kinds = (*clock_facts.MOVES_DATES, clock_facts.SERVED)
    moves = [f for f in since if f.kind in kinds and each.role in clock_facts.roles_moved(case.record, f)]
    letters = [f for f in since if f.kind == "informed" and f["template"] == "date-moved"]
    named = [f["reply_by"] for f in letters if f["consultee"] == each.role]
    was = parse_day(named[-1] if named else each.circulated["reply_by"])
    if not moves or was == each.feedback_by.last_day:
        return None
    return each.feedback_by.last_day, moves[-1], was


def _is_about_the_notice(case: PharmacyCase, fact: Fact) -> bool:
    return clock_facts.CORRECTED in (fact.kind, fact.get("kind"))


@step_for_each("informed", "Tell of the new date: {0}")
def tell_new_date(case: PharmacyCase, role: str, /, about: str, *, fact: Fact, was: date) -> Effect:
    """Tell one consultee until when they can answer now, with a calendar file that moves the date in their diary."""
    reply_by = case.consultee(role).feedback_by
    assert reply_by is not None
    content = feedback_file(case, role, reply_by.last_day, derivation=reply_by.in_words())
    calendar_file, kept = enclose("feedback-date.ics", content)
    values: dict[str, object] = {
        "reply_by": reply_by.last_day, "reply_derivation": reply_by.in_words(), "why": _why(fact, role),
        "was": was, **if_after_the_boards_day(case, reply_by.last_day),
    }  # fmt: skip
    letter = write_to(case, "date-moved", role, values, [calendar_file])
    payload = {
        "consultee": role, "about": about, "template": "date-moved", "reply_by": reply_by.last_day.isoformat(),
    }  # fmt: skip
    return Effect(payload, [letter], kept)


def _why(fact: Fact, role: str) -> str:
    """Return why the date of one consultee moved; a changed calendar may have moved others for other reasons."""
    if fact.kind == clock_facts.SERVED:
        return f"you had the papers on {day_in_words(parse_day(fact['served_on']))}"
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
        act=f"cleardays retract {case.ref} --fact {fact.number} --reasons REASONS" if fact.get("given_on") else "",
        gained=fact.get("days_gained") or "", made_late=list(fact.get("made_late", ())),
    )  # fmt: skip


def _move(moved: Mapping[str, str]) -> str:
    before, after = (day_in_words(date.fromisoformat(moved[key])) for key in ("before", "after"))
    return f"{moved['name'].capitalize()}: {after}; before it was {before}"

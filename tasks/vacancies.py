"""Vacant offices: a case does not wait unheard because nobody holds the office that would have to act."""

from __future__ import annotations

from datetime import timedelta

from models.cases import Case
from models.london import day_in_words, first_instant_of
from models.pharmacy import PharmacyCase
from tasks.drafting import concerning
from tasks.notices import escalate
from tasks.waiting import due

ADDRESSEE = "addressee of the representation"


def see_to_vacancies(case: PharmacyCase) -> None:
    """Tell everyone on the escalation list, once for each vacancy, of an office without which the case cannot go on.

    Asks for a turn on the day after the Director's time in office ends, so that a vacancy is noticed on its first day.
    """
    _notice_its_end(case, case.council.pharmacy.responsible_officer)
    for office, why in vacant_offices(case).items():
        escalate(case, f"office vacant: {office}", template="office-vacant", office=office, why_it_matters=why)


def see_to_officer(case: Case) -> None:
    """Tell everyone on the escalation list, once, that nobody holds the office that carries a case of any procedure."""
    role = case.responsible_officer
    _notice_its_end(case, role)
    if case.council.holder_or_none(role, case.today) is None:
        office = case.council.title(role, case.today)
        escalate(
            case, f"office vacant: {office}", template="case-office-vacant", office=office,
            **concerning(case),
        )  # fmt: skip


def _notice_its_end(case: Case, role: str) -> None:
    for tenure in case.council.roles[role].held_by:
        if tenure.covers(case.today) and tenure.ends_on is not None:
            due(first_instant_of(tenure.ends_on + timedelta(days=1)))


def vacant_offices(case: PharmacyCase) -> dict[str, str]:
    """Return the offices that nobody holds today and that the case needs, by title, each with why it does."""
    council, pharmacy, today = case.council, case.council.pharmacy, case.today
    found: dict[str, str] = {}
    needed = {pharmacy.responsible_officer: "This office is asked for every step of the case, and letters to it wait."}
    if case.urgent is not None and case.decision is None:
        needed[pharmacy.urgent_decision_route.holder] = "The decision is for this office by the urgent route."
    for role, why in needed.items():
        if council.holder_or_none(role, today) is None:
            found[council.title(role, today)] = why
    if case.addressee is None and case.sent is None and not case.determined_without_us:
        found[ADDRESSEE] = (
            f"The representation could not be sent: nobody to whom it can go is given for {day_in_words(today)}."
        )
    return found

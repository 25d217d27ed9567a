"""The decision: the Director's, following consultation, on the statutory question (recs (i), (ii); paras 1, 5)."""

from __future__ import annotations

from models.consultation import Standing
from models.facts import Fact
from models.pharmacy import PharmacyCase
from tasks.circulation import ask_about_letters_in_question
from tasks.ladders import newest_rung
from tasks.notices import inform
from tasks.powers import to_decide
from tasks.waiting import park


def wait_for_decision(case: PharmacyCase) -> Fact:
    """Return the decision; until then ask the Director for it, say what is outstanding, and warn of the last day."""
    if case.decision is not None:
        return case.decision
    ask_about_letters_in_question(case, [c for c in case.consultees if c.standing is Standing.IN_QUESTION])
    director = to_decide(case).asked(case)
    outstanding = _outstanding(case)
    inform(
        case, director, "decision", template="decision-open", views=case.views.in_words(),
        answers=[_answer_line(case, role) for role in case.roles], outstanding=outstanding,
        group_view=case.group_view or "none agreed",
    )  # fmt: skip
    _warn(case, director, outstanding)
    if case.assessment is None:
        park("Awaiting equality impact assessment", case.represent_by,
             "no decision can be taken without it (report para 17)")  # fmt: skip
    if case.represent_by.passed(case.now):
        park(
            "Awaiting decision: last day has passed", None, "the representation is late; it can still be sent"
        )
    if not director:
        park("Awaiting decision: office vacant", case.represent_by, "nobody holds the office that decides")
    park("Awaiting decision", case.represent_by, "the Director of Public Health decides")


def _outstanding(case: PharmacyCase) -> list[str]:
    found = [
        None if case.assessment else "equality impact assessment or reasoned screening (para 17)",
        *(f"{role}: letter in question" for role in case.roles
          if case.consultee(role).standing is Standing.IN_QUESTION),
        *(f"{role}: office vacant, not consulted" for role in case.vacant),
    ]  # fmt: skip
    return [each for each in found if each]


def _answer_line(case: PharmacyCase, role: str) -> str:
    line = case.consultee(role)
    title = case.council.title(role, case.today)
    if line.response is None:
        return f"{title}: {line.standing}"
    detail = line.response.get("interest_detail") or "not said which"
    interest = "no interest" if line.response["interest"] == "none" else f"an interest declared ({detail})"
    return f"{title}: {line.response['opinion']}, {interest}{', late' if line.response['late'] else ''}"


def _warn(case: PharmacyCase, director: list[str], outstanding: list[str]) -> None:
    """Warn the Director as the internal target comes near; after an outage only the newest warning."""
    if case.represent_by.passed(case.now):
        return
    rung = newest_rung(case, case.represent_by.target, None, (*case.council.local_policy.reminder_days.value, 0))
    if rung is not None:
        inform(
            case, director, f"decision due, {rung} days before the target", template="deadline-warning",
            what="The decision and the representation", outstanding=outstanding,
            days_left=(case.represent_by.last_day - case.today).days,
        )  # fmt: skip

"""Telling people what has happened: each is told once, by name of office."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from models.cases import Case
from models.facts import Fact
from models.london import parse_day
from models.outgoing import Enclosure
from models.pharmacy import PharmacyCase
from models.pharmacy_words import OPINION_IN_WORDS, Opinion
from tasks.diary import feedback_cancelled
from tasks.drafting import listed, write_to
from tasks.steps import step_for_each
from tasks.turns import Effect

EncloseFor = Callable[[Any, str], tuple[Enclosure, dict[str, bytes]] | None]
"""Makes the enclosure of a letter to one role, and its content by SHA-256; None where there is nothing to enclose."""


@step_for_each("informed", "Inform: {0}")
def inform(
    case: Case, role: str, /, about: str, *, template: str, enclosing: EncloseFor | None = None,
    **values: object,
) -> Effect:  # fmt: skip
    """Tell `role` about something, once, in the words of `template`; returns the fact for each told.

    What `enclosing` makes goes with the letter, whose words may name it as `enclosed`.
    """
    made = enclosing(case, role) if enclosing else None
    enclosures, documents = ([made[0]], made[1]) if made else ([], {})
    letter = write_to(case, template, role, {"enclosed": made[0].filename if made else "", **values}, enclosures)
    return Effect({"consultee": role, "about": about, "template": template}, [letter], documents)


def told(case: Case, roles: Sequence[str]) -> list[str]:
    """Return those of `roles` whose office somebody holds today: a letter to nobody is not written."""
    return [role for role in dict.fromkeys(roles) if case.council.holder_or_none(role, case.today)]


def tell_scrutiny_of_application(case: PharmacyCase) -> None:
    """Tell the Chair of the Health Overview and Scrutiny Panel that the application was notified (para 7)."""
    inform(case, told(case, case.council.pharmacy.told), "application", template="application-notified")


def tell_scrutiny_of_response(case: PharmacyCase, decision: Fact) -> None:
    """Tell the Chair of the Health Overview and Scrutiny Panel of the final response (para 7)."""
    sent = case.sent
    again = "" if len(case.record.all("representation-sent")) < 2 else f", sent by fact {sent.number if sent else 0}"
    inform(
        case, told(case, case.council.pharmacy.told), f"final response{again}", template="final-response",
        opinion=OPINION_IN_WORDS[Opinion(decision["opinion"])],
        sent_on=parse_day(sent["reached_on"]) if sent else case.today,
        late=bool(sent and sent["late"]), day_45=_day_45_if_kept(case) or "",
        reasons_a=decision.get("limb_a") or "outstanding",
        reasons_b=decision.get("limb_b") or "outstanding",
    )  # fmt: skip


def tell_those_asked_of_determination(case: PharmacyCase) -> None:
    """Tell consultees whose answer is still open that the application was determined and needs none any more."""
    outcome = case.outcome
    assert outcome is not None
    asked = [c.role for c in case.consultees if c.circulated is not None and c.must_be_awaited]
    called = [] if case.record.last("meeting-held") else [f["consultee"] for f in case.record.all("meeting-called")]
    inform(
        case, told(case, [*asked, *called]), "answer no longer needed", template="determined-early",
        enclosing=feedback_cancelled,
        outcome=outcome["outcome"], decided_on=parse_day(outcome["decided_on"]),
    )  # fmt: skip


def _day_45_if_kept(case: PharmacyCase) -> date | None:
    sent, day_45 = case.sent, case.computed_represent_by.last_day
    if sent is None or not case.represent_by.last_day < parse_day(sent["reached_on"]) <= day_45:
        return None
    return day_45


def escalate(case: Case, about: str, *, template: str, **values: Any) -> list[str]:
    """Write to everyone on the council's escalation list; returns who was told."""
    roles = told(case, case.council.local_policy.escalation_roles.value)
    inform(case, roles, about, template=template, escalated_to=listed(case, roles), **values)
    return roles

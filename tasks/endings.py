"""How a case ends: lapsed, refused, consolidated, withdrawn, or left without a comment."""

from __future__ import annotations

from models.cases import Case
from models.pharmacy import PharmacyCase
from tasks.diary import feedback_cancelled
from tasks.notices import inform, told
from tasks.steps import step
from tasks.turns import Effect


def withdraw(case: PharmacyCase) -> str:
    """Tell everyone who was written to that the applicant withdrew, close the case, return "withdrawn"."""
    written = [fact["consultee"] for kind in ("circulated", "informed") for fact in case.record.all(kind)]
    written += [role for fact in case.record.all("urgent-route-named") for role in fact.get("told", ())]
    pharmacy = case.council.pharmacy
    inform(
        case, told(case, [pharmacy.responsible_officer, pharmacy.chair, *written]), "withdrawal",
        template="withdrawn", enclosing=feedback_cancelled,
    )  # fmt: skip
    return close(case, "withdrawn")


def close(case: Case, outcome: str) -> str:
    """Close the case with an outcome, and return it."""
    record_close(case, outcome=outcome)
    return outcome


@step("closed", "Close the case")
def record_close(case: Case, *, outcome: str) -> Effect:
    """Record how the case ended."""
    return Effect({"outcome": outcome})

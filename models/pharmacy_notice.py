"""The notice of an application as it was entered, and as later facts corrected it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from models.clock_facts import corrections
from models.facts import Record
from models.london import date_in_london
from models.pharmacy_words import Capacity


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice of an application, with its corrections."""

    reference: str
    given_at: datetime
    given_on: date  #: London day; day zero of the 45 days
    capacity: Capacity
    applicant: str
    closing: str
    remaining: str
    wards: tuple[str, ...]
    stated_deadline: date | None
    evidence: str  #: what proves when it was given


def read_notice(record: Record) -> Notice:
    """Return the notice as the record has it now.

    Where two corrections stand, neither made in the knowledge of the other, the earlier instant and the earlier
    stated day hold: the safe ones (SI 2013/349 Sch 2 para 19(4) runs from the day on which notice was given).
    """
    fact, standing = record.facts[0], corrections(record)
    given_at = min((datetime.fromisoformat(each["given_at"]) for each in standing),
                   default=datetime.fromisoformat(fact["given_at"]))  # fmt: skip
    stated = [each["stated_deadline"] for each in standing or [fact] if each.get("stated_deadline")]
    proofs = [(each.number, each.get("evidence")) for each in (fact, *standing)]
    return Notice(
        reference=fact["reference"], given_at=given_at, given_on=date_in_london(given_at),
        capacity=Capacity(fact["capacity"]), applicant=fact["applicant"], closing=fact["closing"],
        remaining=fact["remaining"], wards=tuple(fact["wards"]),
        stated_deadline=date.fromisoformat(min(stated)) if stated else None,
        evidence="; ".join(f"fact {number}{f': {proof}' if proof else ''}" for number, proof in proofs),
    )  # fmt: skip

"""The pharmacy consolidation as a procedure: how its cases are opened and read, and what can be done to them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from models.council import Council
from models.london import date_in_london, day_in_words, instant_in_words
from models.pharmacy import PharmacyCase
from models.pharmacy_plan import plan_of
from models.pharmacy_words import IN_FORCE, PREFIX, PROCEDURE, REPRESENTATION
from tasks.forms import Notice, Refused
from tasks.outlook import outlook
from tasks.pharmacy_diary import pharmacy_dates
from tasks.pharmacy_verbs import VERBS
from tasks.procedures import Opened, Opening, Procedure

EXAMPLE = {
    "reference": "CAS-104233-X7K2",
    "given_at": "2017-07-26T10:00",
    "capacity": "relevant",
    "applicant": "Larkrise Chemists Ltd",
    "closing": "1 Example Street, Southampton",
    "remaining": "20 Example Avenue, Southampton",
    "wards": "[bargate, bevois]",
}


def open_case(council: Council, form: Notice, now: datetime, actor: str | None) -> Opened:
    """Open a case with the notice of an application; the clock runs from the day it was given.

    Raises Refused with a sentence, and models.council.UnknownId for a ward that the council's file does not have.
    """
    given_on = date_in_london(form.given_at)
    if form.given_at > now:
        raise Refused(
            f"notice given at {instant_in_words(form.given_at)} lies ahead; it is {instant_in_words(now)}"
        )
    if given_on < IN_FORCE:
        raise Refused(
            f"notice given on {day_in_words(given_on)} is before {day_in_words(IN_FORCE)}, when consolidation "
            "applications came in (SI 2016/1077); check the date"
        )
    council.ward_members(form.wards)
    if form.stated_deadline is not None and form.stated_deadline < given_on:
        raise Refused(
            f"the sender's last day, {day_in_words(form.stated_deadline)}, is before notice was given, "
            f"{day_in_words(given_on)}; check both"
        )
    payload = {
        **form.model_dump(mode="json"), "given_at": form.given_at.astimezone(UTC).isoformat(),
        "given_on": given_on.isoformat(),
    }  # fmt: skip
    who = actor or council.pharmacy.responsible_officer
    return Opened(payload, form.reference, given_on.year, who, _last_day(form, given_on))


def _last_day(form: Notice, given_on: date) -> str:
    computed = REPRESENTATION.from_(given_on, name="representation", event="notice was given")
    told = f"The last day for the representation is {computed.in_words()}."
    if form.stated_deadline is not None and form.stated_deadline != computed.last_day:
        earlier = min(form.stated_deadline, computed.last_day)
        told += (
            f" The sender states {day_in_words(form.stated_deadline)}: the earlier of the two, "
            f"{day_in_words(earlier)}, is used, and the difference is flagged."
        )
    return told


def foresees(case: PharmacyCase) -> str:
    """Return that the plan of a case just opened does not fit, and what fails first; "" where its last day is over."""
    failing = plan_of(case).failing
    if failing is None or not case.must_represent or case.represent_by.passed(case.now):
        return ""
    return (
        f"The plan does not fit: first fails the {failing.link.name}. {failing.why_it_fails} What would mend it: "
        f"cleardays show {case.ref}"
    )


PHARMACY_CONSOLIDATION = Procedure(
    name=PROCEDURE, title="Pharmacy consolidation", prefix=PREFIX, view=PharmacyCase,
    opening=Opening(Notice, "Notified", open_case, lambda form: form.given_at, EXAMPLE, foresees),
    verbs=VERBS, outlook=outlook, dates=pharmacy_dates, version=2,
)  # fmt: skip

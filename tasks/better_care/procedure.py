"""The Better Care plan as a procedure: how its cases are opened and read, and what can be done to them."""

from __future__ import annotations

from datetime import UTC, datetime

from models.better_care import BetterCarePlan
from models.better_care_packs import UnknownPack, pack_named
from models.better_care_words import PREFIX, PROCEDURE
from models.council import Council
from models.london import date_in_london, day_in_words, instant_in_words
from tasks.better_care.coming import outlook
from tasks.better_care.forms import PlanReceived
from tasks.better_care.verbs import VERBS
from tasks.forms import Refused
from tasks.procedures import Opened, Opening, Procedure

EXAMPLE = {
    "reference": "BCP-2017-19",
    "policy": '"2017-19"',
    "received_at": "2017-07-18T10:00",
    "draft_on": "2017-07-26",
}


def open_case(council: Council, form: PlanReceived, now: datetime, actor: str | None) -> Opened:
    """Open a case with a draft plan of a policy period. Raises Refused with a sentence."""
    try:
        pack = pack_named(form.policy)
    except UnknownPack as error:
        raise Refused(str(error)) from error
    local = council.better_care
    if local is None:
        raise Refused(f"the file of {council.name} has no section 'better_care'; add one first (councils/README.md)")
    unsaid = [key for key in pack.signatories if key not in local.signatories]
    if unsaid:
        raise Refused(f"the council's file does not say who signs for {', '.join(unsaid)} (better_care, signatories)")
    if form.received_at > now:
        raise Refused(f"received at {instant_in_words(form.received_at)} lies ahead; it is {instant_in_words(now)}")
    received_on = date_in_london(form.received_at)
    if form.draft_on is not None and form.draft_on not in council.body(local.board).meetings:
        raise Refused(
            f"the Board does not meet on {day_in_words(form.draft_on)} by its published dates; name the day of the "
            "meeting that considers the draft, or leave it out"
        )
    payload = {
        **form.model_dump(mode="json"), "received_at": form.received_at.astimezone(UTC).isoformat(),
        "received_on": received_on.isoformat(),
    }  # fmt: skip
    who = actor or local.responsible_officer
    doubt = f" ({pack.submit_by.doubt})" if pack.submit_by.doubt else ""
    says = f"{pack.title}: to be submitted by {day_in_words(pack.submit_by.on)}, that day included{doubt}."
    return Opened(payload, form.reference, received_on.year, who, says, kind="plan-received")


BETTER_CARE_PLAN = Procedure(
    name=PROCEDURE, title="Better Care plan", prefix=PREFIX, view=BetterCarePlan,
    opening=Opening(PlanReceived, "Plan received", open_case, lambda form: form.received_at, EXAMPLE),
    verbs=VERBS, outlook=outlook,
)  # fmt: skip

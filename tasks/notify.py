"""Entering a notice: the one verb that opens a case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date
from typing import Any

from models.council import UnknownId
from models.editions import DATES_BY
from models.london import date_in_london, day_in_words, instant_in_words
from models.pharmacy_words import IN_FORCE, PREFIX, PROCEDURE, REPRESENTATION
from models.store import AlreadyOpen, NewCase, Writing
from tasks.acts import Done
from tasks.forms import Notice, Refused, read_form
from tasks.turns import Office

CURRENT_VERSION = 1


def notify(
    office: Office, council_id: str, fields: Mapping[str, Any], *, actor: str | None = None, channel: str,
    request: str | None = None,
) -> Done:  # fmt: skip
    """Enter the notice of a pharmacy consolidation and open its case; the clock runs from the day it was given.

    Raises Refused with a sentence when a field is wrong or the sender's reference was entered before (`request`,
    given again, returns the case it opened).
    """
    form = read_form(Notice, fields)
    council = office.council(council_id)
    now = office.clock.now()
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
    try:
        council.ward_members(form.wards)
        who = actor or council.pharmacy.responsible_officer
        council.title(who, given_on)
    except UnknownId as error:
        raise Refused(str(error)) from error
    if form.stated_deadline is not None and form.stated_deadline < given_on:
        raise Refused(
            f"the sender's last day, {day_in_words(form.stated_deadline)}, is before notice was given, "
            f"{day_in_words(given_on)}; check both"
        )
    edition = council.edition()
    payload = {
        **form.model_dump(mode="json"), "given_at": form.given_at.astimezone(UTC).isoformat(),
        "given_on": given_on.isoformat(), "council_file": council.fingerprint, DATES_BY: edition.sha256,
    }  # fmt: skip

    def work(tx: Writing) -> Done:
        key = f"request/{request}" if request else None
        before = tx.find(PROCEDURE, council_id, form.reference)
        if before is not None:
            opened = tx.record(before).facts[0]
            if key is not None and opened.key == key:
                return Done(before, opened, f"this notice was entered by the same request: case {before}")
        new = NewCase(PREFIX, given_on.year, PROCEDURE, CURRENT_VERSION, council_id, form.reference)
        ref = tx.open_case(new)
        tx.keep_document(edition.sha256, edition.to_bytes())
        fact = tx.append(ref, "notified", at=now, actor=who, channel=channel, payload=payload, key=key)
        return Done(ref, fact, f"Case {ref} is open. {_last_day(form, given_on)}")

    try:
        done = office.store.write(work)
    except AlreadyOpen as error:
        raise Refused(str(error)) from error
    office.recorded(done.case)
    return done


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

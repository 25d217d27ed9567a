"""Opening a case: the one verb that needs none, the same for every procedure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.council import UnknownId
from models.editions import DATES_BY
from models.london import date_in_london
from models.store import AlreadyOpen, NewCase, Writing
from tasks.acts import Done
from tasks.authority import OPEN_CASE, authorised
from tasks.calendar_changes import keep
from tasks.forms import Refused, read_form
from tasks.lateness import over
from tasks.procedures import procedure_named
from tasks.turns import Office


def notify(
    office: Office, procedure: str, council_id: str, fields: Mapping[str, Any], *, actor: str | None = None,
    channel: str, request: str | None = None, person: str | None = None,
) -> Done:  # fmt: skip
    """Open a case of `procedure` with what its form is given; its clock runs from the day that the form says.

    Raises Refused with a sentence when a field is wrong or the reference was entered before (`request`, given again,
    returns the case it opened). `person` is the login it was entered under, where the door knows one.
    """
    found = procedure_named(procedure)
    form = read_form(found.opening.form, fields)
    council = office.council(council_id)
    now = office.clock.now()
    try:
        opened = found.opening.open(council, form, now, actor)
        granted = authorised(OPEN_CASE, opened.actor, council, date_in_london(now), procedure=procedure)
    except UnknownId as error:
        raise Refused(str(error)) from error
    edition = council.edition()
    follows = {"procedure_version": f"{procedure} {found.version}", "council": council_id,
               "council_file": council.fingerprint}  # fmt: skip
    payload = {**opened.payload, **follows, DATES_BY: edition.sha256}

    def work(tx: Writing) -> Done:
        key = f"request/{request}" if request else None
        before = tx.find(procedure, council_id, opened.reference)
        if before is not None:
            first = tx.record(before).facts[0]
            if key is not None and first.key == key:
                return Done(before, first, f"this was entered by the same request: case {before}")
        new = NewCase(found.prefix, opened.year, procedure, found.version, council_id, opened.reference)
        ref = tx.open_case(new)
        keep(tx, edition)
        if council.source:  # who held which office, and what the council chose, as the case was opened
            tx.keep_document(council.fingerprint, council.source)
        fact = granted.record(
            tx, ref, opened.kind, at=now, channel=channel, payload=payload, key=key, person=person,
            assumed=actor is None,
        )  # fmt: skip
        case = found.view(tx.record(ref), council, now)
        told = (f"Case {ref} is open.", opened.says, *over(case), found.opening.foresees(case))
        return Done(ref, fact, " ".join(filter(None, told)))

    try:
        done = office.store.write(work)
    except AlreadyOpen as error:
        raise Refused(str(error)) from error
    office.recorded(done.case)
    return done

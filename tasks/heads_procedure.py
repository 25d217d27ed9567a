"""The register of daily heads as a procedure: how it is opened, by the desk itself, and what can be done to it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import NoReturn

from models.council import Council, CouncilError
from models.heads import NO_FILE_BEFORE
from models.heads_register import OPENED, PREFIX, PROCEDURE, HeadsRegister, reference_of
from models.london import date_in_london, first_instant_of
from models.store import NewCase, Reading, Writing
from tasks import common_verbs, forms
from tasks.acts import Verb
from tasks.authority import OFFICER
from tasks.forms import Form, Refused
from tasks.outlook import Coming
from tasks.procedures import Opening, Procedure
from tasks.turns import ENGINE, FLOW, Office


def open_registers(office: Office) -> list[str]:
    """Open the register of each council that calls for one, and return the references of those opened.

    A council calls for one when a record of its cases has grown since it was sealed, its file names an auditor, and no
    register of it has days left to seal. A council whose file cannot be read now is passed over. Raises nothing else
    than the store does; two desks at once open one.
    """
    with office.store.reading() as reading:
        calling = {name: _next_of(reading, office, name) for name in reading.councils_to_seal()}
    opened = []
    for name, found in calling.items():
        if found is not None and (ref := office.store.write(partial(_open, office, name))) is not None:
            office.recorded(ref)
            opened.append(ref)
    return opened


def without_auditor(council: Council) -> str | None:
    """Return the sentence that says a council's heads are mailed to nobody; None where its file names an auditor."""
    if council.auditors:
        return None
    return (
        f"The file of {council.name} names no auditor, so no daily heads are sealed or mailed: that the newest entries "
        "of a record were cut off would not show. Name one there, under 'authority', 'auditor'"
    )


def _next_of(reading: Reading, office: Office, name: str) -> tuple[Council, date, str] | None:
    """Return the council, the first day and the file before of the register that a council calls for, or None."""
    try:
        council = office.council(name)
    except CouncilError:
        return None
    if not council.auditors:
        return None
    own = [each for each in reading.cases(procedure=PROCEDURE) if each.council == name]
    if not own:
        return council, date_in_london(office.clock.now()), NO_FILE_BEFORE
    newest = max(own, key=lambda each: each.reference)
    register = HeadsRegister(reading.record(newest.ref), council, office.clock.now())
    if register.next_day is not None:
        return None
    return council, date(register.year + 1, 1, 1), register.newest_sha256


def _open(office: Office, name: str, tx: Writing) -> str | None:
    found = _next_of(tx, office, name)
    if found is None:  # another desk was first
        return None
    council, first_day, previous = found
    year, reference = first_day.year, reference_of(first_day.year)
    ref = tx.open_case(NewCase(PREFIX, year, PROCEDURE, DAILY_HEADS.version, name, reference))
    payload = {
        "reference": reference, "year": year, "first_day": first_day.isoformat(), "previous": previous,
        "council_file": council.fingerprint,
    }  # fmt: skip
    tx.append(ref, OPENED, at=office.clock.now(), actor=ENGINE, channel=FLOW, payload=payload, key=OPENED)
    return ref


def _not_by_hand(council: Council, form: Form, now: datetime, actor: str | None) -> NoReturn:
    raise Refused("a register of daily heads is opened by the desk itself, for a council whose file names an auditor")


def _begins_at(form: Form) -> NoReturn:
    raise Refused("a register of daily heads is not rehearsed by itself")


def outlook(case: HeadsRegister) -> list[Coming]:
    """Return what the register does by itself next: it seals its next day when that is over."""
    day = case.next_day
    if case.closed is not None or day is None:
        return []
    return [Coming(first_instant_of(day + timedelta(days=1)), "the day is sealed, and its file mailed to the auditor")]


VERBS = {
    "settle": Verb(
        "settle", "Settle a letter whose fate is not known", forms.Settle, common_verbs.settle, OFFICER,
        example="--consultee auditor --fate received --reasons 'asked by telephone'",
    ),
}  # fmt: skip

DAILY_HEADS = Procedure(
    name=PROCEDURE, title="Daily heads", prefix=PREFIX, view=HeadsRegister,
    opening=Opening(Form, "Opened", _not_by_hand, _begins_at), verbs=VERBS, outlook=outlook,
)  # fmt: skip

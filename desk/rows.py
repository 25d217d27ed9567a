"""The rows of cases, held against their facts, and set anew from them: no case is stopped by what its row says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from desk.doctor import Finding
from desk.refusals import sentence_for
from models.facts import Record
from models.store import CaseSummary, Reading, Writing
from models.whole_row import row_differs, told_at_first
from tasks.at_rest import rests_otherwise
from tasks.turns import INSTANT, Office

MEND = "cleardays reconcile (sets the row anew from the record; a running desk then takes the turn)"


def at_a_glance(reading: Reading, cases: Sequence[CaseSummary]) -> Iterator[Finding]:
    """Find rows that end a case otherwise than its facts, or call for no turn of an open one when its time is over."""
    for ref in reading.ended_otherwise():
        yield Finding("case", "its row and its facts disagree on whether it has ended", MEND, None, ref)
    failing = {each.case for each in reading.turn_failures()}
    for case in cases:
        if case.until is None or case.ref in failing or case.head > case.seen:
            continue
        if case.due_at is None or case.due_at > case.until + INSTANT:
            yield Finding("case", "its row calls for no turn when what it waits for is over", MEND, None, case.ref)


def in_full(office: Office) -> Iterator[Finding]:
    """Find each row, of open and closed cases, that says anything else than its facts."""
    for ref in _every(office):
        try:
            why = _looked_at(office, ref)
        except Exception as error:  # its facts, or its council's file, are not as they should be
            yield Finding("case", cannot_be_told(error), f"cleardays check {ref}", None, ref)
            continue
        if why is not None:
            yield Finding("case", why, MEND, None, ref)


def cannot_be_told(error: Exception) -> str:
    """Return that where a case rests cannot be told, and why: for an officer, who knows no names of the code."""
    why = sentence_for(error) or f"a mistake in Cleardays, to be reported ({error})"
    return f"where it rests cannot be told: {why}"


def _every(office: Office) -> list[str]:
    with office.store.reading() as reading:
        return [case.ref for case in reading.cases()]


def _looked_at(office: Office, ref: str) -> str | None:
    with office.store.reading() as reading:
        row, record = reading.case(ref), reading.record(ref)
    return wrong(office, row, record)


def wrong(office: Office, row: CaseSummary, record: Record) -> str | None:
    """Return what of a case's row is not as its facts have it, or None."""
    from desk.case_views import versions_of

    why = row_differs(row, record)
    if why is not None or row.outcome is not None:
        return why
    return rests_otherwise(office, row, record, versions_of(row.procedure))


def set_anew(office: Office) -> list[str]:
    """Set each row that differs from its record anew, and return those cases; the desk's next turn does the rest."""
    mended = []
    for ref in _every(office):
        with suppress(Exception):  # which check and doctor name
            if _looked_at(office, ref) is not None:
                told = told_at_first(office.store.record(ref))
                office.store.write(partial(_set_anew, ref=ref, now=office.clock.now(), told=told))
                mended.append(ref)
    return mended


def _set_anew(tx: Writing, ref: str, now: datetime, told: Mapping[str, Any]) -> None:
    until = tx.case(ref).until  # what was missed is late since then, and nothing else is
    tx.set_row_anew(ref, min(until or now, now), **told)

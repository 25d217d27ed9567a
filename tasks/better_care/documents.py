"""Attaching a document to a plan: its text is searched for gaps, and its table added up, as it comes in."""

from __future__ import annotations

from typing import Any

from models.better_care import BetterCarePlan
from models.better_care_checks import UnreadableTable, placeholders, read_pool_table, rows_that_fail, sums_that_fail
from models.better_care_in_hand import in_words
from models.better_care_packs import BOARD
from models.better_care_text import Unreadable, passages_of
from models.better_care_words import ADDED_UP, ATTACHED, Basis
from tasks import common_verbs, forms
from tasks.acts import Act, ReadFile
from tasks.forms import Refused

MOST_GAPS = 200  #: sentences kept with a document; one with more is no plan yet


def attach(case: BetterCarePlan, form: forms.Attach, read_file: ReadFile) -> Act:
    """Keep a document with what is wrong in it: gaps left in its text, or a table that cannot be added up."""
    sent = case.submission
    stands = sent is not None and sent["basis"] != Basis.NOT_COMPLIANT and case.own_refusal(BOARD) is None
    if form.kind in case.pack.requires and sent is not None and stands:
        raise Refused(
            f"the plan is submitted with its {form.kind}, fact {sent.number}; a changed one is attached once a "
            "revision is asked for (record-panel). What the assurers want to see is evidence (--kind evidence)"
        )
    act = common_verbs.attach(case, form, read_file, ATTACHED)
    filename = str(act.payload["filename"])
    (content,) = act.documents.values()
    found: dict[str, Any] = {}
    if form.kind in case.pack.requires:
        found |= _searched(filename, content)
    if form.kind in ADDED_UP and filename.lower().endswith(".csv"):
        found |= _added_up(content)
    payload = {**act.payload, **found}
    return Act(act.kind, payload, f"{act.says}{_says(case, form, payload)}", act.documents)


def _searched(filename: str, content: bytes) -> dict[str, Any]:
    try:
        return {"gaps": placeholders(passages_of(filename, content))[:MOST_GAPS], "unread": None}
    except Unreadable as error:
        return {"gaps": [], "unread": str(error)}


def _added_up(content: bytes) -> dict[str, Any]:
    try:
        table = read_pool_table(content.decode("utf-8-sig", errors="replace"))
    except UnreadableTable as error:
        return {"untold": str(error), "table": None}
    lines = {name: dict(line) for name, line in table.lines.items()}
    kept = {"columns": list(table.columns), "lines": lines, "totals": dict(table.totals)}
    return {"untold": None, "table": kept, "out": [*sums_that_fail(table), *rows_that_fail(table)]}


def _says(case: BetterCarePlan, form: forms.Attach, payload: dict[str, Any]) -> str:
    """Return what the officer should know at once: gaps, what cannot be read, signatures that fall."""
    said = ""
    if payload.get("gaps"):
        said += f" It is not complete: {'; '.join(payload['gaps'][:3])}."
    if payload.get("unread") and not form.reasons:
        said += f" Note: {payload['unread']}."
    if payload.get("out"):
        said += f" It does not come out: {'; '.join(payload['out'])}."
    if payload.get("untold"):
        said += f" Note: {payload['untold']}."
    signed = [case.name_of(key) for key in case.pack.signatories if case.signature(key)]
    before = case.document(form.kind)
    if form.kind in case.pack.requires and signed and before is not None and before["sha256"] != payload["sha256"]:
        said += f" {in_words(form.kind).capitalize()} has changed: {', '.join(signed)} signed the earlier version."
    return said

"""Whether a case's row says what its facts say: what it follows, whose it is, and whether it has ended.

The row can be derived from the facts, so that whoever rewrites it changes no fact; what it says is held against them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.facts import BrokenRecord, Record
from models.store import CaseSummary

CLOSED = "closed"  #: the fact with which every case ends; it tells the outcome


def told_at_first(record: Record) -> Mapping[str, Any]:
    """Return what the first fact says of the row: procedure, version, council, reference, as far as it names them.

    Nothing where it does not name the procedure (a register of daily heads); no council in a case that was opened
    before its first fact named that.
    """
    first = record.facts[0] if record.facts else None
    if first is None or not first.get("procedure_version"):
        return {}
    procedure, _, version = first["procedure_version"].rpartition(" ")
    named = {name: first[name] for name in ("council", "reference") if first.get(name)}
    return {"procedure": procedure, "version": int(version), **named}


def check_row(row: CaseSummary, record: Record) -> None:
    """Raise BrokenRecord, with the mend, where a case's row differs from its facts."""
    if (differs := row_differs(row, record)) is not None:
        raise BrokenRecord(f"{differs}: the row was rewritten. Set it anew from the record: cleardays reconcile")


def row_differs(row: CaseSummary, record: Record) -> str | None:
    """Return how a case's row differs from its facts, as a sentence without its full stop; None where it does not."""
    for name, told in told_at_first(record).items():
        if (says := getattr(row, name)) != told:
            return f"the row of case {row.ref} says {name} {says!r}, its first fact {told!r}"
    closed = record.first(CLOSED)
    if closed is None:
        if row.outcome is not None:
            return f"the row of case {row.ref} says it ended ({row.outcome}), and no fact closed it"
        return None
    ended = closed.get("outcome")
    if row.outcome is None:
        return f"the row of case {row.ref} says it is open, and fact {closed.number} closed it ({ended})"
    if row.outcome != ended:
        return f"the row of case {row.ref} says it ended as {row.outcome}, fact {closed.number} as {ended}"
    return None

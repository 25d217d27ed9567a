"""Whether an open case's row says what its record has it wait for: where it says otherwise, no turn may come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from models.facts import Record
from models.london import instant_in_words
from models.store import CaseSummary
from tasks.looking import where_it_rests
from tasks.procedures import read
from tasks.turns import Office


def rests_otherwise(
    office: Office, row: CaseSummary, record: Record, versions: Mapping[int, Callable[[Any], str]]
) -> str | None:
    """Return how what a row waits for differs from where its record rests now, as a clause; None where it does not.

    None also for a closed case, and for one whose next turn is due or that has news: that turn sets the row anew. Of a
    record that is ahead of the clock, as a demonstration's is, it is told as of its newest fact.
    """
    now = max(office.clock.now(), record.facts[-1].at)
    if row.outcome is not None or row.head > row.seen or (row.due_at is not None and row.due_at <= now):
        return None
    if row.version not in versions:
        return None
    rest = where_it_rests(office, read(record, office.council_of(record), now), versions)
    if rest is None:
        return f"a turn of it would record something now, and its row calls for none {_before(row.due_at)}"
    if (row.awaiting, row.until) != (rest.awaiting, rest.until):
        return (
            f"its row says {row.awaiting}{_until(row.until)}; by its record it waits: {rest.awaiting}"
            f"{_until(rest.until)}"
        )
    # A turn that comes sooner is taken for nothing: one that recorded something keeps the alarms it had set before.
    if rest.due_at is not None and (row.due_at is None or row.due_at > rest.due_at):
        return f"its row calls for no turn {_before(row.due_at)}; by its record one is due {_at(rest.due_at)}"
    return None


def _until(until: datetime | None) -> str:
    return f", until {instant_in_words(until)}" if until is not None else ""


def _before(due_at: datetime | None) -> str:
    return f"before {instant_in_words(due_at)}" if due_at is not None else "at all"


def _at(due_at: datetime | None) -> str:
    return f"at {instant_in_words(due_at)}" if due_at is not None else "only when something is recorded"

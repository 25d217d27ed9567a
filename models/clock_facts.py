"""The clock ledger as the record keeps it: which facts are its entries, and which of them have been undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from models.editions import APPLIED
from models.facts import Fact, Record
from models.ledger import Corrected, Entry, Extended, Suspended

EXTENDED = "time-extended"
SUSPENDED = "clock-suspended"
RESUMED = "clock-resumed"
CORRECTED = "notice-corrected"
SERVED = "papers-served"
RETRACTED = "entry-retracted"  #: takes an entry back: it counts as never made
ANEW = "recirculation-asked"  #: everyone's clock of the stage begins again with the papers then sent

MOVES_DATES = (EXTENDED, SUSPENDED, RESUMED, CORRECTED, RETRACTED, APPLIED)

Who = Callable[[Fact], str]  # who recorded a fact, as a title


def standing(record: Record, *kinds: str) -> list[Fact]:
    """Return the facts of these kinds that nobody has retracted, oldest first."""
    retracted = {fact["fact"] for fact in record.all(RETRACTED)}
    found = [fact for kind in kinds for fact in record.all(kind) if fact.number not in retracted]
    return sorted(found, key=lambda fact: fact.number)


def corrections(record: Record) -> list[Fact]:
    """Return the corrections of the notice that stand: neither retracted nor replaced by a later one."""
    found = standing(record, CORRECTED)
    replaced = {number for fact in found for number in fact["replaces"]}
    return [fact for fact in found if fact.number not in replaced]


def corrected(record: Record, who: Who) -> Iterator[Corrected]:
    """Give every correction of the day of notice as an entry of its clocks."""
    for fact in standing(record, CORRECTED):
        given_on, replaces = date.fromisoformat(fact["given_on"]), frozenset(fact["replaces"])
        yield Corrected(fact.number, who(fact), fact["reasons"], given_on, replaces)


def entries(
    record: Record, clock: str, who: Who, *, consultee: str | None = None, stage: str = "", round_: int = 0
) -> Iterator[Entry]:
    """Give the extensions and suspensions of one clock ("feedback").

    For feedback, those that concern one consultee in a stage ("contentious"), made while the papers had been
    circulated anew `round_` times: papers sent anew begin a new time. An entry concerns those whose time ran, or whose
    papers were on their way, when it was made; nobody who was asked later.
    """
    for fact in standing(record, EXTENDED, SUSPENDED):
        if (fact["clock"], fact["stage"], fact["round"]) != (clock, stage, round_):
            continue
        if consultee is not None and consultee not in fact["roles"]:
            continue
        if fact.kind == EXTENDED:
            yield _extended(fact, who(fact))
            continue
        first, last = _stopped(record, fact)
        if first <= last:  # one that was resumed before it began never stopped anything
            yield Suspended(fact.number, who(fact), fact["reasons"], first, last)


def roles_moved(record: Record, fact: Fact) -> set[str]:
    """Return the consultees whose time to answer a fact may have moved."""
    if fact.kind in (EXTENDED, SUSPENDED):
        return set(fact["roles"])
    if fact.kind == RESUMED:
        return set(record.facts[fact["suspension"] - 1]["roles"])
    if fact.kind == RETRACTED:
        return roles_moved(record, record.facts[fact["fact"] - 1])
    if fact.kind == SERVED:
        return {fact["consultee"]}
    return {each["name"].removeprefix("feedback: ") for each in fact.get("moved", ()) if ": " in each["name"]}


def anew(record: Record, stage: str) -> list[Fact]:
    """Return each time the papers were to be circulated anew in a stage ("contentious")."""
    return [fact for fact in record.all(ANEW) if fact["stage"] == stage]


def _extended(fact: Fact, who: str) -> Extended:
    if fact["until"] is not None:
        return Extended(fact.number, who, fact["reasons"], until=date.fromisoformat(fact["until"]))
    return Extended(fact.number, who, fact["reasons"], fact["count"], fact["unit"])


def _stopped(record: Record, suspension: Fact) -> tuple[date, date]:
    """Return the first and the last day on which the clock stood, ended earlier where it was resumed."""
    ends = [date.fromisoformat(suspension["until"])]
    for fact in standing(record, RESUMED):
        if fact["suspension"] == suspension.number:
            ends.append(date.fromisoformat(fact["resumed_on"]) - timedelta(days=1))
    return date.fromisoformat(suspension["from"]), min(ends)

"""The face of a register of daily heads: what it has sealed, mailed and had stamped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from desk.faces import Face, Move, People
from desk.tables import Cell
from models.heads_register import SEALED, HeadsRegister
from models.london import day_in_words, parse_day
from tasks import lost_letters

SENTENCES = {
    "opened": "register opened; the first day it seals is {first_day}",
    "heads-sealed": "{day} sealed: {cases} records grew",
    "heads-mailed": "files up to {until} mailed to the auditor",
    "heads-stamped": "the file of {day} stamped at {stamped_at} by {authority}",
    "heads-unstamped": "no time stamp of the file of {day} yet: {why}",
    "stamp-refused": "a time stamp of the file of {day} refused: {why}",
    "letter-bounced": "the letter to {consultee} came back: {text}",
    "letter-ambiguous": "the fate of the letter to {consultee} is not known",
    "closed": "register closed: {outcome}",
}

MILESTONES = {"opened": "Opened", "closed": "Closed"}


def what_it_is(case: HeadsRegister) -> list[str]:
    """Return the register in two sentences."""
    newest = case.record.last(SEALED)
    sealed = f"Sealed so far: {len(case.sealed)} days" + (f", to {_day(newest['day'])}." if newest else ".")
    return [f"How far every record of {case.council.name} had come at the end of each day of {case.year}.", sealed]


def people(case: HeadsRegister) -> People:
    """Return who is sent the files."""
    rows: list[list[Cell]] = [
        [case.council.title(role, case.today), "yes" if case.council.holder_or_none(role, case.today) else "vacant"]
        for role in case.council.auditors
    ]
    return People("Auditors", ("Office", "Held"), rows)


def moves(case: HeadsRegister) -> list[Move]:
    """Return nothing: the desk does it all by itself."""
    return []


def outstanding(case: HeadsRegister) -> list[str]:
    """Return what is to be looked into, in sentences."""
    return list(_outstanding(case))


def _outstanding(case: HeadsRegister) -> Iterator[str]:
    for each in case.breaches():
        yield f"{each}: entries were removed, restore the database from its backup."
    if case.unmailed:
        since = _day(case.unmailed[0]["day"])
        yield f"The files since {since} are mailed to nobody: nobody holds the auditor's office."
    for fact in case.stamp_troubles:
        yield f"No time stamp since the file of {_day(fact['day'])}: {fact['why']}"
    yield from lost_letters.in_sentences(case)


def as_dict(case: HeadsRegister) -> dict[str, Any]:
    """Return what is the register's own in plain JSON values."""
    return {"year": case.year, "sealed": [fact["day"] for fact in case.sealed],
            "mailed_to": list(case.council.auditors)}  # fmt: skip


def _day(text: str) -> str:
    return day_in_words(parse_day(text))


FACE = Face(
    what_it_is=what_it_is, sentences=SENTENCES, milestones=MILESTONES, moves=moves, people=people,
    outstanding=outstanding, as_dict=as_dict,
    in_a_line=lambda case: f"{len(case.sealed)} days sealed",
)  # fmt: skip

"""The registers of daily heads, opened by the desk itself; and where their files are listed for an officer."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.facts import Fact
from models.heads_register import PROCEDURE, SEALED, STAMPED, HeadsRegister
from models.outgoing import LetterState
from models.sealed_letters import POSTED
from models.store import Reading
from tasks.turns import Office

if TYPE_CHECKING:
    from desk.service import Desk

EVERY = 15.0  #: seconds between two looks whether a council calls for a register

log = logging.getLogger(__name__)


def keep_registers(desk: Desk) -> None:
    """Open each register that a council calls for, until the desk stops."""
    from tasks.heads_procedure import open_registers

    while not desk.wait(0):
        try:
            for ref in open_registers(desk.office):
                log.info("The register of daily heads %s was opened.", ref)
        except Exception as error:  # a store that is busy, a clock in doubt: the next look finds the same
            log.warning("Whether a register of daily heads is called for could not be seen: %s", error)
        desk.wait(EVERY)


@dataclass(frozen=True, slots=True)
class SealedDay:
    """One sealed day as it is listed: its fact, and what became of its letter and its time stamp."""

    register: str
    council: str
    fact: Fact
    mailed: str  #: "sent", "waiting", "ambiguous" ...; "not yet" where no letter has carried it
    stamp: Fact | None  #: the time stamp over its own file


def sealed_days(office: Office, reading: Reading, council: str | None = None) -> list[SealedDay]:
    """Return every sealed day, by council and date; of one council, by the name its cases were opened under."""
    registers = [each for each in reading.cases(procedure=PROCEDURE) if council in (None, each.council)]
    found = []
    for each in sorted(registers, key=lambda each: (each.council, each.reference)):
        record = reading.record(each.ref)
        register = HeadsRegister(record, office.council_of(record, reading), office.clock.now())
        states = {letter.draft.key: letter.state for letter in reading.letters(each.ref)}
        stamps = {fact["day"]: fact for fact in record.all(STAMPED)}
        found += [
            SealedDay(each.ref, each.council, fact, _mailed(register, fact, states), stamps.get(fact["day"]))
            for fact in record.all(SEALED)
        ]
    return found


def _mailed(register: HeadsRegister, fact: Fact, states: dict[str, LetterState]) -> str:
    mailed = register.letter_with(fact)
    if mailed is None:
        return "not yet"
    return ", ".join(dict.fromkeys(str(states[key]) for key in mailed.get(POSTED, ()) if key in states))

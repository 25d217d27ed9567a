"""Rehearsal: the same flow, verbs, letters and dates on a virtual clock; no server, no network, no waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from desk.scenario import Event, Scenario
from flows import turn_of
from models.clock import FixedClock
from models.council import Council, load_council
from models.facts import Record
from models.london import LONDON, instant_in_words
from models.outgoing import Letter
from models.pharmacy_words import PROCEDURE
from models.store import CaseSummary, Store, open_store
from notifications.outbox import deliver_at_once
from tasks.acts import Done
from tasks.forms import Refused
from tasks.opening import notify
from tasks.procedures import read
from tasks.turns import Office, Parked, in_office
from tasks.verbs import perform, read_from_disk

DOOR = "rehearsal"
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that an officer of the rehearsal tried and could not do."""

    at: datetime
    verb: str
    reason: str


class Rehearsal:
    """One case played on a clock that moves only when told to. Used by the command, and by the tests."""

    def __init__(
        self, council: Council, start: datetime, store: Store | None = None, procedure: str = PROCEDURE
    ) -> None:
        """Open an office of `council` at `start` (aware), by default on a store in memory and for a pharmacy case."""
        self.procedure = procedure
        self.clock = FixedClock(start)
        self.store = store or open_store("sqlite://")
        self.office = Office(
            store=self.store,
            clock=self.clock,
            council=lambda name: council,
            holder=DOOR,
            real_clock=self.clock,
        )
        self.council = council
        self.refusals: list[Refusal] = []
        self.case_ref = ""
        self.beside: Path | None = None  #: a folder in which files named by the scenario are looked for as well

    def notify(self, fields: dict[str, Any], actor: str | None = None) -> Done:
        """Enter a notice, take the case's first turn, and return what was recorded. Raises Refused."""
        done = notify(self.office, self.procedure, self.council.id, fields, actor=actor, channel=DOOR)
        self.case_ref = done.case
        self.settle()
        return done

    def do(self, verb: str, actor: str | None = None, **fields: Any) -> Done:
        """Do a verb now, take the turns it calls for, and return what was recorded. Raises Refused."""
        done = perform(
            self.office,
            self.case_ref,
            verb,
            fields,
            actor=actor,
            channel=DOOR,
            read_file=lambda path: stand_in_for_missing(path, self.beside),
        )
        self.settle()
        return done

    def settle(self) -> None:
        """Take turns and deliver letters until nothing more happens at this instant."""
        while True:
            self.turn()
            self.deliver()
            case = self.summary
            if case.outcome is not None or case.head == case.seen:
                return

    def deliver(self) -> None:
        """Count every waiting letter as accepted now; nothing is sent."""
        deliver_at_once(self.store, self.clock)

    def turn(self) -> None:
        """Take one turn of the case, unless it is closed."""
        if self.summary.outcome is None:
            with in_office(self.office):
                try:
                    turn_of(self.procedure)(self.case_ref)
                except Parked:
                    return

    def advance_to(self, instant: datetime) -> None:
        """Move the clock to `instant` (aware), taking every turn that falls due on the way, each at its time."""
        while True:
            due_at = self.summary.due_at
            if self.summary.outcome is not None or due_at is None or due_at > instant:
                break
            self.clock.set(max(due_at, self.clock.now()))
            before = (self.summary.head, due_at)
            self.settle()
            if (self.summary.head, self.summary.due_at) == before:
                raise RuntimeError(
                    f"case {self.case_ref} is due again at {due_at} without having done anything"
                )
        self.clock.set(max(instant, self.clock.now()))

    @property
    def summary(self) -> CaseSummary:
        """Return what the store knows of the case."""
        return self.store.case(self.case_ref)

    @property
    def record(self) -> Record:
        """Return the case's record."""
        return self.store.record(self.case_ref)

    @property
    def case(self) -> Any:
        """Return the case as it stands now, a models.cases.Case of its procedure."""
        record = self.record
        return read(record, self.office.council_of(record), self.clock.now())

    @property
    def letters(self) -> list[Letter]:
        """Return the letters written so far."""
        with self.store.reading() as reading:
            return reading.letters(self.case_ref)


def play(
    scenario: Scenario, council: Council, told: Told = lambda line: None, beside: Path | None = None
) -> Rehearsal:
    """Play a scenario and return the rehearsal as it stands at its end.

    Files that it names are looked for `beside` it as well. An event that is refused is kept, with the reason, and the
    play goes on. Raises Refused for a wrong notice.
    """
    rehearsal = Rehearsal(council, scenario.begins_at, procedure=scenario.procedure)
    rehearsal.beside = beside
    rehearsal.notify(dict(scenario.notice))
    for event in scenario.events:
        if event.at > scenario.until:
            break
        rehearsal.advance_to(event.at)
        _do(rehearsal, event, told)
    rehearsal.advance_to(scenario.until)
    return rehearsal


def _do(rehearsal: Rehearsal, event: Event, told: Told) -> None:
    try:
        done = rehearsal.do(event.verb, event.actor, **event.fields)
        told(f"{instant_in_words(event.at)}: {done.says}")
    except Refused as refused:
        rehearsal.refusals.append(Refusal(rehearsal.clock.now(), event.verb, str(refused)))
        told(f"{instant_in_words(event.at)}: {event.verb} was refused: {refused}")


def stand_in_for_missing(path: Path, beside: Path | None = None) -> bytes:
    """Return a file's content, or one line in its place where a rehearsal names a file that is not there."""
    for place in (path, *([beside / path] if beside else [])):
        if place.is_file():
            return read_from_disk(place)
    return f"This line stands in for {path.name} in a rehearsal.\n".encode()


def as_json(rehearsal: Rehearsal) -> dict[str, Any]:
    """Return everything that happened, as plain data: facts, deadlines, letters, and what was refused."""
    summary = rehearsal.summary
    return {
        "case": rehearsal.case_ref,
        "state": summary.awaiting,
        "outcome": summary.outcome,
        "waits_until": _told(summary.until),
        "facts": [
            {"at": _told(fact.at), "fact": fact.kind, "actor": fact.actor, "number": fact.number, **fact.payload}
            for fact in rehearsal.record
        ],
        "deadlines": [
            {"name": deadline.name, "last_day": deadline.last_day.isoformat(), "target": deadline.target.isoformat(),
             "status": str(status), "source": deadline.source, "rule": deadline.rule,
             "local_policy": deadline.local_policy, "derivation": deadline.explain()}
            for deadline, status in rehearsal.case.deadlines()
        ],
        "letters": [
            {"at": _told(letter.written_at), "to": letter.draft.recipient, "template": letter.draft.template,
             "subject": letter.draft.subject, "state": str(letter.state)}
            for letter in rehearsal.letters
        ],
        "refused": [
            {"at": _told(refusal.at), "do": refusal.verb, "reason": refusal.reason}
            for refusal in rehearsal.refusals
        ],
    }  # fmt: skip


def _told(instant: datetime | None) -> str | None:
    return instant.astimezone(LONDON).isoformat(timespec="seconds") if instant else None


@cache
def council_named(name: str) -> Council:
    """Return a council by the name of its file, read once."""
    return load_council(name)

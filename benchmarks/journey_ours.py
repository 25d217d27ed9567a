"""The journey through Cleardays: each verb, its turn of the flow from the top, letters to the outbox, all committed."""

from __future__ import annotations

from contextlib import suppress

from benchmarks.journey_story import COUNCIL, NOTICE, NOTIFIED_AT, TRIGGERS, Trigger
from flows import turn_of
from models.clock import FixedClock
from models.council import Council, load_council
from models.editions import Edition
from models.facts import Fact
from models.outgoing import Letter, LetterState
from models.pharmacy_words import PROCEDURE
from models.store import Store, Writing, open_store
from notifications.postbook import Fate, record_fates
from tasks.opening import notify
from tasks.turns import Office, Parked, in_office
from tasks.verbs import perform

DOOR = "benchmark"
APPLICATION = {"kind": "application", "file": "application.txt"}  #: comes with the notice: no trigger of its own
NOTIFIED = b"Application to consolidate two pharmacies on one site, made up for the benchmark.\n" * 40
ASSESSMENT = b"Equality impact assessment of the proposed consolidation, made up for the benchmark.\n" * 20


class Cleardays:
    """Plays cases on one database. Safe to use from many threads."""

    def __init__(self, url: str) -> None:
        """Open the store at a database URL."""
        self.store: Store = open_store(url)
        self._council: Council = load_council(COUNCIL)
        self._editions: dict[str, Edition] = {}
        self._turn = turn_of(PROCEDURE)

    def play(self, name: str) -> str:
        """Take one case from its notice to its representation, and return its reference."""
        clock = FixedClock(NOTIFIED_AT)
        office = Office(store=self.store, clock=clock, council=lambda _: self._council, holder=DOOR, real_clock=clock,
                        editions=self._editions)  # fmt: skip
        ref = notify(office, PROCEDURE, COUNCIL, {**NOTICE, "reference": name}, channel=DOOR).case
        perform(office, ref, "attach", APPLICATION, channel="with the notice", read_file=lambda _: NOTIFIED)
        self._take_turn(office, ref)
        for trigger in TRIGGERS[1:]:
            clock.set(NOTIFIED_AT + trigger.after)
            if trigger.verb == "decide":
                self._take_turn(office, ref)  # the time to answer is over for those who were silent
            self._do(office, ref, trigger)
        assert self.store.case(ref).awaiting == "Awaiting acceptance of the representation", self.store.case(ref)
        return ref

    def _do(self, office: Office, ref: str, trigger: Trigger) -> None:
        perform(office, ref, trigger.verb, trigger.fields, channel=DOOR, read_file=lambda _: ASSESSMENT)
        self._take_turn(office, ref)
        if trigger.verb == "decide-route":
            self._deliver(office, ref)
            self._take_turn(office, ref)

    def _take_turn(self, office: Office, ref: str) -> None:
        with in_office(office), suppress(Parked):
            self._turn(ref)

    def _deliver(self, office: Office, ref: str) -> None:
        """Record that the papers were accepted: only then does the time to answer run. Sending is another benchmark."""
        now, told = office.clock.now(), {"accepted_by": "mail.example.org", "reply": "250 OK"}

        def work(tx: Writing) -> None:
            letters = tx.claim_letters(now, DOOR, 10_000, ref)
            record_fates(tx, [Fate(letter, LetterState.SENT, now, told, "250 OK") for letter in letters])

        self.store.write(work)

    def recorded(self, ref: str) -> tuple[list[Fact], list[Letter]]:
        """Return the facts and letters of a case: what the peers are given to write."""
        with self.store.reading() as reading:
            return reading.record(ref).facts, reading.letters(ref)

    def close(self) -> None:
        """Close the store."""
        self.store.close()

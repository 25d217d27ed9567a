"""An office in which nothing happens but what a test says: cases that grow on a day, and the desk's nights."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, time, timedelta
from functools import partial

from flows import turn_of
from models import failpoints
from models.clock import FixedClock
from models.council import COUNCILS, Council
from models.facts import Fact, check_chain
from models.heads import Heads, parse_heads, sha256_of
from models.heads_register import MAILED, PROCEDURE, SEALED, HeadsRegister
from models.london import LONDON, first_instant_of, parse_day, parse_instant
from models.outgoing import Letter
from models.store import NewCase, Store, Writing
from notifications.outbox import deliver_at_once
from tasks.heads_procedure import open_registers
from tasks.turns import Office, Parked, in_office

NOON = time(12)
SHIPPED = (COUNCILS / "southampton.yaml").read_text(encoding="utf-8")


def without_authority() -> str:
    """Return the shipped file of Southampton without its section on authority, and so without an auditor."""
    (section,) = re.findall(r"^authority:\n(?:[ #].*\n|\n)+", SHIPPED, re.MULTILINE)
    return SHIPPED.replace(section, "")


class HeadsOffice:
    """Two councils' cases and the desk, on a clock that a test moves."""

    def __init__(self, store: Store, councils: Sequence[Council], began: str) -> None:
        """Open at `began` ("2017-08-01" is noon in London) with files of `councils`, by their ids."""
        self.councils = {council.id: council for council in councils}
        self.clock = FixedClock(moment(began))
        self.store = store
        self.office = Office(store, self.clock, lambda name: self.councils[name], holder="the desk",
                             real_clock=self.clock)  # fmt: skip

    # -- what happens --------------------------------------------------------------------------------------

    def a_case(self, of: str = "southampton", on: str | None = None) -> str:
        """Enter a case of a council, with one fact."""
        self._go_to(on)
        with self.store.reading() as reading:
            number = len(reading.cases())
        new = NewCase("PC", 2017, "pharmacy-consolidation", 1, of, f"CAS-{number}")
        ref = self.store.write(lambda tx: tx.open_case(new))
        self.grows(ref)
        return ref

    def grows(self, ref: str, on: str | None = None) -> Fact:
        """Record a fact of a case, with the desk shut or not."""
        self._go_to(on)
        return self.store.write(partial(self._append, ref))

    def _append(self, ref: str, tx: Writing) -> Fact:
        return tx.append(ref, "noted", at=self.clock.now(), actor="a", channel="test", payload={"reference": ref})

    def desk_opens(self, at: str) -> None:
        """Let the desk look at `at`, after a time in which it was shut."""
        self._go_to(at)
        self.settle()

    def desk_runs_until(self, end: str) -> None:
        """Let the desk work until `end`: each register's turn is taken as it falls due."""
        last = moment(end)
        self.settle()
        while (due := min(self._due(), default=None)) is not None and due <= last:
            self.clock.set(max(due, self.clock.now()))
            self.settle()
        self.clock.set(last)
        self.settle()

    def settle(self, deliver: bool = True) -> None:
        """Open registers, take turns and deliver letters until nothing more happens at this instant."""
        while True:
            opened = open_registers(self.office)
            calling = [ref for ref in self.registers() if self._calls(ref)]
            for ref in calling:
                self.turn(ref)
            if deliver:
                deliver_at_once(self.store, self.clock)
            if not opened and not any(self._calls(ref) for ref in self.registers()):
                return

    def turn(self, ref: str) -> None:
        """Take one turn of a register."""
        with in_office(self.office), suppress(Parked):
            turn_of(PROCEDURE)(ref)

    def _calls(self, ref: str) -> bool:
        case = self.store.case(ref)
        due = case.due_at is not None and case.due_at <= self.clock.now()
        return case.outcome is None and (due or case.head > case.seen)

    def _due(self) -> list[datetime]:
        with self.store.reading() as reading:
            cases = reading.cases(open_only=True, procedure=PROCEDURE)
        return [case.due_at for case in cases if case.due_at is not None]

    def _go_to(self, at: str | None) -> None:
        if at is not None:
            self.clock.set(moment(at))

    # -- what is then seen ---------------------------------------------------------------------------------

    def registers(self, of: str | None = None) -> list[str]:
        """Return the registers there are, in the order in which they were opened."""
        with self.store.reading() as reading:
            cases = reading.cases(procedure=PROCEDURE)
        return sorted(case.ref for case in cases if of in (None, case.council))

    def register(self, ref: str) -> HeadsRegister:
        """Return a register as it stands."""
        record = self.store.record(ref)
        return HeadsRegister(record, self.office.council_of(record), self.clock.now())

    def sealed(self, of: str = "southampton") -> list[Fact]:
        """Return the fact of each day sealed for a council."""
        return [fact for ref in self.registers(of) for fact in self.store.record(ref).all(SEALED)]

    def files(self, of: str = "southampton") -> list[Heads]:
        """Return the files of a council, in their order."""
        facts = self.sealed(of)
        with self.store.reading() as reading:
            return [parse_heads(reading.document(fact["sha256"])) for fact in facts]

    def letters(self, of: str = "southampton") -> list[Letter]:
        """Return the letters of a council's registers, oldest first."""
        registers = self.registers(of)
        with self.store.reading() as reading:
            return [letter for ref in registers for letter in reading.letters(ref)]

    def check(self, of: str = "southampton") -> None:
        """Hold what any register must keep: unbroken days and chains, each file mailed once, every head true."""
        facts, files = self.sealed(of), self.files(of)
        days = [file.day for file in files]
        assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
        with self.store.reading() as reading:
            contents = [reading.document(fact["sha256"]) for fact in facts]
        assert [file.previous for file in files] == ["0" * 64, *map(sha256_of, contents[:-1])]
        for ref in self.registers(of):
            record = self.store.record(ref)
            check_chain(record)
            mailed = [day for fact in record.all(MAILED) for day in span(fact["from"], fact["until"])]
            assert mailed == [fact["day"] for fact in record.all(SEALED)]
        enclosed = [each for letter in self.letters(of) for each in letter.draft.enclosures]
        posted = [each.sha256 for each in enclosed if each.filename.endswith(".txt")]
        assert posted == [fact["sha256"] for fact in facts]
        for file, fact in zip(files, facts, strict=True):
            assert (file.day.isoformat(), file.sealed_at, len(file.heads)) == (fact["day"], fact.at, fact["cases"])
            for head in file.heads:
                named = self.store.record(head.case).facts[head.number - 1]
                assert (named.hash, named.at <= file.sealed_at) == (head.hash, True)


def moment(text: str) -> datetime:
    """Return noon in London on a day, or the instant that is given with its time."""
    return parse_instant(text) if "T" in text else datetime.combine(parse_day(text), NOON, LONDON)


def span(first: str, last: str) -> list[str]:
    """Return every day from one to another, as dates."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(begin + timedelta(days=number)).isoformat() for number in range((end - begin).days + 1)]


def midnight_after(day: date) -> datetime:
    """Return the first instant (aware) after a London day."""
    return first_instant_of(day + timedelta(days=1))


@contextmanager
def listening(listener: Callable[[str, str], None]) -> Iterator[None]:
    """Let `listener` hear of each failpoint that is reached within the block."""
    failpoints.listen(listener)
    try:
        yield
    finally:
        failpoints.listen(None)

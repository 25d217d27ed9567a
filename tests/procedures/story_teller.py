"""What every story has, whatever its procedure: a clock of its own, verbs done on a day, and what is then seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

import pytest

from desk.rehearsal import Rehearsal
from models.cases import Status
from models.council import Council
from models.deadlines import Deadline
from models.facts import Fact
from models.london import LONDON, date_in_london, parse_day, parse_instant
from models.outgoing import Letter, LetterState
from models.store import Writing
from notifications.outbox import keep_back, record_fate, why_kept_back
from tasks.forms import Refused

NOON = time(12, 0)

WhereAndUntil = tuple[str, str | None]


class Mailroom(Rehearsal):
    """A rehearsal whose mail servers refuse, forget or do not answer when a story says so."""

    def __init__(self, council: Council, start: datetime, fates: Mapping[str, LetterState], procedure: str) -> None:
        """Open at `start` (aware); `fates` gives by role id what becomes of letters, SENT where it is silent."""
        super().__init__(council, start, procedure=procedure)
        self.closed = False
        self.fates = fates

    def deliver(self) -> None:
        """Hand every waiting letter over, each with the fate its recipient's mail server has in store."""
        if not self.closed:
            self.store.write(self._hand_over)

    def _hand_over(self, tx: Writing) -> None:
        now = self.clock.now()
        for letter in tx.claim_letters(now, "mailroom", 10_000):
            if why_kept_back(letter, now):
                keep_back(tx, letter, now)
                continue
            fate = self.fates.get(letter.draft.recipient, LetterState.SENT)
            told = {"accepted_by": "mail.example.org", "reply": "250 OK"}
            if fate is not LetterState.SENT:
                told = {"text": "550 no such mailbox"}
            record_fate(tx, letter, fate, now, told, "as the story says")


class Teller:
    """Speaks and acts as an office; every act happens on the day it names.

    A day given as "2017-08-04" means noon in London; "2017-08-04T23:59:59" means that instant there.
    """

    def __init__(self, council: Council) -> None:
        """Open an office of `council`; the case comes with `opens`."""
        self.council = council
        self.played: Mailroom | None = None
        self.fates: dict[str, LetterState] = {}

    # -- what happens --------------------------------------------------------------------------------------

    def opens(self, procedure: str, fields: Mapping[str, Any], *, on: str) -> str:
        """Open a case of a procedure `on` a day, and return what the office is told. Raises Refused."""
        self.played = Mailroom(self.council, instant(on), self.fates, procedure)
        return self.playing.notify(given(fields)).says

    def does(self, verb: str, *, on: str, by: str | None = None, **fields: Any) -> str:
        """Do any verb `on` a day, and return what the office is told. Raises Refused."""
        self.waits_until(on)
        return self.playing.do(verb, by, **given(fields)).says

    def is_refused(self, verb: str, *, on: str, by: str | None = None, **fields: Any) -> str:
        """Try a verb that must be refused, and return the reason; nothing may have been recorded."""
        self.waits_until(on)
        before = self.playing.record.head
        with pytest.raises(Refused) as refused:
            self.does(verb, on=on, by=by, **fields)
        assert self.playing.record.head == before
        return str(refused.value)

    def waits_until(self, on: str) -> None:
        """Let time pass until a day's noon, or an instant."""
        self.playing.advance_to(max(instant(on), self.playing.clock.now()))

    def misses_the_time_until(self, on: str) -> None:
        """Let the engine be out of order until a day, and take its next turn then."""
        self.playing.clock.set(instant(on))
        self.playing.settle()

    def closes_its_mailroom(self) -> None:
        """Let letters wait in the outbox from now on."""
        self.playing.closed = True

    def opens_its_mailroom(self) -> None:
        """Hand over what waits in the outbox."""
        self.playing.closed = False
        self.playing.settle()

    def mail_to(self, role: str, *, is_: LetterState) -> None:
        """Let every later letter to `role` meet the same fate."""
        self.fates[role] = is_

    def mends_council_file(self, council: Council, *, on: str, notice_it: bool = True) -> None:
        """Let the council's file read otherwise from a day on; take a turn at once unless nobody notices it yet."""
        self.waits_until(on)
        self.council = self.playing.council = council
        self.playing.office.council = lambda name: council
        if notice_it:
            self.playing.settle()

    # -- what is seen --------------------------------------------------------------------------------------

    @property
    def playing(self) -> Mailroom:
        """Return the rehearsal that plays the case."""
        assert self.played is not None, "the office has received nothing yet"
        return self.played

    def waits_for(self) -> WhereAndUntil:
        """Return the state shown for the case and the last day of its wait, if it has one."""
        summary = self.playing.summary
        return summary.awaiting, date_in_london(summary.until).isoformat() if summary.until else None

    @property
    def outcome(self) -> str | None:
        """Return how the case ended, or None while it is open."""
        return self.playing.summary.outcome

    def facts(self, kind: str) -> list[Fact]:
        """Return the facts of one kind, oldest first."""
        return list(self.playing.record.all(kind))

    def fact(self, kind: str) -> Fact:
        """Return the one fact of a kind."""
        (found,) = self.facts(kind)
        return found

    def days(self, kind: str) -> list[str]:
        """Return the London days on which facts of a kind were recorded, each once."""
        return list(dict.fromkeys(date_in_london(fact.at).isoformat() for fact in self.facts(kind)))

    def letters(self, template: str, to: str | None = None) -> list[Letter]:
        """Return the letters written from a template, to anybody or to one role, oldest first."""
        return [
            letter for letter in self.playing.letters
            if letter.draft.template == template and to in (None, letter.draft.recipient)
        ]  # fmt: skip

    def words(self, template: str, to: str | None = None) -> list[str]:
        """Return subject and text, on one line each, of the letters written from a template, oldest first."""
        return [words_of(letter) for letter in self.letters(template, to)]

    def letter(self, template: str, to: str | None = None) -> str:
        """Return subject and text, on one line, of the one letter written from a template."""
        (found,) = self.words(template, to)
        return found

    def written_on(self, template: str, to: str | None = None) -> list[str]:
        """Return the London days on which letters from a template were written, oldest first."""
        return [date_in_london(letter.written_at).isoformat() for letter in self.letters(template, to)]

    def recipients(self, template: str) -> list[str]:
        """Return to whom letters from a template went, in order."""
        return [letter.draft.recipient for letter in self.letters(template)]

    def deadline(self, name: str) -> Deadline:
        """Return the deadline of a name."""
        return self._deadline(name)[0]

    def status(self, name: str) -> Status:
        """Return where the deadline of a name stands."""
        return self._deadline(name)[1]

    def last_day(self, name: str) -> str:
        """Return the last day of a deadline."""
        return self.deadline(name).last_day.isoformat()

    def target(self, name: str) -> str:
        """Return the internal target of a deadline."""
        return self.deadline(name).target.isoformat()

    def _deadline(self, name: str) -> tuple[Deadline, Status]:
        (found,) = [each for each in self.playing.case.deadlines() if each[0].name == name]
        return found


def instant(on: str) -> datetime:
    """Return the instant that a story means by a day, or by a day with a time."""
    return parse_instant(on) if "T" in on else datetime.combine(parse_day(on), NOON, LONDON)


def given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that a story gives a value."""
    return {name: value for name, value in fields.items() if value is not None}


def words_of(letter: Letter) -> str:
    """Return a letter's subject and text on one line."""
    return " ".join(f"{letter.draft.subject} {letter.draft.text}".split())

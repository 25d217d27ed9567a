"""The office that a story speaks through: real flow, verbs, letters and council file on a clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time
from io import BytesIO
from typing import Any

import pytest

from desk.rehearsal import Rehearsal
from models.cases import Status
from models.consultation import Standing
from models.council import Council
from models.deadlines import Deadline
from models.facts import Fact
from models.london import LONDON, date_in_london, parse_day, parse_instant
from models.outgoing import Letter, LetterState
from models.store import Writing
from notifications.outbox import record_fate
from tasks.forms import Refused

NOON = time(12, 0)

WhereAndUntil = tuple[str, str | None]


class Mailroom(Rehearsal):
    """A rehearsal whose mail servers refuse, forget or do not answer when a story says so."""

    def __init__(self, council: Council, start: datetime, fates: Mapping[str, LetterState]) -> None:
        """Open at `start` (aware); `fates` gives by role id what becomes of letters, SENT where it is silent."""
        super().__init__(council, start)
        self.closed = False
        self.fates = fates

    def deliver(self) -> None:
        """Hand every waiting letter over, each with the fate its recipient's mail server has in store."""
        if not self.closed:
            self.store.write(self._hand_over)

    def _hand_over(self, tx: Writing) -> None:
        now = self.clock.now()
        for letter in tx.claim_letters(now, "mailroom", 10_000):
            fate = self.fates.get(letter.draft.recipient, LetterState.SENT)
            told = {"accepted_by": "mail.example.org", "reply": "250 OK"}
            if fate is not LetterState.SENT:
                told = {"text": "550 no such mailbox"}
            record_fate(tx, letter, fate, now, told, "as the story says")


class Office:
    """Speaks and acts as the office of the Director of Public Health; every act happens on the day it names.

    A day given as "2017-08-04" means noon in London; "2017-08-04T23:59:59" means that instant there.
    """

    def __init__(self, council: Council) -> None:
        """Open an office of `council`; the case comes with `receives`."""
        self.council = council
        self.played: Mailroom | None = None
        self.fates: dict[str, LetterState] = {}

    # -- what happens --------------------------------------------------------------------------------------

    def receives(
        self, *, on: str, entered: str | None = None, capacity: str = "relevant", wards: str = "bargate",
        stated: str | None = None,
    ) -> str:  # fmt: skip
        """Enter a notice given `on` (on the day itself unless `entered` later); returns the case's reference."""
        self.played = Mailroom(self.council, self._instant(entered or on), self.fates)
        fields = {"reference": "CAS-17", "given_at": self._instant(on), "capacity": capacity, "wards": wards,
                  "applicant": "A Ltd", "closing": "1 Low Street", "remaining": "2 High Street",
                  "stated_deadline": stated}  # fmt: skip
        return self.played.notify(fields).case

    def attaches(self, kind: str, *, on: str, file: str = "paper.pdf", **more: Any) -> str:
        """Attach a document."""
        return self.does("attach", on=on, kind=kind, file=file, **more)

    def attaches_assessment(self, *, on: str) -> str:
        """Attach the equality impact assessment."""
        return self.attaches("equality-impact-assessment", on=on, file="assessment.pdf")

    def decides_route(self, route: str, *, on: str, chair_agrees: bool = True) -> str:
        """Decide the route, or disagree about it with the Chair."""
        return self.does("decide-route", on=on, route=route, reasons="As discussed.", chair_agrees=chair_agrees)

    def hears_back(self, answers: dict[str, str], *, on: str, **more: Any) -> list[str]:
        """Record answers by role id, nobody declaring an interest unless `more` says so."""
        told = {"interest": "none", "reasons": "In our view.", **more}
        return [self.does("respond", on=on, consultee=role, opinion=said, **told) for role, said in answers.items()]

    def hears_from_everyone(self, opinion: str, *, on: str) -> None:
        """Record the same answer of everybody who has not answered yet."""
        self.waits_until(on)
        silent = [c.role for c in self.playing.case.consultees if c.response is None]
        self.hears_back(dict.fromkeys(silent, opinion), on=on)

    def meets(self, attended: str, *, on: str, opinion: str | None = None) -> str:
        """Record a meeting of those consulted."""
        return self.does("meet", on=on, attended=attended, opinion=opinion, note="As minuted.")

    def decides(self, opinion: str, *, on: str, **more: Any) -> str:
        """Decide on the statutory question."""
        told = {"limb_a": "Need is met.", "limb_b": "Access is kept.", "alternatives": "None was found.",
                "wishes_oral_hearing": False, **more}  # fmt: skip
        return self.does("decide", on=on, opinion=opinion, **told)

    def does(self, verb: str, *, on: str, by: str | None = None, **fields: Any) -> str:
        """Do any verb `on` a day, and return what the office is told. Raises Refused."""
        self.waits_until(on)
        given = {name: value for name, value in fields.items() if value is not None}
        return self.playing.do(verb, by, **given).says

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
        instant = self._instant(on)
        self.playing.advance_to(max(instant, self.playing.clock.now()))

    def misses_the_time_until(self, on: str) -> None:
        """Let the engine be out of order until a day, and take its next turn then."""
        self.playing.clock.set(self._instant(on))
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

    def mends_council_file(self, council: Council, *, on: str) -> None:
        """Let the council's file read otherwise from a day on."""
        self.waits_until(on)
        self.council = self.playing.council = council
        self.playing.office.council = lambda name: council
        self.playing.settle()

    # -- what is seen --------------------------------------------------------------------------------------

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

    def letter(self, template: str, to: str | None = None) -> str:
        """Return subject and text, on one line, of the one letter written from a template."""
        (found,) = self.letters(template, to)
        return words_of(found)

    def recipients(self, template: str) -> list[str]:
        """Return to whom letters from a template went, in order."""
        return [letter.draft.recipient for letter in self.letters(template)]

    def content(self, letter: Letter, filename: str) -> bytes:
        """Return what is in an enclosure of a letter."""
        (found,) = [each for each in letter.draft.enclosures if each.filename == filename]
        with self.playing.store.reading() as reading:
            return reading.document(found.sha256)

    def document_text(self, template: str) -> str:
        """Return the words of the Word document enclosed with the one letter written from a template."""
        from docx import Document

        (letter,) = self.letters(template)
        (word,) = [each.filename for each in letter.draft.enclosures if each.filename.endswith(".docx")]
        document = Document(BytesIO(self.content(letter, word)))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return " ".join(" ".join([*(p.text for p in document.paragraphs), *cells]).split())

    def standing(self, role: str) -> Standing:
        """Return where a consultee stands."""
        return self.playing.case.consultee(role).standing

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

    def escalated_to(self) -> list[str]:
        """Return everybody who was told that a day passed: circulation late, or a breach."""
        return [*self.recipients("circulation-late"), *self.recipients("breach")]

    def consulted(self) -> list[str]:
        """Return everybody who was sent papers or a consultation, in order."""
        return [fact["consultee"] for fact in self.facts("circulated")]

    @property
    def playing(self) -> Mailroom:
        """Return the rehearsal that plays the case."""
        assert self.played is not None, "the office has received nothing yet"
        return self.played

    def _deadline(self, name: str) -> tuple[Deadline, Status]:
        (found,) = [each for each in self.playing.case.deadlines() if each[0].name == name]
        return found

    @staticmethod
    def _instant(on: str) -> datetime:
        return parse_instant(on) if "T" in on else datetime.combine(parse_day(on), NOON, LONDON)


def words_of(letter: Letter) -> str:
    """Return a letter's subject and text on one line."""
    return " ".join(f"{letter.draft.subject} {letter.draft.text}".split())


CouncilWith = Callable[..., Council]
"""Reads the shipped council file with passages replaced, each given as (old, new)."""

OfficeOf = Callable[[Council], Office]
"""Opens an office of a council."""

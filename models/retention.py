"""How long a case's record and its background papers are kept, and from which day each may go.

Regulation 21 of SI 2012/2089 keeps the record of a decision, and the report it rests on, for six years (para 6), its
background papers for four (para 7), each beginning with the day of the decision; SI 2014/2095 regs 7 and 8 say the same
of what an officer decides under delegation. That is the least. Here the time begins no earlier than the case was
closed: the day of a decision is typed by hand, and no slip of it lets anything go too soon. A council may keep longer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from models.deadlines import Deadline
from models.facts import Fact, Record, Withheld
from models.london import date_in_london, day_in_words
from models.periods import beginning_with

RECORD_YEARS, PAPERS_YEARS = 6, 4  #: what the law asks for at least
RECORD_SOURCE = "SI 2012/2089 reg 21(6); SI 2014/2095 reg 8"
PAPERS_SOURCE = "SI 2012/2089 reg 21(7); SI 2014/2095 reg 8"

DECIDED_ON = ("decided_on", "held_on", "agreed_on", "signed_on", "resolved_on")  #: fields with its day
DECIDED = ("decided", "meeting-held")  #: facts that are one, on their own day where they name no other
ATTACHED = "document-attached"
REPORTS = frozenset({"report", "narrative-plan", "planning-return", "pool-table"})
"""Kinds of attached documents that are what was decided on, and so kept as long as the record itself."""

PERSONAL_DATA_REMOVED = "personal-data-removed"
PAPERS_REMOVED = "background-papers-removed"

TRANSCRIPTS: Mapping[str, tuple[str, ...]] = {
    "letter-sent": ("reply", "message_sha256"),
    "letter-bounced": ("text",),
    "letter-ambiguous": ("text",),
    "letter-delayed": ("text",),
    "letter-cancelled": ("text",),
    "representation-sent": ("reply",),
}
"""What mail servers said, by the kind of fact and its fields: their words may name whom a letter was for.

So does the digest of a whole message, which has no salt: whoever composes it again to a guessed address could compare.
"""

CONTACT = frozenset({"contact", "email", "address", "telephone"})  #: fields of any fact by which a person is reached
WORDS: Mapping[str, tuple[str, ...]] = {
    "notified": ("applicant",),
    "response-received": ("reasons", "interest_detail"),
    "called-in": ("called_in_by",),
}
"""Words of people and about them, which the decision rests on: kept as long as its background papers."""


class Part(StrEnum):
    """What is kept for a time of its own."""

    PAPERS = "background papers"
    RECORD = "record"


class Years(Protocol):
    """How many years a council keeps each part, never fewer than the law."""

    @property
    def record_years(self) -> int:
        """Return the years of the record."""

    @property
    def background_paper_years(self) -> int:
        """Return the years of the background papers."""


@dataclass(frozen=True, slots=True)
class LawsYears:
    """The years that the law asks for."""

    record_years: int = RECORD_YEARS
    background_paper_years: int = PAPERS_YEARS


@dataclass(frozen=True, slots=True)
class Kept:
    """One part of a closed case: until when it must be kept, and by which rule."""

    part: Part
    until: Deadline  #: its last day is the last on which the part must be there

    @property
    def may_go_on(self) -> date:
        """Return the first London day on which it may be deleted."""
        return self.until.last_day + timedelta(days=1)

    def may_go(self, today: date) -> bool:
        """Tell whether it may be deleted on a London day."""
        return today >= self.may_go_on

    @property
    def rule(self) -> str:
        """Return the rule in words, with its source: "6 years beginning with Monday 8 January 2018, when …"."""
        until = self.until
        source = f"{until.source}, made longer by the council's file" if until.local_policy else until.source
        return f"{until.rule} {day_in_words(until.event_on)}, when {until.event} ({source})"

    def refusal(self, ref: str) -> str:
        """Return the sentence for whoever would delete it too early."""
        return (
            f"the {self.part} of case {ref} must be kept until {day_in_words(self.until.last_day)}: {self.rule}; "
            f"nothing of it is deleted before {day_in_words(self.may_go_on)}"
        )


@dataclass(frozen=True, slots=True)
class Personal:
    """One field of a fact that may be removed from a closed case, and what it is kept for until then."""

    number: int
    kind: str
    field: str
    kept: Kept | None = None  #: None: it may go as soon as the case is closed


def begins_on(record: Record) -> tuple[date, str]:
    """Return the London day from which a closed case is kept, and what happened on it, as a clause.

    It is the day on which the case was closed, or that of a decision or meeting after it (a call-in that was disposed
    of later): where one case holds several, none is kept for less than its time. Raises ValueError for an open case.
    """
    closed = record.first("closed")
    if closed is None:
        raise ValueError(f"case {record.case} is open; its time of keeping begins when it is closed")
    closed_on = date_in_london(closed.at)
    found = [day for fact in record for day in _days(fact)]
    if not found:
        return closed_on, "the case was closed without a decision"
    if max(found) > closed_on:
        return max(found), "the last decision or meeting took place"
    return closed_on, "the case was closed after its last decision or meeting"


def _days(fact: Fact) -> Iterator[date]:
    named = [fact.get(name) for name in DECIDED_ON]
    told = [value for value in named if isinstance(value, str) and not isinstance(value, Withheld)]
    for value in told:
        yield date.fromisoformat(value[:10])
    if not told and fact.kind in DECIDED:
        yield date_in_london(fact.at)


def kept(record: Record, years: Years | None = None) -> tuple[Kept, Kept]:
    """Return how long the background papers and the record of a closed case are kept, in this order.

    `years` are those of the council's file; without them, the law's. Raises ValueError for an open case.
    """
    chosen = years or LawsYears()
    begins, event = begins_on(record)
    return (
        _kept(Part.PAPERS, chosen.background_paper_years, PAPERS_YEARS, PAPERS_SOURCE, begins, event),
        _kept(Part.RECORD, chosen.record_years, RECORD_YEARS, RECORD_SOURCE, begins, event),
    )


def _kept(part: Part, years: int, least: int, source: str, begins: date, event: str) -> Kept:
    if years < least:
        raise ValueError(f"the {part} cannot be kept for {years} years: the law asks for {least} ({source})")
    period = beginning_with(years, "years", source=source)
    return Kept(part, period.from_(begins, name=f"retention: {part}", event=event, local_policy=years > least))


def papers(record: Record) -> dict[str, str]:
    """Return the background papers attached to a case: their names by SHA-256 (hex)."""
    attached = [fact for fact in record.all(ATTACHED) if fact["kind"] not in REPORTS]
    reports = {fact["sha256"] for fact in record.all(ATTACHED) if fact["kind"] in REPORTS}
    removed = {sha256 for fact in record.all(PAPERS_REMOVED) for sha256 in fact["documents"]}
    return {each["sha256"]: str(each["filename"]) for each in attached if each["sha256"] not in reports | removed}


def personal(record: Record, papers_kept: Kept) -> list[Personal]:
    """Return the fields of a closed case's facts that hold personal data, oldest fact first.

    Contact data and mail servers' words may go once the case is closed; words that the decision rests on are kept as
    long as its background papers. What was removed before, and what is empty, is left out. Office ids stay: they name
    no person.
    """
    found = []
    for fact in record:
        at_once = {*TRANSCRIPTS.get(fact.kind, ()), *CONTACT}
        for name, value in fact.payload.items():
            if not isinstance(value, str) or isinstance(value, Withheld) or not value:
                continue
            if name in at_once:
                found.append(Personal(fact.number, fact.kind, name))
            elif name in WORDS.get(fact.kind, ()):
                found.append(Personal(fact.number, fact.kind, name, papers_kept))
    return found

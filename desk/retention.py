"""What `cleardays retention` does: lists when the parts of closed cases may go, and deletes what need not be kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models.council import Council
from models.facts import Record, canonical
from models.london import date_in_london, day_in_words
from models.retention import PAPERS_REMOVED, Kept, Part, kept, papers
from models.store import CaseSummary, Reading, Writing
from models.store_retention import Tombstone
from tasks.authority import RETENTION, By, authorised
from tasks.forms import Refused
from tasks.turns import Office

AT_ONCE = 250  #: cases read together
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Held:
    """A closed case: until when its parts are kept, and which of its documents are there."""

    summary: CaseSummary
    record: Record
    papers: Kept
    whole: Kept
    documents: dict[str, str]  #: background papers that are there: file names by SHA-256
    needed: dict[str, str] = field(default_factory=dict)  #: those that another case needs: why, by SHA-256

    @property
    def ref(self) -> str:
        """Return the case's reference."""
        return self.summary.ref

    def goes(self, today: date, part: Part | None = None) -> Part | None:
        """Return what of it may go on a London day, the whole before its papers; None where nothing may."""
        if part is not Part.PAPERS and self.whole.may_go(today):
            return Part.RECORD
        if part is not Part.RECORD and self.papers.may_go(today) and self.free:
            return Part.PAPERS
        return None

    @property
    def free(self) -> dict[str, str]:
        """Return the background papers that no other case needs, names by SHA-256."""
        return {sha256: name for sha256, name in self.documents.items() if sha256 not in self.needed}

    def as_dict(self, today: date) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "case": self.ref, "procedure": self.summary.procedure, "outcome": self.summary.outcome,
            "begins_on": self.papers.until.event_on.isoformat(), "event": self.papers.until.event,
            "background_papers": {"may_go_on": self.papers.may_go_on.isoformat(), "rule": self.papers.rule,
                                  "documents": self.documents, "needed": self.needed},
            "record": {"may_go_on": self.whole.may_go_on.isoformat(), "rule": self.whole.rule,
                       "derivation": self.whole.until.explain()},
            "due": self.goes(today),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gone:
    """What was deleted of one case."""

    ref: str
    part: Part
    documents: int


def held(office: Office, only: str | None = None) -> Iterator[Held]:
    """Give every closed case, or `only` one, by reference. Raises UnknownCase, and Refused where that one is open."""
    today = date_in_london(office.clock.now())
    with office.store.reading() as reading:
        refs = reading.closed_cases() if only is None else [reading.case(only).ref]
    for start in range(0, len(refs), AT_ONCE):
        with office.store.reading() as reading:
            for summary, record in reading.records(refs[start : start + AT_ONCE]):
                yield look(reading, summary, record, office.council(summary.council), today)


def look(reading: Reading, summary: CaseSummary, record: Record, council: Council, today: date) -> Held:
    """Return a closed case with the times of its parts. Raises Refused for an open one."""
    if summary.outcome is None:
        raise Refused(
            f"case {summary.ref} is open ({summary.awaiting}); nothing of it is deleted before it is closed and its "
            "time is over"
        )
    of_papers, whole = kept(record, council.retention)
    named = papers(record)
    there = reading.documents_there(list(named))
    documents = {sha256: name for sha256, name in named.items() if sha256 in there}
    needed = dict(_needed(reading, summary.ref, documents, council, today)) if of_papers.may_go(today) else {}
    return Held(summary, record, of_papers, whole, documents, needed)


def _needed(
    reading: Reading, ref: str, documents: Sequence[str] | dict[str, str], council: Council, today: date
) -> Iterator[tuple[str, str]]:
    """Give each document that another case needs, with the reason: an open case, or one whose own time runs."""
    for sha256 in documents:
        for other, record in reading.records(sorted(reading.cases_naming(sha256) - {ref})):
            if other.outcome is None:
                yield sha256, f"case {other.ref} is open and names it"
            elif sha256 not in papers(record):
                yield sha256, f"case {other.ref} holds it as part of its record"
            elif not (theirs := kept(record, council.retention)[0]).may_go(today):
                yield sha256, f"case {other.ref} needs it until {day_in_words(theirs.until.last_day)}"


def apply(
    office: Office, actor: str | None, channel: str, *, person: str | None = None, only: str | None = None,
    part: Part | None = None,
) -> list[Gone]:  # fmt: skip
    """Delete what may go today, of every closed case or of `only` one, all of it or one `part`; return what went.

    `actor` is an administrator of the council's file, the first of them where none is named. Raises Refused for anybody
    else, and where the one case that is asked for must be kept: with the rule and the day. SQLite's log is emptied
    first as well: of what an earlier deletion, cut short, left in it.
    """
    office.store.shorten_log()
    today = date_in_london(office.clock.now())
    gone = []
    for each in held(office, only):
        council = office.council(each.summary.council)
        by = By(actor or council.administrators[0], channel, person, assumed=actor is None)
        authorised(RETENTION, by.actor, council, today)
        going = each.goes(today, part)
        if going is not None:
            gone.append(_delete(office, each.ref, going, by))
        elif only is not None:
            raise Refused(_why_not(each, today, part))
    if gone:
        office.store.shorten_log()
    return gone


def _why_not(each: Held, today: date, part: Part | None) -> str:
    if part is Part.RECORD or each.papers.may_go(today):
        if part is not Part.RECORD and each.needed:
            return f"nothing of case {each.ref} can go: {'; '.join(each.needed.values())}"
        if part is Part.PAPERS:
            return f"case {each.ref} has no background papers left"
        return each.whole.refusal(each.ref)
    return each.papers.refusal(each.ref)


def _delete(office: Office, ref: str, part: Part, by: By) -> Gone:
    """Delete a part of a case in one transaction, which looks again whether it may go."""

    def work(tx: Writing) -> Gone:
        now = office.clock.now()
        today, summary, record = date_in_london(now), tx.case(ref), tx.record(ref)
        council = office.council(summary.council)
        granted = authorised(RETENTION, by.actor, council, today)
        again = look(tx, summary, record, council, today)
        if again.goes(today, part) is not part:
            raise Refused(_why_not(again, today, part))
        tx.wipe_what_goes()
        if part is Part.RECORD:
            documents = _named_by_it_alone(tx, record)
            tx.delete_documents(documents)
            began = again.whole.until.event_on
            tx.delete_case(ref, decided_on=began, at=now, by=granted.role, rule=again.whole.rule)
            return Gone(ref, part, len(documents))
        for each in sorted({ref}.union(*map(tx.cases_naming, again.free))):  # whoever shared it says so too
            named = papers(tx.record(each))
            if gone := {sha256: named[sha256] for sha256 in again.free if sha256 in named}:
                payload = {"documents": gone, "rule": again.papers.rule}
                granted.record(tx, each, PAPERS_REMOVED, at=now, channel=by.channel, payload=payload,
                               person=by.person, assumed=by.assumed)  # fmt: skip
        tx.delete_documents(list(again.free))
        return Gone(ref, part, len(again.free))

    return office.store.write(work)


def _named_by_it_alone(tx: Writing, record: Record) -> list[str]:
    """Return every document that facts or letters of a case name and those of no other case do."""
    named = {found for fact in record for found in DIGEST.findall(canonical(fact.payload))}
    named |= {enclosure.sha256 for letter in tx.letters(record.case) for enclosure in letter.draft.enclosures}
    there = tx.documents_there(sorted(named))
    return [sha256 for sha256 in there if tx.cases_naming(sha256) <= {record.case}]


def tombstones(office: Office) -> list[Tombstone]:
    """Return what is left of the cases that were deleted."""
    with office.store.reading() as reading:
        return reading.tombstones()

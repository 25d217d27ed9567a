"""A changed calendar: which dates of open cases it would move, and the taking over of it, case by case.

A case is dated by the edition it was opened with. Bank holidays or a council's file that have changed since move
nothing until somebody applies them; each case then says in its record what moved, and why.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from models.council import Council, CouncilError
from models.deadlines import Deadline
from models.editions import APPLIED, DATES_BY, Change, Edition, changes, dates_by
from models.facts import Fact, Payload, Record
from models.london import date_in_london
from models.store import CaseSummary, Reading, Writing
from tasks.authority import APPLY_CALENDAR, By, authorised
from tasks.looking import Rest, where_it_rests
from tasks.procedures import REGISTERS
from tasks.turns import CLAIM, CaseView, Office

log = logging.getLogger(__name__)

AT_ONCE = 250  #: cases read together
WRITERS = 32  #: transactions that wait for one commit together
TRIES = 5

NOT_KEPT = "until now the dates followed whatever the council's file and the bank holidays' library said"


class DatedCase(CaseView, Protocol):
    """What a procedure's case must tell for its dates to be compared."""

    def deadlines(self) -> Sequence[tuple[Deadline, Any]]:
        """Return every deadline, each under a name of its own, with where it stands."""
        ...


OpenCase = Callable[[Record, Council, datetime], Any]  #: reads a case from its record: a DatedCase
Versions = Mapping[int, Callable[[Any], str]]


@dataclass(frozen=True, slots=True)
class MovedDate:
    """One deadline that a newer edition sets otherwise."""

    before: Deadline
    after: Deadline
    status: str
    reasons: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the deadline's name, such as "feedback: healthwatch"."""
        return self.after.name

    @property
    def why(self) -> str:
        """Return the reasons in one line."""
        return "; ".join(self.reasons)

    def as_fact(self, what: str) -> dict[str, str] | None:
        """Return what the record says of the move of "last_day" or "target"; None where it stays."""
        before, after = getattr(self.before, what), getattr(self.after, what)
        if before == after:
            return None
        return {"name": self.name, "before": before.isoformat(), "after": after.isoformat(), "reasons": self.why}


@dataclass(frozen=True, slots=True)
class Projection:
    """An open case under the edition that is current now, beside the one it follows (None: none was kept)."""

    summary: CaseSummary
    record: Record
    was: str | None
    edition: Edition
    reasons: tuple[str, ...]
    moved: tuple[MovedDate, ...]
    case: Any  #: the case as it would be

    @property
    def ref(self) -> str:
        """Return the case's reference."""
        return self.summary.ref


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a case that took over an edition."""

    projection: Projection
    fact: Fact
    rest: Rest | None  #: where it rests now; None: a turn of the desk is called for

    @property
    def waits_otherwise(self) -> bool:
        """Tell whether it waits for something else, or until another instant, than before."""
        before = self.projection.summary
        return self.rest is not None and (self.rest.awaiting, self.rest.until) != (before.awaiting, before.until)


class CalendarChanges:
    """Compares the open cases of an office with the calendars of its councils, and applies what has changed."""

    def __init__(self, office: Office, views: Mapping[str, OpenCase]) -> None:
        """`views` reads a case by its procedure; cases of procedures that it lacks are left alone."""
        self.office, self._views = office, views
        self._changes = cache(changes)
        self._files: dict[str, Council] = {}

    def behind(self, told: Callable[[int, int], None] = lambda n, of: None) -> Iterator[Projection]:
        """Give every open case that does not follow its council's current edition, in the order of references.

        `told` hears how many of how many cases were looked at. Raises CouncilFileError for a file that is wrong.
        """
        for some in self._in_portions(told):
            yield from some

    def _in_portions(self, told: Callable[[int, int], None]) -> Iterator[list[Projection]]:
        with self.office.store.reading() as reading:
            cases = reading.cases(open_only=True)
        refs = sorted(each.ref for each in cases if each.procedure not in REGISTERS)
        for start in range(0, len(refs), AT_ONCE):
            with self.office.store.reading() as reading:
                read = reading.records(refs[start : start + AT_ONCE])
            found = [self._projected(summary, record) for summary, record in read]
            yield [each for each in found if each is not None]
            told(min(start + AT_ONCE, len(refs)), len(refs))

    def _projected(self, summary: CaseSummary, record: Record) -> Projection | None:
        """Return a case under the current edition; None where nothing about its dates has changed, or it is over."""
        view = self._views.get(record.procedure)
        if view is None or summary.outcome is not None:
            return None
        file, was, now = self._file(record.council), dates_by(record), self.office.clock.now()
        edition = file.edition()
        after = view(record, file.dated_by(edition), now)
        if was is None:
            return Projection(summary, record, None, edition, (NOT_KEPT,), (), after)
        if was == edition.sha256:
            return None
        council = self.office.council_of(record)
        differences = self._changes(council.edition(), edition)
        if not differences:
            return None
        moved = tuple(_moved(view(record, council, now).deadlines(), after.deadlines(), differences))
        return Projection(summary, record, was, edition, tuple(each.says for each in differences), moved, after)

    def _file(self, name: str) -> Council:
        """Return a council as its file reads now, the same from the first case to the last."""
        if name not in self._files:
            self._files[name] = self.office.council(name)
        return self._files[name]

    # -- applying ------------------------------------------------------------------------------------------------------

    def apply(
        self, versions: Callable[[str], Versions], by: By, told: Callable[[int, int], None] = lambda n, of: None
    ) -> Iterator[Applied]:
        """Let every open case take over its council's current edition, each in a transaction; give what became of it.

        `versions` gives a procedure's versions by its name. A case in which something happens meanwhile is looked at
        anew. Raises Refused for somebody who may not do this, and CouncilFileError, before anything is recorded.
        """
        with self.office.store.reading() as reading:
            councils = [self._file(name) for name in {each.council for each in reading.cases(open_only=True)}]
        for council in councils:
            authorised(APPLY_CALENDAR, by.actor, council, date_in_london(self.office.clock.now()))
        self.office.store.write(lambda tx: [keep(tx, council.edition()) for council in councils])
        with ThreadPoolExecutor(WRITERS, thread_name_prefix="calendar") as writers:
            for portion in self._in_portions(told):
                ready = ((each, self._rest(each, versions)) for each in portion)
                waiting = [writers.submit(self._record, each, rest, by) for each, rest in ready]
                for projection, future in zip(portion, waiting, strict=True):
                    applied = future.result() or self._again(projection.ref, versions, by)
                    if applied is not None:
                        yield applied

    def _again(self, ref: str, versions: Callable[[str], Versions], by: By) -> Applied | None:
        """Apply to a case in which something was recorded meanwhile; None when there is nothing left to apply."""
        for _ in range(TRIES):
            with self.office.store.reading() as reading:
                ((summary, record),) = reading.records([ref])
            projection = self._projected(summary, record)
            if projection is None:
                return None
            applied = self._record(projection, self._rest(projection, versions), by)
            if applied is not None:
                return applied
        raise RuntimeError(f"case {ref} was changed {TRIES} times while a calendar was applied to it; apply it again")

    def _rest(self, projection: Projection, versions: Callable[[str], Versions]) -> Rest | None:
        """Return where a case rests under the new edition; None where that takes a real turn, or fails as one would."""
        try:
            return where_it_rests(self.office, projection.case, versions(projection.record.procedure))
        except Exception:
            log.exception("Where case %s rests could not be told; the desk's next turn will tell.", projection.ref)
            return None

    def _record(self, projection: Projection, rest: Rest | None, by: By) -> Applied | None:
        """Record the edition in one transaction, and where the case rests; None when it was changed meanwhile."""
        office, ref, edition = self.office, projection.ref, projection.edition
        key = f"{APPLIED}/{1 + len(projection.record.all(APPLIED))}/{edition.sha256}"
        payload: Payload = {
            DATES_BY: edition.sha256, "was": projection.was, "reasons": "; ".join(projection.reasons),
            "moved": [told for each in projection.moved if (told := each.as_fact("last_day"))],
            "targets": [told for each in projection.moved if (told := each.as_fact("target"))],
        }  # fmt: skip
        dead, started = tuple(office.dead_holders()), office.real_clock.now()
        on = date_in_london(projection.case.now)
        granted = authorised(APPLY_CALENDAR, by.actor, projection.case.council, on)

        def work(tx: Writing) -> tuple[Fact, bool] | None:
            if tx.case(ref).head != projection.record.head:
                return None
            fact = granted.record(tx, ref, APPLIED, at=projection.case.now, channel=by.channel,
                                  payload=payload, key=key, person=by.person, assumed=by.assumed)  # fmt: skip
            rests = rest is not None and tx.claim_turn(ref, office.holder, started, started + CLAIM, dead)
            if rest is not None and rests:
                tx.park(ref, seen=fact.number, awaiting=rest.awaiting, until=rest.until, due_at=rest.due_at,
                        message=rest.message)  # fmt: skip
            return fact, rests

        done = office.store.write(work)
        if done is None:
            return None
        fact, rests = done
        return Applied(projection, fact, rest if rests else None)


def _moved(
    before: Sequence[tuple[Deadline, Any]], after: Sequence[tuple[Deadline, Any]], differences: Sequence[Change]
) -> Iterator[MovedDate]:
    """Give the deadlines whose last day or target is another, with the differences that lie in their way."""
    was = {deadline.name: deadline for deadline, _ in before}
    for now, status in after:
        then = was[now.name]
        if (then.last_day, then.target) != (now.last_day, now.target):
            why = [each.says for each in differences if each.explains(then, now)]
            yield MovedDate(then, now, str(status), tuple(why or (each.says for each in differences)))


def count_behind(office: Office) -> int:
    """Return how many open cases follow an edition that says otherwise of dates than their council's current one.

    A council whose file cannot be read now is passed over: its cases keep their dates anyway.
    """
    with office.store.reading() as reading:
        newest = {ref: payload.get(DATES_BY) for ref, payload in reading.newest_of_each(APPLIED).items()}
        followed: dict[tuple[str, str], int] = {}
        for case in reading.cases(open_only=True):
            if sha256 := newest.get(case.ref):
                followed[case.council, sha256] = followed.get((case.council, sha256), 0) + 1
        kept = {sha256: _kept(office, reading, sha256) for _, sha256 in followed}
    count = 0
    for (council, sha256), cases in followed.items():
        try:
            current = office.council(council).edition()
        except CouncilError:
            continue
        then = kept[sha256]
        if current.sha256 != sha256 and (then is None or changes(then, current)):
            count += cases
    return count


def current_editions(office: Office) -> list[str]:
    """Return the SHA-256 of the current edition of each council that has a case, by the council's name.

    A council whose file cannot be read now is passed over.
    """
    with office.store.reading() as reading:
        councils = reading.councils()
    found = []
    for name in councils:
        with suppress(CouncilError):
            found.append(office.council(name).edition().sha256)
    return found


def behind_in_words(count: int) -> str:
    """Return the sentence that tells how many open cases follow older dates, and what to do."""
    follow = "1 open case follows" if count == 1 else f"{count:,} open cases follow"
    return f"{follow} older dates: cleardays calendar check"


def keep(tx: Writing, edition: Edition) -> str:
    """Keep an edition with the store's documents, once, and return its name for the fact that dates a case by it."""
    tx.keep_document(edition.sha256, edition.to_bytes())
    return edition.sha256


def _kept(office: Office, reading: Reading, sha256: str) -> Edition | None:
    try:
        return office.editions.get(sha256) or Edition.from_bytes(reading.document(sha256))
    except LookupError:  # turns of these cases say so
        return None

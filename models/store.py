"""The store: the record of every case and its letters, in SQLite or PostgreSQL."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, func, insert, select, text, update

from models.facts import (
    FIRST_HASH,
    BrokenRecord,
    Fact,
    Payload,
    Record,
    canonical,
    make_fact,
    read_payload,
    refuse_marks,
)
from models.failpoints import around
from models.london import date_in_london
from models.retention import PERSONAL_DATA_REMOVED
from models.store_checks import ChecksOf
from models.store_engines import engine_of
from models.store_heads import HeadsOf, SealsHeads
from models.store_letters import LettersOf
from models.store_mark import Mark
from models.store_outages import NotesOutages, OutagesOf
from models.store_outbox import ChangesOutbox
from models.store_post import PostsTogether
from models.store_retention import Disposes, RetentionOf, Tombstone, shorten_log
from models.store_schema import prepare
from models.store_statements import (
    ADD_DOCUMENT,
    ADD_FACT,
    CASE,
    CASE_TO_CHANGE,
    DOCUMENTS_KEPT,
    FACT,
    FACT_KEYED,
    FACTS_BETWEEN,
    GROW,
    SUMMARY,
    fact_as_stored,
    fact_to_store,
    instant_as_stored,
)
from models.store_turns import ChangesTurns
from models.store_writers import Writers
from models.tables import CaseRow, DocumentRow, FactRow

T = TypeVar("T")
Work = Callable[["Writing"], T]

KEPT_RECORDS = 512
FILES_AT_ONCE = 64  #: asked for in one statement
WITH_NEWS = {
    dialect: text(f"SELECT ref FROM cases {by_index} WHERE outcome IS NULL AND head > seen LIMIT :most")
    for dialect, by_index in (("sqlite", "INDEXED BY ix_cases_open_with_news"), ("postgresql", ""))
}
"""The open cases with facts that no turn has seen. Left to itself, SQLite reads every open case to find them."""
READS_ONLY: dict[str, dict[str, Any]] = {
    "sqlite": {"reads_only": True},
    "postgresql": {"reads_only": True, "isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}  # either way one reader sees one state, and never holds up a writer


class UnknownCase(LookupError):
    """No case has this reference."""


class AlreadyOpen(ValueError):
    """A case for this notice has been opened before."""


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """What the store knows of a case without reading its facts."""

    ref: str
    procedure: str
    version: int
    council: str
    reference: str
    head: int
    seen: int
    awaiting: str
    until: datetime | None
    due_at: datetime | None
    message: str
    outcome: str | None
    run_id: str | None
    head_hash: str = FIRST_HASH


class Store:
    """Keeps cases. Safe to use from many threads; several processes may share one database."""

    def __init__(self, engine: Engine) -> None:
        """Use an engine whose tables are in place; `open_store` makes one."""
        self._engine = engine
        self._kept: OrderedDict[str, Record] = OrderedDict()
        self._writers = Writers(
            engine, lambda connection, shared: Writing(self, connection, shared), Writing.was_committed
        )
        self._mark = None if self._writers.in_memory else Mark(engine)

    @property
    def commits(self) -> int:
        """Return how many transactions were committed so far."""
        return self._writers.commits

    def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction and return what it returns, once it is safely on disk.

        Work that waits at the same time shares one commit. `work` may be run again, after a deadlock or a clash
        with another process, so it must do nothing but read and write through the `Writing` it is given. Raises
        what `work` raises; then nothing of it was kept.
        """
        return around(self._writers.write, work)

    def kept(self, ref: str) -> Record | None:
        """Return the record of a case that is kept in memory, all of it committed. It is everybody's: copy it."""
        return self._kept.get(ref)

    def keep(self, record: Record) -> None:
        """Keep the committed record of a case in memory; nobody is to add to it any more."""
        self._kept[record.case] = record
        while len(self._kept) > KEPT_RECORDS:
            with suppress(KeyError):  # another thread was quicker
                self._kept.popitem(last=False)

    def forget(self, ref: str) -> None:
        """Keep nothing of a case in memory."""
        self._kept.pop(ref, None)

    # -- reading -------------------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Give a consistent view of what has been committed."""
        self._writers.refuse_within("read")
        if self._writers.in_memory:
            with self._writers.borrowed() as connection, connection.begin():
                yield Reading(self, connection)
            return
        reads_only = READS_ONLY[self._engine.dialect.name]
        with self._engine.connect().execution_options(**reads_only) as connection, connection.begin():
            yield Reading(self, connection)

    def mark(self) -> str | None:
        """Return a text that stays the same only while nobody writes; None where there is no such mark."""
        return self._mark.read() if self._mark is not None else None

    def record(self, ref: str) -> Record:
        """Return the record of a case as it stands. Raises UnknownCase."""
        with self.reading() as reading:
            return reading.record(ref)

    def case(self, ref: str) -> CaseSummary:
        """Return what is known of a case without its facts. Raises UnknownCase."""
        with self.reading() as reading:
            return reading.case(ref)

    def shorten_log(self) -> None:
        """Let nothing deleted stay behind in SQLite's write-ahead log; another process that reads may put that off."""
        if not self._writers.in_memory:
            with self._writers.borrowed() as connection:
                shorten_log(connection)

    def close(self) -> None:
        """Close every connection."""
        if self._mark is not None:
            self._mark.close()
        self._writers.close()
        self._engine.dispose()


class Reading(LettersOf, OutagesOf, HeadsOf, RetentionOf, ChecksOf):
    """Look-ups within one connection."""

    def __init__(self, store: Store, connection: Connection) -> None:
        """Read through `connection` on behalf of `store`."""
        self._store = store
        self._connection = connection
        self._looked_up: dict[str, CaseSummary] = {}  # one reader sees one state

    def case(self, ref: str) -> CaseSummary:
        """Return what is known of a case without its facts. Raises UnknownCase."""
        case = self._looked_up.get(ref)
        if case is None:
            rows = CASE.run(self._connection, of=ref)
            if not rows:
                raise _deleted(gone) if (gone := self.tombstone(ref)) else _unknown(ref)
            case = self._looked_up[ref] = _summary_as_stored(rows[0])
        return case

    def cases(self, *, open_only: bool = False, procedure: str | None = None) -> list[CaseSummary]:
        """Return the cases, those whose next deadline comes first at the top, closed ones last."""
        query = select(*SUMMARY).order_by(
            CaseRow.outcome.is_not(None), CaseRow.until.is_(None), CaseRow.until, CaseRow.ref
        )
        if open_only:
            query = query.where(CaseRow.outcome.is_(None))
        if procedure is not None:
            query = query.where(CaseRow.procedure == procedure)
        return [_summary_from(row) for row in self._connection.execute(query)]

    def summaries(self, refs: Sequence[str]) -> list[CaseSummary]:
        """Return what is known of some cases, in the order of their references; those not there are left out."""
        query = select(*SUMMARY).where(CaseRow.ref.in_(refs)).order_by(CaseRow.ref)
        return [_summary_from(row) for row in self._connection.execute(query)]

    def first_open(self, procedure: str, limit: int) -> list[CaseSummary]:
        """Return up to `limit` open cases of a procedure, next deadline first, however many there are."""
        query = select(*SUMMARY).where(CaseRow.outcome.is_(None), CaseRow.procedure == procedure)
        dated = query.where(CaseRow.until.is_not(None)).order_by(CaseRow.until, CaseRow.ref).limit(limit)
        found = [_summary_from(row) for row in self._connection.execute(dated)]
        if len(found) < limit:
            dateless = query.where(CaseRow.until.is_(None)).order_by(CaseRow.ref).limit(limit - len(found))
            found += [_summary_from(row) for row in self._connection.execute(dateless)]
        return found

    def count_open(self, procedure: str) -> int:
        """Return how many cases of a procedure are open."""
        query = select(func.count()).where(CaseRow.outcome.is_(None), CaseRow.procedure == procedure)
        return self._connection.scalar(query) or 0

    def councils(self) -> list[str]:
        """Return the names of the councils that have a case, in order; it looks once for each, however many cases."""
        found: set[str] = set()
        for procedure in self._each(CaseRow.procedure):
            found |= set(self._each(CaseRow.council, CaseRow.procedure == procedure))
        return sorted(found)

    def _each(self, column: Any, *where: Any) -> Iterator[str]:
        """Give each value of a column that an index puts in order, going from one to the next."""
        last: str | None = ""
        while (last := self._connection.scalar(select(func.min(column)).where(column > last, *where))) is not None:
            yield last

    def find(self, procedure: str, council: str, reference: str) -> str | None:
        """Return the case opened for the sender's `reference`, or None."""
        return self._connection.scalar(
            select(CaseRow.ref).where(
                CaseRow.procedure == procedure, CaseRow.council == council, CaseRow.reference == reference
            )
        )

    def to_wake(self, now: datetime, limit: int = 200) -> list[CaseSummary]:
        """Return open cases with facts newer than their last turn, or whose next turn is due by `now`."""
        newer = self._connection.scalars(WITH_NEWS[self._connection.dialect.name], {"most": limit}).all()
        due = select(*SUMMARY).where(CaseRow.outcome.is_(None), CaseRow.due_at <= now).limit(limit)
        found = {case.ref: case for case in self.summaries(newer)} if newer else {}
        return list((found | {row.ref: _summary_from(row) for row in self._connection.execute(due)}).values())

    def next_due(self) -> datetime | None:
        """Return when the next turn of any open case is due, or None."""
        due: datetime | None = self._connection.scalar(
            select(func.min(CaseRow.due_at)).where(CaseRow.outcome.is_(None))
        )
        return due

    def turn_holders(self) -> list[str]:
        """Return who is taking a turn of some case now."""
        holders = select(CaseRow.turn_by).where(CaseRow.turn_by.is_not(None)).distinct()
        return [holder for holder in self._connection.scalars(holders) if holder]

    def record(self, ref: str) -> Record:
        """Return the record of a case as it stands. Raises UnknownCase, and BrokenRecord when facts are missing."""
        case, kept = self.case(ref), self._known(ref)
        record = self._brought_up(kept, case) if kept is not None else None
        if record is None:
            record = _whole(case, self._read_facts(case, 0))
            self._remember(record)
        elif kept is not None and kept.head < record.head:
            self._remember(record)
        return record

    def _brought_up(self, kept: Record, case: CaseSummary) -> Record | None:
        """Return a record that is kept, with what was added since; None where what is kept does not hold any more."""
        if (kept.procedure, kept.version, kept.council) != (case.procedure, case.version, case.council):
            return None
        newer = self._read_facts(case, kept.head) if kept.head < case.head else []
        last = kept.facts[-1].hash if kept.facts else FIRST_HASH
        follows = not newer or newer[0].previous == last
        whole = kept.head + len(newer) == case.head and (newer[-1].hash if newer else last) == case.head_hash
        if not follows or not whole:  # an older state, another database put under us, or facts that are missing
            return None
        if any(fact.kind == PERSONAL_DATA_REMOVED for fact in newer):
            return None  # what was read before is not so now
        record = kept.copy()
        for fact in newer:
            record.add(fact)
        return record

    def _known(self, ref: str) -> Record | None:
        return self._store.kept(ref)

    def _remember(self, record: Record) -> None:
        self._store.keep(record.copy())

    def records(self, refs: Sequence[str]) -> list[tuple[CaseSummary, Record]]:
        """Return many cases at once, each with its record, in the order of their references; for a few hundred.

        Those that are not there are left out. Raises BrokenRecord when facts of one are missing.
        """
        query = select(*SUMMARY).where(CaseRow.ref.in_(refs)).order_by(CaseRow.ref)
        cases = {row.ref: _summary_from(row) for row in self._connection.execute(query)}
        facts: dict[str, list[Fact]] = {ref: [] for ref in cases}
        of_all = select(*FACT).where(FactRow.case_ref.in_(list(cases))).order_by(FactRow.case_ref, FactRow.number)
        for row in self._connection.execute(of_all):
            facts[row[0]].append(_fact_from(row))
        return [(case, _whole(case, facts[ref])) for ref, case in cases.items()]

    def newest_of_each(self, kind: str) -> dict[str, Payload]:
        """Return for each open case what its newest fact of `kind` holds, or its first fact where it has none."""
        query = (
            select(FactRow.case_ref, FactRow.payload)
            .join(CaseRow, CaseRow.ref == FactRow.case_ref)
            .where(CaseRow.outcome.is_(None), (FactRow.number == 1) | (FactRow.kind == kind))
            .order_by(FactRow.case_ref, FactRow.number)
        )
        newest = {row.case_ref: row.payload for row in self._connection.execute(query)}
        return {ref: read_payload(payload) for ref, payload in newest.items()}

    def _read_facts(self, case: CaseSummary, after: int) -> list[Fact]:
        return list(map(fact_as_stored, FACTS_BETWEEN.run(self._connection, of=case.ref, after=after, to=case.head)))

    def document(self, sha256: str) -> bytes:
        """Return a file's content by its SHA-256 (hex).

        Raises LookupError when it is not kept, and BrokenRecord when what is kept is another content.
        """
        content = self._connection.scalar(select(DocumentRow.content).where(DocumentRow.sha256 == sha256))
        if content is None:
            raise LookupError(f"no document with SHA-256 {sha256} is kept")
        if (own := hashlib.sha256(content).hexdigest()) != sha256:
            raise BrokenRecord(
                f"the document kept as SHA-256 {sha256} was changed: its content has the SHA-256 {own}. Nothing sends "
                "or shows it; restore the database from its backup"
            )
        return bytes(content)


@dataclass(frozen=True, slots=True)
class NewCase:
    """What a case is opened with."""

    prefix: str  #: "PC"
    year: int
    procedure: str
    version: int
    council: str
    reference: str
    ref: str = field(default="")


class Writing(Reading, ChangesTurns, ChangesOutbox, NotesOutages, SealsHeads, PostsTogether, Disposes):
    """Look-ups and changes within one transaction. Changes to one case are in line: its row is locked."""

    def __init__(self, store: Store, connection: Connection, shared: dict[str, Record]) -> None:
        """Read and write through `connection` on behalf of `store`; `shared` are records read in this transaction."""
        super().__init__(store, connection)
        self._shared = shared
        self._locked: dict[str, CaseSummary] = {}  # what is locked here is as we know it until we change it
        self._added: dict[str, list[Fact]] = {}
        self._anew: set[str] = set()  # what is no longer as it was read before

    def was_committed(self) -> None:
        """Keep in memory what was added: nobody has to read again what was written here."""
        for ref, facts in self._added.items():
            kept = self._store.kept(ref)
            if kept is not None and kept.head == facts[0].number - 1:
                grown = kept.copy()
                for fact in facts:
                    grown.add(fact)
                self._store.keep(grown)
        for ref in self._anew:
            self._store.forget(ref)

    def _known(self, ref: str) -> Record | None:
        return self._shared.get(ref) or self._store.kept(ref)

    def _remember(self, record: Record) -> None:
        """Keep it for the others in this transaction: what is read here may not have been committed."""
        self._shared[record.case] = record.copy()

    def case(self, ref: str) -> CaseSummary:
        """Return a case and lock it until the transaction ends. Raises UnknownCase."""
        case = self._locked.get(ref)
        if case is None:
            rows = CASE_TO_CHANGE.run(self._connection, of=ref)
            if not rows:
                raise _unknown(ref)
            case = self._locked[ref] = _summary_as_stored(rows[0])
        return case

    def _change(self, ref: str, **values: object) -> None:
        self._locked.pop(ref, None)
        self._connection.execute(update(CaseRow).where(CaseRow.ref == ref).values(**values))

    def open_case(self, new: NewCase) -> str:
        """Enter a case and return its reference, such as PC-2017-001; the next free number of its series.

        Raises AlreadyOpen, naming the case, when the sender's reference has been entered before.
        """
        before = self.find(new.procedure, new.council, new.reference)
        if before is not None:
            raise AlreadyOpen(
                f"the notice {new.reference!r} was entered before, as case {before}; "
                "nothing was entered again. Correct that case, or give this notice its own reference"
            )
        series = f"{new.prefix}-{new.year}"
        last = self._connection.scalar(select(func.max(CaseRow.serial)).where(CaseRow.series == series)) or 0
        last = max(last, self.last_serial_deleted(series))
        ref = f"{series}-{last + 1:03d}"
        self._connection.execute(
            insert(CaseRow).values(
                ref=ref, series=series, serial=last + 1, procedure=new.procedure, version=new.version,
                council=new.council, reference=new.reference, head=0, head_hash=FIRST_HASH, seen=0,
                awaiting="New", message="",
            )
        )  # fmt: skip
        return ref

    def append(
        self, ref: str, kind: str, *, at: datetime, actor: str, channel: str, payload: Payload,
        key: str | None = None,
    ) -> Fact:  # fmt: skip
        """Append a fact and return it; with a `key` already recorded, return the fact recorded then.

        `at` is an aware instant. Raises UnknownCase.
        """
        case = self.case(ref)
        if key is not None:  # looked up once the case is ours, so that nobody can record it in between
            before = FACT_KEYED.run(self._connection, of=ref, under=key)
            if before:
                return fact_as_stored(before[0])
        fact = next_fact(ref, case.head, case.head_hash, kind, at=at, actor=actor, channel=channel, payload=payload,
                         key=key)  # fmt: skip
        self.add(ref, [fact])
        return fact

    def add(self, ref: str, facts: Sequence[Fact]) -> None:
        """Add facts made for the end of a record by `next_fact`. Raises ValueError when that is not where it ends."""
        case = self.case(ref)
        if (facts[0].number, facts[0].previous) != (case.head + 1, case.head_hash):
            raise ValueError(f"fact {facts[0].number} does not follow fact {case.head} of case {ref}")
        ADD_FACT.run_each(self._connection, [fact_to_store(fact) for fact in facts])
        GROW.run(self._connection, of=ref, to=facts[-1].number, newest=facts[-1].hash)
        self._locked[ref] = replace(case, head=facts[-1].number, head_hash=facts[-1].hash)
        self._added.setdefault(ref, []).extend(facts)

    def _grew_beside(self, ref: str) -> None:
        """Look at a case anew: its record has grown by other statements than ours."""
        self._locked.pop(ref, None)

    def _not_as_read_before(self, ref: str) -> None:
        """Let a case be read anew, once this transaction is over and in it."""
        self._locked.pop(ref, None)
        self._added.pop(ref, None)
        self._shared.pop(ref, None)
        self._store.forget(ref)
        self._anew.add(ref)

    def keep_document(self, sha256: str, content: bytes) -> None:
        """Keep a file under its SHA-256 (hex); one already kept is left as it is."""
        self.keep_documents({sha256: content})

    def keep_documents(self, files: Mapping[str, bytes]) -> None:
        """Keep files, each under its SHA-256 (hex); those already kept are left as they are."""
        names = list(files)
        for these in (names[at : at + FILES_AT_ONCE] for at in range(0, len(names), FILES_AT_ONCE)):
            kept = {sha256 for (sha256,) in DOCUMENTS_KEPT.run(self._connection, these)}
            new = [(sha256, files[sha256]) for sha256 in these if sha256 not in kept]
            if new:
                rows = [{"sha256": sha256, "size": len(content), "content": content} for sha256, content in new]
                ADD_DOCUMENT.run_each(self._connection, rows)


def next_fact(
    ref: str, head: int, head_hash: str, kind: str, *, at: datetime, actor: str, channel: str, payload: Payload,
    key: str | None = None,
) -> Fact:  # fmt: skip
    """Return the fact that would follow fact `head` of a case, whose hash is `head_hash`; nothing is written."""
    clean: Payload = json.loads(refuse_marks(canonical(payload)))  # what is hashed is what will be read back
    return make_fact(case=ref, number=head + 1, at=at, kind=kind, actor=actor, channel=channel, payload=clean,
                     key=key, salt=secrets.token_hex(16), previous=head_hash)  # fmt: skip


def _whole(case: CaseSummary, facts: list[Fact]) -> Record:
    if len(facts) != case.head:
        raise BrokenRecord(
            f"the record of case {case.ref} holds {len(facts)} facts; {case.head} were recorded: some were "
            "removed. Restore the database from its backup"
        )
    return Record(case.ref, case.procedure, case.version, case.council, facts)


def _deleted(gone: Tombstone) -> UnknownCase:
    told = f"{date_in_london(gone.deleted_at):%-d %B %Y}"
    return UnknownCase(f"case {gone.ref} ({gone.outcome}) was deleted on {told}, when its time was over: {gone.rule}")


def _unknown(ref: str) -> UnknownCase:
    return UnknownCase(f"there is no case {ref!r}; `cleardays cases` lists those there are")


def _summary_from(row: Any) -> CaseSummary:
    return CaseSummary(*row)


def _summary_as_stored(row: Any) -> CaseSummary:
    values = [*row[:8], *map(instant_as_stored, row[8:10]), *row[10:]]
    return CaseSummary(*values)


def _fact_from(row: Any) -> Fact:
    case, number, at, kind, actor, channel, payload, key, salt, previous, hashed = row
    return Fact(case, number, at, kind, actor, channel, read_payload(payload), key, salt, previous, hashed)


def open_store(url: str) -> Store:
    """Open the store at a database URL, bring its tables up to date, and return it.

    `sqlite:///path/cases.db` (WAL, every commit flushed, foreign keys on), `sqlite://` (in memory, for a
    rehearsal) or `postgresql+psycopg://...`. Raises models.store_schema.StoreIsNewer when the database was
    written by a newer Cleardays.
    """
    engine = engine_of(url)
    prepare(engine)
    return Store(engine)

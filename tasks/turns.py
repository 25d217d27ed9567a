"""Turns: a procedure is run from its top over the case's record until it must wait, then the case is parked.

A turn decides only on the record it has read. Each step's transaction checks that nothing has been recorded
since; if something has, the turn is taken again from the top with the longer record. So the record alone
decides what happens next, however facts, deadlines and crashes interleave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, Protocol, TypeVar

from models.clock import Clock, ClockInDoubt, SystemClock
from models.council import Council
from models.deadlines import Deadline
from models.editions import Edition, EditionMissing, dates_by
from models.facts import Fact, Payload, Record
from models.failpoints import reached
from models.outages import DELAY, delay, is_late
from models.outgoing import Draft
from models.sealed_letters import with_seals
from models.store import CaseSummary, Reading, Store, UnknownCase, Writing, next_fact
from models.time_stamps import Stamper
from notifications.message import message_id

ENGINE = "cleardays"  #: the actor of what the engine itself does
FLOW = "flow"  #: the channel of what a turn records
CLOSED = "closed"  #: the fact, and its key, with which every procedure ends; it tells the outcome
CLAIM = timedelta(seconds=120)  #: how long a turn may take before another desk may take it over
SOON = timedelta(seconds=5)
INSTANT = timedelta(microseconds=1)
MOST_ROUNDS = 200


class CaseView(Protocol):
    """What turns and steps need of a procedure's case: its record and the council it follows."""

    record: Record
    council: Council
    now: datetime


C = TypeVar("C", bound=CaseView)


class Parked(Exception):
    """The procedure waits: nothing more can be done before a fact arrives or an instant passes."""

    def __init__(self, awaiting: str, until: datetime | None, message: str) -> None:
        """`awaiting` names the state ("Awaiting feedback"); `until` is the deadline's last instant (aware)."""
        super().__init__(message)
        self.awaiting, self.until, self.message = awaiting, until, message


class RecordMoved(Exception):
    """A fact was recorded after this turn had read the record; the turn is to be taken again."""


class TurnTaken(Exception):
    """Another desk is taking a turn of this case; this one leaves it alone."""


class UnknownVersion(LookupError):
    """A case follows a version of its procedure that this code does not have."""


class TurnDoesNotEnd(RuntimeError):
    """A procedure was taken again too many times in one go; it neither waits nor ends."""


class Engine(Protocol):
    """What runs turns: Prefect, or nothing at all in a rehearsal."""

    def park(
        self, awaiting: str, until: datetime | None, message: str, overtaken: Callable[[], bool] = lambda: False
    ) -> NoReturn:
        """Leave the run waiting under a name, until an instant (aware) or for a fact.

        Where `overtaken` says, once that is done, that a later turn has come to rest meanwhile, it is looked at again.
        """
        ...

    def show(self, case: CaseView, parked: Parked | None) -> None:
        """Show a case after its turn: timetable, consultees, what goes out next."""
        ...


@dataclass(slots=True)
class Office:
    """What turns and verbs work with: the store, the clock, the councils, and what follows a commit."""

    store: Store
    clock: Clock
    council: Callable[[str], Council]
    holder: str = "office"
    dead_holders: Callable[[], Sequence[str]] = tuple
    engine: Engine | None = None
    posted: Callable[[], None] = lambda: None  #: called after letters were put into the outbox
    recorded: Callable[[str], None] = lambda ref: None  #: called after a verb recorded a fact
    real_clock: Clock = field(default_factory=SystemClock)  #: for claims, which real crashes outlive
    editions: dict[str, Edition] = field(default_factory=dict)  #: those read so far, by SHA-256
    stamper: Stamper | None = None  #: asks a time-stamping authority, where one is set

    def council_of(self, record: Record, reading: Reading | None = None) -> Council:
        """Return the council a case follows: its file as it reads today, its dates by the edition of the case.

        `reading` is the transaction at hand, where there is one. Raises EditionMissing.
        """
        council, sha256 = self.council(record.council), dates_by(record)
        if sha256 is None:  # opened before editions were kept
            return council
        edition = self.editions.get(sha256)
        if edition is None:
            edition = self.editions[sha256] = self._edition(record, sha256, reading)
        return council.dated_by(edition)

    def _edition(self, record: Record, sha256: str, reading: Reading | None) -> Edition:
        try:
            if reading is not None:
                return Edition.from_bytes(reading.document(sha256))
            with self.store.reading() as own:
                return Edition.from_bytes(own.document(sha256))
        except LookupError:
            current = self.council(record.council).edition()
            if current.sha256 == sha256:
                return current
            raise EditionMissing(
                f"case {record.case} follows the dates of edition {sha256}, which this database does not hold; "
                "restore it from its backup"
            ) from None


_office: ContextVar[Office | None] = ContextVar("office", default=None)
_everyones: list[Office] = []
_makers: list[Callable[[], Office]] = []


@contextmanager
def in_office(office: Office) -> Iterator[Office]:
    """Take turns and perform verbs in `office` within the block."""
    token = _office.set(office)
    try:
        yield office
    finally:
        _office.reset(token)


def set_office(office: Office | None) -> None:
    """Let every thread of this process work in `office` unless it is told otherwise."""
    _everyones[:] = [office] if office is not None else []


def make_office_with(maker: Callable[[], Office]) -> None:
    """Let `maker` open an office where none was set: a run started by a stock Prefect worker."""
    _makers[:] = [maker]


def current_office() -> Office:
    """Return the office at work here. Raises LookupError where none was set and none can be made."""
    office = _office.get() or (_everyones[0] if _everyones else None)
    if office is None and _makers:
        office = _makers[0]()
        set_office(office)
    if office is None:
        raise LookupError("no office is open: start a desk (`cleardays up`) or a rehearsal")
    return office


@dataclass(slots=True)
class Effect:
    """What a step does: the payload of its fact, the letters it posts, the documents it keeps."""

    payload: Payload
    letters: Sequence[Draft] = ()
    documents: Mapping[str, bytes] = field(default_factory=dict)  #: by SHA-256 (hex)
    actor: str = ENGINE
    within: Callable[[Writing], None] | None = None  #: what else is written in the same transaction
    due_at: datetime | None = None  #: when it was to be done (aware), where neither a deadline nor an alarm tells


class Turn:
    """One run of a procedure from its top, over one reading of the record, at one instant.

    What its steps record is written in one transaction when the turn comes to rest, or earlier by `write`: nothing
    leaves in between. Either way all of it was decided on the record as it was read, or none of it is written.
    """

    def __init__(self, office: Office, record: Record, now: datetime, called_at: datetime | None = None) -> None:
        """Read `record` at `now` (aware); the case has called for this turn since `called_at`."""
        self.office, self.record, self.now = office, record, now
        self.called_at = min(called_at or now, now)
        self.alarms: list[datetime] = []
        self._came_due: datetime | None = None
        self._follows = self.called_at  #: when what was done last was due; what follows from it was not due before
        self._delays: dict[datetime, dict[str, Any]] = {}
        self._written = record.head
        self._unwritten: list[tuple[Effect, list[tuple[int, Draft]]]] = []

    def wake_at(self, instant: datetime) -> None:
        """Ask for a turn at `instant` (aware) whatever else the case waits for; past instants are ignored."""
        if instant > self.now:
            self.alarms.append(instant)

    def came_due(self, instant: datetime) -> None:
        """Note an alarm (aware) that has come: what is done next was due then, if this turn is the first to see it."""
        if self.called_at <= instant <= self.now:
            self._came_due = instant

    def commit(self, kind: str, effects: Mapping[str, Effect]) -> list[Fact]:
        """Add one fact for each key to the record, with its letters and documents, to be written together.

        A fact that is late says by how much and why, by what was noted of outages; nothing is decided by that.
        """
        record, facts = self.record, []
        for key, effect in effects.items():
            letters, previous = _addressed(record, key, effect.letters), record.facts[-1]
            told = {**effect.payload, **self._delay(self._due_at(effect))}
            fact = next_fact(record.case, previous.number, previous.hash, kind, at=self.now, actor=effect.actor,
                             channel=FLOW, payload=with_seals(told, record, letters), key=key)  # fmt: skip
            self._unwritten.append((effect, [(fact.number, draft) for draft in letters]))
            facts.append(fact)
            record.add(fact)
        self._follows = max(map(self._due_at, effects.values()), default=self._follows)
        self._came_due = None
        return facts

    def write(self, then: Callable[[Writing], bool] = lambda tx: True) -> bool:
        """Write what was recorded since the last time and do `then`, all in one transaction; return what that returns.

        Raises RecordMoved, writing nothing, when the record has grown since this turn read it.
        """
        ref, facts, unwritten = self.record.case, self.record.facts[self._written :], self._unwritten
        kinds = dict.fromkeys(fact.kind for fact in facts)
        letters = [each for _, those in unwritten for each in those]

        def step(tx: Writing) -> bool:
            if facts and tx.case(ref).head != self._written:
                raise RecordMoved(ref)
            tx.keep_documents({sha256: file for effect, _ in unwritten for sha256, file in effect.documents.items()})
            if facts:
                tx.add(ref, facts)
            if letters:
                tx.post_new(ref, letters, at=self.now)
            for effect, _ in unwritten:
                if effect.within is not None:
                    effect.within(tx)
            done = then(tx)
            for kind in kinds:
                reached("step-before-commit", kind)
            return done

        done = self.office.store.write(step)
        self._written, self._unwritten = self.record.head, []
        for kind in kinds:
            reached("step-committed", kind)
        if letters:
            self.office.posted()
        return done

    def _delay(self, due_at: datetime) -> dict[str, Any]:
        """Return by how much a fact recorded now is late, and why, as a field of its payload; {} where it is not.

        Nothing was due before the case called for this turn: what a deadline long past then called for was not missed.
        """
        if not is_late(due_at, self.now):
            return {}
        if due_at not in self._delays:
            with self.office.store.reading() as reading:
                failing = next(iter(reading.turn_failures(self.record.case)), None)
                told = delay(due_at, self.now, reading.outages(due_at, self.now), failing)
            self._delays[due_at] = {DELAY: told}
        return self._delays[due_at]

    def _due_at(self, effect: Effect) -> datetime:
        own = effect.due_at or _end_of(effect.payload.get("deadline")) or self._came_due
        return max(self.called_at, own.astimezone(UTC)) if own else self._follows

    def due_at(self, parked: Parked) -> datetime | None:
        """Return when the next turn is due: just after the deadline, or at the first alarm before it."""
        instants = [*self.alarms, *([parked.until.astimezone(UTC) + INSTANT] if parked.until else [])]
        return min(instants, default=None)


def _end_of(deadline: Any) -> datetime | None:
    """Return the first instant after a deadline that a fact carries, or None."""
    return Deadline.from_dict(deadline).wakes_at if isinstance(deadline, Mapping) else None


def _addressed(record: Record, key: str, drafts: Sequence[Draft]) -> list[Draft]:
    """Return the letters of a fact under its key; where there are several, each with its recipient behind it.

    The first fact's salt is part of the Message-ID: a trial's PC-2026-001 and the real one, or those of two desks with
    one domain, are two cases, and a mail server would throw the second letter away as a copy of the first.
    """
    origin = f"{record.case} {record.facts[0].salt}"
    keys = [key] if len(drafts) == 1 else [f"{key}/{draft.recipient}" for draft in drafts]
    return [
        draft.keyed(key, message_id(origin, key, draft.recipient, draft.reply_to.rpartition("@")[2]))
        for key, draft in zip(keys, drafts, strict=True)
    ]


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


@contextmanager
def taking(turn: Turn) -> Iterator[None]:
    """Let the steps called within the block belong to `turn`; gives nothing."""
    token = _turn.set(turn)
    try:
        yield
    finally:
        _turn.reset(token)


def current_turn() -> Turn:
    """Return the turn being taken here. Raises LookupError outside one."""
    turn = _turn.get()
    if turn is None:
        raise LookupError("a step was called outside a turn")
    return turn


def take(
    ref: str,
    open_case: Callable[[Record, Council, datetime], C],
    versions: Mapping[int, Callable[[C], str]],
) -> str:
    """Take a turn of case `ref`: run its version of the procedure until it ends or must wait.

    `versions` gives the procedure by the version number a case was opened under. Returns the outcome once
    the case is closed; otherwise parks it (and, under an engine, leaves the run waiting). Raises Parked
    without an engine, TurnTaken when another desk is at it, UnknownCase, and UnknownVersion for a version that
    this code no longer has.
    """
    office = current_office()
    if office.engine is not None:
        _claim(office, ref, office.engine)
        reached("turn-claimed", ref)
    try:
        case, parked, outcome = _take_until_it_rests(office, ref, open_case, versions)
    except (TurnTaken, UnknownCase):
        raise
    except BaseException as error:
        _give_up(office, ref, error)
        raise
    reached("case-rested" if parked else "case-closed", parked.awaiting if parked else outcome)
    if office.engine is not None:
        office.engine.show(case, parked)
        if parked is not None:
            office.engine.park(
                parked.awaiting, parked.until, parked.message,
                overtaken=lambda: office.store.case(ref).seen > case.record.head,
            )  # fmt: skip
    if parked is not None:
        raise parked
    return outcome


def _take_until_it_rests(
    office: Office,
    ref: str,
    open_case: Callable[[Record, Council, datetime], C],
    versions: Mapping[int, Callable[[C], str]],
) -> tuple[C, Parked | None, str]:
    called_at: datetime | None = None
    for taken_before in range(MOST_ROUNDS):
        now = office.clock.now()
        with office.store.reading() as reading:
            summary, record = reading.case(ref), reading.record(ref)
        called_at = called_at if taken_before else _called_at(summary, record, now)
        turn = Turn(office, record, now, called_at)
        case = open_case(record, office.council_of(record), turn.now)
        parked: Parked | None = None
        outcome = ""
        if record.version not in versions:
            raise UnknownVersion(
                f"case {ref} follows version {record.version} of {record.procedure}, which this Cleardays lacks; "
                "start the Cleardays that it was opened with, or a newer one"
            )
        try:
            with taking(turn):
                closed = record.keyed(CLOSED)  # what has ended is not begun again, whatever the date
                outcome = versions[record.version](case) if closed is None else str(closed["outcome"])
        except Parked as waiting:
            parked = waiting
        except RecordMoved:
            continue
        except Exception:
            with suppress(RecordMoved):
                turn.write()  # what the steps before it did stands
            raise
        with suppress(RecordMoved):
            if _rest(turn, parked, outcome):
                return case, parked, outcome
    raise TurnDoesNotEnd(f"case {ref} was taken {MOST_ROUNDS} times in one turn without coming to rest")


def _rest(turn: Turn, parked: Parked | None, outcome: str) -> bool:
    """Write what the turn recorded, and that the case waits or has ended; False when the record has grown meanwhile.

    Raises RecordMoved when it has grown and something was to be recorded, and TurnTaken.
    """
    office, ref, head = turn.office, turn.record.case, turn.record.head
    due_at, now = turn.due_at(parked) if parked else None, office.real_clock.now()

    def rest(tx: Writing, dead: Sequence[str] = ()) -> bool:
        if office.engine is None and not tx.turn_is_free(ref, office.holder, now, dead):  # else claimed before
            raise TurnTaken(f"another desk is taking a turn of case {ref}")
        if parked is None:
            return tx.park(ref, seen=head, awaiting="Closed", until=None, due_at=None, message=outcome, outcome=outcome)
        return tx.park(ref, seen=head, awaiting=parked.awaiting, until=parked.until, due_at=due_at,
                       message=parked.message)  # fmt: skip

    try:
        return turn.write(rest)
    except TurnTaken:
        dead = tuple(office.dead_holders())
        if not dead:
            raise
        return turn.write(lambda tx: rest(tx, dead))


def _called_at(summary: CaseSummary, record: Record, now: datetime) -> datetime | None:
    """Return since when a case calls for a turn: a deadline, or a fact that no turn has seen."""
    news = record.facts[summary.seen].at if record.head > summary.seen else None
    due = summary.due_at if summary.due_at is not None and summary.due_at <= now else None
    return min(filter(None, (news, due)), default=None)


def _claim(office: Office, ref: str, engine: Engine) -> None:
    """Claim a turn that an engine shows while it is under way, so that no other desk begins it; else leave the run."""
    now = office.real_clock.now()

    def claim(tx: Writing, dead: Sequence[str] = ()) -> bool:
        tx.case(ref)
        return tx.claim_turn(ref, office.holder, now, now + CLAIM, dead)

    try:
        office.clock.now()
    except ClockInDoubt as doubt:
        engine.park("Awaiting the right time", None, str(doubt))
    if office.store.write(claim):
        return
    dead = tuple(office.dead_holders())
    if not dead or not office.store.write(lambda tx: claim(tx, dead)):
        engine.park("Awaiting its turn", now + SOON, f"another desk is taking a turn of case {ref}")


def _give_up(office: Office, ref: str, error: BaseException) -> None:
    """Give the claim back; where the turn failed, note how, for the officer who asks why nothing happens."""
    failed = isinstance(error, Exception) and not isinstance(error, ClockInDoubt)
    at = office.clock.now() if failed else None

    def work(tx: Writing) -> None:
        tx.release_turn(ref, office.holder)
        if at is not None:
            tx.note_failed_turn(ref, at, f"{type(error).__name__}: {error}")

    office.store.write(work)

"""The doctor: examines records, letters, turns, runs, calendars and the house, and says what to do about each finding.

Each check is a function of what it is given and returns findings; none changes anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from desk.clock_watch import CONFIRM, WRONG, newest_on_record
from desk.office import is_dead
from desk.pulse import desk_runs
from models.facts import Record
from models.london import day_in_words
from models.outages import CLOCK, DESK, IN_WORDS, LATE, MAIL, PREFECT, moment
from models.outgoing import Letter, LetterState
from models.store import CaseSummary, Reading, Store
from models.store_checks import Misdated
from notifications.outbox import CLAIM
from tasks.turns import Office

MOST_NAMED = 20  #: cases named one by one; of more, the number is told
UP = "cleardays up"
LOOK = {
    MAIL: "look at CLEARDAYS_SMTP__HOST and at the mail server; letters wait and leave once it answers",
    PREFECT: f"start it ({UP}, or the server that CLEARDAYS_PREFECT_URL names); missed turns are taken then",
    CLOCK: f"put the machine's clock right, or, if it is right: {CONFIRM}",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: what, since when, and the very command or act that mends it."""

    area: str  #: "case", "letter", "run", "record", "calendar", "council", "clock", "service", "house", "heads"
    what: str
    do: str
    since: datetime | None = None
    case: str | None = None


@dataclass(slots=True)
class Examined:
    """What was looked at, what was found, and what could not be looked at and why."""

    findings: list[Finding] = field(default_factory=list)
    cases: int = 0
    breaches: list[str] = field(default_factory=list)  #: that stand on record and that nothing mends, in sentences
    not_asked: list[str] = field(default_factory=list)


# -- services ----------------------------------------------------------------------------------------------------------


def services(reading: Reading, now: datetime) -> Iterator[Finding]:
    """Find a desk that gives no sign of life while cases are open, and what does not answer."""
    desk = reading.service(DESK)
    if reading.cases(open_only=True) and not desk_runs(reading, now):
        was = "no desk has run on this database" if desk is None else f"the desk does not run since {moment(desk.at)}"
        yield Finding("service", f"{was}: no deadline is kept and no letter leaves", UP, desk.at if desk else None)
    for outage in reading.outages_now():
        what = f"{IN_WORDS.get(outage.service, outage.service)}: {outage.why}"
        yield Finding("service", what, LOOK.get(outage.service, UP), outage.since)


def clock(store: Store, reading: Reading, now: datetime) -> Iterator[Finding]:
    """Find a clock that is behind what is on record, and facts that were recorded by a clock that was ahead."""
    newest = newest_on_record(store, now + WRONG, reading.service(DESK))
    if newest is not None:
        what = f"the clock says {moment(now)}, and the newest sign of life on record is of {moment(newest)}"
        yield Finding("clock", what, LOOK[CLOCK], newest)
    yield from _wrongly_dated(reading.misdated(now + WRONG))


def _wrongly_dated(found: Sequence[Misdated]) -> Iterator[Finding]:
    for each in found:
        if each.next_at is not None and each.at - each.next_at <= WRONG:
            continue
        then = f"the next was recorded on {moment(each.next_at)}" if each.next_at else "that day has not come"
        yield Finding(
            "clock", f"fact {each.number} says it was recorded on {moment(each.at)}, but {then}: the clock was ahead",
            f"cleardays show {each.case} --facts; the fact stays, and what it brought about too early is put right by "
            f"another, such as: cleardays retract {each.case} --fact {each.number} --reasons \"the clock was ahead\"",
            each.at, each.case,
        )  # fmt: skip


# -- cases -------------------------------------------------------------------------------------------------------------


def stranded(reading: Reading, office: Office, cases: Sequence[CaseSummary], now: datetime) -> Iterator[Finding]:
    """Find open cases whose turn is overdue, fails or is held by the dead, and those that have no run."""
    failing = {each.case: each for each in reading.turn_failures()}
    held = {each.case: each for each in reading.turns_held()}
    for case in cases:
        if (failure := failing.get(case.ref)) is not None:
            what = f"its turns fail, {failure.times} so far, the last on {moment(failure.last_at)}: {failure.why}"
            do = f"mend what the error names; the desk tries again by itself. The whole error is in desk.log ({UP})"
            yield Finding("case", what, do, failure.first_at, case.ref)
        elif (since := _called_for(reading, case, now)) is not None and now - since > LATE:
            what = f"a turn of it is due since {moment(since)} and was not taken ({case.awaiting})"
            yield Finding("case", what, f"{UP}, and if the desk runs: cleardays reconcile", since, case.ref)
        elif case.run_id is None and case.seen and case.due_at is not None and now - case.due_at > LATE:
            yield Finding("case", "it has no run in Prefect", "cleardays reconcile", case.due_at, case.ref)
        turn = held.get(case.ref)
        if turn is not None and (is_dead(turn.holder) or turn.until < office.real_clock.now()):
            what = f"its turn is claimed by {turn.holder}, which no longer runs"
            yield Finding("case", what, f"{UP}: the desk takes it over by itself", None, case.ref)


def _called_for(reading: Reading, case: CaseSummary, now: datetime) -> datetime | None:
    """Return since when a case calls for a turn, or None."""
    news = reading.recorded_at(case.ref, case.seen + 1) if case.head > case.seen else None
    due = case.due_at if case.due_at is not None and case.due_at <= now else None
    return min(filter(None, (news, due)), default=None)


def waits_for_nothing(office: Office, cases: Sequence[CaseSummary]) -> Iterator[Finding]:
    """Find open cases that wait for no date and that nothing anybody can enter would move."""
    from desk.faces import face_of
    from tasks.procedures import procedure_of, read

    for case in cases:
        if case.due_at is not None or case.until is not None or case.head > case.seen:
            continue
        try:
            record = office.store.record(case.ref)
            view = read(record, office.council_of(record), office.clock.now())
            moves, coming = face_of(view).moves(view), procedure_of(record).outlook(view)
        except Exception as error:  # another check says what is wrong with this case
            yield Finding("case", f"it cannot be read: {type(error).__name__}: {error}",
                          f"cleardays check {case.ref}", None, case.ref)  # fmt: skip
            continue
        if not moves and not coming:
            yield Finding("case", f"it waits for nothing ({case.awaiting}: {case.message})",
                          f"cleardays show {case.ref}, then cleardays withdraw {case.ref} if it is over",
                          None, case.ref)  # fmt: skip


def perhaps_in_breach(reading: Reading, cases: Sequence[CaseSummary], now: datetime) -> list[CaseSummary]:
    """Return the open cases of which something was missed by their rows or the kinds of their facts: those to read."""
    missed = reading.perhaps_missed(now)
    return [case for case in cases if case.ref in missed]


def breaches(office: Office, cases: Sequence[CaseSummary]) -> Iterator[Finding | str]:
    """Find open cases whose last day was missed and whose act can still be done; give other breaches as sentences."""
    from tasks.procedures import REGISTERS, read

    for case in cases:
        if case.procedure in REGISTERS:
            continue
        try:
            record = office.store.record(case.ref)
            view = read(record, office.council_of(record), office.clock.now())
            held, missed = view.breaches(), view.must_be_done_by if view.overdue else None
        except Exception:  # another check says what is wrong with this case
            continue
        if missed is not None:
            day = day_in_words(missed.last_day)
            what = f"it is in breach: the last day for the {missed.name} was {day}, and it is not done"
            yield Finding("case", what, f"cleardays show {case.ref} says how it is done late, and marked as late",
                          missed.wakes_at, case.ref)  # fmt: skip
        elif held:
            yield f"{case.ref} holds a breach: {'; '.join(held)}."


def versions(cases: Sequence[CaseSummary]) -> Iterator[Finding]:
    """Find open cases of a procedure, or of a version of one, that this Cleardays does not have."""
    from desk.case_views import versions_of
    from tasks.procedures import PLACES, REGISTERS

    ours = {**PLACES, **REGISTERS}
    known = {name: set(versions_of(name)) for name in {case.procedure for case in cases} if name in ours}
    for case in cases:
        newer = "start the Cleardays that it was opened with, or a newer one"
        if case.procedure not in known:
            yield Finding("case", f"it follows {case.procedure}, which is not known here", newer, None, case.ref)
        elif case.version not in known[case.procedure]:
            what = f"it follows version {case.version} of {case.procedure}, which this Cleardays lacks"
            yield Finding("case", what, newer, None, case.ref)


# -- records -----------------------------------------------------------------------------------------------------------


def records(store: Store, reading: Reading, *, deep: bool) -> Iterator[Finding]:
    """Find records that were cut or altered: by their heads, and with `deep` by every fact of every case."""
    from models.facts import BrokenRecord, check_chain

    restore = "restore the database from its backup; until then do not act on this case"
    broken = set(reading.records_cut())
    for ref in sorted(broken):
        yield Finding("record", "its facts are not those that were recorded: some were removed, inserted or replaced",
                      restore, None, ref)  # fmt: skip
    if not deep:
        return
    for case in reading.cases():
        if case.ref in broken:
            continue
        try:
            check_chain(store.record(case.ref))
        except BrokenRecord as error:
            yield Finding("record", str(error), restore, None, case.ref)


# -- letters -----------------------------------------------------------------------------------------------------------


def letters(reading: Reading, now: datetime) -> Iterator[Finding]:
    """Find letters that an officer has to settle, those claimed by the dead, and those that should long have left."""
    questions = reading.letters_held([LetterState.AMBIGUOUS, LetterState.REFUSED])
    for letter in questions:
        yield from _in_question(reading, letter)
    for letter in reading.letters_held([LetterState.CLAIMED, LetterState.SENDING]):
        if letter.claimed_by is not None and is_dead(letter.claimed_by):
            what = f"the letter {letter.draft.key} is claimed by {letter.claimed_by}, which no longer runs"
            yield Finding("letter", what, f"{UP}: the desk takes it over, or asks about it", letter.due_at, letter.case)
        elif now - letter.due_at > CLAIM:
            what = f"{letter.claimed_by} has the letter {letter.draft.key} in hand since {moment(letter.due_at)}"
            do = f"end that desk, then {UP}: no letter takes so long; the next desk takes it over, or asks about it"
            yield Finding("letter", what, do, letter.due_at, letter.case)
    overdue = [each for each in reading.letters_held([LetterState.WAITING]) if now - each.due_at > LATE]
    if overdue:
        oldest = min(overdue, key=lambda each: each.written_at)
        what = f"{len(overdue)} letters wait that should have left; the oldest is {oldest.draft.key} of {oldest.case}"
        yield Finding("letter", what, f"{UP}, and cleardays letters {oldest.case} says what its mail server answered",
                      oldest.due_at)  # fmt: skip


def _in_question(reading: Reading, letter: Letter) -> Iterator[Finding]:
    """Give a letter that was refused, or may not have arrived, unless an officer has settled or replaced it."""
    case = reading.case(letter.case)
    if case.outcome is not None:
        return
    record = reading.record(letter.case)
    fates = [fact for fact in record.about_letter(letter.draft.key) if fact.kind in ASKED]
    role = letter.draft.recipient
    if not fates or fates[-1].kind == "letter-sent" or _answered_otherwise(record, fates[-1].number, role):
        return
    fate, wording = fates[-1], letter.draft.template.replace("-", " ")
    who = "addressee" if letter.draft.key.startswith("representation-issued/") else role
    if fate.kind == "letter-ambiguous":
        what, do = f"the letter “{wording}” to {role} may not have arrived ({fate.get('text')})", (
            f"ask them, then: cleardays settle {case.ref} --consultee {who} --fate received --reasons REASONS "
            "(or --fate not-received)"
        )  # fmt: skip
    else:
        what, do = f"the letter “{wording}” to {role} was refused ({fate.get('text')})", (
            f"mend the address in the council's file, then: cleardays resend {case.ref} --consultee {who} "
            "--reasons REASONS"
            if letter.draft.key.startswith(("circulated/", "representation-issued/"))
            else f"tell them another way, then: cleardays settle {case.ref} --consultee {who} --fate received "
            "--reasons \"told by telephone\""
        )  # fmt: skip
    yield Finding("letter", what, do, fate.at, case.ref)


ASKED = ("letter-sent", "letter-bounced", "letter-ambiguous")
MENDS = ("papers-served", "consultee-excused", "resend-asked")


def _answered_otherwise(record: Record, number: int, role: str) -> bool:
    """Tell whether an officer has mended a letter's fate another way since fact `number`."""
    return any(f.kind in MENDS and f.get("consultee") in (role, "addressee") for f in record.facts[number:])


def told_of(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Give the first findings of one kind, and of more than can be read their number."""
    more, first = 0, None
    for count, finding in enumerate(findings, start=1):
        if count <= MOST_NAMED:
            yield finding
        else:
            more, first = more + 1, first or finding
    if first is not None:
        yield Finding(first.area, f"and {more:,} more like these", first.do)

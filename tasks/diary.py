"""Diaries: a case's dates as calendar entries that move and fall away with the record, and with nothing else.

How often a day has moved is not kept anywhere: the record is read again from its beginning, fact by fact, as it stood
at each. So the same record always gives the same entry, and a later file of it always outranks an earlier one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Protocol, TypeVar

from models.cases import Case, Status
from models.consultation import Standing
from models.council import Council
from models.deadlines import Deadline
from models.editions import APPLIED
from models.facts import Fact, Record
from models.london import date_in_london, day_in_words
from models.outgoing import Enclosure
from models.pharmacy import PharmacyCase
from notifications.calendar_files import DiaryDay, calendar_file
from tasks.drafting import enclose

CANCELLED_FILE = "date-cancelled.ics"
CANCELS = "text/calendar; method=CANCEL; charset=utf-8"  #: RFC 6047: the method in the file, told to the mail reader


@dataclass(frozen=True, slots=True)
class DiaryDate:
    """A date that stands in a case at one reading of its record."""

    name: str  #: what it is in this case, for as long as the case lasts: "route", "feedback: healthwatch"
    on: date  #: a day in London
    what: str  #: what a diary shows: "Choose the route"
    how: str  #: how the day came about, in words
    roles: tuple[str, ...] = ()  #: in whose diaries it stands, besides the case's own
    for_case: bool = True  #: whether it stands in the case's own diary
    done: bool = False
    is_target_of: str = ""  #: the name of the deadline whose target it is; empty where it is a day of its own


@dataclass(frozen=True, slots=True)
class Entry:
    """A date of a case as a diary holds it: under one UID, however often it moves."""

    uid: str
    date: DiaryDate  #: as it stands, or stood last
    sequence: int  #: how many times its day has changed, or it fell away or came back
    cancelled: bool  #: whether it fell away while its day still lay ahead

    def as_day(self, ref: str) -> DiaryDay:
        """Return the entry as a calendar file holds it; its summary names the case `ref`."""
        held = self.date
        return DiaryDay(
            self.uid, f"{held.what} ({ref})", held.how, held.on, self.sequence, self.cancelled, to_do=not held.done
        )


class DatedCase(Protocol):
    """What a diary needs of a procedure's case: it is made again of each beginning of its record."""

    record: Record
    council: Council
    now: datetime

    def __init__(self, record: Record, council: Council, now: datetime) -> None:
        """Read `record` under `council` at `now` (aware)."""


C = TypeVar("C", bound=DatedCase)
Dates = Callable[[C], Iterable[DiaryDate]]
"""What a procedure gives: the dates that stand in a case, read from it alone."""


def replayed(case: C, dates: Dates[C], *, since: int = 1) -> list[Entry]:
    """Return an entry for each date the case has had, in the order of their days, and on one day as `dates` gives them.

    The record is read as it stood at each of its facts, with that fact's instant for the present, from fact number
    `since` on (before it no date may have stood). A date that is no longer given is cancelled if its day still lay
    ahead (or was that very day); what has passed stays as it was.
    """
    past = Record(case.record.case, case.record.procedure, case.record.version, case.record.council)
    held: dict[str, Entry] = {}
    for fact in case.record:
        past.add(fact)
        if fact.number >= since:
            standing = {each.name: each for each in dates(type(case)(past, case.council, fact.at))}
            for name in [*held, *(new for new in standing if new not in held)]:
                held[name] = _next(case, held.get(name), standing.get(name), fact)
    return sorted(held.values(), key=lambda entry: entry.date.on)


def entries(case: C, dates: Dates[C], role: str | None = None) -> list[Entry]:
    """Return the diary of a case, or what one role must do or be at, earliest first (London days)."""
    found = replayed(case, dates)
    return [each for each in found if (each.date.for_case if role is None else role in each.date.roles)]


def dates_of_deadlines(case: Case) -> list[DiaryDate]:
    """Return each deadline that stands in a case as a date of its officer, where a procedure says no more."""
    if case.withdrawn or case.closed:
        return []
    return [
        DiaryDate(
            deadline.name, deadline.last_day, f"Last day: {deadline.name}", in_sentences(deadline),
            (case.responsible_officer,), done=status in (Status.MET, Status.MET_LATE),
        )
        for deadline, status in case.deadlines()
        if status is not Status.FELL_AWAY
    ]  # fmt: skip


def _next(case: DatedCase, before: Entry | None, now: DiaryDate | None, fact: Fact) -> Entry:
    """Return an entry after one more fact, `now` being the date as it stands then."""
    if before is None:
        assert now is not None
        return Entry(_uid(case, now.name), now, 0, False)
    if now is None:
        falls_away = not before.cancelled and before.date.on >= date_in_london(fact.at)
        return replace(before, cancelled=True, sequence=before.sequence + 1) if falls_away else before
    changed = before.cancelled or now.on != before.date.on or _moved_by_calendar(now, fact)
    return replace(before, date=now, cancelled=False, sequence=before.sequence + changed)


def _moved_by_calendar(now: DiaryDate, fact: Fact) -> bool:
    """Tell whether a fact that applies a newer calendar moved a date: all readings go by the newest, this one says."""
    if fact.kind != APPLIED:
        return False
    name, moved = (now.is_target_of, fact["targets"]) if now.is_target_of else (now.name, fact["moved"])
    return any(each["name"] == name for each in moved)


def _uid(case: DatedCase, name: str) -> str:
    """Return the name of an entry to all diaries. The first fact's salt tells a trial's case from the real one."""
    origin = case.record.facts[0]
    told = "\x1f".join((origin.case, origin.salt, "diary", name))
    return f"{origin.case}-{sha256(told.encode()).hexdigest()[:32]}@{_domain(case.council)}"


def _domain(council: Council) -> str:
    return council.sender.reply_to.rpartition("@")[2]


def file_of(case: DatedCase, entries: Sequence[Entry], name: str, *, cancels: bool = False) -> bytes:
    """Return entries of a case as a calendar file, written at the case's present instant (see `calendar_file`)."""
    days = [entry.as_day(case.record.case) for entry in entries]
    return calendar_file(
        days, stamp=case.now, name=name, organiser=case.council.sender.reply_to, cancels=cancels
    )


def in_sentences(deadline: Deadline) -> str:
    """Return how a deadline came about, for the description of an entry: its day, rule and source, and its notes."""
    return " ".join([f"{deadline.in_words()}.", *deadline.notes])


# -- a consultee's own date ----------------------------------------------------------------------------------


def feedback_file(
    case: PharmacyCase, role: str, on: date, cancelled: bool = False, *, derivation: str = ""
) -> bytes:
    """Return the calendar file that a letter to a consultee encloses: their own last day, which is to be `on`.

    Its UID is the same in every letter of the case; its SEQUENCE is above that of any file before it that named
    another day, whether the fact that moves the day is on record already or goes with this letter. `cancelled` takes
    the day out of their diary. `derivation` says how the day came about.
    """
    held = _feedback_entry(case, role)
    told = [f"Reply to {case.council.sender.reply_to}, quoting {case.ref}.", derivation and f"{derivation}."]
    what = _to_answer(role, on, " ".join(filter(None, told)))
    if held is None:
        held = Entry(_uid(case, what.name), what, 0, cancelled)
    changed = (held.date.on, held.cancelled) != (on, cancelled)
    entry = replace(held, date=what, sequence=held.sequence + changed, cancelled=cancelled)
    return file_of(case, [entry], "", cancels=cancelled)


def feedback_cancelled(case: PharmacyCase, role: str) -> tuple[Enclosure, dict[str, bytes]] | None:
    """Return the enclosure that takes a consultee's own last day out of their diary, and its content by SHA-256.

    None where no day was given to them (no letter with papers has left), it stands, or it lies behind.
    """
    never_left = set(case.withdrawn.get("cancelled", ())) if case.withdrawn else set()
    given = any(fact["consultee"] == role and fact.key not in never_left for fact in case.record.all("circulated"))
    held = _feedback_entry(case, role) if given else None
    if held is None or not held.cancelled or held.date.on < case.today:
        return None
    enclosure, kept = enclose(CANCELLED_FILE, feedback_file(case, role, held.date.on, cancelled=True))
    return replace(enclosure, media_type=CANCELS), kept


def feedback_dates(case: PharmacyCase, only: str | None = None) -> list[DiaryDate]:
    """Return the last day of each consultee, or of one, who was sent papers and is still to answer or has answered."""
    if case.withdrawn or case.closed or case.outcome:
        return []
    asked = dict.fromkeys(fact["consultee"] for fact in case.record.all("circulated"))
    standing = set(case.roles)
    own = (_feedback_date(case, role) for role in asked if role in standing and only in (None, role))
    return [each for each in own if each is not None]


def _feedback_entry(case: PharmacyCase, role: str) -> Entry | None:
    """Return the entry of a consultee's own last day, or None where they were never sent papers."""
    first = next((fact for fact in case.record.all("circulated") if fact["consultee"] == role), None)
    if first is None:
        return None
    return next(iter(replayed(case, lambda seen: feedback_dates(seen, role), since=first.number)), None)


def _feedback_date(case: PharmacyCase, role: str) -> DiaryDate | None:
    line = case.consultee(role)
    if line.standing is Standing.EXCUSED:
        return None
    done = line.answered
    if line.feedback_by is not None:
        return _to_answer(role, line.feedback_by.last_day, in_sentences(line.feedback_by), done)
    if line.circulated is not None:
        planned = case.feedback_from(date_in_london(line.circulated.at), role)
        how = f"{in_sentences(planned)} Planned: it counts from the day on which the papers arrive."
        return _to_answer(role, planned.last_day, how, done)
    sent = _papers_sent(case, role)
    return None if sent is None else _to_answer(role, *_as_written(sent), done)


def _papers_sent(case: PharmacyCase, role: str) -> Fact | None:
    """Return the newest papers sent to a consultee on the route that stands."""
    stage = str(case.route)
    sent = case.record.all("circulated")
    return next((fact for fact in reversed(sent) if fact["consultee"] == role and fact["stage"] == stage), None)


def _as_written(sent: Fact) -> tuple[date, str]:
    """Return the day that papers named which are to be sent anew: it stands until the next letter names another."""
    named = date.fromisoformat(sent["reply_by"])
    return named, f"{day_in_words(named)}, as the letter with the papers names it (fact {sent.number})."


def _to_answer(role: str, on: date, how: str, done: bool = False) -> DiaryDate:
    return DiaryDate(
        f"feedback: {role}", on, "Last day to answer: pharmacy consolidation", how, (role,), for_case=False, done=done
    )

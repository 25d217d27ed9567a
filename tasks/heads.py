"""What the register of daily heads does: it seals each day that is over, mails its file, has it stamped, and waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from models.facts import Fact
from models.heads import Head, file_name, is_late, sha256_of, write_heads
from models.heads_register import (
    MAILED,
    REFUSED,
    SEALED,
    STAMPED,
    UNSTAMPED,
    HeadsRegister,
    shorter_in_words,
)
from models.london import day_in_words, first_instant_of, instant_in_words, last_instant_of, parse_day
from models.outages import DELAY
from models.outgoing import Enclosure
from models.time_stamps import NoTimeStamp, TimeStamp, WrongTimeStamp
from tasks.drafting import media_type, write_to
from tasks.notices import inform, told
from tasks.steps import step, step_for_each
from tasks.turns import Effect, Parked, current_office, current_turn
from tasks.waiting import due

ASK_AGAIN = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))  #: after the sealing; then the next day
LETTER = "daily-heads"
REPLY = "application/timestamp-reply"


# -- sealing -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeadsFile:
    """A file of heads as it was just made, and the records that are shorter than a file has said before."""

    content: bytes
    heads: Sequence[Head]
    previous: str
    cut: Mapping[str, tuple[int, int]]


def seal_days_that_are_over(case: HeadsRegister) -> None:
    """Seal every day that is over in London and not sealed: after an outage all missed ones at once, and so marked.

    The first of them names every case whose record grew since the last file, as it stands now; the days after it have
    files that name none, so that no day is without.
    """
    days = case.days_over
    if days:
        seal(case, [day.isoformat() for day in days], files=_make_files(case, days))


def _make_files(case: HeadsRegister, days: Sequence[date]) -> dict[str, HeadsFile]:
    """Return the file of each day, by its date. What is recorded from now on is past their numbers: for the next."""
    with current_office().store.reading() as reading:
        heads = reading.heads_to_seal(case.record.council)
        cut = reading.cut_since_sealed(case.record.council)
    files, previous = {}, case.newest_sha256
    for day in days:
        content = write_heads(case.council.id, day, case.now, previous, heads)
        files[day.isoformat()] = HeadsFile(content, heads, previous, cut)
        heads, previous = [], sha256_of(content)
    return files


@step_for_each(SEALED, "Seal the days that are over")
def seal(case: HeadsRegister, day: str, /, *, files: Mapping[str, HeadsFile]) -> Effect:
    """Keep the file of a day, and note how far it names each case."""
    made, over = files[day], parse_day(day)
    digest = sha256_of(made.content)
    payload = {
        "day": day, "sha256": digest, "previous": made.previous, "cases": len(made.heads),
        "filename": file_name(case.council.id, over), "late": is_late(over, case.now),
        "shorter": {ref: list(numbers) for ref, numbers in made.cut.items()},
    }  # fmt: skip
    return Effect(
        payload, documents={digest: made.content}, due_at=first_instant_of(over + timedelta(days=1)),
        within=lambda tx: tx.note_sealed(made.heads),
    )  # fmt: skip


# -- the letter ----------------------------------------------------------------------------------------------


def mail_to_auditors(case: HeadsRegister) -> None:
    """Mail the files that no letter has carried yet, in one letter; where nobody audits, say so once."""
    files = case.unmailed
    if not files:
        return
    auditors = told(case, case.council.auditors)
    if auditors:
        mail(case, files[-1]["day"], files=files, auditors=auditors)
    else:
        since = parse_day(files[0]["day"])
        inform(case, told(case, [case.responsible_officer]), f"no auditor on {since}", template="heads-no-auditor",
               since=since, file=f"councils/{case.council.id}.yaml")  # fmt: skip


@step(MAILED, "Mail the heads up to {0}")
def mail(case: HeadsRegister, until: str, /, *, files: Sequence[Fact], auditors: Sequence[str]) -> Effect:
    """Write one letter to each auditor with every file that none has carried yet, and the time stamps had since."""
    stamps = _stamps_since_last_letter(case)
    enclosures = [
        *(Enclosure(fact["filename"], media_type(fact["filename"]), fact["sha256"]) for fact in files),
        *(Enclosure(fact["filename"], REPLY, fact["token"]) for fact in stamps),
    ]
    letters = [write_to(case, LETTER, role, _values(case, files, stamps), enclosures) for role in auditors]
    return Effect({"from": files[0]["day"], "until": until, "to": list(auditors)}, letters)


def _values(case: HeadsRegister, files: Sequence[Fact], stamps: Sequence[Fact]) -> dict[str, object]:
    late = [fact for fact in files if fact["late"]]
    return {
        "first": parse_day(files[0]["day"]), "last": parse_day(files[-1]["day"]), "several": len(files) > 1,
        "files": [_in_words(fact) for fact in files],
        "late_days": [day_in_words(parse_day(fact["day"])) for fact in late],
        "sealed_at": instant_in_words(files[-1].at), "why_late": _why_late(late),
        "shorter": [shorter_in_words(ref, numbers) for ref, numbers in files[-1]["shorter"].items()],
        "stamps": [f"{fact['filename']}: the file of {day_in_words(parse_day(fact['day']))}, stamped at "
                   f"{fact['stamped_at']} by {fact['authority']}" for fact in stamps],
        "no_stamp": [f"since the file of {day_in_words(parse_day(fact['day']))}: {fact['why']}"
                     for fact in case.stamp_troubles],
        "check": "cleardays verify FILE.zip --heads FOLDER",
    }  # fmt: skip


def _in_words(fact: Fact) -> str:
    named = {0: "names no record", 1: "names 1 record"}.get(fact["cases"], f"names {fact['cases']:,} records")
    return f"{day_in_words(parse_day(fact['day']))}: {fact['filename']} {named}; its SHA-256 is {fact['sha256']}"


def _why_late(late: Sequence[Fact]) -> str:
    return str(late[0].get(DELAY, {}).get("because", "")) if late else ""


def _stamps_since_last_letter(case: HeadsRegister) -> list[Fact]:
    mailed = case.record.last(MAILED)
    return [fact for fact in case.record.all(STAMPED) if mailed is None or fact.number > mailed.number]


# -- time stamps ---------------------------------------------------------------------------------------------


def have_newest_file_stamped(case: HeadsRegister) -> None:
    """Ask the time-stamping authority, where one is set, for a stamp over the newest file, and so over all before it.

    Nothing waits for an authority that does not answer: that is recorded once, and it is asked again some times that
    day, then for the next day's file, which names this one.
    """
    stamper, newest = current_office().stamper, case.record.last(SEALED)
    if newest is None or newest not in case.unstamped:
        return
    if stamper is None:  # also where somebody only looks
        if case.stamp_troubles:
            _ask_again(newest)
        return
    current_turn().write()  # a file is stamped once it is kept, and nothing waits unwritten for an authority
    with current_office().store.reading() as reading:
        content = reading.document(newest["sha256"])
    try:
        stamp = stamper(content)
    except (NoTimeStamp, WrongTimeStamp) as trouble:
        _ask_again(newest)
        kind, note = (REFUSED, note_refused) if isinstance(trouble, WrongTimeStamp) else (UNSTAMPED, note_unstamped)
        if kind not in [fact.kind for fact in case.stamp_troubles]:
            note(case, newest["day"], why=str(trouble))
    else:
        keep_stamp(case, newest["day"], stamp=stamp)


def _ask_again(sealed: Fact) -> None:
    for pause in ASK_AGAIN:
        due(sealed.at + pause)


@step(STAMPED, "Keep the time stamp of {0}")
def keep_stamp(case: HeadsRegister, day: str, /, *, stamp: TimeStamp) -> Effect:
    """Keep a time stamp that was checked; it covers its day and those before it that had none."""
    token = sha256(stamp.der).hexdigest()
    newest = case.unstamped[-1]
    payload = {
        "day": day, "sha256": newest["sha256"], "token": token, "stamped_at": instant_in_words(stamp.at),
        "at": stamp.at.isoformat(), "authority": stamp.authority, "covers": [fact["day"] for fact in case.unstamped],
        "filename": f"{newest['filename'].removesuffix('.txt')}.tsr",
    }  # fmt: skip
    return Effect(payload, documents={token: stamp.der})


@step(UNSTAMPED, "Note that there is no time stamp of {0} yet")
def note_unstamped(case: HeadsRegister, day: str, /, *, why: str) -> Effect:
    """Record why there has been no time stamp from a day on."""
    return Effect({"day": day, "why": why})


@step(REFUSED, "Refuse a time stamp of {0}")
def note_refused(case: HeadsRegister, day: str, /, *, why: str) -> Effect:
    """Record that an answer of the authority is no proof, and why; nothing of it is kept."""
    return Effect({"day": day, "why": why})


# -- waiting -------------------------------------------------------------------------------------------------


def wait_for_the_next_day(case: HeadsRegister) -> None:
    """Wait until the next day of the year is over in London; returns at once where the year is sealed to its end."""
    day = case.next_day
    if day is not None:
        raise Parked("Awaiting the end of the day", last_instant_of(day),
                     f"the heads of {day_in_words(day)} are sealed when that day is over")  # fmt: skip


def wait_for_the_last_letter(case: HeadsRegister) -> None:
    """Wait until every letter of the year has arrived, or an officer has settled what became of it."""
    if case.unmailed:
        raise Parked("Awaiting an auditor", None, "nobody holds the auditor's office: enter the holder with dates")
    if not case.all_arrived:
        raise Parked("Awaiting the last letter", None, "a letter to the auditor has not been accepted yet")

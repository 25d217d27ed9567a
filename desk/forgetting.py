"""What `cleardays forget` does: removes personal data from a closed case, and leaves the chain that proves it whole.

UK GDPR articles 5(1)(e) and 17: contact data is kept no longer than the case. What the decision rests on is kept for as
long as its background papers; art. 17(3)(b) puts that duty above a wish to be forgotten. What is removed leaves its
salted digest, so that number, instant, author and hash of every fact stay, and the record itself says what went. Its
salt goes with it, so that whoever holds the database cannot test a guess of what was removed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.facts import Record, Withheld, is_whole
from models.london import date_in_london, day_in_words
from models.outgoing import Letter, LetterState
from models.retention import PERSONAL_DATA_REMOVED, Personal, kept, personal
from models.sealed_letters import digest_left, letter_fields, removed, salts_of_letters
from models.store import CaseSummary, Reading, Writing
from tasks.authority import RETENTION, authorised
from tasks.forms import Refused
from tasks.turns import Office

SEALED = ("address", "reply_to", "text", "html")  #: of a letter: how a person is reached, and words that greet by name
ON_THEIR_WAY = (LetterState.WAITING, LetterState.CLAIMED, LetterState.SENDING)
RULE = "UK GDPR arts 5(1)(e) and 17: contact data is kept no longer than the case"
ELSEWHERE = (
    "Copies outside the record stay where they are: backups, the copy of the database that each upgrade made beside it "
    "(*.before-upgrade-from-*.db), the folder outbox/ where letters were written to it, mailboxes, evidence files. "
    "Remove them where you keep them."
)


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What goes from a closed case now, and what stays until a later day."""

    summary: CaseSummary
    letters: Mapping[int, Mapping[str, str]]  #: by the letter's number in the outbox: what is put in each field's place
    templates: Mapping[int, str]  #: what each of those letters is: template and recipient
    now: tuple[Personal, ...]
    later: tuple[Personal, ...]
    salts: Mapping[int, str]  #: kinds of facts, by number, whose salt an older Cleardays left behind

    @property
    def nothing(self) -> bool:
        """Tell whether nothing is left to be removed now."""
        return not self.letters and not self.now and not self.salts

    def lines(self) -> list[str]:
        """Return exactly what goes and what stays, one line each."""
        goes = [f"letter {self.templates[number]}: {', '.join(fields)}" for number, fields in self.letters.items()]
        goes += [f"fact {each.number} ({each.kind}): {each.field}" for each in self.now]
        goes += [f"fact {number} ({kind}): the salt of what was removed before" for number, kind in self.salts.items()]
        stays = [
            f"stays until {day_in_words(each.kept.until.last_day)}: fact {each.number} ({each.kind}): {each.field}"
            for each in self.later if each.kept is not None
        ]  # fmt: skip
        return [*goes, *stays]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "case": self.summary.ref,
            "letters": [{"letter": self.templates[number], "fields": list(fields)}
                        for number, fields in self.letters.items()],
            "fields": [{"fact": each.number, "kind": each.kind, "field": each.field} for each in self.now],
            "salts": list(self.salts),
            "stays": [{"fact": each.number, "kind": each.kind, "field": each.field, "rule": each.kept.rule,
                       "may_go_on": each.kept.may_go_on.isoformat()} for each in self.later if each.kept is not None],
        }  # fmt: skip

    def payload(self, reasons: str) -> dict[str, Any]:
        """Return what the record says of it: which fields of which facts and letters, and why; none of their words."""
        fields: dict[str, list[str]] = {}
        for each in self.now:
            fields.setdefault(str(each.number), []).append(each.field)
        names = sorted({name for put in self.letters.values() for name in put})
        what = {"fields": fields, "letters": len(self.letters), "letter_fields": names}
        return {**what, **({"salts": list(self.salts)} if self.salts else {}), "reasons": reasons, "rule": RULE}


def what_goes(office: Office, ref: str) -> Forgetting:
    """Return what would go from a closed case today. Raises UnknownCase, and Refused for an open one."""
    with office.store.reading() as reading:
        return _look(office, reading, ref)


def _look(office: Office, reading: Reading, ref: str) -> Forgetting:
    summary, record, letters = reading.case(ref), reading.record(ref), reading.letters(ref)
    if summary.outcome is None:
        raise Refused(
            f"case {ref} is open ({summary.awaiting}): its letters and answers are needed. Personal data is removed "
            "once it is closed"
        )
    if under_way := sum(letter.state in ON_THEIR_WAY for letter in letters):
        raise Refused(f"case {ref} has {under_way} letters that are still on their way; start the desk, then try again")
    today = date_in_london(office.clock.now())
    papers, _ = kept(record, office.council(summary.council).retention)
    found = personal(record, papers)
    now = tuple(each for each in found if each.kept is None or each.kept.may_go(today))
    later = tuple(each for each in found if each not in now)
    left = {letter.id: put for letter in letters if (put := _left_of(letter, record))}
    names = {letter.id: f"{letter.draft.template} to {letter.draft.recipient}" for letter in letters}
    return Forgetting(summary, left, names, now, later, _salts_beside(record, letters))


def _salts_beside(record: Record, letters: Sequence[Letter]) -> dict[int, str]:
    """Return the kinds of the facts, by number, with a whole salt beside something that was removed.

    From that of the first fact come those of the letters.
    """
    of_letters = any(digest_left(value) for letter in letters for value in letter_fields(letter.draft).values())
    return {
        fact.number: fact.kind for fact in record
        if is_whole(fact.salt) and (
            any(isinstance(value, Withheld) for value in fact.payload.values()) or (of_letters and fact.number == 1)
        )
    }  # fmt: skip


def _left_of(letter: Letter, record: Record) -> dict[str, str]:
    """Return what is put in the place of a letter's fields; nothing where they are removed already."""
    values = letter_fields(letter.draft)
    salt = record.facts[0].salt
    left = {name: removed(letter.draft, salt, name) for name in SEALED if digest_left(values[name]) is None}
    return {**left, "reply": ""} if letter.reply else left


def forget(
    office: Office, ref: str, actor: str | None, channel: str, *, reasons: str, person: str | None = None
) -> Forgetting:
    """Remove from a closed case what may go today, say so in its record, and return what went. It cannot be undone.

    `actor` is an administrator of the council's file, the first where none is named. Raises Refused for anybody else,
    for an open case, and where nothing is left to be removed. SQLite's log is emptied first: what an earlier removal,
    cut short, left in it goes even where this one is refused.
    """
    office.store.shorten_log()

    def work(tx: Writing) -> Forgetting:
        now, summary = office.clock.now(), tx.case(ref)
        council = office.council(summary.council)
        granted = authorised(RETENTION, actor or council.administrators[0], council, date_in_london(now))
        going = _look(office, tx, ref)
        if going.nothing:
            raise Refused(_nothing(going))
        tx.wipe_what_goes()
        payload = going.payload(reasons)
        granted.record(tx, ref, PERSONAL_DATA_REMOVED, at=now, channel=channel, payload=payload, person=person,
                       assumed=actor is None)  # fmt: skip
        for number, left in going.letters.items():
            tx.blank_letter(number, left)
        fields: dict[int, Sequence[str]] = dict.fromkeys(going.salts, ())
        fields |= {int(number): names for number, names in payload["fields"].items()}
        tx.withhold(ref, fields, salts_of_letters(letter.draft for letter in tx.letters(ref)))
        return going

    gone = office.store.write(work)
    office.store.shorten_log()
    return gone


def _nothing(going: Forgetting) -> str:
    kept_on = [each.kept for each in going.later if each.kept is not None]
    if not kept_on:
        return f"case {going.summary.ref} holds no personal data any more that can be removed"
    return f"nothing of case {going.summary.ref} can be removed today: {kept_on[0].refusal(going.summary.ref)}"

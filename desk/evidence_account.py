"""The account of a case for people: who did what, when, by which rule; each date; who was told, and the proof of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from desk.evidence_parts import Account, Section, Table, with_each_text
from desk.evidence_publication import STRUCK, Withheld, nothing_withheld
from desk.evidence_told import ABOUT_LETTERS, who_was_told
from desk.faces import face_of
from desk.story import in_words
from desk.tables import as_title
from models.cases import Case
from models.deadlines import Deadline
from models.facts import Fact
from models.london import LONDON, day_in_words, instant_in_words, short_day_in_words
from notifications.printable import printable
from tasks.procedures import procedure_of

if TYPE_CHECKING:
    from desk.evidence import Material

LONGEST = 4000  #: characters of one field in the account; the record has it whole
RULES = ("rule", "source", "legal_basis", "power", "authority", "by_rule")  #: fields that say what a fact rests on
NOT_TOLD = frozenset({
    "posted", "council", "council_file", "dates_by", "procedure_version", "template", "consultee", "sha256", "pdf",
    "word", "size", "filename", "cancelled", *RULES,
})  # fmt: skip
ONLY_IF_SO = frozenset({"confidential", "late", "after_decision", "by_default", "before_representation"})
_FACT = re.compile(r"\bfact ([0-9]{1,9})\b")


def account_of(material: Material, withheld: Withheld | None = None) -> Account:
    """Return the account of a case; what `withheld` withholds is left out of it as well."""
    hidden = withheld or nothing_withheld()
    case, record = material.case, material.record
    procedure = procedure_of(record)
    last = record.facts[-1]
    closed = case.closed
    stands_by = case.must_be_done_by
    until = f", to be done by {day_in_words(stands_by.last_day)}" if stands_by else ""
    outcome = f"closed, {closed['outcome']}" if closed else f"open{until}"
    about = [
        ("Procedure", f"{procedure.title}, version {record.version}"),
        ("Council", f"{case.council.name} ({record.council})"),
        ("Reference it was entered under", case.reference),
        ("Its time began on", day_in_words(case.began_on)),
        ("As the record ends", f"{outcome}; fact {last.number}, recorded at {instant_in_words(last.at)}"),
        ("Hash of the newest fact", last.hash),
        ("Council’s file when it was opened", _council_file(material, hidden)),
        ("Dates worked out by edition", ", ".join(_editions(record.facts)) or "none: opened before editions were kept"),
    ]
    account = Account(
        f"Account of case {case.ref}", case.council.name, case.subject, about,
        list(_notices(material, withheld)),
        [
            Section("What the case is about", list(face_of(case).what_it_is(case))),
            _what_happened(case, hidden),
            _dates(case),
            who_was_told(material),
            _documents(material, hidden),
            _how_to_check(material),
        ],
    )  # fmt: skip
    return with_each_text(account, lambda text: printable(hidden.struck(text)))


def _notices(material: Material, withheld: Withheld | None) -> Iterator[str]:
    proven = "chain/ and letters/ are" if withheld is None else "chain/ is"
    again = " cleardays verify makes both again from the record and compares them." if withheld is None else ""
    yield (
        f"This account is for reading, as are the derivations.{again} Only {proven} proven, and the documents by the "
        "SHA-256 that chain/ names: where something rests on a sentence here, read it in record.jsonl."
    )
    if withheld is not None:
        fields = sum(map(len, withheld.fields.values()))
        yield (
            f"Made for publication. {fields} fields of facts, {len(withheld.documents)} documents, and the addresses "
            "and words of letters are withheld (withheld.txt says which and why). Each leaves its digest, so that the "
            "chain of the record can still be checked."
        )
    unsealed = sum(not material.is_sealed(letter) for letter in material.letters)
    if unsealed:
        yield (
            f"{unsealed} of the letters were written by a version of Cleardays that did not yet put letters under the "
            "seal of the record: of these the record proves that each was sent, and not its words."
        )
    left = [letter for letter in material.letters if material.what_left.get(letter.draft.key, (0, None))[1]]
    differ = [letter for letter in left if material.proof_of(letter) is None]
    if differ and withheld is None:
        yield (
            f"{len(differ)} of the letters could not be composed again to the bytes that left. Their words are under "
            "the seal of the record; the message as a whole is not proven."
        )
    if material.absent:
        yield f"{len(material.absent)} documents that letters enclosed are no longer kept."
    if not any(name.endswith(".txt") for name in material.heads):
        yield (
            "No daily head names this case yet. Until one was mailed, nothing outside the council’s own database "
            "vouches for the record."
        )


# -- sections ----------------------------------------------------------------------------------------------------------


def _what_happened(case: Case, hidden: Withheld) -> Section:
    begun = _begun_by(case)
    rows = [
        [_moment(fact), "\n".join([_told(case, fact, hidden), *begun.get(fact.number, ())]), _who(case, fact),
         str(fact.number)]
        for fact in case.record if fact.kind not in ABOUT_LETTERS
    ]  # fmt: skip
    return Section(
        "Who did what, when and by which rule",
        ["Each line is a fact of the record, in the order in which it was recorded; times are those of London. What "
         "became of each letter stands in its own table below. “The procedure” is what Cleardays did by itself, as the "
         "council’s paper says."],
        Table(("Recorded", "What", "By whom", "Fact"), (22, 50, 20, 8), rows),
    )  # fmt: skip


def _begun_by(case: Case) -> dict[int, list[str]]:
    """Return for each fact, by its number, the times that run from it and by which rule."""
    begun: dict[int, list[str]] = {}
    for deadline, _ in case.deadlines():
        for number in dict.fromkeys(_FACT.findall(deadline.evidence)):
            rule = f"“{deadline.rule}”{f', {deadline.source}' if deadline.source else ''}"
            line = f"From it runs: {_name(case, deadline)}, to {day_in_words(deadline.last_day)}, by {rule}"
            begun.setdefault(_told_of(case, int(number)), []).append(line)
    return begun


def _told_of(case: Case, number: int) -> int:
    """Return the number of a fact, for one on what became of a letter that of the fact that posted it."""
    fact = case.record.facts[number - 1] if 0 < number <= case.record.head else None
    posting = case.record.keyed(fact["letter"]) if fact is not None and fact.kind in ABOUT_LETTERS else None
    return posting.number if posting is not None else number


def _name(case: Case, deadline: Deadline) -> str:
    """Return the name of a deadline, an office in it by its title: "feedback: healthwatch"."""
    name, colon, role = deadline.name.partition(": ")
    return f"{name}{colon}{case.council.title(role, case.today)}" if role in case.council.known_roles else deadline.name


def _told(case: Case, fact: Fact, hidden: Withheld) -> str:
    """Return a fact in words: its line, what it rests on, and what an officer wrote with it."""
    left_out = hidden.fields_of(fact.number)
    shown = {name: value for name, value in fact.payload.items() if name not in left_out}
    try:
        line = _line(case, fact if not left_out else replace(fact, payload=shown))
    except (KeyError, ValueError, TypeError, AttributeError):
        line = fact.kind.replace("-", " ")
    lines = [as_title(line)]
    lines += [f"By rule: {_in_text(case, shown[name])}" for name in RULES if shown.get(name)]
    if fact.channel not in ("flow", "mail"):
        lines += [
            f"{as_title(name.replace('_', ' '))}: {_in_text(case, value)}"
            for name, value in shown.items()
            if name not in NOT_TOLD and value not in (None, "", [], {}) and (value or name not in ONLY_IF_SO)
        ]  # fmt: skip
    lines += [f"{as_title(name.replace('_', ' '))}: {STRUCK}" for name in sorted(left_out)]
    return "\n".join(lines)


def _line(case: Case, fact: Fact) -> str:
    """Return a fact in one line, offices by their titles also where nobody has put its kind into words."""
    who = fact.get("consultee")
    if fact.kind in face_of(case).sentences or who not in case.council.known_roles:
        return in_words(case, fact)
    about = f": {fact['about']}" if fact.get("about") else ""
    return f"{fact.kind.replace('-', ' ')}: {case.council.title(who, case.today)}{about}"


def _in_text(case: Case, value: Any) -> str:
    """Return a field's value for a reader: titles for offices, days in words, yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{_in_text(case, name)}: {_in_text(case, each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_in_text(case, each) for each in value)
    text = str(value)
    if text in case.council.known_roles:
        return case.council.title(text, case.today)
    return _day_or_text(text)


def _day_or_text(text: str) -> str:
    from datetime import date, datetime

    if len(text) > LONGEST:
        return f"{text[:LONGEST]} … (goes on in the record)"
    if not text[:4].isdecimal():
        return text
    try:
        if len(text) == 10:
            return day_in_words(date.fromisoformat(text))
        instant = datetime.fromisoformat(text)
    except ValueError:
        return text
    return instant_in_words(instant) if instant.tzinfo else text


def _dates(case: Case) -> Section:
    items = [
        (f"{as_title(_name(case, deadline))}: {day_in_words(deadline.last_day)} ({status})", deadline.explain())
        for deadline, status in case.deadlines()
    ]
    return Section(
        "Each date, by which rule, and how it was worked out",
        ["Derived from the facts above and the edition of the calendar that the case followed."], items=items,
    )  # fmt: skip


def _documents(material: Material, hidden: Withheld) -> Section:
    from desk.evidence import document_name

    rows = []
    for digest in sorted(material.documents, key=lambda each: (material.names.get(each, ""), each)):
        facts = [str(fact.number) for fact in material.record if digest in fact.payload.values()]
        letters = [number for number, letter in enumerate(material.letters, start=1)
                   if any(each.sha256 == digest for each in letter.draft.enclosures)]  # fmt: skip
        where = hidden.documents.get(digest) or document_name(material, digest)
        named = "; ".join(filter(None, [f"fact {', '.join(facts)}" if facts else "", _of_letters(letters)]))
        name = material.names.get(digest) or ("the council’s file" if where.endswith(".yaml") else "dates or document")
        rows.append([name, where, named])
    return Section(
        "Documents", ["Each is kept once, under its SHA-256."],
        Table(("Name", "In this file", "Named by"), (24, 50, 26), rows),
    )  # fmt: skip


def _of_letters(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    return f"letter {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} letters, the first {numbers[0]}"


def _how_to_check(material: Material) -> Section:
    return Section("How this can be checked", [
        "This account is made from the record; the record is what proves. Each fact holds the hash of the one before "
        "it, so that nothing can be changed, put in, taken out or moved without every later hash changing.",
        "VERIFY.txt checks all of it with sha256sum and openssl alone; cleardays verify does the same and names what "
        "was done and where. Both take the daily heads that the council’s auditor was mailed: these find even a record "
        "of which every hash was computed anew.",
        f"The record ends with fact {material.record.head}, hash {material.record.facts[-1].hash}.",
    ])  # fmt: skip


# -- words -------------------------------------------------------------------------------------------------------------


def _moment(fact: Fact) -> str:
    local = fact.at.astimezone(LONDON)
    return f"{short_day_in_words(local.date())}, {local:%H:%M}"


def _who(case: Case, fact: Fact) -> str:
    if fact.channel == "flow":
        return "The procedure"
    if fact.channel == "mail":
        return "The postroom"
    door = {"command line": "at the command line", "form": "by a form"}.get(fact.channel, f"by {fact.channel}")
    return f"{as_title(case.who(fact))}, {door}"


def _council_file(material: Material, hidden: Withheld) -> str:
    digest = material.record.facts[0].get("council_file")
    kept = "kept in this file" if digest in material.documents else "not kept by this database"
    kept = "withheld" if digest in hidden.documents else kept
    return f"{digest} ({kept})" if digest else "not recorded"


def _editions(facts: Sequence[Fact]) -> list[str]:
    return list(dict.fromkeys(str(fact["dates_by"]) for fact in facts if fact.get("dates_by")))

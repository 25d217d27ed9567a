"""Who was told, and the proof of it: a part of the account of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.evidence_parts import Section, Table
from desk.tables import as_title
from models.cases import Case
from models.facts import Fact
from models.london import LONDON, instant_in_words, short_day_in_words
from models.outgoing import Letter, taken

if TYPE_CHECKING:
    from desk.evidence import Material

ABOUT_LETTERS = ("letter-sent", "letter-bounced", "letter-ambiguous", "letter-delayed", "letter-cancelled")


def who_was_told(material: Material) -> Section:
    """Return the table of letters: to whom, about what, when, and what became of each."""
    rows = [
        [str(number), f"{_title(material.case, letter)}\n{letter.draft.subject}",
         _moment_of(letter), _proof(material, letter)]
        for number, letter in enumerate(material.letters, start=1)
    ]  # fmt: skip
    return Section(
        "Who was told, and the proof of it",
        ["Acceptance by the recipient’s mail server is the proof of delivery. What was put into a folder was sent to "
         "nobody by Cleardays: who took it from there, and when, is not told here."],
        Table(("Letter", "To, and what about", "Written", "What became of it"), (8, 42, 20, 30), rows),
    )


def _title(case: Case, letter: Letter) -> str:
    role = letter.draft.recipient
    return case.council.title(role, case.today) if role in case.council.known_roles else role


def _proof(material: Material, letter: Letter) -> str:
    fates = [fact for fact in material.record.about_letter(letter.draft.key) if fact.kind in ABOUT_LETTERS]
    lines = [_fate(fact) for fact in fates] or ["Nothing is recorded yet: it waits to be sent"]
    if material.proof_of(letter) is not None:
        lines.append("The message here is byte for byte what left.")
    return "\n".join(lines)


def _fate(fact: Fact) -> str:
    at = instant_in_words(fact.at)
    told = fact.get("reply") or fact.get("text") or ""
    said = f": “{told}”" if told else ""
    by = fact.get("accepted_by") or "their mail server"
    became = taken(by) if fact.kind == "letter-sent" else fact.kind.removeprefix("letter-")
    return f"{as_title(became)} at {at}{said} (fact {fact.number})"


def _moment_of(letter: Letter) -> str:
    local = letter.written_at.astimezone(LONDON)
    return f"{short_day_in_words(local.date())}, {local:%H:%M}"

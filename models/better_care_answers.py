"""What the signatories of a Better Care plan answered: which answer stands, and when all had signed.

Report of 26 July 2017, summary, paragraphs 3 and 5. Whoever acts under a delegation cannot overturn whoever delegated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from models.better_care_words import Manner
from models.facts import Fact, Record

KINDS = ("signed-off", "sign-off-refused")


def answers_of(record: Record) -> list[Fact]:
    """Return every answer of a signatory, oldest first; the Chair's support is not the Board's answer."""
    return [fact for fact in record if fact.kind in KINDS and fact["manner"] != Manner.CHAIR_SUPPORT]


def standing(answers: Iterable[Fact], version: Mapping[str, str]) -> dict[str, Fact]:
    """Return for each signatory the answer on a version that stands, of `answers` in the order of the record.

    A signatory's own answer gives way only to a later one of its own; a delegate's to whatever is entered after it.
    """
    found: dict[str, Fact] = {}
    for fact in answers:
        before = found.get(fact["signatory"])
        if fact["version"] == version and (before is None or not _stands_against(before, fact)):
            found[fact["signatory"]] = fact
    return found


def is_own(answer: Fact) -> bool:
    """Tell whether a signatory answered itself, by resolution or in person."""
    return bool(answer["manner"] != Manner.DELEGATION)


def _stands_against(before: Fact, fact: Fact) -> bool:
    return is_own(before) and (not is_own(fact) or fact["signed_on"] < before["signed_on"])


def signed_by_all(answers: Sequence[Fact], wanted: Collection[str]) -> Fact | None:
    """Return the last of the signatures with which a version first had all that are `wanted`, or None."""
    complete = []
    for version in {str(fact["version"]): fact["version"] for fact in answers}.values():
        found = standing(answers, version)
        signed = [found[key] for key in wanted if key in found and found[key].kind == "signed-off"]
        if signed and len(signed) == len(wanted):
            complete.append(max(signed, key=_day))
    return min(complete, key=_day, default=None)


def _day(signature: Fact) -> tuple[str, int]:
    return signature["signed_on"], signature.number

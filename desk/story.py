"""What happened in a case, told by date: one line for each fact, many like facts at one instant in one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from desk.faces import face_of
from models.amounts import in_pounds
from models.cases import Case
from models.facts import Fact, read_instant
from models.london import short_day_in_words
from models.outages import DELAY, moment
from models.outages import in_words as late_words
from models.outgoing import FOLDER, Letter, taken
from models.reckoning import quantity

SILENT_KINDS = ("letter-sent", "informed", "meeting-called", "reminded")  #: their letters tell the same


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story: when, what, and how it is to be shown ("letter", "refused", "breach" or "")."""

    at: datetime
    text: str
    tone: str = ""


def story(case: Case, letters: Sequence[Letter] = ()) -> list[Line]:
    """Return what happened in a case, facts and letters, oldest first."""
    return sorted([*_facts(case), *_letters(case, letters)], key=lambda line: line.at)


def _facts(case: Case) -> Iterator[Line]:
    told = (fact for fact in case.record if fact.kind not in SILENT_KINDS or DELAY in fact.payload)
    for (at, kind), group in groupby(told, key=lambda fact: (fact.at, fact.kind)):
        facts = list(group)
        if kind == "circulated" and len(facts) > 1:
            yield Line(at, f"papers circulated to {len(facts)} consultees{_late(facts[0])}{_delay(facts[0])}")
            continue
        yield from (Line(at, in_words(case, fact), "breach" if kind in BREACHES else "") for fact in facts)


def _letters(case: Case, letters: Iterable[Letter]) -> Iterator[Line]:
    ordered = sorted(letters, key=lambda letter: (letter.written_at, letter.draft.template, letter.id))
    for (at, template), group in groupby(ordered, key=lambda each: (each.written_at, each.draft.template)):
        same = list(group)
        if len(same) > 2:
            yield Line(at, f"{len(same)} letters: {template.replace('-', ' ')}", "letter")
            continue
        for each in same:
            to = case.council.title(each.draft.recipient, case.today)
            yield Line(at, f"letter to {to}: {each.draft.subject}", "letter")


BREACHES = ("breach-recorded",)

def in_words(case: Case, fact: Fact) -> str:
    """Return a fact in one line; a kind not known here by its name and the fields it holds."""
    sentence = face_of(case).sentences.get(fact.kind)
    if sentence is None:
        return f"{fact.kind.replace('-', ' ')} {fact.get('consultee') or ''}".strip() + _delay(fact)
    return sentence.format_map(_Fields(case, fact)) + _delay(fact)


def late_in_sentences(case: Case) -> list[str]:
    """Return what was done late in a case, each with by how much and why; the same many times in one sentence."""
    late = [fact for fact in case.record if DELAY in fact.payload]
    told = []
    for _, group in groupby(late, key=lambda fact: (fact.kind, fact[DELAY]["due_at"], fact[DELAY]["because"])):
        same = list(group)
        fact, many = same[0], f" ({len(same)} times)" if len(same) > 1 else ""
        due_at = moment(read_instant(fact[DELAY]["due_at"]))
        what = fact.kind.replace("-", " ")
        told.append(f"{what}{many}, fact {fact.number}: due on {due_at}, {late_words(fact[DELAY])}")
    return told


def _delay(fact: Fact) -> str:
    return f"; {late_words(fact[DELAY])}" if DELAY in fact.payload else ""


class _Fields(dict[str, str]):
    """A fact's fields as words: titles for role ids, days written out, flags as a mark."""

    def __init__(self, case: Case, fact: Fact) -> None:
        super().__init__()
        self._case, self._fact = case, fact

    def __missing__(self, name: str) -> str:
        value = self._fact.get(name)
        if name in ("consultee", "addressee"):
            return self._case.council.title(value, self._case.today) if value in _roles(self._case) else str(value)
        if name == "taken":  # by whom: an addressee's mail server, or a folder out of which nothing is sent
            by = str(self._fact.get("accepted_by") or "")
            return f"{taken(by)}, for" if by.startswith(FOLDER) else "accepted by"
        if name in ("late", "by_default"):
            return ({"late": ", late", "by_default": " by default"}[name]) if value else ""
        if name == "interest":
            return ", an interest declared" if value == "declared" else ""
        if name == "amount":
            count, unit = self._fact["count"], self._fact["unit"]
            return f" by {quantity(count, unit)}" if count else ""
        if name == "moved":
            return "".join(f"; {each}" for each in _moves(value))
        if name == "targets":
            return "".join(f"; target of {_move(each)}" for each in value)
        if name.endswith("_on") or name in ("last_day", "from", "until"):
            return short_day_in_words(date.fromisoformat(value)) if value else "no day"
        if name == "pounds":
            return in_pounds(value)
        if isinstance(value, list | tuple):
            return str(len(value))
        return "no view" if value is None and name == "opinion" else str(value if value is not None else "not said")


def _moves(moved: Sequence[dict[str, str]]) -> Iterator[str]:
    """Give each date that moved; those of many consultees in one line."""
    own = [each for each in moved if each["name"].startswith("feedback: ")]
    if len(own) > 2:
        yield f"{len(own)} consultees' own days"
    yield from (_move(each) for each in moved if len(own) <= 2 or each not in own)


def _move(moved: dict[str, str]) -> str:
    before, after = (short_day_in_words(date.fromisoformat(moved[key])) for key in ("before", "after"))
    return f"{moved['name']} {before} → {after}"


def _roles(case: Case) -> frozenset[str]:
    return case.council.known_roles


def _late(fact: Fact) -> str:
    return ", late" if fact.get("late") else ""

"""The rounds of an item: each time it comes before the Board, at a meeting of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from models.facts import Fact

DEFERRED, STOOD_OVER, RETURNED = "deferred", "stood-over", "dispute-returned"
ENDS_A_ROUND = (DEFERRED, STOOD_OVER, RETURNED)
"""The facts after which an item comes before the Board once more."""


@dataclass(frozen=True)
class Round:
    """One consideration: its number from 1, its facts in their order, and the fact that brought it about."""

    number: int
    facts: tuple[Fact, ...]
    brought_by: Fact | None  #: what ended the round before; the first round has none

    def last(self, kind: str) -> Fact | None:
        """Return the newest fact of a kind in this round, or None."""
        return next((fact for fact in reversed(self.facts) if fact.kind == kind), None)

    def all(self, kind: str) -> list[Fact]:
        """Return the facts of a kind in this round, oldest first."""
        return [fact for fact in self.facts if fact.kind == kind]

    @property
    def named_day(self) -> date | None:
        """Return the day of the meeting named for this round, or None where none is named yet."""
        convened = self.last("convened")
        if convened is not None:
            return date.fromisoformat(convened["meeting_on"])
        day = self.brought_by.get("to_meeting_on") if self.brought_by else None
        return date.fromisoformat(day) if day else None

    @property
    def after_deferral(self) -> Fact | None:
        """Return the deferral after which the item comes back, or None where something else brought it."""
        return self.brought_by if self.brought_by and self.brought_by.kind == DEFERRED else None


def rounds_of(facts: Iterable[Fact]) -> tuple[Round, ...]:
    """Return the rounds that a record's facts make, the current one last."""
    rounds: list[Round] = []
    current: list[Fact] = []
    brought_by: Fact | None = None
    for fact in facts:
        current.append(fact)
        if fact.kind in ENDS_A_ROUND:
            rounds.append(Round(len(rounds) + 1, tuple(current), brought_by))
            current, brought_by = [], fact
    return (*rounds, Round(len(rounds) + 1, tuple(current), brought_by))

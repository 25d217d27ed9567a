"""Looking where a case would rest, without acting: a turn that ends at the first step that would record something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from models.facts import Fact
from tasks.turns import CaseView, Effect, Office, Parked, Turn, in_office, taking

C = TypeVar("C", bound=CaseView)


class WouldAct(Exception):
    """A turn that may only look came to a step that would record something."""


class Look(Turn):
    """A turn that records nothing: it ends where the procedure would."""

    def commit(self, kind: str, effects: Mapping[str, Effect]) -> list[Fact]:
        """Record nothing. Raises WouldAct."""
        raise WouldAct(kind)


@dataclass(frozen=True, slots=True)
class Rest:
    """Where a case rests: what it waits for, until when, when its next turn is due at the latest, and why it waits."""

    awaiting: str
    until: datetime | None
    due_at: datetime | None
    message: str


def where_it_rests(office: Office, case: C, versions: Mapping[int, Callable[[C], str]]) -> Rest | None:
    """Return where a case would rest after a turn; None where a turn would record something, or is of no known version.

    `versions` gives the procedure by the version number a case was opened under. Outside a flow run. Nobody outside
    the house is asked for a time stamp.
    """
    office = replace(office, stamper=None)
    look, procedure = Look(office, case.record, case.now), versions.get(case.record.version)
    if procedure is None:
        return None
    try:
        with in_office(office), taking(look):
            procedure(case)
    except Parked as parked:
        return Rest(parked.awaiting, parked.until, look.due_at(parked), parked.message)
    except WouldAct:
        return None
    return None

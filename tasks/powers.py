"""Who may decide: the holder of the delegation, or a deputy whom the council's file names (recs (i), (ii)).

An officer to whom a power was delegated does not pass it on: without a deputy in the file nobody else decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.cases import Case
from models.council_procedures import Delegation
from models.pharmacy import PharmacyCase
from models.pharmacy_words import DELEGATIONS, Route
from tasks.notices import told


@dataclass(frozen=True, slots=True)
class Power:
    """A power of one office, and who may use it in that office's stead."""

    to: str  #: "decide", as a refusal names it
    holder: str
    deputies: tuple[str, ...] = ()
    recorders: tuple[str, ...] = ()  #: who may enter what the holder decided, on the holder's word
    word_of: str | None = None  #: whose own word it is, where the holder is the clerk who enters it
    delegated: bool = False  #: by a delegation of the council's file, which may name deputies

    def asked(self, case: Case) -> list[str]:
        """Return who is asked to use it: the holder, or while nobody holds the office the deputies."""
        return told(case, [self.holder]) or told(case, self.deputies)


def entered(case: Case, to: str, clerk: str, office: str) -> Power:
    """Return who enters what an office says or signs itself: the clerk on its word, or that office."""
    return Power(to, clerk, recorders=(office,) if office in case.council.known_roles else (), word_of=office)


def to_choose_route(case: PharmacyCase) -> Power:
    """Return who chooses the route: the responsible officer (recs (i), (ii))."""
    in_force = [found for route in Route if (found := _in_force(case, route)) is not None]
    officer = case.council.pharmacy.responsible_officer
    deputies = dict.fromkeys(role for each in in_force if each.holder == officer for role in each.deputies)
    return Power("choose the route", officer, tuple(deputies), delegated=True)


def to_decide(case: PharmacyCase) -> Power:
    """Return who decides: the urgent route's holder once it is named, else the delegate of the route that stands."""
    urgent = case.council.pharmacy.urgent_decision_route
    if case.urgent is not None:
        return Power("decide", urgent.holder, urgent.deputies, delegated=True)
    found = _in_force(case, case.route)
    if found is None:
        return Power("decide", case.council.pharmacy.responsible_officer, delegated=True)
    return Power("decide", found.holder, found.deputies, delegated=True)


def legal_basis(case: PharmacyCase) -> tuple[str, bool]:
    """Return the power the decision rests on, and whether the council's file marks it as uncertain."""
    if case.urgent is not None:
        return f"{case.urgent['route']}: {case.urgent['legal_basis']}", True
    found = _in_force(case, case.route)
    if found is None:
        return f"no delegation for this route is in force on {case.today:%-d %B %Y} in the council's file", True
    return f"{found.text} ({found.source}; basis: {found.legal_basis})", found.uncertain


def _in_force(case: PharmacyCase, route: Route | None) -> Delegation | None:
    return case.council.delegations_in_force(case.today).get(DELEGATIONS[route]) if route is not None else None

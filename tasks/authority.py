"""Who may do what: the one function that every fact of an office goes through, whichever door it came by.

The council's file says who holds which kind of authority. What an office may do it may do by any door; what it may not
do, it may do by none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from models.cases import Case
from models.council import Council, UnknownId
from models.facts import Fact, Payload
from tasks.forms import Refused
from tasks.powers import Power

if TYPE_CHECKING:
    from models.store import Writing

OS_USER = "os_user"  #: the field of a fact that says under which login of the machine it was entered
ASSUMED = "assumed"  #: the field that says that nobody named the office; it is the one whose task it is


class Kind(StrEnum):
    """What kind of authority a thing takes. Those who are only asked have none: an officer records what they say."""

    OFFICER = "officer"  #: runs the procedure: records, sends again, attaches, extends within bounds
    DECISION_MAKER = "decision-maker"  #: holds the power, by delegation or by law, or deputises by the council's file
    CHAIR = "chair"  #: presides: what a paper gives to the Chair, or the Vice-Chair in the Chair's absence
    AUDITOR = "auditor"  #: looks at everything, is sent the daily heads, and records nothing
    ADMINISTRATOR = "administrator"  #: keeps calendars, retention and the house; has no say in a case


OFFICER, DECISION_MAKER, CHAIR = Kind.OFFICER, Kind.DECISION_MAKER, Kind.CHAIR


class Deed(Protocol):
    """What somebody wants to do: a verb, the opening of a case, or a thing of the house."""

    @property
    def name(self) -> str:
        """Return how it is called at the command line."""

    @property
    def title(self) -> str:
        """Return what it is, as the pages list it."""

    @property
    def needs(self) -> Kind:
        """Return the kind of authority that it takes."""

    @property
    def power(self) -> Callable[[Any], Power] | None:
        """Return whose power it is in a case; None for what officers, or administrators, do."""

    @property
    def power_by(self) -> Callable[[Any, Any], Power] | None:
        """Return whose power it is by what a form of it says; None where the case alone tells."""


@dataclass(frozen=True, slots=True)
class HouseDeed:
    """Something that is done to more than one case, or to none yet."""

    name: str
    title: str
    needs: Kind
    power: None = None
    power_by: None = None


OPEN_CASE = HouseDeed("notify", "Open a case", Kind.OFFICER)
APPLY_CALENDAR = HouseDeed("calendar check --apply", "Apply a changed calendar", Kind.ADMINISTRATOR)
RETENTION = HouseDeed("retention", "Delete what need no longer be kept", Kind.ADMINISTRATOR)
HOUSE_DEEDS = (OPEN_CASE, APPLY_CALENDAR, RETENTION)

WHERE = {
    Kind.OFFICER: "Officers of a procedure are named there, under 'authority', 'officer'",
    Kind.DECISION_MAKER: (
        "Who enters what an office or a body decides or signs is named there, as 'clerk' or 'proper_officer'; an "
        "officer who runs the procedure does not enter it"
    ),
    Kind.CHAIR: "Who presides is named there, under 'chairs' of the body",
    Kind.AUDITOR: "Auditors are named there, under 'authority', 'auditor'",
    Kind.ADMINISTRATOR: "Administrators are named there, under 'authority', 'administrator'",
}
DEPUTIES = "A deputy who may do so is named there, under 'deputies' of the delegation"


@dataclass(frozen=True, slots=True)
class Granted:
    """That an office may do a thing. `authorised` alone grants it, and only what is granted is recorded."""

    role: str
    deputy_for: str | None = None  #: the office in whose stead it acts
    on_word_of: str | None = None  #: the office or body whose word it enters: decision, consent or signature

    def record(
        self, tx: Writing, ref: str, kind: str, *, at: datetime, channel: str, payload: Payload, key: str | None = None,
        person: str | None = None, assumed: bool = False,
    ) -> Fact:  # fmt: skip
        """Append the fact in this office's name; `person` is the login it was entered under, where known.

        `assumed` tells that nobody said who acts, so that it is entered for the office whose task it is.
        """
        said = {
            "deputy_for": self.deputy_for, "on_word_of": self.on_word_of, OS_USER: person, ASSUMED: assumed or None,
        }  # fmt: skip
        told = {**payload, **{name: value for name, value in said.items() if value is not None}}
        return tx.append(ref, kind, at=at, actor=self.role, channel=channel, payload=told, key=key)


@dataclass(frozen=True, slots=True)
class By:
    """Who does a thing: the office, the door, and the login it was entered under, where the door knows one."""

    actor: str
    channel: str
    person: str | None = None
    assumed: bool = False  #: nobody said who; it is the office whose task it is


def authorised(
    deed: Deed, role: str, council: Council, on: date, *, procedure: str | None = None, case: Case | None = None,
    form: object = None,
) -> Granted:  # fmt: skip
    """Return the grant by which `role` does `deed` on a day, in `case` or in cases of `procedure`.

    `form` is what it is filled in with: who signs, or is asked, may then enter that, and a clerk on that office's word.
    Raises Refused with a sentence that names the office, the deed, and who may.
    """
    try:
        title = council.title(role, on)
    except UnknownId as error:
        raise Refused(str(error)) from error
    power = _power(deed, case, form)
    may = _those_who_may(deed, power, council, procedure, case)
    if role not in may:
        titles = " or ".join(_titled(each, power, council, on) for each in may) or "nobody: it names no such office"
        raise Refused(
            f"{title} ({role}) cannot {_to(deed, power)} ({deed.name}): in this council's file that is for {titles}. "
            f"{DEPUTIES if power is not None and power.delegated else WHERE[deed.needs]}"
        )
    if power is None and role in may:
        return Granted(role)
    if council.holder_or_none(role, on) is None:
        raise Refused(
            f"nobody holds the office of {title} ({role}) on {on:%-d %B %Y}, so nobody can {_to(deed, power)} in its "
            "name; enter the holder with dates in the council's file"
        )
    if power is None or role == power.word_of:
        return Granted(role)
    if power.word_of is not None:
        return Granted(role, on_word_of=power.word_of)
    if role == power.holder:
        return Granted(role)
    return Granted(role, deputy_for=power.holder) if role in power.deputies else Granted(role, on_word_of=power.holder)


def _titled(role: str, power: Power | None, council: Council, on: date) -> str:
    whose = ", whose own word it is" if power is not None and role == power.word_of else ""
    return f"{council.title(role, on)}{whose}"


def who_may(deed: Deed, council: Council, *, procedure: str | None = None, case: Case | None = None) -> tuple[str, ...]:
    """Return every office that may do a deed, first the one whose task it is."""
    return _those_who_may(deed, _power(deed, case), council, procedure, case)


def usual_actor(deed: Deed, case: Case, form: object = None) -> str:
    """Return whose task a deed is where nobody says who acts: the power's holder, else the responsible officer."""
    power = _power(deed, case, form)
    return power.holder if power is not None else case.responsible_officer


def _power(deed: Deed, case: Case | None, form: object = None) -> Power | None:
    if case is not None and form is not None and deed.power_by is not None:
        return deed.power_by(case, form)
    return deed.power(case) if deed.power is not None and case is not None else None


def _those_who_may(
    deed: Deed, power: Power | None, council: Council, procedure: str | None, case: Case | None
) -> tuple[str, ...]:
    if power is not None:
        return tuple(dict.fromkeys((power.holder, *power.deputies, *power.recorders)))
    if deed.needs is Kind.OFFICER:
        first = (case.responsible_officer,) if case is not None else ()
        named = council.officers(case.record.procedure if case is not None else procedure or "")
        return tuple(dict.fromkeys((*first, *named)))
    return {Kind.ADMINISTRATOR: council.administrators, Kind.AUDITOR: council.auditors}.get(deed.needs, ())


def _to(deed: Deed, power: Power | None) -> str:
    return power.to if power is not None else deed.title[:1].lower() + deed.title[1:]

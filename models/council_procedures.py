"""The sections of a council file on its pharmacy procedure and its local policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Final, Generic, Literal, TypeVar

from pydantic import AfterValidator, Field, ValidationInfo

from models.council_file import clash, wrong
from models.council_sections import (
    BodyId,
    ConsulteeIds,
    Dated,
    Id,
    RoleId,
    RoleIds,
    Section,
    Text,
    no_overlap,
    not_before_start,
    not_empty,
)

Value = TypeVar("Value")
LegalBasis = Literal["officer", "sub_committee", "full_board"]
Days = Annotated[int, Field(ge=1, le=366)]


def _steps(values: tuple[int, ...], down: bool) -> tuple[int, ...]:
    out = [
        (place, place + 1) for place, (a, b) in enumerate(pairwise(values)) if (a <= b if down else a >= b)
    ]
    if out:
        raise clash(out, f"each number to be {'smaller' if down else 'greater'} than the one before")
    return values


CountingDown = Annotated[tuple[Days, ...], AfterValidator(lambda values: _steps(values, down=True))]
CountingUp = Annotated[tuple[Days, ...], AfterValidator(lambda values: _steps(values, down=False))]
Minutes = Annotated[int, Field(ge=1)]
MinutesUp = Annotated[
    tuple[Minutes, ...], AfterValidator(not_empty), AfterValidator(lambda values: _steps(values, down=False))
]


# --- the pharmacy procedure -----------------------------------------------------------------------


class Addressee(Dated):
    """To whom the representation goes, from when until when."""

    role: RoleId
    source: Text | None = None


class NonContentious(Section):
    """Who is consulted on an application that is not contentious."""

    consult: ConsulteeIds
    source: Text


class ConsulteeGroup(Section):
    """Some of those consulted on a contentious application.

    `standing` tells what an omission means: without those of a *precondition* the delegate has no power
    to decide; without those of the *procedure* the council departs from its own paper.
    """

    name: Text
    standing: Literal["precondition", "procedure"]
    consult: ConsulteeIds
    source: Text


class FurtherMembers(Section):
    """How many other Board members must be consulted, and of which groups at least one."""

    at_least: int = Field(ge=1)
    at_least_one_of: Mapping[Text, RoleIds]
    source: Text


class Contentious(Section):
    """Who is consulted on a contentious application, by group, and the Board members that requires."""

    groups: Mapping[Id, ConsulteeGroup]
    further_board_members: FurtherMembers


def _explained(note: str | None, info: ValidationInfo) -> str | None:
    if info.data.get("uncertain") and not note:
        raise wrong("a note that says what is uncertain, because 'uncertain' is true")
    return note


class Delegation(Dated):
    """A power to decide: its words, who holds it, its legal basis and whether that is in doubt."""

    text: Text
    holder: RoleId
    deputies: tuple[RoleId, ...] = ()  #: who may use it in the holder's stead, if the council's scheme lets them
    legal_basis: LegalBasis
    source: Text
    uncertain: bool = False
    note: Annotated[Text | None, AfterValidator(_explained)] = Field(None, validate_default=True)


class UrgentDecisionRoute(Section):
    """Who decides when no quorate meeting can, and on what authority."""

    name: Text
    holder: RoleId
    deputies: tuple[RoleId, ...] = ()
    legal_basis: Text
    source: Text


class Pharmacy(Section):
    """The council's procedure for pharmacy consolidation applications."""

    board: BodyId
    group: BodyId
    chair: RoleId
    responsible_officer: RoleId
    addressee: Annotated[tuple[Addressee, ...], AfterValidator(not_empty), AfterValidator(no_overlap)]
    non_contentious: NonContentious
    contentious: Contentious
    told: RoleIds
    delegations: Mapping[Id, Delegation]
    urgent_decision_route: UrgentDecisionRoute


# --- local policy ---------------------------------------------------------------------------------


ANY_DAY: Final = "any day"  #: reminders of every procedure leave on the day counted, whatever day it is


class Policy(Section, Generic[Value]):
    """A choice of the council's own, where law and paper are silent, with its reason."""

    value: Value
    why: Text


class ClearResponse(Section):
    """When the answers to a circulation are clear without a meeting."""

    minimum_answers: int = Field(ge=1)


class DayWithReason(Section):
    """A day on which the council, or the country, does not work, and why."""

    on: date = Field(alias="date")
    reason: Text


def _each_day_once(days: tuple[DayWithReason, ...]) -> tuple[DayWithReason, ...]:
    dates = [day.on for day in days]
    twice = [(dates.index(on), place) for place, on in enumerate(dates) if dates.index(on) != place]
    if twice:
        raise clash(twice, "each date once")
    return days


DaysWithReasons = Annotated[tuple[DayWithReason, ...], AfterValidator(_each_day_once)]


class PreElectionPeriod(Dated):
    """The weeks before a poll in which the council takes care what it publishes."""

    name: Text
    ends_on: Annotated[date, AfterValidator(not_before_start)] = Field(alias="until")


class PlanWorkingDays(Section):
    """How many working days the office plans for what neither law nor paper gives a time."""

    assessment: Days  #: to make the equality impact assessment, from the day the notice is entered
    decision: Days  #: to prepare the decision, after the meeting or the close of feedback
    sending: Days  #: to see the representation accepted, after the decision


class LocalPolicy(Section):
    """What the council has decided for itself, each value with its reason; days are calendar days."""

    reminder_days: Policy[CountingDown]
    reminders_on: Policy[Literal["any day", "last working day on or before"]] | None = None  #: None is any day
    ask_route_days: Policy[CountingUp]
    non_contentious_feedback_days: Policy[Days]
    clear_response: Policy[ClearResponse]
    meeting_notice_working_days: Policy[Days]
    plan_working_days: Policy[PlanWorkingDays]
    internal_target: Policy[Literal["last working day on or before"]]
    retry_minutes: Policy[MinutesUp]
    escalation_roles: Policy[RoleIds]
    outcome_chase_days: Policy[CountingUp]
    comment_days: Policy[Days]
    extension_days: Policy[Mapping[Literal["circulation", "feedback", "comments"], Days]]
    closure_days: Policy[DaysWithReasons]
    pre_election_periods: Policy[tuple[PreElectionPeriod, ...]]

"""The Better Care Fund's rules by policy period, read from better_care.yaml and checked like a council's file.

A pack says what the national papers of one period ask: the last day, who signs, what may be delegated, whether the
Board may approve afterwards, the conditions, and how far each entry can be relied on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from models.council_file import checked, one_of, read_yaml, wrong
from models.council_sections import Dated, Id, Section, Text, not_before_start, not_empty
from models.documents import DocumentKind
from models.months import months_after

SHIPPED = Path(__file__).with_name("better_care.yaml")

Standing = Literal["verified", "practice", "unverified", "uncertain"]
Delegation = Literal["may", "uncertain", "never"]
Approval = Literal["before submission", "may follow submission"]

DOUBTS: Mapping[Standing, str] = {
    "verified": "",
    "practice": "taken from other areas' papers, not from the national text",
    "unverified": "from memory, not verified: confirm it before relying on it",
    "uncertain": "arguable in law: ask the monitoring officer",
}
"""What is added in words wherever an entry of each standing is shown."""


class Sourced(Section):
    """Something a pack says, with where it was read and how far that can be relied on."""

    source: Text
    standing: Standing

    @property
    def doubt(self) -> str:
        """Return what a reader must know before relying on it, empty where its source was read."""
        return DOUBTS[self.standing]


class Day(Sourced):
    """A London day that the national papers set."""

    on: date = Field(alias="date")


class Condition(Sourced):
    """A national condition that the plan must meet."""

    text: Text


def _explained(note: str | None, info: ValidationInfo) -> str | None:
    if info.data.get("delegation") in ("uncertain", "never") and not note:
        raise wrong("a note that says why, because 'delegation' is uncertain or never")
    return note


class Signatory(Sourced):
    """Who must sign the plan off, whether someone else may in its stead, and whether it may follow the submission."""

    name: Text
    acts: Literal["as a body", "in person"]
    delegation: Delegation
    approval: Approval
    note: Annotated[Text | None, AfterValidator(_explained)] = Field(None, validate_default=True)

    @property
    def may_follow(self) -> bool:
        """Tell whether this approval may come after the plan was submitted."""
        return self.approval == "may follow submission"


class Assurance(Sourced):
    """What a plan is tested on before NHS England approves it."""

    tests: Annotated[tuple[Text, ...], AfterValidator(not_empty)]


class Review(Sourced, Dated):
    """A review that somebody else makes in a stated time."""

    name: Text
    ends_on: Annotated[date, AfterValidator(not_before_start)] = Field(alias="until")


def _quarter_end(day: date) -> date:
    if (day.month, day.day) not in ((3, 31), (6, 30), (9, 30), (12, 31)):
        raise wrong("the last day of a quarter: 31 March, 30 June, 30 September or 31 December")
    return day


QuarterEnd = Annotated[date, AfterValidator(_quarter_end)]


def _not_before_first(last: date, info: ValidationInfo) -> date:
    first = info.data.get("first_quarter_ends")
    if first and last < first:
        raise wrong(f"a quarter on or after the first, {first}")
    return last


class Returns(Sourced):
    """For which quarters a return is made."""

    first_quarter_ends: QuarterEnd
    last_quarter_ends: Annotated[QuarterEnd, AfterValidator(_not_before_first)]

    @property
    def quarters(self) -> tuple[date, ...]:
        """Return the last day of every quarter that has a return."""
        count = (self.last_quarter_ends.year - self.first_quarter_ends.year) * 12
        count += self.last_quarter_ends.month - self.first_quarter_ends.month
        ends = [months_after(self.first_quarter_ends.replace(day=1), each) for each in range(0, count + 1, 3)]
        return tuple(_month_end(day) for day in ends)


def _month_end(day: date) -> date:
    return day.replace(day=31 if day.month in (3, 12) else 30)


def _needs_board(signatories: Mapping[str, Signatory]) -> Mapping[str, Signatory]:
    if BOARD not in signatories:
        raise wrong(f"'{BOARD}' among the signatories: every plan is signed off by the Board")
    return signatories


def _kind(name: str) -> str:
    if name not in tuple(DocumentKind):
        raise wrong(f"a kind of document ({one_of(DocumentKind, name)})")
    return name


KindName = Annotated[str, AfterValidator(_kind)]
BOARD = "board"  #: the signatory that meets, and whose meetings may miss the last day


class Pack(Section):
    """The rules of one policy period."""

    title: Text
    guidance: Day
    years: Annotated[tuple[Text, ...], AfterValidator(not_empty)]
    submit_by: Day
    requires: Annotated[tuple[KindName, ...], AfterValidator(not_empty)]
    conditions: Mapping[Id, Condition]
    signatories: Annotated[Mapping[Id, Signatory], AfterValidator(_needs_board)]
    assurance: Assurance
    evidence_by: Day | None = None  #: usual last day for evidence of the conditions of an approval
    section_75_by: Day
    review: Review | None = None
    returns: Returns

    @property
    def board(self) -> Signatory:
        """Return what the period asks of the Board."""
        return self.signatories[BOARD]


class Packs(Section):
    """All policy periods."""

    packs: Mapping[Id, Pack]


def read_packs(path: Path) -> Mapping[str, Pack]:
    """Return the packs of a file by id; raises CouncilFileError with every problem and its line."""
    return checked(Packs, read_yaml(path.read_bytes()), path, None).packs


@cache
def shipped_packs() -> Mapping[str, Pack]:
    """Return the packs that are shipped, read once."""
    return read_packs(SHIPPED)


class UnknownPack(LookupError):
    """A policy period for which there are no rules."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)

    def __str__(self) -> str:
        return f"'{self.name}' is not a policy period known here ({one_of(shipped_packs(), self.name)})"


def pack_named(name: str) -> Pack:
    """Return the pack of a policy period such as "2017-19". Raises UnknownPack."""
    try:
        return shipped_packs()[name]
    except KeyError:
        raise UnknownPack(name) from None

"""The words and periods of items before the Joint Commissioning Board, each with its source.

"ToR" are the Board's Terms of Reference of May 2019 (paper 000); "001" is the pack with the draft of 30 June 2017.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from models.council_joint_commissioning import JointCommissioning
from models.documents import DocumentKind
from models.periods import at_least_working_days_before, before, by

PROCEDURE = "joint-commissioning-item"
PREFIX = "JC"

AGENDA = at_least_working_days_before(5, source="ToR 6.8; 001:4607")
DISCUSSIONS = before(source="ToR 8.2: reconsidered after discussions")
MEETING = by(source="the day of the meeting")

ATTACHED = (
    DocumentKind.REPORT, DocumentKind.BUSINESS_CASE, DocumentKind.BACKGROUND_PAPER, DocumentKind.ASSESSMENT,
    DocumentKind.SCREENING, DocumentKind.MINUTES, DocumentKind.EVIDENCE, DocumentKind.OTHER,
)  # fmt: skip
"""The kinds of document that an item can have."""


class ItemKind(StrEnum):
    """What an item asks of the Board."""

    DECISION = "decision"
    BUSINESS_CASE = "business-case"  #: of a new pooled fund scheme (ToR 4.2; P38)
    EXCEPTION_REPORT = "exception-report"  #: performance outside its threshold (ToR 3.9; P41)
    CONSTITUTION = "constitution"  #: the Board's establishment, or a change of its powers (001:4401-4437; P17)


class Scope(StrEnum):
    """Where an item stands to the scope of the Board (ToR 2.1 to 2.3, Annex A)."""

    JOINT = "jointly-commissioned"
    ALIGNED = "aligned"  #: commissioned by one, under a jointly agreed strategy
    OF_INTEREST = "of-joint-interest"  #: discussed and shared; no decision under delegation
    OUTSIDE = "outside"


WITHIN_SCOPE = (Scope.JOINT, Scope.ALIGNED)


class DisputeRoute(StrEnum):
    """How a matter of dispute is resolved (ToR 9.1)."""

    SECTION_75 = "section-75"  #: the process of the partnership agreement
    LEADERS = "leader-and-chair"  #: the Leader of the Council and the Chair of the CCG


class DisputeResult(StrEnum):
    """How a dispute ends."""

    BACK_TO_BOARD = "back-to-board"
    NOT_PROGRESSED = "not-progressed"


class Remit(NamedTuple):
    """Whether an item can be decided by the named individual under delegation, and why in a sentence."""

    decides: bool
    why: str
    all_must_agree: bool = False  #: every member of the decision-maker's partner, in person (001:4787-4789)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the council chose where the Terms of Reference are silent; a case keeps the choices it began with."""

    abstention: str
    offer_referral_after: int
    no_more_after: int
    agenda_answer_days: int
    convene_working_days: int
    roll_working_days: int
    direction_working_days: int
    reconsider_days: int
    dispute_days: int
    decision_working_days: int

    @classmethod
    def of(cls, section: JointCommissioning) -> Choices:
        """Return the choices of a council's file."""
        return cls(
            section.abstention.value, section.deferrals.value.offer_referral_after,
            section.deferrals.value.no_more_after, section.agenda_answer_days.value,
            section.convene_working_days.value, section.roll_working_days.value, section.direction_working_days.value,
            section.reconsider_days.value, section.dispute_days.value, section.decision_working_days.value,
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Return them in plain JSON values; `Choices(**plain)` reads them back."""
        return asdict(self)

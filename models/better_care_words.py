"""The words and periods of the Better Care plan procedure, each with its source.

"Report" is the Southampton Health and Wellbeing Board report of 26 July 2017, "draft plan" its appendix.
"""

from __future__ import annotations

from enum import StrEnum

from models.documents import ASSESSMENTS, DocumentKind
from models.periods import clear_working_days_before

PROCEDURE = "better-care-plan"
PREFIX = "BC"

SPECIAL_NOTICE = clear_working_days_before(
    5, source="LGA 1972 s.100A(6), SI 2002/715; the council's constitution counts working days"
)
"""Public notice and papers of a special meeting of the Board."""

DELEGATION_DOUBT = (
    "uncertain (U12): SI 2013/218 regulation 3 lets a Board delegate to an officer only what it does by virtue of "
    "section 196(2) of the 2012 Act; the monitoring officer must confirm"
)
SUPPORT_DOUBT = (
    "the Chair alone has no statutory power to approve: other areas have submitted so, and the Board's own approval "
    "is still needed"
)

ATTACHED = (
    DocumentKind.NARRATIVE_PLAN, DocumentKind.PLANNING_RETURN, DocumentKind.POOL_TABLE,
    DocumentKind.CAPACITY_AND_DEMAND_PLAN, DocumentKind.EVIDENCE, DocumentKind.AGREEMENT, DocumentKind.MINUTES,
    DocumentKind.LETTER, DocumentKind.REPORT, *ASSESSMENTS, DocumentKind.OTHER,
)  # fmt: skip
"""What may be attached to a plan's case."""

ADDED_UP = (DocumentKind.POOL_TABLE, DocumentKind.PLANNING_RETURN)
"""What is added up where it comes as CSV; a pool table before a return."""


class Manner(StrEnum):
    """How a signatory signs."""

    RESOLUTION = "resolution"  #: the body itself, at a meeting
    DELEGATION = "delegation"  #: somebody under its delegated power
    CHAIR_SUPPORT = "chair-support"  #: the Board's Chair, the Board to approve afterwards
    IN_PERSON = "in-person"  #: the office that must sign, itself


class Answer(StrEnum):
    """What a signatory says."""

    SIGNED = "signed"
    REFUSED = "refused"


class BoardRoute(StrEnum):
    """How the Board's approval is had where it does not meet before the last day (report rec (ii))."""

    DELEGATED = "delegated-approval"
    SPECIAL_MEETING = "special-meeting"
    CHAIR_SUPPORT = "chair-support"


class Basis(StrEnum):
    """On what a plan was submitted."""

    COMPLIANT = "all conditions met and all signatures given"
    BOARD_TO_FOLLOW = "the Board to approve afterwards, as the framework allows"
    CHAIR_SUPPORT = "with the Chair's support, the Board to approve afterwards"
    NOT_COMPLIANT = "not compliant"


class Assured(StrEnum):
    """How NHS England graded the plan (report para 9)."""

    APPROVED = "approved"
    WITH_CONDITIONS = "approved-with-conditions"
    NOT_APPROVED = "not-approved"


class Panel(StrEnum):
    """What the escalation panel said of a plan that was not approved."""

    APPROVED = "approved"
    REVISE = "revise"  #: to be revised, signed and submitted again
    DIRECTED = "directed"  #: NHS England directs the use of the fund (NHS Act 2006 s.223GA)


class Review(StrEnum):
    """What a national review of the allocations came to (report para 6)."""

    NOT_REDUCED = "not-reduced"
    REDUCED = "reduced"
    NOT_HELD = "not-held"


class Stage(StrEnum):
    """The stages of a return: the joint board before the Board before NHS England (draft plan 2.11, 2.12)."""

    JOINT_BOARD = "joint-board"
    BOARD = "board"
    NHS_ENGLAND = "nhs-england"
    PARTNERS = "partners"  #: the annual return, to the partners (SI 2000/617 reg 7(4)(b))


QUARTERLY = (Stage.JOINT_BOARD, Stage.BOARD, Stage.NHS_ENGLAND)
ANNUAL = (Stage.JOINT_BOARD, Stage.PARTNERS)

KIND_IN_WORDS = {
    DocumentKind.NARRATIVE_PLAN: "the narrative plan",
    DocumentKind.PLANNING_RETURN: "the planning return",
    DocumentKind.CAPACITY_AND_DEMAND_PLAN: "the capacity and demand plan",
}

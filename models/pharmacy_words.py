"""The words and periods of the pharmacy procedure, each with its source.

"Report" is the Southampton Health and Wellbeing Board report of 26 July 2017; "the Regulations" are SI 2013/349.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from models.documents import ASSESSMENTS, DocumentKind
from models.periods import prior_to, within

REPRESENTATION = within(45, "days", source="SI 2013/349 Sch 2 para 19(4); report para 2")
CIRCULATION = within(14, "calendar days", source="report para 8")
ROUTE = prior_to(source="report recs (i), (ii): the paper gives no date; it must precede circulation, para 8")
FEEDBACK = within(14, "calendar days", source="report para 10")
CONSOLIDATION = within(6, "months", source="SI 2013/349 Sch 2 para 34A")
CONSOLIDATION_EXTENDED = within(9, "months", source="SI 2013/349 Sch 2 para 34A: six months and three more")

SET_BY_LAW = {
    "representation": "SI 2013/349 Sch 2 para 19(4) gives 45 days and no power to extend them",
    "notice of consolidation": "SI 2013/349 Sch 2 para 34A gives six months, and three more once, to NHS England or "
    "the ICB: record those with extend-consolidation",
}
"""The clocks that no officer can extend or suspend, each with the rule."""

IN_FORCE = date(2016, 12, 5)  #: consolidation applications came in: SI 2016/1077

PROCEDURE = "pharmacy-consolidation"
WITH_APPLICATION = 2  #: the version of the procedure since which nothing is circulated without the application (para 9)
PREFIX = "PC"


class Capacity(StrEnum):
    """In which capacity the Board was notified (Sch 2 para 19(4) and (5))."""

    RELEVANT = "relevant"  #: the premises are in our area: the Board must make a representation
    NEIGHBOURING = "neighbouring"  #: within two kilometres of them: the Board may comment


class Route(StrEnum):
    """How the application is dealt with (report recommendations (i) and (ii))."""

    NON_CONTENTIOUS = "non-contentious"
    CONTENTIOUS = "contentious"


DELEGATIONS = {Route.NON_CONTENTIOUS: "recommendation-i", Route.CONTENTIOUS: "recommendation-ii"}
"""The delegation, by its id in the council's file, under which each route is decided."""


class Opinion(StrEnum):
    """The statutory opinion: there is no third value (Sch 2 para 19(5))."""

    GAP = "gap"
    NO_GAP = "no-gap"


class Answer(StrEnum):
    """What a consultee may answer; only the first two are opinions."""

    GAP = "gap"
    NO_GAP = "no-gap"
    NO_COMMENT = "no-comment"


class Interest(StrEnum):
    """What a consultee declares with a response (report para 12)."""

    NONE = "none"
    DECLARED = "declared"


class LocalClock(StrEnum):
    """The times that the council set itself, which its officer can extend or suspend within its file's bounds."""

    CIRCULATION = "circulation"
    FEEDBACK = "feedback"
    COMMENTS = "comments"


class Outcome(StrEnum):
    """How NHS England or the ICB determined the application (reg 26A)."""

    GRANTED = "granted"
    REFUSED = "refused"


ATTACHED = (
    DocumentKind.APPLICATION, DocumentKind.SPATIAL_ANALYSIS, *ASSESSMENTS, DocumentKind.OTHER,
)  # fmt: skip
CIRCULATED = (
    DocumentKind.APPLICATION, DocumentKind.SPATIAL_ANALYSIS, DocumentKind.ASSESSMENT, DocumentKind.SCREENING,
)  # fmt: skip


OPINION_IN_WORDS = {
    Opinion.GAP: (
        "would create a gap in pharmaceutical services that could be met by a routine application "
        "to meet a current or future need for pharmaceutical services, or to secure improvements, or "
        "better access, to pharmaceutical services"
    ),
    Opinion.NO_GAP: (
        "would not create a gap in pharmaceutical services that could be met by a routine application "
        "to meet a current or future need for pharmaceutical services, or to secure improvements, or "
        "better access, to pharmaceutical services"
    ),
}

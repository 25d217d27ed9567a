"""What may be attached to a case, of whatever procedure."""

from __future__ import annotations

from enum import StrEnum


class DocumentKind(StrEnum):
    """The kinds of document; each procedure says which of them are attached to its cases."""

    APPLICATION = "application"
    SPATIAL_ANALYSIS = "spatial-analysis"
    ASSESSMENT = "equality-impact-assessment"
    SCREENING = "equality-screening"
    NARRATIVE_PLAN = "narrative-plan"
    PLANNING_RETURN = "planning-return"
    CAPACITY_AND_DEMAND_PLAN = "capacity-and-demand-plan"
    POOL_TABLE = "pool-table"
    REPORT = "report"
    BACKGROUND_PAPER = "background-paper"
    BUSINESS_CASE = "business-case"
    AGREEMENT = "agreement"
    MINUTES = "minutes"
    EVIDENCE = "evidence"
    LETTER = "letter"
    OTHER = "other"


ASSESSMENTS = (DocumentKind.ASSESSMENT, DocumentKind.SCREENING)

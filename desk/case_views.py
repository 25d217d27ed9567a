"""How a case is read from its record, and which procedure it follows, by the procedure's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.pharmacy import PharmacyCase
from models.pharmacy_words import PROCEDURE

if TYPE_CHECKING:
    from tasks.calendar_changes import OpenCase, Versions

VIEWS: Mapping[str, OpenCase] = {PROCEDURE: PharmacyCase}


def versions_of(procedure: str) -> Versions:
    """Return the versions of a procedure by their number; imports Prefect, in whose words procedures are written."""
    from flows.pharmacy_consolidation import VERSIONS

    known: dict[str, Mapping[int, Any]] = {PROCEDURE: VERSIONS}
    return known[procedure]

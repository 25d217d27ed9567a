"""How a case is read from its record, and which procedure it follows, by the procedure's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flows import flow_module
from tasks.procedures import PLACES, procedure_named

if TYPE_CHECKING:
    from tasks.calendar_changes import OpenCase, Versions


VIEWS: Mapping[str, OpenCase] = {name: procedure_named(name).view for name in PLACES}


def versions_of(procedure: str) -> Versions:
    """Return the versions of a procedure by their number; imports Prefect, in whose words procedures are written."""
    found: Versions = flow_module(procedure).VERSIONS
    return found

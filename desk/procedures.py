"""The procedures as Prefect starts them: by this module, so that a stock worker's process finds an office too."""

from __future__ import annotations

import os

from desk.engine import PrefectEngine
from desk.office import open_office
from desk.runs import Runs
from desk.settings import settings
from flows.pharmacy_consolidation import pharmacy_consolidation
from models.pharmacy_words import PROCEDURE
from tasks.turns import Office, make_office_with

PROCEDURES = {PROCEDURE: (pharmacy_consolidation, "desk.procedures:pharmacy_consolidation")}
"""Each procedure's flow and the entrypoint by which Prefect loads it."""


def _office_of_a_lone_run() -> Office:
    """Open an office for a run that no desk started: settings, clock and engine as everywhere."""
    office = open_office(settings())
    api_url = os.environ.get("PREFECT_API_URL") or settings().prefect_api_url
    office.engine = PrefectEngine(Runs(api_url, os.environ.get("PREFECT_API_AUTH_STRING")))
    return office


make_office_with(_office_of_a_lone_run)

__all__ = ["PROCEDURES", "pharmacy_consolidation"]

"""The procedures as Prefect starts them: by this module, so that a stock worker's process finds an office too."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from prefect import Flow

from desk.engine import PrefectEngine
from desk.office import open_office
from desk.runs import Runs
from desk.settings import settings
from flows import FLOWS, flow_module
from tasks.turns import Office, make_office_with

PROCEDURES: Mapping[str, tuple[Flow[..., Any], str]] = {
    name: (getattr(flow_module(name), place.partition(":")[2]), f"desk.procedures:{place.partition(':')[2]}")
    for name, place in FLOWS.items()
}
"""Each procedure's flow and the entrypoint by which Prefect loads it."""

globals().update({entrypoint.partition(":")[2]: flow for flow, entrypoint in PROCEDURES.values()})


def _office_of_a_lone_run() -> Office:
    """Open an office for a run that no desk started: settings, clock and engine as everywhere."""
    office = open_office(settings())
    api_url = os.environ.get("PREFECT_API_URL") or settings().prefect_api_url
    office.engine = PrefectEngine(Runs(api_url))
    return office


make_office_with(_office_of_a_lone_run)

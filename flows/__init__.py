"""The procedures, one paper per file: read these first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType

FLOWS: Mapping[str, str] = {
    "pharmacy-consolidation": "flows.pharmacy_consolidation:pharmacy_consolidation",
    "better-care-plan": "flows.better_care_plan:better_care_plan",
    "grant": "flows.grant_ratification:grant_ratification",
    "key-decision": "flows.key_decision:key_decision",
    "joint-commissioning-item": "flows.joint_commissioning:joint_commissioning_item",
    "daily-heads": "flows.daily_heads:daily_heads",
}
"""Where the flow of each procedure is written down; one is imported when it is asked for, and Prefect with it."""


def flow_module(procedure: str) -> ModuleType:
    """Return the module of a procedure's flow, which holds its VERSIONS as well."""
    return import_module(FLOWS[procedure].partition(":")[0])


def turn_of(procedure: str) -> Callable[[str], str]:
    """Return what takes a turn of a case of a procedure, by its reference, without Prefect's engine."""
    name = FLOWS[procedure].partition(":")[2]
    found: Callable[[str], str] = getattr(flow_module(procedure), name).fn
    return found

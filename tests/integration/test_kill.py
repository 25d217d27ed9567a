"""Killing the desk at any moment loses no fact and sends no letter twice: beside a real Prefect server.

What has nothing to do with Prefect is killed in test_kill_points.py; the whole is `python -m benchmarks.killmatrix`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import pytest

from desk.deployments import deploy
from models.failpoints import POINTS
from tests.integration.kill_on_prefect import play_on_prefect

pytestmark = pytest.mark.prefect

ALWAYS = [
    "run-created",
    "case-rested:2",
    "verb-recorded",
    "step-committed/circulated",
    "prefect-answered/set_state SCHEDULED:2",
]
ON_DEMAND = [
    "case-reconciled",
    "turn-claimed",
    "artifact-published:2",
    "turn-ended:2",
    "case-closed",
    "prefect-asked/set_state RUNNING:2",
    "letter-accepted/circulation:3",
]
KILLED_AT = [*ALWAYS, *(ON_DEMAND if os.environ.get("KILLS") == "all" else [])]
"""Five places in every run; all of them by `KILLS=all ./cleardays test tests/integration/test_kill.py`."""


@pytest.fixture(scope="module")
def deployments(prefect_server: str) -> Mapping[str, UUID]:
    """The cases' deployment and the officers' forms, made once."""
    return deploy(prefect_server, forms_of=("pharmacy-consolidation",))


@pytest.mark.parametrize("dies_at", KILLED_AT)
def test_killing_the_desk_loses_no_fact_and_sends_no_letter_twice(
    dies_at: str, tmp_path: Path, prefect_server: str, deployments: Mapping[str, UUID]
) -> None:
    """The case goes on with the next desk as if nothing had happened."""
    play_on_prefect(dies_at, tmp_path, f"sqlite:///{tmp_path}/cases.db", prefect_server, deployments)


def test_every_failpoint_is_tried() -> None:
    """No failpoint is named that no process was killed at; those of migrations are test_upgrades.py's."""
    from tests.integration.test_kill_points import CUT

    tried = [*ALWAYS, *ON_DEMAND, *(cell.point for cell in CUT)]
    assert {point.partition("/")[0].partition(":")[0] for point in tried} == {
        point for point in POINTS if not point.startswith("migration-")
    }

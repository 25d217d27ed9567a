"""The fixtures of the stories of a Better Care plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from story_better_care import PlanOffice

from models.council import Council


@pytest.fixture
def plan(council: Council, tmp_path: Path) -> Iterator[PlanOffice]:
    """Return an office of the shipped council; after the story, its letters and record are checked."""
    office = PlanOffice(council, tmp_path)
    yield office
    if office.played is not None:
        office.is_sound()

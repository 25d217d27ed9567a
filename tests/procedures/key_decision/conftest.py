"""The fixtures of the stories of key decisions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from story_key_decision import Office, check

from models.council import Council


@pytest.fixture
def office(council: Council) -> Iterator[Office]:
    """Return Democratic Services of the shipped council; after the story its letters and record are checked."""
    opened = Office(council)
    yield opened
    check(opened)

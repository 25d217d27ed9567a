"""The fixtures of the stories of items before the Joint Commissioning Board."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from story_joint_commissioning import Board, check

from models.council import Council


@pytest.fixture
def board(council: Council) -> Iterator[Board]:
    """Return the Board's support of the shipped council; after the story its letters and record are checked."""
    opened = Board(council)
    yield opened
    check(opened)

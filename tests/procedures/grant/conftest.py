"""The fixtures of the stories of a grant."""

from __future__ import annotations

import pytest
from story_board import Board

from models.council import Council


@pytest.fixture
def board(council: Council) -> Board:
    """Return an office of the shipped council, to which the grant of 2017 has been announced."""
    opened = Board(council)
    opened.announces()
    return opened

"""The fixtures of the stories of a grant; after each story its letters and record are checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from story_board import Board
from story_checks import check_soundness

from models.council import Council


@pytest.fixture
def board_of() -> Iterator[Callable[[Council], Board]]:
    """Return a function that opens an office of a council."""
    opened: list[Board] = []

    def open_board(council: Council) -> Board:
        opened.append(Board(council))
        return opened[-1]

    yield open_board
    for board in opened:
        if board.played is not None:
            check_soundness(board.playing)


@pytest.fixture
def board(council: Council, board_of: Callable[[Council], Board]) -> Board:
    """Return an office of the shipped council, to which the grant of 2017 has been announced."""
    opened = board_of(council)
    opened.announces()
    return opened

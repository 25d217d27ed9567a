"""The fixtures of the stories of a grant; after each story its letters and record are checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from story_board import Board
from story_checks import check_words, never_twice

from models.council import Council
from models.facts import check_chain


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
            check(board)


@pytest.fixture
def board(council: Council, board_of: Callable[[Council], Board]) -> Board:
    """Return an office of the shipped council, to which the grant of 2017 has been announced."""
    opened = board_of(council)
    opened.announces()
    return opened


def check(board: Board) -> None:
    """Check a story: another turn adds nothing, the record chains, letters are whole and never written twice."""
    before = board.playing.record.head
    board.playing.settle()
    assert board.playing.record.head == before
    assert check_chain(board.playing.record) == before
    for letter in board.playing.letters:
        check_words(letter)
        assert letter.draft.address.endswith("@example.org")
    never_twice(board.playing.letters)

"""What goes wrong around a grant: letters that do not arrive, and an office that nobody holds."""

from __future__ import annotations

from collections.abc import Callable

from story_board import Board

from models.council import Council
from models.outgoing import LetterState

OFFICER = "service-director-adults"
CouncilWith = Callable[..., Council]
BoardOf = Callable[[Council], Board]


def test_a_letter_that_came_back_is_put_to_the_officer_until_it_is_settled(board: Board) -> None:
    """A clerk who had no letter would put nothing on an agenda: somebody by name sees that they are told."""
    board.mail_to("cabinet", is_=LetterState.REFUSED)
    board.waits_until("2017-07-04")
    (told,) = board.words("case-letter-lost", OFFICER)
    assert told.startswith("A letter to Cabinet may not have arrived: GR-2017-001")
    assert "cleardays settle GR-2017-001 --consultee cabinet --fate received" in told

    board.does("settle", on="2017-07-04", consultee="cabinet", fate="not-received", reasons="Not in the inbox.")
    board.does("settle", on="2017-07-05", consultee="cabinet", fate="received", reasons="Told by telephone.")
    assert board.facts("letter-sent")[-1]["letter"] == "informed/meeting of 2017-07-18: cabinet, 14 days before/cabinet"
    told = board.is_refused("settle", on="2017-07-05", consultee="cabinet", fate="received", reasons="Again.")
    assert told == "no letter to cabinet is in question; there is nothing to settle"
    assert len(board.words("case-letter-lost")) == 1


def test_a_vacant_office_is_escalated_once_and_the_case_goes_on(council_with: CouncilWith, board_of: BoardOf) -> None:
    """A case does not wait unheard: while nobody is Service Director, those on the escalation list are told."""
    held = "{person: hester-ravenscroft, from: 2016-12-05"
    vacant = council_with((f"{held}}}", f"{held}, until: 2017-06-30}}"))
    board = board_of(vacant)
    board.announces()
    board.waits_until("2017-06-30T23:59:59")
    assert not board.words("case-office-vacant")
    board.waits_until("2017-07-10")
    assert board.recipients("case-office-vacant") == ["director-of-public-health", "monitoring-officer", "board-chair"]
    assert len(board.words("case-office-vacant")) == 3
    assert board.written_about("Cabinet on", "gr-meeting-ahead", "cabinet") == ["2017-07-04", "2017-07-07"]
    assert board.written_about("Cabinet on", "gr-meeting-ahead", OFFICER) == []

"""An outcome that was entered by mistake is taken back with a reason: a new fact, and those concerned are told."""

from __future__ import annotations

from story_board import Board

WRONG = "The minute is that of another item."


def test_an_agreement_entered_by_mistake_is_taken_back_and_recorded_anew(board: Board) -> None:
    """P15: the chain stands where it stood before; the wrong entry and the reason stay on the record."""
    board.agree_up_to("council")
    wrong = board.facts("stage-agreed")[-1]
    told = board.does("retract", on="2017-07-18", fact=wrong.number, reasons=WRONG)
    assert told == f"Fact {wrong.number} is taken back; it stays on the record. Record what the Cabinet did."
    assert board.case.agreed("cabinet") is None
    assert board.fact("entry-retracted").actor == "cabinet"
    (letter,) = board.words("gr-taken-back", "full-council")
    assert letter.startswith("Taken back: agreement of the Cabinet of Tuesday 18 July 2017")
    assert WRONG in letter

    board.records("cabinet", on="2017-07-18T15:00", held_on="2017-07-18", minute="CAB/17/32")
    agreed = board.case.agreed("cabinet")
    assert agreed is not None
    assert agreed["minute"] == "CAB/17/32"
    assert board.waits_for()[0] == "Awaiting Council"


def test_what_is_not_recorded_anew_by_the_next_morning_is_escalated(board: Board) -> None:
    """Whoever takes an outcome back has the day to enter the right one; then nobody knows what the body did."""
    board.agree_up_to("council")
    board.does("retract", on="2017-07-19", fact=board.facts("stage-agreed")[-1].number, reasons=WRONG)
    assert board.waits_for()[0] == "Awaiting officer: outcome of Cabinet"
    board.waits_until("2017-07-19T23:59")
    assert not board.facts("deadline-passed")
    board.waits_until("2017-07-20")
    assert [fact["name"] for fact in board.facts("deadline-passed")] == ["outcome of cabinet"]


def test_what_rests_on_it_is_taken_back_first(board: Board) -> None:
    """The Council accepted what the Cabinet approved: the one is not taken from under the other."""
    board.agree_up_to("health-and-wellbeing-board")
    cabinet, council = board.facts("stage-agreed")[-2:]
    told = board.is_refused("retract", on="2017-07-20", fact=cabinet.number, reasons=WRONG)
    assert told == f"the Council agreed after it, fact {council.number}; take that back first, or leave both"
    for each in (council, cabinet):
        board.does("retract", on="2017-07-20", fact=each.number, reasons=WRONG)
    assert [stage.id for stage in board.case.open_stages] == ["cabinet"]
    told = board.is_refused("retract", on="2017-07-20", fact=cabinet.number, reasons=WRONG)
    assert "is no outcome that can be taken back; those of this case are: " in told


def test_those_told_of_a_ratification_hear_that_it_was_none_and_then_the_right_one(board: Board) -> None:
    """Rec (i): the money is spent on its word."""
    board.agree_up_to("")
    ratified = board.facts("stage-agreed")[-1]
    told = len(board.words("gr-ratified", "board-chair"))
    board.does("retract", on="2017-07-26T15:00", fact=ratified.number, reasons=WRONG)
    assert not board.case.ratified
    board.records("health-and-wellbeing-board", on="2017-07-26T16:00", held_on="2017-07-26", minute="HWB/9")
    assert len(board.words("gr-ratified", "board-chair")) == told + 1 == 2


def test_a_deferral_is_taken_back(board: Board) -> None:
    """What was put off by mistake is decided at the meeting at which it was."""
    board.agree_up_to("cabinet")
    later = next(day for day in board.council.body("cabinet").meetings if day.isoformat() > "2017-07-18")
    board.records("cabinet", "deferred", on="2017-07-18", to=later.isoformat())
    board.does("retract", on="2017-07-18", fact=board.fact("deferred").number, reasons=WRONG)
    board.records("cabinet", on="2017-07-18T16:00", held_on="2017-07-18")
    agreed = board.case.agreed("cabinet")
    assert agreed is not None
    assert agreed["held_on"] == "2017-07-18"

"""The grant of 2017 through its chain of bodies, told by date."""

from __future__ import annotations

from story_board import FIRST_YEAR, WHOLE, Board

from models.cases import Status

OFFICER = "service-director-adults"


def test_the_grant_of_2017_is_ratified_on_the_reports_own_dates(board: Board) -> None:
    """P15, 001:3996-4075: two boards in principle, Cabinet 18 July, Council 19 July, the Board 26 July 2017."""
    assert board.plan() | {"integration-board": "2017-06-22"} == {
        "integration-board": "2017-06-22", "commissioning-partnership-board": "2017-07-06",
        "cabinet": "2017-07-18", "council": "2017-07-19", "health-and-wellbeing-board": "2017-07-26",
        "health-and-wellbeing-board-2018-19": "2018-01-17", "council-2018-19": "2018-02-21",
        "health-and-wellbeing-board-2019-20": "2019-01-16", "council-2019-20": "2019-02-20",
    }  # fmt: skip
    assert board.waits_for() == ("Awaiting agreement in principle", "2017-06-22")

    board.records("integration-board", on="2017-06-22")
    assert board.waits_for() == ("Awaiting agreement in principle", "2017-07-06")
    board.records("commissioning-partnership-board", on="2017-07-06")
    assert board.waits_for() == ("Awaiting Cabinet", "2017-07-18")
    board.records("cabinet", on="2017-07-18")
    assert board.waits_for() == ("Awaiting Council", "2017-07-19")
    board.records("council", on="2017-07-19")
    assert board.waits_for() == ("Awaiting Health and Wellbeing Board", "2017-07-26")
    board.is_ready_to_be_ratified(on="2017-07-20")
    told = board.records("health-and-wellbeing-board", on="2017-07-26")
    assert told == "Recorded: the Health and Wellbeing Board agreed £4,981,651 on Wednesday 26 July 2017."
    assert board.waits_for() == ("Awaiting budgets of later years", "2018-01-17")
    assert board.recipients("gr-ratified")[0] == OFFICER
    assert "Expenditure of £4,981,651 in 2017/18 is ratified" in board.words("gr-ratified", OFFICER)[0]


def test_papers_are_due_five_clear_working_days_before_each_meeting(board: Board) -> None:
    """001:294: before 26 July 2017 that is Tuesday 18 July; before the Cabinet of the 18th, Monday 10 July."""
    papers = board.papers()
    assert papers["health-and-wellbeing-board"] == "2017-07-18"
    assert papers["cabinet"] == "2017-07-10"
    assert papers["council"] == "2017-07-11"


def test_the_two_boards_agree_in_either_order(board: Board) -> None:
    """001:4042-4043: agreed in principle at both boards; the report gives them no order."""
    board.records("commissioning-partnership-board", on="2017-07-06")
    assert board.waits_for()[0] == "Awaiting officer: outcome of Integration Board"
    board.records("integration-board", on="2017-07-07", held_on="2017-06-22")
    assert board.waits_for() == ("Awaiting Cabinet", "2017-07-18")


def test_a_stage_out_of_order_is_refused_with_the_stage_that_is_missing(board: Board) -> None:
    """001:4017: "Subject to Cabinet approval, Full Council will consider …": nothing overtakes."""
    board.records("integration-board", on="2017-06-22")
    cabinet = {"stage": "cabinet", "outcome": "agreed", "amount": WHOLE, "minute": "C/1"}
    told = board.is_refused("record-stage", on="2017-07-18", **cabinet)
    assert told.startswith("the Cabinet comes after the Commissioning Partnership Board, which has not agreed yet")
    council = {"stage": "council", "outcome": "refused", "reasons": "No.", "minute": "C/2"}
    told = board.is_refused("record-stage", on="2017-07-19", **council)
    assert told.startswith("the Council comes after the Cabinet, which has not agreed yet")
    assert f"cleardays record-stage {board.case.ref} --stage cabinet" in told
    told = board.is_refused("record-stage", on="2017-07-20", stage="council-2018-19", outcome="agreed", minute="C/3")
    assert "comes after the Health and Wellbeing Board" in told


def test_a_body_that_met_before_the_one_it_waits_for_is_refused(board: Board) -> None:
    """001:4017, 4042-4045: the meetings are in order, whenever they are entered."""
    board.agree_up_to("council")
    council = {"stage": "council", "outcome": "agreed", "amount": WHOLE, "minute": "C/1"}
    told = board.is_refused("record-stage", on="2017-07-20", held_on="2017-07-17", **council)
    assert told == (
        "the Council comes after the Cabinet, which met on Tuesday 18 July 2017; Monday 17 July 2017 is before that"
    )


def test_a_refusal_stops_the_chain_and_those_concerned_are_told(board: Board) -> None:
    """P15, 001:4017: what is "subject to Cabinet approval" ends with the Cabinet's refusal."""
    board.agree_up_to("cabinet")
    told = board.records("cabinet", "refused", on="2017-07-18", reasons="The carers' scheme is not costed.")
    assert told == "Recorded: the Cabinet refused. The chain stops; the case closes."
    assert board.outcome == "refused by Cabinet"
    told_to = board.recipients("gr-refused")
    assert told_to[0] == OFFICER
    assert {"cabinet", "full-council", "democratic-services", "board-chair", "ccg-accountable-officer"} <= set(told_to)
    letter = board.words("gr-refused", "full-council")[0]
    assert letter.startswith("Refused by the Cabinet on Tuesday 18 July 2017")
    assert "The carers' scheme is not costed." in letter
    assert board.status("Council") is Status.FELL_AWAY
    board.waits_until("2017-08-30")
    assert not board.words("gr-outcome-missing")


def test_a_refusal_in_principle_stops_the_chain_before_the_cabinet(board: Board) -> None:
    """001:4042-4043: the first of the bodies can refuse as well as the last."""
    board.records("integration-board", "refused", on="2017-06-22")
    assert board.outcome == "refused by Integration Board"


def test_a_refusal_without_reasons_is_not_taken(board: Board) -> None:
    """Those concerned are told why a body refused."""
    told = board.is_refused("record-stage", on="2017-06-22", stage="integration-board", outcome="refused", minute="I/1")
    assert told == "say why the Integration Board refused (--reasons); those concerned are told"


def test_what_has_agreed_stands(board: Board) -> None:
    """A recorded agreement is not recorded twice, and not turned round."""
    board.records("integration-board", on="2017-06-22")
    told = board.is_refused("record-stage", on="2017-06-23", stage="integration-board", outcome="refused", minute="I/2")
    assert told.startswith("the Integration Board agreed on Thursday 22 June 2017")


def test_later_years_go_to_the_board_and_the_council_each_february(board: Board) -> None:
    """001:4066-4075 (12): £3.16M and £1.57m come before the Board in due course and the Council in February."""
    board.agree_up_to("nothing left")
    assert board.outcome is None
    assert board.waits_for() == ("Awaiting budgets of later years", "2018-01-17")
    board.records("health-and-wellbeing-board-2018-19", on="2018-01-17", amount="£3,161,704")
    board.records("council-2018-19", on="2018-02-21", amount="3161704")
    assert board.waits_for() == ("Awaiting budgets of later years", "2019-01-16")
    board.records("council-2019-20", on="2019-02-20", amount="£1,567,547")     # either order
    board.records("health-and-wellbeing-board-2019-20", on="2019-02-21", held_on="2019-01-16", amount="£1,567,547")
    assert board.outcome == "ratified"


def test_a_council_that_refuses_a_later_year_leaves_the_first_ratified(board: Board) -> None:
    """001:4066-4075 (12): each year's budget is the Council's to set; what was ratified stays so."""
    board.agree_up_to("nothing left")
    board.records("council-2018-19", "refused", on="2018-02-21")
    assert board.outcome == "ratified; refused by Council, 2018/19"


def test_a_withdrawn_grant_ends_and_every_body_is_told(board: Board) -> None:
    """A grant can be withdrawn at any stage: nobody is asked any more."""
    board.records("integration-board", on="2017-06-22")
    board.does("withdraw", on="2017-07-01", reasons="The Department has withdrawn it.")
    assert board.outcome == "withdrawn"
    told_to = set(board.recipients("gr-withdrawn"))
    assert {OFFICER, "cabinet", "full-council", "democratic-services", "board-chair"} <= told_to


def test_amounts_agreed_are_those_asked_to_the_pound(board: Board) -> None:
    """001:4019, 4033: the Council accepts £9,710,902, not a pound less."""
    board.agree_up_to("council")
    asked = {"stage": "council", "outcome": "agreed", "minute": "C/1"}
    told = board.is_refused("record-stage", on="2017-07-19", amount="£9,710,900", **asked)
    assert told.startswith("£9,710,900 is £2 less than the £9,710,902 that the Council is asked for")
    told = board.is_refused("record-stage", on="2017-07-19", **asked)
    assert told == "say for how much the Council agreed (--amount); it is asked for £9,710,902"
    told = board.is_refused("record-stage", on="2017-07-19", amount="£9.71m", **asked)
    assert told.startswith("£9,710,000 is £902 less")


def test_papers_that_were_out_too_late_are_a_breach_on_the_record(board: Board) -> None:
    """001:294; LGA 1972 s.100B(4): a late item is taken only for reasons of urgency, which the chair has minuted."""
    board.agree_up_to("council")
    late = {"stage": "council", "outcome": "agreed", "amount": WHOLE, "minute": "C/1", "papers_on": "2017-07-12"}
    unsaid = board.is_refused("record-stage", on="2017-07-19", **late | {"papers_on": None})
    assert unsaid.startswith("say on which day the papers for the Council were out (--papers-on)")
    told = board.is_refused("record-stage", on="2017-07-19", **late)
    assert told.startswith("papers for the Council were due by Tuesday 11 July 2017: say why its chair let it be taken")
    told = board.does("record-stage", on="2017-07-19", **late, urgency="The offer lapses on 31 July.")
    assert "Its papers were out late; its chair took it as urgent (LGA 1972 s.100B(4)(b)), as minuted." in told
    assert board.case.breaches() == [
        "papers for the Council were out on Wednesday 12 July 2017, later than 5 clear working days before "
        "(Local Government Act 1972 Sch 12 para 4; the constitution counts working days); taken as urgent "
        "(LGA 1972 s.100B(4)(b)): The offer lapses on 31 July."
    ]
    assert board.status("papers: Council") is Status.MET_LATE


def test_the_cabinet_does_not_consider_an_item_whose_papers_are_late(board: Board) -> None:
    """001:294; SI 2012/2089 reg 7: no urgency opens the Cabinet to late papers; it is put off to a later meeting."""
    board.agree_up_to("cabinet")
    late = {"stage": "cabinet", "outcome": "agreed", "amount": WHOLE, "minute": "C/1", "papers_on": "2017-07-11"}
    for urgency in (None, "The offer lapses."):
        told = board.is_refused("record-stage", on="2017-07-18", **late, urgency=urgency)
        assert told.startswith("papers for the Cabinet were due by Monday 10 July 2017: an item whose papers are out")
    board.records("cabinet", "deferred", on="2017-07-18", to="2017-08-15", papers_on="2017-07-11")
    assert board.plan()["cabinet"] == "2017-08-15"


def test_the_first_year_is_what_the_boards_agree_in_principle(board: Board) -> None:
    """001:4042 (7): the proposals of Appendix 1 are those for 2017/18, £4,981,651."""
    told = board.is_refused(
        "record-stage", on="2017-06-22", stage="integration-board", outcome="agreed", amount=WHOLE, minute="I/1"
    )
    assert f"than the {FIRST_YEAR} that the Integration Board is asked for" in told

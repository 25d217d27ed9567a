"""The meetings of a grant: planned from published dates, reminded of, put off, passed over, planned anew."""

from __future__ import annotations

from collections.abc import Callable

from story_board import Board

from models.cases import Status
from models.council import Council

OFFICER = "service-director-adults"
CouncilWith = Callable[..., Council]
BoardOf = Callable[[Council], Board]


def test_officer_and_clerk_are_reminded_before_each_meeting(board: Board) -> None:
    """001:4042-4045: before the Cabinet of 18 July: on the 4th and Friday the 7th, ahead of papers, and the 17th."""
    board.agree_up_to("cabinet")
    board.waits_until("2017-07-18")
    assert board.written_about("Cabinet on", "gr-meeting-ahead", OFFICER) == ["2017-07-04", "2017-07-07", "2017-07-17"]
    assert board.written_on("gr-meeting-ahead", "cabinet") == ["2017-07-04", "2017-07-07", "2017-07-17"]
    first, *_, last = board.words("gr-meeting-ahead", "cabinet")
    assert first.startswith("In 14 days: Cabinet on Tuesday 18 July 2017, papers out by Monday 10 July 2017: GR-")
    assert "The Commissioning Partnership Board has not agreed yet." in first
    assert "Its papers had to be out by Monday 10 July 2017." in last


def test_the_reminder_says_what_would_keep_agreement_from_being_recorded(board: Board) -> None:
    """001:4105-4114, 4136-4246: an unexplained £1,651 and the open "Yes/No" are named before the Board meets."""
    board.agree_up_to("health-and-wellbeing-board")
    board.waits_until("2017-07-25")
    *_, last = board.words("gr-meeting-ahead", "democratic-services")
    assert "Its agreement could not be recorded as things stand:" in last
    assert "which is £1,651 less than the allocation for 2017/18" in last


def test_a_meeting_that_passes_without_an_outcome_is_escalated_the_next_morning(board: Board) -> None:
    """001:4042-4045: somebody by name is asked what the Cabinet did, and the case goes on waiting for that."""
    board.agree_up_to("cabinet")
    board.waits_until("2017-07-19T08:59")
    assert not board.words("gr-outcome-missing")
    board.waits_until("2017-07-19T09:00")
    assert board.recipients("gr-outcome-missing") == ["director-of-public-health", "monitoring-officer", "board-chair"]
    assert board.waits_for() == ("Awaiting officer: outcome of Cabinet", None)
    assert board.status("Cabinet") is Status.PASSED
    assert board.case.overdue
    board.waits_until("2017-09-30")
    assert len(board.words("gr-outcome-missing")) == 3

    board.records("cabinet", on="2017-09-30", held_on="2017-07-18")
    assert board.status("Cabinet") is Status.MET
    assert board.plan()["council"] == "2017-07-19"                 # its own outcome may be waiting to be entered too
    assert board.waits_for() == ("Awaiting officer: outcome of Council", None)


def test_a_deferral_moves_the_plan_and_says_which_later_stages_still_fit(board: Board) -> None:
    """001:4042-4045: put off to 15 August, the Cabinet is after the Council of 19 and the Board of 26 July."""
    board.agree_up_to("cabinet")
    told = board.records("cabinet", "deferred", on="2017-07-18", to="2017-08-15")
    assert told == (
        "Recorded: the Cabinet deferred it to Tuesday 15 August 2017. No longer fitting: "
        "Council, was Wednesday 19 July 2017, now Wednesday 20 September 2017; "
        "Health and Wellbeing Board, was Wednesday 26 July 2017, now Wednesday 18 October 2017."
    )
    plan = board.plan()
    assert (plan["cabinet"], plan["council"], plan["health-and-wellbeing-board"]) == (
        "2017-08-15", "2017-09-20", "2017-10-18",
    )  # fmt: skip
    assert plan["council-2018-19"] == "2018-02-21"
    assert board.papers()["cabinet"] == "2017-08-07"
    assert board.waits_for() == ("Awaiting Cabinet", "2017-08-15")
    *_, letter = board.words("gr-plan", OFFICER)
    assert letter.startswith("Next: Cabinet on Tuesday 15 August 2017, papers out by Monday 7 August 2017")
    assert "Council: was Wednesday 19 July 2017, now Wednesday 20 September 2017" in letter
    (deadline,) = [each for each, _ in board.case.deadlines() if each.name == "Cabinet"]
    assert "Before: Tuesday 18 July 2017; moved by cleardays: deferred by the Cabinet" in " ".join(deadline.explain())


def test_a_deferral_of_the_last_body_leaves_the_later_stages_where_they_fit(board: Board) -> None:
    """001:122-126, 4066-4075: from 26 July to 18 October 2017, still before the budgets of February 2018."""
    board.agree_up_to("health-and-wellbeing-board")
    told = board.records("health-and-wellbeing-board", "deferred", on="2017-07-26", to="2017-10-18")
    assert told.endswith("The later stages still fit.")


def test_a_deferral_names_a_published_meeting(board: Board) -> None:
    """001:122-126: the Board does not meet between 26 July and 18 October 2017."""
    board.agree_up_to("health-and-wellbeing-board")
    put_off = {"stage": "health-and-wellbeing-board", "outcome": "deferred", "minute": "HWB/17/9"}
    told = board.is_refused("record-stage", on="2017-07-26", to="2017-09-01", reasons="Not ready.", **put_off)
    assert told.startswith(
        "Friday 1 September 2017 is not a published meeting of the Health and Wellbeing Board after Wednesday 26 July "
        "2017; the next are: Wednesday 18 October 2017, Wednesday 17 January 2018"
    )
    assert "say to which meeting" in board.is_refused("record-stage", on="2017-07-26", reasons="Not ready.", **put_off)
    assert "say why" in board.is_refused("record-stage", on="2017-07-26", to="2017-10-18", **put_off)
    agreed = {**put_off, "outcome": "agreed", "amount": "£4,981,651"}
    told = board.is_refused("record-stage", on="2017-07-26", to="2017-10-18", **agreed)
    assert "goes with --outcome deferred" in told


def test_a_stage_can_be_put_off_again_and_again(board: Board) -> None:
    """The report sets no limit to deferrals; each is a fact, and the days it was planned for are kept."""
    board.agree_up_to("council")
    board.records("council", "deferred", on="2017-07-19", to="2017-09-20")
    board.records("council", "deferred", on="2017-09-20", to="2017-11-15")
    assert board.plan()["council"] == "2017-11-15"
    assert board.plan()["health-and-wellbeing-board"] == "2018-01-17"
    assert board.plan()["health-and-wellbeing-board-2018-19"] == "2018-03-14"
    assert [fact["meets_on"] for fact in board.case.plans("council")] == ["2017-07-19", "2017-09-20", "2017-11-15"]


def test_what_was_put_off_is_not_agreed_before_the_later_meeting(board: Board) -> None:
    """001:4042-4045: deferred on 18 July to 15 August, the Cabinet did not agree on 18 July as well."""
    board.agree_up_to("cabinet")
    board.records("cabinet", "deferred", on="2017-07-18", to="2017-08-15")
    agreed = {"stage": "cabinet", "outcome": "agreed", "amount": "£9,710,902", "minute": "CAB/17/31"}
    refused = board.is_refused("record-stage", on="2017-07-20", held_on="2017-07-18", **agreed)
    assert refused.startswith("the Cabinet put it off to Tuesday 15 August 2017; what it did on Tuesday 18 July 2017")
    for outcome in ("refused", "deferred"):
        again = {**agreed, "outcome": outcome, "amount": None, "reasons": "So.", "held_on": "2017-07-18"}
        assert "put it off" in board.is_refused("record-stage", on="2017-07-20", **again)
    board.records("cabinet", on="2017-08-15")
    assert board.plan()["council"] == "2017-09-20"


def test_only_a_published_meeting_or_a_special_one_with_notice_agrees(board: Board) -> None:
    """001:294; LGA 1972 s.100A(6), Sch 12 para 4: the public was told of it; on Saturday 22 July no Council met."""
    board.agree_up_to("council")
    agreed = {"stage": "council", "outcome": "agreed", "amount": "£9,710,902", "minute": "COU/17/12"}
    saturday = {**agreed, "held_on": "2017-07-22", "papers_on": "2017-07-13"}
    refused = board.is_refused("record-stage", on="2017-07-24", **saturday)
    assert refused.startswith("the Council has no published meeting on Saturday 22 July 2017; near it are:")
    late = board.is_refused("record-stage", on="2017-07-24", **saturday, special_notice_on="2017-07-17")
    assert late.startswith("notice of the special meeting of Saturday 22 July 2017 was due by Sunday 16 July 2017")
    board.does("record-stage", on="2017-07-24", **saturday, special_notice_on="2017-07-13")
    assert board.facts("stage-agreed")[-1]["special_notice_on"] == "2017-07-13"
    assert board.plan()["health-and-wellbeing-board"] == "2017-07-26"


def test_a_body_that_met_late_without_having_said_so_moves_what_follows(board: Board) -> None:
    """001:4017: the Council cannot consider on 19 July what the Cabinet approved on 15 August."""
    board.agree_up_to("cabinet")
    board.records("cabinet", on="2017-08-16", held_on="2017-08-15")
    assert board.plan()["council"] == "2017-09-20"


def test_each_stage_is_planned_for_the_first_meeting_in_time_for_papers(council: Council, board_of: BoardOf) -> None:
    """001:294: on 15 June the papers for 22 June would be a day late; the Integration Board of 27 July takes it."""
    board = board_of(council)
    board.announces(on="2017-06-15")
    assert board.plan()["integration-board"] == "2017-07-27"
    assert board.plan()["commissioning-partnership-board"] == "2017-07-06"
    assert board.plan()["cabinet"] == "2017-08-15"

    later = board_of(council)
    later.announces(on="2017-06-12", ready_on="2017-07-10")
    assert later.plan()["commissioning-partnership-board"] == "2017-08-03"


def test_without_a_published_meeting_the_officer_is_asked_for_one(
    council: Council, council_with: CouncilWith, board_of: BoardOf
) -> None:
    """001:122-126: where the Board has no meeting after the Council's, somebody has to enter one, and it is planned."""
    board = board_of(council)
    board.announces(on="2027-10-04", letter_on="2027-09-01", years={"2027/28": "£4,981,651"}, total="£4,981,651")
    assert board.plan()["council"] == "2027-11-17"
    assert board.plan()["health-and-wellbeing-board"] is None
    (letter,) = board.words("gr-no-meeting", OFFICER)
    assert letter.startswith("No meeting to take it to: Health and Wellbeing Board")
    for stage, day in (("integration-board", "2027-10-28"), ("commissioning-partnership-board", "2027-11-04"),
                       ("cabinet", "2027-11-16"), ("council", "2027-11-17")):  # fmt: skip
        board.records(stage, on=day, amount="£4,981,651")
    assert board.waits_for() == ("Awaiting a meeting date: Health and Wellbeing Board", None)

    mended = council_with(("      - 2027-10-20\n", "      - 2027-10-20\n      - 2028-01-19\n"))
    board.mends_council_file(mended, on="2027-11-17", notice_it=False)
    board.waits_until("2027-11-18T09:00")                                 # it looks again every morning
    assert board.plan()["health-and-wellbeing-board"] == "2028-01-19"
    assert board.waits_for() == ("Awaiting Health and Wellbeing Board", "2028-01-19")
    *_, told = board.words("gr-plan", "democratic-services")
    assert told.startswith("Next: Health and Wellbeing Board on Wednesday 19 January 2028")
    board.is_ready_to_be_ratified(on="2028-01-19")
    board.records("health-and-wellbeing-board", on="2028-01-19")
    assert board.outcome == "ratified"


def test_a_meeting_that_is_no_longer_published_is_planned_anew(board: Board, council_with: CouncilWith) -> None:
    """A cancelled meeting leaves the council's file, and the plan with it; those concerned are told."""
    assert board.plan()["cabinet"] == "2017-07-18"
    cancelled = council_with((" 2017-07-18, 2017-08-15,", " 2017-08-15,"))
    board.mends_council_file(cancelled, on="2017-06-12")
    assert board.plan()["cabinet"] == "2017-08-15"
    assert board.plan()["council"] == "2017-09-20"
    *_, letter = board.words("gr-plan", OFFICER)
    assert "Cabinet: was Tuesday 18 July 2017, now Tuesday 15 August 2017" in letter


def test_nothing_is_recorded_of_a_meeting_that_lies_ahead_or_before_the_letter(board: Board) -> None:
    """001:4118-4123: the letter of 22 March 2017 begins it."""
    asked = {"stage": "integration-board", "outcome": "agreed", "amount": "£4,981,651", "minute": "I/1"}
    told = board.is_refused("record-stage", on="2017-06-20", held_on="2017-06-22", **asked)
    assert told == "the meeting of Thursday 22 June 2017 lies ahead; record it once it was held"
    told = board.is_refused("record-stage", on="2017-06-20", held_on="2017-03-21", **asked)
    assert told == "Tuesday 21 March 2017 is before the letter of Wednesday 22 March 2017 that announces the grant"
    told = board.is_refused("record-stage", on="2017-06-22", papers_on="2016-06-14", **asked)
    assert told == (
        "the publication of papers of Tuesday 14 June 2016 is more than half a year before the case began, Wednesday "
        "22 March 2017; check the year"
    )
    told = board.is_refused("record-stage", on="2017-06-22", papers_on="2017-06-23", **asked)
    assert told.startswith("papers out on Friday 23 June 2017 came after the meeting of Thursday 22 June 2017")
    told = board.is_refused("record-stage", on="2017-06-22", **{**asked, "stage": "mayor"})
    assert told.startswith("'mayor' is not a stage of this grant; still to decide are integration-board,")

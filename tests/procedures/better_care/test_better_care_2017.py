"""The plan of 2017-19, told with the paper's own dates, and its dates at the edge."""

from __future__ import annotations

from pathlib import Path

import pytest
from story_better_care import ABOVE, CHAIR, CLERK, DIRECTOR, PlanOffice

from desk.rehearsal import play
from desk.scenario import load_yaml, read_scenario
from models.cases import Status
from models.council import Council
from models.london import day_in_words
from tasks.forms import Refused

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def test_the_plan_of_2017_rehearsed_whole_ends_signed_off_in_time(council: Council) -> None:
    """001:578-800, 122-126 (P07): draft on 26 July, next Board on 18 October, submitted by 11 September 2017."""
    path = EXAMPLES / "better-care-plan.yaml"
    played = play(read_scenario(load_yaml(path)), council, beside=path.parent)
    (refused,) = played.refusals
    assert "“£XX” is an amount that was never filled in" in refused.reason
    record = played.record
    assert [fact["signatory"] for fact in record.all("signed-off")] == ["nhs", "council", "board"]
    (submitted,) = record.all("submitted")
    assert (submitted["reached_on"], submitted["late"], submitted["compliant"]) == ("2017-09-11", False, True)
    assert record.all("breach-recorded") == ()
    assert played.summary.outcome == "carried out"


def test_everybody_who_signs_hears_of_the_last_day_on_the_day_the_draft_comes(plan: PlanOffice) -> None:
    """001:578-604, (i), 3, 5 (P07): Board, Council and CCG sign; all hear the last day and the conditions."""
    assert plan.receives() == (
        "Case BC-2017-001 is open. Better Care Fund 2017-19: to be submitted by Monday 11 September 2017, that day "
        "included."
    )
    assert plan.recipients("bc-received") == [
        DIRECTOR, CHAIR, "cabinet", "ccg-governing-body", "cabinet-member-adult-care", "cabinet-member-health",
    ]  # fmt: skip
    (letter,) = plan.words("bc-received", "cabinet")
    assert "considers the draft on Wednesday 26 July 2017" in letter
    assert "The Board has no published meeting at which it could approve the final version in time." in letter
    assert "The High Impact Change Model" in letter
    assert plan.waits_for() == ("Awaiting arrangements", "2017-09-11")


def test_no_board_meeting_in_time_is_found_on_the_first_day(plan: PlanOffice) -> None:
    """001:122-126, (ii) (P07): none from 26 July to 18 October 2017; each way is told with its last days at once."""
    plan.receives()
    assert plan.recipients("bc-route-needed") == [DIRECTOR, CHAIR, CLERK]
    (letter,) = plan.words("bc-route-needed", CHAIR)
    assert "does not meet before Monday 11 September 2017" in letter
    assert "it next meets on Wednesday 18 October 2017" in letter
    assert (
        "at the latest on Monday 11 September 2017, with notice and papers by Sunday 3 September 2017, in practice "
        "Friday 1 September 2017, the last working day before"
    ) in letter
    plan.waits_until("2017-07-27")
    assert plan.waits_for() == ("Awaiting route to the Board", "2017-09-11")


def test_a_period_in_which_the_board_meets_asks_for_no_route(plan: PlanOffice) -> None:
    """(ii), P07: a plan for which a published meeting lies before the last day goes to that meeting."""
    plan.receives(on="2017-07-18", draft_on=None)
    assert plan.recipients("bc-route-needed") == []
    (letter,) = plan.words("bc-received", "cabinet")
    assert "The Board meets before the last day on Wednesday 26 July 2017." in letter
    plan.is_ready_to_sign(on="2017-07-20")
    assert plan.signs("board", on="2017-07-26", authority="minute 14").startswith("Signed off by the Health")
    assert plan.case.signature("board") is not None


def test_a_meeting_that_passes_without_approval_leaves_a_route_to_be_chosen(plan: PlanOffice) -> None:
    """(ii), P07: the Board met on 26 July and did not approve; the next day the route is asked for."""
    plan.receives(on="2017-07-18", draft_on=None)
    plan.waits_until("2017-07-26T23:59:59")
    assert plan.recipients("bc-route-needed") == []
    plan.waits_until("2017-07-27T00:00:01")
    assert plan.recipients("bc-route-needed") == [DIRECTOR, CHAIR, CLERK]


@pytest.mark.parametrize(
    ("at", "late", "status"),
    [("2017-09-11T23:59:59", False, Status.MET), ("2017-09-12T00:00:00", True, Status.MET_LATE)],
)
def test_by_11_september_includes_the_eleventh(plan: PlanOffice, at: str, late: bool, status: Status) -> None:
    """001:603 (P07): "by" includes the day; a second later it is late, a breach, and escalated."""
    plan.receives()
    plan.agrees_a_delegate()
    plan.does("choose-board-route", on="2017-07-27", route="delegated-approval", reasons="No meeting in time.")
    plan.is_ready_to_sign(on="2017-08-21")
    plan.signs("nhs", on="2017-08-23")
    plan.signs("council", on="2017-08-29")
    plan.signs("board", on="2017-09-07", manner="delegation")
    plan.submits(on=at)
    assert plan.fact("submitted")["late"] is late
    assert plan.status("submission") is status
    assert len(plan.facts("breach-recorded")) == late
    assert plan.recipients("bc-breach") == (ABOVE if late else [])


def test_without_a_submission_a_breach_is_recorded_as_the_day_ends(plan: PlanOffice) -> None:
    """001:603 (P07): the moment 12 September begins, a breach, escalated with what was lacking; it can still go."""
    plan.receives()
    plan.waits_until("2017-09-11T23:59:59")
    assert plan.facts("breach-recorded") == []
    plan.waits_until("2017-09-12T00:00:01")
    assert plan.fact("breach-recorded")["last_day"] == "2017-09-11"
    assert plan.recipients("bc-breach") == ABOVE
    (letter,) = plan.words("bc-breach", CHAIR)
    assert "the narrative plan is not attached" in letter
    assert plan.case.overdue
    assert plan.case.breaches() == [
        "the submission of the plan was not done by Monday 11 September 2017 (report of 26 July 2017, "
        "recommendation (ii))"
    ]
    assert plan.waits_for() == ("Awaiting the complete plan", None)


def test_proof_of_a_submission_in_time_withdraws_the_breach(plan: PlanOffice) -> None:
    """001:603 (P07): entered on the 13th with a receipt of the 11th, it was in time; those above are told."""
    plan.receives()
    plan.agrees_a_delegate()
    plan.does("choose-board-route", on="2017-07-27", route="delegated-approval", reasons="No meeting in time.")
    plan.is_ready_to_sign(on="2017-08-21")
    plan.signs("nhs", on="2017-08-23")
    plan.signs("council", on="2017-08-29")
    plan.signs("board", on="2017-09-07", manner="delegation")
    plan.submits(on="2017-09-13", submitted_at="2017-09-11T16:00")
    assert len(plan.facts("breach-recorded")) == 1
    assert plan.case.breaches() == []
    assert plan.recipients("bc-breach-withdrawn") == ABOVE


def test_arrangements_and_what_they_leave_uncertain_are_printed(plan: PlanOffice) -> None:
    """(ii), SI 2013/218 reg 3, U12: a delegate may approve, and the doubt goes on the record with it."""
    plan.receives()
    assert "The monitoring officer must confirm" in plan.agrees_a_delegate()
    assert "SI 2013/218" in plan.fact("arrangements-agreed")["doubt"]
    assert "did not meet on Thursday 27 July 2017" in plan.is_refused(
        "record-arrangements", on="2017-07-27", authority="x", text="x", agreed_on="2017-07-27"
    )


def test_the_draft_cannot_come_from_the_future_nor_to_a_day_without_a_board(council: Council, tmp_path: Path) -> None:
    """(i): what is entered must be so."""
    office = PlanOffice(council, tmp_path)
    told = {"reference": "X", "policy": "2017-19", "received_at": "2017-07-18T10:00"}
    for change, says in (
        ({"received_at": "2017-07-19T10:00"}, "lies ahead"),
        ({"draft_on": "2017-07-27"}, "the Board does not meet on Thursday 27 July 2017"),
        ({"policy": "2016-17"}, "'2016-17' is not a policy period known here"),
    ):
        with pytest.raises(Refused, match=says):
            office.opens("better-care-plan", {**told, **change}, on="2017-07-18")


def test_the_deadline_says_where_it_comes_from(plan: PlanOffice) -> None:
    """(ii): the derivation cites the report and says that the day counts."""
    plan.receives()
    told = " ".join(plan.case.submit_by.explain())
    assert "report of 26 July 2017, recommendation (ii)" in told
    assert f"{day_in_words(plan.case.submit_by.last_day)} is included" in told

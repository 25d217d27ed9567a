"""What is claimed for a past day counts as it stood on that day; nobody signs for another or overturns a refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from story_better_care import ABOVE, CHAIR, DIRECTOR, PlanOffice

from models.cases import Status
from models.council import COUNCILS, load_council


def ready(plan: PlanOffice, *, on: str = "2017-07-24") -> None:
    """Receive the plan of 2017 and complete it."""
    plan.receives()
    plan.is_ready_to_sign(on=on)


def in_october(plan: PlanOffice, *, first: str = "2017-10-18") -> None:
    """Let the three sign at and after the Board's meeting of 18 October 2017."""
    plan.signs("board", on=first, authority="Board, 18 October 2017, minute 20")
    plan.signs("council", on="2017-10-19")
    plan.signs("nhs", on="2017-10-19")


# a submission counts what there was on its day


def test_a_submission_claimed_for_a_past_day_counts_what_was_there_on_that_day(plan: PlanOffice) -> None:
    """001:586-593, 603 (P07): all sign in October; a submission claimed for 11 September had none of it, a breach."""
    ready(plan)
    plan.attaches("narrative-plan", "The plan, changed.", on="2017-09-13")
    in_october(plan)
    claimed = {"proof": "portal", "submitted_at": "2017-09-11T17:00"}
    reason = plan.is_refused("submit", on="2017-10-20", **claimed)
    assert "as it stood on Monday 11 September 2017; what came later does not count" in reason
    assert "no signature of the Health and Wellbeing Board; no signature of the Council" in reason
    said = plan.does("submit", on="2017-10-20", despite="Sent as it was.", **claimed)
    assert said.endswith("not compliant. Note: documents attached since are not those that were sent.")
    sent = plan.fact("submitted")
    assert (sent["compliant"], sent["signatures"], len(sent["lacking"])) == (False, {}, 3)
    assert plan.status("submission") is Status.PASSED
    assert plan.facts("breach-withdrawn") == []
    assert len(plan.case.breaches()) == 1


def test_a_document_that_came_after_the_day_claimed_is_not_part_of_the_submission(plan: PlanOffice) -> None:
    """001:680-691, 603 (P07): the planning return came on the 13th, so that nothing whole was sent on the 11th."""
    plan.receives()
    plan.attaches("narrative-plan", "A first draft.", on="2017-08-21")
    plan.is_ready_to_sign(on="2017-09-13")
    told = {"proof": "portal", "submitted_at": "2017-09-11T17:00", "despite": "x"}
    reason = plan.is_refused("submit", on="2017-09-14", **told)
    assert "is not submitted (as it stood on Monday 11 September 2017" in reason
    assert "the planning return is not attached" in reason


def test_evidence_of_a_condition_that_came_after_the_day_claimed_does_not_count(plan: PlanOffice) -> None:
    """001:620-652, 5 (P07): the conditions are met by the day of the submission."""
    plan.receives()
    plan.completes_the_plan(on="2017-08-21")
    plan.meets_all_conditions(on="2017-09-13")
    told = {"proof": "portal", "submitted_at": "2017-09-11T17:00"}
    assert "no evidence of the condition joint-plan" in plan.is_refused("submit", on="2017-09-14", **told)


def test_a_signature_given_in_time_and_entered_later_counts(plan: PlanOffice) -> None:
    """001:586-593 (P07): signed on the 8th, entered on the 12th; the submission of the 11th had it."""
    plan.receives()
    plan.agrees_a_delegate()
    plan.does("choose-board-route", on="2017-07-27", route="delegated-approval", reasons="No meeting in time.")
    plan.is_ready_to_sign(on="2017-08-21")
    plan.signs("nhs", on="2017-08-23")
    plan.signs("board", on="2017-09-07", manner="delegation")
    plan.signs("council", on="2017-09-12", signed_on="2017-09-08")
    plan.submits(on="2017-09-12T15:00", submitted_at="2017-09-11T17:00")
    sent = plan.fact("submitted")
    assert (sent["compliant"], sent["late"]) == (True, False)
    assert plan.status("sign-off") is Status.MET
    assert plan.case.breaches() == []


def test_a_submission_without_signatures_does_not_keep_the_day_for_a_later_one(plan: PlanOffice) -> None:
    """001:586-593, 603 (P07): sent unsigned on 11 September and signed in October, the day was not kept."""
    ready(plan, on="2017-08-21")
    plan.submits(on="2017-09-11", despite="Nobody signed.")
    plan.waits_until("2017-09-12T00:00:01")
    assert plan.recipients("bc-breach") == ABOVE
    assert "the submission of Monday 11 September 2017 was not compliant" in plan.letter("bc-breach", CHAIR)
    assert plan.status("submission") is Status.PASSED
    in_october(plan)
    plan.submits(on="2017-10-20")
    assert plan.facts("submitted")[-1]["compliant"] is True
    assert plan.status("submission") is Status.MET_LATE
    assert plan.facts("breach-withdrawn") == []


def test_a_signature_after_the_last_day_is_late_and_the_sign_off_has_a_day_of_its_own(plan: PlanOffice) -> None:
    """001:586-593 (P07): all three by 11 September 2017, that day included."""
    ready(plan, on="2017-08-21")
    plan.signs("nhs", on="2017-09-11")
    assert plan.fact("signed-off")["late"] is False
    assert plan.last_day("sign-off") == "2017-09-11"
    assert plan.status("sign-off") is Status.OPEN
    said = plan.signs("council", on="2017-09-12")
    assert "LATE: Monday 11 September 2017 was the last day" in said
    assert plan.status("sign-off") is Status.PASSED
    plan.signs("board", on="2017-10-18")
    assert [fact["late"] for fact in plan.facts("signed-off")] == [False, True, True]
    assert plan.status("sign-off") is Status.MET_LATE


def test_a_revision_is_not_submitted_before_it_was_asked_for(plan: PlanOffice) -> None:
    """9 (P08): the panel asked on 12 October; no submission of the revised plan lies before; its signatures are new."""
    plan.receives()
    plan.is_submitted_in_time()
    plan.does("record-assurance", on="2017-10-09", outcome="not-approved", reasons="Social care is cut.")
    plan.does("record-panel", on="2017-10-12", outcome="revise", reasons="Maintain it.")
    told = {"proof": "x", "submitted_at": "2017-09-11T17:00"}
    assert "is before what it follows, Thursday 12 October 2017" in plan.is_refused("submit", on="2017-10-13", **told)
    plan.attaches("narrative-plan", "The plan, revised.", on="2017-10-13")
    plan.signs("council", on="2017-10-17")
    assert plan.facts("signed-off")[-1]["late"] is False
    assert plan.status("sign-off") is Status.MET


# a refusal stands


def refused_by_board(plan: PlanOffice) -> None:
    """Let a special meeting of the Board refuse the plan on 1 September 2017."""
    ready(plan)
    plan.agrees_a_delegate()
    plan.does("choose-board-route", on="2017-08-01", route="special-meeting", meets_on="2017-09-01", reasons="x")
    plan.does("give-meeting-notice", on="2017-08-02")
    plan.signs("board", on="2017-09-01", answer="refused", authority="Special meeting, minute 2")


def test_no_delegate_overturns_a_refusal_of_the_body(plan: PlanOffice) -> None:
    """001:586-593, SI 2013/218 reg 3 (P07): Board and Cabinet refuse; whoever they delegated to cannot sign instead."""
    refused_by_board(plan)
    plan.signs("council", on="2017-09-01", answer="refused", authority="Cabinet, minute 2")
    plan.waits_until("2017-09-02T00:00:01")
    letter = plan.words("bc-route-needed", CHAIR)[-1]
    assert "The Board itself refused this version on Friday 1 September 2017." in letter
    reason = plan.is_refused("choose-board-route", on="2017-09-04", route="delegated-approval", reasons="x")
    assert "refused this version on Friday 1 September 2017" in reason
    told: dict[str, Any] = {"manner": "delegation", "signed_by": DIRECTOR, "authority": "scheme"}
    for signatory in ("board", "council"):
        reason = plan.is_refused("sign-off", on="2017-09-04", signatory=signatory, **told)
        assert "nobody who acts for it can overturn that" in reason
    assert plan.case.refusal("council") is not None
    plan.signs("council", on="2017-09-05", authority="Cabinet, 5 September 2017, minute 1")
    assert plan.case.signature("council") is not None


def test_the_chair_does_not_support_what_the_board_refused(plan: PlanOffice) -> None:
    """law.md 8 (P07): no power is found for the Chair alone; a support given before falls with the refusal."""
    ready(plan, on="2017-07-20")
    plan.signs("board", on="2017-07-26", signed_on="2017-07-26", answer="refused", authority="Board, minute 14")
    reason = plan.is_refused("choose-board-route", on="2017-07-27", route="chair-support", reasons="x")
    assert "neither a delegate nor the Chair can overturn that" in reason
    assert "neither its delegate nor its Chair" in plan.letter("bc-refused", CHAIR)
    lacking = "no signature of the Health and Wellbeing Board, which refused on Wednesday 26 July 2017"
    assert lacking in plan.case.lacking


def test_a_support_given_before_falls_with_the_boards_refusal(plan: PlanOffice) -> None:
    """law.md 5.1, 8 (P07): the Chair supports, the Board meets all the same and refuses."""
    plan.receives(draft_on=None)
    plan.is_ready_to_sign(on="2017-07-20")
    plan.does("choose-board-route", on="2017-07-21", route="chair-support", reasons="x")
    plan.signs("board", on="2017-07-24", manner="chair-support")
    assert "board" not in plan.case.outstanding
    plan.signs("board", on="2017-07-26", answer="refused", authority="minute 14")
    assert plan.case.chair_support is None
    assert "board" in plan.case.outstanding


def test_the_board_overrules_its_delegate(plan: PlanOffice) -> None:
    """SI 2013/218 reg 3 (P07): the delegate signed, the Board itself then refuses, and its own answer stands."""
    ready(plan)
    plan.agrees_a_delegate()
    plan.does("choose-board-route", on="2017-07-27", route="delegated-approval", reasons="x")
    plan.signs("board", on="2017-08-10", manner="delegation")
    plan.does("choose-board-route", on="2017-08-11", route="special-meeting", meets_on="2017-09-01", reasons="x")
    plan.does("give-meeting-notice", on="2017-08-11")
    plan.signs("board", on="2017-09-01", answer="refused", authority="minute 2")
    assert plan.case.signature("board") is None
    assert plan.case.own_refusal("board") is not None


def test_a_changed_plan_may_be_signed_after_a_refusal(plan: PlanOffice) -> None:
    """001:700-708 (P07): a refusal goes to the version that was refused, and to no other."""
    refused_by_board(plan)
    plan.attaches("narrative-plan", "The plan, changed.", on="2017-09-04")
    plan.does("choose-board-route", on="2017-09-04", route="delegated-approval", reasons="No meeting in time.")
    plan.signs("board", on="2017-09-05", manner="delegation")
    assert plan.case.signature("board") is not None


def test_a_board_that_refused_is_not_one_that_may_follow(plan: PlanOffice) -> None:
    """law.md 5.2 (P07): in 2024-25 the Board may approve afterwards; one that refused on 7 June 2024 does not."""
    plan.receives(on="2024-05-01", draft_on=None, policy="2024-25-addendum")
    plan.is_ready_to_sign(on="2024-05-21")
    plan.does("choose-board-route", on="2024-05-30", route="special-meeting", meets_on="2024-06-07", reasons="x")
    plan.does("give-meeting-notice", on="2024-05-30")
    plan.signs("board", on="2024-06-07", answer="refused", authority="minute 2")
    plan.signs("council", on="2024-06-07")
    plan.signs("nhs", on="2024-06-07")
    reason = plan.is_refused("submit", on="2024-06-10", proof="x")
    assert "no signature of the Health and Wellbeing Board, which refused on Friday 7 June 2024" in reason
    plan.submits(on="2024-06-10", despite="The day is today.")
    assert plan.fact("submitted")["basis"] == "not compliant"


# nobody signs for another


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"signatory": "council", "signed_by": "ccg-accountable-officer"}, "is not a delegate of the Council"),
        ({"signatory": "nhs", "signed_by": "healthwatch"}, "is not a delegate of the Clinical Commissioning Group"),
        ({"signatory": "nhs", "signed_by": DIRECTOR}, "is not a delegate of the Clinical Commissioning Group"),
        ({"signatory": "council"}, "(cabinet) is not a delegate of the Council; known: leader-of-the-council"),
    ],
)  # fmt: skip
def test_only_a_delegate_of_the_council_file_signs_by_delegation(
    plan: PlanOffice, fields: dict[str, str], says: str
) -> None:
    """001:586-593, law.md 5.1 (P07): each body signs itself or by its own delegate, never by another organisation."""
    ready(plan)
    told = {"manner": "delegation", "authority": "scheme"}
    assert says in plan.is_refused("sign-off", on="2017-08-22", **told, **fields)


def test_a_delegate_of_another_organisation_in_the_file_does_not_sign_either(tmp_path: Path) -> None:
    """law.md 5.1 (P07): whatever the council's file says, the CCG's officer does not sign for the Council."""
    said = (COUNCILS / "southampton.yaml").read_text(encoding="utf-8")
    shipped = "delegates: [leader-of-the-council, chief-executive"
    assert shipped in said
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(said.replace(shipped, f"{shipped}, ccg-accountable-officer"), encoding="utf-8")
    plan = PlanOffice(load_council(wrong), tmp_path)
    ready(plan)
    reason = plan.is_refused("sign-off", on="2017-08-22", signatory="council", manner="delegation", authority="x",
                             signed_by="ccg-accountable-officer")  # fmt: skip
    assert "belongs to another organisation than the Council, and cannot sign for it" in reason


def test_a_delegate_named_in_the_file_signs(plan: PlanOffice) -> None:
    """001:586-593 (P07): the CCG's Accountable Officer for its Governing Body."""
    ready(plan)
    plan.signs("nhs", on="2017-08-22", manner="delegation", signed_by="ccg-accountable-officer", authority="scheme")
    assert plan.case.signature("nhs") is not None


@pytest.mark.parametrize(
    ("delegate", "says"),
    [(CHAIR, "cannot delegate its approval to the Chair of the Health and Wellbeing Board alone"),
     ("healthwatch", "is not a delegate of the Health and Wellbeing Board")],
)  # fmt: skip
def test_the_board_delegates_to_no_member_alone(plan: PlanOffice, delegate: str, says: str) -> None:
    """law.md 8, SI 2013/218 reg 3 (P07): officers and sub-committees; no power is found for the Chair alone."""
    plan.receives()
    told = {"authority": "Board, 26 July 2017", "text": "Delegated.", "delegate": delegate}
    assert says in plan.is_refused("record-arrangements", on="2017-07-26", **told)


# returns in the order of their days


def test_the_stages_of_a_return_come_in_the_order_of_their_days(plan: PlanOffice) -> None:
    """001:1114-1124 (P10): the joint board on 18 January 2018, so that the Board of October cannot have followed it."""
    plan.receives()
    plan.is_submitted_in_time()
    plan.does("record-assurance", on="2017-10-09", outcome="approved")
    told: dict[str, Any] = {"returns": ["2017/18-q2"], "authority": "minute"}
    plan.does("record-return", on="2018-01-18", stage="joint-board", **told)
    reason = plan.is_refused("record-return", on="2018-01-18", stage="board", done_on="2017-10-18", **told)
    assert "board on Wednesday 18 October 2017 would be before joint-board, Thursday 18 January 2018" in reason
    reason = plan.is_refused(
        "record-return", on="2018-01-18", stage="nhs-england", done_on="2018-01-17", reasons="x", **told
    )
    assert "would be before joint-board" in reason


def test_an_approval_of_the_board_before_the_sending_is_no_later_one_for_being_entered_later(plan: PlanOffice) -> None:
    """001:1114-1124 (P10): the Board of 17 January 2018 came before the sending of the 19th, whenever it is entered."""
    plan.receives()
    plan.is_submitted_in_time()
    plan.does("record-assurance", on="2017-10-09", outcome="approved")
    told: dict[str, Any] = {"returns": ["2017/18-q3"], "authority": "minute"}
    plan.does("record-return", on="2018-01-11", stage="joint-board", **told)
    plan.does("record-return", on="2018-01-19", stage="nhs-england", reasons="The minute is not written.", **told)
    plan.does("record-return", on="2018-01-22", stage="board", done_on="2018-01-17", **told)
    assert plan.facts("return-recorded")[-1]["retrospective"] is False

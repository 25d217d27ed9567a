"""Once the plan is submitted: assurance, conditions, the panel, section 75, the review, and the returns."""

from __future__ import annotations

import pytest
from story_better_care import ABOVE, CHAIR, DIRECTOR, PlanOffice

from models.cases import Status


@pytest.fixture
def sent(plan: PlanOffice) -> PlanOffice:
    """Return the office with the plan of 2017 submitted on 11 September."""
    plan.receives()
    plan.is_submitted_in_time()
    return plan


@pytest.fixture
def approved(sent: PlanOffice) -> PlanOffice:
    """Return the office with the plan approved on 9 October 2017."""
    sent.does("record-assurance", on="2017-10-09", outcome="approved", reference="Letter")
    return sent


# assurance (P08)


def test_a_plan_sent_waits_for_its_assurers(sent: PlanOffice) -> None:
    """001:693-698, 9 (P08): regionally assured and then graded; the answer is asked for while it does not come."""
    assert sent.waits_for() == ("Awaiting assurance", None)
    sent.waits_until("2017-12-11")
    assert sent.written_on("bc-not-heard", DIRECTOR) == ["2017-10-11", "2017-11-10", "2017-12-10"]
    (letter,) = sent.words("bc-submitted", CHAIR)
    assert "there is an agreed spending plan for the iBCF grant" in letter


def test_an_approval_is_told_and_the_agreement_comes_next(approved: PlanOffice) -> None:
    """001:693-698, 9 (P08): approved; then section 75, its day marked as unverified."""
    assert len(approved.recipients("bc-assured")) == 6
    assert approved.waits_for() == ("Awaiting return 2017/18-q2", "2017-11-14")
    assert approved.last_day("section 75 agreement") == "2017-11-30"
    assert "not verified: confirm it" in approved.case.section_75_by.in_words()
    assert "is approved already" in approved.is_refused("record-assurance", on="2017-10-10", outcome="approved")


def test_an_approval_with_conditions_waits_for_their_evidence(sent: PlanOffice) -> None:
    """9 (P08): what is to be shown and by when; sent in time, it goes back to the assurers, who approve."""
    sent.does("record-assurance", on="2017-10-09", outcome="approved-with-conditions", conditions="The risk plan.",
              evidence_by="2017-10-27")  # fmt: skip
    assert sent.waits_for() == ("Awaiting evidence of the conditions", "2017-10-27")
    (letter,) = sent.words("bc-assured", CHAIR)
    assert "By Friday 27 October 2017 this has to be shown: The risk plan." in letter
    sent.does("send-evidence", on="2017-10-27", evidence="Risk plan 2.", proof="e-mail")
    assert sent.status("evidence of the conditions") is Status.MET
    assert sent.waits_for() == ("Awaiting assurance of the evidence", None)
    sent.does("record-assurance", on="2017-11-03", outcome="approved")
    assert sent.case.approved


def test_the_usual_day_for_evidence_is_marked_as_unverified(sent: PlanOffice) -> None:
    """P08, U6: without a day in the letter the period's usual one, 31 October 2017, with its doubt."""
    sent.does("record-assurance", on="2017-10-09", outcome="approved-with-conditions", conditions="The risk plan.")
    assert sent.fact("assured")["evidence_by"] == "2017-10-31"
    (letter,) = sent.words("bc-assured", CHAIR)
    assert "from memory, not verified" in letter


def test_evidence_that_does_not_come_is_told_above(sent: PlanOffice) -> None:
    """P08: the day after, and it can still be sent, late."""
    sent.does("record-assurance", on="2017-10-09", outcome="approved-with-conditions", conditions="The risk plan.",
              evidence_by="2017-10-27")  # fmt: skip
    sent.waits_until("2017-10-28")
    assert sent.fact("deadline-passed")["name"] == "evidence of the conditions"
    assert sent.recipients("bc-passed") == ABOVE
    sent.does("send-evidence", on="2017-10-30", evidence="Risk plan 2.", proof="e-mail")
    assert sent.status("evidence of the conditions") is Status.MET_LATE


def test_a_plan_not_approved_goes_to_the_panel(sent: PlanOffice) -> None:
    """9, 15: NHS Act 2006 s.223GA (P08): told above; the panel may approve it after all."""
    sent.does("record-assurance", on="2017-10-09", outcome="not-approved", reasons="Social care is cut.")
    assert set(ABOVE) <= set(sent.recipients("bc-assured"))
    assert sent.waits_for() == ("Awaiting escalation panel", None)
    sent.does("record-panel", on="2017-10-20", outcome="approved", reasons="Corrected at the panel.")
    assert sent.case.approved


def test_a_panel_that_wants_a_revision_begins_the_signing_anew(sent: PlanOffice) -> None:
    """P08: the revised plan is signed by everybody and submitted again; the first was in time, no breach follows."""
    sent.does("record-assurance", on="2017-10-09", outcome="not-approved", reasons="Social care is cut.")
    sent.does("record-panel", on="2017-10-12", outcome="revise", reasons="Maintain it.")
    sent.attaches("narrative-plan", "The plan, revised.", on="2017-10-13")
    assert sent.waits_for()[0] == "Awaiting sign-off"
    assert sent.case.outstanding == ["board", "council", "nhs"]
    sent.signs("nhs", on="2017-10-16")
    sent.signs("council", on="2017-10-17")
    sent.signs("board", on="2017-10-18")
    sent.submits(on="2017-10-19")
    sent.does("record-assurance", on="2017-10-30", outcome="approved")
    assert sent.case.approved
    assert sent.facts("breach-recorded") == []


def test_a_direction_ends_the_case(sent: PlanOffice) -> None:
    """15: NHS Act 2006 s.223GA (P08): NHS England directs the use of the fund."""
    sent.does("record-assurance", on="2017-10-09", outcome="not-approved", reasons="Social care is cut.")
    sent.does("record-panel", on="2017-10-20", outcome="directed", reasons="No agreement.")
    assert sent.outcome == "directed by NHS England"


@pytest.mark.parametrize(
    ("verb", "fields", "says"),
    [
        ("record-assurance", {"outcome": "approved-with-conditions"}, "say what has to be shown"),
        ("record-assurance", {"outcome": "not-approved"}, "say why the plan is not approved"),
        ("record-assurance", {"outcome": "approved", "decided_on": "2017-09-10"}, "is before what it follows"),
        ("send-evidence", {"evidence": "x", "proof": "x"}, "no approval with conditions is recorded"),
        ("record-panel", {"outcome": "approved", "reasons": "x"}, "the panel meets on a plan that was not approved"),
    ],
)
def test_what_the_record_does_not_call_for_is_refused(
    sent: PlanOffice, verb: str, fields: dict[str, str], says: str
) -> None:
    """9 (P08): each answer in its place."""
    assert says in sent.is_refused(verb, on="2017-10-09", **fields)


def test_nothing_is_graded_before_it_is_submitted(plan: PlanOffice) -> None:
    """9 (P08): submission first."""
    plan.receives()
    for verb, fields in (("record-assurance", {"outcome": "approved"}), ("record-section-75", {"reference": "x"})):
        assert "the plan is not submitted yet" in plan.is_refused(verb, on="2017-10-09", **fields)


def test_what_was_submitted_is_changed_only_once_a_revision_is_asked_for(sent: PlanOffice) -> None:
    """P07, P08: the version that went out stands; what the assurers want to see is evidence."""
    path = sent.folder / "new.txt"
    path.write_text("The plan, changed.", encoding="utf-8")
    reason = sent.is_refused("attach", on="2017-09-20", kind="narrative-plan", file=path)
    assert "the plan is submitted with its narrative-plan" in reason
    sent.does("attach", on="2017-09-20", kind="evidence", file=path)
    assert sent.case.unsigned == []


# section 75, and the review


def test_the_agreement_under_section_75_is_awaited_and_told_above_when_late(approved: PlanOffice) -> None:
    """15, law.md 5.1: reminded before 30 November 2017, escalated after; signed late, it is marked so."""
    approved.waits_until("2017-12-01")
    assert approved.written_on("bc-due", DIRECTOR)[:2] == ["2017-11-09", "2017-11-16"]
    assert "section 75 agreement" in [fact["name"] for fact in approved.facts("deadline-passed")]
    approved.does("record-section-75", on="2017-12-04", reference="Deed")
    assert approved.status("section 75 agreement") is Status.MET_LATE


def test_the_review_of_november_is_told_as_it_begins_and_asked_for_when_over(approved: PlanOffice) -> None:
    """001:666-669, 6 (P09): considered for November 2017; what it came to is recorded once."""
    approved.waits_until("2017-12-02")
    assert approved.written_on("bc-review", DIRECTOR) == ["2017-11-01", "2017-12-01"]
    first, _ = approved.words("bc-review", DIRECTOR)
    assert "between Wednesday 1 November 2017 and Thursday 30 November 2017" in first
    approved.does("record-review", on="2017-12-05", outcome="reduced", reasons="Delayed transfers at 21.3.")
    assert "was recorded before" in approved.is_refused(
        "record-review", on="2017-12-06", outcome="not-reduced", reasons="x"
    )


# returns (P10)


def record(plan: PlanOffice, stage: str, *returns: str, on: str, **more: str) -> str:
    """Record a stage of returns."""
    return plan.does("record-return", on=on, returns=list(returns), stage=stage, authority="minute", **more)


def test_a_return_goes_through_the_joint_board_the_board_and_to_nhs_england(approved: PlanOffice) -> None:
    """001:1114-1124, 4577 (P10): signed off by the joint board before the Board, before NHS England."""
    (letter,) = approved.words("bc-return", DIRECTOR)
    assert "Its stages, in this order: joint board, board and nhs england. The Joint Commissioning Board" in letter
    told = {"returns": ["2017/18-q2"], "authority": "x"}
    first = approved.is_refused("record-return", on="2017-10-18", stage="board", **told)
    assert "the joint board signs the return for quarter 2 of 2017/18" in first
    record(approved, "joint-board", "2017/18-q2", on="2017-10-18")
    second = approved.is_refused("record-return", on="2017-10-18", stage="nhs-england", **told)
    assert "the Board approves the return" in second
    record(approved, "board", "2017/18-q2", on="2017-10-18")
    record(approved, "nhs-england", "2017/18-q2", on="2017-11-10")
    assert approved.status("return for quarter 2 of 2017/18 (July to September 2017)") is Status.MET
    assert approved.waits_for() == ("Awaiting section 75 agreement", "2017-11-30")


def test_the_board_may_approve_several_quarters_afterwards_at_once(approved: PlanOffice) -> None:
    """law.md 5.3 (P10): sent with reasons before the Board could approve; two quarters approved together."""
    for quarter, jointly in (("2017/18-q2", "2017-11-09"), ("2017/18-q3", "2018-01-11")):
        record(approved, "joint-board", quarter, on=jointly)
        record(approved, "nhs-england", quarter, on=jointly, reasons="The Board meets after the portal closes.")
    said = record(approved, "board", "2017/18-q2", "2017/18-q3", on="2018-01-17")
    assert said.startswith("Recorded, board, after it was sent: quarter 2 of 2017/18")
    assert approved.facts("return-recorded")[-1]["retrospective"] is True
    done = {each.id for each in approved.case.returns if each.complete}
    assert done == {"2017/18-q2", "2017/18-q3"}


def test_a_late_return_is_told_above(approved: PlanOffice) -> None:
    """P10: 45 days after the quarter, local policy; the day after, those above hear."""
    approved.waits_until("2017-11-15")
    assert approved.fact("deadline-passed")["name"].startswith("return for quarter 2 of 2017/18")
    assert approved.recipients("bc-passed") == ABOVE


def test_the_annual_return_goes_to_the_partners(approved: PlanOffice) -> None:
    """001:1114-1124, SI 2000/617 reg 7(4)(b) (P10): after the year, jointly signed off, then to the partners."""
    reason = approved.is_refused(
        "record-return", on="2018-04-12", returns=["2017/18-annual"], stage="nhs-england", authority="x"
    )
    assert "has no stage nhs-england; it has joint-board, partners" in reason
    record(approved, "joint-board", "2017/18-annual", on="2018-04-12")
    record(approved, "partners", "2017/18-annual", on="2018-05-25")
    assert next(each for each in approved.case.returns if each.id == "2017/18-annual").complete


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"returns": ["2017/18-q5"], "stage": "joint-board"}, "'2017/18-q5' is not a return of this plan"),
        ({"returns": ["2017/18-q3"], "stage": "joint-board"}, "is before what it follows, Sunday 31 December 2017"),
        ({"returns": [], "stage": "joint-board"}, "returns"),
    ],
)
def test_a_return_that_cannot_be_is_refused(approved: PlanOffice, fields: dict[str, object], says: str) -> None:
    """P10: no return before its quarter is over, and none that does not exist."""
    assert says in approved.is_refused("record-return", on="2017-10-18", authority="x", **fields)


def test_before_the_joint_commissioning_board_its_predecessor_signed(approved: PlanOffice) -> None:
    """001:1114-1124, P13: which board signs off is a matter of dates in the council's file."""
    from datetime import date

    from tasks.better_care.afterwards import joint_board

    assert joint_board(approved.case, date(2017, 6, 30)) == "Commissioning Partnership Board"
    assert joint_board(approved.case, date(2017, 9, 30)) == "Joint Commissioning Board"

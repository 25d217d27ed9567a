"""Signatures: each by itself, in any order, with authority, day and version; routes to the Board between meetings."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest
from story_better_care import ABOVE, CHAIR, CLERK, DIRECTOR, PlanOffice

from models.cases import Status

AGREED = {
    "board": {"on": "2017-09-05", "manner": "delegation"}, "council": {"on": "2017-09-05"}, "nhs": {"on": "2017-09-05"},
}  # fmt: skip


def chosen(plan: PlanOffice, route: str = "delegated-approval", **more: str) -> str:
    """Receive the plan of 2017, agree a delegate, and choose a route to the Board."""
    plan.receives()
    plan.agrees_a_delegate()
    return plan.does("choose-board-route", on="2017-07-27", route=route, reasons="No meeting in time.", **more)


@pytest.mark.parametrize("order", list(permutations(AGREED)))
def test_signatures_come_in_any_order(plan: PlanOffice, order: tuple[str, ...]) -> None:
    """001:586-593, 5 (P07): only the last of the three makes the plan ready."""
    chosen(plan)
    plan.is_ready_to_sign(on="2017-08-21")
    for signatory in order:
        assert plan.waits_for()[0] == "Awaiting sign-off"
        plan.signs(signatory, **AGREED[signatory])
    assert plan.waits_for() == ("Awaiting submission", "2017-09-11")
    plan.submits(on="2017-09-06")
    assert plan.fact("submitted")["compliant"] is True


def test_each_signature_has_its_authority_its_day_and_its_version(plan: PlanOffice) -> None:
    """001:586-593 (P07): who, when, on what authority, which documents."""
    chosen(plan)
    plan.is_ready_to_sign(on="2017-08-21")
    plan.signs("council", on="2017-08-30", authority="Cabinet, minute 31", signed_on="2017-08-29")
    signed = plan.fact("signed-off")
    assert (signed["signed_by"], signed["manner"]) == ("cabinet", "resolution")
    assert (signed["signed_on"], signed["authority"]) == ("2017-08-29", "Cabinet, minute 31")
    assert set(signed["version"]) == {"narrative-plan", "planning-return"}


def test_a_changed_plan_is_signed_anew(plan: PlanOffice) -> None:
    """001:700-708 (P07): a signature goes to the version that was signed, and to no other."""
    chosen(plan)
    plan.is_ready_to_sign(on="2017-08-21")
    plan.signs("nhs", on="2017-08-23")
    said = plan.attaches("narrative-plan", "The plan, revised.", on="2017-08-25")
    assert said.endswith("The narrative plan has changed: Clinical Commissioning Group signed the earlier version.")
    assert plan.case.outstanding == ["board", "council", "nhs"]
    assert plan.case.standing_of("nhs") == "signed an earlier version; not this one"
    plan.signs("nhs", on="2017-08-30")
    assert plan.case.outstanding == ["board", "council"]


def test_those_outstanding_are_asked_again_and_then_those_above_are_told(plan: PlanOffice) -> None:
    """001:603 (P07): on the council's ladder before the last day; whoever has signed is left in peace."""
    chosen(plan)
    plan.is_ready_to_sign(on="2017-08-15")
    plan.signs("nhs", on="2017-08-22")
    plan.waits_until("2017-09-10")
    assert plan.written_on("bc-sign-off-due", "ccg-governing-body") == ["2017-08-21"]
    asked = plan.written_on("bc-sign-off-due", "cabinet")  # not on the bank holiday of 28 August, nor on the Sunday
    assert asked == ["2017-08-21", "2017-08-25", "2017-09-04", "2017-09-08"]
    assert plan.recipients("bc-not-signed") == ABOVE
    assert plan.written_on("bc-not-signed", CHAIR) == ["2017-09-06"]
    (letter,) = plan.words("bc-not-signed", CHAIR)
    assert "no signature of the Health and Wellbeing Board" in letter
    assert "no signature of the Council" in letter


def test_a_refusal_is_recorded_and_told_above(plan: PlanOffice) -> None:
    """001:586-593 (P07): a signatory who refuses is not one who is silent."""
    chosen(plan)
    plan.is_ready_to_sign(on="2017-08-21")
    plan.signs("nhs", on="2017-08-23", answer="refused", authority="Governing Body: the risk share is not agreed")
    assert plan.recipients("bc-refused") == ABOVE
    assert plan.case.outstanding == ["board", "council", "nhs"]
    assert "refused on Wednesday 23 August 2017" in plan.case.standing_of("nhs")
    plan.signs("nhs", on="2017-08-30")
    assert plan.case.signature("nhs") is not None


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"signatory": "ccg"}, "'ccg' does not sign a plan of Better Care Fund 2017-19"),
        ({"signatory": "council", "signed_by": "healthwatch"}, "healthwatch does not sign for the Council"),
        ({"signatory": "council", "signed_by": "nobody"}, "'nobody' is not a role of this council"),
        ({"signatory": "council", "signed_on": "2017-08-29"}, "Tuesday 29 August 2017 lies ahead"),
        ({"signatory": "council", "signed_on": "2017-07-17"}, "is before the draft was received"),
        ({"signatory": "council", "manner": "in-person"}, "the Council is a body: it signs by resolution"),
        ({"signatory": "council", "manner": "chair-support"}, "only the Board's Chair supports a plan"),
        ({"signatory": "board", "signed_on": "2017-07-26"}, "the Board considered the draft; the version that stands"),
        ({"signatory": "board"}, "the Board did not meet on Monday 28 August 2017"),
        ({"signatory": "board", "manner": "chair-support"}, "the Chair's support is not the route that was chosen"),
        ({"signatory": "board", "manner": "delegation", "signed_by": CHAIR}, "delegated its approval to the Director"),
        ({"signatory": "board", "manner": "delegation", "signed_on": "2017-07-25"}, "nothing could be approved"),
    ],
)  # fmt: skip
def test_a_signature_that_cannot_be_so_is_refused_with_the_reason(
    plan: PlanOffice, fields: dict[str, str], says: str
) -> None:
    """001:586-593, SI 2013/218 reg 3 (P07): nobody signs for another, ahead, or in a manner not its own."""
    chosen(plan)
    plan.is_ready_to_sign(on="2017-08-21")
    assert says in plan.is_refused("sign-off", on="2017-08-28", authority="x", **fields)


def test_a_signature_older_than_the_documents_is_asked_about(plan: PlanOffice) -> None:
    """001:700-708 (P07): the Cabinet of 15 August can hardly have signed what came in on the 21st."""
    chosen(plan)
    plan.is_ready_to_sign(on="2017-08-21")
    said = plan.signs("council", on="2017-08-22", signed_on="2017-08-15")
    assert said.endswith("the documents came in on Monday 21 August 2017, after that; are they those that it signed?")


def test_nobody_signs_twice(plan: PlanOffice) -> None:
    """001:586-593 (P07): the same version, once."""
    chosen(plan)
    plan.is_ready_to_sign(on="2017-08-21")
    plan.signs("nhs", on="2017-08-23")
    assert "signed this version before" in plan.is_refused("sign-off", on="2017-08-24", signatory="nhs", authority="x")


@pytest.mark.parametrize("signing", [each for count in range(4) for each in combinations(AGREED, count)])
def test_only_all_the_signatures_together_make_a_plan_compliant(plan: PlanOffice, signing: tuple[str, ...]) -> None:
    """001:586-593, 5 (P07): every subset of the three, submitted all the same."""
    chosen(plan)
    plan.is_ready_to_sign(on="2017-08-21")
    for signatory in signing:
        plan.signs(signatory, **AGREED[signatory])
    plan.submits(on="2017-09-11", despite="The day is today.")
    submitted = plan.fact("submitted")
    assert submitted["compliant"] is (len(signing) == len(AGREED))
    assert len(submitted["lacking"]) == len(AGREED) - len(signing)


# delegated approval


def test_delegated_approval_prints_its_doubt(plan: PlanOffice) -> None:
    """(ii), SI 2013/218 reg 3, U12 (P07): the delegate signs for the Board, and the doubt is printed."""
    chosen(plan)
    plan.is_ready_to_sign(on="2017-08-21")
    said = plan.signs("board", on="2017-09-07", manner="delegation")
    assert "uncertain (U12): SI 2013/218 regulation 3" in said
    signed = plan.fact("signed-off")
    assert signed["signed_by"] == DIRECTOR
    plan.signs("nhs", on="2017-09-07")
    plan.signs("council", on="2017-09-07")
    plan.submits(on="2017-09-08")
    (letter,) = plan.words("bc-submitted", CHAIR)
    assert "Printed on the record: - uncertain (U12)" in letter


def test_without_a_resolution_there_is_no_delegate(plan: PlanOffice) -> None:
    """(ii) (P07): no arrangements agreed, no lawful delegation."""
    plan.receives()
    told = {"route": "delegated-approval", "reasons": "x"}
    assert "the Board has agreed no delegate" in plan.is_refused("choose-board-route", on="2017-07-27", **told)
    plan.does("record-arrangements", on="2017-07-28", authority="x", text="To meet again.", agreed_on="2017-07-26")
    assert "the Board has agreed no delegate" in plan.is_refused("choose-board-route", on="2017-07-28", **told)


# special meeting


def test_a_special_meeting_with_its_notice_approves_the_plan(plan: PlanOffice) -> None:
    """(ii), P03, P07: 5 clear working days before Thursday 7 September 2017 is Wednesday 30 August, latest."""
    said = chosen(plan, "special-meeting", meets_on="2017-09-07")
    assert "Notice and papers must be out by 23:59 on Wednesday 30 August 2017" in said
    assert plan.recipients("bc-special-meeting") == [CHAIR, CLERK]
    assert plan.last_day("notice of the special meeting") == "2017-08-30"
    plan.is_ready_to_sign(on="2017-08-21")
    plan.does("give-meeting-notice", on="2017-08-30")
    assert plan.status("notice of the special meeting") is Status.MET
    plan.signs("board", on="2017-09-07", authority="Special meeting, minute 1")
    assert plan.case.signature("board") is not None


def test_a_bank_holiday_is_no_clear_working_day(plan: PlanOffice) -> None:
    """P03: before Friday 1 September 2017 lies 28 August, a bank holiday: notice by Wednesday 23 August."""
    chosen(plan, "special-meeting", meets_on="2017-09-01")
    assert plan.last_day("notice of the special meeting") == "2017-08-23"


def test_a_special_meeting_without_notice_in_time_falls_and_a_route_is_asked_for_again(plan: PlanOffice) -> None:
    """(ii), P03, P07: the day after the notice was due, Director and Chair are asked again, with the reason."""
    chosen(plan, "special-meeting", meets_on="2017-09-07")
    plan.waits_until("2017-08-30T23:59:59")
    assert plan.case.route is not None
    plan.waits_until("2017-08-31T00:00:01")
    assert plan.case.route is None
    _, letter = plan.words("bc-route-needed", CHAIR)
    assert "notice of it was not given by Wednesday 30 August 2017" in letter
    assert "it is too late for that meeting" in plan.is_refused("give-meeting-notice", on="2017-08-31")
    plan.does("choose-board-route", on="2017-09-01", route="chair-support", reasons="Too late for a meeting.")
    assert plan.case.route is not None


def test_a_special_meeting_that_does_not_approve_leaves_the_other_routes(plan: PlanOffice) -> None:
    """(ii), P03, P07: inquorate or adjourned, a route is asked for the day after; no meeting fits."""
    chosen(plan, "special-meeting", meets_on="2017-09-07")
    plan.does("give-meeting-notice", on="2017-08-25")
    plan.waits_until("2017-09-08T00:00:01")
    _, letter = plan.words("bc-route-needed", CHAIR)
    assert "it was to meet on Thursday 7 September 2017 and no approval is recorded" in letter
    assert "A special meeting is no longer possible" in letter


@pytest.mark.parametrize(
    ("on", "fields", "says"),
    [
        ("2017-07-27", {}, "name the day of the special meeting"),
        ("2017-07-27", {"meets_on": "2017-09-12"}, "is not from today to the last day; the latest special"),
        ("2017-09-04", {"meets_on": "2017-09-11"}, "had to be given by Sunday 3 September 2017 (5 clear working days"),
    ],
)
def test_a_special_meeting_that_could_not_be_lawful_is_refused(
    plan: PlanOffice, on: str, fields: dict[str, str], says: str
) -> None:
    """(ii), P03: with the last days that would have been."""
    plan.receives()
    told = {"route": "special-meeting", "reasons": "x", **fields}
    assert says in plan.is_refused("choose-board-route", on=on, **told)


def test_a_board_resolution_needs_the_notice_of_its_special_meeting(plan: PlanOffice) -> None:
    """P03: a meeting without notice decides nothing."""
    chosen(plan, "special-meeting", meets_on="2017-08-10")
    plan.is_ready_to_sign(on="2017-08-02")
    reason = plan.is_refused("sign-off", on="2017-08-10", signatory="board", authority="x")
    assert "no notice of the special meeting of Thursday 10 August 2017 is recorded" in reason


# the Chair's support


def test_the_chairs_support_carries_the_plan_and_the_board_approves_in_october(plan: PlanOffice) -> None:
    """(ii), law.md 5.1 (P07): submitted with the Chair's support, approved retrospectively on 18 October 2017."""
    chosen(plan, "chair-support")
    plan.is_ready_to_sign(on="2017-08-21")
    plan.signs("nhs", on="2017-08-23")
    plan.signs("council", on="2017-08-29")
    assert "the Chair alone has no statutory power" in plan.signs("board", on="2017-09-07", manner="chair-support")
    plan.submits(on="2017-09-11")
    submitted = plan.fact("submitted")
    assert submitted["basis"] == "with the Chair's support, the Board to approve afterwards"
    assert submitted["compliant"] is False
    assert plan.recipients("bc-board-approval") == [CHAIR, CLERK]
    (letter,) = plan.words("bc-board-approval", CHAIR)
    assert "agenda for Wednesday 18 October 2017" in letter
    plan.does("record-assurance", on="2017-10-09", outcome="approved")
    plan.signs("board", on="2017-10-18", authority="Board, 18 October 2017, minute 20")
    signed = plan.facts("signed-off")[-1]
    assert (signed["after_submission"], signed["manner"]) == (True, "resolution")
    assert not plan.case.board_to_follow


def test_a_board_that_does_not_approve_afterwards_is_told_above_and_asked_again(plan: PlanOffice) -> None:
    """(ii), law.md 5.1 (P07): 18 October passes without it; those above hear, and the next meeting is named."""
    chosen(plan, "chair-support")
    plan.is_ready_to_sign(on="2017-08-21")
    plan.signs("nhs", on="2017-08-23")
    plan.signs("council", on="2017-08-29")
    plan.signs("board", on="2017-09-07", manner="chair-support")
    plan.submits(on="2017-09-11")
    plan.waits_until("2017-10-19")
    assert plan.recipients("bc-passed") == ABOVE
    _, letter = plan.words("bc-board-approval", CLERK)
    assert "agenda for Wednesday 17 January 2018" in letter
    assert "The meeting of Wednesday 18 October 2017 passed without it." in letter


# submitting without everything


def test_a_plan_without_a_signature_goes_only_as_not_compliant(plan: PlanOffice) -> None:
    """001:586-593, law.md 5.1 (P07): with reasons, marked, and told above; never as compliant."""
    chosen(plan)
    plan.is_ready_to_sign(on="2017-08-21")
    plan.signs("nhs", on="2017-08-23")
    reason = plan.is_refused("submit", on="2017-09-11", proof="x")
    assert "no signature of the Health and Wellbeing Board; no signature of the Council" in reason
    plan.submits(on="2017-09-11", despite="The day is today.")
    submitted = plan.fact("submitted")
    assert (submitted["compliant"], submitted["basis"]) == (False, "not compliant")
    assert submitted["lacking"] == ["no signature of the Health and Wellbeing Board", "no signature of the Council"]
    assert set(ABOVE) <= set(plan.recipients("bc-submitted"))


def test_a_submission_is_not_entered_twice_nor_ahead(plan: PlanOffice) -> None:
    """001:603 (P07): one submission, with its proof, once it has happened."""
    chosen(plan)
    plan.is_ready_to_sign(on="2017-08-21")
    for signatory, told in AGREED.items():
        plan.signs(signatory, **told)
    told = {"proof": "x", "submitted_at": "2017-09-07T10:00"}
    assert "lies ahead" in plan.is_refused("submit", on="2017-09-06", **told)
    plan.submits(on="2017-09-06")
    assert "was submitted before" in plan.is_refused("submit", on="2017-09-07", proof="x")
    late = plan.is_refused("choose-board-route", on="2017-09-07", route="chair-support", reasons="x")
    assert "the plan is submitted" in late


def test_a_plan_withdrawn_is_told_to_everybody_and_closed(plan: PlanOffice) -> None:
    """P07: the matter ends."""
    chosen(plan)
    plan.does("withdraw", on="2017-08-01", reasons="Replaced by a joint plan with the county.")
    assert plan.outcome == "withdrawn"
    assert {DIRECTOR, CHAIR, "cabinet", "ccg-governing-body", CLERK} <= set(plan.recipients("bc-withdrawn"))

"""Later periods: the same procedure under another policy pack."""

from __future__ import annotations

import pytest
from story_better_care import CHAIR, PlanOffice


def test_2024_25_lets_the_board_approve_after_the_submission(plan: PlanOffice) -> None:
    """law.md 5.2 (P07): submitted on 10 June 2024 without the Board, approved by it on 26 June."""
    plan.receives(on="2024-04-10", draft_on=None, policy="2024-25-addendum")
    assert plan.recipients("bc-route-needed") == []
    plan.is_ready_to_sign(on="2024-05-20")
    plan.signs("council", on="2024-06-03")
    plan.signs("nhs", on="2024-06-04")
    assert plan.waits_for() == ("Awaiting submission", "2024-06-10")
    plan.submits(on="2024-06-10")
    assert plan.fact("submitted")["basis"] == "the Board to approve afterwards, as the framework allows"
    (letter,) = plan.words("bc-board-approval", CHAIR)
    assert "agenda for Wednesday 26 June 2024" in letter
    plan.signs("board", on="2024-06-26")
    assert not plan.case.board_to_follow


@pytest.fixture
def of_2025(plan: PlanOffice) -> PlanOffice:
    """Return the office with the plan of 2025-26 ready to be signed."""
    plan.receives(on="2025-02-10", draft_on=None, policy="2025-26")
    plan.is_ready_to_sign(on="2025-03-03")
    return plan


def test_2025_26_is_signed_by_chief_executives_in_person_and_by_the_section_151_officer(of_2025: PlanOffice) -> None:
    """law.md 5.2 (P07): three in person by 31 March 2025; the Board may follow."""
    assert of_2025.case.outstanding == ["council-chief-executive", "icb-chief-executive", "section-151-officer"]
    for signatory in of_2025.case.outstanding:
        of_2025.signs(signatory, on="2025-03-28")
    assert {fact["manner"] for fact in of_2025.facts("signed-off")} == {"in-person"}
    of_2025.submits(on="2025-03-31")
    assert of_2025.fact("submitted")["late"] is False


@pytest.mark.parametrize("signatory", ["council-chief-executive", "icb-chief-executive"])
def test_a_chief_executive_cannot_delegate(of_2025: PlanOffice, signatory: str) -> None:
    """law.md 5.2 (P07): the framework of 30 January 2025 asks for the chief executive in person."""
    reason = of_2025.is_refused(
        "sign-off", on="2025-03-28", signatory=signatory, manner="delegation", signed_by="section-151-officer",
        authority="x",
    )  # fmt: skip
    assert "signs in person. The framework of 30 January 2025" in reason
    assert "is an office, not a body" in of_2025.is_refused(
        "sign-off", on="2025-03-28", signatory=signatory, manner="resolution", authority="x"
    )


@pytest.mark.parametrize("signed_by", ["chief-executive", "healthwatch"])
def test_nobody_signs_for_the_section_151_officer(of_2025: PlanOffice, signed_by: str) -> None:
    """law.md 5.2 (P07): the officer signs; whether a deputy may is not said, so that nobody else does."""
    told = {"signatory": "section-151-officer", "manner": "delegation", "signed_by": signed_by, "authority": "x"}
    reason = of_2025.is_refused("sign-off", on="2025-03-28", **told)
    assert "the Section 151 officer signs in person" in reason
    assert "until the monitoring officer confirms" in reason


def test_without_the_section_151_officer_the_plan_is_not_compliant(of_2025: PlanOffice) -> None:
    """law.md 5.2 (P07): the officer must sign."""
    of_2025.signs("council-chief-executive", on="2025-03-28")
    of_2025.signs("icb-chief-executive", on="2025-03-28")
    assert "no signature of the Section 151 officer" in of_2025.is_refused("submit", on="2025-03-31", proof="x")


def test_what_a_later_period_asks_besides_is_asked(plan: PlanOffice) -> None:
    """law.md 5.2 (P07): a capacity and demand plan from 2023 on; its date with how far it can be relied on."""
    said = plan.receives(on="2023-05-10", draft_on=None, policy="2023-25")
    assert "by Wednesday 28 June 2023, that day included (taken from other areas' papers" in said
    assert "the capacity and demand plan is not attached (--kind capacity-and-demand-plan)" in plan.case.problems

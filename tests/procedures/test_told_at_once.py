"""What whoever enters something is told at once: what is over, what it makes late, what it replaces."""

from __future__ import annotations

import pytest
from story_office import Office

from models.pharmacy_words import PROCEDURE

NOTICE = {"reference": "CAS-17", "given_at": "2017-07-26T10:00", "capacity": "relevant", "wards": "bargate",
          "applicant": "A Ltd", "closing": "1 Low Street", "remaining": "2 High Street"}  # fmt: skip
ROUTE_OVER = "The last day for the route is over since Wednesday 9 August 2017."
CIRCULATION_OVER = "The last day for the circulation is over since Thursday 10 August 2017."
BOARD_OVER = "The last day for the representation is over since Sunday 10 September 2017."


# -- a notice entered late -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "over", "fits"),
    [
        ("2017-07-27", [], True),
        ("2017-08-09", [ROUTE_OVER], True),
        ("2017-08-10", [CIRCULATION_OVER, ROUTE_OVER], False),
        ("2017-09-09T23:59:59", [CIRCULATION_OVER, ROUTE_OVER], False),
        ("2017-09-10T00:00", [BOARD_OVER, CIRCULATION_OVER, ROUTE_OVER], True),
    ],
)
def test_a_notice_entered_late_is_answered_with_what_is_over(
    office: Office, on: str, over: list[str], fits: bool
) -> None:
    """Paras 2, 8: the gravest first; where the last day is still to come, whether the plan can keep it."""
    says = office.opens(PROCEDURE, NOTICE, on=on)
    assert [each for each in (BOARD_OVER, CIRCULATION_OVER, ROUTE_OVER) if each in says] == over
    assert " ".join(over) in says
    assert says.count("is over since") == len(over)
    assert ("The plan does not fit: first fails the equality impact assessment. It can be on" in says) is not fits
    assert (f"What would mend it: cleardays show {office.playing.case_ref}" in says) is not fits


def test_a_stated_day_that_is_over_is_said_to_be(office: Office) -> None:
    """The earlier day is the one that is used, and so the one that is over."""
    says = office.opens(PROCEDURE, {**NOTICE, "stated_deadline": "2017-08-01"}, on="2017-08-03")
    assert "The last day for the representation is over since Wednesday 2 August 2017." in says
    assert says.count("is over since") == 1


def test_a_neighbour_is_not_told_of_a_plan(office: Office) -> None:
    """Sch 2 para 19(4): it need not answer, but hears what is over."""
    says = office.opens(PROCEDURE, {**NOTICE, "capacity": "neighbouring"}, on="2017-08-25")
    assert CIRCULATION_OVER in says
    assert "plan" not in says

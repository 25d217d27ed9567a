"""What whoever enters something is told at once: what is over, what it makes late, what it replaces."""

from __future__ import annotations

import pytest
from story_office import Office

from models.pharmacy_words import PROCEDURE

NOTICE = {"reference": "CAS-17", "given_at": "2017-07-26T10:00", "capacity": "relevant", "wards": "bargate",
          "applicant": "A Ltd", "closing": "1 Low Street", "remaining": "2 High Street"}  # fmt: skip
ROUTE_OVER = "The last day for the route has passed: it was Tuesday 8 August 2017."
CIRCULATION_OVER = "The last day for the circulation has passed: it was Wednesday 9 August 2017."
BOARD_OVER = "The last day for the representation has passed: it was Saturday 9 September 2017."


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
    assert says.count("has passed: it was") == len(over)
    assert ("The plan does not fit: first fails the equality impact assessment. It can be on" in says) is not fits
    assert (f"What would mend it: cleardays show {office.playing.case_ref}" in says) is not fits


def test_a_stated_day_that_is_over_is_said_to_be(office: Office) -> None:
    """The earlier day is the one that is used, and so the one that is over."""
    says = office.opens(PROCEDURE, {**NOTICE, "stated_deadline": "2017-08-01"}, on="2017-08-03")
    assert "The last day for the representation has passed: it was Tuesday 1 August 2017." in says
    assert says.count("has passed: it was") == 1


def test_a_neighbour_is_not_told_of_a_plan(office: Office) -> None:
    """Sch 2 para 19(4): it need not answer, but hears what is over."""
    says = office.opens(PROCEDURE, {**NOTICE, "capacity": "neighbouring"}, on="2017-08-25")
    assert CIRCULATION_OVER in says
    assert "plan" not in says


# -- answers -------------------------------------------------------------------------------------------------


def circulated(office: Office) -> None:
    """Circulate on Wednesday 2 August 2017 at noon."""
    office.receives(on="2017-07-26")
    office.attaches_assessment(on="2017-07-26")
    office.decides_route("contentious", on="2017-08-02")
    assert office.days("circulated") == ["2017-08-02"]


@pytest.mark.parametrize(
    ("received_at", "before"),
    [
        ("2017-08-01", True),
        ("2017-08-02T11:59", True),
        ("2017-08-02", False),  # a day alone: nobody says that it was before noon
        ("2017-08-02T12:00", False),
        ("2017-08-03", False),
        (None, False),
    ],
)
def test_an_answer_from_before_its_question_is_said_to_be(
    office: Office, received_at: str | None, before: bool
) -> None:
    """Para 10: as `show` words it, though it is entered after the papers left."""
    circulated(office)
    (says,) = office.hears_back({"icb": "gap"}, on="2017-08-04", received_at=received_at)
    assert ("recorded: gap, said this before the papers, counted unless another answer follows." in says) is before
    assert says.endswith("recorded: gap.") is not before


def test_an_answer_entered_before_the_papers_left_is_said_to_be(office: Office) -> None:
    """The route is decided, the assessment is not there yet."""
    office.receives(on="2017-07-26")
    office.decides_route("contentious", on="2017-07-27")
    (says,) = office.hears_back({"icb": "gap"}, on="2017-07-28")
    assert "said this before the papers" in says


def test_an_answer_that_replaces_another_names_it(office: Office) -> None:
    """Para 10: the newest counts; typed twice, it is seen to be."""
    circulated(office)
    office.hears_back({"icb": "gap"}, on="2017-08-04")
    first = office.fact("response-received").number
    (says,) = office.hears_back({"icb": "gap"}, on="2017-08-04")
    assert says.endswith(f"recorded: gap, replaces fact {first}.")
    (late,) = office.hears_back({"icb": "no-gap"}, on="2017-08-20")
    assert late.endswith(f"recorded: no-gap, late: kept and marked, replaces fact {first + 1}.")


def test_an_interest_is_declared_or_there_is_none(office: Office) -> None:
    """Para 12: what an interest is cannot be said of none."""
    circulated(office)
    answer = {"consultee": "icb", "opinion": "gap", "interest_detail": "owns shares"}
    told = office.is_refused("respond", on="2017-08-04", interest="none", **answer)
    assert "no interest was declared (--interest none), and yet one is named: 'owns shares'" in told
    assert "--interest declared" in told
    office.does("respond", on="2017-08-04", interest="declared", **answer)


# -- documents -----------------------------------------------------------------------------------------------


def test_the_same_document_is_attached_once(office: Office) -> None:
    """The refusal names the fact; another name, another mark or another kind is another document."""
    office.receives(on="2017-07-26", application=None)
    office.attaches("application", on="2017-07-26", file="application.pdf")
    first = office.fact("document-attached").number
    again = {"kind": "application", "file": "application.pdf"}
    told = office.is_refused("attach", on="2017-07-27", **again)
    assert told == f"application.pdf is attached already as fact {first}; nothing was recorded twice"
    office.attaches("spatial-analysis", on="2017-07-27", file="application.pdf")
    office.attaches("application", on="2017-07-27", file="application.pdf", confidential=True)
    office.attaches("application", on="2017-07-27", file="application.pdf")
    office.attaches("application", on="2017-07-27", file="other.pdf")
    assert len(office.facts("document-attached")) == 5


def test_an_assessment_stands_again_after_a_screening(office: Office) -> None:
    """Para 17: the newest of both is the one that counts."""
    office.receives(on="2017-07-26")
    office.attaches_assessment(on="2017-07-26")
    office.attaches("equality-screening", on="2017-07-27", file=None, reasons="Nobody is affected.")
    office.attaches_assessment(on="2017-07-28")
    assert "attached already" in office.is_refused("attach", on="2017-07-29", kind="equality-impact-assessment",
                                                   file="assessment.pdf")  # fmt: skip


# -- a notice corrected --------------------------------------------------------------------------------------


def corrects(office: Office, given_at: str, *, on: str) -> str:
    """Correct when notice was given, and return what the office is told."""
    return office.does("correct-notice", on=on, given_at=given_at, evidence="Stamp on the letter", reasons="Misread")


def test_a_correction_says_what_it_makes_late(office: Office) -> None:
    """Paras 8, 19(4): circulated on day 7, which was day 15 in truth; those who are told of it read it as well."""
    circulated(office)
    late = "That makes the circulation late: it was done after Tuesday 1 August 2017."
    says = corrects(office, "2017-07-18T10:00", on="2017-08-03")
    assert late in says
    assert "That makes the route late: it was done after Monday 31 July 2017." in says
    assert "representation is over" not in says
    assert set(office.recipients("notice-corrected")) >= {"director-of-public-health", "monitoring-officer"}
    for words in office.words("notice-corrected"):
        assert "What is late by it" in words
        assert late in words


def test_a_correction_that_makes_nothing_late_says_nothing_of_it(office: Office) -> None:
    """One day earlier, with a day to spare; what was late before is no news either."""
    circulated(office)
    assert "late" not in corrects(office, "2017-07-25T10:00", on="2017-08-03")
    assert not any("late by it" in words for words in office.words("notice-corrected"))
    corrects(office, "2017-07-18T10:00", on="2017-08-04")
    assert "late" not in corrects(office, "2017-07-17T10:00", on="2017-08-05")


def test_a_correction_says_that_a_last_day_is_over(office: Office) -> None:
    """Nothing has been circulated: by the corrected day it is late already, and so may be the representation."""
    office.receives(on="2017-07-26")
    says = corrects(office, "2017-07-20T10:00", on="2017-08-05")
    assert "The last day for the circulation has passed: it was Thursday 3 August 2017." in says
    assert "The last day for the circulation has passed" in office.words("notice-corrected")[0]


def test_a_correction_taken_back_says_what_is_late_again(office: Office) -> None:
    """Days gained by a correction that was none."""
    office.receives(on="2017-07-18", entered="2017-07-26")
    corrects(office, "2017-07-25T10:00", on="2017-07-27")
    office.attaches_assessment(on="2017-07-27")
    office.decides_route("contentious", on="2017-08-02")
    fact = office.fact("notice-corrected").number
    says = office.does("retract", on="2017-08-03", fact=fact, reasons="It was the 18th after all")
    assert "That makes the circulation late: it was done after Tuesday 1 August 2017." in says

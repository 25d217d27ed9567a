"""Interests: everybody consulted says whether they have one (paragraph 12), and an answer given with one shows it."""

from __future__ import annotations

from story_office import Office

DECLARED = {"interest": "declared", "interest_detail": "Advises the applicant's other branch."}


def test_answers_with_an_interest_do_not_make_a_response_clear(office: Office) -> None:
    """Paras 11, 12: two opinions alike, one from somebody with an interest: the group is invited to meet."""
    circulated(office)
    office.hears_back({"healthwatch": "gap"}, on="2017-08-07")
    office.hears_back({"icb": "gap"}, on="2017-08-07", **DECLARED)
    office.waits_until("2017-08-19")
    assert office.fact("feedback-closed")["clear"] is False
    assert "1 of these opinions came with an interest declared" in office.letter("meeting-called", to="board-chair")


def test_enough_other_answers_make_it_clear_all_the_same(office: Office) -> None:
    """Paras 11, 12: an interest takes an answer out of the count, not the consultee out of the consultation."""
    circulated(office)
    office.hears_back({"healthwatch": "gap", "board-chair": "gap"}, on="2017-08-07")
    office.hears_back({"icb": "gap"}, on="2017-08-07", **DECLARED)
    office.waits_until("2017-08-19")
    assert office.fact("feedback-closed")["clear"] is True


def test_one_answer_with_an_interest_against_the_rest_still_calls_the_meeting(office: Office) -> None:
    """Para 11: an opinion that differs is not struck out because of an interest; the group talks about it."""
    circulated(office)
    office.hears_back({"healthwatch": "gap", "board-chair": "gap"}, on="2017-08-07")
    office.hears_back({"icb": "no-gap"}, on="2017-08-07", **DECLARED)
    office.waits_until("2017-08-19")
    assert office.fact("feedback-closed")["clear"] is False


def test_the_director_and_the_addressee_see_the_interest_beside_the_answer(office: Office) -> None:
    """Para 12: the Director reads what it is; the representation says that one was declared, and by which office."""
    circulated(office)
    office.hears_back({"healthwatch": "gap", "board-chair": "gap"}, on="2017-08-07")
    office.hears_back({"icb": "gap"}, on="2017-08-07", **DECLARED)
    office.waits_until("2017-08-19")
    assert "gap, an interest declared (Advises the applicant's other branch.)" in office.letter("decision-open")
    office.decides("gap", on="2017-08-21")
    document = office.document_text("representation")
    assert "Interests declared by: NHS Southampton City Clinical Commissioning Group" in document
    assert "gap Declared" in document


def circulated(office: Office) -> None:
    """Give notice on 1 August 2017 and circulate the papers on the 4th."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")

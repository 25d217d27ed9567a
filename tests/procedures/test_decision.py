"""The decision on the statutory question (recommendations (i), (ii); paragraphs 1, 5, 17)."""

from __future__ import annotations

from typing import Any

from story_office import Office, words_of

NO_GAP: dict[str, Any] = {"opinion": "no-gap", "limb_a": "Met.", "limb_b": "Kept.", "wishes_oral_hearing": False}


def test_no_decision_before_a_route(office: Office) -> None:
    """Recs (i), (ii): the power exists on a route; without one there is nothing to exercise."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    assert "no route has been chosen" in office.is_refused("decide", on="2017-08-03", **NO_GAP)


def test_the_urgent_route_does_not_spare_the_choice_of_route(office: Office) -> None:
    """Recs (i), (ii): even in haste somebody says whether the application is contentious."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.does("name-urgent-route", on="2017-08-03", reasons="The sender wants it in a week.")
    assert "no route has been chosen" in office.is_refused("decide", on="2017-08-03", **NO_GAP)
    office.decides_route("non-contentious", on="2017-08-03")
    office.decides("no-gap", on="2017-08-03")
    assert len(office.facts("representation-sent")) == 1


def test_no_decision_while_people_can_still_answer(office: Office) -> None:
    """Recs (i), (ii): *following* consultation; the refusal says who can still answer, and until when."""
    circulated(office)
    office.hears_back({"icb": "gap"}, on="2017-08-07")
    why = office.is_refused("decide", on="2017-08-18T23:59:59", **NO_GAP)
    assert "feedback is open until 23:59 on Friday 18 August 2017" in why
    assert "healthwatch can still answer" in why
    assert " icb," not in why


def test_no_decision_without_the_assessment(office: Office) -> None:
    """Para 17, Equality Act 2010 s.149: due regard comes before the decision."""
    office.receives(on="2017-08-01")
    office.decides_route("non-contentious", on="2017-08-02")
    office.hears_from_everyone("no-gap", on="2017-08-03")
    assert "attach one first" in office.is_refused("decide", on="2017-08-04", **NO_GAP)


def test_the_law_knows_no_third_opinion(office: Office) -> None:
    """Sch 2 para 19(5): would or would not create a gap."""
    answered(office)
    assert "is not one of the choices" in office.is_refused(
        "decide", on="2017-08-08", opinion="undecided", wishes_oral_hearing=False
    )


def test_the_wish_to_be_heard_must_be_stated(office: Office) -> None:
    """Sch 2 para 25(2)(b): the written representation itself says whether the Board would wish to be heard."""
    answered(office)
    assert "wishes_oral_hearing is missing" in office.is_refused("decide", on="2017-08-08", opinion="no-gap")


def test_what_is_left_out_stays_outstanding(office: Office) -> None:
    """Sch 2 para 19(5), Gunning: the record lists what the decision did not say; the document says so too."""
    answered(office)
    said = office.does("decide", on="2017-08-08", opinion="no-gap", wishes_oral_hearing=True)
    outstanding = office.fact("decided")["outstanding"]
    assert outstanding[:4] == [
        "reasons on limb (a)", "reasons on limb (b)", "alternatives considered", "matter for the oral hearing"
    ]  # fmt: skip
    assert "how the response of healthwatch was considered" in outstanding
    assert "Still outstanding on the record: reasons on limb (a)" in said


def test_a_full_decision_leaves_nothing_outstanding(office: Office) -> None:
    """Moseley v Haringey [2014] UKSC 56: each response conscientiously taken into account, and it shows."""
    answered(office)
    considered = {fact["consultee"]: "Weighed." for fact in office.facts("response-received")}
    said = office.decides("no-gap", on="2017-08-08", considered=considered)
    assert office.fact("decided")["outstanding"] == []
    assert said == "Decided: no gap."


def test_declining_to_follow_the_group_is_recorded_with_its_reasons(office: Office) -> None:
    """Recs (i), (ii): the Director decides after consulting and is not bound; the departure is on the record."""
    answered(office, opinion="gap")
    office.decides("no-gap", on="2017-08-08")
    decided = office.fact("decided")
    assert decided["follows_those_consulted"] is False
    assert "reasons for not following those consulted" in decided["outstanding"]


def test_reasons_for_a_departure_settle_it(office: Office) -> None:
    """Recs (i), (ii): with reasons for not following the group nothing of that is outstanding."""
    answered(office, opinion="gap")
    office.decides("no-gap", on="2017-08-08", departure_reasons="A third pharmacy opens next door.")
    assert "reasons for not following those consulted" not in office.fact("decided")["outstanding"]


def test_the_wish_to_be_heard_goes_into_the_representation(office: Office) -> None:
    """Sch 2 para 25(2)(b): with the matter on which further evidence would be given."""
    answered(office)
    office.decides("gap", on="2017-08-08", wishes_oral_hearing=True, hearing_matter="Evening opening.")
    letter = office.letter("representation")
    assert "The Board wishes to be heard at an oral hearing" in letter
    assert "Evening opening." in letter


def test_a_doubtful_power_is_printed_with_the_decision(office: Office) -> None:
    """SI 2013/218 reg 3: whether an officer may hold this power is arguable; the record and the document say so."""
    answered(office)
    office.decides("no-gap", on="2017-08-08")
    decided = office.fact("decided")
    assert decided["legal_basis_uncertain"] is True
    assert "paper, recommendation (ii)" in decided["legal_basis"]
    assert "uncertain" in office.document_text("representation").lower()


def test_a_second_decision_is_refused(office: Office) -> None:
    """Recs (i), (ii): the power is exercised once; the refusal says when it was."""
    answered(office)
    office.decides("no-gap", on="2017-08-08")
    why = office.is_refused("decide", on="2017-08-09", **NO_GAP)
    assert "the case was decided on 8 August 2017" in why


def test_the_route_is_settled_by_the_decision(office: Office) -> None:
    """Recs (i), (ii): after the decision the route cannot be raised any more."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("non-contentious", on="2017-08-02")
    office.hears_from_everyone("no-gap", on="2017-08-03")
    office.decides("no-gap", on="2017-08-04")
    raising: dict[str, Any] = {"route": "contentious", "reasons": "Late worry", "chair_agrees": True}
    assert "the case is decided" in office.is_refused("decide-route", on="2017-08-05", **raising)


def test_the_director_is_warned_as_the_target_comes_near(office: Office) -> None:
    """Para 2: seven, three and one day before the target, and on its morning."""
    answered(office)
    office.waits_until("2017-09-15")
    days = [letter.written_at.date().isoformat() for letter in office.letters("deadline-warning")]
    assert days == ["2017-09-08", "2017-09-12", "2017-09-14", "2017-09-15"]
    assert "which is today" in words_of(office.letters("deadline-warning")[-1])


def test_an_answer_that_came_after_the_decision_is_kept_apart(office: Office) -> None:
    """Para 10: it is kept, and marked as one that the decision could not weigh."""
    circulated(office)
    office.waits_until("2017-08-19")
    office.decides("no-gap", on="2017-08-21")
    office.hears_back({"icb": "gap"}, on="2017-08-22")
    assert office.fact("response-received")["after_decision"] is True
    assert len(office.facts("representation-sent")) == 1


def circulated(office: Office) -> None:
    """Give notice on 1 August 2017 and circulate the papers on the 4th."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")


def answered(office: Office, *, opinion: str = "no-gap") -> None:
    """Bring a contentious case to where everybody has answered alike, on 7 August 2017."""
    circulated(office)
    office.hears_from_everyone(opinion, on="2017-08-07")

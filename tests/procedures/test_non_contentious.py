"""The short route: the Chair and the members of the wards affected (recommendation (i), paragraph 7)."""

from __future__ import annotations

from typing import Any

from story_office import CouncilWith, Office, OfficeOf, words_of

BARGATE = [f"ward-member-bargate-{n}" for n in (1, 2, 3)]
BEVOIS = [f"ward-member-bevois-{n}" for n in (1, 2, 3)]


def test_the_chair_and_the_members_of_the_ward_are_consulted(office: Office) -> None:
    """Rec (i), para 7: on the short route nobody else is asked."""
    consulting(office)
    assert office.consulted() == ["board-chair", *BARGATE]
    assert office.recipients("consultation") == ["board-chair", *BARGATE]
    assert office.letters("circulation") == []


def test_members_of_two_wards_are_each_asked_once(office: Office) -> None:
    """Para 7: the ward members whose wards are impacted, ward by ward, nobody twice."""
    consulting(office, wards="bargate, bevois, bargate")
    assert office.consulted() == ["board-chair", *BARGATE, *BEVOIS]


def test_a_councillor_who_took_office_since_is_the_one_asked(office: Office) -> None:
    """Para 7: the letter goes to whoever holds the office on the day; Bargate's first seat changed on 7 May 2018."""
    office.receives(on="2018-05-04")
    office.decides_route("non-contentious", on="2018-05-07")
    (letter,) = office.letters("consultation", to="ward-member-bargate-1")
    assert letter.draft.address == "perdita.ravenhill@example.org"


def test_the_scrutiny_chair_is_told_of_the_application_and_of_the_response(office: Office) -> None:
    """Para 7: the Chair of the Health Overview and Scrutiny Panel is told twice, and asked nothing on this route."""
    consulting(office)
    assert office.recipients("application-notified") == ["scrutiny-chair"]
    office.hears_from_everyone("no-gap", on="2017-08-07")
    office.decides("no-gap", on="2017-08-08")
    assert office.recipients("final-response") == ["scrutiny-chair"]
    assert "sent to NHS England on Tuesday 8 August 2017" in office.letter("final-response")


def test_the_papers_that_there_are_go_with_the_letter(office: Office) -> None:
    """Paras 6, 7: who is consulted can see what the decision will be based upon."""
    office.receives(on="2017-08-01", application=None)
    office.attaches("application", on="2017-08-02", file="application.pdf")
    office.decides_route("non-contentious", on="2017-08-04")
    assert "application.pdf" in words_of(office.letters("consultation")[0])


def test_without_papers_the_letter_stands_alone(office: Office) -> None:
    """Para 9 wants application and assessment circulated on the long route only: the short one waits for neither."""
    consulting(office, papers=False)
    assert "The papers with this letter" not in words_of(office.letters("consultation")[0])


def test_answers_are_waited_for_as_long_as_local_policy_says(office: Office) -> None:
    """Rec (i) gives no time: the council's file says fourteen days, and every letter says that it is local policy."""
    consulting(office)
    assert office.waits_for() == ("Awaiting feedback", "2017-08-18")
    assert "local policy" in words_of(office.letters("consultation")[0])


def test_local_policy_can_be_another(council_with: CouncilWith, office_of: OfficeOf) -> None:
    """Rec (i) gives no time: a council that grants seven days has seven."""
    days = "  non_contentious_feedback_days:\n    value: "
    office = office_of(council_with((f"{days}14", f"{days}7")))
    consulting(office)
    assert office.waits_for() == ("Awaiting feedback", "2017-08-11")


def test_the_decision_opens_with_the_last_answer(office: Office) -> None:
    """Rec (i): following consultation; once all have answered the Director need not wait longer."""
    consulting(office)
    office.hears_from_everyone("no-gap", on="2017-08-07")
    assert office.fact("feedback-closed")["reason"] == "the last answer is in"
    assert office.waits_for() == ("Awaiting decision", "2017-09-15")
    assert office.recipients("decision-open") == ["director-of-public-health"]


def test_the_decision_opens_when_the_time_is_over(office: Office) -> None:
    """Rec (i): who does not answer holds nothing up, and is not counted as agreeing."""
    consulting(office)
    office.hears_back({"board-chair": "no-gap"}, on="2017-08-07")
    assert "board-chair" not in (why := office.is_refused("decide", on="2017-08-18T23:59", **no_gap()))
    assert "ward-member-bargate-1" in why
    office.waits_until("2017-08-19T00:00:00")
    closed = office.fact("feedback-closed")
    assert closed["reason"] == "the time to answer is over"
    assert (closed["answered"], closed["silent"]) == (["board-chair"], BARGATE)
    office.decides("no-gap", on="2017-08-21")


def test_differing_views_call_no_meeting_on_the_short_route(office: Office) -> None:
    """Para 11 speaks of the group that was circulated to: on the short route the Director weighs the views."""
    consulting(office)
    office.hears_back({"board-chair": "no-gap", **dict.fromkeys(BARGATE, "gap")}, on="2017-08-07")
    assert office.facts("meeting-called") == []
    assert office.waits_for() == ("Awaiting decision", "2017-09-15")


def test_the_short_route_needs_the_assessment_too(office: Office) -> None:
    """Para 17: any exercise of the delegation needs the assessment; without it the decision is refused."""
    consulting(office, papers=False)
    office.hears_from_everyone("no-gap", on="2017-08-07")
    assert office.waits_for() == ("Awaiting equality impact assessment", "2017-09-15")
    assert "para 17" in office.is_refused("decide", on="2017-08-08", **no_gap())
    office.attaches_assessment(on="2017-08-09")
    assert office.waits_for() == ("Awaiting decision", "2017-09-15")
    office.decides("no-gap", on="2017-08-10")
    assert len(office.facts("representation-sent")) == 1


def test_without_a_chair_to_consult_the_short_route_waits(council_with: CouncilWith, office_of: OfficeOf) -> None:
    """Rec (i): the power exists following consultation with the Chair; a vacant chair is filled first."""
    office = office_of(council_with(NO_CHAIR))
    office.receives(on="2019-05-23")
    office.decides_route("non-contentious", on="2019-05-24")
    assert office.consulted() == []
    assert office.waits_for()[0] == "Awaiting Board members"
    assert "nobody holds office as Chair of the Health and Wellbeing Board" in office.letter("blocked")


NO_CHAIR = ("      - {person: aled-rhydderch, from: 2019-05-22}", "      - {person: aled-rhydderch, from: 2020-05-22}")


def consulting(office: Office, *, wards: str = "bargate", papers: bool = True) -> None:
    """Give notice on 1 August 2017 and consult on the short route on the 4th."""
    office.receives(on="2017-08-01", wards=wards, application="application.pdf" if papers else None)
    if papers:
        office.attaches_assessment(on="2017-08-02")
    office.decides_route("non-contentious", on="2017-08-04")


def no_gap() -> dict[str, Any]:
    """Return the fields of a decision."""
    return {"opinion": "no-gap", "limb_a": "Met.", "limb_b": "Kept.", "wishes_oral_hearing": False}

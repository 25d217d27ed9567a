"""Where no clear response can be agreed electronically the group meets (paragraph 11), or cannot in time."""

from __future__ import annotations

from story_office import Office, words_of

DIRECTOR, CHAIR = "director-of-public-health", "board-chair"
QUORATE = f"{DIRECTOR}, {CHAIR}, icb"


def test_differing_answers_call_the_group_together(office: Office) -> None:
    """Para 11: one sees a gap, one none: everybody circulated to is invited to meet, and the Director."""
    circulated(office)
    office.hears_back({"icb": "gap", "healthwatch": "no-gap"}, on="2017-08-10")
    office.waits_until("2017-08-19")
    assert office.recipients("meeting-called") == [DIRECTOR, *office.consulted()]
    assert "1 said there would be a gap, 1 said there would be none" in words_of(office.letters("meeting-called")[0])
    assert "to meet by Friday 15 September 2017" in words_of(office.letters("meeting-called")[0])
    assert office.waits_for() == ("Awaiting meeting", "2017-09-15")


def test_no_answer_at_all_is_no_clear_response(office: Office) -> None:
    """Para 11: silence is not consent; where nobody answers the group is called together."""
    circulated(office)
    office.waits_until("2017-08-19")
    assert office.fact("feedback-closed")["clear"] is False
    assert office.waits_for()[0] == "Awaiting meeting"


def test_one_answer_alone_is_no_clear_response(office: Office) -> None:
    """Para 11: the council's file wants two opinions at least before it calls a response clear."""
    circulated(office)
    office.hears_back({"icb": "gap", "healthwatch": "no-comment"}, on="2017-08-10")
    office.waits_until("2017-08-19")
    assert office.fact("feedback-closed")["clear"] is False


def test_a_clear_response_needs_no_meeting(office: Office) -> None:
    """Para 11: where those who have a view agree, the Director decides."""
    circulated(office)
    office.hears_back({"icb": "gap", "healthwatch": "gap", "scrutiny-chair": "no-comment"}, on="2017-08-10")
    office.waits_until("2017-08-19")
    assert office.fact("feedback-closed")["opinion"] == "gap"
    assert office.facts("meeting-called") == []
    assert office.waits_for() == ("Awaiting decision", "2017-09-15")


def test_a_quorate_meeting_opens_the_decision(office: Office) -> None:
    """Para 11: what the meeting agrees is what the Director is asked to follow."""
    called(office)
    said = office.meets(QUORATE, on="2017-08-24", opinion="no-gap")
    assert "Quorate: 3 members present, 3 needed" in said
    assert office.waits_for() == ("Awaiting decision", "2017-09-15")
    assert "The view of those consulted, taken together: no-gap." in office.letter("decision-open")
    office.decides("no-gap", on="2017-08-25")
    assert office.fact("decided")["follows_those_consulted"] is True


def test_an_inquorate_meeting_is_called_again(office: Office) -> None:
    """Para 11, local policy: without the Chair there is no quorum; while there is time the group is called again."""
    called(office)
    said = office.meets(f"{DIRECTOR}, icb, healthwatch", on="2017-08-24", opinion="gap")
    assert "Not quorate" in said
    assert "call number 2" in words_of(office.letters("meeting-called", to=CHAIR)[-1])
    assert office.waits_for() == ("Awaiting meeting", "2017-09-15")
    office.meets(QUORATE, on="2017-08-30", opinion="no-gap")
    office.decides("no-gap", on="2017-08-31")
    assert office.fact("decided")["follows_those_consulted"] is True


def test_an_inquorate_meeting_with_no_time_left_brings_the_urgent_route(office: Office) -> None:
    """Sch 2 para 19(5): three working days' notice no longer fit before the target; the urgent route is named."""
    called(office)
    office.meets(f"{DIRECTOR}, icb, healthwatch", on="2017-09-13")
    (named,) = office.facts("urgent-route-named")
    assert named["reasons"].startswith("the group was inquorate and no meeting can be held by 15 September 2017")
    assert office.recipients("urgent-route-named") == [DIRECTOR, CHAIR]
    assert office.waits_for() == ("Awaiting decision", "2017-09-15")


def test_feedback_that_closes_too_late_for_a_meeting_brings_the_urgent_route(office: Office) -> None:
    """Sch 2 para 19(5): circulated on 30 August, closed on 13 September; no meeting fits before the target."""
    circulated(office, on="2017-08-30")
    office.waits_until("2017-09-14T00:00:00")
    assert office.fact("urgent-route-named")["reasons"] == (
        "no clear response could be agreed and no meeting can be held by 15 September 2017, the internal target"
    )
    assert office.facts("meeting-called") == []


def test_a_meeting_never_held_brings_the_urgent_route_on_the_target(office: Office) -> None:
    """Sch 2 para 19(5): at nine on the morning of the target the wait is over."""
    called(office)
    office.waits_until("2017-09-15T08:59:59")
    assert office.facts("urgent-route-named") == []
    office.waits_until("2017-09-15T09:00")
    assert office.days("urgent-route-named") == ["2017-09-15"]
    office.decides("no-gap", on="2017-09-15T15:00")
    assert "Urgent officer decision" in office.fact("decided")["legal_basis"]


def test_the_director_may_decide_without_the_meeting(office: Office) -> None:
    """Para 11 invites to a meeting, recs (i), (ii) want consultation: once feedback is closed that has been had."""
    called(office)
    office.decides("no-gap", on="2017-08-21")
    assert len(office.facts("representation-sent")) == 1
    assert office.facts("meeting-held") == []


def test_a_meeting_held_before_feedback_closed_counts(office: Office) -> None:
    """Para 11: a group that met early need not be called once more; the view it took stands."""
    circulated(office)
    office.meets(QUORATE, on="2017-08-10", opinion="gap")
    office.waits_until("2017-08-19")
    assert office.facts("meeting-called") == []
    assert office.waits_for() == ("Awaiting decision", "2017-09-15")
    assert "The view of those consulted, taken together: gap." in office.letter("decision-open")


def test_who_was_not_consulted_makes_no_quorum(office: Office) -> None:
    """Para 11, local policy: "the above group"; a councillor of another ward is noted and not counted."""
    called(office)
    said = office.meets(f"{DIRECTOR}, {CHAIR}, ward-member-bevois-1", on="2017-08-24")
    assert "2 members present, 3 needed" in said
    assert "Not counted, as not a member: Councillor for Bevois" in said


def test_there_is_no_meeting_before_the_papers_and_none_after_the_decision(office: Office) -> None:
    """Para 11: the group that meets is the one circulated to, and it meets to inform the decision."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    assert "no group to meet" in office.is_refused("meet", on="2017-08-03", attended=QUORATE)
    office.decides_route("contentious", on="2017-08-04")
    office.hears_from_everyone("gap", on="2017-08-07")
    office.decides("gap", on="2017-08-08")
    assert "the case is decided" in office.is_refused("meet", on="2017-08-09", attended=QUORATE)


def circulated(office: Office, *, on: str = "2017-08-04") -> None:
    """Give notice on 1 August 2017 and circulate the papers `on` a day."""
    office.receives(on="2017-08-01")
    office.decides_route("contentious", on="2017-08-02")
    office.attaches_assessment(on=on)


def called(office: Office) -> None:
    """Bring the case to where the group has been called together, on 19 August 2017."""
    circulated(office)
    office.hears_back({"icb": "gap", "healthwatch": "no-gap"}, on="2017-08-10")
    office.waits_until("2017-08-19")

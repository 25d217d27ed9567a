"""The route: contentious or not (recommendations (i) and (ii))."""

from __future__ import annotations

from story_office import Office, words_of

DIRECTOR, CHAIR = "director-of-public-health", "board-chair"


def test_the_director_and_the_chair_are_asked_on_the_day_of_the_notice(office: Office) -> None:
    """Recs (i), (ii): the Director chooses, after consulting the Chair; both are written to at once."""
    office.receives(on="2017-08-01")
    assert office.recipients("notified-to-director") == [DIRECTOR]
    assert office.recipients("notified-to-chair") == [CHAIR]
    assert office.waits_for() == ("Awaiting route", "2017-08-14")


def test_the_director_chooses_the_short_route(office: Office) -> None:
    """Rec (i): an application felt to be non-contentious goes to the Chair and the ward members."""
    office.receives(on="2017-08-01")
    office.decides_route("non-contentious", on="2017-08-04")
    assert office.fact("route-decided").actor == DIRECTOR
    assert office.waits_for() == ("Awaiting feedback", "2017-08-18")


def test_the_director_chooses_the_long_route(office: Office) -> None:
    """Rec (ii): an application deemed contentious waits for the assessment that must be circulated with it."""
    office.receives(on="2017-08-01")
    office.decides_route("contentious", on="2017-08-04")
    assert office.waits_for() == ("Awaiting equality impact assessment", "2017-08-15")


def test_the_director_is_asked_again_and_told_the_days_left(office: Office) -> None:
    """Para 8 leaves fourteen days to circulate: the Director is asked again on days 5 and 10, with the days left."""
    office.receives(on="2017-08-01")
    office.waits_until("2017-08-12")
    fifth, tenth = office.letters("route-asked-again", to=DIRECTOR)
    assert fifth.draft.subject.startswith("Asked again (2)")
    assert "by Monday 14 August 2017: 8 days left" in words_of(fifth)
    assert tenth.draft.subject.startswith("Asked again (3)")
    assert "by Monday 14 August 2017: 3 days left" in words_of(tenth)


def test_the_director_is_not_asked_again_once_the_route_is_chosen(office: Office) -> None:
    """Recs (i), (ii): nobody is chased for what is decided."""
    office.receives(on="2017-08-01")
    office.decides_route("non-contentious", on="2017-08-02")
    office.waits_until("2017-08-20")
    assert office.letters("route-asked-again") == []


def test_after_an_outage_only_the_newest_request_is_written(office: Office) -> None:
    """Recs (i), (ii): a notice entered on day 11 does not set off the requests of days 5 and 10 together."""
    office.receives(on="2017-08-01", entered="2017-08-12")
    assert "This is request number 2." in office.letter("route-asked-again")


def test_without_a_route_the_application_is_contentious_on_day_14(office: Office) -> None:
    """Recs (i), (ii), para 8: no route by the end of day 13 means contentious, circulated on day 14, in time."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.waits_until("2017-08-14T23:59:59")
    assert office.facts("route-decided") == []

    office.waits_until("2017-08-15T00:00:00")
    decided = office.fact("route-decided")
    assert decided["reasons"] == "no route was chosen by the end of 14 August 2017: contentious by default"
    assert (decided.actor, decided["by_default"]) == ("cleardays", True)
    assert office.days("circulated") == ["2017-08-15"]
    assert {fact["late"] for fact in office.facts("circulated")} == {False}
    assert office.facts("deadline-passed") == []


def test_a_notice_entered_after_day_13_says_that_nobody_was_asked_in_time(office: Office) -> None:
    """Recs (i), (ii): the default still protects those consulted; record and letters do not blame the Director."""
    office.receives(on="2017-08-01", entered="2017-08-21")
    reasons = office.fact("route-decided")["reasons"]
    assert "no route was chosen by the end of 14 August 2017" in reasons
    assert "(the notice, given on 1 August 2017, was entered only on 21 August 2017, so that nobody was" in reasons
    told = office.letter("notified-to-director")
    assert told.startswith("Contentious by default, the day for choosing has passed")
    assert "Please choose the route" not in told
    assert "Please tell the Director" not in office.letter("notified-to-chair")
    assert office.letters("route-asked-again") == []


def test_a_disagreement_is_put_to_both(office: Office) -> None:
    """Rec (ii) wants both to deem it contentious: where they differ, both are told, and asked to settle it."""
    office.receives(on="2017-08-01")
    office.decides_route("non-contentious", on="2017-08-04", chair_agrees=False)
    assert office.facts("route-decided") == []
    assert office.recipients("route-disagreed") == [DIRECTOR, CHAIR]
    assert office.waits_for() == ("Awaiting route", "2017-08-14")


def test_a_disagreement_that_is_settled_goes_by_what_they_agree(office: Office) -> None:
    """Recs (i), (ii): once the Director and the Chair agree, their route stands, and both views stay on record."""
    office.receives(on="2017-08-01")
    office.decides_route("non-contentious", on="2017-08-04", chair_agrees=False)
    office.decides_route("non-contentious", on="2017-08-09", chair_agrees=True)
    assert office.fact("route-decided")["route"] == "non-contentious"
    assert office.fact("route-disputed")["chair_agrees"] is False


def test_a_disagreement_that_lasts_ends_in_the_fuller_consultation(office: Office) -> None:
    """Recs (i), (ii): the paper does not say who prevails; after day 13 the application is contentious by default."""
    office.receives(on="2017-08-01")
    office.decides_route("non-contentious", on="2017-08-04", chair_agrees=False)
    office.waits_until("2017-08-15")
    assert office.fact("route-decided")["reasons"] == (
        "the Director of Public Health and the Chair disagree by the end of 14 August 2017: contentious by default"
    )


def test_an_application_can_be_raised(office: Office) -> None:
    """Para 7: where a ward member objects, the application can still be treated as contentious; all are asked anew."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("non-contentious", on="2017-08-02")
    office.hears_back({"ward-member-bargate-1": "gap"}, on="2017-08-05")
    office.decides_route("contentious", on="2017-08-07")

    asked = [fact["consultee"] for fact in office.facts("circulated") if fact["stage"] == "contentious"]
    assert asked == list(office.council.contentious_consultees(["bargate"]))
    assert office.waits_for() == ("Awaiting feedback", "2017-08-21")


def test_an_answer_given_before_the_application_was_raised_still_counts(office: Office) -> None:
    """Paras 9, 10: who answered on the short route gets the papers and 14 days too; unchanged, the answer stands."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("non-contentious", on="2017-08-02")
    office.hears_back({"ward-member-bargate-1": "gap"}, on="2017-08-05")
    office.decides_route("contentious", on="2017-08-07")
    assert office.letters("circulation", to="ward-member-bargate-1") != []

    office.waits_until("2017-08-22")
    assert office.facts("feedback-closed")[-1]["answered"] == ["ward-member-bargate-1"]
    assert office.facts("feedback-closed")[-1]["gap"] == 1
    assert office.letters("reminder", to="ward-member-bargate-1") == []


def test_reminders_start_anew_after_the_application_was_raised(office: Office) -> None:
    """Para 10: the fourteen days of the wider circulation have reminders of their own."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("non-contentious", on="2017-08-02")
    office.decides_route("contentious", on="2017-08-10")
    office.waits_until("2017-08-18")
    of_the_chair = office.letters("reminder", to=CHAIR)
    assert ["16 August" in words_of(each) for each in of_the_chair] == [True, False]
    assert "by Thursday 24 August 2017: 7 days left" in words_of(of_the_chair[-1])


def test_an_application_is_raised_even_where_the_chair_does_not_agree(office: Office) -> None:
    """Rec (i) covers only what the Director feels to be non-contentious: once that is gone, so is the short route."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("non-contentious", on="2017-08-02")
    office.decides_route("contentious", on="2017-08-07", chair_agrees=False)
    assert [fact["route"] for fact in office.facts("route-decided")] == ["non-contentious", "contentious"]
    assert office.facts("route-decided")[-1]["chair_agrees"] is False


def test_an_application_raised_after_day_14_is_circulated_late(office: Office) -> None:
    """Para 8: the day for circulation does not move because the application was raised after it."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("non-contentious", on="2017-08-02")
    office.decides_route("contentious", on="2017-08-20")
    assert {f["late"] for f in office.facts("circulated") if f["stage"] == "contentious"} == {True}
    assert office.fact("deadline-passed")["name"] == "circulation"
    assert office.status("circulation") == "met late"


def test_a_contentious_application_never_goes_back(office: Office) -> None:
    """Rec (ii): those consulted were told that it is contentious; it stays so."""
    office.receives(on="2017-08-01")
    office.decides_route("contentious", on="2017-08-04")
    assert "never back" in office.is_refused(
        "decide-route", on="2017-08-05", route="non-contentious", reasons="Second thoughts", chair_agrees=True
    )


def test_the_short_route_cannot_be_chosen_on_day_14(office: Office) -> None:
    """Recs (i), (ii): the choice ends with day 13, and the refusal says that the default has taken its place."""
    office.receives(on="2017-08-01")
    assert "contentious" in office.is_refused(
        "decide-route", on="2017-08-15T00:00:00", route="non-contentious", reasons="At last", chair_agrees=True
    )


def test_the_same_route_twice_is_refused(office: Office) -> None:
    """Recs (i), (ii): a route that stands is not decided again."""
    office.receives(on="2017-08-01")
    office.decides_route("contentious", on="2017-08-04")
    assert "contentious already" in office.is_refused(
        "decide-route", on="2017-08-05", route="contentious", reasons="Again", chair_agrees=True
    )

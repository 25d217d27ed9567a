"""The plan is laid back from the last day: whether everything fits is known on day 0, and whenever a date moves."""

from __future__ import annotations

from typing import Any

import pytest
from story_office import CouncilWith, Office, OfficeOf, words_of

DIRECTOR, CHAIR = "director-of-public-health", "board-chair"
NO_BOARD = (
    "The Health and Wellbeing Board does not meet between notice (Wednesday 26 July 2017) and last day (Saturday "
    "9 September 2017); it meets next on Wednesday 18 October 2017. So the Board itself cannot decide in an ordinary "
    "meeting"
)


def test_the_plan_is_laid_on_the_day_of_notice(office: Office) -> None:
    """Paras 2, 8, 10, 11: from Saturday 9 September 2017 back, with a meeting, because it may be needed."""
    office.receives(on="2017-07-26")
    assert office.fact("plan-laid")["fits"] is True
    assert latest_days(office) == {
        "entry of the notice": "2017-08-09", "equality impact assessment": "2017-08-16",
        "choice of the route": "2017-08-16", "circulation": "2017-08-16", "close of feedback": "2017-08-30",
        "call of the meeting": "2017-08-31", "meeting of those consulted": "2017-09-05", "decision": "2017-09-07",
        "sending of the representation": "2017-09-09",
    }  # fmt: skip
    assert how(office, "meeting of those consulted") == (
        "So that the decision can be on Thursday 7 September 2017: the decision takes 2 working days."
    )
    assert office.letters("plan-does-not-fit") == []


def test_a_board_that_does_not_meet_in_time_is_known_on_day_0(office: Office) -> None:
    """Pack of 26 July 2017, Dates of Meetings: no Board between 26 July and 18 October; what that means is said."""
    office.receives(on="2017-07-26")
    (warning,) = office.fact("plan-laid")["warnings"]
    assert warning.startswith(NO_BOARD)
    assert "called with 5 clear working days' notice, or goes by the urgent route (Urgent officer decision)" in warning


def test_a_board_that_meets_in_time_gives_no_warning(office: Office) -> None:
    """LGA 1972 s.100B: given 20 September 2017, an agenda can go out for the Board of 18 October."""
    office.receives(on="2017-09-20")
    assert office.fact("plan-laid")["warnings"] == []


def test_a_board_that_meets_too_soon_for_an_agenda_does_not_count(office: Office) -> None:
    """LGA 1972 s.100B: given on Wednesday 11 October 2017, four clear working days are left before the 18th."""
    office.receives(on="2017-10-11")
    (warning,) = office.fact("plan-laid")["warnings"]
    assert "only on Wednesday 18 October 2017, too soon for an agenda 5 clear working days before it" in warning
    assert "it meets next on Wednesday 17 January 2018" in warning


def test_the_plan_is_laid_once_and_not_again_as_the_case_moves_on(office: Office) -> None:
    """Progress moves no date: from notice to the representation one plan holds."""
    office.receives(on="2017-07-26")
    office.attaches_assessment(on="2017-07-27")
    office.decides_route("contentious", on="2017-07-28")
    office.hears_from_everyone("no-gap", on="2017-08-07")
    office.decides("no-gap", on="2017-08-14")
    assert office.days("plan-laid") == ["2017-07-26"]
    assert len(office.facts("plan-laid")) == 1
    assert office.letters("plan-does-not-fit") == []


def test_the_plan_is_laid_anew_for_the_shorter_route(office: Office) -> None:
    """Rec (i): without a meeting, and with the assessment needed by the decision only, the papers have more time."""
    office.receives(on="2017-07-26")
    office.decides_route("non-contentious", on="2017-07-31")
    assert office.days("plan-laid") == ["2017-07-26", "2017-07-31"]
    days = latest_days(office)
    assert "meeting of those consulted" not in days
    assert (days["circulation"], days["close of feedback"]) == ("2017-08-22", "2017-09-05")
    assert days["equality impact assessment"] == "2017-09-05"


def test_an_earlier_last_day_that_the_sender_states_moves_the_plan_at_once(office: Office) -> None:
    """Sch 2 para 19(4): by 18 August the chain fits only if the papers leave on the day of the notice."""
    office.receives(on="2017-07-26", stated="2017-08-18")
    laid = office.fact("plan-laid")
    assert (laid["fits"], laid["failing"]) == (False, "equality impact assessment")
    assert laid["why"] == (
        "It can be on Wednesday 2 August 2017 at the earliest and would have to be by Wednesday 26 July 2017."
    )
    told = office.letter("plan-does-not-fit", to=DIRECTOR)
    assert told.startswith("The plan does not fit before Friday 18 August 2017, first: equality impact assessment")
    assert "so that the papers leave by Wednesday 26 July 2017: cleardays attach PC-2017-001" in told
    assert "cleardays name-urgent-route PC-2017-001" in told
    assert "does not meet between notice" in told


def test_the_letter_comes_on_the_day_after_a_latest_day_has_passed(office: Office) -> None:
    """Para 8: circulated by 23 August or not in time for all that follows; on the 24th the Director is told, once."""
    office.receives(on="2017-08-01")
    office.decides_route("contentious", on="2017-08-02")
    office.waits_until("2017-08-23T23:59:59")
    assert office.letters("plan-does-not-fit") == []
    office.waits_until("2017-08-24T00:00")
    told = office.letter("plan-does-not-fit", to=DIRECTOR)
    assert "by Thursday 31 August 2017 at the very latest: with no meeting" in told
    office.waits_until("2017-09-20")
    assert len(office.letters("plan-does-not-fit")) == 1
    assert len(office.facts("plan-laid")) == 1


def test_the_meeting_that_is_not_held_in_time_is_told_with_the_way_round_it(office: Office) -> None:
    """Para 11, recs (i), (ii): once feedback has closed the answers alone will do; the letter says so."""
    office.receives(on="2017-08-01")
    office.decides_route("contentious", on="2017-08-02")
    office.attaches_assessment(on="2017-08-04")
    office.hears_back({"icb": "gap", "healthwatch": "no-gap"}, on="2017-08-10")
    office.waits_until("2017-09-13")
    told = office.letter("plan-does-not-fit", to=DIRECTOR)
    assert "hold the meeting by Friday 15 September 2017 at the very latest: the decision sent on" in told
    assert "decide on the answers, without the meeting, by Thursday 14 September 2017: cleardays decide" in told


def test_a_meeting_that_is_no_longer_needed_is_no_longer_waited_for(office: Office) -> None:
    """Para 11: after a clear response no latest day for a meeting passes, and nobody is told of one."""
    office.receives(on="2017-08-01")
    office.decides_route("contentious", on="2017-08-02")
    office.attaches_assessment(on="2017-08-04")
    office.hears_back({"icb": "gap", "healthwatch": "gap"}, on="2017-08-10")
    office.waits_until("2017-09-14")
    assert office.letters("plan-does-not-fit") == []


def test_the_last_days_belong_to_the_letters_there_are(office: Office) -> None:
    """Entered on the morning of the target: the urgent route is named, and no letter says the same in other words."""
    office.receives(on="2017-08-01", entered="2017-09-15T10:00")
    assert len(office.facts("urgent-route-named")) == 1
    assert office.letters("plan-does-not-fit") == []


def test_the_default_route_is_planned_for_as_it_is_taken(office: Office) -> None:
    """Recs (i), (ii): on day 14 the papers leave at once; what fails is then the close of feedback, and told once."""
    office.receives(on="2017-08-01", stated="2017-08-28")
    office.attaches_assessment(on="2017-08-01")
    office.closes_its_mailroom()
    office.waits_until("2017-08-15T00:00")
    assert office.days("circulated") == ["2017-08-15"]
    assert first_to_fail(office) == ["equality impact assessment", "choice of the route", "close of feedback"]
    office.waits_until("2017-08-16")
    assert len(first_to_fail(office)) == 3


def test_a_neighbouring_board_is_not_pressed(office: Office) -> None:
    """Sch 2 para 19(4): it may stay silent; the plan is on record, and no letter speaks of it."""
    office.receives(on="2017-08-01", capacity="neighbouring", stated="2017-08-18")
    office.waits_until("2017-08-17")
    assert office.fact("plan-laid")["fits"] is False
    assert "need not" in " ".join(office.fact("plan-laid")["mends"])
    assert office.letters("plan-does-not-fit") == []


def test_a_notice_entered_late_is_warned_of(office: Office) -> None:
    """Sch 2 para 19(4): the clock runs from the day the notice was given, whenever it was entered."""
    office.receives(on="2017-08-01", entered="2017-08-14")
    assert office.fact("plan-laid")["warnings"][0] == (
        "The notice, given on Tuesday 1 August 2017, was entered only on Monday 14 August 2017: 13 of its 45 days had "
        "gone."
    )
    assert office.fact("plan-laid")["fits"] is True


@pytest.mark.parametrize(
    ("given", "warned_of"),
    [
        pytest.param("2017-11-25", None, id="closes on 23 December at the latest"),
        pytest.param("2017-11-26", "Christmas, Sunday 24 December 2017 to Monday 1 January 2018", id="Christmas Eve"),
        pytest.param("2018-01-01", "Christmas, Sunday 24 December 2017 to Monday 1 January 2018", id="New Year"),
        pytest.param("2018-01-02", None, id="after New Year"),
        pytest.param("2017-03-16", None, id="closes on the day before Good Friday at the latest"),
        pytest.param("2017-03-17", "Easter, Friday 14 April 2017 to Monday 17 April 2017", id="Good Friday"),
        pytest.param("2017-04-17", "Easter, Friday 14 April 2017 to Monday 17 April 2017", id="Easter Monday"),
        pytest.param("2017-04-18", None, id="after Easter"),
    ],
)
def test_a_holiday_in_the_time_to_answer_is_warned_of(office: Office, given: str, warned_of: str | None) -> None:
    """Moseley v Haringey [2014] UKSC 56: adequate time; 28 days after the notice somebody may still be answering."""
    office.receives(on=given)
    found = [each for each in office.fact("plan-laid")["warnings"] if "UKSC 56" in each]
    assert [each.startswith(f"The time to answer may span {warned_of}.") for each in found] == [True] * bool(warned_of)


def test_papers_that_leave_early_enough_miss_the_holiday(office: Office) -> None:
    """Para 10: given 1 December 2017, circulated on the 5th, all closes on the 19th: the warning falls away."""
    office.receives(on="2017-12-01")
    office.attaches_assessment(on="2017-12-04")
    office.decides_route("contentious", on="2017-12-05")
    assert ["Christmas" in " ".join(fact["warnings"]) for fact in office.facts("plan-laid")] == [True, False]


def test_papers_that_leave_late_run_into_the_holiday(office: Office) -> None:
    """Para 10: circulated on 12 December 2017, the fourteen days do span Christmas."""
    office.receives(on="2017-12-01")
    office.attaches_assessment(on="2017-12-04")
    office.decides_route("contentious", on="2017-12-12")
    assert office.facts("plan-laid")[-1]["warnings"][0].startswith("The time to answer spans Christmas, Sunday 24 ")


def test_a_pre_election_period_is_warned_of_where_it_falls(office: Office) -> None:
    """Local policy: the city council's election of 3 May 2018 lies after the answers, within the 45 days."""
    office.receives(on="2018-02-20")
    found = [each for each in office.fact("plan-laid")["warnings"] if "election" in each]
    assert found == [
        "The time after feedback, up to the last day, spans days of a pre-election period (City council election of "
        "3 May 2018, Tuesday 27 March 2018 to Thursday 3 May 2018): publicity is restricted then; have the monitoring "
        "officer agree what is sent and published."
    ]  # fmt: skip


def test_the_group_meets_on_its_published_days_where_it_has_any(council_with: CouncilWith, office_of: OfficeOf) -> None:
    """Local policy: with a published meeting on 30 August alone, everything before it moves forward."""
    before, after = "  consultation-group:\n    name: Consultation group\n", "    meetings: [2017-08-30, 2017-09-29]\n"
    office = office_of(council_with((before, before + after)))
    office.receives(on="2017-07-26")
    days = latest_days(office)
    assert (days["meeting of those consulted"], days["close of feedback"]) == ("2017-08-30", "2017-08-23")
    assert "is not a published day for it" in how(office, "meeting of those consulted")


def test_a_decision_of_the_board_itself_waits_for_its_meeting(council_with: CouncilWith, office_of: OfficeOf) -> None:
    """Para 3, SI 2013/218 reg 3: where the file leaves it to the full Board, no day before 9 September is left."""
    by_officer = "      legal_basis: officer\n      source: paper, recommendation (ii)\n"
    office = office_of(council_with((by_officer, by_officer.replace("officer", "full_board"))))
    office.receives(on="2017-07-27")
    laid = office.fact("plan-laid")
    assert laid["fits"] is False
    assert latest_days(office)["decision"] == "2017-07-26"
    assert words_of(office.letters("plan-does-not-fit")[0]).count("cleardays name-urgent-route") == 1


def test_a_longer_time_for_the_decision_moves_the_plan(council_with: CouncilWith, office_of: OfficeOf) -> None:
    """Local policy: a council that wants five working days for its decision circulates three earlier."""
    office = office_of(council_with(("value: {assessment: 5, decision: 2, sending: 1}",
                                     "value: {assessment: 5, decision: 5, sending: 1}")))  # fmt: skip
    office.receives(on="2017-07-26")
    assert latest_days(office)["circulation"] == "2017-08-11"


def latest_days(office: Office) -> dict[str, str | None]:
    """Return the latest day of each link of the plan laid last."""
    return {link["name"]: link["latest"] for link in links(office)}


def first_to_fail(office: Office) -> list[str]:
    """Return what each letter on a plan that does not fit names as failing first."""
    told = [words_of(letter) for letter in office.letters("plan-does-not-fit")]
    return [words.partition("first: ")[2].partition(",")[0] for words in told]


def how(office: Office, name: str) -> str:
    """Return how the latest day of a link came about."""
    (found,) = [link["how"] for link in links(office) if link["name"] == name]
    return str(found)


def links(office: Office) -> list[dict[str, Any]]:
    """Return the links of the plan laid last."""
    return list(office.facts("plan-laid")[-1]["links"])

"""The long route: papers to everybody in recommendation (ii) and paragraph 8, fourteen days to answer (9 to 12)."""

from __future__ import annotations

import pytest
from story_office import CouncilWith, Office, OfficeOf, words_of

from desk.faces.pharmacy import people
from models.cases import Status
from models.consultation import BEFORE_PAPERS, Standing
from models.council import Council
from models.pharmacy_plan import plan_of
from models.plan_mends import mends

RECOMMENDATION_II = ["board-chair", "cabinet-member-health", "ward-member-bargate-1", "ward-member-bargate-2",
                     "ward-member-bargate-3", "board-member-council", "board-member-icb"]  # fmt: skip
PARAGRAPH_8_ONLY = ["icb", "public-health-team", "planning-policy-team", "scrutiny-chair", "healthwatch"]
EVERYBODY = [*RECOMMENDATION_II, *PARAGRAPH_8_ONLY]
NO_ICB_MEMBER = ("      - {person: dr-hector-lindqvist, from: 2022-07-01}",
                 "      - {person: dr-hector-lindqvist, from: 2022-10-01}")  # fmt: skip


def test_the_papers_go_to_recommendation_ii_and_paragraph_8_and_nobody_else(office: Office) -> None:
    """Rec (ii), para 8: the two lists together, each person once."""
    circulated(office)
    assert office.consulted() == EVERYBODY
    assert office.recipients("circulation") == EVERYBODY


def test_application_analysis_and_assessment_are_enclosed(office: Office) -> None:
    """Para 9: the application, the spatial analysis where there is one, the assessment; and a calendar file."""
    office.receives(on="2017-08-01")
    office.attaches("spatial-analysis", on="2017-08-02", file="map.pdf")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")
    letter = office.letters("circulation", to="healthwatch")[0]
    names = [enclosure.filename for enclosure in letter.draft.enclosures]
    assert names == ["application.pdf", "map.pdf", "assessment.pdf", "feedback-date.ics"]
    assert all(name in words_of(letter) for name in names[:3])
    assert b"DTSTART;VALUE=DATE:20170818" in office.content(letter, "feedback-date.ics")


def test_the_spatial_analysis_is_not_waited_for(office: Office) -> None:
    """Paras 6, 9: "where considered useful"; without one the papers leave all the same."""
    circulated(office)
    assert "map.pdf" not in words_of(office.letters("circulation")[0])


def test_what_is_marked_confidential_is_never_circulated(office: Office) -> None:
    """Sch 2 para 21: what the sender marked confidential is kept with the case and goes to nobody."""
    office.receives(on="2017-08-01", application=None)
    office.attaches("application", on="2017-08-02", file="accounts.pdf", confidential=True)
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")
    assert office.waits_for() == ("Awaiting application", "2017-08-15")
    assert "is not attached but as confidential, and so kept back" in office.letter("blocked")

    office.attaches("application", on="2017-08-05", file="without-accounts.pdf")
    assert len(office.letters("circulation")) == len(EVERYBODY)
    for letter in office.letters("circulation"):
        assert "accounts.pdf" not in words_of(letter).replace("without-accounts.pdf", "")
        names = [e.filename for e in letter.draft.enclosures]
        assert names == ["without-accounts.pdf", "assessment.pdf", "feedback-date.ics"]


def test_nothing_leaves_without_the_application(office: Office) -> None:
    """Para 9: what is circulated includes what the application contains; the plan says by when it must be there."""
    office.receives(on="2017-08-01", application=None)
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")
    assert office.consulted() == []
    assert office.waits_for() == ("Awaiting application", "2017-08-15")
    blocked = office.letter("blocked")
    assert "the application is not attached: what is circulated includes what it contains" in blocked
    assert "--kind application --file FILE" in blocked

    office.waits_until("2017-08-30")
    (mend, *_) = mends(office.playing.case, plan_of(office.playing.case))
    assert mend.what.startswith("attach the application and circulate the papers by ")
    assert mend.command == f"cleardays attach {office.playing.case_ref} --kind application --file FILE"

    office.attaches("application", on="2017-08-31", file="application.pdf")
    assert office.consulted() == EVERYBODY
    assert office.recipients("blocked") == ["director-of-public-health"], "the assessment was never what was missing"


def test_nothing_leaves_without_the_assessment(office: Office) -> None:
    """Para 9: the assessment is circulated with the application; until it is there the letter says what is missing."""
    office.receives(on="2017-08-01")
    office.decides_route("contentious", on="2017-08-04")
    assert office.consulted() == []
    assert office.waits_for() == ("Awaiting equality impact assessment", "2017-08-15")
    assert "is not attached: it must be circulated with the application" in office.letter("blocked")

    office.attaches_assessment(on="2017-08-07")
    assert office.days("circulated") == ["2017-08-07"]
    assert office.waits_for() == ("Awaiting feedback", "2017-08-21")


def test_a_reasoned_screening_is_enough(office: Office) -> None:
    """Para 17, Equality Act 2010 s.149: a screening that gives its reasons takes the assessment's place."""
    office.receives(on="2017-08-01")
    office.decides_route("contentious", on="2017-08-04")
    assert "needs reasons" in office.is_refused("attach", on="2017-08-04", kind="equality-screening")
    office.does("attach", on="2017-08-04", kind="equality-screening", reasons="Both sites stand in one street.")
    assert office.consulted() == EVERYBODY


def test_papers_blocked_past_day_14_leave_late_and_marked(office: Office) -> None:
    """Para 8: after day 14 the breach of the council's procedure is recorded and escalated; the papers still go."""
    office.receives(on="2017-08-01")
    office.decides_route("contentious", on="2017-08-04")
    office.waits_until("2017-08-15T23:59:59")
    assert office.facts("deadline-passed") == []

    office.waits_until("2017-08-16T00:00:00")
    assert office.fact("deadline-passed")["name"] == "circulation"
    assert office.recipients("circulation-late") == ["director-of-public-health", "monitoring-officer", "board-chair"]
    assert office.waits_for() == ("Awaiting equality impact assessment", "2017-09-15")

    office.attaches_assessment(on="2017-08-18")
    assert {fact["late"] for fact in office.facts("circulated")} == {True}
    assert office.status("circulation") is Status.MET_LATE
    assert office.waits_for() == ("Awaiting feedback", "2017-09-01")


def test_papers_blocked_until_the_target_bring_the_urgent_route(office: Office) -> None:
    """Sch 2 para 19(5): the duty outlasts the local procedure; only the assessment stays a bar to the decision."""
    office.receives(on="2017-08-01")
    office.decides_route("contentious", on="2017-08-04")
    office.waits_until("2017-09-15T09:00")
    assert office.days("urgent-route-named") == ["2017-09-15"]
    assert "para 17" in office.is_refused("decide", on="2017-09-15T10:00", opinion="no-gap", wishes_oral_hearing=False)
    office.attaches_assessment(on="2017-09-15T11:00")
    office.decides("no-gap", on="2017-09-15T12:00")
    assert office.fact("representation-sent")["late"] is False


def test_a_board_seat_that_recommendation_ii_requires_must_be_filled(
    council_with: CouncilWith, council: Council, office_of: OfficeOf
) -> None:
    """Rec (ii): without a representative of the CCG (now the ICB) there is no power to decide; the file is mended."""
    office = office_of(council_with(NO_ICB_MEMBER))
    office.receives(on="2022-08-01")
    office.attaches_assessment(on="2022-08-02")
    office.decides_route("contentious", on="2022-08-04")
    assert office.consulted() == []
    assert office.waits_for() == ("Awaiting Board members", "2022-08-15")
    assert "a representative of the CCG, now the ICB" in office.letter("blocked")
    assert "Enter the holder in councils/southampton.yaml" in office.letter("blocked")

    office.mends_council_file(council, on="2022-08-08")
    assert office.consulted() == EVERYBODY
    assert office.waits_for() == ("Awaiting feedback", "2022-08-22")


def test_a_vacant_place_of_paragraph_8_is_noted_and_holds_nothing_up(
    council_with: CouncilWith, office_of: OfficeOf
) -> None:
    """Para 8 is procedure, not power: where Healthwatch has nobody, the others are asked and the gap is on record."""
    office = office_of(council_with(("- {person: healthwatch-southampton, from: 2016-12-05}",
                                     "- {person: healthwatch-southampton, from: 2018-01-01}")))  # fmt: skip
    circulated(office)
    assert office.consulted() == EVERYBODY[:-1]
    office.hears_from_everyone("gap", on="2017-08-07")
    assert office.fact("feedback-closed")["vacant"] == ["healthwatch"]
    assert "healthwatch: office vacant, not consulted" in office.letter("decision-open")


def test_each_has_fourteen_days_from_their_own_circulation(office: Office) -> None:
    """Para 10: the papers reached one consultee by hand three days later; that one's time ends three days later."""
    circulated(office)
    office.does("bounce", on="2017-08-05", consultee="healthwatch", text="no such mailbox")
    office.does("serve", on="2017-08-07", consultee="healthwatch", channel="hand", served_on="2017-08-07")
    assert office.last_day("feedback: icb") == "2017-08-18"
    assert office.last_day("feedback: healthwatch") == "2017-08-21"
    office.waits_until("2017-08-19")
    assert office.standing("icb") is Standing.SILENT
    assert office.waits_for() == ("Awaiting feedback", "2017-08-21")
    office.waits_until("2017-08-22T00:00:00")
    assert office.days("feedback-closed") == ["2017-08-22"]


def test_everybody_consulted_must_say_whether_they_have_an_interest(office: Office) -> None:
    """Para 12: an answer without a word on interests is not taken, nor one that declares and does not say what."""
    circulated(office)
    why = office.is_refused("respond", on="2017-08-07", consultee="icb", opinion="gap")
    assert "interest is missing" in why
    why = office.is_refused("respond", on="2017-08-07", consultee="icb", opinion="gap", interest="declared")
    assert "say what it is" in why
    office.hears_back({"icb": "gap"}, on="2017-08-07", interest="declared", interest_detail="Runs the lease.")
    office.hears_from_everyone("gap", on="2017-08-08")
    assert "an interest declared" in office.letter("decision-open")
    office.decides("gap", on="2017-08-09")
    assert "Clinical Commissioning Group" in office.fact("decided")["conflicts"]


def test_only_those_asked_can_answer(office: Office) -> None:
    """Para 10: "those to whom the information is circulated"; others are told who that is."""
    circulated(office)
    answer = {"consultee": "ward-member-bevois-1", "opinion": "gap", "interest": "none"}
    why = office.is_refused("respond", on="2017-08-07", **answer)
    assert "is not consulted in this case; those consulted are board-chair" in why


def test_silent_consultees_are_reminded_with_the_days_left(office: Office) -> None:
    """Para 10: reminders seven, three and one day before; the letter says how many days are left."""
    circulated(office)
    office.waits_until("2017-08-18")
    first, second, third = office.letters("reminder", to="icb")
    assert [each.written_at.date().isoformat() for each in (first, second, third)] == [
        "2017-08-11", "2017-08-15", "2017-08-17"
    ]  # fmt: skip
    for letter, number, left in (first, 1, "7 days left"), (second, 2, "3 days left"), (third, 3, "1 day left"):
        assert letter.draft.subject.startswith(f"Reminder {number}: reply by Friday 18 August 2017")
        assert left in words_of(letter)


def test_who_answered_is_never_reminded(office: Office) -> None:
    """Para 10: an answer, "no comment" included, ends the reminders."""
    circulated(office)
    office.hears_back({"icb": "no-comment", "healthwatch": "gap"}, on="2017-08-10")
    office.waits_until("2017-08-18")
    assert not {"icb", "healthwatch"} & set(office.recipients("reminder"))


def test_after_an_outage_only_the_newest_reminder_is_written(office: Office) -> None:
    """Para 10: missed reminders are not made up for in a bunch, and the one that goes is the first they get."""
    circulated(office)
    office.misses_the_time_until("2017-08-16")
    (reminder,) = office.letters("reminder", to="icb")
    assert reminder.draft.subject.startswith("Reminder 1: ")
    assert "2 days left" in words_of(reminder)


def test_a_late_answer_is_kept_and_marked_and_reopens_nothing(office: Office) -> None:
    """Para 10: an answer after the fourteen days stays on the record as late; the meeting called stays called."""
    circulated(office)
    office.waits_until("2017-08-19")
    (said,) = office.hears_back({"icb": "gap"}, on="2017-08-20")
    assert said.endswith("Clinical Commissioning Group recorded: gap, late: kept and marked.")
    assert office.standing("icb") is Standing.LATE
    assert len(office.facts("feedback-closed")) == 1
    assert office.waits_for()[0] == "Awaiting meeting"


def test_an_answer_received_in_time_and_entered_afterwards_is_not_late(office: Office) -> None:
    """Para 10: what counts is when the answer came, not when somebody typed it in; feedback is closed anew with it."""
    circulated(office)
    office.waits_until("2017-08-19")
    office.hears_back({"icb": "gap"}, on="2017-08-21", received_at="2017-08-18T23:50", channel="telephone")
    assert office.standing("icb") is Standing.ANSWERED
    assert office.status("feedback: icb") is Status.MET
    assert [closed["gap"] for closed in office.facts("feedback-closed")] == [0, 1]


def test_feedback_closes_with_the_last_answer(office: Office) -> None:
    """Para 10: once everybody has answered nothing is waited for."""
    circulated(office)
    office.hears_from_everyone("no-gap", on="2017-08-09")
    assert office.days("feedback-closed") == ["2017-08-09"]
    assert office.fact("feedback-closed")["clear"] is True
    assert office.status("feedback") is Status.MET
    assert office.waits_for() == ("Awaiting decision", "2017-09-15")


def test_an_answer_can_be_changed_until_closing(office: Office) -> None:
    """Para 10: the newest answer counts, and says which one it replaces."""
    circulated(office)
    office.hears_back({"icb": "gap"}, on="2017-08-09")
    office.hears_back({"icb": "no-gap"}, on="2017-08-10")
    first, second = office.facts("response-received")
    assert second["replaces"] == first.number
    office.waits_until("2017-08-19")
    assert (office.fact("feedback-closed")["gap"], office.fact("feedback-closed")["no_gap"]) == (0, 1)


def test_an_answer_given_before_the_papers_left_does_not_spare_them(office: Office) -> None:
    """Paras 8, 9: who telephoned an answer while the assessment was awaited is sent the papers like everybody."""
    office.receives(on="2017-08-01")
    office.decides_route("contentious", on="2017-08-04")
    office.hears_back({"healthwatch": "gap"}, on="2017-08-05", channel="telephone")
    office.attaches_assessment(on="2017-08-07")
    assert office.consulted() == EVERYBODY


def test_an_office_that_falls_vacant_meanwhile_is_not_written_to(
    council_with: CouncilWith, office_of: OfficeOf
) -> None:
    """Para 10: a councillor who left after the papers went is not reminded; the case goes on."""
    office = office_of(council_with(("person: odette-farrow, from: 2016-12-05, until: 2018-05-06",
                                     "person: odette-farrow, from: 2016-12-05, until: 2017-08-09")))  # fmt: skip
    circulated(office)
    office.waits_until("2017-08-19")
    assert office.letters("reminder", to="ward-member-bargate-1") == []
    assert "ward-member-bargate-1" in office.fact("feedback-closed")["silent"]


@pytest.mark.parametrize("day", ["2017-08-04T00:00:00", "2017-08-04T23:59:59"])
def test_the_day_of_circulation_is_day_zero_whatever_the_hour(office: Office, day: str) -> None:
    """Para 10: papers accepted at any hour of 4 August leave until the end of the 18th."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on=day)
    assert office.waits_for() == ("Awaiting feedback", "2017-08-18")

def test_an_assessment_kept_back_as_confidential_was_not_circulated(office: Office) -> None:
    """Para 9: the papers go "together with" the assessment; one that may not be passed on does not let them leave."""
    office.receives(on="2017-08-01")
    office.attaches("equality-impact-assessment", on="2017-08-02", file="assessment.pdf", confidential=True)
    office.decides_route("contentious", on="2017-08-04")
    assert office.waits_for() == ("Awaiting equality impact assessment", "2017-08-15")
    assert "is not attached but as confidential, and so kept back" in office.letter("blocked")
    office.attaches_assessment(on="2017-08-05")
    assert office.days("circulated") == ["2017-08-05"]


def test_papers_that_leave_late_say_when_the_board_needs_the_answer(office: Office) -> None:
    """Para 10 keeps its fourteen days after a late circulation; the letter says plainly that the Board cannot wait."""
    office.receives(on="2017-08-01")
    office.decides_route("contentious", on="2017-08-04")
    office.attaches_assessment(on="2017-09-05")
    letter = office.letter("circulation", to="healthwatch")
    assert "Please reply by Tuesday 19 September 2017" in letter
    assert "The Board needs your answer earlier, if you can give it." in letter
    assert "must reach NHS England by Friday 15 September 2017" in letter
    assert "Please answer before Friday 15 September 2017 if you can" in letter
    office.waits_until("2017-09-12T09:00")
    assert "The Board needs your answer earlier" in office.letter("reminder", to="healthwatch")


def test_papers_that_leave_after_the_last_day_say_so(office: Office) -> None:
    """Para 10: even then fourteen days, and the letter does not pretend that nothing has happened."""
    office.receives(on="2017-08-01", entered="2017-09-18")
    office.attaches_assessment(on="2017-09-18")
    letter = office.letter("circulation", to="healthwatch")
    assert "The Board's own last day, Friday 15 September 2017, has passed." in letter


def test_papers_that_leave_in_good_time_say_nothing_of_the_kind(office: Office) -> None:
    """Paras 8, 10: within the Board's time a consultee's own day is the only one asked for."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")
    assert "needs your answer earlier" not in office.letter("circulation", to="healthwatch")



def circulated(office: Office) -> None:
    """Give notice on 1 August 2017 and circulate the papers on the 4th."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")


def test_an_answer_from_before_the_papers_counts_once_nothing_can_follow(office: Office) -> None:
    """Para 10 invites answers to what was circulated: an earlier one is shown as such, and counted when time is up."""
    office.receives(on="2017-08-01")
    office.decides_route("contentious", on="2017-08-04")
    office.hears_back({"healthwatch": "gap"}, on="2017-08-05")
    for day, where in (("2017-08-06", "not yet invited"), ("2017-08-08", "asked")):
        office.waits_until(day)
        if where == "asked":
            office.attaches_assessment(on=day)
        shown = people(office.playing.case)
        assert shown is not None
        (row,) = [each for each in shown.rows if each[1] == "healthwatch"]
        assert row[5][0] == f"{where}; {BEFORE_PAPERS}"
        assert shown.summary.startswith("0 said there would be a gap, ")
        assert shown.summary.endswith(f"{len(EVERYBODY)} have not answered yet.")
    assert office.playing.summary.message.startswith(f"0 of {len(EVERYBODY)} consultees have answered")
    office.hears_back({"icb": "no-comment"}, on="2017-08-09")
    assert office.playing.summary.message.startswith(f"1 of {len(EVERYBODY)} consultees has answered")

    office.waits_until("2017-08-23")
    assert office.fact("feedback-closed")["gap"] == 1
    assert office.standing("healthwatch") is Standing.ANSWERED
    shown = people(office.playing.case)
    assert shown is not None
    assert shown.summary.startswith("1 said there would be a gap, ")

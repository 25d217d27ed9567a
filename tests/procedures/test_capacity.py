"""In which capacity the Board was notified, and which last day counts."""

from __future__ import annotations

from story_office import Office, words_of


def test_the_relevant_board_must_represent(office: Office) -> None:
    """Sch 2 para 19(5): silence of the relevant Board is a breach, recorded the moment its last day is over."""
    office.receives(on="2017-08-01", capacity="relevant")
    office.waits_until("2017-09-16T00:00:00")
    assert office.fact("breach-recorded")["last_day"] == "2017-09-15"
    assert office.outcome is None


def test_a_neighbouring_board_may_stay_silent(office: Office) -> None:
    """Sch 2 para 19(4): a neighbouring Board may comment; its silence closes the case and breaches nothing."""
    office.receives(on="2017-08-01", capacity="neighbouring")
    assert office.waits_for() == ("Awaiting route", "2017-08-14")
    office.waits_until("2017-08-20")
    assert office.facts("route-decided") == []
    assert office.waits_for() == ("Awaiting route", "2017-09-15")

    office.waits_until("2017-09-16T00:00:00")
    assert office.outcome == "no comment made"
    assert office.facts("breach-recorded") == []
    assert office.letters("breach") == []


def test_a_neighbouring_board_is_not_told_that_it_must(office: Office) -> None:
    """Sch 2 para 19(4), (5): the Director of a neighbouring Board reads that it may make a representation."""
    office.receives(on="2017-08-01", capacity="neighbouring")
    assert "may make a representation and need not" in office.letter("notified-to-director")
    assert "must make a representation" not in office.letter("notified-to-director")


def test_a_neighbouring_board_that_comments_is_heard(office: Office) -> None:
    """Sch 2 para 19(4): a neighbouring Board that wishes to comment follows the same steps."""
    office.receives(on="2017-08-01", capacity="neighbouring")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("non-contentious", on="2017-08-02")
    office.hears_from_everyone("no-gap", on="2017-08-04")
    office.decides("no-gap", on="2017-08-07")
    assert office.fact("representation-sent")["addressee"] == "nhs-england"


def test_a_neighbouring_boards_letters_claim_no_duty(office: Office) -> None:
    """Sch 2 para 19(4), reg 6(4): it comments because it may, and the statement is the other Board's to publish."""
    office.receives(on="2017-08-01", capacity="neighbouring")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("non-contentious", on="2017-08-02")
    office.hears_from_everyone("no-gap", on="2017-08-04")
    assert "it may comment and need not" in office.letter("decision-open")
    office.decides("no-gap", on="2017-08-07")
    letter = office.letter("representation")
    assert "comments as paragraph 19(4) of Schedule 2 to SI 2013/349 allows" in letter
    assert "19(5)" not in letter
    office.does("record-outcome", on="2017-12-01", outcome="granted")
    assert "is for the Board in whose area the premises are" in words_of(office.letters("outcome-recorded")[0])
    assert office.outcome == "granted"
    assert office.letters("statement-due") == []


def test_a_neighbouring_board_may_choose_the_short_route_late(office: Office) -> None:
    """Recs (i), (ii): no default binds a neighbouring Board, so it can still choose after circulation was due."""
    office.receives(on="2017-08-01", capacity="neighbouring")
    office.decides_route("non-contentious", on="2017-08-28")
    assert office.fact("route-decided")["route"] == "non-contentious"


def test_a_neighbouring_board_whose_consultation_runs_out_of_time_falls_silent(office: Office) -> None:
    """Sch 2 para 19(4): a neighbouring Board that asked people and did not decide has made no comment."""
    office.receives(on="2017-08-01", capacity="neighbouring")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-02")
    office.waits_until("2017-09-16T00:00:00")
    assert office.facts("urgent-route-named") == []
    assert office.outcome == "no comment made"


def test_the_last_day_ends_a_neighbours_case_while_people_can_still_answer(office: Office) -> None:
    """Sch 2 para 19(4): papers that left on 5 September run to the 19th; the last day, the 15th, comes first."""
    office.receives(on="2017-08-01", capacity="neighbouring")
    office.decides_route("contentious", on="2017-08-02")
    office.attaches_assessment(on="2017-09-05")
    assert office.waits_for() == ("Awaiting feedback", "2017-09-19")
    office.waits_until("2017-09-16T00:00:00")
    assert office.outcome == "no comment made"


def test_an_earlier_last_day_stated_by_the_sender_is_used_and_flagged(office: Office) -> None:
    """Sch 2 para 19(4): the sender states 8 September, day 45 is the 15th; the earlier is used, the letter says so."""
    office.receives(on="2017-08-01", stated="2017-09-08")
    assert office.last_day("representation") == "2017-09-08"
    assert "stated by the sender" in " ".join(office.deadline("representation").explain())
    (told,) = office.letters("notified-to-director")
    assert (
        "The sender states 8 September 2017; day 45 is 15 September 2017. The earlier, 8 September 2017, is used."
        in words_of(told)
    )
    office.waits_until("2017-09-09T00:00:00")
    assert office.fact("breach-recorded")["last_day"] == "2017-09-08"


def test_a_later_last_day_stated_by_the_sender_is_not_relied_on(office: Office) -> None:
    """Sch 2 para 19(4): the sender states 22 September, day 45 is the 15th; day 45 is kept, the letter says so."""
    office.receives(on="2017-08-01", stated="2017-09-22")
    assert office.last_day("representation") == "2017-09-15"
    assert "the computed day is earlier and is kept" in " ".join(office.deadline("representation").explain())
    assert "The earlier, 15 September 2017, is used." in office.letter("notified-to-director")


def test_the_same_last_day_stated_by_the_sender_needs_no_flag(office: Office) -> None:
    """Sch 2 para 19(4): where the sender states day 45 itself, nothing differs."""
    office.receives(on="2017-08-01", stated="2017-09-15")
    assert office.last_day("representation") == "2017-09-15"
    assert "The dates differ" not in office.letter("notified-to-director")
    assert "the sender states the same day" in " ".join(office.deadline("representation").explain())


def test_a_very_early_stated_day_brings_the_urgent_route(office: Office) -> None:
    """Sch 2 para 19(5): where the sender leaves ten days, the urgent route is named before they are over."""
    office.receives(on="2017-08-01", stated="2017-08-11")
    office.waits_until("2017-08-11T09:00")
    assert office.days("urgent-route-named") == ["2017-08-11"]
    assert office.facts("breach-recorded") == []


def test_a_notice_entered_late_keeps_the_day_it_was_given(office: Office) -> None:
    """Sch 2 para 19(4): the days run from the day notice was given, not from the day somebody entered it."""
    office.receives(on="2017-08-01", entered="2017-08-21")
    assert office.last_day("representation") == "2017-09-15"
    assert office.fact("route-decided")["by_default"] is True
    assert office.days("deadline-passed") == ["2017-08-21"]


def test_before_the_board_delegated_the_power_is_in_doubt(office: Office) -> None:
    """Recs (i), (ii) were agreed on 26 July 2017: a decision before that day says that no delegation is in force."""
    office.receives(on="2017-02-16")
    office.attaches_assessment(on="2017-02-17")
    office.decides_route("non-contentious", on="2017-02-17")
    office.hears_from_everyone("no-gap", on="2017-02-20")
    office.decides("no-gap", on="2017-02-21")
    assert "no delegation for this route is in force on 21 February 2017" in office.fact("decided")["legal_basis"]
    assert office.fact("decided")["legal_basis_uncertain"] is True

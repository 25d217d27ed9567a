"""After the representation: comments, a hearing, the determination, and what a grant brings with it."""

from __future__ import annotations

import pytest
from story_office import Office, words_of

from models.cases import Status


def test_the_board_may_comment_on_others_representations(office: Office) -> None:
    """Practice: fourteen days from when they were shared; the letter says that it is no duty."""
    represented(office)
    office.does("share-representations", on="2017-10-02")
    assert office.waits_for() == ("Awaiting comments", "2017-10-16")
    assert "The Board may comment by Monday 16 October 2017" in office.letter("comments-invited")
    office.does("comment", on="2017-10-16T23:59:59", text="The bus route was moved.")
    assert office.status("comments") is Status.MET
    assert office.waits_for() == ("Awaiting determination", None)


def test_without_comments_the_case_goes_on(office: Office) -> None:
    """Practice: the time to comment passes, is noted, and breaches nothing."""
    represented(office)
    office.does("share-representations", on="2017-10-02")
    office.waits_until("2017-10-17T00:00:00")
    assert [fact["name"] for fact in office.facts("deadline-passed")] == ["comments"]
    assert office.waits_for() == ("Awaiting determination", None)
    assert office.facts("breach-recorded") == []


def test_late_comments_are_kept_and_marked(office: Office) -> None:
    """Practice: the addressee may still read them."""
    represented(office)
    office.does("share-representations", on="2017-10-02")
    said = office.does("comment", on="2017-10-17T00:00:00", text="One more thing.")
    assert said == "Comments recorded, late."
    assert office.status("comments") is Status.MET_LATE


def test_nothing_is_shared_before_the_board_has_spoken(office: Office) -> None:
    """PCSE practice: comments follow the representations, the Board's own included."""
    office.receives(on="2017-08-01")
    assert "has not been sent yet" in office.is_refused("share-representations", on="2017-08-02")
    assert "no representations were shared" in office.is_refused("comment", on="2017-08-02", text="Mistaken")


def test_a_hearing_at_short_notice_is_flagged(office: Office) -> None:
    """Sch 2 para 25: not less than fourteen days' notice; thirteen is short and is to be raised."""
    represented(office)
    said = office.does("notify-hearing", on="2017-11-01", hearing_on="2017-11-14", venue="Council House")
    assert "short of the 14 days' notice" in said
    assert office.fact("hearing-notified")["short_notice"] is True
    letter = office.letter("hearing-notified", to="director-of-public-health")
    assert "on Tuesday 14 November 2017 at Council House" in letter
    assert "Check the length of the notice." in letter


def test_a_hearing_at_full_notice_is_announced_plainly(office: Office) -> None:
    """Sch 2 para 25: fourteen clear days and more need no remark; who did not ask to be heard is told so."""
    represented(office)
    said = office.does("notify-hearing", on="2017-11-01", hearing_on="2017-11-20")
    assert said == "Hearing recorded, 19 days after its notice."
    letter = office.letter("hearing-notified", to="board-chair")
    assert "Check the length" not in letter
    assert "did not say in its representation that it wished to be heard" in letter
    office.does("record-hearing", on="2017-11-20", presented=False)
    assert office.waits_for()[0] == "Awaiting determination"


def test_the_director_is_asked_to_chase_the_outcome(office: Office) -> None:
    """Sch 2: determined within four months of full information; asked after 30, 60, 90 and 120 days."""
    represented(office, at="2017-08-08T00:30")
    office.waits_until("2018-01-31")
    days = [letter.written_at.date().isoformat() for letter in office.letters("outcome-chase")]
    assert days == ["2017-09-07", "2017-10-07", "2017-11-06", "2017-12-06"]


def test_a_refusal_closes_the_case(office: Office) -> None:
    """Reg 26A: the Director, the Chair and the scrutiny chair are told; no date follows for the Board."""
    represented(office)
    office.does("record-outcome", on="2017-12-01", outcome="refused", reference="DL-9")
    assert office.outcome == "refused"
    assert office.recipients("outcome-recorded") == ["director-of-public-health", "board-chair", "scrutiny-chair"]
    assert "no date follows from that for the Board" in words_of(office.letters("outcome-recorded")[0])


def test_a_grant_after_no_gap_ends_with_the_statement(office: Office) -> None:
    """Reg 6(4): once the premises are off the list the Board must publish a supplementary statement."""
    represented(office)
    office.does("record-outcome", on="2017-12-01", outcome="granted")
    assert office.waits_for() == ("Awaiting notice of consolidation", "2018-06-01")
    office.does("record-consolidation", on="2018-02-01", effective_on="2018-02-12")
    assert office.waits_for() == ("Awaiting supplementary statement", None)
    assert "The Regulations give no last day: publish it soon." in office.letter("statement-due")

    office.does("publish-statement", on="2018-02-20", where="https://example.org/pna")
    assert office.outcome == "statement published"


def test_the_statement_is_asked_for_until_it_is_published(office: Office) -> None:
    """Reg 6(4) sets no time: the Director is asked again after 30 days, and so on."""
    represented(office)
    office.does("record-outcome", on="2017-12-01", outcome="granted")
    office.does("record-consolidation", on="2018-02-01", effective_on="2018-02-12")
    office.waits_until("2018-03-20")
    assert len(office.letters("statement-due")) == 2
    assert "It is 30 days since the premises were removed" in words_of(office.letters("statement-due")[-1])


def test_a_statement_before_the_premises_are_removed_is_refused(office: Office) -> None:
    """Reg 6(4): it follows the removal; until then the grant may still lapse."""
    represented(office)
    office.does("record-outcome", on="2017-12-01", outcome="granted")
    assert "have not been removed" in office.is_refused("publish-statement", on="2017-12-04")


def test_a_grant_against_the_boards_opinion_asks_for_a_look_at_the_assessment(office: Office) -> None:
    """Reg 6(2), (3): after an opinion of a gap there is no statement under 6(4), but the assessment is considered."""
    represented(office, opinion="gap")
    office.does("record-outcome", on="2017-12-01", outcome="granted")
    office.does("record-consolidation", on="2018-02-01", effective_on="2018-02-12")
    assert "Regulation 6(4) of SI 2013/349 does not apply." in office.letter("gap-but-granted")
    assert office.outcome == "consolidated"


@pytest.mark.parametrize(("extended", "last_day"), [(False, "2021-02-28"), (True, "2021-05-31")])
def test_a_grant_lapses_without_notice_of_consolidation(office: Office, extended: bool, last_day: str) -> None:
    """Sch 2 para 34A: six months from 31 August 2020 end with 28 February 2021, nine with 31 May."""
    represented_in_2020(office)
    office.does("record-outcome", on="2020-08-31", outcome="granted")
    if extended:
        office.does("extend-consolidation", on="2021-02-01", reasons="Agreed with the ICB.")
    assert office.waits_for() == ("Awaiting notice of consolidation", last_day)
    office.waits_until(f"{last_day}T23:59:59")
    assert office.outcome is None
    office.misses_the_time_until(f"{last_day}T23:59:59.999999")
    assert office.outcome is None
    office.waits_until("2021-06-01")
    assert office.outcome == "lapsed"
    assert [fact["name"] for fact in office.facts("deadline-passed")] == ["notice of consolidation"]


def test_the_time_is_extended_once_only(office: Office) -> None:
    """Sch 2 para 34A: up to three more months, and no more."""
    represented(office)
    assert "has not been granted" in office.is_refused("extend-consolidation", on="2017-12-01", reasons="Mistaken")
    office.does("record-outcome", on="2017-12-01", outcome="granted")
    office.does("extend-consolidation", on="2018-05-01", reasons="Agreed.")
    assert "extended before" in office.is_refused("extend-consolidation", on="2018-05-02", reasons="Again.")


def test_an_outcome_is_recorded_once_and_not_ahead(office: Office) -> None:
    """Reg 26A: one determination, on a day that has been."""
    represented(office)
    ahead = {"outcome": "granted", "decided_on": "2017-12-02"}
    assert "lies ahead" in office.is_refused("record-outcome", on="2017-12-01", **ahead)
    slip = {"outcome": "granted", "decided_on": "2010-11-15"}
    assert office.is_refused("record-outcome", on="2017-12-01", **slip) == (
        "the decision of Monday 15 November 2010 is before the case began, Tuesday 1 August 2017; check the day"
    )
    office.does("record-outcome", on="2017-12-01", outcome="granted")
    assert "was recorded before" in office.is_refused("record-outcome", on="2017-12-02", outcome="refused")


def represented(office: Office, *, opinion: str = "no-gap", at: str = "2017-08-08") -> None:
    """Send the representation on a case notified on 1 August 2017."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("non-contentious", on="2017-08-02")
    office.hears_from_everyone(opinion, on="2017-08-07")
    office.decides(opinion, on=at)
    assert office.waits_for() == ("Awaiting determination", None)


def represented_in_2020(office: Office) -> None:
    """Send the representation on a case notified on 1 July 2020."""
    office.receives(on="2020-07-01")
    office.attaches_assessment(on="2020-07-02")
    office.decides_route("non-contentious", on="2020-07-02")
    office.hears_from_everyone("no-gap", on="2020-07-07")
    office.decides("no-gap", on="2020-07-08")

"""Letters that did not arrive though nobody waits for them, and offices that nobody holds (paragraph 7)."""

from __future__ import annotations

from story_office import CouncilWith, Office, OfficeOf

from desk.faces.pharmacy_moves import outstanding
from models.outgoing import LetterState

DIRECTOR = "director-of-public-health"
VACANT = "      - {person: theo-brackenbury, from: 2019-09-01}\n"


def test_a_letter_to_scrutiny_that_came_back_is_put_to_the_director(office: Office) -> None:
    """Para 7: the scrutiny chair is to be told; a refused letter has told nobody, and stays outstanding."""
    office.mail_to("scrutiny-chair", is_=LetterState.REFUSED)
    office.receives(on="2017-08-01")
    assert office.recipients("letter-lost") == [DIRECTOR]
    assert 'The letter "application notified" to Chair of the Health Overview' in office.letter("letter-lost")
    assert any("“application notified”" in each for each in outstanding(office.playing.case))


def test_once_told_another_way_it_is_settled(office: Office) -> None:
    """Para 7: the Director telephones; the record says so and nothing is outstanding any more."""
    office.mail_to("scrutiny-chair", is_=LetterState.REFUSED)
    office.receives(on="2017-08-01")
    told = {"consultee": "scrutiny-chair", "fate": "received", "reasons": "Told by telephone."}
    office.does("settle", on="2017-08-02", **told)
    assert not any("“application notified”" in each for each in outstanding(office.playing.case))
    assert "no papers have been sent" in office.is_refused("settle", on="2017-08-02", **told)


def test_the_directors_own_letter_is_put_to_the_others(office: Office) -> None:
    """Rec (i): who is never reached cannot choose; the others on the escalation list hear of it at once."""
    office.mail_to(DIRECTOR, is_=LetterState.REFUSED)
    office.receives(on="2017-08-01")
    assert office.recipients("letter-lost") == ["monitoring-officer", "board-chair"]
    assert 'The letter "notified to director" to Director of Public Health' in office.letter(
        "letter-lost", to="board-chair"
    )


def test_news_of_a_lost_letter_that_is_lost_itself_ends_there(office: Office) -> None:
    """Nobody's mail works: each loss is on the record and outstanding, and letters do not breed letters."""
    for role in (DIRECTOR, "monitoring-officer", "board-chair", "scrutiny-chair"):
        office.mail_to(role, is_=LetterState.REFUSED)
    office.receives(on="2017-08-01")
    before = len(office.letters("letter-lost"))
    office.waits_until("2017-08-03")
    assert len(office.letters("letter-lost")) == before
    assert len(outstanding(office.playing.case)) > before


def test_a_vacant_director_is_not_waited_for_unheard(council_with: CouncilWith, office_of: OfficeOf) -> None:
    """Rec (i): the post falls vacant; the others are told, the wait says so, and a new holder is asked."""
    office = office_of(council_with((VACANT, "")))
    office.receives(on="2019-09-02")
    assert office.waits_for() == ("Awaiting route: office vacant", "2019-09-15")
    assert office.recipients("office-vacant") == ["monitoring-officer", "board-chair"]
    assert "Nobody holds the office of Director of Public Health" in office.letter("office-vacant", to="board-chair")

    office.mends_council_file(council_with(), on="2019-09-04")
    assert office.recipients("notified-to-director") == [DIRECTOR]
    assert office.waits_for() == ("Awaiting route", "2019-09-15")


def test_without_an_addressee_the_representation_waits(council_with: CouncilWith, office_of: OfficeOf) -> None:
    """Sch 2 para 19(4): the file names nobody from April 2023; the case waits until there is somebody."""
    gap = ("      from: 2023-04-01\n      source: delegation of", "      from: 2024-04-01\n      source: delegation of")
    office = office_of(council_with(gap))
    office.receives(on="2023-03-20")
    office.attaches_assessment(on="2023-03-21")
    office.decides_route("non-contentious", on="2023-03-21")
    office.hears_from_everyone("no-gap", on="2023-03-31")
    office.decides("no-gap", on="2023-04-03")
    assert office.waits_for() == ("Awaiting addressee: office vacant", "2023-05-04")
    assert "Nobody holds the office of addressee of the representation" in office.letter(
        "office-vacant", to="monitoring-officer"
    )
    office.mends_council_file(council_with(), on="2023-04-05")
    assert office.recipients("representation") == ["icb-pharmacy-commissioning"]


def test_who_was_not_in_office_was_not_at_the_meeting(council_with: CouncilWith, office_of: OfficeOf) -> None:
    """Para 11: a vacant office attends nothing; the refusal says so."""
    office = office_of(council_with((VACANT, "")))
    office.receives(on="2019-08-20")
    office.attaches_assessment(on="2019-08-21")
    office.decides_route("contentious", on="2019-08-22")
    why = office.is_refused("meet", on="2019-09-03", attended=DIRECTOR)
    assert "nobody held the office director-of-public-health on 3 September 2019" in why

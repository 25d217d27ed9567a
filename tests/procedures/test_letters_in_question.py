"""A letter that was refused, came back or vanished: an officer's question, never a second letter by itself."""

from __future__ import annotations

from story_office import Office, words_of

from models.consultation import Standing
from models.outgoing import LetterState


def test_a_refused_letter_starts_no_clock(office: Office) -> None:
    """Para 10: the fourteen days run from circulation; who was not reached has not been circulated to."""
    one_letter_goes_wrong(office, LetterState.REFUSED)
    assert office.standing("healthwatch") is Standing.IN_QUESTION
    assert office.playing.case.consultee("healthwatch").feedback_by is None
    question = office.letter("letter-in-question", to="director-of-public-health")
    assert "A letter to Healthwatch Southampton is in question" in question
    assert "letter bounced: 550 no such mailbox" in question
    for verb in ("resend", "serve", "excuse"):
        assert f"cleardays {verb} {office.playing.case_ref} --consultee healthwatch" in question


def test_feedback_stays_open_for_who_was_not_reached(office: Office) -> None:
    """Recs (ii), para 10: when the others' time is over the decision is still refused, with the reason."""
    one_letter_goes_wrong(office, LetterState.REFUSED)
    office.waits_until("2017-08-20")
    assert office.facts("feedback-closed") == []
    assert office.waits_for()[0] == "Awaiting officer: letter in question"
    why = office.is_refused("decide", on="2017-08-20", opinion="gap", wishes_oral_hearing=False)
    assert "the letter to healthwatch is in question" in why


def test_sent_again_the_fourteen_days_are_new(office: Office) -> None:
    """Para 10: the officer corrects the address and sends again on the 9th; that one has until the 23rd."""
    one_letter_goes_wrong(office, LetterState.REFUSED)
    office.mail_to("healthwatch", is_=LetterState.SENT)
    office.does("resend", on="2017-08-09", consultee="healthwatch", reasons="Address corrected.")
    assert len(office.letters("circulation", to="healthwatch")) == 2
    assert office.last_day("feedback: healthwatch") == "2017-08-23"
    assert office.last_day("feedback: icb") == "2017-08-18"
    office.waits_until("2017-08-24")
    assert office.days("feedback-closed") == ["2017-08-24"]


def test_a_letter_that_came_back_days_later_voids_the_clock(office: Office) -> None:
    """Para 10: the letter was accepted on the 4th and came back on the 8th: the clock that ran is void."""
    circulated(office)
    assert office.last_day("feedback: healthwatch") == "2017-08-18"
    office.does("bounce", on="2017-08-08", consultee="healthwatch", text="mailbox full")
    assert office.standing("healthwatch") is Standing.IN_QUESTION
    assert "healthwatch" not in [f["consultee"] for f in office.facts("reminded")]


def test_a_letter_that_came_back_after_closing_reopens_feedback(office: Office) -> None:
    """Recs (ii), para 10: someone taken for silent was never reached: no decision before that is settled."""
    circulated(office)
    office.waits_until("2017-08-19")
    office.does("bounce", on="2017-08-21", consultee="healthwatch", text="mailbox full")
    assert "in question" in office.is_refused("decide", on="2017-08-21", opinion="gap", wishes_oral_hearing=False)
    office.does("resend", on="2017-08-21", consultee="healthwatch", reasons="Emptied.")
    office.hears_back({"healthwatch": "gap"}, on="2017-08-25")
    assert [closed["gap"] for closed in office.facts("feedback-closed")] == [0, 1]


def test_a_letter_of_unknown_fate_is_not_sent_again_by_itself(office: Office) -> None:
    """Para 10: the mail server never answered; an officer finds out, and what they find out is recorded."""
    one_letter_goes_wrong(office, LetterState.AMBIGUOUS)
    office.waits_until("2017-08-07")
    assert len(office.letters("circulation", to="healthwatch")) == 1
    office.does("settle", on="2017-08-07", consultee="healthwatch", fate="received", reasons="They have it.")
    assert office.last_day("feedback: healthwatch") == "2017-08-18"


def test_a_letter_found_lost_can_be_sent_again(office: Office) -> None:
    """Para 10: an officer learns that it never arrived; sent again, it starts that consultee's clock."""
    one_letter_goes_wrong(office, LetterState.AMBIGUOUS)
    office.mail_to("healthwatch", is_=LetterState.SENT)
    office.does("settle", on="2017-08-07", consultee="healthwatch", fate="not-received", reasons="Not in the inbox.")
    office.does("resend", on="2017-08-07", consultee="healthwatch", reasons="Lost.")
    assert office.last_day("feedback: healthwatch") == "2017-08-21"


def test_papers_handed_over_start_the_clock(office: Office) -> None:
    """Para 10: handed over on the 8th, recorded on the 9th; the fourteen days run from the 8th, with that evidence."""
    one_letter_goes_wrong(office, LetterState.REFUSED)
    office.does("serve", on="2017-08-09", consultee="healthwatch", channel="hand", served_on="2017-08-08")
    assert office.last_day("feedback: healthwatch") == "2017-08-22"
    assert "papers served by hand" in " ".join(office.deadline("feedback: healthwatch").explain())


def test_papers_cannot_have_been_handed_over_tomorrow_or_before_they_were_written(office: Office) -> None:
    """Para 10: the day of service is one that has been, and not before there were papers."""
    one_letter_goes_wrong(office, LetterState.REFUSED)
    serving = {"consultee": "healthwatch", "channel": "hand"}
    assert "lies ahead" in office.is_refused("serve", on="2017-08-09", served_on="2017-08-10", **serving)
    assert "is before 4 August 2017" in office.is_refused("serve", on="2017-08-09", served_on="2017-08-03", **serving)


def test_going_on_without_a_consultee_of_paragraph_8_needs_reasons_only(office: Office) -> None:
    """Para 8 is procedure: an officer may go on without one who cannot be reached, and says why."""
    one_letter_goes_wrong(office, LetterState.REFUSED)
    said = office.does("excuse", on="2017-08-09", consultee="healthwatch", reasons="Dissolved.")
    assert "precondition" not in said
    office.waits_until("2017-08-19")
    assert office.fact("feedback-closed")["excused"] == ["healthwatch"]


def test_going_on_without_the_chair_on_the_short_route_is_warned_of(office: Office) -> None:
    """Rec (i) makes consulting the Chair a precondition just as rec (ii) does."""
    office.mail_to("board-chair", is_=LetterState.REFUSED)
    office.receives(on="2017-08-01")
    office.decides_route("non-contentious", on="2017-08-02")
    said = office.does("excuse", on="2017-08-09", consultee="board-chair", reasons="On leave.")
    assert "Recommendation (i) names this office as a precondition" in said


def test_going_on_without_one_of_recommendation_ii_is_warned_of(office: Office) -> None:
    """Rec (ii) is a precondition of the power: the officer is told so and advised to ask a lawyer."""
    office.mail_to("board-member-icb", is_=LetterState.REFUSED)
    circulated(office)
    said = office.does("excuse", on="2017-08-09", consultee="board-member-icb", reasons="On leave.")
    assert "precondition of the power to decide: take legal advice" in said
    assert office.fact("consultee-excused")["precondition"] is True


def test_who_has_answered_was_reached(office: Office) -> None:
    """Para 10: after an answer nobody needs to be excused, and no bounce can concern those papers."""
    circulated(office)
    office.hears_back({"healthwatch": "gap"}, on="2017-08-07")
    assert "has answered" in office.is_refused("excuse", on="2017-08-08", consultee="healthwatch", reasons="Mistaken")
    assert "has answered" in office.is_refused("bounce", on="2017-08-08", consultee="healthwatch")


def test_a_letter_not_in_question_is_not_sent_twice(office: Office) -> None:
    """Para 10: a second letter would give a second date; it is refused, with what to do if the first came back."""
    circulated(office)
    why = office.is_refused("resend", on="2017-08-07", consultee="healthwatch", reasons="To be sure.")
    assert "it is not sent twice. If it came back, record that first" in why


def test_while_the_mail_server_is_down_no_clock_runs(office: Office) -> None:
    """Para 10: written on the 4th and accepted on the 7th: the fourteen days run from the 7th."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.closes_its_mailroom()
    office.decides_route("contentious", on="2017-08-04")
    assert office.waits_for() == ("Awaiting delivery", "2017-09-15")
    office.waits_until("2017-08-07")
    office.opens_its_mailroom()
    assert office.waits_for() == ("Awaiting feedback", "2017-08-21")


def test_letters_at_day_14_that_cannot_be_delivered_bring_the_urgent_route(office: Office) -> None:
    """Sch 2 para 19(5): a letter nobody settles does not let the last day pass in silence."""
    one_letter_goes_wrong(office, LetterState.REFUSED)
    office.waits_until("2017-09-15T09:00")
    assert office.days("urgent-route-named") == ["2017-09-15"]
    office.decides("gap", on="2017-09-15T10:00")
    assert office.fact("representation-sent")["late"] is False
    assert "healthwatch: letter in question" in words_of(office.letters("decision-open")[-1])


def circulated(office: Office) -> None:
    """Give notice on 1 August 2017 and circulate the papers on the 4th."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")


def one_letter_goes_wrong(office: Office, fate: LetterState) -> None:
    """Circulate the papers while Healthwatch's mail server does something else than accept them."""
    office.mail_to("healthwatch", is_=fate)
    circulated(office)

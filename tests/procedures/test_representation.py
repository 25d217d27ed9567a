"""The representation: issued, sent, proved; late, returned, or never made (Sch 2 para 19, paragraph 2)."""

from __future__ import annotations

from io import BytesIO

from docx import Document
from story_office import Office, words_of

from desk.faces.pharmacy_moves import outstanding
from models.cases import Status
from models.outgoing import LetterState


def test_the_representation_goes_out_as_word_and_pdf_and_both_are_kept(office: Office) -> None:
    """Para 2: sent the moment it is decided; the same bytes stay with the case."""
    decided(office)
    (letter,) = office.letters("representation")
    word, pdf = f"Representation {office.playing.case_ref}.docx", f"Representation {office.playing.case_ref}.pdf"
    assert [enclosure.filename for enclosure in letter.draft.enclosures] == [pdf, word]
    assert office.content(letter, pdf).startswith(b"%PDF-")
    sent = office.fact("representation-sent")
    assert {sent["word"], sent["pdf"]} == {enclosure.sha256 for enclosure in letter.draft.enclosures}
    assert (sent["accepted_by"], sent["late"]) == ("mail.example.org", False)


def test_the_document_says_what_was_decided_and_who_was_asked(office: Office) -> None:
    """Sch 2 para 19(5): the opinion with its reasons on both limbs; recs (i), (ii): those consulted."""
    decided(office)
    text = office.document_text("representation")
    for words in ("Need is met.", "Access is kept.", "Healthwatch Southampton", "15 September 2017", "CAS-17"):
        assert words in text


def test_in_2017_it_goes_to_nhs_england(office: Office) -> None:
    """SI 2016/1077: from 5 December 2016 the decision is NHS England's."""
    decided(office)
    assert office.recipients("representation") == ["nhs-england"]


def test_from_april_2023_it_goes_to_the_icb(office: Office) -> None:
    """Delegation of 1 April 2023: notified in March, sent in April, it goes to the Integrated Care Board."""
    office.receives(on="2023-03-20")
    office.attaches_assessment(on="2023-03-21")
    office.decides_route("non-contentious", on="2023-03-21")
    office.hears_from_everyone("no-gap", on="2023-03-31")
    office.decides("no-gap", on="2023-04-01")
    assert office.recipients("representation") == ["icb-pharmacy-commissioning"]


def test_the_scrutiny_chair_is_told_of_the_final_response(office: Office) -> None:
    """Para 7: once it has been sent, with the opinion and both reasons."""
    decided(office)
    told = office.letter("final-response", to="scrutiny-chair")
    assert "would not create a gap" in told
    assert "within the time allowed, which ends on Friday 15 September 2017" in told


def test_after_the_last_day_the_breach_is_recorded_and_escalated(office: Office) -> None:
    """Sch 2 para 19(5): once, at the first instant of day 46, to everyone on the council's list."""
    office.receives(on="2017-08-01")
    office.waits_until("2017-09-15T23:59:59")
    assert office.facts("breach-recorded") == []
    office.waits_until("2017-09-20")
    assert office.days("breach-recorded") == ["2017-09-16"]
    assert "representation" in [fact["name"] for fact in office.facts("deadline-passed")]
    assert office.recipients("breach") == ["director-of-public-health", "monitoring-officer", "board-chair"]
    assert "A representation can still be sent." in words_of(office.letters("breach")[0])
    assert office.status("representation") is Status.PASSED


def test_late_it_is_still_sent_and_marked(office: Office) -> None:
    """Sch 2 para 19(4), (5): the Regulations do not forbid it; letter, record and notice to scrutiny say late."""
    ready(office)
    office.waits_until("2017-09-18")
    assert office.waits_for() == ("Awaiting decision: last day has passed", None)
    office.decides("no-gap", on="2017-09-18")
    assert office.fact("representation-sent")["late"] is True
    assert "This representation is late. It was due by Friday 15 September 2017." in office.letter("representation")
    assert "after the last day, Friday 15 September 2017" in office.letter("final-response")
    assert office.fact("decided")["late"] is True
    assert office.status("representation") is Status.MET_LATE


def test_what_is_not_accepted_by_the_last_day_is_late(office: Office) -> None:
    """Sch 2 para 19(4): decided in time, accepted by the addressee's mail server only on day 46."""
    ready(office)
    office.waits_until("2017-09-15")
    office.closes_its_mailroom()
    office.decides("no-gap", on="2017-09-15T23:00")
    assert office.waits_for() == ("Awaiting acceptance of the representation", "2017-09-15")
    office.waits_until("2017-09-16T09:00")
    assert office.days("breach-recorded") == ["2017-09-16"]
    office.opens_its_mailroom()
    assert office.fact("representation-sent")["late"] is True


def test_a_refused_representation_is_the_officers_question(office: Office) -> None:
    """Sch 2 para 19(4): what NHS England's mail server refuses has not been sent; the officer is told what to do."""
    office.mail_to("nhs-england", is_=LetterState.REFUSED)
    decided(office)
    assert office.facts("representation-sent") == []
    assert office.waits_for() == ("Awaiting officer: representation in question", "2017-09-15")
    question = office.letter("letter-in-question")
    assert "A letter to NHS England is in question" in question
    assert f"cleardays resend {office.playing.case_ref} --consultee addressee" in question
    assert "cleardays excuse" not in question


def test_a_refused_representation_is_sent_again_when_an_officer_says_so(office: Office) -> None:
    """Sch 2 para 19(4): the address is corrected, the representation goes again and arrives in time."""
    office.mail_to("nhs-england", is_=LetterState.REFUSED)
    decided(office)
    office.mail_to("nhs-england", is_=LetterState.SENT)
    office.does("resend", on="2017-08-09", consultee="addressee", reasons="Address corrected.")
    assert len(office.letters("representation")) == 2
    assert office.fact("representation-sent")["late"] is False
    assert office.waits_for()[0] == "Awaiting determination"


def test_a_representation_that_came_back_was_not_sent(office: Office) -> None:
    """Sch 2 para 19(4): accepted on 8 August and returned on the 10th: it is open again until it arrives."""
    decided(office)
    assert office.status("representation") is Status.MET
    office.does("bounce", on="2017-08-10", consultee="addressee", text="mailbox unknown")
    assert office.status("representation") is Status.OPEN
    assert office.waits_for() == ("Awaiting officer: representation in question", "2017-09-15")
    office.does("resend", on="2017-08-11", consultee="addressee", reasons="Address corrected.")
    assert office.status("representation") is Status.MET
    assert [words_of(each).count("11 August 2017") > 0 for each in office.letters("final-response")] == [False, True]


def test_a_representation_that_came_back_and_is_not_sent_again_is_a_breach(office: Office) -> None:
    """Sch 2 para 19(5): nobody settles the returned letter; the last day does not pass in silence."""
    decided(office)
    office.does("bounce", on="2017-08-10", consultee="addressee", text="mailbox unknown")
    office.waits_until("2017-09-16T00:00:00")
    assert office.days("breach-recorded") == ["2017-09-16"]


def test_a_representation_delivered_by_hand_counts_from_that_day(office: Office) -> None:
    """Sch 2 para 19(4): handed over on day 45 and recorded on day 48, it reached the addressee in time."""
    office.mail_to("nhs-england", is_=LetterState.REFUSED)
    ready(office)
    office.decides("no-gap", on="2017-09-15T11:00")
    office.does("serve", on="2017-09-18", consultee="addressee", channel="hand", served_on="2017-09-15")
    assert office.fact("representation-sent")["late"] is False
    assert office.status("representation") is Status.MET
    assert "sent to NHS England on Friday 15 September 2017" in office.letter("final-response")


def test_it_cannot_have_been_delivered_before_it_was_decided(office: Office) -> None:
    """Sch 2 para 19(4): a day of delivery before the day of the decision is a slip, and is refused."""
    office.mail_to("nhs-england", is_=LetterState.REFUSED)
    decided(office)
    serving = {"consultee": "addressee", "channel": "hand", "served_on": "2017-08-07"}
    assert "before" in office.is_refused("serve", on="2017-08-09", **serving)


def test_an_accepted_representation_is_not_sent_twice(office: Office) -> None:
    """Sch 2 para 19(4): one opinion, once."""
    decided(office)
    why = office.is_refused("resend", on="2017-08-09", consultee="addressee", reasons="To be sure.")
    assert "it is not sent twice" in why


def test_of_unknown_fate_it_waits_for_an_officer(office: Office) -> None:
    """Sch 2 para 19(4): the mail server never answered; NHS England confirms receipt by telephone."""
    office.mail_to("nhs-england", is_=LetterState.AMBIGUOUS)
    decided(office)
    assert office.waits_for()[0] == "Awaiting officer: representation in question"
    office.does("settle", on="2017-08-09", consultee="addressee", fate="received", reasons="Confirmed by telephone.")
    assert office.fact("representation-sent")["reached_on"] == "2017-08-08"


def test_an_application_determined_before_the_board_answered_ends_the_wait(office: Office) -> None:
    """Reg 26A: refused on other grounds before the last day; there is nothing left to represent on, and no breach."""
    office.receives(on="2017-08-01")
    office.does("record-outcome", on="2017-08-10", outcome="refused")
    assert office.fact("outcome-recorded")["before_representation"] is True
    assert office.outcome == "refused"
    assert office.facts("breach-recorded") == []


def test_an_application_granted_before_the_board_answered_owes_no_statement(office: Office) -> None:
    """Reg 6(4) follows from an opinion of no gap; where the Board gave none, the assessment is only considered."""
    office.receives(on="2017-08-01")
    office.waits_until("2017-09-20")
    office.does("record-outcome", on="2017-09-20", outcome="granted")
    assert len(office.facts("breach-recorded")) == 1
    assert "reg 6(2) and (3)" in words_of(office.letters("outcome-recorded")[0])
    office.does("record-consolidation", on="2017-10-02", effective_on="2017-10-09")
    assert office.outcome == "consolidated"
    assert office.letters("gap-but-granted") == []


def test_proof_of_delivery_in_time_withdraws_the_breach(office: Office) -> None:
    """Sch 2 para 19(4), (5): recorded on day 46, disproved on day 48: facts stay, a correction follows, all hear."""
    office.mail_to("nhs-england", is_=LetterState.REFUSED)
    ready(office)
    office.decides("no-gap", on="2017-09-15T11:00")
    office.waits_until("2017-09-16T09:00")
    breach = office.fact("breach-recorded")
    office.does("serve", on="2017-09-18", consultee="addressee", channel="hand", served_on="2017-09-15")
    withdrawn = office.fact("breach-withdrawn")
    assert (withdrawn["breach"], withdrawn["last_day"]) == (breach.number, "2017-09-15")
    assert office.facts("papers-served")[0].number == withdrawn["proof"]
    told = ["director-of-public-health", "monitoring-officer", "board-chair", "scrutiny-chair"]
    assert office.recipients("breach-withdrawn") == told
    assert office.playing.case.breaches() == []


def test_late_by_mail_and_in_time_by_hand_was_in_time(office: Office) -> None:
    """Sch 2 para 19(4): accepted by mail on day 46; that it was handed over on day 45 comes out on day 48."""
    ready(office)
    office.waits_until("2017-09-15")
    office.closes_its_mailroom()
    office.decides("no-gap", on="2017-09-15T16:00")
    office.waits_until("2017-09-16T09:00")
    office.opens_its_mailroom()
    assert office.fact("representation-sent")["late"] is True
    office.does("serve", on="2017-09-18", consultee="addressee", channel="hand", served_on="2017-09-15")
    assert [fact["late"] for fact in office.facts("representation-sent")] == [True, False]
    assert len(office.facts("breach-withdrawn")) == 1
    assert "within the time allowed" in words_of(office.letters("final-response")[-1])


def test_a_breach_withdrawn_and_then_real_is_recorded_anew(office: Office) -> None:
    """Sch 2 para 19(5): the proof was of another envelope: what came back was never delivered, and that is a breach."""
    office.mail_to("nhs-england", is_=LetterState.AMBIGUOUS)
    ready(office)
    office.decides("no-gap", on="2017-09-15T11:00")
    office.waits_until("2017-09-16T09:00")
    office.does("settle", on="2017-09-18", consultee="addressee", fate="received", reasons="Said to have it.")
    assert len(office.facts("breach-withdrawn")) == 1
    office.does("bounce", on="2017-09-19", consultee="addressee", text="mailbox unknown")
    assert office.days("breach-recorded") == ["2017-09-16", "2017-09-19"]
    assert office.playing.case.breaches() == ["the last day for the representation was missed (Sch 2 para 19)"]


def test_an_application_determined_in_time_withdraws_the_breach(office: Office) -> None:
    """Reg 26A: refused on day 40 and heard of on day 50: nothing was left to represent on."""
    office.receives(on="2017-08-01")
    office.waits_until("2017-09-16T09:00")
    assert len(office.facts("breach-recorded")) == 1
    office.does("record-outcome", on="2017-09-20", outcome="refused", decided_on="2017-09-10")
    assert office.fact("breach-withdrawn")["reasons"] == "the application had been determined on 10 September 2017"


def test_those_still_asked_are_told_that_no_answer_is_needed(office: Office) -> None:
    """Reg 26A, para 10: determined while people could still answer; nobody is left working for nothing."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("non-contentious", on="2017-08-02")
    office.hears_back({"board-chair": "gap"}, on="2017-08-04")
    office.does("record-outcome", on="2017-08-08", outcome="granted")
    assert office.recipients("determined-early") == [f"ward-member-bargate-{number}" for number in (1, 2, 3)]
    assert "You need not reply" in words_of(office.letters("determined-early")[0])


def test_after_the_stated_day_and_before_day_45_the_law_is_kept(office: Office) -> None:
    """Sch 2 para 19(4): the sender stated the 8th; sent on the 12th, it admits no breach of the 45 days."""
    ready(office, stated="2017-09-08")
    office.waits_until("2017-09-09T09:00")
    assert office.fact("breach-recorded")["statutory"] is False
    assert "until then nothing in them is broken" in office.letter("breach", to="monitoring-officer")
    office.decides("no-gap", on="2017-09-12")
    letter = office.letter("representation")
    assert "within the 45 days of paragraph 19(4) of Schedule 2 to SI 2013/349, which end on Friday 15" in letter
    assert "This representation is late" not in letter
    assert "which end on Friday 15 September 2017" in office.document_text("representation")
    assert "within the 45 days of the Regulations" in office.letter("final-response")
    office.waits_until("2017-09-20")
    assert len(office.facts("breach-recorded")) == 1


def test_after_the_stated_day_and_day_45_the_law_is_broken(office: Office) -> None:
    """Sch 2 para 19(5): missing the stated day is recorded first; day 45 is the breach of the Regulations."""
    office.receives(on="2017-08-01", stated="2017-09-08")
    office.waits_until("2017-09-20")
    found = [(fact["last_day"], fact["statutory"]) for fact in office.facts("breach-recorded")]
    assert found == [("2017-09-08", False), ("2017-09-15", True)]
    assert "That it did not is a breach" in words_of(office.letters("breach", to="board-chair")[-1])


def test_the_representation_never_calls_itself_a_draft(office: Office) -> None:
    """Sch 2 para 19(5): it leaves on the decision, and says what the record lacks."""
    ready(office)
    office.does("decide", on="2017-08-08", opinion="no-gap", wishes_oral_hearing=False)
    text = office.document_text("representation")
    assert "Draft" not in text
    assert "The record holds nothing on: the reasons on limb (a); the reasons on limb (b)" in text


def test_the_representation_names_the_assessment_that_was_considered(office: Office) -> None:
    """Equality Act s.149: an assessment attached after the decision was not considered, and nobody says it was."""
    office.mail_to("nhs-england", is_=LetterState.REFUSED)
    decided(office)
    said = office.attaches("equality-impact-assessment", on="2017-08-09", file="second.pdf")
    assert "have the decision looked at again" in said
    assert any("which did not consider it" in each for each in outstanding(office.playing.case))
    office.mail_to("nhs-england", is_=LetterState.SENT)
    office.does("resend", on="2017-08-10", consultee="addressee", reasons="Address corrected.")
    (_, again) = office.letters("representation")
    (word,) = [each.filename for each in again.draft.enclosures if each.filename.endswith(".docx")]
    cells = [c.text for t in Document(BytesIO(office.content(again, word))).tables for r in t.rows for c in r.cells]
    _, first, _ = office.facts("document-attached")
    assert f"assessment.pdf, fact {first.number} of the record" in " ".join(cells).replace("\u200b", "")
    assert "second.pdf" not in " ".join(cells)


def test_who_could_not_be_reached_is_disclosed(office: Office) -> None:
    """Recs (i), (ii): the addressee sees who was not consulted, and that it is not called silence."""
    office.mail_to("healthwatch", is_=LetterState.REFUSED)
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")
    office.does("excuse", on="2017-08-05", consultee="healthwatch", reasons="No address can be found.")
    office.waits_until("2017-08-21")
    office.decides("no-gap", on="2017-08-21")
    text = office.document_text("representation")
    assert "Not reached; gone on without, with reasons on the record Not asked" in text


def ready(office: Office, *, stated: str | None = None) -> None:
    """Bring a contentious case notified on 1 August 2017 to where only the decision is missing, on the 7th."""
    office.receives(on="2017-08-01", stated=stated)
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")
    office.hears_from_everyone("no-gap", on="2017-08-07")


def decided(office: Office) -> None:
    """Decide such a case on 8 August 2017."""
    ready(office)
    office.decides("no-gap", on="2017-08-08")

"""Part 2: a meeting in private with its two notices, or by consent, or not at all."""

from __future__ import annotations

from typing import Any

from story_key_decision import OFFICER, SCRUTINY, Office

PRIVATE: dict[str, Any] = {"private": True, "private_reasons": "Paragraph 3 of Schedule 12A: commercial terms."}


def entered(office: Office, *, on: str = "2017-06-01") -> None:
    """Enter a key decision to be taken in private on 18 July 2017."""
    office.enters(on=on, decide_on="2017-07-18", **PRIVATE)


def noticed(office: Office) -> None:
    """Publish what every key decision of 18 July 2017 needs, in time."""
    office.publishes("key-decision", on="2017-06-19")
    office.publishes("agenda", on="2017-07-10")


def test_both_notices(office: Office) -> None:
    """P29, 000:279-287, SI 2012/2089 reg 5: 28 clear days with reasons, then 5 clear days with representations."""
    entered(office)
    assert office.last_day("notice of private meeting") == "2017-06-19"
    assert office.last_day("second notice of private meeting") == "2017-07-10"
    office.publishes("key-decision", on="2017-06-19")
    assert office.waits_for() == ("Awaiting notice of private meeting", "2017-06-19")
    office.publishes("private-meeting", on="2017-06-19", reasons="Paragraph 3.")
    assert office.waits_for() == ("Awaiting second notice of private meeting", "2017-07-10")
    office.publishes("private-meeting-second", on="2017-07-10", reasons="Paragraph 3.",
                     representations="One resident objected; the terms are commercial.")  # fmt: skip
    office.publishes("agenda", on="2017-07-10")
    assert office.fact("second-private-notice-published")["representations"].startswith("One resident objected")
    office.decides(on="2017-07-18", in_private=True)
    assert office.fact("decided")["in_private"] is True


def test_without_notice_and_without_consent_it_cannot_be_taken_in_private(office: Office) -> None:
    """P29, 000:284-285: notified 28 days in advance, "or the decision cannot be taken"."""
    entered(office)
    noticed(office)
    assert office.waits_for() == ("Awaiting consent to a private meeting", "2017-07-18")
    assert "the decision cannot be taken in private" in office.may_not_decide(on="2017-07-18")
    assert "take it in public" in office.newest("kd-out-of-reach", OFFICER)


def test_it_can_still_be_taken_in_public(office: Office) -> None:
    """SI 2012/2089 reg 5: what was not noticed as private is taken in public, or not on that day."""
    entered(office)
    noticed(office)
    office.decides(on="2017-07-18", in_private=False)
    assert office.fact("decided")["in_private"] is False


def test_a_late_second_notice_is_no_second_notice(office: Office) -> None:
    """SI 2012/2089 reg 5(4): at least five clear days before, with the response to representations."""
    entered(office)
    noticed(office)
    office.does("publish", on="2017-07-10", what="private-meeting", published_on="2017-06-19", reasons="Paragraph 3.")
    office.publishes("private-meeting-second", on="2017-07-11", reasons="Paragraph 3.", representations="None came.")
    assert "cannot be taken in private" in office.may_not_decide(on="2017-07-18", in_private=True)


def test_consent_of_scrutinys_chair(office: Office) -> None:
    """P29, 000:285-287: limited urgency provisions, with prior consent of the chair of the Health Overview panel."""
    entered(office)
    noticed(office)
    office.consents("agreed", on="2017-07-14", matter="private-meeting")
    assert office.waits_for() == ("Awaiting decision", "2017-07-18")
    assert "relies on an exception: private-meeting" in office.newest("kd-reasons-due", OFFICER)
    office.decides(on="2017-07-18", in_private=True)
    assert office.fact("urgency-consented")["asked"] == SCRUTINY


def test_reasons_are_asked_for_only_while_it_stays_private(office: Office) -> None:
    """SI 2012/2089 reg 5(7): a notice of reasons for a private meeting; taken in public after all, it needs none."""
    entered(office)
    noticed(office)
    office.consents("agreed", on="2017-07-14", matter="private-meeting")
    assert office.playing.case.reasons_due() == ["private-meeting"]
    office.decides(on="2017-07-18", in_private=False)
    assert office.playing.case.reasons_due() == []
    office.signs_and_publishes(on="2017-07-20")
    office.waits_until("2017-08-05")
    assert office.outcome == "implementable"


def test_consent_refused(office: Office) -> None:
    """P29, SI 2012/2089 reg 5(6): refused, it cannot be taken in private."""
    entered(office)
    noticed(office)
    office.consents("refused", on="2017-07-14", matter="private-meeting")
    assert office.waits_for() == ("Awaiting a new day: not in private", None)
    assert "cannot be taken in private" in office.may_not_decide(on="2017-07-18", in_private=True)


def test_a_notice_of_a_private_meeting_gives_its_reasons(office: Office) -> None:
    """000:284-285: "and reasons for excluding the public"; SI 2012/2089 reg 5(3)."""
    entered(office)
    assert "why the public is to be excluded" in office.is_refused("publish", on="2017-06-02", what="private-meeting")


def test_what_was_not_to_be_private_is_not_taken_in_private(office: Office) -> None:
    """SI 2012/2089 reg 5: nobody can go into private for an item that was never said to be so."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    noticed(office)
    assert "cannot be taken in private" in office.may_not_decide(on="2017-07-18", in_private=True)


def test_a_matter_made_public_needs_no_private_notice(office: Office) -> None:
    """000:281-283: whether it is exempt is for people; corrected to public, the notices fall away."""
    entered(office)
    office.does("correct-decision", on="2017-06-02", private=False, reasons="The terms are public now.")
    noticed(office)
    assert office.waits_for() == ("Awaiting decision", "2017-07-18")


def test_the_second_notice_says_what_was_represented_and_comes_after_the_first(office: Office) -> None:
    """SI 2012/2089 reg 5(4): representations received, and the response; silence says neither that there were none."""
    entered(office)
    second: dict[str, Any] = {"what": "private-meeting-second", "reasons": "Paragraph 3."}
    assert "no first notice was published before" in office.is_refused("publish", on="2017-06-02", **second)
    office.publishes("private-meeting", on="2017-06-19", reasons="Paragraph 3.")
    assert "no first notice was published before Monday 19 June 2017" in office.is_refused(
        "publish", on="2017-06-19", representations="None came.", **second
    )
    assert "or say that none were received" in office.is_refused("publish", on="2017-07-10", **second)
    office.does("publish", on="2017-07-10", representations="None came.", **second)


def test_a_consent_given_after_the_meeting_is_none(office: Office) -> None:
    """000:286, SI 2012/2089 reg 5(6): "prior consent"; obtained two days later, it makes nothing private lawful."""
    entered(office)
    noticed(office)
    assert "agreement comes before the decision" in office.is_refused(
        "consent-urgency", on="2017-07-20", asked=SCRUTINY, answer="agreed", matter="private-meeting", reasons="Urgent."
    )
    assert "cannot be taken in private" in office.may_not_decide(on="2017-07-20", decided_on="2017-07-18")
    office.does("consent-urgency", on="2017-07-20", asked=SCRUTINY, answer="agreed", matter="private-meeting",
                reasons="Urgent.", answered_on="2017-07-17")  # fmt: skip
    office.decides(on="2017-07-20", decided_on="2017-07-18", in_private=True)

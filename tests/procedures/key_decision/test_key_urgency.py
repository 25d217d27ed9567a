"""Without 28 clear days' notice: general exception, special urgency, and what is not allowed either way."""

from __future__ import annotations

from collections.abc import Callable

from story_key_decision import OFFICER, SCRUTINY, Office

from desk.faces.key_decision import FACE
from models.council import Council
from models.outgoing import LetterState

COUNCIL_CHAIR, COUNCIL_VICE_CHAIR = "council-chair", "council-vice-chair"


def entered_late(office: Office, *, on: str = "2017-06-28") -> None:
    """Enter a key decision for 18 July 2017 when the day for its notice, 19 June, has passed."""
    office.enters(on=on, decide_on="2017-07-18")


def test_general_exception(office: Office) -> None:
    """P28, SI 2012/2089 reg 10: scrutiny's chair in writing, published, five clear days elapsed; then the reasons."""
    entered_late(office)
    said = office.publishes("general-exception", on="2017-07-10", reasons="The grant must be claimed by 31 July.")
    assert "That is after" not in said
    told = office.newest("kd-general-exception", SCRUTINY)
    assert "Why notice of 28 clear days is impracticable: The grant must be claimed by 31 July." in told
    office.publishes("agenda", on="2017-07-10")
    office.decides(on="2017-07-18")
    assert office.fact("decided")["route"] == "general exception (reg 10)"
    office.signs_and_publishes(on="2017-07-19")
    office.waits_until("2017-07-27")
    assert office.implemented_on() == "2017-07-27"
    assert office.waits_for() == ("Awaiting notice of reasons", None)
    assert "general-exception" in office.newest("kd-reasons-due", OFFICER)
    office.publishes("reasons-notice", on="2017-07-27", reasons="The grant must be claimed by 31 July.")
    office.waits_until("2017-08-04")
    assert office.outcome == "implementable"


def test_the_five_days_follow_the_day_on_which_the_chair_had_the_notice(office: Office) -> None:
    """SI 2012/2089 reg 10(1): published on 7 July, but handed to the chair on the 11th: four clear days are left."""
    entered_late(office)
    office.publishes("agenda", on="2017-07-10")
    office.publishes("general-exception", on="2017-07-11", published_on="2017-07-07", reasons="A grant.",
                     chair_informed_on="2017-07-11")  # fmt: skip
    assert office.letters("kd-general-exception") == []
    assert "5 clear days have not elapsed" in office.may_not_decide(on="2017-07-18")


def test_an_exception_published_too_late_serves_no_more(office: Office) -> None:
    """SI 2012/2089 reg 10: published on Tue 11 July, the 18th comes after four clear working days."""
    entered_late(office)
    office.publishes("agenda", on="2017-07-10")
    said = office.publishes("general-exception", on="2017-07-11", reasons="A grant.")
    assert "That is after Monday 10 July 2017, the latest day for it" in said
    assert "ask Chair of the Health Overview and Scrutiny Panel to agree that it is urgent" in said
    assert "5 clear days have not elapsed" in office.may_not_decide(on="2017-07-18")


def test_an_exception_says_why(office: Office) -> None:
    """SI 2012/2089 reg 10: only where notice is impracticable, so the reasons are asked for."""
    entered_late(office)
    assert "28 clear days' notice is impracticable" in office.is_refused(
        "publish", on="2017-06-29", what="general-exception"
    )


def test_special_urgency_with_the_agreement_of_scrutinys_chair(office: Office) -> None:
    """P28, SI 2012/2089 regs 11, 19: agreed, decided, reasons published, and reported to the Council within a year."""
    entered_late(office, on="2017-07-12")
    assert office.waits_for() == ("Awaiting agreement that it is urgent", "2017-07-18")
    office.consents("agreed", on="2017-07-13")
    assert office.waits_for() == ("Awaiting a new day: papers late", None)
    office.publishes("agenda", on="2017-07-13", convened_on="2017-07-13")
    office.decides(on="2017-07-18")
    assert office.fact("decided")["route"] == "special urgency (reg 11)"
    told = office.newest("kd-urgency-report", "leader-of-the-council")
    assert "reports it to the Council by Wednesday 18 July 2018" in told
    assert "relies on an exception: key-decision" in office.newest("kd-reasons-due", OFFICER)


def test_refused_it_cannot_be_decided(office: Office) -> None:
    """SI 2012/2089 reg 11: whoever refuses has answered; nobody further down is asked instead."""
    entered_late(office, on="2017-07-12")
    office.publishes("agenda", on="2017-07-12", convened_on="2017-07-12")
    office.consents("refused", on="2017-07-13")
    assert office.waits_for() == ("Awaiting a new day: urgency refused", None)
    refused = office.is_refused("consent-urgency", on="2017-07-13", asked=COUNCIL_CHAIR, answer="agreed",
                                matter="key-decision", reasons="It is urgent.")  # fmt: skip
    assert "never because it refused" in refused
    assert "refused to agree that it is urgent (reg 11)" in office.may_not_decide(on="2017-07-18")


def test_the_councils_chair_is_asked_where_scrutinys_is_unable_to_act_and_then_the_vice_chair(office: Office) -> None:
    """SI 2012/2089 reg 11(1)(b), (c): each level opens only when the one before is unable to act."""
    entered_late(office, on="2017-07-12")
    refused = office.is_refused("consent-urgency", on="2017-07-12", asked=COUNCIL_CHAIR, answer="agreed",
                                matter="key-decision", reasons="It is urgent.")  # fmt: skip
    assert "whom to ask is Chair of the Health Overview and Scrutiny Panel" in refused
    office.consents("unable-to-act", on="2017-07-13")
    office.consents("unable-to-act", on="2017-07-13", asked=COUNCIL_CHAIR)
    office.consents("agreed", on="2017-07-14", asked=COUNCIL_VICE_CHAIR)
    office.publishes("agenda", on="2017-07-14", convened_on="2017-07-14")
    office.decides(on="2017-07-18")
    assert office.fact("urgency-consented")["asked"] == COUNCIL_VICE_CHAIR


def test_with_nobody_able_to_act_there_is_nobody_to_ask(office: Office) -> None:
    """SI 2012/2089 reg 11: after all three nobody is left; only another day mends it."""
    entered_late(office, on="2017-07-12")
    for role in (SCRUTINY, COUNCIL_CHAIR, COUNCIL_VICE_CHAIR):
        office.consents("unable-to-act", on="2017-07-13", asked=role)
    assert "nobody: no office is left" in office.is_refused(
        "consent-urgency", on="2017-07-14", asked=SCRUTINY, answer="agreed", matter="key-decision", reasons="Urgent."
    )


def test_special_urgency_is_not_for_what_the_general_exception_can_do(office: Office) -> None:
    """SI 2012/2089 reg 11(1): only where the date makes compliance with regulation 10 impracticable."""
    entered_late(office)
    assert "can still be notified until Monday 10 July 2017" in office.is_refused(
        "consent-urgency", on="2017-07-03", asked=SCRUTINY, answer="agreed", matter="key-decision", reasons="Urgent."
    )


def test_an_agreement_lapses_when_the_decision_is_put_off(office: Office) -> None:
    """SI 2012/2089 reg 11: agreed that it cannot be deferred; once it was, that agreement says nothing any more."""
    entered_late(office, on="2017-07-12")
    office.consents("agreed", on="2017-07-13")
    office.does("move-decision", on="2017-07-14", to="2017-07-25", reasons="The Leader is away.")
    office.publishes("agenda", on="2017-07-17")
    office.waits_until("2017-07-18")
    assert office.waits_for() == ("Awaiting agreement that it is urgent", "2017-07-25")
    assert "nor special urgency" in office.may_not_decide(on="2017-07-25")


def test_while_scrutiny_has_no_chair_its_members_are_told_and_the_councils_chair_is_asked(
    council_with: Callable[..., Council],
) -> None:
    """SI 2012/2089 regs 10(1)(a), 11(1)(b): each member in writing; the Council's chair is asked to agree."""
    office = Office(council_with(
        ("person: lucian-hartnoll, from: 2016-12-05", "person: lucian-hartnoll, from: 2016-12-05, until: 2017-06-30"),
        ("  consents: [scrutiny-chair", "  scrutiny_members: [ward-member-bargate-1, ward-member-bassett-1]\n"
         "  consents: [scrutiny-chair"),
    ))  # fmt: skip
    entered_late(office, on="2017-07-03")
    office.publishes("general-exception", on="2017-07-04", reasons="A grant.")
    told = [each.draft.recipient for each in office.letters("kd-general-exception")]
    assert told == ["ward-member-bargate-1", "ward-member-bassett-1"]
    office.publishes("agenda", on="2017-07-10")
    office.decides(on="2017-07-18")
    again = Office(office.council)
    entered_late(again, on="2017-07-12")
    again.consents("agreed", on="2017-07-13", asked=COUNCIL_CHAIR)
    assert again.playing.case.route is not None


def test_a_letter_that_came_back_informed_nobody(office: Office) -> None:
    """SI 2012/2089 reg 10(1)(a): the five days do not run while scrutiny's chair has not had the notice."""
    entered_late(office)
    office.mail_to(SCRUTINY, is_=LetterState.REFUSED)
    office.publishes("general-exception", on="2017-07-03", reasons="A grant.")
    office.publishes("agenda", on="2017-07-03")
    assert office.waits_for()[0] == "Awaiting the chair's receipt of the exception"
    assert "A letter to Chair of the Health Overview and Scrutiny Panel" in office.newest("case-letter-lost", OFFICER)
    assert "the chair of scrutiny has not had the notice" in office.may_not_decide(on="2017-07-18")
    assert "cleardays settle KD-2017-001 --consultee scrutiny-chair" in " ".join(FACE.outstanding(office.playing.case))


def test_told_by_telephone_the_chair_has_had_it_since_that_day(office: Office) -> None:
    """SI 2012/2089 reg 10(1)(a): the letter came back, the chair had it by hand on Fri 7 July; time runs from then."""
    entered_late(office)
    office.mail_to(SCRUTINY, is_=LetterState.REFUSED)
    office.publishes("general-exception", on="2017-07-03", reasons="A grant.")
    office.publishes("agenda", on="2017-07-03")
    office.does("settle", on="2017-07-07", consultee=SCRUTINY, fate="received", reasons="Handed over.")
    assert office.playing.case.chair_informed_on(office.fact("exception-notified")).isoformat() == "2017-07-07"
    office.decides(on="2017-07-18")


def test_no_consent_is_called_for_where_it_is_not_key(office: Office) -> None:
    """SI 2012/2089 reg 11: it is about key decisions."""
    office.enters(on="2017-07-12", decide_on="2017-07-18", pounds=1000)
    assert "no consent is called for" in office.is_refused(
        "consent-urgency", on="2017-07-12", asked=SCRUTINY, answer="agreed", matter="key-decision", reasons="Urgent."
    )


def test_a_consent_given_after_the_decision_validates_nothing(office: Office) -> None:
    """SI 2012/2089 reg 11(1): agreement before; the Cabinet met on 18 July, and was agreed with on the 20th."""
    entered_late(office, on="2017-07-12")
    office.publishes("agenda", on="2017-07-12", convened_on="2017-07-12")
    assert "agreement comes before the decision" in office.is_refused(
        "consent-urgency", on="2017-07-20", asked=SCRUTINY, answer="agreed", matter="key-decision", reasons="Urgent."
    )
    assert "nor special urgency" in office.may_not_decide(on="2017-07-20", decided_on="2017-07-18")


def test_within_a_period_too_the_consent_comes_before_the_day_of_the_decision(office: Office) -> None:
    """SI 2012/2089 reg 11(1): agreed on 20 July, a member may decide from then on, and not on the 19th."""
    office.enters(on="2017-07-12", decide_on="2017-07-18", decide_until="2017-07-21", made_by="member",
                  decision_maker="cabinet-member-health")  # fmt: skip
    office.consents("agreed", on="2017-07-20")
    assert office.may_not_decide(on="2017-07-20", decided_on="2017-07-19")
    office.decides(on="2017-07-20")
    assert office.fact("decided")["route"] == "special urgency (reg 11)"


def test_the_general_exception_is_not_for_what_a_notice_can_still_do(office: Office) -> None:
    """SI 2012/2089 reg 10(1): only where notice of 28 clear days is impracticable; 47 days before, it is not."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    assert "can still be given until Monday 19 June 2017 (reg 9)" in office.is_refused(
        "publish", on="2017-06-01", what="general-exception", reasons="We would rather not."
    )
    office.publishes("general-exception", on="2017-06-20", reasons="The landlord came today.")


def test_a_meeting_is_convened_at_shorter_notice_before_it_is_held_and_only_within_its_clear_days(
    office: Office,
) -> None:
    """SI 2012/2089 regs 6, 7: an agenda of 17 July for the 18th is not open since a day to come, nor since the 10th."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    office.publishes("key-decision", on="2017-06-19")
    agenda = {"what": "agenda"}
    assert "check the year" in office.is_refused("publish", on="2017-07-10", published_on="2016-07-10", **agenda)
    early = office.is_refused("publish", on="2017-07-17T09:00", convened_on="2017-07-10", **agenda)
    assert "leaves its 5 clear days" in early
    assert "lies ahead" in office.is_refused("publish", on="2017-07-17", convened_on="2017-07-30", **agenda)
    assert "the meeting itself was to be by" in office.is_refused(
        "publish", on="2017-07-20", published_on="2017-07-17", convened_on="2017-07-20", **agenda
    )
    office.publishes("agenda", on="2017-07-20", published_on="2017-07-17", convened_on="2017-07-17")
    office.decides(on="2017-07-20", decided_on="2017-07-18")

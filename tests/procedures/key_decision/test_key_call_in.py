"""Call-in: expired, the decision left to stand, reconsidered, to Council, exempted; each with its own dates and end."""

from __future__ import annotations

import pytest
from story_key_decision import LEADER, OFFICER, SCRUTINY, Office, check
from story_office import CouncilWith

from desk.faces.key_decision import FACE


def published(office: Office, *, on: str = "2017-07-20") -> None:
    """Bring a key decision of 18 July 2017 to its publication."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    office.publishes("key-decision", on="2017-06-19")
    office.publishes("agenda", on="2017-07-10")
    office.decides(on="2017-07-18")
    office.signs_and_publishes(on=on)


@pytest.mark.parametrize(
    ("decide_on", "noticed", "agenda", "published_on", "implementable"),
    [
        ("2017-07-18", "2017-06-19", "2017-07-10", "2017-07-20", "2017-07-28"),
        ("2017-12-19", "2017-11-20", "2017-12-11", "2017-12-21", "2018-01-03"),
    ],
)
def test_expired(
    office: Office, decide_on: str, noticed: str, agenda: str, published_on: str, implementable: str
) -> None:
    """P28, 000:273-275, U3, law section 9: published 20 July 2017, from Fri 28 July; 21 December, from 3 January."""
    office.enters(on=noticed + "T09:00", decide_on=decide_on)
    office.publishes("key-decision", on=noticed)
    office.publishes("agenda", on=agenda)
    office.decides(on=decide_on)
    office.signs_and_publishes(on=published_on)
    deadline = office.deadline("call-in")
    assert deadline.last_day.isoformat() == implementable
    assert deadline.local_policy
    office.waits_until("2018-01-15")
    assert office.implemented_on() == implementable
    assert office.outcome == "implementable"


def test_the_decision_stands(office: Office) -> None:
    """000:275-276: called in on the last day; scrutiny lets it stand, and it may be implemented from that day."""
    published(office)
    office.is_called_in(on="2017-07-27T23:00")
    assert office.waits_for() == ("Awaiting scrutiny of the call-in", "2017-08-17")
    assert "Now before: scrutiny" in office.newest("kd-called-in", SCRUTINY)
    office.waits_until("2017-08-10")
    assert office.implemented_on() is None
    office.resolves("decision-stands", on="2017-08-10")
    assert office.fact("implementable")["why"].endswith("on Thursday 10 August 2017: decision stands")
    assert office.implemented_on() == "2017-08-10"
    assert office.outcome == "implementable"


def test_referred_back_and_confirmed(office: Office) -> None:
    """000:275-276: referred back, reconsidered within seven working days (local policy), confirmed."""
    published(office)
    office.is_called_in(on="2017-07-25")
    office.resolves("referred-back", on="2017-08-10")
    assert office.waits_for() == ("Awaiting reconsideration", "2017-08-21")
    office.resolves("confirmed", on="2017-08-15")
    assert office.implemented_on() == "2017-08-15"


def test_referred_back_and_amended(office: Office) -> None:
    """000:271-276: amended, it is signed and published anew before it may be implemented; no second call-in."""
    published(office)
    office.is_called_in(on="2017-07-25")
    office.resolves("referred-back", on="2017-08-10")
    assert "how the decision reads now" in office.is_refused(
        "resolve-call-in", on="2017-08-15", outcome="amended", reasons="Cheaper."
    )
    office.resolves("amended", on="2017-08-15", decision="To enter into it for two years.")
    assert office.waits_for() == ("Awaiting signatures", "2017-08-17")
    assert "To enter into it for two years." in office.newest("kd-record-due", OFFICER)
    assert office.implemented_on() is None
    office.signs_and_publishes(on="2017-08-16")
    assert office.implemented_on() == "2017-08-16"


def test_referred_back_and_dropped(office: Office) -> None:
    """000:275-276: reconsidered and not to be done; the case ends, and nothing is implemented."""
    published(office)
    office.is_called_in(on="2017-07-25")
    office.resolves("referred-back", on="2017-08-10")
    office.resolves("dropped", on="2017-08-15")
    assert office.outcome == "dropped after call-in"
    assert office.implemented_on() is None


def test_to_council_and_the_decision_stands(office: Office) -> None:
    """000:275-276: the Council considers it (30 working days, local policy) and lets it stand."""
    published(office)
    office.is_called_in(on="2017-07-25")
    office.resolves("to-council", on="2017-08-10")
    assert office.waits_for() == ("Awaiting the Council on the call-in", "2017-09-22")
    office.resolves("decision-stands", on="2017-09-20")
    assert office.implemented_on() == "2017-09-20"


def test_to_council_and_referred_back(office: Office) -> None:
    """000:275-276: the Council refers it back; only the reconsideration ends it."""
    published(office)
    office.is_called_in(on="2017-07-25")
    office.resolves("to-council", on="2017-08-10")
    office.resolves("referred-back", on="2017-09-20")
    assert office.implemented_on() is None
    office.resolves("confirmed", on="2017-09-25")
    assert office.implemented_on() == "2017-09-25"


def test_a_call_in_that_nobody_deals_with_keeps_the_decision_still(office: Office) -> None:
    """000:275-276: past scrutiny's own time the Monitoring Officer is told; the decision is not implemented."""
    published(office)
    office.is_called_in(on="2017-07-25")
    office.waits_until("2017-10-01")
    assert office.waits_for() == ("Awaiting scrutiny of the call-in", None)
    assert "call-in: scrutiny" in office.newest("kd-overdue", "monitoring-officer")
    assert office.implemented_on() is None


def test_too_late_to_call_in(office: Office) -> None:
    """000:274-275: once the time has expired nothing is called in, whether the case is still open or closed."""
    published(office)
    office.waits_until("2017-07-28T09:00")
    late = office.is_refused("call-in", on="2017-07-28T10:00", called_in_by="three", reasons="Late.")
    assert "the time for call-in has expired" in late
    assert "say on which day" in late
    office.waits_until("2017-08-10")
    assert "the time for call-in has expired" in office.is_refused(
        "call-in", on="2017-08-10", called_in_by="three", reasons="Late.", called_in_on="2017-07-28"
    )


def test_a_call_in_entered_the_morning_after_stops_the_decision(office: Office) -> None:
    """000:273-276: handed in on the last day, entered at 9 the next morning; it stands still, and all are told."""
    published(office)
    office.waits_until("2017-07-28T09:00")
    assert office.waits_for() == ("Awaiting call-ins entered late", "2017-08-04")
    assert office.outcome is None
    assert "--called-in-on DAY" in FACE.moves(office.playing.case)[0].command
    said = office.does("call-in", on="2017-07-28T09:05", called_in_by="three members", reasons="Handed in at 16:45.",
                       called_in_on="2017-07-27")  # fmt: skip
    assert "may no longer be implemented" in said
    assert office.playing.case.implementable_from is None
    assert office.waits_for() == ("Awaiting scrutiny of the call-in", "2017-08-17")
    told = office.words("kd-called-in")
    assert all("from Friday 28 July 2017: that no longer holds. Stop whatever was begun" in words for words in told)
    assert set(office.recipients("kd-called-in")) == {OFFICER, LEADER, SCRUTINY, "monitoring-officer"}
    office.waits_until("2017-08-10")
    assert office.playing.case.implementable is None
    office.resolves("decision-stands", on="2017-08-10")
    assert [fact["from"] for fact in office.facts("implementable")] == ["2017-07-28", "2017-08-10"]
    assert "May be implemented from Thursday 10 August 2017" in office.newest("kd-implementable", OFFICER)
    assert office.outcome == "implementable"


def test_a_call_in_entered_late_may_end_in_the_decision_being_dropped(office: Office) -> None:
    """000:275-276: entered late, referred back and dropped: what was implementable for a night is not done."""
    published(office)
    office.does("call-in", on="2017-08-04", called_in_by="x", reasons="y", called_in_on="2017-07-26")
    office.resolves("referred-back", on="2017-08-10")
    office.resolves("dropped", on="2017-08-15")
    assert office.outcome == "dropped after call-in"
    assert office.playing.case.implementable is None


def test_a_call_in_is_recorded_even_on_a_closed_case(office: Office) -> None:
    """000:273-276: found weeks later in somebody's post, it stops the decision; nobody is told but by the officer."""
    published(office)
    office.waits_until("2017-08-07")
    assert office.outcome == "implementable"
    said = office.does("call-in", on="2017-08-21", called_in_by="x", reasons="y", called_in_on="2017-07-27")
    assert "The case is closed and writes to nobody: tell the decision-maker" in said
    assert office.playing.case.implementable_from is None
    assert not office.playing.case.may_be_implemented
    office.resolves("decision-stands", on="2017-08-23")
    assert office.playing.case.may_be_implemented


def test_the_time_for_call_in_runs_from_the_entry_of_a_publication_entered_late(office: Office) -> None:
    """000:273-275: published on 20 July, entered on the 27th: scrutiny has its five working days from then."""
    published(office, on="2017-07-18")
    deadline = office.deadline("call-in")
    assert (deadline.event, deadline.last_day.isoformat()) == ("the decision was published", "2017-07-26")
    late = Office(office.council)
    late.enters(on="2017-06-01", decide_on="2017-07-18")
    late.publishes("key-decision", on="2017-06-19")
    late.publishes("agenda", on="2017-07-10")
    late.decides(on="2017-07-18")
    for capacity in ("decision-maker", "proper-officer"):
        late.does("sign", on="2017-07-27", capacity=capacity, signed_on="2017-07-19")
    late.publishes("decision-notice", on="2017-07-27", published_on="2017-07-20")
    assert late.waits_for() == ("Standing still for call-in", "2017-08-03")
    assert late.deadline("call-in").event == "the publication was entered, and told"
    told = late.newest("kd-standstill", SCRUTINY)
    assert "published on Thursday 20 July 2017. It may be called in until the end of Thursday 3 August 2017" in told
    assert "The publication was entered on Thursday 27 July 2017 only" in told
    assert "monitoring-officer" in late.recipients("kd-standstill")


def test_a_decision_notice_is_published_once(office: Office) -> None:
    """000:273-275: entered again while late entries are awaited, it would start the time for call-in anew."""
    published(office)
    again = office.is_refused("publish", on="2017-07-31", what="decision-notice")
    assert "for another day use correct-publication" in again
    assert office.playing.case.may_be_implemented


def test_a_decision_notice_is_not_published_before_it_was_signed(office: Office) -> None:
    """000:271-273, 273-275: signed on 27 July, it cannot have been published on the 18th, nor its time have expired."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    office.publishes("key-decision", on="2017-06-19")
    office.publishes("agenda", on="2017-07-10")
    office.decides(on="2017-07-18")
    for capacity in ("decision-maker", "proper-officer"):
        office.does("sign", on="2017-07-27", capacity=capacity)
    assert "is before Thursday 27 July 2017, when the notice was signed" in office.is_refused(
        "publish", on="2017-07-27", what="decision-notice", published_on="2017-07-18"
    )
    office.publishes("decision-notice", on="2017-07-27")
    assert office.implemented_on() is None
    assert office.letters("kd-standstill", SCRUTINY)


def test_where_the_council_says_so_an_amended_decision_stands_still_anew(council_with: CouncilWith) -> None:
    """000:273-276, local policy: what is amended is called in like any other decision, and only then implemented."""
    amended = ("amended_stands_still:\n    value: false", "amended_stands_still:\n    value: true")
    office = Office(council_with(amended))
    published(office)
    office.is_called_in(on="2017-07-25")
    office.resolves("referred-back", on="2017-08-10")
    office.resolves("amended", on="2017-08-15", decision="To enter into it for two years.")
    assert office.waits_for() == ("Awaiting signatures", "2017-08-17")
    office.signs_and_publishes(on="2017-08-16")
    assert office.waits_for() == ("Standing still for call-in", "2017-08-23")
    office.is_called_in(on="2017-08-22")
    assert office.waits_for()[0] == "Awaiting scrutiny of the call-in"
    office.resolves("decision-stands", on="2017-08-30")
    assert office.implemented_on() == "2017-08-30"
    assert office.outcome == "implementable"
    check(office)


def test_an_amended_decision_that_nobody_calls_in_again(council_with: CouncilWith) -> None:
    """000:273-276, local policy: the second time for call-in expires like the first."""
    amended = ("amended_stands_still:\n    value: false", "amended_stands_still:\n    value: true")
    office = Office(council_with(amended))
    published(office)
    office.is_called_in(on="2017-07-25")
    office.resolves("referred-back", on="2017-08-10")
    office.resolves("amended", on="2017-08-15", decision="To enter into it for two years.")
    office.signs_and_publishes(on="2017-08-16")
    office.waits_until("2017-08-24T09:00")
    assert office.implemented_on() == "2017-08-24"
    assert office.waits_for()[0] == "Awaiting call-ins entered late"
    check(office)


def test_called_in_once(office: Office) -> None:
    """000:273-276, local policy: a decision is called in once."""
    published(office)
    office.is_called_in(on="2017-07-25")
    assert "called in before" in office.is_refused("call-in", on="2017-07-26", called_in_by="x", reasons="Again.")


def test_the_stages_have_their_own_outcomes(office: Office) -> None:
    """000:275-276: scrutiny cannot confirm, and nothing is resolved where nothing was called in."""
    published(office)
    assert "no call-in is open" in office.is_refused(
        "resolve-call-in", on="2017-07-21", outcome="decision-stands", reasons="x"
    )
    office.is_called_in(on="2017-07-25")
    assert "that is decision-stands, referred-back, to-council" in office.is_refused(
        "resolve-call-in", on="2017-07-26", outcome="confirmed", reasons="x"
    )
    assert "lies ahead" in office.is_refused(
        "resolve-call-in", on="2017-07-26", outcome="decision-stands", reasons="x", resolved_on="2017-07-27"
    )


def test_exempted_as_urgent(office: Office) -> None:
    """Local policy, LGA 2000 s.9F: with scrutiny's agreement it does not stand still, once it is published."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    office.publishes("key-decision", on="2017-06-19")
    office.publishes("agenda", on="2017-07-10")
    office.consents("agreed", on="2017-07-17", matter="call-in")
    office.decides(on="2017-07-18")
    assert office.implemented_on() is None
    office.signs_and_publishes(on="2017-07-19")
    assert office.implemented_on() == "2017-07-19"
    assert "exempted from call-in as urgent" in office.fact("implementable")["why"]


def test_exemption_refused(office: Office) -> None:
    """Local policy: refused, it stands still like any other."""
    published(office)
    office.consents("refused", on="2017-07-21", matter="call-in")
    assert office.waits_for() == ("Standing still for call-in", "2017-07-27")


def test_a_called_in_decision_cannot_be_exempted(office: Office) -> None:
    """000:275-276: once called in, only the call-in's own way ends it."""
    published(office)
    office.is_called_in(on="2017-07-21")
    assert "that goes its way now" in office.is_refused(
        "consent-urgency", on="2017-07-21", asked=SCRUTINY, answer="agreed", matter="call-in", reasons="Urgent."
    )


def test_a_corrected_day_of_publication_moves_the_standstill(office: Office) -> None:
    """000:273-275: published in truth on Monday 24 July; implementable from Tuesday 1 August, not Friday 28 July."""
    published(office)
    fact = office.fact("decision-published").number
    office.waits_until("2017-07-24")
    office.does("correct-publication", on="2017-07-24", fact=fact, published_on="2017-07-24", evidence="web log",
                reasons="The page went live on Monday.")  # fmt: skip
    assert office.last_day("call-in") == "2017-08-01"
    office.waits_until("2017-07-31T23:59:59")
    assert office.implemented_on() is None
    office.waits_until("2017-08-01T09:00")
    assert office.implemented_on() == "2017-08-01"

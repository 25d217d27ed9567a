"""Decisions that are not the executive's: a committee of the Council such as the Board, and its officers."""

from __future__ import annotations

from typing import Any

from story_key_decision import Office

BOARD: dict[str, Any] = {"function": "council", "made_by": "body", "decision_maker": "health-and-wellbeing-board",
                         "signatory": "board-chair"}  # fmt: skip
DIRECTOR: dict[str, Any] = {"function": "council", "made_by": "officer", "decision_maker": "director-of-public-health"}


def test_the_board_needs_an_agenda_and_nothing_else_beforehand(office: Office) -> None:
    """P24, LGA 1972 s.100B, 001:294: five clear days; SI 2012/2089 does not govern it, nor does it stand still."""
    said = office.enters(on="2017-06-01", decide_on="2017-07-26", **BOARD)
    assert "not a decision of the executive" in said
    assert office.waits_for() == ("Awaiting agenda and reports", "2017-07-18")
    office.publishes("agenda", on="2017-07-18")
    office.decides(on="2017-07-26")
    assert office.implemented_on() == "2017-07-26"
    office.publishes("decision-notice", on="2017-07-27")
    assert office.outcome == "published"


def test_the_board_may_take_an_added_item_in_special_circumstances(office: Office) -> None:
    """LGA 1972 s.100B(4)(b): the chair takes it as urgent for special circumstances, which are minuted."""
    office.enters(on="2017-06-01", decide_on="2017-07-26", **BOARD)
    office.publishes("added-item", on="2017-07-24")
    assert "an item not available" in office.may_not_decide(on="2017-07-26T10:00")
    office.publishes("added-item", on="2017-07-26T10:30", reasons="The regulator's letter came on Monday.")
    office.decides(on="2017-07-26")


def test_the_board_may_go_into_private_without_28_days(office: Office) -> None:
    """LGA 1972 s.100A(4): excluded by resolution at the meeting; regulation 5 is for the executive's bodies."""
    office.enters(on="2017-06-01", decide_on="2017-07-26", private=True, private_reasons="Paragraph 1.", **BOARD)
    office.publishes("agenda", on="2017-07-18")
    office.decides(on="2017-07-26", in_private=True)


def test_an_officers_decision_is_recorded_and_published_with_its_papers(office: Office) -> None:
    """SI 2014/2095 regs 7, 8: date, decision and reasons, alternatives, members who declared a conflict; 6 and 4 y."""
    office.enters(on="2017-07-20", decide_on="2017-08-02", **DIRECTOR)
    assert office.waits_for() == ("Awaiting decision", "2017-08-02")
    office.decides(on="2017-08-02", conflicts="Councillor for Bargate: a pharmacy's landlord",
                   background_papers="representation, assessment")  # fmt: skip
    assert office.waits_for() == ("Awaiting publication of the decision", "2017-08-04")
    told = office.newest("kd-record-due", "democratic-services")
    assert "Councillor for Bargate: a pharmacy's landlord" in told
    assert "Background paper, published with it: assessment" in told
    assert "is not signed" in office.is_refused("sign", on="2017-08-02", capacity="proper-officer")
    office.publishes("decision-notice", on="2017-08-03")
    assert office.outcome == "published"
    assert office.kept_until() == ["2023-08-01", "2021-08-01"]


def test_an_officers_decision_is_not_called_in(office: Office) -> None:
    """000:273-276: call-in is for key decisions of the executive."""
    office.enters(on="2017-07-20", decide_on="2017-08-02", **DIRECTOR)
    office.decides(on="2017-08-02")
    refused = office.is_refused("call-in", on="2017-08-02", called_in_by="x", reasons="y")
    assert "no decision is published yet" in refused


def test_an_officers_executive_decision_has_notice_and_call_in_and_neither_meeting_nor_signatures(
    office: Office,
) -> None:
    """SI 2012/2089 regs 9, 13(4): key, it is noticed and stands still; regs 6 and 7 are for meetings."""
    office.enters(on="2017-06-01", decide_on="2017-07-18", made_by="officer",
                  decision_maker="director-of-public-health")  # fmt: skip
    assert not any(deadline.name == "agenda and reports" for deadline, _ in office.playing.case.deadlines())
    office.publishes("key-decision", on="2017-06-19")
    assert office.waits_for() == ("Awaiting decision", "2017-07-18")
    office.decides(on="2017-07-18")
    assert "is not signed" in office.is_refused("sign", on="2017-07-18", capacity="decision-maker")
    office.publishes("decision-notice", on="2017-07-20")
    assert office.waits_for() == ("Standing still for call-in", "2017-07-27")


def test_an_officers_small_decision_is_recorded_and_published(office: Office) -> None:
    """SI 2012/2089 reg 13(4): a licence of £20,000, put forward the day before; a record is all that is asked."""
    office.enters(on="2017-07-17", decide_on="2017-07-18", made_by="officer", pounds=20_000,
                  decision_maker="director-of-public-health")  # fmt: skip
    office.decides(on="2017-07-18")
    assert office.implemented_on() == "2017-07-18"
    assert office.waits_for() == ("Awaiting publication of the decision", "2017-07-20")
    office.publishes("decision-notice", on="2017-07-18")
    assert office.outcome == "implementable"

"""The applicant withdraws: everyone written to is told, what waits is cancelled, the case is closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from story_office import Office

from models.outgoing import LetterState

FIRST_TOLD = ["director-of-public-health", "board-chair"]


def noticed(office: Office) -> None:
    """Enter the notice, and no more."""
    office.receives(on="2017-08-01")


def blocked(office: Office) -> None:
    """Choose the long route without an assessment."""
    noticed(office)
    office.decides_route("contentious", on="2017-08-04")


def circulated(office: Office) -> None:
    """Circulate the papers."""
    blocked(office)
    office.attaches_assessment(on="2017-08-04")


def called(office: Office) -> None:
    """Call the group to a meeting."""
    circulated(office)
    office.waits_until("2017-08-19")


def answered(office: Office) -> None:
    """Hear from everybody."""
    circulated(office)
    office.hears_from_everyone("no-gap", on="2017-08-07")


def returned(office: Office) -> None:
    """Decide, and have the representation refused by the addressee's mail server."""
    office.mail_to("nhs-england", is_=LetterState.REFUSED)
    answered(office)
    office.decides("no-gap", on="2017-08-08")


def represented(office: Office) -> None:
    """Send the representation."""
    answered(office)
    office.decides("no-gap", on="2017-08-08")


def granted(office: Office) -> None:
    """Hear that it is granted."""
    represented(office)
    office.does("record-outcome", on="2017-08-18", outcome="granted")


STAGES = [noticed, blocked, circulated, called, answered, returned, represented, granted]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_at_every_stage_a_withdrawal_closes_the_case(office: Office, stage: Callable[[Office], None]) -> None:
    """An application that is withdrawn asks nothing more of anybody: everyone written to is told, once."""
    stage(office)
    office.does("withdraw", on="2017-08-21", reasons="Letter of the applicant.")
    assert office.outcome == "withdrawn"
    told = office.recipients("withdrawn")
    assert told[:2] == FIRST_TOLD
    assert set(told) == {*FIRST_TOLD, "scrutiny-chair", *office.consulted(), *office.escalated_to()}
    assert len(told) == len(set(told))


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_afterwards_every_act_is_refused_and_nothing_falls_due(office: Office, stage: Callable[[Office], None]) -> None:
    """A closed case stays closed; its last day passes without a breach."""
    stage(office)
    office.does("withdraw", on="2017-08-21", reasons="Letter of the applicant.")
    head = office.playing.record.head
    for verb, fields in ACTS.items():
        assert "was closed on 21 August 2017 (withdrawn)" in office.is_refused(verb, on="2017-08-22", **fields)
    office.waits_until("2018-06-30")
    assert office.playing.record.head == head
    assert office.facts("breach-recorded") == []


def test_letters_that_nobody_has_begun_to_send_fall_away(office: Office) -> None:
    """A consultation that is over before its letters left is not begun."""
    noticed(office)
    office.attaches_assessment(on="2017-08-02")
    office.closes_its_mailroom()
    office.decides_route("contentious", on="2017-08-04")
    office.does("withdraw", on="2017-08-05", reasons="Letter of the applicant.")
    assert {letter.state for letter in office.letters("circulation")} == {LetterState.CANCELLED}
    assert office.fact("withdrawn")["cancelled"] == [letter.draft.key for letter in office.letters("circulation")]
    office.opens_its_mailroom()
    assert {letter.state for letter in office.letters("withdrawn")} == {LetterState.SENT}


def test_a_second_withdrawal_is_refused(office: Office) -> None:
    """What is withdrawn is withdrawn."""
    noticed(office)
    office.does("withdraw", on="2017-08-05", reasons="Letter of the applicant.")
    assert "was closed" in office.is_refused("withdraw", on="2017-08-06", reasons="Again.")


ACTS: dict[str, dict[str, Any]] = {
    "attach": {"kind": "application", "file": "late.pdf"},
    "decide-route": {"route": "contentious", "reasons": "Mistaken", "chair_agrees": True},
    "respond": {"consultee": "healthwatch", "opinion": "gap", "interest": "none"},
    "meet": {"attended": "board-chair"},
    "decide": {"opinion": "gap", "wishes_oral_hearing": False},
    "name-urgent-route": {"reasons": "Mistaken"},
    "resend": {"consultee": "healthwatch", "reasons": "Mistaken"},
    "serve": {"consultee": "healthwatch", "channel": "hand", "served_on": "2017-08-21"},
    "record-outcome": {"outcome": "refused"},
    "share-representations": {},
}

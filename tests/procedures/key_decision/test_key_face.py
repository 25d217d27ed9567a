"""How a key decision is told at the desk: what would move it on, what is out of reach, what is kept until when."""

from __future__ import annotations

import shlex

from story_key_decision import Office

from desk.faces import Move, face_of
from desk.faces.key_decision import FACE, SENTENCES
from desk.story import story
from models.facts import Fact
from tasks.key_decision.procedure import KEY_DECISION

HELD_BY_LETTERS = {"informed", "letter-sent"}


def kebab(name: str) -> str:
    """Return a field's name as the command line writes it."""
    return name.replace("_", "-")


def moves(office: Office) -> list[Move]:
    """Return what would move the case on, each a command that exists with options that exist."""
    case = office.playing.case
    found = list(face_of(case).moves(case))
    for move in found:
        _, verb, ref, *fields = shlex.split(move.command)
        assert ref == case.ref
        form = KEY_DECISION.verbs[verb].form
        known = {flag for name in form.model_fields for flag in (f"--{kebab(name)}", f"--no-{kebab(name)}")}
        assert {field for field in fields if field.startswith("--")} <= known
    return found


def test_the_moves_of_a_decision_in_order(office: Office) -> None:
    """P28, 000:268-276: at every stage the desk shows the command that the case waits for."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    assert [move.command.partition(" --what ")[2] for move in moves(office)] == ["key-decision", "agenda"]
    office.publishes("key-decision", on="2017-06-19")
    office.publishes("agenda", on="2017-07-10")
    assert moves(office) == []
    office.waits_until("2017-07-18T09:00")
    assert "decide-item" in moves(office)[0].command
    office.decides(on="2017-07-18")
    assert [move.command.split()[1] for move in moves(office)] == ["sign", "sign"]
    office.signs_and_publishes(on="2017-07-20")
    assert "call-in" in moves(office)[0].command
    office.is_called_in(on="2017-07-25")
    assert "scrutiny ends: decision-stands, referred-back, to-council" in moves(office)[0].what
    office.resolves("decision-stands", on="2017-08-10")
    assert moves(office) == []
    told = " ".join(FACE.what_it_is(office.playing.case))
    assert "The record is kept until Monday 17 July 2023 at least" in told


def test_what_is_out_of_reach_and_what_mends_it_is_shown(office: Office) -> None:
    """000:270-271, 284-287: with nothing given a week before, each loss has its mend as a command."""
    office.enters(on="2017-07-11", decide_on="2017-07-18", private=True, private_reasons="Paragraph 3.")
    commands = " ".join(move.command for move in moves(office))
    assert "consent-urgency KD-2017-001 --matter key-decision" in commands
    assert "consent-urgency KD-2017-001 --matter private-meeting" in commands
    assert "move-decision KD-2017-001 --to 2017-08-09" in commands
    assert "publish KD-2017-001 --what agenda --convened-on DAY" in commands
    case = office.playing.case
    assert any("was due by Monday 19 June 2017" in each for each in FACE.outstanding(case))
    assert "cannot be decided on Tuesday 18 July 2017" in str(FACE.gate(case))


def test_every_fact_has_its_sentence(office: Office) -> None:
    """P28: no fact of a decision is told by its bare name."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    office.publishes("key-decision", on="2017-06-19")
    office.publishes("agenda", on="2017-07-10")
    office.decides(on="2017-07-18")
    office.signs_and_publishes(on="2017-07-20")
    office.is_called_in(on="2017-07-25")
    office.resolves("referred-back", on="2017-08-10")
    office.resolves("confirmed", on="2017-08-15")
    kinds = {fact.kind for fact in office.playing.record}
    assert kinds - HELD_BY_LETTERS <= SENTENCES.keys()
    told = [line.text for line in story(office.playing.case)]
    assert "call-in, scrutiny: referred-back on Thu 10 Aug 2017 (As resolved.)" in told
    assert not any("not said" in line for line in told)


def test_its_plain_data(office: Office) -> None:
    """P28: for another program, from when it may be implemented and until when it is kept."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    plain = FACE.as_dict(office.playing.case)
    assert (plain["key"], plain["route"], plain["implementable_from"]) == (True, None, None)
    table = FACE.people(office.playing.case)
    assert table is not None
    assert [row[1] for row in table.rows][:3] == ["leader-of-the-council", "democratic-services", "scrutiny-chair"]
    facts: list[Fact] = office.facts("notified")
    assert facts[0]["documents"] == []

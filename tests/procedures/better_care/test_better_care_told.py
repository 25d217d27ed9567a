"""How a plan is told to an officer: what it waits for, who has signed, which command moves it on."""

from __future__ import annotations

import json

from story_better_care import PlanOffice

from desk.artifacts import artifacts
from desk.faces import face_of
from desk.faces.better_care import FACE, SENTENCES
from models.cases import Status
from tasks.better_care.coming import outlook
from tasks.better_care.verbs import VERBS


def told(plan: PlanOffice) -> list[str]:
    """Return the commands that would move the plan on, each one of those there are, and check the pages of the case."""
    case, summary = plan.case, plan.playing.summary
    assert face_of(case) is FACE
    json.dumps(FACE.as_dict(case))
    for title, page in artifacts(case, summary.awaiting, summary.message).values():
        assert title
        assert "None" not in page
    assert all(coming.at > case.now for coming in outlook(case))
    commands = [move.command.split()[1] for move in FACE.moves(case)]
    assert set(commands) <= set(VERBS)
    return commands


def test_each_stage_of_a_plan_names_the_command_that_moves_it_on(plan: PlanOffice) -> None:
    """(i), (ii), 5, 8, 9 (P07, P08, P10): from the draft to the last return there is always something to type."""
    plan.receives()
    assert told(plan)[:2] == ["record-arrangements", "choose-board-route"]
    plan.agrees_a_delegate()
    plan.does("choose-board-route", on="2017-07-27", route="special-meeting", reasons="x", meets_on="2017-09-07")
    assert told(plan)[0] == "attach"
    plan.does("choose-board-route", on="2017-07-28", route="delegated-approval", reasons="x")
    plan.completes_the_plan(on="2017-08-20")
    assert told(plan)[0] == "meet-condition"
    plan.meets_all_conditions(on="2017-08-21")
    assert told(plan) == ["sign-off"] * 3
    plan.signs("nhs", on="2017-08-23")
    plan.signs("council", on="2017-08-29")
    plan.signs("board", on="2017-09-07", manner="delegation")
    assert told(plan) == ["submit"]
    plan.submits(on="2017-09-11")
    assert told(plan) == ["record-assurance"]
    plan.does("record-assurance", on="2017-10-09", outcome="approved-with-conditions", conditions="x")
    assert told(plan) == ["send-evidence"]
    plan.does("send-evidence", on="2017-10-10", evidence="x", proof="x")
    assert told(plan) == ["record-assurance"]
    plan.does("record-assurance", on="2017-10-20", outcome="approved")
    assert told(plan) == ["record-section-75", "record-return"]


def test_the_table_of_signatories_says_where_each_stands(plan: PlanOffice) -> None:
    """field notes 11 (P07): by partner, with those outstanding against the last day."""
    plan.receives()
    plan.agrees_a_delegate()
    plan.does("choose-board-route", on="2017-07-27", route="delegated-approval", reasons="x")
    plan.is_ready_to_sign(on="2017-08-21")
    plan.signs("nhs", on="2017-08-23")
    plan.signs("council", on="2017-08-24", answer="refused", authority="Cabinet: the pool is too small")
    people = FACE.people(plan.case)
    assert people is not None
    rows = {row[1]: [cell if isinstance(cell, str) else cell[0] for cell in row] for row in people.rows}
    assert rows["board"][2:5] == ["Director of Quality and Integration", "uncertain", "outstanding"]
    assert rows["council"][4] == "refused"
    assert rows["nhs"][4:] == ["signed Wed 23 Aug 2017", "minute 9"]
    assert "It cannot be submitted as compliant yet" in str(FACE.gate(plan.case))
    plan.attaches("narrative-plan", "The plan, revised.", on="2017-08-25")
    assert plan.case.standing_of("nhs") == "signed an earlier version; not this one"


def test_every_kind_of_fact_has_its_sentence(plan: PlanOffice) -> None:
    """P07 to P10: nothing on the record of a whole case is told by its bare name."""
    plan.receives()
    plan.is_submitted_in_time()
    plan.does("record-assurance", on="2017-10-09", outcome="approved")
    plan.waits_until("2017-12-05")
    silent = {"informed", "letter-sent"}
    assert {fact.kind for fact in plan.playing.record} - silent <= set(SENTENCES)
    assert plan.status("section 75 agreement") is Status.PASSED

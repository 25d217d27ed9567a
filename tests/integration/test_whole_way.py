"""The whole way on a real Prefect server: a desk as `cleardays up` runs it, forms, verbs, deadlines, a lost server."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from desk.office import open_office
from desk.runs import CaseRun
from desk.settings import Settings
from models.counting import counted
from models.london import LONDON
from tasks.opening import notify
from tests.desk_at_work import ROOT, DeskAtWork, turns_taken, wait_until
from tests.integration.one_case import CONTENTIOUS, NOTICE, SILENT, Story, consulted, entered, notified, run_of

pytestmark = pytest.mark.prefect


def test_a_waiting_case_has_one_run_parked_under_what_it_waits_for(story: Story) -> None:
    """At each wait the run is Scheduled, named after the case, due at the last instant of what it waits for."""
    assert list(story.parked) == [
        "Awaiting route", "Awaiting feedback", "Awaiting meeting", "Awaiting decision", "Awaiting determination",
    ]  # fmt: skip
    for awaiting, (summary, run) in story.parked.items():
        assert (run.name, run.case_ref, run.state_type) == (story.ref, story.ref, "SCHEDULED")
        assert str(run.run_id) == summary.run_id, awaiting
        assert summary.until is None or run.due_at == summary.until, awaiting
    last_days = [summary.until and summary.until.astimezone(LONDON) for summary, _ in story.parked.values()]
    assert [day and f"{day:%-d %b %H:%M:%S.%f}" for day in last_days] == [
        "14 Aug 23:59:59.999999", "15 Aug 23:59:59.999999", "15 Sep 23:59:59.999999", "15 Sep 23:59:59.999999", None,
    ]  # fmt: skip


def test_the_deadline_closed_feedback_and_called_the_meeting(story: Story) -> None:
    """Nobody did anything at the end of feedback: the date alone moved the case, on the day after the last day."""
    (closed,) = story.work.record(story.ref).all("feedback-closed")
    assert closed.actor == "cleardays"
    assert (len(closed["answered"]), closed["silent"]) == (len(consulted(story.work, story.ref)) - 1, [SILENT])
    assert {fact["consultee"] for fact in story.work.record(story.ref).all("meeting-called")} >= {"healthwatch", "icb"}


def test_each_step_is_a_task_run_once(story: Story) -> None:
    """The Prefect pages show every step by its title; one that a fact came before is marked, and came to nothing."""
    wanted = [
        "Lay the plan back from the last day", "Inform: route (1)", "Inform: notice (1)", "Inform: application (1)",
        "Circulate papers, contentious route, round 1 (12)", "Close feedback",
        "Call the group to a meeting, round 1 (13)", "Inform: decision (1)", "Issue the representation",
        "Record the representation as sent", "Inform: final response (1)",
    ]  # fmt: skip

    def shown(state: str) -> list[str]:
        return sorted(name for name, ended in steps_of(story.work, story.ref) if ended == state)

    wait_until(lambda: len(shown("Completed")) >= len(wanted), "Prefect to show every step")
    assert shown("Completed") == sorted(wanted)
    assert {ended for _, ended in steps_of(story.work, story.ref)} <= {"Completed", "Overtaken"}


def steps_of(work: DeskAtWork, ref: str) -> list[tuple[str, str]]:
    """Return the task runs of a case's run: each one's name and the name of its state."""
    wanted = {"flow_runs": {"id": {"any_": [str(run_of(work, ref).run_id)]}}}
    runs = work.prefect.request("POST", "/task_runs/filter", json=wanted).json()
    return [(run["name"], run["state_name"]) for run in runs]


def test_three_artifacts_show_the_case_as_it_stands(story: Story) -> None:
    """Timetable, people and what comes next: one of each, with the newest text and the picture."""
    shown = artifacts_of(story.work, story.parked["Awaiting route"][1])
    assert sorted(shown) == [f"{story.ref.lower()}-{name}" for name in ("next", "people", "timetable")]
    timetable, who, coming = (shown[f"{story.ref.lower()}-{name}"] for name in ("timetable", "people", "next"))
    who = who.replace("\N{NO-BREAK SPACE}", " ")
    assert "**Awaiting determination**" in timetable
    assert "](data:image/svg+xml;base64," in timetable
    assert "| Wed 16 Aug 2045 | 15 | Representation sent | Event | done | gap |" in timetable
    assert who.count("| answered |") == len(consulted(story.work, story.ref)) - 1
    assert who.count(f"`{SILENT}` | Tue 1 Aug | Tue 15 Aug | no answer | - | - |") == 1
    assert "**Awaiting determination**" in coming


def artifacts_of(work: DeskAtWork, run: CaseRun) -> dict[str, str]:
    """Return the text of each artifact of a run, by key; a key that stands twice is an error."""
    wanted = {"flow_run_id": {"any_": [str(run.run_id)]}}
    found = work.prefect.request("POST", "/artifacts/filter", json={"artifacts": wanted}).json()
    assert len({each["key"] for each in found}) == len(found)
    return {each["key"]: each["data"] for each in found}


def test_the_board_lists_open_cases_by_next_deadline(story: Story) -> None:
    """The page of "00 Cases" shows each open case with what it waits for and until when, the soonest first."""
    work = story.work
    soon = notified(work, "CAS-18")
    until = work.waits_for(soon, "Awaiting route").until
    assert until is not None
    lines = [
        [soon, "Awaiting route", "Tue 29 Aug 2045", "13 days", "people · next · steps"],
        [story.ref, "Awaiting determination", "no date", "", "people · next · steps"],
    ]

    def listed() -> bool:  # other tests may have left cases of their own open
        return [row for row in board(work) if row[0] in (soon, story.ref)] == lines

    wait_until(listed, "the board to list both cases")


def board(work: DeskAtWork) -> list[list[str]]:
    """Return the rows of open cases on the page of "00 Cases", as they read."""
    shown = work.prefect.read_deployment(work.deployment("Cases")).description.replace("\N{NO-BREAK SPACE}", " ")
    rows = [row for row in re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", shown).splitlines() if row.startswith("| PC-")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.parametrize(
    ("title", "parameters", "sentence"),
    [
        ("Decide the route", {**CONTENTIOUS, "case": "PC-1999-001"}, "there is no case 'PC-1999-001'"),
        ("Record a response", {"consultee": "nobody", "opinion": "gap", "interest": "none"}, "'nobody'"),
        ("Attach a document", {"kind": "application", "file": "absent.pdf"}, "'absent.pdf' is not in the folder"),
        ("Record the outcome", {"outcome": "granted", "decided_on": "2098-01-01"}, "1 January 2098 lies ahead"),
    ],
)
def test_a_form_filled_in_wrongly_fails_with_a_sentence(
    story: Story, title: str, parameters: dict[str, str], sentence: str
) -> None:
    """The run of the form is Failed, its message says what was wrong, and nothing was recorded."""
    before = story.work.record(story.ref).head
    form = story.work.fill_in(title, **{"case": story.ref, **parameters})
    assert form.state == "Failed"
    assert form.message.startswith("Nothing was changed: ")
    assert sentence in form.message
    assert story.work.record(story.ref).head == before


def test_a_form_run_again_records_nothing_twice(story: Story) -> None:
    """Prefect's own Retry of a form that was recorded finds what was recorded."""
    from prefect.states import AwaitingRetry

    work = story.work
    form = work.fill_in("Record representations shared", case=story.ref)
    assert form.state == "Completed", form.message
    work.prefect.set_flow_run_state(form.run_id, AwaitingRetry(), force=True)
    again = work.ended(form.run_id)
    assert again.message == f"{story.ref}: this request was recorded before; nothing was recorded twice"
    assert len(work.record(story.ref).all("representations-shared")) == 1


def test_two_desks_never_take_one_cases_turn_at_once(work: DeskAtWork) -> None:
    """Two desks on one pool share the turns of many cases; no two turns of one case overlap."""
    second = work.open("second", CLEARDAYS_PREFECT_URL=f"{work.url}/api", CLEARDAYS_DESK="second")
    cases: list[str] = []

    def circulated(number: int) -> None:
        new = [entered(work, f"TWO-{len(cases) + each}") for each in range(number)]
        cases.extend(new)
        for ref in new:
            work.has_papers(ref)
            work.does(ref, "decide-route", route="contentious", reasons="Contested.", chair_agrees=True)
        for ref in new:
            work.waits_for(ref, "Awaiting feedback")

    circulated(6)
    for held in (work.processes[0], second):  # the quicker one may have taken every turn
        held.send_signal(signal.SIGSTOP)
        circulated(1)
        held.send_signal(signal.SIGCONT)
    circulated(3)
    work.close_one(second)
    assert len({turn.process for turn in turns_taken(work.home) if turn.case in cases}) == 2
    for ref in cases:
        turns = sorted((turn for turn in turns_taken(work.home) if turn.case == ref), key=lambda turn: turn.began)
        assert all(earlier.ended <= later.began for earlier, later in pairwise(turns)), turns
        assert len(consulted(work, ref)) == len(set(consulted(work, ref)))


def test_when_prefects_database_is_lost_every_open_case_goes_on(story: Story) -> None:
    """The runs are made again from the record: under the same names, at the same dates; and the cases move."""
    work = story.work
    ref = entered(work, "CAS-19")
    work.waits_for(ref, "Awaiting route")
    lost = run_of(work, ref)
    work.close()
    for file in (work.home / "prefect").glob("prefect.db*"):
        file.unlink()
    work.open()
    with work.office.store.reading() as reading:
        cases = reading.cases(open_only=True)
    again = f"{counted(len(cases), 'open case')}; {len(cases)} given a run again."
    wait_until(lambda: again in (work.home / "desk.told").read_text(), again)
    for case in cases:
        run = run_of(work, case.ref)
        assert (run.name, run.state_name, run.state_type) == (case.ref, case.awaiting, "SCHEDULED")
        assert case.until is None or run.due_at == case.until
    assert run_of(work, ref).run_id != lost.run_id
    work.has_papers(ref)
    work.does(ref, "decide-route", **{**CONTENTIOUS, "chair_agrees": True})
    work.waits_for(ref, "Awaiting feedback")


def test_a_stock_worker_takes_a_turn_too(work: DeskAtWork, tmp_path: Path) -> None:
    """Prefect's own process worker, which knows no desk, opens an office for the run, takes the turn and parks it."""
    from desk.procedures import PROCEDURES
    from desk.server import deploy_with, ensure_pool

    office = open_office(Settings(home=tmp_path, _env_file=None))
    yesterday = datetime.now(UTC) - timedelta(days=1)
    notice = {**NOTICE, "reference": "CAS-20", "given_at": yesterday.isoformat()}
    ref = notify(office, "pharmacy-consolidation", "southampton", notice, channel="command line").case
    procedure = "pharmacy-consolidation"
    flow, entrypoint = PROCEDURES[procedure]
    ensure_pool(f"{work.url}/api", "elsewhere", work.auth)
    deployment = deploy_with(work.prefect, flow, entrypoint, "Cases elsewhere", "elsewhere")
    run_id = work.runs.create(ref, procedure, deployment, "Notified", datetime.now(UTC))
    environment = work.environment(
        CLEARDAYS_HOME=str(tmp_path), PREFECT_API_URL=f"{work.url}/api", PREFECT__FLOW_RUN_ID=str(run_id),
        PREFECT_API_AUTH_STRING=str(work.auth),
    )
    command = [sys.executable, "-m", "prefect.engine"]  # what the worker starts for each run
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=120)
    run, case = run_of(work, ref), office.store.case(ref)
    assert (run.state_name, run.state_type, run.due_at) == ("Awaiting route", "SCHEDULED", case.until)
    assert (case.awaiting, case.seen) == ("Awaiting route", case.head)
    assert len(artifacts_of(work, run)) == 3

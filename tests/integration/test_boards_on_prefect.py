"""The four procedures of the boards on a real Prefect server: opened and moved by forms, parked, shown, ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from desk.runs import CaseRun
from models.council import load_council
from models.london import LONDON
from models.store import CaseSummary
from tasks.procedures import PLACES, procedure_named
from tests.desk_at_work import DeskAtWork, FormRun, desk_at_work, wait_until
from tests.integration.one_case import run_of
from tests.integration.years_on import at, settings_years_on

pytestmark = pytest.mark.prefect

BETTER_CARE, JOINT, KEY, GRANT = "better-care-plan", "joint-commissioning-item", "key-decision", "grant"
FOUR = (BETTER_CARE, JOINT, KEY, GRANT)
FIELDS: dict[str, dict[str, str]] = {
    GRANT: {
        "reference": "Letter of 22 March 2045", "title": "Adult social care grant", "letter_on": "2045-03-22",
        "total": "£9,710,902", "years": "2045/46=£4,981,651, 2046/47=£3,161,704, 2047/48=£1,567,547",
        "schemes": "Extra nursing home capacity=3,480 thousand, Increased demand=1,500 thousand",
    },
    KEY: {
        "reference": "CAB-2045-31", "matter": "Extra care housing at Example Court", "made_by": "body",
        "decision_maker": "cabinet", "decide_on": "2045-07-18", "pounds": 750000, "wards": "bargate",
    },
    BETTER_CARE: {
        "reference": "BCP-2045-47", "policy": "2017-19", "received_at": "2045-07-18T09:00", "draft_on": "2045-07-26",
    },
    JOINT: {
        "reference": "JCB-2045-14", "title": "Carers' support", "proposal": "To award the contract.",
        "decision_maker": "cabinet-member-adult-care", "meeting_on": "2045-08-10", "pounds": "420000",
    },
}  # fmt: skip
DECISION = {
    "outcome": "agreed", "decision": "To enter into the agreement.", "reasons": "It is the best offer.",
    "alternatives": "none", "conflicts": "none", "democratic_services_present": "yes",
}  # fmt: skip


@dataclass
class Boards:
    """What four cases did on one desk, as it was seen along their way."""

    work: DeskAtWork
    refs: dict[str, str] = field(default_factory=dict)
    parked: dict[tuple[str, str], tuple[CaseSummary, CaseRun]] = field(default_factory=dict)
    wrong: dict[str, tuple[FormRun, int]] = field(default_factory=dict)  #: and the facts that each added
    pages: dict[str, dict[str, str]] = field(default_factory=dict)

    def opens(self, procedure: str) -> None:
        """Fill in the form that opens a case of a procedure."""
        form = self.work.fill_in(procedure_named(procedure).opening.title, of=procedure, **FIELDS[procedure])
        assert form.state == "Completed", form.message
        self.refs[procedure] = form.message.partition(":")[0]

    def does(self, procedure: str, title: str, **fields: str) -> None:
        """Fill in the form of a verb, which is taken."""
        form = self.work.fill_in(title, of=procedure, case=self.refs[procedure], **fields)
        assert form.state == "Completed", form.message

    def is_refused(self, procedure: str, title: str, **fields: str) -> None:
        """Fill in a form wrongly, and keep what it said and how many facts the record has gained."""
        before = self.work.record(self.refs[procedure]).head
        form = self.work.fill_in(title, of=procedure, case=self.refs[procedure], **fields)
        self.wrong[procedure] = form, self.work.record(self.refs[procedure]).head - before

    def comes_to(self, procedure: str, awaiting: str) -> None:
        """Wait until the case is parked under a name, and keep what its record and its run say of that."""
        summary = self.work.waits_for(self.refs[procedure], awaiting)
        self.parked[procedure, awaiting] = summary, run_of(self.work, self.refs[procedure])

    def is_shown(self, procedure: str) -> None:
        """Keep the artifacts of a case as they are now."""
        run = run_of(self.work, self.refs[procedure])
        wanted = {"artifacts": {"flow_run_id": {"any_": [str(run.run_id)]}}}
        wait_until(lambda: len(self.work.prefect.request("POST", "/artifacts/filter", json=wanted).json()) == 3,
                   f"the artifacts of {run.case_ref}")  # fmt: skip
        found = self.work.prefect.request("POST", "/artifacts/filter", json=wanted).json()
        self.pages[procedure] = {each["key"]: each["data"].replace("\N{NO-BREAK SPACE}", " ") for each in found}

    def agrees(self, stage: str, amount: str, on: str, **fields: str) -> None:
        """Move the clock to a meeting, and record that a body agreed to the grant."""
        self.work.clock.set(at(f"{on} 12:00"))
        fields.setdefault("papers_on", (date.fromisoformat(on) - timedelta(days=14)).isoformat())
        self.does(GRANT, "Record what a body did", stage=stage, outcome="agreed", amount=amount, minute=on, **fields)


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boards]:
    """A desk on which a key decision and a grant come to their end, a plan and an item on their way to theirs."""
    home = tmp_path_factory.mktemp("boards")
    with desk_at_work(home, at("2045-06-12 10:00"), **settings_years_on(home)) as work:
        boards = Boards(work)
        _june(boards)
        _july(boards)
        _later_years(boards)
        yield boards


def _june(boards: Boards) -> None:
    """Enter the key decision and the grant; give notice of the one, refuse what is out of order of the other."""
    boards.opens(KEY)
    boards.opens(GRANT)
    boards.comes_to(KEY, "Awaiting notice of key decision")
    boards.does(KEY, "Record a publication", what="key-decision", where="the forward plan")
    boards.comes_to(KEY, "Awaiting agenda and reports")
    boards.is_refused(KEY, "Record the decision", **DECISION)
    boards.comes_to(GRANT, "Awaiting agreement in principle")
    boards.is_refused(GRANT, "Record what a body did", stage="cabinet", outcome="agreed", amount="£9.7m", minute="1")
    boards.is_shown(GRANT)
    boards.agrees("integration-board", "£4,981,651", "2045-06-22")


def _july(boards: Boards) -> None:
    """Take both through the summer's meetings; enter the plan and the item, and do their first verbs."""
    boards.agrees("commissioning-partnership-board", "£4,981,651", "2045-07-06")
    boards.work.clock.set(at("2045-07-10 10:00"))
    boards.does(KEY, "Record a publication", what="agenda", where="the agenda")
    boards.comes_to(KEY, "Awaiting decision")

    boards.agrees("cabinet", "£9,710,902", "2045-07-18", papers_on="2045-07-10")
    boards.does(KEY, "Record the decision", **DECISION)
    boards.does(KEY, "Record a signature", capacity="decision-maker")
    boards.does(KEY, "Record a signature", capacity="proper-officer")
    boards.opens(BETTER_CARE)
    boards.opens(JOINT)
    boards.comes_to(BETTER_CARE, "Awaiting arrangements")
    boards.is_refused(BETTER_CARE, "Record a sign-off", signatory="nhs", authority="Governing Body")
    boards.comes_to(JOINT, "Awaiting a place on the agenda")
    boards.does(JOINT, "Take an item onto the agenda", agreed="yes")
    boards.comes_to(JOINT, "Awaiting agenda and reports")
    boards.does(JOINT, "Record a publication", what="agenda", where="the agenda")

    boards.agrees("council", "£9,710,902", "2045-07-19")
    boards.does(KEY, "Record a publication", what="decision-notice", where="the register")
    boards.comes_to(KEY, "Standing still for call-in")
    boards.is_shown(KEY)
    boards.comes_to(JOINT, "Awaiting the meeting")
    boards.is_refused(JOINT, "Record a show of hands", hands="ccg-chair=for")
    boards.is_shown(JOINT)

    boards.work.clock.set(at("2045-07-26 12:00"))
    boards.does(GRANT, "Explain a difference", sum="schemes", reasons="Rounded; £1,651 is held in contingency.")
    boards.does(GRANT, "Attach a document", kind="equality-screening", reasons="Nobody loses a service by it.")
    boards.agrees("health-and-wellbeing-board", "£4,981,651", "2045-07-26", papers_on="2045-07-18")
    boards.does(BETTER_CARE, "Record the arrangements for approval", authority="Board, 26 July 2045, minute 14",
                text="Delegated.", delegate="director-quality-and-integration")  # fmt: skip
    boards.comes_to(BETTER_CARE, "Awaiting route to the Board")
    boards.does(BETTER_CARE, "Choose the route to the Board's approval", route="delegated-approval", reasons="None.")
    boards.comes_to(BETTER_CARE, "Awaiting the complete plan")
    boards.is_shown(BETTER_CARE)


def _later_years(boards: Boards) -> None:
    """Take the grant through the budgets of its later years."""
    for year, amount, board_on, council_on in (
        ("2046-47", "£3,161,704", "2046-01-17", "2046-02-21"), ("2047-48", "£1,567,547", "2047-01-16", "2047-02-20"),
    ):  # fmt: skip
        boards.agrees(f"health-and-wellbeing-board-{year}", amount, board_on)
        boards.agrees(f"council-{year}", amount, council_on)
    for ref in (boards.refs[KEY], boards.refs[GRANT]):
        wait_until(lambda ref=ref: run_of(boards.work, ref).state_type == "COMPLETED", f"{ref} to be closed")


def test_each_case_is_parked_under_what_it_waits_for_until_its_day(boards: Boards) -> None:
    """At each wait the run is Scheduled, named after the case, due at the last instant of the day that ends it."""
    until = {}
    for (procedure, awaiting), (summary, run) in boards.parked.items():
        ref = boards.refs[procedure]
        assert (run.name, run.case_ref, run.state_name, run.state_type) == (ref, ref, awaiting, "SCHEDULED")
        assert summary.until is not None, awaiting
        assert run.due_at == summary.until, awaiting
        until[procedure, awaiting] = f"{summary.until.astimezone(LONDON):%-d %B %Y %H:%M}"
    assert until == {
        (KEY, "Awaiting notice of key decision"): "19 June 2045 23:59",  # 28 clear days before 18 July (reg 9)
        (KEY, "Awaiting agenda and reports"): "10 July 2045 23:59",  # 5 clear working days (reg 7)
        (KEY, "Awaiting decision"): "18 July 2045 23:59",
        (KEY, "Standing still for call-in"): "26 July 2045 23:59",
        (GRANT, "Awaiting agreement in principle"): "22 June 2045 23:59",  # the Integration Board's meeting
        (BETTER_CARE, "Awaiting arrangements"): "11 September 2045 23:59",  # rec (ii)
        (BETTER_CARE, "Awaiting route to the Board"): "11 September 2045 23:59",
        (BETTER_CARE, "Awaiting the complete plan"): "11 September 2045 23:59",
        (JOINT, "Awaiting a place on the agenda"): "23 July 2045 23:59",  # five days, local policy
        (JOINT, "Awaiting agenda and reports"): "2 August 2045 23:59",
        (JOINT, "Awaiting the meeting"): "10 August 2045 23:59",
    }


@pytest.mark.parametrize(
    ("procedure", "sentence"),
    [
        (KEY, "the decision cannot be taken"),
        (GRANT, "the Cabinet comes after the Integration Board, which has not agreed yet"),
        (BETTER_CARE, "the plan is not complete, so that nobody can sign it"),
        (JOINT, "the meeting of Thursday 10 August 2045 lies ahead"),
    ],
)
def test_a_form_filled_in_wrongly_says_why_and_leaves_nothing_half_done(
    boards: Boards, procedure: str, sentence: str
) -> None:
    """Its run is Failed with the sentence, and the record has gained no fact."""
    form, gained = boards.wrong[procedure]
    assert form.state == "Failed"
    assert form.message.startswith("Nothing was changed: ")
    assert sentence in form.message
    assert gained == 0


@pytest.mark.parametrize("procedure", FOUR)
def test_each_step_is_a_task_run_with_a_title_that_reads(boards: Boards, procedure: str) -> None:
    """Words that begin large, no identifier of the program; and every letter of the case belongs to one."""
    wanted = {
        KEY: {"Test whether it is a key decision, round 1", "The decision may be implemented", "Close the case"},
        GRANT: {"Close the case"},
        BETTER_CARE: {"Inform: plan received"},
        JOINT: {"Check the remit for the meeting of 2045-08-10", "Call the Board for 2045-08-10"},
    }[procedure]

    def shown() -> bool:
        titles = steps_of(boards, procedure)
        return all(any(title.startswith(each) for title in titles) for each in wanted)

    wait_until(shown, f"Prefect to show {', '.join(wanted)}", 30)
    for title in steps_of(boards, procedure):
        assert re.fullmatch(r"[A-Z][^_{}]*", title), title


def steps_of(boards: Boards, procedure: str) -> set[str]:
    """Return the names of the task runs of a case's run that came to something."""
    wanted = {"flow_runs": {"id": {"any_": [str(run_of(boards.work, boards.refs[procedure]).run_id)]}}}
    runs = boards.work.prefect.request("POST", "/task_runs/filter", json=wanted).json()
    return {run["name"] for run in runs if run["state_name"] == "Completed"}


@pytest.mark.parametrize("procedure", FOUR)
def test_timetable_people_and_next_are_shown_by_office_alone(boards: Boards, procedure: str) -> None:
    """Three pages of each case, the picture in the first; nobody of the council's file is called by name."""
    ref, shown = boards.refs[procedure].lower(), boards.pages[procedure]
    assert sorted(shown) == [f"{ref}-next", f"{ref}-people", f"{ref}-timetable"]
    assert "](data:image/svg+xml;base64," in shown[f"{ref}-timetable"]
    assert "## How each date was computed" in shown[f"{ref}-timetable"]
    assert "| When | What |" in shown[f"{ref}-next"]
    assert "|---|" in shown[f"{ref}-people"]
    council = load_council(boards.work.home / "southampton.yaml")
    offices = [council.title(role, at("2045-07-26 12:00").date()) for role in council.known_roles]
    told = "\n".join([*shown.values(), *steps_of(boards, procedure), run_of(boards.work, ref.upper()).message or ""])
    named = [person.name for person in council.people.values() if person.name in told]
    assert [name for name in named if not any(name in office for office in offices)] == []


@pytest.mark.parametrize(("procedure", "outcome"), [(KEY, "implementable"), (GRANT, "ratified")])
def test_a_case_is_carried_to_its_end_by_forms_and_dates(boards: Boards, procedure: str, outcome: str) -> None:
    """Its run is Completed, its record closed, each letter written once."""
    ref = boards.refs[procedure]
    assert run_of(boards.work, ref).state_type == "COMPLETED"
    closed = boards.work.record(ref).last("closed")
    assert closed is not None
    assert closed["outcome"] == outcome
    with boards.work.office.store.reading() as reading:
        letters = reading.letters(ref)
    assert letters
    assert len({letter.draft.message_id for letter in letters}) == len(letters)


def test_call_in_ends_by_the_date_alone(boards: Boards) -> None:
    """Nobody did anything on 27 July: five clear working days had passed, and the decision may be implemented."""
    implementable = boards.work.record(boards.refs[KEY]).last("implementable")
    assert implementable is not None
    assert (implementable.actor, implementable["from"]) == ("cleardays", "2045-07-27")


@pytest.mark.parametrize("procedure", PLACES)
def test_the_page_of_open_cases_says_by_which_form_one_is_opened(boards: Boards, procedure: str) -> None:
    """Each procedure's own; the forms stand in the order in which a case meets them, the opening first."""
    opening = procedure_named(procedure).opening.title
    cases, first = boards.work.deployment("Cases", procedure), boards.work.deployment(opening, procedure)
    wait_until(lambda: f"**01 {opening}**" in description(boards, cases), "the page to be written")
    assert boards.work.prefect.read_deployment(first).name == f"01 {opening}"
    if procedure in (BETTER_CARE, JOINT):
        ref = boards.refs[procedure]
        wait_until(lambda: f"[{ref}](" in description(boards, cases), f"{ref} to be listed")
        (row,) = (line for line in description(boards, cases).splitlines() if f"[{ref}](" in line)
        assert row.count("|") == "| Case | Waits for | Until | Left | More |".count("|")


def description(boards: Boards, deployment: Any) -> str:
    """Return the text on the page of a deployment."""
    return str(boards.work.prefect.read_deployment(deployment).description)

"""Every procedure at the command line: cases are listed, shown, explained and put in diaries; dates are foretold."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from desk.cli import main
from desk.commands_verbs import example_of
from desk.office import open_office
from desk.scenario import TextLoader
from desk.settings import Settings
from desk.tables import as_title
from flows import turn_of
from models.clock import FixedClock
from notifications.outbox import deliver_at_once
from tasks.forms import read_form
from tasks.opening import notify
from tasks.procedures import PLACES, procedure_named
from tasks.turns import Parked, in_office

Run = Callable[..., str]
FIRST_DAYS = {
    "key-decision": "2017-06-01", "better-care-plan": "2017-07-18", "grant": "2017-03-22",
    "joint-commissioning-item": "2019-05-02",
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in a home of its own, expected to be done, and return what it said."""
    monkeypatch.setenv("CLEARDAYS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> str:
        code = main(args)
        told = capsys.readouterr()
        assert (code, told.err) == (0, "")
        return told.out

    return run


def opened(procedure: str, home: Path) -> str:
    """Open a procedure's example on the day on which it begins, let the desk look at it once, and return the case."""
    found = procedure_named(procedure)
    fields = yaml.load(example_of(found), Loader=TextLoader)
    clock = FixedClock(found.opening.begins_at(read_form(found.opening.form, fields)))
    office = open_office(Settings(home=home, _env_file=None), clock)
    case = notify(office, procedure, "southampton", fields, channel="test").case
    with in_office(office):
        while (summary := office.store.case(case)).head != summary.seen:
            with suppress(Parked):
                turn_of(procedure)(case)
            deliver_at_once(office.store, clock)
    office.store.close()
    return case


@pytest.mark.parametrize("procedure", PLACES)
def test_a_case_of_each_procedure_is_shown_in_every_way(procedure: str, run: Run, tmp_path: Path) -> None:
    """What it is and waits for, why each date, every fact in a line, its letters, its diary; as words and as data."""
    case = opened(procedure, tmp_path)
    told = run("show", case, "--facts")
    as_data = json.loads(run("show", case, "--json", "--facts"))
    assert as_data["case"] == case
    assert as_data["state"].startswith("Awaiting ")
    assert as_data["state"] in told
    assert as_data["subject"] in told
    for each in as_data["deadlines"]:
        assert f"\n{each['name']} " in told
        assert f"{as_title(each['name'])}: " in run("show", case, "--why")
    for move in as_data["moves"]:
        assert move["command"] in told
        assert re.match(rf"cleardays [a-z-]+ {case}( |$)", move["command"])
    record = told.partition("\nRecord\n")[2].splitlines()
    lines = [line for line in record if re.match(r"\d+ ", line)]
    assert len(lines) == len(as_data["facts"])
    assert not re.search(r"[{}]|None", "\n".join(lines))
    assert len(json.loads(run("letters", case, "--json"))) == len(re.findall("^\\d+ ", run("letters", case), re.M))
    shown = json.loads(run("diary", case, "--json"))["entries"]
    assert len(run("diary", case).splitlines()) >= len(shown) > 0
    run("diary", case, "--out", "dates.ics")
    assert Path("dates.ics").read_text().count("BEGIN:VEVENT") == len(shown)
    assert "is whole" in run("check", case)


def test_the_list_holds_cases_of_every_procedure(run: Run, tmp_path: Path) -> None:
    """One line for each, the nearest day first; with what it is about and what it waits for."""
    refs = {opened(procedure, tmp_path) for procedure in PLACES}
    listed = json.loads(run("cases", "--json"))
    assert {each["case"] for each in listed} == refs
    days = [each["waits_until"] for each in listed if each["waits_until"]]
    assert days == sorted(days)
    told = run("cases")
    for each in listed:
        assert re.search(rf"^{each['case']} +{re.escape(each['subject'])} +{re.escape(each['state'])} ", told, re.M)


@pytest.mark.parametrize("procedure", FIRST_DAYS)
def test_the_dates_of_each_procedure_are_foretold(procedure: str, run: Run) -> None:
    """From a first day on, entered as the example: each date with its derivation, as words, data, picture and diary."""
    timetable = ("timetable", procedure, "--given", FIRST_DAYS[procedure])
    told = run(*timetable, "--svg", "timeline.svg", "--ics", "plan.ics")
    as_data = json.loads(run(*timetable, "--json"))
    assert (as_data["given"], as_data["plan"]) == (FIRST_DAYS[procedure], None)
    assert as_data["deadlines"]
    for each in as_data["deadlines"]:
        assert f"\n{each['name']} " in told
        assert f"\n{as_title(each['name'])}\n" in told
        assert each["derivation"][0].startswith("Start: ")
        assert "fact 1" not in " ".join(each["derivation"])
    assert Path("timeline.svg").read_text().startswith("<svg")
    assert Path("plan.ics").read_text().count("BEGIN:VEVENT") >= len(as_data["deadlines"])
    assert run("cases").startswith("There are no open cases")


def test_a_key_decision_is_noticed_28_clear_days_before_the_day_it_is_said_to_be_on(run: Run) -> None:
    """SI 2012/2089 reg 9: for a decision on Tuesday 18 July 2017 by Monday 19 June; reg 7: papers by 10 July."""
    dates = days_of(run, "key-decision", "--given", "2017-06-01", "--with", "decide_on=2017-07-18")
    assert dates == {
        "notice of key decision": "2017-06-19", "agenda and reports": "2017-07-10", "decision": "2017-07-18",
    }  # fmt: skip


def test_an_item_is_foretold_for_a_meeting_that_its_papers_can_reach(run: Run) -> None:
    """The example's day is no meeting three days later: it comes before the Board at the next that fits."""
    dates = days_of(run, "joint-commissioning-item", "--given", "2019-05-05")
    assert dates["decision"] == "2019-06-13"


def days_of(run: Run, *args: str) -> Mapping[str, str]:
    """Return the last day of each deadline of a timetable, by name."""
    told: dict[str, Any] = json.loads(run("timetable", *args, "--json"))
    return {each["name"]: each["last_day"] for each in told["deadlines"]}


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("key-decision", "--given", "2017-06-01", "--with", "pounds"), "is not NAME=VALUE"),
        (("key-decision", "--given", "2017-06-01", "--with", "cost=1"), "'cost' is not entered for a key decision"),
        (("key-decision", "--given", "2017-06-01", "--with", "wards=atlantis"), "'atlantis'"),
        (("grant", "--given", "2017-06-01", "--stated-deadline", "2017-07-01"), "only a pharmacy consolidation"),
        (("pharmacy-consolidation", "--given", "2017-06-01", "--with", "wards=bargate"), "nothing but the day"),
        (("probate", "--given", "2017-06-01"), "there is no procedure 'probate'; there are pharmacy-consolidation"),
    ],
)
def test_a_timetable_that_cannot_be_told_says_why(
    args: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence and exit code 2."""
    assert main(("timetable", *args)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert sentence in told.err


@pytest.mark.parametrize("procedure", PLACES)
def test_opening_a_case_explains_itself(procedure: str, run: Run) -> None:
    """Help names each field and ends in an example; the example printed is one that the form takes."""
    page = run("notify", procedure, "--help")
    form = procedure_named(procedure).opening.form
    for name in form.model_fields:
        assert f"--{name.replace('_', '-')}" in page
    assert f"Example: cleardays notify {procedure} --file notice.yaml" in page
    read_form(form, yaml.load(run("notify", procedure, "--example"), Loader=TextLoader))

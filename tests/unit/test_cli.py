"""The command line as an officer meets it: every command in this process, a few in a process of their own."""

from __future__ import annotations

import email
import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.cli import main
from desk.commands_verbs import example_of
from desk.front_page import COMMANDS, VERBS_OF
from models.london import LONDON
from tasks.procedures import PLACES, procedure_named, procedures
from tasks.verbs import all_verbs

ROOT = Path(__file__).resolve().parents[2]
VERBS = all_verbs()
PHARMACY = procedure_named("pharmacy-consolidation")
SCENARIOS = sorted(path.name for path in (ROOT / "examples").glob("*.yaml") if path.name != "notice.yaml")

Run = Callable[..., str]


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a home of its own, and no terminal."""
    monkeypatch.setenv("CLEARDAYS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command that is expected to be done, and return what it said."""

    def run(*args: str) -> str:
        code = main(args)
        told = capsys.readouterr()
        assert code == 0, told.err
        return told.out

    return run


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command that is expected to be refused, and return the one sentence it said."""

    def refused(*args: str) -> str:
        assert main(args) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert "Traceback" not in told.err
        return told.err

    return refused


def in_a_process(*args: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run `cleardays` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "desk.cli", *args], cwd=ROOT, capture_output=True, text=True, timeout=120, **more
    )


def notify_today(run: Run, **changed: str) -> str:
    """Enter a notice given yesterday and return its case."""
    given_at = (datetime.now(LONDON) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    fields = {
        "reference": "CAS-17", "given-at": given_at, "capacity": "relevant", "applicant": "Larkrise Chemists Ltd",
        "closing": "1 Example Street", "remaining": "20 Example Avenue", "wards": "bargate",
    } | changed  # fmt: skip
    options = [part for name, value in fields.items() for part in (f"--{name}", value)]
    told = run("notify", "pharmacy-consolidation", "--json", *options)
    return str(json.loads(told)["case"])


def take_turns(case: str) -> None:
    """Do what a running desk does: take turns of the case and deliver its letters until it rests."""
    from desk.door import the_office
    from flows.pharmacy_consolidation import pharmacy_consolidation
    from notifications.outbox import deliver_at_once
    from tasks.turns import Parked, in_office

    with the_office() as (office, _), in_office(office):
        while (summary := office.store.case(case)).head != summary.seen:
            with suppress(Parked):
                pharmacy_consolidation.fn(case)
            deliver_at_once(office.store, office.clock)


# -- finding one's way -----------------------------------------------------------------------------------------


def test_the_first_page_names_every_command(run: Run) -> None:
    """Nothing at all, --help and help all lead to the same page; each command stands on it with its line."""
    page = run("--help")
    assert page == run() == run("help")
    for command in COMMANDS.values():
        assert re.search(rf"^  {command.name} +{re.escape(command.summary)}$", page, re.MULTILINE)


def test_the_first_page_lists_the_verbs_as_they_are() -> None:
    """The titles kept for the first page, and the examples, are those of the verbs."""
    assert list(VERBS_OF) == list(PLACES)
    for procedure in procedures():
        assert {verb.name: verb.title for verb in procedure.verbs.values()} == VERBS_OF[procedure.name]
        assert all(verb.example for verb in procedure.verbs.values())


def test_verbs_of_one_name_have_one_form() -> None:
    """What is typed behind a verb does not depend on the procedure that its case follows."""
    for procedure in procedures():
        for verb in procedure.verbs.values():
            assert verb.form is VERBS[verb.name].form, f"{verb.name} of {procedure.name}"


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("test", "notify")])
def test_every_command_explains_itself(name: str, run: Run) -> None:
    """Help names the options and ends in an example; it is whole, plain, and speaks of no flow runs."""
    page = run(name, "--help")
    assert page == run("help", name)
    assert f"cleardays {name}" in page
    assert "Example: " in page
    assert "\033" not in page
    assert "flow run" not in page.lower()


@pytest.mark.parametrize("name", VERBS)
def test_the_example_of_each_verb_can_be_typed_as_it_stands(name: str, refused: Run) -> None:
    """Its fields are taken by the form; only the case is not there."""
    example = shlex.split(VERBS[name].example)
    assert "there is no case 'PC-2017-001'" in refused(name, "PC-2017-001", *example)


def test_a_mistyped_command_gets_the_nearest(refused: Run) -> None:
    """One sentence, exit code 2, and a guess where there is one."""
    assert refused("shwo") == "cleardays: there is no command 'shwo'; did you mean show?\n"
    assert "cleardays --help lists all" in refused("qqqq")
    assert "--bogus" in refused("cases", "--bogus")


def test_starting_imports_no_more_than_it_uses() -> None:
    """Help needs no library at all, a date neither Prefect nor a database."""
    code = "import sys; from desk.cli import main; main(sys.argv[1:]); print(*sorted(sys.modules), file=sys.stderr)"
    for args, heavy in (
        (["--help"], {"typer", "rich", "pydantic", "sqlalchemy", "prefect", "holidays"}),
        (["when", "by", "2017-07-26"], {"sqlalchemy", "prefect", "rich", "pydantic_settings", "jinja2"}),
        (["cases"], {"prefect", "typst", "docxtpl"}),
    ):
        done = subprocess.run([sys.executable, "-c", code, *args], cwd=ROOT, capture_output=True, text=True, check=True)
        assert heavy & set(done.stderr.split()) == set(), args


# -- a case from the shell -------------------------------------------------------------------------------------


def test_an_empty_desk_says_how_to_begin(run: Run) -> None:
    """Instead of an empty table, the way to the first notice."""
    assert "notify pharmacy-consolidation --file notice.yaml opens its case" in run("cases")
    assert json.loads(run("cases", "--json")) == []


def test_the_example_notice_can_be_entered_as_printed(run: Run, refused: Run) -> None:
    """The printed example, kept in examples/, opens a case once its day is meant; an option wins; twice is refused."""
    printed = run("notify", "pharmacy-consolidation", "--example")
    assert printed == example_of(PHARMACY) == (ROOT / "examples" / "notice.yaml").read_text()
    Path("notice.yaml").write_text(printed)
    enter = ("notify", "pharmacy-consolidation", "--file", "notice.yaml")
    given_at = ("--given-at", "2017-07-26T10:00")
    assert f"long past: {' '.join(given_at)}; put your own into it" in refused(*enter)
    told = run(*enter, *given_at, "--applicant", "Fernhollow Ltd")
    assert "Case PC-2017-001 is open. The last day for the representation is 23:59 on Saturday 9 September 2017" in told
    assert "Fernhollow Ltd, CAS-104233-X7K2" in run("show", "PC-2017-001")
    assert "was entered before, as case PC-2017-001" in refused(*enter, *given_at)


def test_every_missing_field_is_named_at_once(refused: Run) -> None:
    """An officer is not sent back once for each field."""
    told = refused("decide-route", "PC-2017-001")
    assert "--route is missing" in told
    assert "--reasons is missing" in told
    assert "--chair-agrees or --no-chair-agrees is missing" in told


def test_a_wrong_value_is_told_with_the_choices(refused: Run) -> None:
    """The form's own words, whatever the door."""
    told = refused("decide-route", "PC-2017-001", "--route", "maybe", "--reasons", "x", "--chair-agrees")
    assert "'maybe' is not one of the choices" in told
    assert "write one of: 'non-contentious' or 'contentious'" in told
    assert "healthwatch" in refused("decide", "PC-2017-001", "--opinion", "gap", "--no-wishes-oral-hearing",
                                    "--considered", "weighed")  # fmt: skip


def test_a_case_is_carried_to_its_representation(run: Run, refused: Run) -> None:
    """Notice, route, screening, answers and decision from the shell; the desk does the rest; the record is whole."""
    case = notify_today(run)
    assert "Awaiting the desk" in run("show", case)
    take_turns(case)
    assert "Awaiting route" in run("cases")
    assert f"cleardays decide-route {case}" in run("show", case)

    run("decide-route", case, "--route", "non-contentious", "--reasons", "Next door", "--chair-agrees")
    run("attach", case, "--kind", "equality-screening", "--reasons", "Same street, same hours")
    take_turns(case)
    told = json.loads(run("show", case, "--json"))
    assert told["state"] == "Awaiting feedback"
    assert {each["standing"] for each in told["consultees"]} == {"asked, no answer yet"}
    assert "feedback is open until" in refused("decide", case, "--opinion", "no-gap", "--no-wishes-oral-hearing")

    roles = [each["role"] for each in told["consultees"]]
    for role in roles:
        run("respond", case, "--consultee", role, "--opinion", "no-gap", "--interest", "none")
    take_turns(case)
    considered = [part for role in roles for part in ("--considered", f"{role}=Accepted, all of it")]
    run("decide", case, "--opinion", "no-gap", "--no-wishes-oral-hearing", "--limb-a", "Met", "--limb-b", "None",
        "--alternatives", "None", *considered)  # fmt: skip
    take_turns(case)

    shown = run("show", case, "--facts")
    assert re.search(r"^representation +.* met ", shown, re.MULTILINE)
    assert f"cleardays record-outcome {case}" in shown
    assert "representation accepted by" in shown
    assert "flow run" not in shown.lower()
    assert "Rule: “within 45 days of”" in run("show", case, "--why")
    decided = next(fact for fact in json.loads(run("show", case, "--json", "--facts"))["facts"]
                   if fact["fact"] == "decided")  # fmt: skip
    assert decided["payload"]["considered"] == dict.fromkeys(roles, "Accepted, all of it")
    assert "is whole" in run("check", case)


@pytest.mark.parametrize("typed", ["pc-{year}-001", " PC-{year}-001 ", "Pc-{year} -001"])
def test_a_case_is_found_however_its_reference_is_typed(run: Run, typed: str) -> None:
    """In small letters, or with the spaces that came along from an e-mail."""
    case = notify_today(run)
    given = typed.format(year=case.split("-")[1])
    assert json.loads(run("show", given, "--json"))["case"] == case
    assert json.loads(run("check", given, "--json"))["case"] == case
    assert json.loads(run("attach", given, "--kind", "equality-screening", "--reasons", "One street", "--json"))[
        "case"
    ] == case
    assert run("who-may", "--case", given) == run("who-may", "--case", case)


def test_what_would_move_a_case_is_refused_until_it_is_filled_in(run: Run, refused: Run) -> None:
    """A suggested command, typed as it stands, records nothing: the officer says what only an officer can say."""
    case = notify_today(run)
    suggested = [move["command"] for move in json.loads(run("show", case, "--json"))["moves"]]
    assert [command.split()[1] for command in suggested] == ["decide-route", "attach", "attach"]
    for command in suggested:
        refused(*shlex.split(command)[1:])


def test_who_acts_is_the_officer_of_the_settings_or_who_is_named(
    run: Run, refused: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--by wins over CLEARDAYS_OFFICER; without both it is the verb's own officer; an unknown role is refused."""
    case = notify_today(run)
    withdraw = ("withdraw", case, "--reasons", "Withdrawn by letter")
    monkeypatch.setenv("CLEARDAYS_OFFICER", "democratic-services")
    actors = [
        json.loads(run("attach", case, "--kind", "equality-screening", "--reasons", why, "--json", *by))["actor"]
        for why, by in (("Same street", ()), ("Same hours", ("--by", "deputy-director-of-public-health")))
    ]
    assert actors == ["democratic-services", "deputy-director-of-public-health"]
    assert "'nobody'" in refused(*withdraw, "--by", "nobody")
    monkeypatch.delenv("CLEARDAYS_OFFICER")
    assert json.loads(run(*withdraw, "--json"))["actor"] == "director-of-public-health"


def test_letters_are_listed_read_and_saved(run: Run, refused: Run) -> None:
    """A saved letter is a whole message that any mail program opens."""
    case = notify_today(run)
    assert "No letter" in run("letters", case)
    take_turns(case)
    listed = json.loads(run("letters", case, "--json"))
    assert {letter["state"] for letter in listed} == {"sent"}
    number = next(letter["number"] for letter in listed if letter["to"] == "director-of-public-health")
    assert "Choose the route by" in run("letters", case, "--read", str(number))
    assert f"has no letter 99; it has {len(listed)}" in refused("letters", case, "--read", "99")
    run("letters", case, "--save", "post")
    saved = sorted(Path("post").glob("*.eml"))
    assert len(saved) == len(listed)
    message = email.message_from_bytes(saved[number - 1].read_bytes())
    assert message["Message-ID"] == listed[number - 1]["message_id"]


def test_a_diary_is_shown_and_written_as_a_calendar_file(run: Run, refused: Run) -> None:
    """The dates of a case or of one office, in words and as a file; an office without a date is told what to do."""
    from icalendar import Calendar

    case = notify_today(run)
    shown = run("diary", case)
    assert f"{case}: 4 dates" in shown
    assert re.search(r"Last day for the representation +to come +23:59 on .* Sch 2 para 19\(4\)", shown)
    assert f"cleardays diary {case} --out {case}.ics" in shown
    told = json.loads(run("diary", case, "--json"))["entries"]
    assert "4 dates" in run("diary", case, "--out", "dates.ics")
    calendar = Calendar.from_ical(Path("dates.ics").read_bytes())
    assert {str(event["UID"]): event.start.isoformat() for event in calendar.events} == {
        each["uid"]: each["on"] for each in told
    }
    chairs = run("diary", case, "--role", "board-chair")
    assert f"{case}, Chair of the Health and Wellbeing Board: 1 date" in chairs
    assert "no date of" in run("diary", case, "--role", "healthwatch")
    assert "nothing was written to h.ics" in refused("diary", case, "--role", "healthwatch", "--out", "h.ics")
    assert not Path("h.ics").exists()
    told = refused("diary", case, "--role", "healthwach")
    assert "'healthwach' is not a role of this council (did you mean 'healthwatch'? " in told
    assert len(told) < 400, "of some ninety offices those near it are named"
    assert "`cleardays council list` names all " in told
    assert "healthwatch" in run("council", "list")
    assert {"kind": "ward", "id": "bargate", "name": "Bargate"} in json.loads(run("council", "list", "--json"))
    assert "PC-1999-001" in refused("diary", "PC-1999-001")
    assert "no/such/folder" in refused("diary", case, "--out", "no/such/folder/dates.ics")


def test_a_timetable_says_where_the_days_do_not_suffice(run: Run) -> None:
    """With the last day after 23 days the plan does not fit: what fails first, and what would mend it, as data too."""
    timetable = ("timetable", "pharmacy-consolidation", "--given", "2017-07-26", "--stated-deadline", "2017-08-18")
    told = run(*timetable)
    assert "The plan does not fit. First fails the equality impact assessment." in told
    assert "    cleardays name-urgent-route CASE --reasons REASONS" in told
    plan = json.loads(run(*timetable, "--json"))["plan"]
    assert (plan["fits"], plan["links"][-1]["latest"]) == (False, "2017-08-18")
    assert plan["mends"][0]["command"].startswith("cleardays attach CASE ")
    assert [each["derivation"] for each in plan["links"]][-1] == "The plan is laid back from Friday 18 August 2017."


def test_a_case_is_shown_with_its_plan(run: Run) -> None:
    """Each link with its latest day and how it stands; with --why how it came about; nothing once the case is over."""
    case = notify_today(run)
    told, as_data = run("show", case), json.loads(run("show", case, "--json"))
    assert re.search(r"^entry of the notice +\w{3} .* done ", told, re.MULTILINE)
    assert re.search(r"^sending of the representation +.* 44 days left$", told, re.MULTILINE)
    assert as_data["plan"]["fits"] is True
    assert "so that the circulation can be on" in run("show", case, "--why").lower()
    run("withdraw", case, "--reasons", "The applicant withdrew.")
    assert "Plan, laid back" not in run("show", case)
    assert json.loads(run("show", case, "--json"))["plan"] is None


def test_urgency_is_a_word_by_the_days_left(run: Run) -> None:
    """A case whose last day has passed is overdue; one of yesterday is on time; the pressing one comes first."""
    notify_today(run)
    notify_today(run, **{"reference": "CAS-1", "given-at": "2017-07-26"})
    assert "overdue" in run("cases").splitlines()[1]
    late, new = json.loads(run("cases", "--json"))
    assert (late["case"], late["urgency"], late["waits_until"]) == ("PC-2017-001", "overdue", "2017-09-09")
    assert (new["urgency"], new["days_left"]) == ("on time", 44)
    take_turns("PC-2017-001")
    assert "the last day for the representation was missed" in run("cases")


def test_what_a_sender_writes_cannot_steer_the_terminal(run: Run) -> None:
    """Escape sequences in a notice are shown as a mark, never obeyed."""
    case = notify_today(run, applicant="Larkrise \033[2J\033]0;owned\007 Ltd")
    for told in (run("show", case), run("cases")):
        assert "\033" not in told
        assert "Larkrise \N{REPLACEMENT CHARACTER}[2J" in told


def test_a_changed_record_does_not_check(run: Run, refused: Run, tmp_path: Path) -> None:
    """A date altered behind our back is found, and the fact is named."""
    case = notify_today(run)
    with sqlite3.connect(tmp_path / "home" / "cases.db") as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")  # which would have stopped us
        database.execute("UPDATE facts SET payload = replace(payload, 'Larkrise', 'Larkmead')")
    database.close()
    assert f"fact 1 of case {case} (notified) does not follow" in refused("check", case)


# -- dates, rehearsals, the house ------------------------------------------------------------------------------


def test_a_timetable_needs_no_case(run: Run, refused: Run) -> None:
    """The dates from the day of notice, how they came about, the timeline as a picture; nothing is opened."""
    timetable = ("timetable", "pharmacy-consolidation", "--given", "2017-07-26")
    told = run(*timetable, "--stated-deadline", "2017-09-08", "--svg", "timeline.svg")
    assert re.search(r"^representation +Fri 8 Sep 2017 +44 ", told, re.MULTILINE)
    assert "day 45 is 9 September 2017" in told
    assert Path("timeline.svg").read_text().startswith("<svg")
    run(*timetable, "--ics", "plan.ics")
    assert Path("plan.ics").read_text().count("BEGIN:VEVENT") == 5
    dates = {each["name"]: each["last_day"] for each in json.loads(run(*timetable, "--json"))["deadlines"]}
    assert dates == {
        "route": "2017-08-08", "circulation": "2017-08-09", "feedback": "2017-08-23", "representation": "2017-09-09",
    }  # fmt: skip
    assert re.search(r"^circulation +Wed 16 Aug 2017 +21 days left +Wed 9 Aug 2017$", told, re.MULTILINE)
    assert "The Health and Wellbeing Board does not meet between notice (Wednesday 26 July 2017)" in told
    assert "There are no open cases" in run("cases")
    assert "'26/7/2017' is not a date" in refused("timetable", "pharmacy-consolidation", "--given", "26/7/2017")


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_example_is_played_and_told(name: str, run: Run) -> None:
    """The story by date, and the same as data; letters and documents are kept on request."""
    path = str(ROOT / "examples" / name)
    told = run("rehearse", path)
    played = json.loads(run("rehearse", path, "--json", "--out", "kept"))
    assert played["state"] == "Closed"
    assert f"closed, {played['outcome']}." in told
    assert len(re.findall(" was refused: ", told)) == len(played["refused"])
    assert json.loads(Path("kept/result.json").read_text()) == played
    assert len(Path("kept/record.jsonl").read_text().splitlines()) == len(played["facts"])
    assert len(list(Path("kept/letters").glob("*.eml"))) == len(played["letters"])
    issued = {".docx", ".pdf"} if played["case"].startswith("PC-") else set()  # only a Board represents
    assert {path.suffix for path in Path("kept/documents").glob("Representation*")} == issued


def test_the_late_example_tells_the_breach(run: Run) -> None:
    """What was missed stands in the story and in the deadlines."""
    told = run("rehearse", str(ROOT / "examples" / "late.yaml"))
    assert "route decided: contentious by default" in told
    assert "BREACH: no representation by Sun 4 Jan 2026" in told
    assert re.search(r"^representation +.* met late ", told, re.MULTILINE)


def test_a_council_file_is_checked_with_the_line_of_each_mistake(run: Run, refused: Run) -> None:
    """In order, or every problem with its line."""
    assert "The file of Southampton City Council is in order" in run("council", "check")
    good = (ROOT / "councils" / "southampton.yaml").read_text()
    Path("broken.yaml").write_text(good.replace("holder: director-of-public-health", "holder: the-director", 1))
    line = 1 + good[: good.index("holder: director-of-public-health")].count("\n")
    assert f"line {line}: " in refused("council", "check", "broken.yaml")
    assert "known: southampton" in refused("council", "check", "southhampton")


def test_settings_are_shown_without_their_secrets(run: Run, refused: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with its variable; a wrong one is named with what is expected."""
    monkeypatch.setenv("CLEARDAYS_DATABASE", "postgresql+psycopg://desk:hush@db.example.org/cases")
    monkeypatch.setenv("CLEARDAYS_SMTP__HOST", "mail.example.org")
    monkeypatch.setenv("CLEARDAYS_SMTP__USERNAME", "desk")
    monkeypatch.setenv("CLEARDAYS_SMTP__PASSWORD", "hush")
    for told in (run("settings"), run("settings", "--json")):
        assert "hush" not in told
        assert "postgresql+psycopg://desk:***@db.example.org/cases" in told
        assert "CLEARDAYS_SMTP__HOST" in told
    monkeypatch.setenv("CLEARDAYS_TRANSPORT", "fax")
    assert "CLEARDAYS_TRANSPORT: Input should be 'folder' or 'smtp' (found 'fax')" in refused("cases")


# -- refusals and endings --------------------------------------------------------------------------------------


def test_with_json_a_refusal_is_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    """A program reads one object with the sentence, and exit code 2."""
    for args in (["show", "PC-1999-001", "--json"], ["rehearse", "nowhere.yaml", "--json"], ["shwo", "--json"]):
        assert main(args) == 2
        told = capsys.readouterr()
        assert list(json.loads(told.out)) == ["error"]
        assert told.err == ""


def test_a_database_that_cannot_be_opened_is_told_in_a_sentence(
    refused: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No traceback for a wrong path, a home that is a file, or a database of a newer Cleardays."""
    monkeypatch.setenv("CLEARDAYS_DATABASE", f"sqlite:///{tmp_path}")
    assert "the case database cannot be used" in refused("cases")
    monkeypatch.delenv("CLEARDAYS_DATABASE")
    Path("a-file").write_text("in the way")
    monkeypatch.setenv("CLEARDAYS_HOME", "a-file")
    assert "a-file" in refused("cases")


def test_a_database_of_a_newer_version_is_left_alone(run: Run, refused: Run, tmp_path: Path) -> None:
    """The officer is told to start the newer Cleardays."""
    run("cases")
    with sqlite3.connect(tmp_path / "home" / "cases.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "start the newer Cleardays" in refused("cases")


def test_what_nobody_foresaw_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect keeps its traceback: a KeyError of ours is no refusal."""

    def broken(scenario: object) -> object:
        raise KeyError("defect")

    monkeypatch.setattr("desk.commands_rehearse.read_scenario", broken)
    with pytest.raises(KeyError, match="defect"):
        main(["rehearse", str(ROOT / "examples" / "late.yaml")])


def test_ctrl_c_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Stopped by the officer: no traceback, and the exit code of a shell."""

    def stopped(scenario: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("desk.commands_rehearse.read_scenario", stopped)
    assert main(["rehearse", str(ROOT / "examples" / "late.yaml")]) == 130
    assert capsys.readouterr().err == "cleardays: stopped\n"


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    """`cleardays when --batch | head -1` ends quietly."""
    line = json.dumps({"phrase": "within 45 days of", "date": "2017-07-26"})
    Path("lines.jsonl").write_text(f"{line}\n" * 900)
    reader, writer = os.pipe()
    os.close(reader)
    with open("lines.jsonl") as lines, os.fdopen(writer, "wb") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "desk.cli", "when", "--batch"], cwd=ROOT, stdin=lines, stdout=nobody,
            stderr=subprocess.PIPE, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")


def test_piped_output_is_plain_and_whole(tmp_path: Path) -> None:
    """No colour, no cut lines: each row stands on one line however long it is, and the exit code is right."""
    env = {**os.environ, "CLEARDAYS_HOME": str(tmp_path / "home"), "COLUMNS": "40"}
    given = (datetime.now(UTC) - timedelta(days=3)).isoformat(timespec="minutes")
    long = "A chemist whose name goes on and on, " * 5 + "Ltd"
    notice = example_of(PHARMACY).replace("Larkrise Chemists Ltd", f'"{long}"').replace("2017-07-26T10:00", given)
    Path("notice.yaml").write_text(notice)
    entered = in_a_process("notify", "pharmacy-consolidation", "--file", str(tmp_path / "notice.yaml"), env=env)
    assert (entered.returncode, entered.stderr) == (0, "")
    listed = in_a_process("cases", env=env)
    assert len(listed.stdout.splitlines()) == 2
    assert long in listed.stdout
    assert "\033" not in listed.stdout + entered.stdout
    unknown = in_a_process("show", "PC-1999-001", env=env)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr.startswith("cleardays: there is no case 'PC-1999-001'")

"""`cleardays calendar` at the command line: the days, what would move, and moving it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from desk.board import open_cases
from desk.calendar_check import what_is_missing
from desk.cli import main
from desk.door import read_case, the_office
from desk.reconcile import Reconciled, in_sum
from models.council import COUNCILS, Council, load_council
from models.editions import Edition
from models.london import LONDON, day_in_words
from tasks.heads_procedure import open_registers

SHIPPED = (COUNCILS / "southampton.yaml").read_text(encoding="utf-8")
Run = Callable[..., str]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The council's file, to be edited, of a desk of its own on which no Prefect server answers."""
    path = tmp_path / "councils" / "southampton.yaml"
    path.parent.mkdir()
    path.write_text(SHIPPED, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name, value in {"HOME": tmp_path, "COUNCILS": path.parent, "PREFECT_PORT": 9}.items():
        monkeypatch.setenv(f"CLEARDAYS_{name}", str(value))
    return path


@pytest.fixture
def run(file: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command that must succeed, and return what it printed."""

    def run(*args: str) -> str:
        capsys.readouterr()
        assert main(args) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return run


def enter_case(run: Run, days_ago: int) -> tuple[str, date]:
    """Enter a notice given some days ago; return its case and the target of its representation."""
    given_at = (datetime.now(LONDON) - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M")
    ref = json.loads(run(
        "notify", "pharmacy-consolidation", "--json", "--reference", f"CAS-{days_ago}", "--given-at", given_at,
        "--capacity", "relevant", "--applicant", "A Ltd", "--closing", "1 Low St", "--remaining", "2 High St",
        "--wards", "bargate",
    ))["case"]  # fmt: skip
    with the_office() as (office, _):
        return ref, read_case(office, ref).represent_by.target


def proclaim(file: Path, day: date) -> None:
    """Enter a bank holiday in the council's file."""
    said = f"proclaimed_holidays:\n  - {{date: {day}, reason: Day of thanks}}"
    file.write_text(SHIPPED.replace("proclaimed_holidays: []", said), encoding="utf-8")


def test_a_register_is_no_open_case(run: Run) -> None:
    """The register of daily heads has no dates and nobody's work: it is counted by no command that counts cases."""
    enter_case(run, days_ago=1)
    with the_office() as (office, _):
        assert open_registers(office) != []
    assert "Nothing has changed: the one open case follows the current calendar." in run("calendar", "check")
    assert json.loads(run("calendar", "check", "--json"))["cases"] == 1
    done = [Reconciled(f"DH-2026-00{n}", name, "made", "", None) for n, name in enumerate(("daily-heads", "grant"))]
    assert in_sum(done) == "1 open case; 1 given a run again."
    assert in_sum([*done, *done]) == "2 open cases; 2 given a run again."


def test_a_day_proclaimed_is_shown_and_then_applied(run: Run, file: Path) -> None:
    """The check tells case, deadline, before, after and why, and moves nothing; --apply does; twice is once."""
    ref, target = enter_case(run, days_ago=1)
    other, _ = enter_case(run, days_ago=44)
    assert "each of 2 open cases follows the current calendar" in run("calendar", "check")
    proclaim(file, target)

    shown = run("calendar", "check")
    assert f"- {day_in_words(target)}, Day of thanks (bank holiday), is no longer worked." in shown
    (line,) = [line for line in shown.splitlines() if line.startswith(ref)]
    assert "representation" in line
    assert "→" in line
    assert "Nothing has been moved" in shown
    assert shown.count(other) == 0
    assert json.loads(run("calendar", "check", "--json"))["dates_moved"] == 1

    done = run("calendar", "check", "--apply")
    assert line in done
    assert "Recorded in 2 cases, 2 wait for a turn of the desk." in done
    assert "follows the current calendar" in run("calendar", "check", "--apply")
    with the_office() as (office, _):
        assert read_case(office, ref).represent_by.target < target
    assert f"the calendar has changed: {day_in_words(target)}, Day of thanks (bank holiday)" in run(
        "show", ref, "--facts"
    )
    assert "administrator, assumed" in run("show", ref, "--facts")
    before = f"The target was {day_in_words(target)} before; moved by a changed calendar, fact"
    assert before in run("show", ref, "--why")


def test_a_council_s_file_that_cannot_be_read_applies_nothing(
    run: Run, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mistake is told with its line; the case keeps its dates."""
    ref, target = enter_case(run, days_ago=1)
    file.write_text(SHIPPED.replace("proclaimed_holidays: []", "proclaimed_holidays: [soon]"), encoding="utf-8")
    assert main(["calendar", "check", "--apply"]) == 2
    assert "proclaimed_holidays" in capsys.readouterr().err
    file.write_text(SHIPPED, encoding="utf-8")
    with the_office() as (office, _):
        assert read_case(office, ref).represent_by.target == target
        assert office.store.case(ref).head == 1


def test_what_is_dated_by_its_edition_needs_no_library(run: Run) -> None:
    """Showing a case, and every other reading of it, leaves the library of bank holidays on the shelf."""
    ref, _ = enter_case(run, days_ago=1)
    code = f"import sys; from desk.cli import main; main(['show', '{ref}', '--why']); print('holidays' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(COUNCILS.parent)},
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert "Calendar: england-and-wales, days as in fingerprint" in done.stdout
    assert done.stdout.splitlines()[-1] == "False"


def test_the_list_of_open_cases_says_first_that_some_follow_older_dates() -> None:
    """On top of the page of open cases in Prefect, and nothing there while none does."""
    now = datetime.now(LONDON)
    three, one = (open_cases([], now, "", {}, "Notified", behind) for behind in (3, 1))
    assert three.startswith("> **3 open cases follow older dates: cleardays calendar check**")
    assert one.startswith("> **1 open case follows older dates: cleardays calendar check**")
    assert open_cases([], now, "", {}, "Notified").startswith("## Open cases by next deadline")


def test_the_days_of_a_year_are_listed_with_reasons(run: Run) -> None:
    """Bank holidays of the country, closures of the council; weekends only where they are bank holidays."""
    listed = run("calendar", "days", "2026")
    assert "Friday 25 December 2026     Christmas Day (bank holiday)" in listed
    assert "Tuesday 29 December 2026    council closed: Christmas closure" in listed
    assert "Saturday 5 December 2026" not in listed
    assert "Saint Patrick's Day" in run("calendar", "days", "2026", "--calendar", "united-kingdom")
    assert {"date": "2026-12-25", "reason": "Christmas Day (bank holiday)"} in json.loads(
        run("calendar", "days", "2026", "--json")
    )["days"]


def test_a_year_without_its_bank_holidays_is_told(file: Path) -> None:
    """The days of this year and the next must be there; closures that were not entered yet are told too."""
    council: Council = load_council(str(file))
    assert list(what_is_missing(council, date(2026, 3, 1))) == []
    known = council.edition()
    kept = {name: tuple(each for each in days if each[0].year != 2027) for name, days in known.bank_holidays.items()}
    lacking = council.dated_by(Edition(kept, known.closures[:-3], known.numbers, known.library))
    bank_holidays, closures = what_is_missing(lacking, date(2026, 3, 1))
    assert bank_holidays.startswith("the bank holidays of 2027 are missing: 0 are known, and England has at least 8.")
    assert closures == "councils/southampton.yaml names no closures for 2027 yet, though it does for 2026"


def test_what_cannot_be_done_to_a_calendar_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """An action that does not exist, and a calendar that does not, are told with those there are."""
    assert main(["calendar", "burn"]) == 2
    assert "cleardays calendar check" in capsys.readouterr().err
    assert main(["calendar", "days", "2026", "--calendar", "scotland"]) == 2
    assert "the calendars are england-and-wales, united-kingdom, every-day" in capsys.readouterr().err

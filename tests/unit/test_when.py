"""`cleardays when`: one date from the shell, or a hundred thousand through a pipe."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from desk.cli import main
from desk.when import answer_lines, plain_question, work_out

ROOT = Path(__file__).resolve().parents[2]


def test_a_date_is_told_first_and_then_how_it_came_about(capsys: pytest.CaptureFixture[str]) -> None:
    """Forty-five days from 26 July 2017 end on a Saturday; the last day stays, the target comes before it."""
    assert main(["when", "within 45 days of", "2017-07-26"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("On or before Saturday 9 September 2017\n")
    assert "Wednesday 26 July 2017 is not counted, Thursday 27 July 2017 is day 1" in told
    assert "Target: Friday 8 September 2017, the last working day before" in told


def test_as_json_the_derivation_comes_with_the_dates(capsys: pytest.CaptureFixture[str]) -> None:
    """Five clear working days before 30 August 2017 pass over the late summer bank holiday."""
    assert main(["when", "5 clear working days before", "2017-08-30", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["result"], told["target"], told["sense"]) == ("2017-08-21", "2017-08-21", "latest day")
    assert "Not counted: Monday 28 August 2017, Late Summer Bank Holiday (bank holiday)." in told["derivation"]


def test_a_standstill_says_on_or_after(capsys: pytest.CaptureFixture[str]) -> None:
    """A first day is the day to act from, not the day to act by."""
    main(["when", "the first working day after 5 clear working days after", "2017-08-18"])
    assert capsys.readouterr().out.startswith("On or after Tuesday 29 August 2017\n")


def test_a_cycle_gives_its_next_eight_dates() -> None:
    """Every three months from 31 August: a short month shortens one date, not those after it."""
    told = work_out("every 3 months from", date(2017, 8, 31)).as_dict()
    assert told["result"][:3] == ["2017-11-30", "2018-02-28", "2018-05-31"]
    assert len(told["result"]) == 8


def test_the_calendar_can_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    """St Andrew's Day counts as a bank holiday only where any part of the United Kingdom does."""
    phrase = ["when", "within 20 working days of", "2017-11-20", "--json"]
    main(phrase)
    main([*phrase, "--calendar", "united-kingdom"])
    english, whole = capsys.readouterr().out.replace("}\n{", "}\0{").split("\0")
    assert (json.loads(english)["result"], json.loads(whole)["result"]) == ("2017-12-18", "2017-12-19")


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["fortnightly after", "2017-07-26"], "within N working days of"),
        (["within 45 days of", "26/07/2017"], "'26/07/2017' is not a date; write it as 2017-07-26"),
        (["within 45 days of", "2017-02-30"], "'2017-02-30' is not a date"),
        (["within 5 working days of", "2017-07-26", "--calendar", "mars"], "the calendars are england-and-wales"),
        (["within 45 days of"], "give a phrase and a date"),
        (["within 5 working days of", "2150-01-01"], "working days can be reckoned from 1972 to 2099"),
    ],
)
def test_what_is_wrong_is_told_with_what_is_expected(
    args: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A phrase, date or calendar that is not known is refused in words, with exit code 2."""
    assert main(["when", *args]) == 2
    told = capsys.readouterr()
    assert expected in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("plain", "parsed"),
    [
        (["--calendar", "united-kingdom"], ["--calendar=united-kingdom"]),
        (["--json", "--calendar", "united-kingdom"], ["--json", "--calendar=united-kingdom"]),
    ],
)
def test_a_plain_question_is_answered_as_the_parser_would(
    plain: list[str], parsed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The short way reads what the long way reads, and both print the same."""
    phrase = ["when", "within 20 working days of", "2017-11-20"]
    assert plain_question([*phrase[1:], *plain]) is not None
    assert plain_question([*phrase[1:], *parsed]) is None
    assert main([*phrase, *plain]) == 0
    told = capsys.readouterr().out
    assert main([*phrase, *parsed]) == 0
    assert capsys.readouterr().out == told


@pytest.mark.parametrize(
    "args", [[], ["--help"], ["by"], ["by", "2017-07-26", "--batch"], ["by", "2017-07-26", "--calendar"],
             ["by", "2017-07-26", "--calendar", "--json"], ["by", "2017-07-26", "more"], ["by", "--", "2017-07-26"]],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_parser(args: list[str]) -> None:
    """Help, a batch, and everything that is wrong."""
    assert plain_question(args) is None


def test_a_plain_question_starts_no_parser_and_no_other_country() -> None:
    """Of the library of bank holidays only the United Kingdom is read, which is what a date costs least with."""
    code = "import sys; from desk.cli import main; main(sys.argv[1:]); print(*sorted(sys.modules), file=sys.stderr)"
    args = [sys.executable, "-c", code, "when", "5 clear working days before", "2017-07-26"]
    done = subprocess.run(args, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("On or before Tuesday 18 July 2017\n")
    assert {"typer", "pydantic", "holidays.countries", "multiprocessing"} & set(done.stderr.split()) == set()


def test_a_batch_answers_each_line_and_goes_on_after_a_wrong_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line in, one line out; what is wrong is told on its own line; empty lines are passed over."""
    lines = [
        {"phrase": "within 45 days of", "date": "2017-07-26"},
        {"phrase": "whenever", "date": "2017-07-26"},
        {"phrase": "prior to", "date": "2017-11-29", "calendar": "united-kingdom"},
        {"date": "2017-07-26"},
        {"phrase": ["by"], "date": 20170726},
    ]
    asked = "\n\n".join([*map(json.dumps, lines), "not JSON", '"a text"', "null"])
    monkeypatch.setattr("sys.stdin", io.StringIO(asked))
    assert main(["when", "--batch"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer.get("result") for answer in told] == ["2017-09-09", None, "2017-11-28", *[None] * 5]
    assert "is not a period known here" in told[1]["error"]
    assert all('{"phrase": "within 45 days of"' in answer["error"] for answer in told[3:])


@pytest.mark.parametrize("processes", [1, 2])
def test_a_long_batch_is_answered_in_order_as_one_by_one(processes: int) -> None:
    """Shared out over processes or not, each line gets the answer it gets alone, in its place."""
    phrases = ("within 45 days of", "5 clear working days before", "every 2 weeks from")
    first = date(2017, 1, 1).toordinal()
    asked = [(phrases[n % 3], date.fromordinal(first + n % 900)) for n in range(5_000)]
    lines = [json.dumps({"phrase": phrase, "date": day.isoformat()}) for phrase, day in asked]
    answers = [json.loads(line) for line in answer_lines(lines, processes)]
    assert len(answers) == len(asked)
    assert [(each["phrase"], each["date"]) for each in answers] == [(phrase, day.isoformat()) for phrase, day in asked]
    for place in (0, 999, 1_000, 1_999, 2_000, 3_456, 4_999):
        assert answers[place] == work_out(*asked[place]).as_dict()

"""Files and values that were made to do harm, or look as if they were: each is refused in one plain sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from desk.artifacts import inert
from desk.cli import main
from desk.rehearsal import Rehearsal, council_named
from desk.scenario import LARGEST, load_yaml
from models.council import COUNCILS, load_council
from models.council_file import CouncilFileError, read_yaml
from tasks.forms import Notice, Refused, read_form

NOTICE = """
reference: CAS-17
given_at: 2017-07-26T10:00
applicant: Larkrise Chemists Ltd
closing: 1 Example Street
remaining: 20 Example Avenue
wards: [bargate]
"""
LAUGHS = "capacity:\n  - &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"  - &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep nothing of a test in the house."""
    monkeypatch.setenv("CLEARDAYS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def southampton(folder: Path, key: str, value: str) -> Path:
    """Return a copy of the shipped council's file in which `key` has another value."""
    lines = (COUNCILS / "southampton.yaml").read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if line.strip().startswith(f"{key}: "))
    lines[place] = f"{lines[place].partition(key)[0]}{key}: {value}"
    file = folder / "southampton.yaml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def refused(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    """Run a command that must be refused, and return the sentence."""
    assert main(args) == 2
    told = capsys.readouterr().err
    assert "Traceback" not in told
    return told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (NOTICE + LAUGHS, "an alias"),
        (NOTICE + "capacity: " + "[" * 5_000 + "]" * 5_000, "nest too deeply"),
        ("x: " + "a" * LARGEST, "far shorter"),
    ],
    ids=["billion laughs", "deep nesting", "huge"],
)
def test_a_notice_that_would_exhaust_the_machine_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, told: str
) -> None:
    """A YAML file cannot grow in memory, whatever it repeats or nests."""
    file = tmp_path / "notice.yaml"
    file.write_text(content, encoding="utf-8")
    assert told in refused(capsys, "notify", "pharmacy-consolidation", "--file", str(file))


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    """A device in place of a notice is given up at the limit."""
    with pytest.raises(Refused, match="far shorter"):
        load_yaml(Path("/dev/zero"))


@pytest.mark.parametrize("content", ["id: " + "[" * 300_000, "- " * 300_000 + "x", "id: '" + "x" * 1_000_001 + "'"])
def test_a_council_file_nests_and_weighs_no_more_than_the_parser_bears(content: str) -> None:
    """The compiled parser would overflow its stack and take the desk down with it."""
    (problem,) = read_yaml(content.encode()).problems
    assert "too deeply" in problem.found or "bytes" in problem.found


def test_what_a_file_says_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A refusal quotes a sender's file without its escape sequences."""
    file = tmp_path / "notice.yaml"
    file.write_text(NOTICE + 'capacity: relevant\n"\\e]0;gone\\a\\e[2Jx": y\n', encoding="utf-8")
    told = refused(capsys, "notify", "pharmacy-consolidation", "--file", str(file))
    assert "is not known here" in told
    assert "\x1b" not in told


@pytest.mark.parametrize("name", ['Public \'"Health"\'', "Public <Health>", '"Public\\nHealth"', "Public \\ Health"])
def test_a_sender_whom_no_letter_can_carry_is_a_problem_of_the_council_file(tmp_path: Path, name: str) -> None:
    """Otherwise the file would pass its check and every letter would be refused."""
    with pytest.raises(CouncilFileError, match="a name on one line"):
        load_council(southampton(tmp_path, "from_name", name))


def test_an_address_of_the_council_is_kept_as_mail_carries_it(tmp_path: Path) -> None:
    """A domain outside ASCII becomes its ASCII form, which headers and Message-IDs can hold."""
    council = load_council(southampton(tmp_path, "reply_to", "papers@bücher.example"))
    assert council.sender.reply_to == "papers@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("reference", "told"),
    [("CAS-17\nBcc: someone@example.org", "on one line"), ("CAS\u202e71", "on one line"), ("C" * 121, "120")],
)
def test_a_reference_is_one_short_line(reference: str, told: str) -> None:
    """It stands in subjects, tables and the database's own column."""
    fields = yaml.safe_load(NOTICE) | {"capacity": "relevant", "reference": reference}
    with pytest.raises(Refused, match=told):
        read_form(Notice, fields)


@pytest.mark.parametrize(
    "reference",
    ["CAS](javascript:alert(1))", "![x](https://example.org/seen.png)", "<img src=x onerror=alert(1)>", "a | b", "`x`"],
)
def test_a_reference_is_inert_in_prefects_pages(reference: str) -> None:
    """It is shown letter for letter: no link, no picture fetched from elsewhere, no table broken."""
    shown = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(f"Reference {inert(reference)} here")
    assert shown == f"<p>Reference {escape(reference)} here</p>\n"


@pytest.mark.parametrize("name", ["plan\n.pdf", "plan\\.pdf", "..", "plan\x1b[2J.pdf", "p" * 151])
def test_a_paper_whose_name_no_letter_can_carry_is_refused_at_once(name: str) -> None:
    """Otherwise every letter that encloses it would be refused on the day it is to leave."""
    played = Rehearsal(council_named("southampton"), datetime(2017, 7, 26, 10, tzinfo=UTC))
    played.notify(yaml.safe_load(NOTICE) | {"capacity": "relevant", "given_at": "2017-07-26T10:00"})
    with pytest.raises(Refused, match="rename the file"):
        played.do("attach", kind="equality-impact-assessment", file=f"/papers/{name}")

"""Nothing in the papers is forgotten: each row has a test, each paragraph its margin or a place among what is left."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
ROWS = ("P07", "P08", "P09", "P10", "P15", "P17", *(f"P{n}" for n in range(24, 35)), "P38", "P41", "P42")

REPORT = {str(n) for n in range(1, 19)}  #: the paragraphs of a report in the form of Southampton's committees
SECTIONS = {2: 6, 3: 12, 4: 10, 5: 5, 6: 15, 7: 3, 8: 5, 9: 1, 10: 1, 11: 1, 12: 1}
TERMS = {f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)}
"""The paragraphs of the Joint Commissioning Board's Terms of Reference (000) that say what it does, and how."""
REGULATIONS = {f"reg {n}" for n in range(5, 23)}  #: SI 2012/2089: 5 to 22 say what is done; 1 to 4 what words mean
PARAGRAPHS = {
    "grant_ratification": REPORT | {"(i)"},
    "better_care_plan": REPORT | {"(i)", "(ii)"},
    "joint_commissioning": TERMS,
    "key_decision": REGULATIONS,
}
"""What each flow follows: the numbered paragraphs of its paper, its recommendations in roman, or its regulations."""

NUMBER = r"\((?:[ivx]+)\)|\d{1,2}(?:\.\d{1,2})?"
RANGE = re.compile(rf"({NUMBER})(?:\([0-9a-z]+\))*(?:\s*(?:-|to)\s*({NUMBER}))?")
OF_ANOTHER_PAPER = re.compile(r"\s*(dp|001:|000:|SI |LGA |Appendix)")


# -- rows ------------------------------------------------------------------------------------------------------


def said_by_tests(folder: Path) -> Iterator[tuple[Path, str]]:
    """Give what each test says of itself: its docstring, and the ids of its examples."""
    for path in sorted(folder.rglob("test_*.py")):
        if path == Path(__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield path, ast.get_docstring(node) or ""
            if isinstance(node, ast.keyword) and node.arg in ("id", "ids"):
                yield path, ast.unparse(node.value)


def rows_in(text: str) -> set[str]:
    """Return the rows that a text names: "P28", or those of "P24 to P27"."""
    found = set(re.findall(r"\bP\d\d\b", text))
    for first, last in re.findall(r"\bP(\d\d) to P(\d\d)\b", text):
        found |= {f"P{number:02}" for number in range(int(first), int(last) + 1)}
    return found


def test_each_row_of_the_papers_is_named_by_a_test() -> None:
    """P07 to P10, P15, P17, P24 to P34, P38, P41, P42: what no test names, nobody has looked at."""
    named = {row for _, text in said_by_tests(HOUSE / "tests") for row in rows_in(text)}
    assert sorted(set(ROWS) - named) == []


def test_a_row_is_found_by_its_name_alone_and_within_a_range() -> None:
    """P1 is no row, and P240 not P24."""
    assert rows_in("P24 to P27, P31; PC-2017, P1, P240") == {"P24", "P25", "P26", "P27", "P31"}


# -- paragraphs ------------------------------------------------------------------------------------------------


def margin_of(source: str) -> Iterator[str]:
    """Give what the margin of a flow cites, line by line, up to the words that explain it."""
    for line in source.splitlines():
        code, comment, cited = line.partition("  # ")
        if comment and not code.lstrip().startswith("#"):
            yield cited.partition(": ")[0]


def left_to_people(source: str) -> Iterator[str]:
    """Give what a flow's docstring lists as left to people: lines that begin with numbers, and numbers in brackets."""
    left = (ast.get_docstring(ast.parse(source)) or "").partition("Left to people")[2]
    for line in left.splitlines():
        begins = re.match(rf"((?:{NUMBER})(?:(?:, |-)(?:{NUMBER}))*) +\D", line)
        if begins:
            yield begins[1]
    for bracket in re.findall(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)", " ".join(left.split())):
        yield bracket.strip()


def cited_in(text: str) -> set[str]:
    """Return the paragraphs and regulations that a margin cites: "3, 7", "10-12", "4.4 to 4.9", "regs 5(7), 10(3)"."""
    found = set()
    for part in text.split(";"):
        if OF_ANOTHER_PAPER.match(part):
            continue
        kind, numbers = re.fullmatch(r"\s*(regs? )?(.*)", part).groups()  # type: ignore[union-attr]
        for each in numbers.split(","):
            one = RANGE.fullmatch(each.strip())
            if one is not None:
                found |= {f"reg {number}" if kind else number for number in _between(one[1], one[2] or one[1])}
    return found


def _between(first: str, last: str) -> Iterator[str]:
    if first == last:
        yield first
        return
    section, _, start = first.rpartition(".")
    for number in range(int(start), int(last.rpartition(".")[2]) + 1):
        yield f"{section}.{number}" if section else str(number)


def missing_from(flow: str) -> list[str]:
    """Return the paragraphs that a flow neither cites nor leaves to people; a section cites each of its paragraphs."""
    source = (HOUSE / "flows" / f"{flow}.py").read_text(encoding="utf-8")
    cited = {each for text in (*margin_of(source), *left_to_people(source)) for each in cited_in(text)}
    return sorted(each for each in PARAGRAPHS[flow] if each not in cited and each.partition(".")[0] not in cited)


@pytest.mark.parametrize("flow", PARAGRAPHS)
def test_each_paragraph_is_in_the_margin_or_left_to_people(flow: str) -> None:
    """A reader of the paper finds each of its paragraphs in the flow, or in the list of what is left to people."""
    assert missing_from(flow) == []


@pytest.mark.parametrize(
    ("margin", "cited"),
    [
        ("3, 7", {"3", "7"}),
        ("(i), 1, 12", {"(i)", "1", "12"}),
        ("8; dp 9, 10", {"8"}),
        ("4.4 to 4.6", {"4.4", "4.5", "4.6"}),
        ("10-12", {"10", "11", "12"}),
        ("regs 5(7), 10(3); SI 2014/2095 reg 7", {"reg 5", "reg 10"}),
        ("regs 5-7, 9, back from the day", {"reg 5", "reg 6", "reg 7", "reg 9"}),
        ("1.3, 12.1; 001:4401-4437", {"1.3", "12.1"}),
        ("18 July 2017", set()),
    ],
)
def test_the_margin_is_read_as_it_is_written(margin: str, cited: set[str]) -> None:
    """Numbers of another paper, dates and words are no paragraphs."""
    assert cited_in(margin) == cited

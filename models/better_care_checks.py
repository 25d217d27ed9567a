"""What is wrong with a Better Care plan before anybody signs it: gaps left in its text, sums that do not come out.

Pure functions over text and tables; each finding is a sentence that names the place, what stands there and what to do.
The draft of July 2017 still held "£XX" and "£Xm", and its table for 2018/19 prints a total that is £13 out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import zip_longest

from models.amounts import Pounds, Sum, in_pounds, read_pounds

TOTAL = "total"
MINIMUM = "minimum"
LARGEST_TABLE = 2_000  #: lines; a pooled fund has some ten
CONTEXT = 40  #: characters shown on either side of what was found


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document's text and the words that say where it stands: "paragraph 12", "page 3"."""

    place: str
    text: str


GAPS: Mapping[str, re.Pattern[str]] = {
    "an amount that was never filled in": re.compile(
        r"£\s*(?:[Xx](?:[Xx.,]*[Xx])?\s?(?:bn|[mkMK])?|\?+|_{2,}|\.{3,}|\[[^\]\n]{0,60}\]|TB[CA])(?![\w£])"
    ),
    "a percentage that was never filled in": re.compile(r"(?<![\w£])(?:[Xx]{1,4}(?:\.[Xx]+)?|\?+)\s?%"),
    "a date that was never filled in": re.compile(r"(?<!\w)(?:[Xx]{2}/[Xx]{2}/(?:[Xx]{2,4}|\d{2,4}))(?!\w)"),
    "a figure that was never filled in": re.compile(
        r"(?<![\w£/])(?<!Part )(?<!Annex )(?<!Schedule )(?<!Chapter )X{2,}(?![\w%/])"
    ),
    "a note to its own authors": re.compile(
        r"(?<!\w)TB[CA](?!\w)|\[\s*(?:insert|to be|add|complete|tbc|check)\b[^\]\n]{0,80}\]"
        r"|\bto be (?:inserted|completed)\b",
        re.IGNORECASE,
    ),
}
"""What a draft leaves behind, by the words that say what it is."""


def placeholders(passages: Iterable[Passage]) -> list[str]:
    """Return a sentence for each gap left in a text, in the order of the text; each place in the text once."""
    return [sentence for passage in passages for sentence in _gaps_of(passage)]


def _gaps_of(passage: Passage) -> list[str]:
    found: dict[tuple[int, int], str] = {}
    for what, pattern in GAPS.items():
        for hit in pattern.finditer(passage.text):
            if not any(start < hit.end() and hit.start() < end for start, end in found):
                found[hit.span()] = what
    return [
        f"{passage.place}: “{passage.text[start:end].strip()}” is {what}, in “{_context(passage.text, start, end)}”"
        for (start, end), what in sorted(found.items())
    ]


def _context(text: str, start: int, end: int) -> str:
    """Return what was found with the whole words around it."""
    lead, tail = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    cut_before, cut_after = start > CONTEXT, end + CONTEXT < len(text)
    lead = lead.partition(" ")[2] if cut_before else lead
    tail = tail.rpartition(" ")[0] if cut_after else tail
    words = " ".join(f"{lead}{text[start:end]}{tail}".split())
    return f"{'…' if cut_before else ''}{words}{'…' if cut_after else ''}"


# --- tables ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PoolTable:
    """The pooled fund as its table prints it: for each column the pounds of each line, and the total printed."""

    columns: tuple[str, ...]
    lines: Mapping[str, Mapping[str, Pounds]]  #: by the name of the line, then by column
    totals: Mapping[str, Pounds]  #: as printed, by column


class UnreadableTable(ValueError):
    """A table that cannot be added up; the sentence says which line, what stands there and what is expected."""


HEADINGS = "first a line of headings such as 'Contribution,2017/18,2018/19', last a line that begins with 'Total'"


def read_pool_table(text: str) -> PoolTable:
    """Return the table of a CSV text: a line of headings, lines of whole pounds, and a last line "Total".

    Pounds may be written 16176000, "16,176,000" or "£16,176,000"; an empty cell is nought. Raises UnreadableTable.
    """
    rows = [row for row in _rows(text) if any(cell.strip() for cell in row)]
    if len(rows) < 3 or len(rows[0]) < 2:
        raise UnreadableTable(f"the table has too few lines or columns to be added up; it has {HEADINGS}")
    if len(rows) > LARGEST_TABLE:
        raise UnreadableTable(f"the table has {len(rows)} lines; up to {LARGEST_TABLE} are read")
    columns = tuple(cell.strip() for cell in rows[0][1:])
    if not all(columns) or len(set(columns)) < len(columns):
        raise UnreadableTable(f"each column needs a heading of its own; they are {', '.join(columns) or 'empty'}")
    lines: dict[str, Mapping[str, int]] = {}
    for number, row in enumerate(rows[1:], start=2):
        name = row[0].strip()
        if not name or name in lines:
            told = f"“{name}” is there twice" if name else "has no name"
            raise UnreadableTable(f"line {number} of the table {told}; each line needs a name of its own")
        lines[name] = _pounds_of(row, columns, number)
    last = next(reversed(lines))
    if last.casefold() != TOTAL:
        raise UnreadableTable(f"the last line of the table is “{last}”, not its total; it has {HEADINGS}")
    totals = lines.pop(last)
    return PoolTable(columns, lines, totals)


def _rows(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(StringIO(text.removeprefix("\ufeff")), strict=True))
    except csv.Error as error:
        raise UnreadableTable(f"the table is not CSV ({error}); save the sheet as CSV and attach it again") from error


def _pounds_of(row: Sequence[str], columns: tuple[str, ...], number: int) -> dict[str, Pounds]:
    if len(row) - 1 > len(columns):
        raise UnreadableTable(
            f"line {number} of the table (“{row[0].strip()}”) has {len(row) - 1} amounts for {len(columns)} columns; "
            'write an amount with commas in quotation marks, as "16,176,000"'
        )
    return {
        column: _amount(cell or "", f"line {number} of the table (“{row[0].strip()}”), {column}")
        for column, cell in zip_longest(columns, row[1:])
    }


def _amount(cell: str, place: str) -> Pounds:
    """Return the pounds of a cell; an empty one is nought, and one with a minus is less than nothing."""
    written = cell.strip()
    try:
        return -read_pounds(written[1:]) if written.startswith("-") else read_pounds(written or 0)
    except ValueError as error:
        raise UnreadableTable(f"{place}: {error}") from error


def sums_that_fail(table: PoolTable) -> list[str]:
    """Return a sentence for each column whose lines do not come to the total printed, to the pound."""
    sums = [
        Sum(f"{column}: the lines", {name: line[column] for name, line in table.lines.items()}, table.totals[column],
            "the total printed")
        for column in table.columns
    ]  # fmt: skip
    return [f"{each.in_words()}; correct a line or the total" for each in sums if not each.agrees]


def rows_that_fail(table: PoolTable) -> list[str]:
    """Return a sentence for each line whose amounts do not come to the column "Total", where the table has one."""
    total = next((column for column in table.columns if column.casefold() == TOTAL), None)
    if total is None:
        return []
    sums = [
        Sum(f"“{name}”: the amounts", {column: line[column] for column in table.columns if column != total},
            line[total], "the total of the line")
        for name, line in {**table.lines, "Total": table.totals}.items()
    ]  # fmt: skip
    return [f"{each.in_words()}; correct one of them" for each in sums if not each.agrees]


def years_missing(table: PoolTable, years: Iterable[str]) -> list[str]:
    """Return a sentence for each year of the plan that the table has no column for."""
    return [
        f"{year}: the table has no column for this year; its columns are {', '.join(table.columns)}"
        for year in years
        if year not in table.columns
    ]


def contributions_too_small(table: PoolTable, minimum: Mapping[str, Pounds]) -> list[str]:
    """Return a sentence for each year whose minimum contribution is absent or below what is required.

    `minimum` gives whole pounds by year, as the national allocations set them. The lines that count towards it are
    those whose name holds the word "minimum".
    """
    counted = {name: line for name, line in table.lines.items() if MINIMUM in name.casefold()}
    found = []
    for year, required in minimum.items():
        if year not in table.columns:
            continue
        given = sum(line[year] for line in counted.values())
        if not counted:
            found.append(f"{year}: no line is named as the minimum contribution; {in_pounds(required)} is required")
        elif given < required:
            found.append(
                f"{year}: the minimum contribution is {in_pounds(given)}, {in_pounds(required - given)} below the "
                f"{in_pounds(required)} that is required"
            )
    return found


def check_pool(text: str, years: Sequence[str], minimum: Mapping[str, Pounds]) -> list[str]:
    """Return everything that is wrong with a pool table in CSV: not to be read, sums, years, minimum contribution."""
    try:
        table = read_pool_table(text)
    except UnreadableTable as error:
        return [str(error)]
    return problems_of(table, years, minimum)


def problems_of(table: PoolTable, years: Sequence[str], minimum: Mapping[str, Pounds]) -> list[str]:
    """Return everything that is wrong with a pool table: sums, years, minimum contribution."""
    return [
        *sums_that_fail(table), *rows_that_fail(table), *years_missing(table, years),
        *contributions_too_small(table, minimum),
    ]  # fmt: skip


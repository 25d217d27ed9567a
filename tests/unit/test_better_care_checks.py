"""The checks of a Better Care plan: gaps left in the text, sums to the pound, the minimum contribution."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.better_care_checks import (
    Passage,
    check_pool,
    placeholders,
    read_pool_table,
    sums_that_fail,
)
from models.better_care_text import Unreadable, passages_of

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
AS_PRINTED = (EXAMPLES / "better-care-pool-2017-19-as-printed.csv").read_text(encoding="utf-8")
CORRECTED = (EXAMPLES / "better-care-pool-2017-19.csv").read_text(encoding="utf-8")
YEARS = ("2017/18", "2018/19")
MINIMUM = {"2017/18": 16_176_000, "2018/19": 16_484_000}

SOCIAL_CARE = (
    "The total value attributable to social care services in the 2017/18 pooled fund is £XX. This is the total "
    "funding spent on social care functions"
)
OUT_OF_HOSPITAL = (
    "ongoing investment in NHS commissioned out of hospital services (just over £Xm). This includes the Cluster "
    "Scheme which brings together over £48M"
)


def test_the_two_gaps_of_the_draft_are_found_with_their_place() -> None:
    """001:3912, 3927 (P07): the draft of July 2017 still holds £XX and £Xm; £48M beside them is an amount."""
    found = placeholders([Passage("paragraph 12", SOCIAL_CARE), Passage("paragraph 14", OUT_OF_HOSPITAL)])
    assert len(found) == 2
    assert found[0].startswith("paragraph 12: “£XX” is an amount that was never filled in, in “…")
    assert "2017/18 pooled fund is £XX. This is the total" in found[0]
    assert found[1].startswith("paragraph 14: “£Xm” is an amount that was never filled in")


@pytest.mark.parametrize(
    "gap",
    ["£XX", "£Xm", "£ XX", "£x.xm", "£XX,XXX", "£xxbn", "£??", "£___", "£[ ]", "£TBC", "TBC", "[insert figure]", "XX%",
     "x.x %", "xx/xx/2017", "there are XXX beds", "to be completed"],
)  # fmt: skip
def test_whatever_a_draft_leaves_open_is_found(gap: str) -> None:
    """001:3912, 3927: amounts, shares, dates and notes that nobody filled in."""
    assert len(placeholders([Passage("line 1", f"It stands at {gap} for the year.")])) == 1


@pytest.mark.parametrize(
    "text",
    ["£48M", "£15 ½M", "£103,684,053", "£16.176M", "a risk of £1 in £10", "3.5% of occupied bed days", "X-ray at £40",
     "Part XX of the Act", "Year X", "9.4 in every 100,000", "Annex XXX", "£5 [Appendix 1]", "taxes to be complete"],
)  # fmt: skip
def test_what_is_filled_in_is_left_alone(text: str) -> None:
    """001:3912-3937: the plan's own amounts are no gaps."""
    assert placeholders([Passage("line 1", f"It says {text} there.")]) == []


def test_the_table_of_the_paper_is_thirteen_pounds_out() -> None:
    """001:3757-3781: the lines of 2018/19 come to 103,684,053 and the paper prints 103,684,040; 2017/18 comes out."""
    assert check_pool(AS_PRINTED, YEARS, MINIMUM) == [
        "2018/19: the lines come to £103,684,053, which is £13 more than the total printed, £103,684,040; correct a "
        "line or the total"
    ]
    assert check_pool(CORRECTED, YEARS, MINIMUM) == []


def test_the_scheme_table_of_the_paper_comes_out_both_ways() -> None:
    """001:737-760: each scheme and each partner's column come to the totals printed, in thousands."""
    schemes = (
        "Scheme,CCG,SCC,Total\nCarers,1240,134,1374\nClusters,47026,2212,49238\nRehab & Reablement,10543,4551,15094\n"
        "DFG (Capital),,1882,1882\nJoint Equipment Store,798,803,1601\nTelecare,,250,250\nDirect Payments,,500,500\n"
        "Long Term Care,,2750,2750\nIntegrated Care Teams - LD,9894,16414,26308\n"
        "Prevention & Early Intervention,,6199,6199\nTotal,69501,35695,105196\n"
    )
    assert check_pool(schemes, (), {}) == []
    wrong = schemes.replace("Telecare,,250,250", "Telecare,,250,251")
    assert [line.split(";")[0] for line in check_pool(wrong, (), {})] == [
        "Total: the lines come to £105,197, which is £1 more than the total printed, £105,196",
        "“Telecare”: the amounts come to £250, which is £1 less than the total of the line, £251",
    ]


def test_a_contribution_below_the_minimum_is_said_in_pounds() -> None:
    """001:625-629, 3745: the first condition asks for at least the minimum contribution."""
    short = CORRECTED.replace("16,484,000", "16,483,000").replace("103,684,053", "103,683,053")
    assert check_pool(short, YEARS, MINIMUM) == [
        "2018/19: the minimum contribution is £16,483,000, £1,000 below the £16,484,000 that is required"
    ]
    unnamed = CORRECTED.replace("(minimum)", "(base)")
    assert check_pool(unnamed, ("2017/18",), {"2017/18": 16_176_000}) == [
        "2017/18: no line is named as the minimum contribution; £16,176,000 is required"
    ]


def test_a_year_without_a_column_is_missed() -> None:
    """001:3745: the plan is for both years."""
    assert check_pool("Line,2017/18\nA (minimum),5\nTotal,5\n", YEARS, {}) == [
        "2018/19: the table has no column for this year; its columns are 2017/18"
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "too few lines"),
        ("Line,2017/18\nA,5\nB,5\n", "the last line of the table is “B”, not its total"),
        ("Line,2017/18\nA,five\nTotal,5\n", "line 2 of the table (“A”), 2017/18: 'five' is not an amount"),
        ("Line,2017/18\nA,16,176,000\nTotal,5\n", "has 3 amounts for 1 columns; write an amount with commas in quot"),
        ("Line,2017/18\nA,1\nA,1\nTotal,2\n", "line 3 of the table “A” is there twice"),
        ("Line,2017/18,2017/18\nA,1,1\nTotal,1,1\n", "each column needs a heading of its own"),
        ("Line,2017/18\nA,£XX\nTotal,5\n", "'£XX' is not an amount"),
        ('Line,2017/18\nA,"5\nTotal,5\n', "the table is not CSV"),
    ],
)
def test_a_table_that_cannot_be_added_up_says_where_and_why(text: str, says: str) -> None:
    """001:3757-3781: a table that nobody can add up is as wrong as one that does not come out."""
    (found,) = check_pool(text, (), {})
    assert says in found


@given(
    rows=st.lists(st.tuples(st.integers(-10**9, 10**9), st.integers(-10**9, 10**9)), min_size=1, max_size=12),
    out=st.tuples(st.integers(-10, 10), st.integers(-10, 10)),
)
def test_a_table_comes_out_exactly_when_its_totals_are_its_sums(
    rows: list[tuple[int, int]], out: tuple[int, int]
) -> None:
    """To the pound: one finding for each column whose printed total is off by anything, none otherwise."""
    totals = [sum(column) + off for column, off in zip(zip(*rows, strict=True), out, strict=True)]
    lines = [f"line {n},{a},{b}" for n, (a, b) in enumerate(rows)]
    table = read_pool_table("\n".join(["Line,2017/18,2018/19", *lines, f"Total,{totals[0]},{totals[1]}"]))
    assert len(sums_that_fail(table)) == sum(off != 0 for off in out)


@given(text=st.text(max_size=400))
def test_no_text_at_all_breaks_the_table_reader(text: str) -> None:
    """Whatever is in the file, it is a table or a sentence."""
    assert all(check_pool(text, (), {}))


# the text of documents


def test_a_word_plan_is_read_by_paragraph_and_table_row() -> None:
    """001:3912: the place of a gap is told as Word counts."""
    from docx import Document

    document = Document()
    document.add_paragraph("Our plan.")
    document.add_paragraph(SOCIAL_CARE)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[1].text = "£Xm"
    kept = BytesIO()
    document.save(kept)
    found = placeholders(passages_of("plan.docx", kept.getvalue()))
    assert [line.split(":")[0] for line in found] == ["paragraph 2", "table 1, row 1"]


def test_a_pdf_with_text_is_read_by_page_and_one_without_is_not_taken_for_complete() -> None:
    """001:3912: a scan holds no text to search, and that is said."""
    import typst

    made = typst.compile(b"First page. #pagebreak() The pooled fund is \xc2\xa3XX.", format="pdf")
    (found,) = placeholders(passages_of("plan.pdf", made))
    assert found.startswith("page 2: “£XX”")
    with pytest.raises(Unreadable, match="holds no text to search, as a scan does not"):
        passages_of("scan.pdf", typst.compile(b"#rect()", format="pdf"))


def workbook(shared: bytes, sheet: bytes) -> bytes:
    """Return a workbook of one sheet with these parts, as small as one can be."""
    kept = BytesIO()
    with ZipFile(kept, "w") as package:
        space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        package.writestr("xl/sharedStrings.xml", b"<sst " + space + b">" + shared + b"</sst>")
        package.writestr("xl/worksheets/sheet1.xml", b"<worksheet " + space + b">" + sheet + b"</worksheet>")
    return kept.getvalue()


def test_a_workbook_is_read_by_cell() -> None:
    """001:684-688: the planning return is a workbook; gaps are told by their cell, amounts are left alone."""
    made = workbook(
        "<si><t>Income</t></si><si><r><t>about £</t></r><r><t>XX</t></r></si>".encode(),
        b'<sheetData><row><c r="A1" t="s"><v>0</v></c><c r="B1"><v>16176000</v></c></row>'
        b'<row><c r="A2" t="s"><v>1</v></c><c r="B2" t="inlineStr"><is><t>TBC</t></is></c></row></sheetData>',
    )
    found = placeholders(passages_of("return.xlsx", made))
    assert [line.split(" is ")[0] for line in found] == ["sheet1, cell A2: “£XX”", "sheet1, cell B2: “TBC”"]


@pytest.mark.parametrize(
    ("shared", "says"),
    [(b"<si>", "has a damaged part"), (b"<!ENTITY a 'b'>", "holds a part that no Excel writes")],
)
def test_a_workbook_that_is_not_sound_is_not_searched(shared: bytes, says: str) -> None:
    """001:684-688: what cannot be read is said, and nothing is expanded on its behalf."""
    with pytest.raises(Unreadable, match=says):
        passages_of("return.xlsx", workbook(shared, b""))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("plan.docx", b"not a zip", "is not a Word document, whatever its name"),
        ("return.xlsx", b"not a zip", "is not an Excel workbook, whatever its name"),
        ("plan.pdf", b"not a pdf", "is not a PDF that can be read"),
        ("plan.pages", b"x", "is of a kind that is not searched for gaps here; attach it as txt, md, csv, docx, xlsx"),
        ("plan.txt", b"  \n", "holds no text to search"),
    ],
)
def test_a_document_that_cannot_be_read_says_why(name: str, content: bytes, says: str) -> None:
    """001:680-691: nothing passes the gate because nobody could read it."""
    with pytest.raises(Unreadable) as refused:
        passages_of(name, content)
    assert says in str(refused.value)


def test_a_plain_text_is_read_by_line_in_either_encoding() -> None:
    """001:3912: £ as UTF-8 and as Windows writes it."""
    assert placeholders(passages_of("plan.txt", "One.\n£XX\n".encode()))[0].startswith("line 2")
    assert placeholders(passages_of("plan.txt", "One.\n£XX\n".encode("cp1252")))[0].startswith("line 2")

"""Builds notifications/templates/representation.docx, so that what is in the binary file can be reviewed.

Run `python -m desk.make_representation_template` after a change; a test compares the file with this script.
A council that wants its own letterhead edits a copy of the .docx in Word and needs nothing from here.
"""

from __future__ import annotations

from datetime import datetime

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from notifications.documents import WORD_TEMPLATE

ACCENT = RGBColor(0x12, 0x43, 0x6D)
WARNING = RGBColor(0x94, 0x25, 0x14)
SHADE = "EEF3F8"
HAIRLINE = "B1B4B6"

REFERENCES = (("Our reference", "case_ref"), ("Your reference", "senders_ref"), ("Date", "sent_on"))
APPLICATION = (
    ("Applicant", "applicant"),
    ("Premises that would close", "premises_closing"),
    ("Premises that would remain", "premises_remaining"),
    ("Wards", "wards"),
)
TIME = (
    ("Notice given to the Board", "notice_given_on"),
    ("Last day", "last_day"),
    ("How the last day is reached", "derivation"),
)
DECISION = (
    ("Decided on", "decided_on"),
    ("Decided by", "decision_maker"),
    ("Legal basis", "legal_basis"),
    ("Equality impact assessment", "equality_ref"),
    ("Assessment considered on", "equality_considered_on"),
    ("Alternatives considered", "alternatives"),
    ("Conflicts of interest", "conflicts"),
)
ANNEX = (
    ("Consultee", "consultee", 4.2),
    ("Circulated on", "circulated", 3.0),
    ("Answered on", "answered", 3.4),
    ("Opinion", "opinion", 5.2),
    ("Interest declared", "interest", 3.6),
    ("How considered", "considered", 5.5),
)


def build() -> DocumentObject:
    """Return the template: a letter on A4, then a landscape annex with one row for each consultee."""
    document = Document()
    _set_styles(document)
    _set_page(document)
    _letterhead(document)
    _body(document)
    _annex(document)
    document.core_properties.author = "Cleardays"
    document.core_properties.title = "Template: representation on a pharmacy consolidation application"
    document.core_properties.comments = ""
    document.core_properties.created = document.core_properties.modified = datetime(2017, 1, 1)
    return document


def _set_styles(document: DocumentObject) -> None:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(11)
    normal.paragraph_format.space_after = Pt(8)
    normal.paragraph_format.line_spacing = 1.15
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-GB")
    normal.element.get_or_add_rPr().append(language)
    for level, size, above in ((1, 17, 12), (2, 13, 18), (3, 11, 12)):
        style = document.styles[f"Heading {level}"]
        style.font.size, style.font.bold, style.font.color.rgb = Pt(size), True, ACCENT
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):
            del fonts.attrib[attribute]
        style.font.name = "Arial"
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(above), Pt(4)
        style.paragraph_format.keep_with_next = True


def _set_page(document: DocumentObject) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.4)
    page.top_margin, page.bottom_margin = Cm(2.2), Cm(2.2)
    footer = page.footer.paragraphs[0]
    footer.style.font.size = Pt(9)
    footer.add_run("Our reference {{ case_ref }}\t\tPage ")
    _field(footer, "PAGE")
    footer.add_run(" of ")
    _field(footer, "NUMPAGES")


def _letterhead(document: DocumentObject) -> None:
    council = document.add_paragraph()
    run = council.add_run("{{ council_name }}")
    run.bold, run.font.size, run.font.color.rgb = True, Pt(20), ACCENT
    council.paragraph_format.space_after = Pt(0)
    board = document.add_paragraph()
    board.add_run("{{ board_name }}").font.size = Pt(13)
    _border(board, "bottom", "12436D", 12)
    document.add_paragraph("{{ addressee }}")
    for label, name in REFERENCES:
        line = document.add_paragraph()
        line.paragraph_format.space_after = Pt(0)
        line.add_run(f"{label}: ").bold = True
        line.add_run(f"{{{{ {name} }}}}")


def _body(document: DocumentObject) -> None:
    document.add_heading("{{ title }}", 1)
    for name in ("draft_notice", "late_notice"):
        document.add_paragraph(f"{{%p if {name} %}}")
        warning = document.add_paragraph()
        run = warning.add_run(f"{{{{ {name} }}}}")
        run.bold, run.font.color.rgb = True, WARNING
        _border(warning, "left", "942514", 24)
        document.add_paragraph("{%p endif %}")
    document.add_paragraph("{{ capacity }}")

    document.add_heading("The application", 2)
    _facts(document, APPLICATION)

    document.add_heading("The Board’s opinion", 2)
    opinion = document.add_paragraph()
    opinion.add_run("{{ opinion }}").bold = True
    _border(opinion, "left", "12436D", 24)
    _shade(opinion.paragraph_format.element.get_or_add_pPr())

    document.add_heading("Reasons", 2)
    _headed(document, "(a) To meet a current or future need for pharmaceutical services", "reasons_need")
    _headed(
        document, "(b) To secure improvements, or better access, to pharmaceutical services", "reasons_access"
    )
    _headed(document, "Any other matter", "other_matters")

    document.add_heading("Oral hearing", 2)
    document.add_paragraph("{{ hearing }}")
    _headed(document, "Matter on which further evidence is needed", "matter_for_evidence")

    document.add_heading("Time for making this representation", 2)
    _facts(document, TIME)

    document.add_heading("The decision", 2)
    decision = _facts(document, DECISION)
    legal_basis = decision.cell([label for label, _ in DECISION].index("Legal basis"), 1)
    for text in ("{%p if legal_basis_note %}", "{{ legal_basis_note }}", "{%p endif %}"):
        legal_basis.add_paragraph(text)

    document.add_heading("Consultation", 2)
    document.add_paragraph(
        "{{ consultation_summary }} The annex lists each consultee and how the answer was considered."
    )
    _headed(document, "Meeting", "meeting")

    signature = document.add_paragraph()
    signature.paragraph_format.space_before = Pt(28)
    signature.paragraph_format.keep_with_next = True
    signature.paragraph_format.space_after = Pt(0)
    signature.add_run("{{ decision_maker }}").bold = True
    document.add_paragraph("for {{ board_name }}")


def _annex(document: DocumentObject) -> None:
    page = document.add_section()
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = Cm(29.7), Cm(21)
    document.add_heading("Annex: who was consulted", 2)
    table = document.add_table(rows=4, cols=len(ANNEX))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.LEFT, False
    table.cell(1, 0).text = "{%tr for row in consultation %}"
    table.cell(3, 0).text = "{%tr endfor %}"
    for column, (heading, name, width) in enumerate(ANNEX):
        table.columns[column].width = Cm(width)
        for row in table.rows:
            row.cells[column].width = Cm(width)
        _write(table.cell(0, column), heading, bold=True, size=9.5)
        _shade(table.cell(0, column)._tc.get_or_add_tcPr())
        _write(table.cell(2, column), f"{{{{ row.{name} }}}}", size=9.5)
    _rule(table)
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)


def _headed(document: DocumentObject, heading: str, name: str) -> None:
    document.add_heading(heading, 3)
    document.add_paragraph(f"{{{{ {name} }}}}")


def _facts(document: DocumentObject, rows: tuple[tuple[str, str], ...]) -> Table:
    table: Table = document.add_table(rows=len(rows), cols=2)
    table.autofit = False
    for row, (label, name) in zip(table.rows, rows, strict=True):
        first, second = row.cells
        first.width, second.width = Cm(5.6), Cm(10.6)
        _write(first, label, bold=True)
        _write(second, f"{{{{ {name} }}}}")
    _rule(table)
    return table


def _write(cell: _Cell, text: str, *, bold: bool = False, size: float = 11) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(3)
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, Pt(size)


def _rule(table: Table) -> None:
    """Draw a thin line under every row and none between columns."""
    borders = OxmlElement("w:tblBorders")
    for side in ("bottom", "insideH"):
        borders.append(_line(side, HAIRLINE, 4))
    table._tbl.tblPr.find(qn("w:tblLayout")).addprevious(borders)  # Word insists on this order


def _border(paragraph: Paragraph, side: str, colour: str, eighths: int) -> None:
    borders = OxmlElement("w:pBdr")
    borders.append(_line(side, colour, eighths))
    paragraph.paragraph_format.element.get_or_add_pPr().append(borders)


def _line(side: str, colour: str, eighths: int) -> BaseOxmlElement:
    line = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "6"), ("color", colour)):
        line.set(qn(f"w:{name}"), value)
    return line


def _shade(properties: BaseOxmlElement) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", SHADE)):
        shade.set(qn(f"w:{name}"), value)
    properties.append(shade)


def _field(paragraph: Paragraph, instruction: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


if __name__ == "__main__":
    build().save(str(WORD_TEMPLATE))

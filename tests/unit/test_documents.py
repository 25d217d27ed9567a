"""The representation as a Word file and as a PDF, read back with other tools than those that made them."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import Field, fields, replace
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.document import Document as DocumentObject
from pypdf import PdfReader

from desk.make_representation_template import build
from notifications.documents import (
    MUST_SAY,
    WORD_TEMPLATE,
    ConsultationRow,
    MeetingHeld,
    Representation,
    TemplateError,
    pdf_file,
    word_file,
)
from notifications.representation import GAP, OUTSTANDING, draft_notice, words
from notifications.word_templates import _opened

ASKED_ON = date(2017, 8, 9)
HOSTILE = 'A & B <C> "quoted" #sys.inputs \\ $x$ *b* _i_ @label {{ case_ref }} {% if %} // /* =h'
NON_LATIN = "Łódź Ελληνικά Кириллица"

REPRESENTATION = Representation(
    case_ref="PC1/2017",
    senders_ref="CAS-20517",
    council_name="Southampton City Council",
    board_name="Southampton Health and Wellbeing Board",
    addressee="Primary Care Commissioning Manager\nNHS England South (Wessex)",
    sent_on=date(2017, 9, 8),
    applicant="Example Pharmacies Limited",
    premises_closing="14 Example Street, Southampton",
    premises_remaining="2 Sample Road, Southampton",
    wards=("Bargate", "Bevois", "Freemantle"),
    capacity="relevant",
    notice_given_on=date(2017, 7, 26),
    last_day=date(2017, 9, 9),
    derivation="The day of notice is not counted; day 45 is Saturday 9 September 2017.",
    creates_gap=False,
    reasons_need="Eleven pharmacies lie within one mile.\n\nOpening hours stay the same.",
    reasons_access="The longest added walk is 310 metres.",
    other_matters="A delivery service would be welcome.",
    wishes_to_be_heard=True,
    matter_for_evidence="Opening hours on Saturdays.",
    decided_on=date(2017, 9, 6),
    decision_maker="Director of Public Health",
    legal_basis="Delegation by the Board on 26 July 2017.",
    legal_basis_uncertain=True,
    equality_ref="ESIA-2017-031, version 2",
    equality_considered_on=date(2017, 9, 4),
    alternatives="An extraordinary meeting of the Board: rejected.",
    conflicts="None declared by the decision-maker.",
    consultation=(
        ConsultationRow(
            consultee="Ward member, Bevois",
            circulated_on=ASKED_ON,
            answered_on=date(2017, 8, 26),
            late=True,
            opinion="A gap on Saturdays",
            interest="Lives in the ward",
            considered="Measured; no gap found",
        ),
        ConsultationRow(consultee="Planning Policy team", circulated_on=ASKED_ON),
    ),
    meeting=MeetingHeld(
        held_on=date(2017, 8, 30),
        attendance=("Chair of the Board", "Healthwatch Southampton"),
        outcome="Agreed that no gap would arise.",
    ),
)

SAID = (
    "PC1/2017",
    "CAS-20517",
    "Southampton City Council",
    "Southampton Health and Wellbeing Board",
    "Primary Care Commissioning Manager",
    "Friday 8 September 2017",
    "Example Pharmacies Limited",
    "14 Example Street",
    "2 Sample Road",
    "Bargate, Bevois and Freemantle",
    "the relevant Health and Wellbeing Board, as paragraph 19(5)",
    "Wednesday 26 July 2017",
    "Saturday 9 September 2017",
    "The day of notice is not counted",
    f"would not {GAP}",
    "Eleven pharmacies lie within one mile.",
    "Opening hours stay the same.",
    "The longest added walk is 310 metres.",
    "A delivery service would be welcome.",
    "the Board wishes to be heard at it",
    "Opening hours on Saturdays.",
    "Wednesday 6 September 2017",
    "Director of Public Health",
    "Delegation by the Board on 26 July 2017.",
    "records this legal basis as uncertain",
    "ESIA-2017-031, version 2",
    "Monday 4 September 2017",
    "An extraordinary meeting of the Board: rejected.",
    "None declared by the decision-maker.",
    "Of 2 consulted, 1 replied (1 late) and 1 did not reply.",
    "Wednesday 30 August 2017",
    "Chair of the Board; Healthwatch Southampton",
    "Agreed that no gap would arise.",
    "Ward member, Bevois",
    "Wed 9 Aug 2017",
    "Sat 26 Aug 2017 (late)",
    "A gap on Saturdays",
    "Lives in the ward",
    "Measured; no gap found",
    "Planning Policy team",
    "No reply (silence is not an opinion)",
)


def word_document(representation: Representation, template: Path | None = None) -> DocumentObject:
    return Document(io.BytesIO(word_file(representation, template)))


def word_texts(document: DocumentObject) -> Iterator[str]:
    yield from (paragraph.text for paragraph in document.paragraphs)
    yield from (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    yield from (paragraph.text for section in document.sections for paragraph in section.footer.paragraphs)


@cache
def word_text(representation: Representation) -> str:
    return "\n".join(word_texts(word_document(representation)))


@cache
def pdf_text(representation: Representation) -> str:
    """Return the words of the PDF in reading order, with line breaks as spaces."""
    pages = PdfReader(io.BytesIO(pdf_file(representation))).pages
    text = " ".join(page.extract_text() for page in pages)
    return " ".join(text.replace("\u200b", "").split())


in_both = pytest.mark.parametrize("read", [word_text, pdf_text])


@in_both
@pytest.mark.parametrize("said", SAID)
def test_every_fact_is_said(read: Callable[[Representation], str], said: str) -> None:
    """Whatever the record holds of the case is in the document, in the words of the trade."""
    assert said in read(REPRESENTATION)


@in_both
def test_a_gap_is_the_other_statutory_sentence(read: Callable[[Representation], str]) -> None:
    """Para 19(5): the opinion is that the removal would, or would not, create a gap; never both."""
    text = read(replace(REPRESENTATION, creates_gap=True))
    assert f"pharmaceutical list would {GAP}" in text
    assert "would not create" not in text


@in_both
def test_not_wishing_to_be_heard_is_said_too(read: Callable[[Representation], str]) -> None:
    """Para 25(2)(b): the document answers the oral hearing question either way."""
    text = read(replace(REPRESENTATION, wishes_to_be_heard=False, matter_for_evidence=""))
    assert "The Board does not wish to be heard orally." in text
    assert OUTSTANDING not in text


@in_both
def test_a_neighbouring_board_does_not_claim_the_duty(read: Callable[[Representation], str]) -> None:
    """Only the relevant board must make a representation; a neighbouring one may (para 19(4))."""
    text = read(replace(REPRESENTATION, capacity="neighbouring"))
    assert "a neighbouring Health and Wellbeing Board" in text
    assert "19(5)" not in text


@in_both
@pytest.mark.parametrize(
    ("sent_on", "late"), [(date(2017, 9, 9), False), (date(2017, 9, 10), True)], ids=["last day", "day after"]
)
def test_late_is_said_only_after_the_last_day(
    read: Callable[[Representation], str], sent_on: date, late: bool
) -> None:
    """The last day itself is in time, even a Saturday."""
    said = "This representation is sent after the last day, which was Saturday 9 September 2017."
    assert (said in read(replace(REPRESENTATION, sent_on=sent_on))) is late


@in_both
def test_a_complete_representation_is_no_draft(read: Callable[[Representation], str]) -> None:
    """Nothing outstanding, no mark of a draft."""
    text = read(REPRESENTATION)
    assert REPRESENTATION.outstanding() == []
    assert OUTSTANDING not in text
    assert "Draft" not in text


BLANK: dict[str, Any] = {"str": "  ", "date | None": None, "bool | None": None, "Sequence[str]": ()}
MAY_BE_BLANK = ("day_45",)  # given only where the sender stated an earlier day
BLANKABLE = [field for field in fields(Representation) if field.type in BLANK and field.name not in MAY_BE_BLANK]


@in_both
@pytest.mark.parametrize("field", BLANKABLE, ids=lambda field: field.name)
def test_a_missing_fact_is_outstanding_and_makes_a_draft(
    read: Callable[[Representation], str], field: Field[Any]
) -> None:
    """A blank never prints as a blank: it says outstanding, and the first page lists what is missing."""
    blank: dict[str, Any] = {field.name: BLANK[str(field.type)]}
    unfinished = replace(REPRESENTATION, **blank)
    missing = unfinished.outstanding()
    text = read(unfinished)
    assert len(missing) == 1
    assert f"Draft, not ready to be sent. Still outstanding: {missing[0]}." in text
    assert text.count(OUTSTANDING) >= 2


def test_an_answer_not_yet_considered_is_outstanding() -> None:
    """Each answer that came must be shown to have been considered; one that never came need not be."""
    answered, silent = REPRESENTATION.consultation
    unfinished = replace(REPRESENTATION, consultation=(replace(answered, considered=""), silent))
    assert unfinished.outstanding() == ["Ward member, Bevois: how the answer was considered"]
    assert words(unfinished)["consultation_summary"].startswith("Of 2 consulted")


def test_nobody_consulted_and_an_empty_meeting_are_outstanding() -> None:
    """A representation without consultation, or with a meeting nobody minuted, is a draft."""
    unfinished = replace(
        REPRESENTATION, consultation=(), meeting=MeetingHeld(held_on=None, attendance=(), outcome="")
    )
    assert draft_notice(unfinished) == (
        "Draft, not ready to be sent. Still outstanding: the consultation; "
        "meeting: held on; meeting: present; meeting: outcome."
    )
    assert "No meeting was held." in word_text(replace(REPRESENTATION, meeting=None))


@in_both
@pytest.mark.parametrize("text", [HOSTILE, NON_LATIN], ids=["hostile", "non-Latin"])
def test_text_is_printed_as_written_and_never_obeyed(
    read: Callable[[Representation], str], text: str
) -> None:
    """Markup, code and placeholders inside an answer are only text."""
    answer = replace(REPRESENTATION.consultation[0], opinion=text)
    rendered = read(replace(REPRESENTATION, applicant=text, reasons_need=text, consultation=(answer,)))
    assert rendered.count(text) == 3


@in_both
def test_five_thousand_words_are_all_there(read: Callable[[Representation], str]) -> None:
    """A long answer runs over pages and loses nothing."""
    numbered = [f"word{number}" for number in range(5000)]
    answer = replace(REPRESENTATION.consultation[0], opinion=" ".join(numbered))
    text = read(replace(REPRESENTATION, consultation=(answer,)))
    assert set(numbered) <= set(text.split())


@in_both
def test_what_cannot_be_shown_leaves_a_visible_mark(read: Callable[[Representation], str]) -> None:
    """Controls, lone surrogates and marks that reorder text are replaced, not dropped."""
    text = read(replace(REPRESENTATION, applicant="one\x07two\ud83dthree\u202efour\r\nfive"))
    assert "one\ufffdtwo\ufffdthree\ufffdfour" in text
    assert "five" in text


def test_a_character_without_a_typeface_is_printed_as_its_code_in_the_pdf() -> None:
    """The PDF says [U+65E5] and why; the Word file carries the character itself."""
    japanese = replace(REPRESENTATION, applicant="日本 Pharmacy")
    text = pdf_text(japanese)
    assert "[U+65E5][U+672C] Pharmacy" in text
    assert "Some characters cannot be drawn" in text
    assert "Some characters" not in pdf_text(REPRESENTATION)
    assert "日本 Pharmacy" in word_text(japanese)


def test_the_pdf_is_tagged_titled_and_in_english() -> None:
    """What a screen reader needs: tags, language, title, heading order, numbered pages."""
    reader = PdfReader(io.BytesIO(pdf_file(REPRESENTATION)))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 (a PDF boolean, not Python's)
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert reader.metadata is not None
    assert reader.metadata.title == "Representation on a pharmacy consolidation application, PC1/2017"
    assert reader.metadata.author == "Southampton City Council"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    last = len(reader.pages)
    for number, page in enumerate(reader.pages, start=1):
        assert f"Page {number} of {last}" in page.extract_text()


def test_the_table_header_is_repeated_on_each_page() -> None:
    """A reader of the annex's last page still sees what each column is."""
    row = replace(REPRESENTATION.consultation[0], considered="considered " * 60)
    pages = PdfReader(io.BytesIO(pdf_file(replace(REPRESENTATION, consultation=(row,) * 12)))).pages
    annex = [page.extract_text() for page in pages if "considered considered" in page.extract_text()]
    assert len(annex) > 1
    assert all("Interest declared" in text for text in annex)
    header = word_document(REPRESENTATION).tables[-1].rows[0]
    assert header._tr.xpath("./w:trPr/w:tblHeader")


def test_word_headings_follow_the_reading_order() -> None:
    """One title, then sections, then parts of sections: the outline Word and screen readers use."""
    headings = [
        (int(paragraph.style.name[-1]), paragraph.text)
        for paragraph in word_document(REPRESENTATION).paragraphs
        if paragraph.style is not None and (paragraph.style.name or "").startswith("Heading")
    ]
    levels = [level for level, _ in headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert (2, "The Board’s opinion") in headings


def test_word_properties_come_from_the_record() -> None:
    """Author, title and times are those of the case, not of the machine that made the file."""
    properties = word_document(REPRESENTATION).core_properties
    assert properties.title == "Representation on a pharmacy consolidation application, PC1/2017"
    assert properties.author == "Southampton City Council"
    assert properties.language == "en-GB"
    assert properties.created == properties.modified
    assert properties.created is not None
    assert properties.created.replace(tzinfo=None) == datetime(2017, 9, 6, 12)


def test_paragraphs_stay_paragraphs_in_word() -> None:
    """A blank line in the reasons makes a new paragraph of the same style."""
    texts = [paragraph.text for paragraph in word_document(REPRESENTATION).paragraphs]
    first = texts.index("Eleven pharmacies lie within one mile.")
    assert texts[first + 1] == "Opening hours stay the same."


def test_the_same_facts_give_the_same_bytes_in_any_process() -> None:
    """Neither file depends on the moment, the time zone or the order of hashing."""
    script = (
        "import hashlib, sys; sys.path[:0] = ['tests/unit', '.']\n"
        "from test_documents import REPRESENTATION as r, pdf_file, word_file\n"
        "print(hashlib.sha256(pdf_file(r)).hexdigest(), hashlib.sha256(word_file(r)).hexdigest())"
    )
    root = Path(__file__).parents[2]
    seen = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "TZ": zone, "PYTHONHASHSEED": seed},
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone, seed in (("UTC", "1"), ("Asia/Tokyo", "2"))
    }
    assert len(seen) == 1


def test_loading_the_module_loads_neither_library() -> None:
    """docxtpl and typst are slow to load, so they wait until a document is made."""
    check = "import sys, notifications.documents; print({'docxtpl', 'typst', 'docx'} & set(sys.modules))"
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", check], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def council_template(folder: Path, *lines: str, leave_out: str = "") -> Path:
    """Make a council's own template: every part required, and the lines given."""
    document = Document()
    for name in MUST_SAY:
        if name != leave_out:
            document.add_paragraph(f"{{{{ {name} }}}}")
    for line in lines:
        document.add_paragraph(line)
    path = folder / "our letter.docx"
    document.save(str(path))
    return path


def test_each_document_from_a_template_is_what_a_template_just_opened_gives(tmp_path: Path) -> None:
    """What is kept of a template never carries the words of one case into the file of another."""
    path = council_template(tmp_path, "{% for row in consultation %}[{{ row.consultee }}]{% endfor %}")
    document = Document(str(path))
    document.sections[0].header.paragraphs[0].text = "{{ applicant }}"
    document.sections[0].footer.paragraphs[0].text = "{{ case_ref }}"
    document.core_properties.identifier = "{{ senders_ref }}"
    document.save(str(path))
    other = replace(REPRESENTATION, case_ref="PC2/2017", applicant=HOSTILE, senders_ref="{{ title }}", consultation=())

    kept = [word_file(each, path) for each in (REPRESENTATION, other, REPRESENTATION, other)]
    opened = []
    for each in (REPRESENTATION, other):
        _opened.cache_clear()
        opened.append(word_file(each, path))

    assert kept == [*opened, *opened]
    text = "".join(content.decode() for name, content in parts(io.BytesIO(opened[1])).items() if name.endswith("xml"))
    assert "PC2/2017" in text
    assert "PC1/2017" not in text


def test_a_template_that_was_replaced_is_used_as_it_is_now(tmp_path: Path) -> None:
    """A council need not start anything anew when it changes its letterhead."""
    before = word_document(REPRESENTATION, council_template(tmp_path, "Dear Sir"))
    after = word_document(REPRESENTATION, council_template(tmp_path, "Dear colleague"))
    assert "Dear Sir" in list(word_texts(before))
    assert "Dear colleague" in list(word_texts(after))


def test_a_council_may_bring_its_own_template(tmp_path: Path) -> None:
    """The council's own words and order, filled from the same facts."""
    template = council_template(
        tmp_path, "Dear {{ addressee }},", "{% for row in consultation %}[{{ row.consultee }}]{% endfor %}"
    )
    text = "\n".join(word_texts(word_document(REPRESENTATION, template)))
    assert "Dear Primary Care Commissioning Manager\nNHS England South (Wessex)," in text
    assert "[Ward member, Bevois][Planning Policy team]" in text


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{{ applicants }} and {{ wardd }}", "applicants, wardd"),
        ("{% for row in consultation %}{{ row.phone }}{% endfor %}", "row.phone"),
        ("{% if late_notice %}{{ lateness }}{% endif %}", "lateness"),
        ("{{ applicant", "badly written"),
        ("{{ applicant.__class__.__mro__ }}", "__class__"),
        ("{{ applicant.surname }}", "surname"),
    ],
)
def test_a_template_with_an_unknown_placeholder_is_refused_by_name(
    tmp_path: Path, line: str, named: str
) -> None:
    """The officer reads which placeholder is wrong, even one in a branch that would not print today."""
    with pytest.raises(TemplateError) as refused:
        word_file(REPRESENTATION, council_template(tmp_path, line))
    assert named in str(refused.value)
    assert "our letter.docx" in str(refused.value)


def test_an_unknown_placeholder_in_the_footer_is_refused_too(tmp_path: Path) -> None:
    """Headers and footers are part of the letter."""
    path = council_template(tmp_path)
    document = Document(str(path))
    document.sections[0].footer.paragraphs[0].text = "{{ telephone }}"
    document.save(str(path))
    with pytest.raises(TemplateError, match="telephone"):
        word_file(REPRESENTATION, path)


@pytest.mark.parametrize("part", MUST_SAY)
def test_a_template_without_a_statutory_part_is_refused(tmp_path: Path, part: str) -> None:
    """No letterhead may drop the opinion, the reasons or the oral hearing."""
    with pytest.raises(TemplateError, match=f"must also say {part}"):
        word_file(REPRESENTATION, council_template(tmp_path, leave_out=part))


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"PK\x05\x06" + bytes(18)], ids=["empty", "PDF", "zip"]
)
def test_a_file_that_is_no_word_document_is_refused(tmp_path: Path, content: bytes) -> None:
    """The message says which file and what to do."""
    path = tmp_path / "letter.docx"
    path.write_bytes(content)
    with pytest.raises(TemplateError, match=r"letter\.docx cannot be opened as a Word document; save"):
        word_file(REPRESENTATION, path)
    with pytest.raises(TemplateError, match=r"none\.docx cannot be opened"):
        word_file(REPRESENTATION, tmp_path / "none.docx")


def test_the_shipped_template_is_what_its_script_builds() -> None:
    """The binary file holds nothing that cannot be read in desk/make_representation_template.py."""
    built = io.BytesIO()
    build().save(built)
    assert parts(built) == parts(io.BytesIO(WORD_TEMPLATE.read_bytes()))


def parts(file: io.BytesIO) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}

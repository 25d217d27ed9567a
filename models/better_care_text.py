"""The text of an attached plan with the place of each passage: plain text, Word, Excel, and PDF that has text.

Word and Excel files are zips of XML; one that would unpack to more than a bound is not opened, nor one whose XML
declares entities of its own.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO, StringIO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from zipfile import BadZipFile, ZipFile

from models.better_care_checks import Passage

MOST_UNPACKED = 60 * 1024 * 1024  #: bytes of all parts of an Office file; a plan of 200 pages has some two million
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SHEETS, SHARED = "xl/worksheets/", "xl/sharedStrings.xml"
BY_HAND = "or say with --reasons who read it for gaps and when"


class Unreadable(ValueError):
    """A document whose text cannot be read here; the sentence says why and what to do."""


def passages_of(filename: str, content: bytes) -> list[Passage]:
    """Return the passages of a document, each with its place. Raises Unreadable, also where there is no text at all."""
    ending = filename.rpartition(".")[2].lower()
    reader = READERS.get(ending)
    if reader is None:
        raise Unreadable(
            f"{filename} is of a kind that is not searched for gaps here; attach it as {', '.join(READERS)}, {BY_HAND}"
        )
    try:
        found = [passage for passage in reader(content) if passage.text.strip()]
    except Unreadable as error:
        raise Unreadable(f"{filename} {error}") from error
    if not found:
        raise Unreadable(
            f"{filename} holds no text to search, as a scan does not; attach the text itself, {BY_HAND}"
        )
    return found


def _plain_lines(content: bytes) -> Iterator[Passage]:
    for number, line in enumerate(_decoded(content).splitlines(), start=1):
        yield Passage(f"line {number}", line)


def _cells(content: bytes) -> Iterator[Passage]:
    for number, row in enumerate(csv.reader(StringIO(_decoded(content))), start=1):
        yield Passage(f"line {number}", " | ".join(row))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _package(content: bytes, what: str) -> ZipFile:
    """Return the zip that an Office document is; raises Unreadable where it is none, or too large."""
    try:
        package = ZipFile(BytesIO(content))
    except BadZipFile as error:
        raise Unreadable(f"is not {what}, whatever its name; save it anew and attach it again") from error
    if sum(part.file_size for part in package.infolist()) > MOST_UNPACKED:
        raise Unreadable(f"unpacks to more than a plan could hold and is not opened; attach it as .pdf, {BY_HAND}")
    return package


def _word(content: bytes) -> Iterator[Passage]:
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    _package(content, "a Word document").close()
    try:
        document = Document(BytesIO(content))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise Unreadable("is not a Word document, whatever its name; save it anew and attach it again") from error
    for number, paragraph in enumerate(document.paragraphs, start=1):
        yield Passage(f"paragraph {number}", paragraph.text)
    for place, table in enumerate(document.tables, start=1):
        for number, row in enumerate(table.rows, start=1):
            yield Passage(f"table {place}, row {number}", " | ".join(cell.text for cell in row.cells))


def _workbook(content: bytes) -> Iterator[Passage]:
    """Give the text of every cell that holds text; numbers are left, as no gap is one."""
    with _package(content, "an Excel workbook") as package:
        names = package.namelist()
        shared = [
            "".join(run.text or "" for run in item.iter(f"{SHEET}t"))
            for item in (_xml(package, SHARED).iter(f"{SHEET}si") if SHARED in names else ())
        ]
        sheets = sorted(name for name in names if name.startswith(SHEETS) and name.endswith(".xml"))
        if not sheets:
            raise Unreadable("is not an Excel workbook, whatever its name; save it anew and attach it again")
        for name in sheets:
            place = name.removeprefix(SHEETS).removesuffix(".xml")
            for cell in _xml(package, name).iter(f"{SHEET}c"):
                yield Passage(f"{place}, cell {cell.get('r')}", _cell_text(cell, shared))


def _xml(package: ZipFile, name: str) -> Element:
    """Return the root of a part; raises Unreadable for one that is not XML or declares entities of its own."""
    content = package.read(name)
    if b"<!DOCTYPE" in content[:1000] or b"<!ENTITY" in content:
        raise Unreadable(f"holds a part that no Excel writes ({name}); save it anew and attach it again")
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise Unreadable(f"has a damaged part ({name}); save it anew and attach it again") from error


def _cell_text(cell: Element, shared: Sequence[str]) -> str:
    kind, value = cell.get("t"), cell.findtext(f"{SHEET}v") or ""
    if kind == "s" and value.isdecimal() and int(value) < len(shared):
        return shared[int(value)]
    if kind == "inlineStr":
        return "".join(run.text or "" for run in cell.iter(f"{SHEET}t"))
    return value if kind == "str" else ""


def _pdf(content: bytes) -> Iterator[Passage]:
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError as error:  # not among the libraries of a plain installation
        raise Unreadable(
            f"is a PDF, and pypdf, which reads one, is not installed; attach the plan as .docx or .txt, {BY_HAND}"
        ) from error
    try:
        pages = list(PdfReader(BytesIO(content)).pages)
        texts = [page.extract_text() for page in pages]
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable("is not a PDF that can be read; make it anew and attach it again") from error
    for number, text in enumerate(texts, start=1):
        yield Passage(f"page {number}", text)


READERS: Mapping[str, Callable[[bytes], Iterator[Passage]]] = {
    "txt": _plain_lines,
    "md": _plain_lines,
    "csv": _cells,
    "docx": _word,
    "xlsx": _workbook,
    "xlsm": _workbook,
    "pdf": _pdf,
}
"""How a document is read, by the ending of its name."""

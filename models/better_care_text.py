"""The text of an attached plan with the place of each passage: plain text, Word (.docx) and PDF that has text.

Word files are read as the zip of XML that they are; a file that would unpack to more than a bound is not opened.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO, StringIO

from models.better_care_checks import Passage

MOST_UNPACKED = 100 * 1024 * 1024  #: bytes of a Word file's parts; a plan of two hundred pages has some two million
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


def _word(content: bytes) -> Iterator[Passage]:
    from zipfile import BadZipFile, ZipFile

    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    try:
        with ZipFile(BytesIO(content)) as package:
            if sum(part.file_size for part in package.infolist()) > MOST_UNPACKED:
                raise Unreadable("unpacks to more than a plan could hold, and is not opened; attach it as .pdf")
        document = Document(BytesIO(content))
    except (BadZipFile, PackageNotFoundError, KeyError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("is not a Word document, whatever its name; save it as .docx and attach it again") from error
    for number, paragraph in enumerate(document.paragraphs, start=1):
        yield Passage(f"paragraph {number}", paragraph.text)
    for place, table in enumerate(document.tables, start=1):
        for number, row in enumerate(table.rows, start=1):
            yield Passage(f"table {place}, row {number}", " | ".join(cell.text for cell in row.cells))


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
    "pdf": _pdf,
}
"""How a document is read, by the ending of its name."""

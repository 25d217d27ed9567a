"""The Board's representation as a Word file, from a template a council may replace, and as a tagged PDF.

Both say the words of notifications/representation.py, and the same facts give the same bytes.
docxtpl and typst are imported when first used, because they are slow to load.
"""

from __future__ import annotations

import io
import json
import re
import struct
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from notifications.representation import (
    ConsultationRow,
    MeetingHeld,
    Representation,
    consultation_rows,
    draft_notice,
    words,
)

if TYPE_CHECKING:
    from docxtpl import DocxTemplate
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

__all__ = ["ConsultationRow", "MeetingHeld", "Representation", "TemplateError", "pdf_file", "word_file"]

TEMPLATES = Path(__file__).parent / "templates"
WORD_TEMPLATE = TEMPLATES / "representation.docx"
PDF_TEMPLATE = TEMPLATES / "representation.typ"

# What no council's template may leave out: paras 19(5) and 25(2)(b) of Schedule 2, and what tells a draft.
MUST_SAY = ("opinion", "reasons_need", "reasons_access", "hearing", "matter_for_evidence", "draft_notice")


COLUMNS = ("consultee", "circulated", "answered", "opinion", "interest", "considered")
PROPERTY_LENGTH = 255  # the longest text Word's document properties hold


class TemplateError(ValueError):
    """A Word template that cannot be used; the message says what to change in it."""


def word_file(representation: Representation, template: Path | None = None) -> bytes:
    """Return the representation as a .docx, from the council's template or the one shipped.

    The template is checked whole before anything is made. Raises TemplateError when it is no Word file, holds
    a placeholder that is unknown or badly written, or leaves out what the Regulations require. Its times are
    the day of decision, so the same facts and template give the same bytes.
    """
    from jinja2 import UndefinedError
    from jinja2.exceptions import SecurityError

    path = template or WORD_TEMPLATE
    context, environment = _context(representation), _environment()
    document = _open_template(path)
    _check_once(document, path, context, environment)
    try:
        document.render(context, environment, autoescape=True)
    except (UndefinedError, SecurityError) as error:
        raise TemplateError(f"{path.name}: {error}. Correct or remove it.") from error
    _set_properties(document, representation)
    file = io.BytesIO()
    document.save(file)
    return _with_fixed_times(file.getvalue(), _stamp(representation))


def pdf_file(representation: Representation, fonts: Path | None = None) -> bytes:
    """Return the representation as a tagged PDF (PDF/UA-1), the same bytes on every machine.

    Typefaces are those bundled with typst; `fonts` names a folder with further ones. A character that none of
    them can draw is printed as its code, such as [U+65E5], and a note in the PDF says so.
    """
    from typst import TypstError

    said, rows = _json(_said(representation)), _json(consultation_rows(representation))
    stamp = _stamp(representation)
    try:
        return _typeset(said, rows, "", stamp, fonts)
    except TypstError as error:
        undrawable = _undrawable(error)
        if not undrawable:
            raise
    return _typeset(_coded(said, undrawable), _coded(rows, undrawable), UNDRAWABLE_NOTE, stamp, fonts)


UNDRAWABLE_NOTE = (
    "Some characters cannot be drawn in the typefaces of this PDF and appear as their Unicode codes in "
    "square brackets. The Word file of this representation carries them as they were written."
)


def _said(representation: Representation) -> dict[str, str]:
    return {**words(representation), "draft_notice": draft_notice(representation)}


def _stamp(representation: Representation) -> datetime:
    """Noon of the day of decision: a document's time comes from the record, not from the machine's clock."""
    r = representation
    day = r.decided_on or r.notice_given_on or date(1980, 1, 1)
    return datetime.combine(day, time(12), tzinfo=UTC)


# --- PDF ---


def _typeset(said: str, rows: str, note: str, stamp: datetime, fonts: Path | None) -> bytes:
    inputs = {"representation": said, "consultation": rows, "undrawable_note": note}
    with _typesetting:
        pdf: bytes = _compiler(fonts).compile(
            format="pdf", pdf_standards=["ua-1"], sys_inputs=inputs, timestamp=stamp
        )
    return pdf


_typesetting = threading.Lock()  # a compiler works for one at a time


@cache
def _compiler(fonts: Path | None) -> Any:
    """Return a compiler that has read its typefaces: that takes longer than a document."""
    import typst

    return typst.Compiler(PDF_TEMPLATE, font_paths=[fonts] if fonts else [], ignore_system_fonts=True)


def _json(texts: object) -> str:
    return json.dumps(texts, ensure_ascii=False)


def _undrawable(error: Exception) -> set[str]:
    """Read from typst's report which characters have no glyph; empty when it reports something else."""
    quoted = re.findall(r'the text `"(.+?)"` could not be displayed', getattr(error, "diagnostic", ""))
    plain = (re.sub(r"\\u\{([0-9a-f]+)\}", lambda m: chr(int(m[1], 16)), text) for text in quoted)
    return set("".join(plain))


def _coded(text: str, undrawable: set[str]) -> str:
    return text.translate({ord(character): f"[U+{ord(character):04X}]" for character in undrawable})


# --- Word ---


def _context(representation: Representation) -> dict[str, Any]:
    """The template's placeholders. docxtpl reads the bell character as "new paragraph, same style"."""

    def paragraphs(texts: dict[str, str]) -> dict[str, str]:
        return {key: re.sub(r"\n{2,}", "\a", text) for key, text in texts.items()}

    rows = [paragraphs(row) for row in consultation_rows(representation)]
    return {**paragraphs(_said(representation)), "consultation": rows}


@cache
def _environment() -> SandboxedEnvironment:
    """Templates come from outside: they may name this document's words and reach nothing else."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment: Any = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    # docxtpl asks for a template by its source: compiled once, it serves each document made from it.
    environment.from_string = lru_cache(maxsize=32)(environment.from_string)
    return cast("SandboxedEnvironment", environment)


def _open_template(path: Path) -> DocxTemplate:
    from docx.opc.exceptions import PackageNotFoundError
    from docxtpl import DocxTemplate

    document: Any = DocxTemplate(path)
    document.patch_xml = _patched
    try:
        document.init_docx()
    except (PackageNotFoundError, zipfile.BadZipFile, OSError, KeyError, ValueError) as error:
        raise TemplateError(
            f"{path} cannot be opened as a Word document; save the template in Word as .docx and try again."
        ) from error
    return cast("DocxTemplate", document)


@lru_cache(maxsize=32)
def _patched(xml: str) -> str:
    """Return a part of a template as the Jinja source that docxtpl makes of it: the same for each document."""
    from docxtpl import DocxTemplate

    source: str = DocxTemplate(None).patch_xml(xml)
    return source


def _check_once(
    document: DocxTemplate, path: Path, context: dict[str, Any], environment: SandboxedEnvironment
) -> None:
    """Check a template unless this very file was found good for the same placeholders before."""
    about = (path, path.stat().st_mtime_ns, path.stat().st_size, frozenset(context))
    if about not in _good:
        _check(document, path.name, context, environment)
        _good.add(about)


_good: set[tuple[Path, int, int, frozenset[str]]] = set()


def _check(
    document: DocxTemplate, name: str, context: dict[str, Any], environment: SandboxedEnvironment
) -> None:
    """Raise TemplateError unless the placeholders are ours and carry what the Regulations require."""
    from jinja2 import TemplateSyntaxError, meta

    try:
        trees = [environment.parse(source) for source in _sources(document)]
    except TemplateSyntaxError as error:
        raise TemplateError(f"{name}: a placeholder is badly written: {error.message} Correct it.") from error
    used = {placeholder for tree in trees for placeholder in meta.find_undeclared_variables(tree)}
    unknown = {*used - context.keys(), *(column for tree in trees for column in _unknown_columns(tree))}
    if unknown:
        raise TemplateError(
            f"{name}: nothing is known to put in {', '.join(sorted(unknown))}. Correct or remove it. "
            f"The placeholders are {', '.join(sorted(context))}; "
            f"each row of consultation has {', '.join(COLUMNS)}."
        )
    if left_out := [placeholder for placeholder in MUST_SAY if placeholder not in used]:
        raise TemplateError(f"{name}: it must also say {', '.join(left_out)}. Add this to the template.")


def _sources(document: DocxTemplate) -> Iterator[str]:
    """Yield the body, headers and footers as the Jinja source docxtpl makes of them."""
    yield document.patch_xml(document.get_xml())
    for uri in (document.HEADER_URI, document.FOOTER_URI):
        for _, part in document.get_headers_footers(uri):
            yield document.patch_xml(document.get_part_xml(part))


def _unknown_columns(tree: nodes.Template) -> Iterator[str]:
    """Yield `row.column` wherever a loop over consultation asks for a column the table does not have."""
    from jinja2 import nodes

    for loop in tree.find_all(nodes.For):
        if isinstance(loop.iter, nodes.Name) and loop.iter.name == "consultation":
            for asked in loop.find_all(nodes.Getattr):
                if (
                    asked.node == nodes.Name(getattr(loop.target, "name", ""), "load")
                    and asked.attr not in COLUMNS
                ):
                    yield f"row.{asked.attr}"


def _set_properties(document: DocxTemplate, representation: Representation) -> None:
    """Fill in what Word shows under File, Info; the template's author and dates are not this document's."""
    said, stamp = words(representation), _stamp(representation)
    properties = document.docx.core_properties
    properties.title = f"{said['title']}, {said['case_ref']}"[:PROPERTY_LENGTH]
    properties.author = properties.last_modified_by = said["council_name"][:PROPERTY_LENGTH]
    properties.subject = properties.comments = properties.keywords = ""
    properties.language = "en-GB"
    properties.created = properties.modified = stamp.replace(tzinfo=None)
    properties.revision = 1


def _with_fixed_times(file: bytes, stamp: datetime) -> bytes:
    """Return the same archive with every entry dated at the stamp: python-docx writes the machine's clock.

    The dates are written over where they stand, in the header before each entry and in the list at the end.
    """
    year, month, day, hour, minute, second = stamp.timetuple()[:6]
    moment = struct.pack("<HH", hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day)
    dated = bytearray(file)
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        entries, listed = archive.infolist(), archive.start_dir
    for entry in entries:
        dated[entry.header_offset + 10 : entry.header_offset + 14] = moment
        dated[listed + 12 : listed + 16] = moment
        listed += 46 + sum(struct.unpack_from("<HHH", file, listed + 28))  # then its name, extra field and comment
    return bytes(dated)

"""The Board's representation as a Word file, from a template a council may replace, and as a tagged PDF.

Both say the words of notifications/representation.py, and the same facts give the same bytes.
docxtpl and typst are imported when first used, because they are slow to load.
"""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from notifications.representation import (
    ConsultationRow,
    MeetingHeld,
    Representation,
    consultation_rows,
    draft_notice,
    words,
)
from notifications.word_templates import MUST_SAY, TemplateError, word_template

__all__ = ["MUST_SAY", "ConsultationRow", "MeetingHeld", "Representation", "TemplateError", "pdf_file", "word_file"]

TEMPLATES = Path(__file__).parent / "templates"
WORD_TEMPLATE = TEMPLATES / "representation.docx"
PDF_TEMPLATE = TEMPLATES / "representation.typ"


def word_file(representation: Representation, template: Path | None = None) -> bytes:
    """Return the representation as a .docx, from the council's template or the one shipped.

    The template is checked whole before anything is made. Raises TemplateError when it is no Word file, holds
    a placeholder that is unknown or badly written, or leaves out what the Regulations require. Its times are
    the day of decision, so the same facts and template give the same bytes.
    """
    said, values = words(representation), _context(representation)
    return word_template(template or WORD_TEMPLATE, frozenset(values)).fill_in(
        values, f"{said['title']}, {said['case_ref']}", said["council_name"], _stamp(representation)
    )


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

"""Word templates, which a council may replace: opened and checked once, then filled in for each document.

A document differs from its template in a few parts. The others, which are nine tenths of the work, are kept packed.
docxtpl is imported when first used, because it is slow to load.
"""

from __future__ import annotations

import io
import struct
import threading
import zipfile
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from docxtpl import DocxTemplate
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

# What no council's template may leave out: paras 19(5) and 25(2)(b) of Schedule 2, and what tells a draft.
MUST_SAY = ("opinion", "reasons_need", "reasons_access", "hearing", "matter_for_evidence", "draft_notice")
COLUMNS = ("consultee", "circulated", "answered", "opinion", "interest", "considered")
PROPERTY_LENGTH = 255  # the longest text Word's document properties hold
FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


class TemplateError(ValueError):
    """A Word template that cannot be used; the message says what to change in it."""


def word_template(path: Path, placeholders: frozenset[str]) -> WordTemplate:
    """Return the template at `path`, kept until its file changes, if it uses no other than these placeholders.

    Raises TemplateError when it is no Word file, holds a placeholder that is unknown or badly written, or leaves out
    what the Regulations require.
    """
    try:
        about = path.stat()
    except OSError as error:
        raise _unreadable(path) from error
    return _opened(path, about.st_mtime_ns, about.st_size, placeholders)


@lru_cache(maxsize=8)
def _opened(path: Path, changed_at: int, size: int, placeholders: frozenset[str]) -> WordTemplate:
    return WordTemplate(path, placeholders)


class WordTemplate:
    """One template, opened and found good. Safe to use from many threads, one document at a time."""

    def __init__(self, path: Path, placeholders: frozenset[str]) -> None:
        """Open and check the file at `path`. Raises TemplateError (see `word_template`)."""
        self._name, self._filling = path.name, threading.Lock()
        self._document: Any = _open(path)
        _check(self._document, path.name, placeholders)
        package = self._document.docx.part.package
        self._properties = _properties_of(package)
        self._as_opened = deepcopy(self._properties.element)
        self._footnotes = [(part, part.blob) for part in package.parts if part.content_type == FOOTNOTES]
        body, uris = self._document.get_xml(), (self._document.HEADER_URI, self._document.FOOTER_URI)
        around = {uri: list(self._document.get_headers_footers(uri)) for uri in uris}
        # docxtpl fills in what it finds in the document, which after the first time is what was filled in before.
        self._document.get_xml = lambda: body
        self._document.get_headers_footers = around.__getitem__
        filled = [self._document.docx.part, self._properties, *(part for part, _ in self._footnotes),
                  *(part for uri in uris for _, part in around[uri])]  # fmt: skip
        self._changing = frozenset(part.partname for part in filled)
        self._packed: dict[str, _Entry] = {}

    def fill_in(self, values: Mapping[str, Any], title: str, author: str, stamp: datetime) -> bytes:
        """Return the document with these values; title, author and times are what Word shows under File, Info.

        Raises TemplateError when the template asks something else of a value than to be printed.
        """
        from jinja2 import UndefinedError
        from jinja2.exceptions import SecurityError

        with self._filling:
            self._begin_anew()
            try:
                self._document.render(values, _environment(), autoescape=True)
            except (UndefinedError, SecurityError) as error:
                raise TemplateError(f"{self._name}: {error}. Correct or remove it.") from error
            self._set_properties(title[:PROPERTY_LENGTH], author[:PROPERTY_LENGTH], stamp)
            return _bound(self._entries(), stamp)

    def _begin_anew(self) -> None:
        self._document.is_rendered = False  # else docxtpl opens the file again
        self._properties._element = deepcopy(self._as_opened)
        for part, blob in self._footnotes:
            part._blob = blob

    def _set_properties(self, title: str, author: str, stamp: datetime) -> None:
        """Fill in what Word shows under File, Info; the template's author and dates are not this document's."""
        properties = self._document.docx.core_properties
        properties.title = title
        properties.author = properties.last_modified_by = author
        properties.subject = properties.comments = properties.keywords = ""
        properties.language = "en-GB"
        properties.created = properties.modified = stamp.replace(tzinfo=None)
        properties.revision = 1

    def _entries(self) -> list[_Entry]:
        """Return the document as the entries of its archive: those that changed are packed anew."""
        file = io.BytesIO()
        if not self._packed:
            self._document.save(file)
            self._packed = _entries_of(file.getvalue())
            return list(self._packed.values())
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in self._document.docx.part.package.iter_parts():
                if part.partname in self._changing:
                    archive.writestr(part.partname.membername, part.blob)
        return list((self._packed | _entries_of(file.getvalue())).values())


# --- what docxtpl makes of a template ---


@cache
def _environment() -> SandboxedEnvironment:
    """Templates come from outside: they may name this document's words and reach nothing else."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment: Any = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    # docxtpl asks for a template by its source: compiled once, it serves each document made from it.
    environment.from_string = lru_cache(maxsize=32)(environment.from_string)
    return cast("SandboxedEnvironment", environment)


def _open(path: Path) -> DocxTemplate:
    from docx.opc.exceptions import PackageNotFoundError
    from docxtpl import DocxTemplate

    document: Any = DocxTemplate(path)
    document.patch_xml = _patched
    try:
        document.init_docx()
    except (PackageNotFoundError, zipfile.BadZipFile, OSError, KeyError, ValueError) as error:
        raise _unreadable(path) from error
    return cast("DocxTemplate", document)


def _properties_of(package: Any) -> Any:
    """Return the part with what Word shows under File, Info; a template that has none is given one."""
    from docx.opc.constants import RELATIONSHIP_TYPE

    _ = package.core_properties
    return package.part_related_by(RELATIONSHIP_TYPE.CORE_PROPERTIES)


def _unreadable(path: Path) -> TemplateError:
    return TemplateError(
        f"{path} cannot be opened as a Word document; save the template in Word as .docx and try again."
    )


@lru_cache(maxsize=32)
def _patched(xml: str) -> str:
    """Return a part of a template as the Jinja source that docxtpl makes of it: the same for each document."""
    from docxtpl import DocxTemplate

    source: str = DocxTemplate(None).patch_xml(xml)
    return source


# --- what a template must and may say ---


def _check(document: DocxTemplate, name: str, placeholders: frozenset[str]) -> None:
    """Raise TemplateError unless the placeholders are ours and carry what the Regulations require."""
    from jinja2 import TemplateSyntaxError, meta

    try:
        trees = [_environment().parse(source) for source in _sources(document)]
    except TemplateSyntaxError as error:
        raise TemplateError(f"{name}: a placeholder is badly written: {error.message} Correct it.") from error
    used = {placeholder for tree in trees for placeholder in meta.find_undeclared_variables(tree)}
    unknown = {*used - placeholders, *(column for tree in trees for column in _unknown_columns(tree))}
    if unknown:
        raise TemplateError(
            f"{name}: nothing is known to put in {', '.join(sorted(unknown))}. Correct or remove it. "
            f"The placeholders are {', '.join(sorted(placeholders))}; "
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


# --- the archive that a Word file is ---

_Entry = tuple[bytes, bytes]  # as it stands in the archive, and as the list at the archive's end has it


def _entries_of(file: bytes) -> dict[str, _Entry]:
    """Return the entries of an archive by their names, in their order."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        infos, listed = archive.infolist(), archive.start_dir
    ends = [info.header_offset for info in infos[1:]] + [listed]
    entries = {}
    for info, end in zip(infos, ends, strict=True):
        length = 46 + sum(struct.unpack_from("<HHH", file, listed + 28))  # then its name, extra field and comment
        entries[info.filename] = file[info.header_offset : end], file[listed : listed + length]
        listed += length
    return entries


def _bound(entries: list[_Entry], stamp: datetime) -> bytes:
    """Return the archive of these entries, each dated at the stamp: python-docx writes the machine's clock."""
    year, month, day, hour, minute, second = stamp.timetuple()[:6]
    moment = struct.pack("<HH", hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day)
    file, contents = bytearray(), bytearray()
    for entry, listed in entries:
        contents += listed[:12] + moment + listed[16:42] + struct.pack("<L", len(file)) + listed[46:]
        file += entry[:10] + moment + entry[14:]
    number, size, start = len(entries), len(contents), len(file)
    return bytes(file + contents + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, number, number, size, start, 0))

"""The shape of a letter: its sentences without its values, parsed once and kept, and the values put back in.

Letters that differ only in their values share a shape, so the thousandth similar letter costs a substitution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from css_inline import CSSInliner
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

# Private-use characters mark the place of a value; no value may hold them.
OPEN, CLOSE = "\ue000", "\ue001"
_UNBROKEN = "\ue002"  # stands for a space at which a line may not end
WIDTH = 72

_LAYOUT = Path(__file__).parent / "templates" / "layout.html"
_SLOT = re.compile(f"{OPEN}([0-9]+){CLOSE}")
_RULE = "-" * 40


class UnsupportedMarkdown(ValueError):
    """A template uses Markdown that the text part cannot show. Write paragraphs, headings and lists."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it will be shown.

    `kind` is "t" for text on one line, "l" for text in its own lines, "u" for a web address shown as a link, "c" for a
    command, which no line of the text part breaks.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or list item of the text part: how its lines begin, and its words with slots."""

    first: str
    rest: str
    pieces: tuple[str, ...]
    spaced: bool = True
    underlined: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A letter without its values. In `html` and in each block, slot numbers stand at the odd places."""

    html: tuple[str, ...]
    blocks: tuple[Block, ...]


@lru_cache(maxsize=512)
def shape_of(markdown: str) -> Shape:
    """Parse Markdown in which every value is a numbered slot (slot 0 the subject, slot 1 the council's name).

    Raises UnsupportedMarkdown for tables, code blocks, images and quotations.
    """
    from markdown_it.tree import SyntaxTreeNode

    tokens = _parser().parse(markdown)
    body: str = _parser().renderer.render(tokens, _parser().options, {})
    page = _LAYOUT.read_text(encoding="utf-8")
    for place, content in ("subject", _slot(0)), ("council_name", _slot(1)), ("body", body):
        page = page.replace(f"{{{{ {place} }}}}", content)
    html = _SLOT.split(_inliner().inline(page))
    return Shape(tuple(html), tuple(_blocks(SyntaxTreeNode(tokens))))


def put_in(shape: Shape, values: Sequence[Value]) -> tuple[str, str]:
    """Return the text part and the HTML part with the values in their slots, inert in both."""
    plain = [v.text.replace(" ", _UNBROKEN) if v.kind == "c" else v.text for v in values]
    return _text(shape.blocks, plain), _fill(shape.html, [_html(v) for v in values])


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False})


@cache
def _inliner() -> CSSInliner:
    from css_inline import CSSInliner

    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def _slot(number: int) -> str:
    return f"{OPEN}{number}{CLOSE}"


def _fill(pieces: Sequence[str], values: Sequence[str]) -> str:
    return "".join(values[int(piece)] if place % 2 else piece for place, piece in enumerate(pieces))


@lru_cache(maxsize=4096)
def _html(value: Value) -> str:
    text = escape(value.text)
    if value.kind == "u":
        return f'<a href="{text}">{text}</a>'
    if value.kind == "c":
        return f'<code style="font-family: Consolas, Menlo, monospace;font-size: 17px;">{text}</code>'
    return text.replace("\n", "<br>\n")


# The text part


def _blocks(node: SyntaxTreeNode, indent: str = "") -> Iterator[Block]:
    for child in node.children:
        if child.type in ("paragraph", "heading"):
            words = tuple(_SLOT.split(_words(child)))
            yield Block(indent, indent, words, spaced=not child.hidden, underlined=child.type == "heading")
        elif child.type in ("bullet_list", "ordered_list"):
            yield from _items(child, indent)
        elif child.type == "hr":
            yield Block(indent, indent, (_RULE,))
        else:
            raise UnsupportedMarkdown(
                f"A letter cannot hold Markdown's {child.type}: use paragraphs, headings and lists."
            )


def _items(node: SyntaxTreeNode, indent: str) -> Iterator[Block]:
    start = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, start):
        marker = f"{number}. " if node.type == "ordered_list" else "- "
        first, *others = _blocks(item, indent + " " * len(marker))
        opens_list = number == start and not indent
        yield replace(first, first=indent + marker, spaced=first.spaced or opens_list)
        yield from others


def _words(node: SyntaxTreeNode) -> str:
    if node.type in ("text", "code_inline"):
        return node.content
    if node.type in ("softbreak", "hardbreak"):
        return " " if node.type == "softbreak" else "\n"
    words = "".join(_words(child) for child in node.children)
    if node.type == "link":
        return f"{words} ({node.attrs['href']})"
    if node.type in ("paragraph", "heading", "inline", "strong", "em"):
        return words
    raise UnsupportedMarkdown(f"A letter cannot hold Markdown's {node.type}: use plain words.")


def _text(blocks: Sequence[Block], values: Sequence[str]) -> str:
    lines: list[str] = []
    for block in blocks:
        if block.spaced and lines:
            lines.append("")
        shown = _lines_of(_fill(block.pieces, values), block.first, block.rest)
        lines += shown
        if block.underlined:
            lines.append("-" * max(map(len, shown)))
    return "\n".join(lines).replace(_UNBROKEN, " ") + "\n"


@lru_cache(maxsize=4096)
def _lines_of(text: str, first: str, rest: str) -> tuple[str, ...]:
    """Return a paragraph in lines; most paragraphs of a letter stand in those to other people, word for word."""
    return tuple(_wrapped(text, first, rest))


def _wrapped(text: str, first: str, rest: str) -> Iterator[str]:
    """Yield lines of at most WIDTH characters; a longer word, such as a web address, is never broken."""
    start = first
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if line and len(start) + len(line) + 1 + len(word) > WIDTH:
                yield start + line
                start, line = rest, word
            else:
                line = f"{line} {word}" if line else word
        yield (start + line).rstrip()
        start = rest

"""What a terminal shows: tables that fit it, and plain full-width text where there is no terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from notifications.printable import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Cell = str | tuple[str, str]  #: text, or text with a style such as "red"

PIPED_WIDTH = 100_000  # a reader that is no terminal gets every line whole


def has_colour(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal that may be coloured (NO_COLOR unset, TERM not dumb)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def console() -> Console:
    """Return the console on standard output: as wide as the terminal, or without limit where there is none."""
    from rich.console import Console

    return Console(
        file=sys.stdout, highlight=False, markup=False, emoji=False, no_color=not has_colour(sys.stdout),
        width=None if sys.stdout.isatty() else PIPED_WIDTH,
    )  # fmt: skip


def print_json(value: Any) -> None:
    """Print plain data as JSON on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def say(text: str = "", style: str = "") -> None:
    """Print a line of text on standard output; a terminal wraps it between words."""
    from rich.text import Text

    console().print(Text(clean(text), style=style))


def heading(text: str) -> None:
    """Print a heading with a blank line above it."""
    say()
    say(text, "bold")


def show_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Print rows under column names. In a terminal a cell too long for its column goes on in the next line."""
    if sys.stdout.isatty():
        console().print(_table(columns, rows))
        return
    _print_plainly([list(columns), *([_plain(cell) for cell in row] for row in rows)])


def as_title(name: str) -> str:
    """Return a name as a heading begins with it: its first letter large, those of an office or a body as they are."""
    return f"{name[:1].upper()}{name[1:]}"


def clean(text: str) -> str:
    """Return the text without what could steer a terminal: data comes from senders we do not know."""
    return printable(text)


def _table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_plain(cell), style=cell[1] if isinstance(cell, tuple) else "") for cell in row))
    return table


def _plain(cell: Cell) -> str:
    return clean(cell[0] if isinstance(cell, tuple) else cell)


def _print_plainly(rows: list[list[str]]) -> None:
    rows = [[cell.replace("\n", " ") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())

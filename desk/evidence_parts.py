"""What the readable account of a case is made of: plain text in sections, tables and lists, however it is printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column names; `widths` are parts of the page's width. A cell may have several lines."""

    columns: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the account: sentences, then a table or a list of things each with its lines."""

    title: str
    sentences: Sequence[str] = ()
    table: Table | None = None
    items: Sequence[tuple[str, Sequence[str]]] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """Everything the readable account says, in plain text."""

    title: str
    council: str
    subtitle: str
    about: Sequence[tuple[str, str]]
    notices: Sequence[str]  #: what a reader must know before anything else
    sections: Sequence[Section] = field(default=())


def with_each_text(account: Account, change: Callable[[str], str]) -> Account:
    """Return an account with every text of it changed, the names of its parts apart."""

    def table(found: Table | None) -> Table | None:
        return found and replace(found, rows=[[change(cell) for cell in row] for row in found.rows])

    return Account(
        change(account.title), change(account.council), change(account.subtitle),
        [(name, change(text)) for name, text in account.about], [change(each) for each in account.notices],
        [
            Section(each.title, [change(text) for text in each.sentences], table(each.table),
                    [(change(name), [change(line) for line in lines]) for name, lines in each.items])
            for each in account.sections
        ],
    )  # fmt: skip

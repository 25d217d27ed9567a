"""The account of a case as a page (HTML, no script, nothing loaded from elsewhere) and as a tagged PDF (PDF/UA-1)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from html import escape
from pathlib import Path

from desk.evidence_parts import Account, Section, Table

TEMPLATE = Path(__file__).parent.parent / "notifications" / "templates" / "account.typ"

STYLE = """
:root { --ink: #1d2a35; --accent: #12436d; --line: #b1b4b6; }
body { font: 17px/1.5 Georgia, "Libertinus Serif", "DejaVu Serif", serif; color: var(--ink); margin: 0 auto;
  max-width: 62rem; padding: 2rem 1.5rem 4rem; }
header { border-bottom: 3px solid var(--accent); margin-bottom: 1.5rem; }
header p { margin: 0; font-size: 1.1rem; } h1, h2, h3 { color: var(--accent); line-height: 1.25; }
h1 { margin: .4rem 0 .6rem; } h2 { margin: 2.5rem 0 .8rem; } h3 { margin: 1.6rem 0 .3rem; font-size: 1.1rem; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; font-weight: normal; }
thead th { font-weight: bold; border-bottom: 2px solid var(--accent); }
dl { display: grid; grid-template-columns: 16rem 1fr; margin: 0; }
dt, dd { margin: 0; padding: .4rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
dt { font-weight: bold; } .notice { border-left: 5px solid #942514; padding: .6rem 1rem; margin: .8rem 0; }
.more { color: #45525c; font-size: .92em; } ul { margin: .2rem 0; padding-left: 1.3rem; }
nav ul { columns: 2; } a { color: var(--accent); }
@media (max-width: 40rem) { dl { display: block; } dt { border: 0; padding-bottom: 0; } nav ul { columns: 1; } }
@media print { body { font-size: 10.5pt; max-width: none; padding: 0; } thead { display: table-header-group; }
  tr, .notice { break-inside: avoid; } nav { display: none; } }
"""


def html_page(account: Account) -> str:
    """Return the account as one page that needs nothing beside it."""
    sections = list(enumerate(account.sections, start=1))
    contents = "".join(f'<li><a href="#part-{n}">{escape(each.title)}</a></li>' for n, each in sections)
    about = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in account.about)
    notices = "".join(f'<p class="notice">{escape(each)}</p>' for each in account.notices)
    return "\n".join([
        "<!DOCTYPE html>", '<html lang="en-GB">', "<head>", '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escape(account.title)}</title>", f"<style>{STYLE}</style>", "</head>", "<body>",
        f"<header><p>{escape(account.council)}</p><h1>{escape(account.title)}</h1>"
        f"<p>{escape(account.subtitle)}</p></header>",
        "<main>", notices, f"<dl>{about}</dl>",
        f'<nav aria-label="Contents"><h2>Contents</h2><ul>{contents}</ul></nav>',
        *(_section(number, each) for number, each in sections), "</main>", "</body>", "</html>", "",
    ])  # fmt: skip


def _section(number: int, section: Section) -> str:
    parts = [f'<section id="part-{number}" aria-labelledby="title-{number}">',
             f'<h2 id="title-{number}">{escape(section.title)}</h2>']  # fmt: skip
    parts += [f"<p>{escape(each)}</p>" for each in section.sentences]
    if section.table is not None:
        parts += list(_table(section.table, number))
    for name, lines in section.items:
        listed = "".join(f"<li>{escape(line)}</li>" for line in lines)
        parts.append(f"<h3>{escape(name)}</h3><ul>{listed}</ul>")
    return "\n".join([*parts, "</section>"])


def _table(table: Table, number: int) -> Iterator[str]:
    yield f'<table aria-labelledby="title-{number}">'
    yield "".join(f'<col style="width: {width}%">' for width in table.widths)
    yield "<thead><tr>" + "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns) + "</tr></thead>"
    yield "<tbody>"
    for row in table.rows:
        first, *others = (_cell(cell) for cell in row)
        yield f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in others) + "</tr>"
    yield "</tbody></table>"


def _cell(text: str) -> str:
    first, *others = text.split("\n")
    return escape(first) + "".join(f'<br><span class="more">{escape(line)}</span>' for line in others)


def pdf_file(account: Account, stamp: datetime) -> bytes:
    """Return the account as a tagged PDF, the same bytes for the same account and `stamp` (aware).

    A character that none of the bundled typefaces can draw is printed as its code, such as [U+65E5].
    """
    from typst import TypstError

    said = json.dumps(asdict(account), ensure_ascii=False)
    try:
        return _typeset(said, stamp)
    except TypstError as error:
        quoted = re.findall(r'the text `"(.+?)"` could not be displayed', getattr(error, "diagnostic", ""))
        lacking = set("".join(re.sub(r"\\u\{([0-9a-f]+)\}", lambda m: chr(int(m[1], 16)), each) for each in quoted))
        if not lacking:
            raise
    codes: Mapping[int, str] = {ord(each): f"[U+{ord(each):04X}]" for each in lacking}
    return _typeset(said.translate(codes), stamp)


def _typeset(said: str, stamp: datetime) -> bytes:
    import typst

    return typst.compile(
        TEMPLATE, format="pdf", pdf_standards=["ua-1"], ignore_system_fonts=True, sys_inputs={"account": said},
        timestamp=stamp.replace(microsecond=0),
    )  # fmt: skip

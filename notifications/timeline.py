"""A case's dates as a picture that reads at phone width, and as a table with the same content.

Kind is told by shape and word (circle, diamond, square), state by a mark inside the shape and a word; colour
only repeats it. Prefect's markdown shows the picture as `![...](data:image/svg+xml;base64,...)`.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from models.london import days_between, short_day_in_words
from notifications.printable import printable

Kind = Literal["event", "last day", "target"]
State = Literal["met", "open", "passed", "fell away"]

KINDS: dict[Kind, str] = {"event": "Event", "target": "Internal target", "last day": "Last day"}
EVENT_STATES: dict[State, str] = {
    "met": "done",
    "open": "to come",
    "passed": "passed",
    "fell away": "fell away",
}
BACKGROUND = "#ffffff"
INK = "#0b0c0c"
QUIET = "#505a5f"
COLOURS: dict[State, str] = {"met": "#00613a", "open": "#1d5f9e", "passed": "#b52a12", "fell away": QUIET}
NOTHING_YET = "No dates yet."
LONG = 60  #: from so many days on, the picture says how long nothing happens; its distances are no scale

WIDTH = 360  # a phone held upright, in CSS pixels
TEXT_AT = 56
TEXT_WIDTH = WIDTH - TEXT_AT - 16


@dataclass(frozen=True)
class TimelineEvent:
    """One date of a case: what happens, on which day in London, and how it stands."""

    name: str
    on: date
    kind: Kind = "event"
    state: State = "open"
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One line of text in the picture: baseline and size in pixels."""

    text: str
    y: int
    size: int
    bold: bool
    colour: str


@dataclass(frozen=True)
class Row:
    """One event placed in the picture; `y` is the centre of its shape."""

    event: TimelineEvent
    y: int
    colour: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Pause:
    """A long time between two dates: the line is broken below `y`, and the words say how long."""

    y: int
    text: str


def timeline_svg(
    title: str, description: str, start: date, events: Sequence[TimelineEvent], today: date | None
) -> str:
    """Return the timeline as an SVG document, 360 pixels wide, earliest date first.

    `start` is day 0 of the case, from which each date is counted. `today`, a day in London, draws the line
    between what lies behind and what is due today or later; None leaves it out. `title` is shown;
    `description` is read by a screen reader, and every date after it.
    """
    heading, y = _stack([(title, 18, True, INK)], WIDTH - 32, top=12)
    in_order = _in_order(events)
    rows, pauses, today_y, y = _placed(in_order, start, today, y + 16)
    return _template().render(
        title=printable(title),
        description=printable(" ".join([description, *(f"{_in_a_sentence(event, start)}." for event in in_order)])),
        heading=heading,
        rows=rows,
        pauses=pauses,
        today=f"Today, {short_day_in_words(today)}" if today and rows else "",
        today_y=today_y,
        nothing_yet="" if rows else NOTHING_YET,
        height=y + (0 if rows else 32),
        width=WIDTH,
        text_at=TEXT_AT,
        background=BACKGROUND,
        ink=INK,
        quiet=QUIET,
    )


def _placed(
    events: Sequence[TimelineEvent], start: date, today: date | None, y: int
) -> tuple[list[Row], list[Pause], int | None, int]:
    """Place events, which are in order, from `y` down; return them, the pauses, the line of today, and the end."""
    rows: list[Row] = []
    pauses: list[Pause] = []
    today_y: int | None = None
    before: date | None = None
    stops: list[TimelineEvent | None] = list(events)
    if today and events:
        stops.insert(sum(event.on < today for event in events), None)
    for event in stops:
        on = event.on if event else today
        assert on is not None
        if before and (apart := days_between(before, on)) >= LONG:
            pauses.append(Pause(y - 8, f"{apart} days later"))
            y += 28
        if event is None:
            today_y, y = y + 8, y + 40
        else:
            same_day = bool(rows) and rows[-1].event.on == event.on
            row, y = _row(event, start, y - (8 if same_day else 0), same_day)
            rows.append(row)
        before = on
    return rows, pauses, today_y, y


def _in_a_sentence(event: TimelineEvent, start: date) -> str:
    told = f"{_when(event, start)}: {event.name}, {KINDS[event.kind].lower()}, {state_in_words(event)}"
    return f"{told}. {event.note.rstrip('.')}" if event.note else told


def _when(event: TimelineEvent, start: date) -> str:
    return f"{short_day_in_words(event.on)}, day {days_between(start, event.on)}"


def timeline_table(events: Sequence[TimelineEvent], start: date | None = None) -> str:
    """Return the same dates as a Markdown table; with `start`, each is also counted in days from it."""
    if not events:
        return NOTHING_YET
    count = ["Day"] if start else []
    table = [["Date", *count, "What", "Kind", "State", "Note"]]
    table.append(["---"] * len(table[0]))
    for event in _in_order(events):
        counted = [str(days_between(start, event.on))] if start else []
        words = [event.name, KINDS[event.kind], state_in_words(event), event.note]
        table.append([short_day_in_words(event.on), *counted, *map(_in_markdown, words)])
    return "\n".join(f"| {' | '.join(row)} |" for row in table)


def svg_data_uri(svg: str) -> str:
    """Return the SVG as the address of an image, ready for Markdown or an img element."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode('ascii')}"


def state_in_words(event: TimelineEvent) -> str:
    """Return the word for an event's state: a deadline is met, while an event is done."""
    return EVENT_STATES[event.state] if event.kind == "event" else event.state


def _in_order(events: Sequence[TimelineEvent]) -> list[TimelineEvent]:
    """Earliest first; on one day what happens comes before the target, and the target before the last day."""
    return sorted(events, key=lambda event: (event.on, list(KINDS).index(event.kind)))


def _row(event: TimelineEvent, start: date, top: int, same_day: bool) -> tuple[Row, int]:
    """Place an event below `top`; return it with the top of the next. On the `same_day` the date is not said again."""
    colour = COLOURS[event.state]
    when = "" if same_day else _when(event, start)
    status = f"{KINDS[event.kind]}: {state_in_words(event)}"
    texts = [
        (when, 14, False, INK),
        (event.name, 16, True, INK),
        (status, 14, True, colour),
        (event.note, 14, False, QUIET),
    ]
    lines, bottom = _stack(texts, TEXT_WIDTH, top)
    return Row(event, top + 14, colour, lines), bottom + 20


def _stack(texts: Sequence[tuple[str, int, bool, str]], width: int, top: int) -> tuple[tuple[Line, ...], int]:
    """Set texts (words, size, bold, colour) one below another; return their lines and where they end."""
    lines: list[Line] = []
    y = top
    for text, size, bold, colour in texts:
        for part in _wrap(text, size, width):
            y += size + 5
            lines.append(Line(part, y, size, bold, colour))
    return tuple(lines), y


def _wrap(text: str, size: int, width: int) -> Iterator[str]:
    """Yield the text in lines that fit: SVG breaks no lines itself. A word too long for a line is broken."""
    line = ""
    for word in re.findall(r"\S+", printable(text)):
        if line and _breadth(f"{line} {word}", size) > width:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
        while _breadth(line, size) > width:
            fits = next(n for n in range(len(line), 0, -1) if n == 1 or _breadth(line[:n], size) <= width)
            yield line[:fits]
            line = line[fits:]
    if line:
        yield line


def _breadth(text: str, size: int) -> float:
    """Estimate the breadth of a text in pixels in any common sans-serif, on the broad side."""
    return size * sum(map(_relative_breadth, text))


def _relative_breadth(character: str) -> float:
    if character == " ":
        return 0.3
    if character in "mwMW@%" or unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return 0.75 if character.isupper() else 0.57


def _in_markdown(text: str) -> str:
    """Return the text on one line, with what Markdown would act on made plain."""
    return re.sub(r"([\\`*_\[\]<>|~&#!])", r"\\\1", " ".join(printable(text).split()))


@cache
def _template() -> Template:
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("timeline.svg")

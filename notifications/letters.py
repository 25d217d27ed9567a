"""Letters: one Markdown source each, rendered as readable text and as HTML.

A value never meets the Markdown parser: the template is rendered with each value between markers, the
values are lifted out into numbered slots, and `letter_shapes` parses what is left and puts the values back as
inert text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, Undefined, UndefinedError, meta

from models.london import date_in_london, day_in_words, instant_in_words, last_instant_of
from notifications.letter_shapes import CLOSE, OPEN, Value, put_in, shape_of

FOLDER = Path(__file__).parent / "templates"
TODAY = "today"
_MARKED = re.compile(f"{OPEN}(.)([^{CLOSE}]*){CLOSE}", re.DOTALL)
_SPACES = re.compile(r"[ \t\n]+")
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
# Line breaks become \n. Control, direction-changing and marker characters go: they can disguise a line.
_UNSAFE = (
    dict.fromkeys([*range(32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)])
    | {ord("\t"): " ", ord("\n"): "\n", 0x0B: "\n", 0x0C: "\n", 0x85: "\n", 0x2028: "\n", 0x2029: "\n"}
    | {0xFEFF: None, ord(OPEN): None, ord(CLOSE): None, 0xE002: None}
    | dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")
)


class LetterError(ValueError):
    """A letter cannot be written. Nothing has been sent; mend what the sentence names and ask again."""


class UnknownTemplate(LetterError):
    """No letter has this name."""


class UnknownPlaceholder(LetterError):
    """The letter asks for values that were not given, or were given empty; `names` holds them all, sorted."""

    def __init__(self, template: str, names: Sequence[str]) -> None:
        self.template, self.names = template, tuple(names)
        super().__init__(
            f'The letter "{template}" has no value for: {", ".join(names)}. Give each one a value, '
            f"or name it on the Optional line of notifications/templates/{template}.md."
        )


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """A letter ready to be put in an envelope: the subject on one line, the text part, the HTML part."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Source:
    subject: Template
    body: Template
    used: frozenset[str]
    optional: frozenset[str]
    holds: tuple[str, ...]  #: see `lasting`
    ends: tuple[str, ...]


def templates() -> tuple[str, ...]:
    """Return the names of all letters, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.md") if not path.stem.startswith("_")))


def placeholders(template: str) -> frozenset[str]:
    """Return every placeholder the letter uses, with those of the sender's block and the included parts.

    Raises UnknownTemplate if no letter has this name.
    """
    return _source(template).used


def optional_placeholders(template: str) -> frozenset[str]:
    """Return the placeholders that may be left out; the sentence that uses them is then left out too."""
    return _source(template).optional


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long a letter can wait: until when its words are true, and until when it is of use (aware; None: always)."""

    good_until: datetime | None
    of_use_until: datetime | None


def lasting(template: str, values: Mapping[str, object], now: datetime) -> Lasting:
    """Return how long a letter written `now` (aware) can wait before it is sent.

    A template's line "Holds" names what its words depend on: "today", where it counts days or reckons from the day it
    is sent, and dates by name, each for as long as that day is not over. Its line "Ends" names the dates after which
    nobody needs the letter any more.
    """
    source = _source(template)
    return Lasting(_end_of(source.holds, values, now), _end_of(source.ends, values, now))


def _end_of(names: Sequence[str], values: Mapping[str, object], now: datetime) -> datetime | None:
    """Return the end of the first of the days named, of those that are not over."""
    days = [date_in_london(now) if name == TODAY else values.get(name) for name in names]
    ends = [last_instant_of(day) for day in days if isinstance(day, date) and not isinstance(day, datetime)]
    return min((end for end in ends if end >= now), default=None)


def render(template: str, values: Mapping[str, object]) -> RenderedLetter:
    """Write one letter.

    `values` may hold more than the letter uses. Dates are shown in words ("Saturday 9 September 2017"),
    instants (aware datetimes) in London time, other values as they are, on one line. An empty list is a
    value: it says "none".
    Raises UnknownTemplate, and UnknownPlaceholder naming every required value that is absent, None or blank.
    """
    source = _source(template)
    given = {name: value for name, value in values.items() if not _is_blank(value)}
    missing = sorted(source.used - source.optional - given.keys())
    if missing:
        raise UnknownPlaceholder(template, missing)
    for name in source.optional - given.keys():
        given[name] = None
    try:
        subject = " ".join(_MARKED.sub(r"\2", source.subject.render(given)).split())
        markdown = source.body.render(given)
    except UndefinedError as error:
        raise UnknownPlaceholder(template, [str(error)]) from error
    slots = [Value("t", subject), Value("t", _one_line(given["council_name"]))]
    shape = shape_of(_MARKED.sub(lambda found: _take_slot(found, slots), markdown))
    return RenderedLetter(subject, *put_in(shape, slots))


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not _one_line(value))


def _take_slot(found: re.Match[str], slots: list[Value]) -> str:
    slots.append(Value(found[1], found[2]))
    return f"{OPEN}{len(slots) - 1}{CLOSE}"


# Reading templates


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters.update(lines=_lines, link=_link, command=_command, listed=_listed, days=_days, day=_day)
    return environment


@cache
def _source(template: str) -> _Source:
    if template not in templates():
        raise UnknownTemplate(f'There is no letter "{template}". The letters are: {", ".join(templates())}.')
    head, _, body = (FOLDER / f"{template}.md").read_text(encoding="utf-8").partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    body += '\n\n{% include "_sender.md" %}\n'
    optional = frozenset(fields.get("Optional", "").replace(",", " ").split())
    used = _used(fields["Subject"]) | _used(body) | {"council_name"}
    if stray := optional - used:
        raise LetterError(f'The letter "{template}" names {", ".join(sorted(stray))} as Optional and never uses it.')
    holds, ends = (tuple(fields.get(line, "").replace(",", " ").split()) for line in ("Holds", "Ends"))
    if unused := {*holds, *ends} - used - {TODAY}:
        raise LetterError(f'The letter "{template}" lasts until {", ".join(sorted(unused))} and never uses it.')
    environment = _environment()
    subject, text = environment.from_string(fields["Subject"]), environment.from_string(body)
    return _Source(subject, text, used, optional, holds, ends)


def _used(source: str) -> frozenset[str]:
    """Return the placeholders of a template and of every part it includes."""
    tree = _environment().parse(source)
    used = set(meta.find_undeclared_variables(tree))
    for part in meta.find_referenced_templates(tree):
        if part is None:
            raise LetterError("A letter may include a part by its plain file name only.")
        used |= _used((FOLDER / part).read_text(encoding="utf-8"))
    return frozenset(used)


def _shown(value: object) -> str:
    """Put a value between markers, so that it can be lifted out before Markdown is parsed."""
    if isinstance(value, Undefined):
        return str(value)  # raises, naming the placeholder
    kind, text = (value.kind, value.text) if isinstance(value, Value) else ("t", _one_line(value))
    return f"{OPEN}{kind}{text}{CLOSE}"


def _plain(value: object) -> str:
    if type(value) is str:
        return value if value.isascii() and value.isprintable() else value.replace("\r\n", "\n").translate(_UNSAFE)
    if isinstance(value, datetime):
        return instant_in_words(value)
    if isinstance(value, date):
        return day_in_words(value)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise LetterError(f"{value!r} cannot be shown in a letter; give text, a whole number or a date.")
    text = str(value)
    return text if text.isascii() and text.isprintable() else text.replace("\r\n", "\n").translate(_UNSAFE)


def _one_line(value: object) -> str:
    return _one_line_of(_plain(value))


@lru_cache(maxsize=4096)
def _one_line_of(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _lines(value: object) -> Value:
    """Filter: keep the value's own lines, with at most one blank line between paragraphs."""
    return Value("l", _BLANK_LINES.sub("\n\n", _plain(value)).strip())


def _link(value: object) -> Value:
    """Filter: a web address becomes a link that shows its address; anything else stays text."""
    text = _one_line(value)
    return Value("u" if _WEB_ADDRESS.fullmatch(text) else "t", text)


def _command(value: object) -> Value:
    """Filter: a command to be copied; it is not broken over lines, where a shell would run half of it."""
    return Value("c", _one_line(value))


def _listed(value: object) -> object:
    """Filter: several names as English writes them, "Bargate, Bevois and Freemantle"; one text as it is."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value
    names = [_one_line(name) for name in value]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _days(value: object) -> str:
    """Filter: a number of days as it is spoken, "1 day", "3 days"."""
    return "1 day" if value == 1 else f"{value} days"


def _day(value: object) -> object:
    """Filter: the day in London on which an instant falls; anything else as it is."""
    return date_in_london(value) if isinstance(value, datetime) else value

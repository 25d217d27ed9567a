"""Reading a council file: every value keeps its line, every mistake is told in plain words, all at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

Location = tuple[str | int, ...]
SectionModel = TypeVar("SectionModel", bound=BaseModel)

WRONG = "council_wrong"
CLASH = "council_clash"

# PyYAML's compiled parser, where the machine has it, reads the same nodes some ten times faster
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,8})")
LARGEST = 1_000_000  #: bytes of a council's file; Southampton's has some thirty thousand
MOST_NESTED = 50  #: sections and lists within one another; deeper ones would exhaust the parser's stack
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "": None, "null": None, "~": None}

_EXPECTED = {
    "string_type": "text; put quotation marks round it if it looks like a number or a date",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "date_type": "a date of the calendar, written year-month-day like 2017-07-26",
    "tuple_type": "a list",
    "mapping_type": "a section of keys and values",
    "model_type": "a section of keys and values",
    "literal_error": "{expected}",
    "greater_than_equal": "a number that is {ge} or more",
    "less_than_equal": "a number that is {le} or less",
    WRONG: "{expected}",
    CLASH: "{expected}",
}


@dataclass(frozen=True)
class Problem:
    """One mistake: its line (from 1), the place in the file, what was found, and what is expected."""

    line: int
    place: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.place} {self.found}; expected {self.expected}"


class CouncilError(Exception):
    """Something asked of a council's file that it cannot answer."""


class CouncilFileError(CouncilError, ValueError):
    """A council file that cannot be used, with everything that has to be put right in it."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        self.path = path
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__(path, self.problems)

    def __str__(self) -> str:
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        return "\n".join([f"{self.path} has {count} to put right:", *(f"  {each}" for each in self.problems)])


@dataclass
class Reading:
    """What a file says as plain data, the line of each value, and the mistakes seen while reading."""

    data: object = None
    lines: dict[Location, int] = field(default_factory=lambda: {(): 1})
    problems: list[Problem] = field(default_factory=list)

    def line_of(self, location: Location) -> int:
        """Return the line of a place, or of the nearest thing around it that the file does hold."""
        while location not in self.lines:
            location = location[:-1]
        return self.lines[location]

    def value_at(self, location: Location) -> Any:
        """Return the plain value at a place, or None where the file holds nothing."""
        if location not in self.lines:
            return None
        value: Any = self.data
        for step in location:
            value = value[step]
        return value


def wrong(expected: str) -> PydanticCustomError:
    """Return the error a validator raises; `expected` completes the words "expected ..."."""
    return PydanticCustomError(WRONG, "{expected}", {"expected": expected})


def clash(pairs: Sequence[tuple[int, int]], expected: str) -> PydanticCustomError:
    """Return the error for entries of one list that cannot stand together, each pair counted from 0."""
    return PydanticCustomError(CLASH, "{expected}", {"pairs": list(pairs), "expected": expected})


MANY, NEAR = 24, 5  #: of more words than the first, one who mistypes one is shown the second
LETTERS = 3  #: fewer are in many words by chance
NO_RANK = 5  #: of a word that does not hold what was typed


def one_of(
    known: Iterable[str], value: str, *, lists: str = "the council's file", titles: Sequence[str] = ()
) -> str:
    """Return the known words as a list, led by the one that is nearest to the value.

    Those that begin with it, or hold it, come before those that are spelt like it; `titles`, in the same order, are
    what the words stand for. Of many only those near it are named, and where all can be read: what `lists` them.
    """
    words = list(known)
    alike = difflib.get_close_matches(value, words, n=NEAR, cutoff=0.5)
    holding = _holding(value, words, titles or words)
    near = list(dict.fromkeys([*holding, *alike]))[:NEAR]
    close = holding[:1] or difflib.get_close_matches(value, near, n=1)
    guess = f"did you mean '{close[0]}'? " if close else ""
    if len(words) > MANY:
        others = ", ".join(each for each in near if each not in close)
        return f"{guess}{f'near it: {others}; ' if others else ''}{lists} names all {len(words)}"
    return f"{guess}known: {', '.join(words) or 'none'}"


def _holding(value: str, words: Sequence[str], titles: Sequence[str]) -> list[str]:
    """Return the words that hold a value, in themselves or in their titles: whole words of it and beginnings first."""
    typed = _as_id(value)
    if len(typed) < LETTERS:
        return []
    ranks = {
        word: min(2 * _rank(typed, word), 2 * _rank(typed, _as_id(title)) + 1)
        for word, title in zip(words, titles, strict=True)
    }
    return sorted((word for word in ranks if ranks[word] < 2 * NO_RANK), key=lambda word: ranks[word])


def _as_id(text: str) -> str:
    return "-".join(text.lower().split())


def _rank(typed: str, text: str) -> int:
    """Return how well a text holds what was typed: 0 it is the same, to 4; NO_RANK where it does not."""
    whole = f"-{typed}-"
    fits = (
        text == typed, text.startswith(whole[1:]), whole in f"-{text}-", text.startswith(typed), typed in text, True
    )  # fmt: skip
    return fits.index(True)


# --- reading --------------------------------------------------------------------------------------


def read_yaml(content: bytes) -> Reading:
    """Return the data of a YAML text with its lines; what is not YAML becomes a problem, not an error.

    Only dates, whole numbers, true and false are more than text: a telephone number keeps its leading
    nought, and a key called `on` stays that word. A key given twice is refused, and so are YAML's
    aliases, because a reader of the file would have to look elsewhere for the value.
    """
    reading = Reading()
    if len(content) > LARGEST:
        reading.problems.append(Problem(1, "the file", f"has {len(content)} bytes", f"{LARGEST} at most"))
        return reading
    try:
        text = content.decode("utf-8")
        if line := _line_nested_too_deeply(text):
            expected = f"{MOST_NESTED} levels at most"
            reading.problems.append(Problem(line, "the file", "nests lists and sections too deeply", expected))
            return reading
        root = yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        reading.problems.append(Problem(line, "the file", "is not written in UTF-8", "a text file in UTF-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        expected = "`key: value` lines, indented with spaces, quotation marks round text that holds ': '"
        reading.problems.append(Problem(line, "the file", f"is not YAML here ({error.problem})", expected))
    except yaml.YAMLError as error:
        reading.problems.append(Problem(1, "the file", f"is not YAML ({error})", "plain text as YAML"))
    else:
        if root is None:
            expected = "a council, as councils/README.md describes it"
            reading.problems.append(Problem(1, "the file", "is empty", expected))
        else:
            reading.data = _plain(root, (), reading, set())
    return reading


def _line_nested_too_deeply(text: str) -> int | None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_NESTED:
            return event.start_mark.line + 1 if event.start_mark else 1
    return None


def _plain(node: yaml.Node, at: Location, reading: Reading, seen: set[int]) -> object:
    """Return a node as text, date, number, dict or tuple, and note the line of all it holds."""
    if id(node) in seen:  # the node knows the line of the value it repeats, not its own
        line = reading.line_of(at)
        reading.problems.append(Problem(line, _place(at), "is an alias (*)", "the value itself"))
        return None
    seen.add(id(node))
    reading.lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _plain_mapping(node, at, reading, seen)
    if isinstance(node, yaml.SequenceNode):
        return tuple(_plain(item, (*at, place), reading, seen) for place, item in enumerate(node.value))
    quoted = isinstance(node, yaml.ScalarNode) and node.style
    return node.value if quoted else _plain_scalar(node.value)


def _plain_mapping(
    node: yaml.MappingNode, at: Location, reading: Reading, seen: set[int]
) -> dict[str, object]:
    found: dict[str, object] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        here = (*at, key)
        if key in found:
            told = f"is given twice, first on line {reading.lines[here]}"
            reading.problems.append(Problem(line, _place(here), told, "each key once"))
            continue
        reading.lines[here] = line
        found[key] = _plain(value_node, here, reading, seen)
    return found


def _plain_scalar(text: str) -> object:
    """Return what an unquoted word means; an impossible date stays text, for the check to name it."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


# --- checking -------------------------------------------------------------------------------------


def checked(model: type[SectionModel], reading: Reading, path: Path, context: object) -> SectionModel:
    """Return the data of a file as a model, or raise a CouncilFileError with every problem of both."""
    problems = list(reading.problems)
    if reading.data is not None or not problems:
        try:
            built = model.model_validate(reading.data, context=context)
        except ValidationError as error:
            for details in error.errors():
                problems.extend(_problems(model, details, reading))
        else:
            if not problems:
                return built
    raise CouncilFileError(path, problems)


def _problems(model: type[BaseModel], details: ErrorDetails, reading: Reading) -> list[Problem]:
    """Return one of pydantic's errors in plain words; a clash becomes one problem for each pair."""
    at, kind, words = details["loc"], details["type"], details.get("ctx", {})
    if at and at[-1] == "[key]":
        at = at[:-1]
    line, place = reading.line_of(at), _place(at)
    if kind == "missing":
        return [Problem(line, place, "is missing", _expected_key(model, at))]
    if kind == "extra_forbidden":
        return [Problem(line, place, "is not a key of this section", _expected_key(model, at))]
    expected = _EXPECTED.get(kind, details["msg"]).format(**words)
    if kind != CLASH:
        return [Problem(line, place, f"is {_shown(reading.value_at(at))}", expected)]
    return [
        Problem(
            reading.line_of((*at, later)),
            _place((*at, later)),
            f"is {_shown(reading.value_at((*at, later)))} and clashes with line "
            f"{reading.line_of((*at, earlier))}, {_shown(reading.value_at((*at, earlier)))}",
            expected,
        )
        for earlier, later in words["pairs"]
    ]


def _place(at: Location) -> str:
    """Return a place as a reader finds it: roles > board-chair > held_by > entry 2."""
    return " > ".join(f"entry {step + 1}" if isinstance(step, int) else step for step in at) or "the file"


def _shown(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_inner(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, tuple):
        return "a list of " + str(len(value)) if value else "an empty list"
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}'"


def _inner(value: object) -> str:
    return "..." if isinstance(value, Mapping | tuple) else str(value)


def _expected_key(model: type[BaseModel], at: Location) -> str:
    """Return which keys the section around a place may have, led by the nearest to the one given."""
    section: Any = model
    for step in at[:-1]:
        section = _inside(section, step)
    keys = [field.alias or name for name, field in section.model_fields.items()]
    last = str(at[-1])
    return f"a value for '{last}'" if last in keys else f"one of its keys ({one_of(keys, last)})"


def _inside(kind: Any, step: str | int) -> Any:
    """Return the type of what lies one step inside a section, a list or a mapping."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = kind.model_fields
        named = next((field for name, field in fields.items() if (field.alias or name) == step), None)
        return _without_none(named.annotation if named else None)
    arguments = get_args(kind)
    return _without_none(arguments[0] if isinstance(step, int) else arguments[1])


def _without_none(kind: Any) -> Any:
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    options = [option for option in get_args(kind) if option is not type(None)]
    return options[0] if type(None) in get_args(kind) else kind

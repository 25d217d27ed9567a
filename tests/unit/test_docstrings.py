"""Every public name says in a sentence what it is for, and every answer says what it answers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("models", "notifications", "tasks", "flows", "desk")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | ast.ClassDef | Function

# Types that say nothing of what they hold: `-> bool` asks for words, `-> Deadline` is explained at Deadline.
BARE = {"bool", "bytes", "date", "datetime", "float", "int", "object", "str", "timedelta"}
BARE |= {"Any", "None", "Path", "dict", "frozenset", "list", "set", "tuple"}
BARE |= {"Iterable", "Iterator", "Mapping", "Sequence"}

SAYS_WHAT_COMES_OUT = re.compile(
    # A sentence about the answer: "The last day on which ...", "Whether ...", "Is the last day gone?".
    r"^(the|an?|each|every|all|any|no|one|what|whether|which|who|how|when|where|is|are|has)\b"
    # Or the answer named anywhere: "Return the ...", "...; False when another holds it".
    r"|\b(returns?|gives?|yields?|answers?|tells?|says?|true|false|none)\b"
    # Or a verb whose object is the answer: "Read the council file at ...".
    r"|^(build|choose|compute|count|create|derive|draw|fetch|find|format|get|list|look up|make|name"
    r"|parse|read|render|show|split|turn|word|write)\b",
    re.IGNORECASE,
)


def undocumented(path: str, source: str) -> list[str]:
    """Return one line, `file:line: fault`, per public name in `source` that says too little."""
    module = ast.parse(source, filename=path)
    return [f"{path}:{line}: {fault}" for line, fault in _faults(module, path)]


def _faults(node: Documented, name: str) -> Iterator[tuple[int, str]]:
    line = getattr(node, "lineno", 1)
    text = (ast.get_docstring(node) or "").strip()
    if not text:
        yield line, f"`{name}` has no docstring"
    elif not text.splitlines()[0].rstrip('"”)').endswith((".", "?")):
        yield line, f"the first line of `{name}`'s docstring is not a whole sentence with its full stop"
    elif isinstance(node, Function) and _answers(node) and not SAYS_WHAT_COMES_OUT.search(text):
        yield line, f"`{name}` takes something and answers, but its docstring does not say what it returns"
    if not isinstance(node, Function):
        for inner in node.body:
            if isinstance(inner, ast.ClassDef | Function) and _is_public(inner):
                inner_name = inner.name if isinstance(node, ast.Module) else f"{name}.{inner.name}"
                yield from _faults(inner, inner_name)


def _is_public(node: ast.ClassDef | Function) -> bool:
    exempt = {"overload", "override"}  # explained where the name is first defined
    decorators = {ast.unparse(each).split(".")[-1] for each in node.decorator_list}
    return not node.name.startswith("_") and not decorators & (exempt | {"setter"})


def _answers(function: Function) -> bool:
    """Tell whether the function takes a parameter of its own and returns a value of a bare type."""
    parameters = function.args
    named = [*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs]
    own = [each for each in (*named, parameters.vararg, parameters.kwarg) if each]
    takes = any(each.arg not in ("self", "cls") for each in own)
    returned = set(re.findall(r"\w+", ast.unparse(function.returns))) if function.returns else set()
    return takes and bool(returned - {"None"}) and returned <= BARE


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_explained(package: str) -> None:
    """A reader never has to open a function to learn what it is for and what it returns."""
    files = sorted((ROOT / package).rglob("*.py"))
    assert files, f"no Python files found in {ROOT / package}: the walk looks in the wrong place"
    faults = [
        fault
        for file in files
        for fault in undocumented(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
    ]
    assert not faults, "\n".join(["say what these are for:", *faults])


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("x = 1", "1: `cases.py` has no docstring"),
        ('"""Cases"""', "1: the first line of `cases.py`'s docstring is not a whole sentence"),
        ('"""Cases."""\nclass Case:\n    number: int', "2: `Case` has no docstring"),
        ('"""Cases."""\nclass Case:\n    """One."""\n    def end(self): ...', "4: `Case.end` has no"),
        ('"""Cases."""\nasync def close(): ...', "2: `close` has no docstring"),
        (
            '"""Cases."""\ndef close(case: str) -> bool:\n    """Close the case for good."""',
            "2: `close` takes something and answers, but its docstring does not say what it returns",
        ),
    ],
)
def test_a_silent_name_is_found_with_its_line(source: str, fault: str) -> None:
    """Each rule can fail, and its failure says file, line and name."""
    (found,) = undocumented("cases.py", source)
    assert found.startswith(f"cases.py:{fault}")


def test_what_explains_itself_passes() -> None:
    """Private names, names explained elsewhere and functions that answer nothing ask for no more."""
    source = '''
"""Cases."""
def close(case: str) -> None:
    """Close the case for good."""
def closed(case: str) -> bool:
    """Close the case and return whether it was open."""
def last_day(case: str) -> str:
    """The last day of the case, as the letter words it."""
def count() -> int:
    """Take stock."""
def latest(case: str) -> list[Fact]:
    """Go through the record backwards."""
def _helper(case): ...
class Case:
    """One application."""
    def __init__(self, number: int) -> None: ...
    @override
    def run(self, number: int) -> int: ...
    def is_late(self) -> bool:
        """Is the last day gone?"""
'''
    assert undocumented("cases.py", source.lstrip()) == []

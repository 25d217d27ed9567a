"""The list of cells: every write point that the case comes by, found by playing it once for each kind of mail server.

The desk and the officers of that play write down each failpoint they reach; nothing here names a step or a letter.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from tests.integration.kill_case import DESK, OFFICER, Cell, Verdict, play

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("models", "notifications", "tasks", "flows", "desk")
IN_DETAIL = ("before-commit", "committed", "letters-claimed", "content-given", "letter-marked", "letter-accepted",
             "fate-recorded")  # fmt: skip
"""Points at which the first time, the one in the middle and the last are different cells."""
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
WHERE_ALL_IS_REFUSED = ("letters-claimed", "fate-recorded/circulation", "fate-recorded/letter-lost",
                        "step-committed/informed", "before-commit/postbook._work_of")  # fmt: skip
"""The points of a server that refuses every letter: its case takes four times as long as any other."""
EIGHT = 8  #: letters sent at the same time, as a desk sends them


@dataclass(frozen=True)
class Played:
    """A case played to its end with nobody killed: what the engine recorded, and each failpoint reached, by process."""

    verdict: Verdict
    reached: dict[str, Counter[str]]

    @property
    def places(self) -> set[str]:
        """Return the functions whose writes were made, as failpoints call them."""
        found = {point for times in self.reached.values() for point in times}
        return {point.partition("/")[2] for point in found if point.startswith("committed/")}


def play_once(sink: str, home: Path, database: str, *, officers: bool = True) -> Played:
    """Play the case with one kind of mail server, nobody killed, its files in `home`, and note what is reached.

    Without `officers` only the desk writes it down: each command of an officer is a process, and takes its time.
    """
    notes = home / "notes"
    notes.mkdir(parents=True)
    verdict = play(Cell(sink=sink), home, database, notes=notes, officers=officers)
    reached = {file.name: Counter(points_in(file)) for file in sorted(notes.iterdir())}
    return Played(verdict, reached)


def points_in(file: Path) -> Iterator[str]:
    """Give each failpoint noted in a file, as `models.failpoints.arm` takes it."""
    for line in file.read_text().splitlines():
        name, _, of = line.partition("\t")
        yield f"{name}/{of}" if of else name


def cells(played: Played, sink: str, database: str) -> Iterator[Cell]:
    """Give the cells of one mail server on one database: each point, and where it counts, its first and last time."""
    at = Cell(sink=sink, database=database)
    if sink == "5xx-all":
        yield from (replace(at, point=f"{point}:2") for point in WHERE_ALL_IS_REFUSED)
        return
    for point, times in played.reached[DESK].items():
        for number in numbers(point, times, every=sink == "accepts"):
            yield replace(at, point=f"{point}:{number}" if number > 1 else point)
    for process, points in played.reached.items():
        who, _, verb = process.partition(" ")
        if who == OFFICER:
            for point in points:
                yield replace(at, point=point, process=OFFICER, verb=verb)
    for point, times in played.reached[DESK].items():
        if point.endswith("/circulation"):
            yield replace(at, point=f"{point}:{(times + 1) // 2}", at_once=EIGHT)
    for again in ("before-commit", "committed"):
        yield replace(at, point="letter-marked/circulation:3", then=f"{again}/outbox.Postroom.recover")


def numbers(point: str, times: int, every: bool) -> list[int]:
    """Return which times of a point are cells: the middle one, and with `every` also the first and the last."""
    middle = (times + 1) // 2
    if not every or not point.startswith(IN_DETAIL):
        return [middle]
    return sorted({1, middle, times})


def writes_in_the_code() -> dict[str, str]:
    """Return every write of the store that the code makes: where it stands, by what failpoints call it."""
    found = {}
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            for function, line in _writes(ast.parse(file.read_text())):
                found[f"{file.stem}.{function}"] = f"{file.relative_to(ROOT)}:{line}"
    return found


def _writes(node: ast.AST, within: tuple[str, ...] = ()) -> Iterator[tuple[str, int]]:
    """Give each call of a store's `write`, or with it, by the function that its work is written in."""
    for child in ast.iter_child_nodes(node):
        inside = within
        if isinstance(child, ast.ClassDef) or (isinstance(child, FUNCTION) and (not within or within[-1][0].isupper())):
            inside = (*within, child.name)
        if isinstance(child, ast.Call):
            words = [child.func, *child.args]
            for word, work in pairwise(words):
                if isinstance(word, ast.Attribute) and word.attr == "write" and _is_store(word.value):
                    yield _place(work, within), child.lineno
        yield from _writes(child, inside)


def _is_store(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name.lstrip("_") == "store"


def _place(work: ast.expr, within: tuple[str, ...]) -> str:
    """Return where work is written: another method, a function that makes it, or the function around the call."""
    if isinstance(work, ast.Attribute):
        return f"{within[0]}.{work.attr}"
    if isinstance(work, ast.Call) and isinstance(work.func, ast.Name):
        made_by = work.args[0] if work.func.id == "partial" else work.func
        return made_by.id if isinstance(made_by, ast.Name) else ".".join(within)
    return ".".join(within)

"""The folders keep what they promise: imports point down only, each library is known in one place."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MAY_IMPORT = {
    "models": (),
    "notifications": ("models",),
    "tasks": ("notifications", "models"),
    "flows": ("tasks", "notifications", "models"),
    "desk": ("flows", "tasks", "notifications", "models"),
    "portal": ("flows", "tasks", "notifications", "models"),
}

DATABASE = ("models/tables.py", "models/store*.py", "models/migrations/*")
MAIL = ("notifications/mailer.py",)
WEB = ("notifications/*", "tasks/*", "flows/*", "desk/*", "portal/*")
ENGINE = ("desk/*", "tasks/steps.py", "tasks/turns.py")

KNOWN_IN = {
    "sqlalchemy": DATABASE,
    "alembic": DATABASE,
    "aiosmtplib": MAIL,
    "smtplib": MAIL,
    "fastapi": WEB,
    "starlette": WEB,
    "uvicorn": WEB,
    "httpx": WEB,
    "requests": WEB,
    "http": WEB,
    "urllib.request": WEB,
    "prefect": ENGINE,
}

WALL_CLOCK = {
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
    "datetime.date.today",
    *(f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "asctime")),
    *(f"pendulum.{name}" for name in ("now", "today", "tomorrow", "yesterday")),
    *(f"pendulum.DateTime.{name}" for name in ("now", "utcnow", "today")),
    "pendulum.Date.today",
    *(f"sqlalchemy.func.{name}" for name in ("now", "current_timestamp", "current_date")),
}


def broken_rules(path: str, source: str) -> list[str]:
    """Return one line per broken rule in `source`, the text of the file at `path` (relative to the root)."""
    tree = ast.parse(source, filename=path)
    found = [*_import_faults(path, tree)]
    if path.startswith("models/"):
        found += _clock_faults(path, tree)
    return [f"{path}:{line}: {fault}" for line, fault in sorted(found)]


def _import_faults(path: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    package = path.split("/")[0]
    for line, name in _imported(tree):
        top = name.split(".")[0]
        if not top:
            yield line, f"`{name}` is a relative import; write the whole name"
        elif top in MAY_IMPORT and top != package and top not in MAY_IMPORT[package]:
            may = ", ".join(MAY_IMPORT[package]) or "no other folder"
            yield line, f"imports `{name}`, but {package}/ may import {may} only"
        elif fault := _library_fault(path, name):
            yield line, fault


def _library_fault(path: str, name: str) -> str | None:
    if path.startswith("flows/") and name == "prefect.flow":
        return None
    for library, places in KNOWN_IN.items():
        inside = f"{name}.".startswith(f"{library}.")
        if inside and not any(fnmatch(path, place) for place in places):
            flows = ", and in flows/ as `from prefect import flow`" if library == "prefect" else ""
            return f"imports `{name}`, but {library} is known only in {', '.join(places)}{flows}"
    return None


def _imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Give every imported name in full, wherever in the file it stands; a relative one starts with a dot."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__") and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value


def _called(node: ast.Call) -> str | None:
    return getattr(node.func, "attr", None) or getattr(node.func, "id", None)


def _clock_faults(path: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    known_as = _local_names(tree)
    the_clock = {id(inner) for clock in _system_clock(path, tree) for inner in ast.walk(clock)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and id(node) not in the_clock:
            name = _full_name(node, known_as)
            if name in WALL_CLOCK:
                yield node.lineno, f"reads the wall clock (`{name}`); models/ is handed its instants"


def _system_clock(path: str, tree: ast.Module) -> Iterator[ast.ClassDef]:
    """The one class in models/ that may read the machine's clock."""
    if path == "models/clock.py":
        classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
        yield from (node for node in classes if node.name == "SystemClock")


def _local_names(tree: ast.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _full_name(node: ast.expr, known_as: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_full_name(node.value, known_as)}.{node.attr}"
    return known_as.get(node.id, "") if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("package", [package for package in MAY_IMPORT if (ROOT / package).is_dir()])
def test_the_package_keeps_the_rules(package: str) -> None:
    """No file of the package imports upwards, knows a library it should not or reads the clock."""
    files = sorted((ROOT / package).rglob("*.py"))
    assert files, f"no Python files found in {ROOT / package}: the walk looks in the wrong place"
    faults = [
        fault
        for file in files
        for fault in broken_rules(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
    ]
    assert not faults, "\n".join(["the folders promise otherwise:", *faults])


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        ("models/cases.py", "import flows.pharmacy", "models/ may import no other folder"),
        ("notifications/letters.py", "from tasks.steps import step", "notifications/ may import models only"),
        ("tasks/sending.py", "def f():\n    from flows import pharmacy", "tasks/ may import notifications"),
        ("desk/worker.py", "from portal.app import app", "desk/ may import flows, tasks"),
        ("portal/app.py", "import desk", "portal/ may import flows, tasks"),
        ("models/cases.py", "import importlib\nimportlib.import_module('tasks.steps')", "models/ may import"),
        ("models/cases.py", "from . import periods", "relative import"),
        ("models/cases.py", "from sqlalchemy import select", "sqlalchemy is known only in models/tables.py"),
        ("notifications/outbox.py", "import smtplib", "smtplib is known only in notifications/mailer.py"),
        ("tasks/sending.py", "def send():\n    import aiosmtplib", "aiosmtplib is known only in"),
        ("models/cases.py", "import httpx", "httpx is known only in"),
        ("flows/pharmacy.py", "from prefect import flow, task", "`prefect.task`"),
        ("portal/app.py", "from prefect.client import get_client", "prefect is known only in desk/*"),
        ("models/cases.py", "from datetime import date as d\nd.today()", "datetime.date.today"),
        ("models/cases.py", "import datetime\nmade = datetime.datetime.now", "datetime.datetime.now"),
        ("models/cases.py", "from time import time\nat = time()", "time.time"),
        ("models/clock.py", "import time\nclass FixedClock:\n    at = time.time()", "time.time"),
        ("models/tables.py", "from sqlalchemy import func\nat = func.now()", "sqlalchemy.func.now"),
    ],
)
def test_a_broken_rule_is_named_with_its_line(path: str, source: str, fault: str) -> None:
    """Each rule can fail, and its failure says file, line and rule."""
    (found,) = broken_rules(path, source)
    line = len(source.splitlines())
    assert found.startswith(f"{path}:{line}: ")
    assert fault in found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("flows/pharmacy.py", "from prefect import flow\nfrom tasks.steps import step"),
        ("tasks/steps.py", "def step():\n    from prefect import task"),
        ("models/store_letters.py", "from sqlalchemy import select"),
        ("notifications/mailer.py", "import aiosmtplib"),
        ("models/clock.py", "from datetime import datetime\nclass SystemClock:\n    at = datetime.now()"),
        ("models/cases.py", "def due(clock):\n    return clock.now()"),
        ("notifications/letters.py", "import urllib.parse\nfrom datetime import date\ndate.today()"),
    ],
)
def test_what_the_rules_allow_passes(path: str, source: str) -> None:
    """The step decorator, the store, the mailer and the system clock may know what others may not."""
    assert broken_rules(path, source) == []


def test_no_two_test_files_share_a_name() -> None:
    """pytest imports a test file by its bare name: of two alike, one process can only run the first."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, files in names.items() if files > 1] == []

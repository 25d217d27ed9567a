"""What every test shares: a clean environment, repeatable examples in CI, one worker per kind of server."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Prefect and Cleardays settings of this machine must not reach a test: it could write to a council's server.
for name in [name for name in os.environ if name.startswith(("PREFECT_", "CLEARDAYS_"))]:
    del os.environ[name]
os.environ["DO_NOT_TRACK"] = "1"

# No deadline: the examples are judged by what they find, not by how busy the machine is.
settings.register_profile("looking", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable" if os.environ.get("CI") else "looking")

SERVER_BEHIND = {"prefect": "prefect", "browser": "prefect", "postgres": "postgres"}  # by marker
MARKER = re.compile(rf"\bpytest\.mark\.({'|'.join(SERVER_BEHIND)})\b")


@cache
def server_behind(file: Path) -> str:
    """Return the server that tests in `file` are marked to need, "prefect" or "postgres"; "" for none."""
    marked = MARKER.search(file.read_text(encoding="utf-8"))
    return SERVER_BEHIND[marked[1]] if marked else ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that need a server: they take longest."""
    first = ["prefect", "postgres", ""]
    items.sort(key=lambda item: first.index(server_behind(item.path)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Under `--dist loadfile`, keep all files of one server on one worker, so that it is started once.

    pytest-xdist's own `loadgroup` reads the markers, but has no effect together with pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    class ByServer(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::")[0]
            return server_behind(config.rootpath / file) or file

    return ByServer(config, log) if config.getvalue("dist") == "loadfile" else None

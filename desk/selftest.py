"""`cleardays test`: the project's own tests, on as many processes as pay off on a small machine."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Two processes, as on two cores; files that share a server stay together and go first (tests/conftest.py).
PLAN = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")


def run(args: list[str]) -> int:
    """Run the tests, say on standard error how long they took, return pytest's exit code: 0 when all passed.

    `args` are pytest's own arguments and win over the plan: `["-n", "0", "tests/unit", "-k", "quorum"]`.
    Returns 2, having run nothing, where the tests or pytest are not there: in an installed package.
    """
    if missing := _missing():
        print(f"cleardays test: {missing}", file=sys.stderr)
        return 2
    began = time.monotonic()
    code = subprocess.run([sys.executable, "-m", "pytest", *PLAN, *args], cwd=ROOT, check=False).returncode
    print(f"cleardays test: {time.monotonic() - began:.0f} s in all", file=sys.stderr)
    return code


def _missing() -> str | None:
    from importlib.util import find_spec

    if not (ROOT / "tests").is_dir():
        return f"{ROOT} holds no tests; start it from a copy of the repository, as ./cleardays test"
    if find_spec("pytest") is None or find_spec("xdist") is None:
        return "pytest and pytest-xdist are not installed; start it as ./cleardays test, which installs them"
    return None

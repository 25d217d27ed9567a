"""A procedure as small as can be, whose record is a folder of text files.

For a case `PC1` the folder, named by TOY_RECORD, holds: `PC1.turns`, a line for each turn; `PC1.until`, the
deadline; `PC1.answer`, the fact it waits for; `PC1.hold`, while which a turn does not end.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, task

from desk.runs import park_this_run


def record() -> Path:
    """The folder of the record."""
    return Path(os.environ["TOY_RECORD"])


@task(persist_result=False)
def begin(case_ref: str) -> None:
    """Note that the case has begun, once."""
    (record() / f"{case_ref}.begun").touch(exist_ok=False)


@flow(name="Toy procedure", flow_run_name="{case_ref}", persist_result=False)
def toy_procedure(case_ref: str) -> None:
    """Wait for an answer until the deadline."""
    with (record() / f"{case_ref}.turns").open("a") as turns:
        turns.write(f"{os.getpid()}\n")
    if not (record() / f"{case_ref}.begun").exists():
        begin(case_ref)
    while (record() / f"{case_ref}.hold").exists():
        time.sleep(0.05)
    if (record() / f"{case_ref}.answer").exists():
        return
    until = datetime.fromisoformat((record() / f"{case_ref}.until").read_text())
    if datetime.now(UTC) < until:
        park_this_run("Awaiting feedback", until, "Feedback is due.")

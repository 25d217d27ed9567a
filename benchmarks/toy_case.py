"""A case's turn as small as can be: two tasks, then parked. The flow that `benchmarks.turns` measures."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prefect import flow, task

from desk.runs import park_this_run


@task(persist_result=False)
def read_record(case_ref: str) -> str:
    """Stand for reading what has happened."""
    return case_ref


@task(persist_result=False)
def note_deadline(case_ref: str) -> None:
    """Stand for setting a date."""


@flow(name="Toy case", flow_run_name="{case_ref}", persist_result=False)
def toy_case(case_ref: str) -> None:
    """Run two tasks, say so in the file TOY_TURNS, and wait for forty days."""
    read_record(case_ref)
    note_deadline(case_ref)
    with Path(os.environ["TOY_TURNS"]).open("a") as turns:
        turns.write(f"{case_ref}\n")
    park_this_run("Awaiting feedback", datetime.now(UTC) + timedelta(days=40), "Feedback is due.")

"""What was typed into a form leaves Prefect again: its database keeps which case it was, and who acted.

Prefect has no users, and shows what a form was given to everybody who can open its pages. What a form is for stands in
the record; so once it has been acted on, Prefect's copy of it is taken out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient, SyncPrefectClient
    from prefect.client.schemas import FlowRun

FORM = "form"  #: the tag of a form's deployment, and of each of its runs until its words are taken out
TAKEN_OUT = "form, emptied"
STAYS = ("case", "reference", "acting_as")
AFTER_REFUSAL = timedelta(hours=1)  #: in which somebody may put a refused form right and send it again
IN_WORDS = "What you typed can be seen here for an hour, to put it right and send it again; then it is taken out."

_MANY = 200


def what_stays(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Prefect keeps of a form: the case or its reference, and the office that acted."""
    return {name: value for name, value in parameters.items() if name in STAYS}


def take_out(client: SyncPrefectClient, run: FlowRun) -> None:
    """Take out what was typed into a form, its fact recorded. Raises httpx.HTTPError when the server is away."""
    client.update_flow_run(run.id, parameters=what_stays(run.parameters), tags=_emptied(run.tags))


async def take_out_all(client: PrefectClient, now: datetime | None = None) -> int:
    """Take out what is still there of forms that are done with, and return of how many.

    Those are the forms that were refused more than an hour before `now` (aware; by default this instant), and those
    whose desk died between the record and here.
    """
    from prefect.client.schemas.filters import FlowRunFilter
    from prefect.client.schemas.sorting import FlowRunSort

    done_with = FlowRunFilter.model_validate({
        "tags": {"all_": [FORM]},
        "state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]}},
    })  # fmt: skip
    emptied = 0
    for run in await client.read_flow_runs(flow_run_filter=done_with, sort=FlowRunSort.ID_DESC, limit=_MANY):
        if run.state is None or (not run.state.is_completed() and _young(run.state.timestamp, now)):
            continue
        await client.update_flow_run(run.id, parameters=what_stays(run.parameters), tags=_emptied(run.tags))
        emptied += 1
    return emptied


def overwrite_journal(database: Path) -> None:
    """Empty the journal of a Prefect server's SQLite file, in which older pages stand; later where it is in use now."""
    if not database.is_file():
        return
    try:
        with closing(sqlite3.connect(database, timeout=1)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        return


def _young(ended_at: datetime, now: datetime | None) -> bool:
    return (now or datetime.now(UTC)) - ended_at < AFTER_REFUSAL


def _emptied(tags: list[str]) -> list[str]:
    return [tag for tag in tags if tag != FORM] + [TAKEN_OUT]

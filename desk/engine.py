"""Prefect as the engine of turns: parks the run a turn is taken in, and shows the case beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn
from uuid import UUID

from desk.artifacts import artifacts
from models.cases import Case
from models.failpoints import reached
from tasks.turns import CaseView, Parked

if TYPE_CHECKING:
    from desk.runs import Runs

log = logging.getLogger(__name__)


def publish(runs: Runs, run_id: UUID, case: Case, awaiting: str, message: str) -> None:
    """Publish the artifacts of a case on its run; one that cannot be published is told in the log."""
    try:
        for name, (markdown, description) in artifacts(case, awaiting, message).items():
            runs.publish_artifact(run_id, f"{case.ref.lower()}-{name}", markdown, description)
            reached("artifact-published", name)
    except Exception:
        log.exception("The artifacts of %s could not be shown.", case.ref)


class PrefectEngine:
    """Parks and shows cases through the Prefect server of `runs`."""

    def __init__(self, runs: Runs) -> None:
        """Use the server that `runs` talks to."""
        self._runs = runs

    def park(
        self, awaiting: str, until: datetime | None, message: str, overtaken: Callable[[], bool] = lambda: False
    ) -> NoReturn:
        """Leave the run that is under way here parked under a name, until an instant (aware) or for a fact.

        Two desks may have the run at once, one waiting for the other's turn; the slower of them then shows here what
        is no longer so, and the run is woken.
        """
        from prefect.context import FlowRunContext
        from prefect.exceptions import Pause

        from desk.runs import park_this_run

        context = FlowRunContext.get()
        try:
            park_this_run(awaiting, until, message)
        except Pause:
            if overtaken() and context is not None and context.flow_run is not None:
                self._runs.wake(context.flow_run.id, "A later turn came to rest while this one was shown.")
            raise

    def show(self, case: CaseView, parked: Parked | None) -> None:
        """Publish the case's artifacts on its run; what has not changed is not sent again.

        A picture that cannot be published never stops a turn: the record is what counts.
        """
        from prefect.context import FlowRunContext

        context = FlowRunContext.get()
        if context is None or context.flow_run is None or not isinstance(case, Case):
            return
        self._say_where(context.flow_run.id, case.ref, parked)
        awaiting, message = (
            (parked.awaiting, parked.message) if parked else ("Closed", case.closed["outcome"] if case.closed else "")
        )
        publish(self._runs, context.flow_run.id, case, awaiting, message)

    def _say_where(self, run_id: UUID, ref: str, parked: Parked | None) -> None:
        """Log how the turn ended, with links: Prefect's pages hide a waiting run's tabs, not what is behind them."""
        from prefect.logging import get_run_logger

        page = f"{self._runs.ui_url}/v2/runs/flow-run/{run_id}"
        ended = f"{parked.awaiting}: {parked.message}" if parked else "Closed"
        get_run_logger().info(
            "%s is now: %s\nIts timetable, people and what comes next: %s\nIts steps: %s",
            ref, ended, f"{page}?tab=Artifacts", f"{page}?tab=TaskRuns",
        )  # fmt: skip

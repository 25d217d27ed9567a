"""One turn of one run, in a thread: claim it, run its procedure from the top, leave it parked or ended."""

from __future__ import annotations

import contextvars
import copy
import logging
import threading
from collections.abc import Callable, Collection
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas import OrchestrationResult
from prefect.client.schemas.responses import SetStateStatus
from prefect.context import SyncClientContext
from prefect.exceptions import Abort, ObjectNotFound, Pause
from prefect.flow_engine import run_flow
from prefect.flows import load_flow_from_entrypoint
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    temporary_settings,
)
from prefect.states import Failed, Pending
from prefect.utilities.engine import propose_state_sync

from desk.deployments import deployed_here
from desk.per_thread import PerThread
from desk.runs import parked_state
from desk.server import client_settings
from models.failpoints import reached

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas import FlowRun, State

End = Literal["parked", "ended", "stopped", "not ours", "put off"]

#: A run whose procedure cannot be loaded is tried again after this.
REPAIR_TIME = timedelta(minutes=10)

#: How long the server's list of due runs is trusted; after that each run is looked at again before its turn.
FRESH = timedelta(seconds=0.5)

log = logging.getLogger(__name__)


class DueLater(Abort):
    """The server would have the turn wait: the run is due later than it was when it was listed."""


class NotOurFlow(Exception):
    """A run's deployment names code that is none of ours; whoever may write to the server could have made it."""


class TurnClient(SyncPrefectClient):
    """A client that leaves a turn which is not due, where Prefect's own would sleep until it is.

    Another desk may have taken the turn and parked the run again since it was listed, or an officer may have
    moved its deadline. Prefect's engine then sleeps to the new date, 40 days perhaps, in a thread of ours.
    """

    def set_flow_run_state(
        self, flow_run_id: UUID | str, state: State[Any], force: bool = False
    ) -> OrchestrationResult[Any]:
        """Propose the state; raise DueLater rather than wait."""
        result = super().set_flow_run_state(flow_run_id, state, force)
        if result.status == SetStateStatus.WAIT:
            raise DueLater(f"Run {flow_run_id} is not due yet.")
        return result


class Turns:
    """Takes turns, from as many threads as like, each of which has its own client of the server.

    `again` is asked after a turn that parked, with the case reference, whether a fact came in while the turn
    was under way; if so the run is woken, so that a wake that met a running turn is not lost. `entrypoints` are those
    that it loads, by module (default: those of `desk.deployments`); a run of any other fails.
    """

    def __init__(
        self, again: Callable[[str], bool] | None = None, entrypoints: Collection[str] | None = None
    ) -> None:
        self._again = again
        self._loads = deployed_here if entrypoints is None else frozenset(entrypoints).__contains__
        self._flows: dict[UUID, Flow[..., Any]] = {}
        self._loading = threading.Lock()
        self._settings = contextvars.copy_context()
        self._settings_in_force = ExitStack()
        self._connections = PerThread(self._connect)

    def __enter__(self) -> Self:
        # A heartbeat thread keeps a finished turn waiting for up to a second, and no turn needs one.
        without_heartbeats = temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
        self._settings.run(self._settings_in_force.enter_context, without_heartbeats)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connections.close()
        self._settings.run(self._settings_in_force.close)

    def _connect(self, stack: ExitStack) -> contextvars.Context:
        context, opened = self._settings.copy(), ExitStack()
        stack.callback(context.run, opened.close)  # first: a server that is away breaks the opening off half way
        context.run(self._open, opened)
        return context

    def _open(self, opened: ExitStack) -> None:
        api_url = PREFECT_API_URL.value()
        connection = SyncClientContext(client_settings(api_url))
        connection.client = TurnClient(
            api_url, auth_string=PREFECT_API_AUTH_STRING.value(), httpx_settings=client_settings(api_url)
        )
        opened.enter_context(connection)

    @property
    def _client(self) -> SyncPrefectClient:
        connection = SyncClientContext.get()
        assert connection is not None, "a turn is taken in a context that _connect made"
        return connection.client

    def take(self, run: FlowRun, listed_at: datetime) -> End:
        """Take a turn of `run`, which was on a list of due runs at `listed_at`, and say how it ended.

        "not ours": another desk was first. Raises what the connection raises (httpx errors) when the server
        cannot be reached. An error inside the procedure is not raised: the run is then Failed on the server,
        and "ended" here.
        """
        return self._connections.get().copy().run(self._take, run, listed_at)

    def _take(self, run: FlowRun, listed_at: datetime) -> End:
        old_news = datetime.now(UTC) - listed_at > FRESH
        if (old_news and not self._still_due(run)) or not self._claim(run):
            return "not ours"
        try:
            flow = self._flow_of(run)
        except NotOurFlow as error:
            return self._refuse(run, error)
        except Exception as error:
            return self._put_off(run, error)
        try:
            run_flow(
                _without_renaming(flow, run),
                # Without its deployment, the engine opens no event subscription of its own to watch for a
                # suspension; it reads the run again, deployment and all, before the procedure starts.
                flow_run=run.model_copy(update={"deployment_id": None}),
                parameters=run.parameters,
                return_type="state",
            )
        except Pause:
            reached("turn-ended")
            self._look_again(run)
            return "parked"
        except DueLater:
            self._give_back(run)
            return "not ours"
        except Abort:
            return "stopped"
        return "ended"

    def _claim(self, run: FlowRun) -> bool:
        """True for the one desk whose Pending the server accepts, for the wait that it saw on its list.

        The server accepts Pending for a run that was taken, and parked again, since it was listed; but the date
        it copies into Pending is then another. Such a claim is undone.
        """
        try:
            pending = propose_state_sync(self._client, Pending(), flow_run_id=run.id)
        except (Abort, Pause, ObjectNotFound):
            return False
        if not pending.is_pending():
            return False
        if run.state and pending.state_details.scheduled_time != run.state.state_details.scheduled_time:
            self._give_back(run)
            return False
        return True

    def _flow_of(self, run: FlowRun) -> Flow[..., Any]:
        """The run's procedure: imported once for each deployment, by module, and kept."""
        if run.deployment_id is None:
            raise ValueError(f"Run {run.name!r} has no deployment, so its procedure is not known.")
        with self._loading:
            flow = self._flows.get(run.deployment_id)
            if flow is None:
                flow = self._flows[run.deployment_id] = self._load(run.deployment_id)
        return flow

    def _load(self, deployment_id: UUID) -> Flow[..., Any]:
        deployment = self._client.read_deployment(deployment_id)
        if not deployment.entrypoint:
            raise ValueError(f"Deployment {deployment.name!r} names no entrypoint such as `flows.module:flow`.")
        if not self._loads(deployment.entrypoint):
            raise NotOurFlow(
                f"Deployment {deployment.name!r} names {deployment.entrypoint!r}, which this desk has not deployed and "
                "does not run. Delete the deployment, and find out who made it; a desk that starts renews its own."
            )
        flow: Flow[..., Any] = load_flow_from_entrypoint(deployment.entrypoint, use_placeholder_flow=False)
        if flow.isasync:
            raise TypeError(f"{deployment.entrypoint} is an async flow; the desk takes turns of `def` flows.")
        return flow

    def _put_off(self, run: FlowRun, error: Exception) -> End:
        log.error("Run %s: its procedure cannot be loaded: %s", run.name, error, exc_info=error)
        self._set(run, "Procedure cannot be loaded", datetime.now(UTC) + REPAIR_TIME, str(error))
        return "put off"

    def _refuse(self, run: FlowRun, error: NotOurFlow) -> End:
        log.error("Run %s was refused: %s", run.name, error)
        self._client.set_flow_run_state(run.id, Failed(message=str(error)))
        return "ended"

    def _look_again(self, run: FlowRun) -> None:
        case_ref = run.parameters.get("case_ref")
        if self._again is not None and isinstance(case_ref, str) and self._again(case_ref):
            self._set(run, "Woken", datetime.now(UTC), "A fact came in while a turn was under way.")

    def _give_back(self, run: FlowRun) -> None:
        """Undo a claim that came too late: the run waits again for what it waited for before.

        The wait is known by its date, which the server copied into Pending. The history's timestamps do not
        tell: a claim that met a busy server is stamped before the park that was stored ahead of it.
        """
        now = self._client.read_flow_run(run.id).state
        if now is None or not now.is_pending():
            return
        due = now.state_details.scheduled_time
        history = self._client.read_flow_run_states(run.id)
        waits = [each for each in history if each.is_scheduled() and each.state_details.scheduled_time == due]
        if waits:
            wait = max(waits, key=lambda each: each.timestamp)
            self._set(run, wait.name or "Scheduled", due, wait.message or "")
        else:
            self._set(run, "Woken", datetime.now(UTC), "Claimed by two desks at once.")

    def _still_due(self, run: FlowRun) -> bool:
        """Whether the run is as it was when it was listed: nobody else has taken or moved it since."""
        try:
            return self._client.read_flow_run(run.id).state_id == run.state_id
        except ObjectNotFound:
            return False

    def _set(self, run: FlowRun, state_name: str, until: datetime | None, message: str) -> None:
        self._client.set_flow_run_state(run.id, parked_state(state_name, until, message))


def _without_renaming(flow: Flow[..., Any], run: FlowRun) -> Flow[..., Any]:
    """The flow without its name template where the run is so named already: one request less a turn."""
    template = flow.flow_run_name
    if not isinstance(template, str) or template.format(**run.parameters) != run.name:
        return flow
    flow = copy.copy(flow)
    flow.flow_run_name = None
    return flow

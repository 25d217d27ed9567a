"""Prefect runs of cases: made, parked, woken, looked up.

A case has one flow run. Between turns it is parked: `Scheduled` under the name of what it waits for, due at
its next deadline. Everything here can be repeated safely. A run is not the memory of its case, the record is:
when Prefect's database is lost, `Runs.create` makes the run again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Literal, NoReturn, Self
from uuid import UUID

from desk.per_thread import PerThread

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas import FlowRun, State

Outcome = Literal["woken", "running", "paused", "missing", "finished"]

#: Every run of a case carries this tag, whatever its procedure.
ALL_CASES = "cleardays"

#: A wait without a date still needs one for Prefect's scheduler.
NO_DATE = timedelta(days=3650)

_PAGE = 200
_RUNS_ASKED = 50  # a run has a few artifacts each
_REMEMBERED_ARTIFACTS = 2_000


def case_tag(case_ref: str) -> str:
    """The tag by which a case's run is found: `case:PC-2026-001`."""
    return f"case:{case_ref}"


def parked_state(state_name: str, until: datetime | None, message: str) -> State[object]:
    """The state of a parked run.

    `state_name` says what the case waits for ("Awaiting feedback"); `until` is an aware instant, or None for
    a wait that no date ends. Raises ValueError for an instant without a time zone.
    """
    from prefect.states import Scheduled

    if until is None:
        until = datetime.now(UTC) + NO_DATE
        message = f"{message.rstrip('.')}. No date ends this wait.".removeprefix(". ")
    if until.tzinfo is None:
        raise ValueError(f"The instant {until.isoformat()} has no time zone: give it one, for instance UTC.")
    return Scheduled(scheduled_time=until.astimezone(UTC), name=state_name, message=message)


def park_this_run(state_name: str, until: datetime | None, message: str) -> NoReturn:
    """Park the flow run this is called in, and leave it. Never returns.

    Call it inside a running synchronous flow. The run is picked up again, from the top, at `until` or when it
    is woken. Raises RuntimeError outside a flow run; otherwise leaves with Prefect's `Pause`, or with `Abort`
    when the server refuses (the run was cancelled meanwhile). Both are normal ends of a turn.
    """
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.context import FlowRunContext
    from prefect.exceptions import Pause
    from prefect.utilities.engine import propose_state_sync

    context = FlowRunContext.get()
    if context is None or context.flow_run is None or not isinstance(context.client, SyncPrefectClient):
        raise RuntimeError(f"{state_name!r}: only a running synchronous flow can be parked, and none runs here.")
    state = propose_state_sync(
        context.client, parked_state(state_name, until, message), flow_run_id=context.flow_run.id
    )
    raise Pause(state_name, state=state)


@dataclass(frozen=True, slots=True)
class CaseRun:
    """A case's flow run as the Prefect server shows it."""

    run_id: UUID
    #: None where somebody started the flow without one.
    case_ref: str | None
    name: str
    #: What a parked run waits for, or Prefect's word ("Running", "Completed").
    state_name: str
    #: Prefect's type of state: SCHEDULED, PENDING, RUNNING, PAUSED, COMPLETED, ...
    state_type: str
    #: When the run is due; None unless it is parked.
    due_at: datetime | None
    message: str

    @property
    def is_open(self) -> bool:
        """False once the run has ended, well or badly."""
        return self.state_type not in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


class Runs:
    """The runs on one Prefect server. Each thread has a client of its own; a busy server (503) is asked again.

    Safe to share between threads. Close it, or use it in a `with` block.
    """

    def __init__(self, api_url: str, auth: str | None = None) -> None:
        """`api_url` ends in `/api`; `auth` is the server's shared `user:password`, if not the one in force here."""
        from prefect.client.orchestration import SyncPrefectClient

        from desk.server import auth_in_force, client_settings

        password = auth_in_force(auth)
        self._clients: PerThread[SyncPrefectClient] = PerThread(
            lambda stack: stack.enter_context(
                SyncPrefectClient(api_url, auth_string=password, httpx_settings=client_settings(api_url))
            )
        )
        self._published: OrderedDict[tuple[UUID, str], tuple[UUID, int]] = OrderedDict()

    @property
    def ui_url(self) -> str:
        """Where the server's pages are."""
        return str(self._client.api_url).rstrip("/").removesuffix("/api")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._clients.close()

    @property
    def _client(self) -> SyncPrefectClient:
        return self._clients.get()

    def create(
        self,
        case_ref: str,
        procedure: str,
        deployment_id: UUID,
        state_name: str = "Notified",
        until: datetime | None = None,
        message: str = "",
        tags: Iterable[str] = (),
    ) -> UUID:
        """Make the run of a case, parked until `until`, and return its id.

        A second call for the same case returns the run already there, in whatever state it is. `until=None`
        parks without a date: pass the present instant for a first turn at once.
        """
        run = self._client.create_flow_run_from_deployment(
            deployment_id,
            parameters={"case_ref": case_ref},
            state=parked_state(state_name, until, message),
            name=case_ref,
            tags=[ALL_CASES, case_tag(case_ref), f"procedure:{procedure}", *tags],
            idempotency_key=case_tag(case_ref),
        )
        return run.id

    def wake(self, run_id: UUID, reason: str) -> Outcome:
        """Let a parked run take its next turn now.

        "running": a turn is on its way or under way, and is left alone; the worker looks at the record again
        when that turn ends. "paused": somebody paused the run in Prefect. "missing": Prefect does not know
        the run (create it). "finished": the run has ended (see `revive`).
        """
        return self._move(run_id, parked_state("Woken", datetime.now(UTC), reason))

    def repark(self, run_id: UUID, state_name: str, until: datetime | None, message: str) -> Outcome:
        """Change what a parked run waits for, or until when. Answers as `wake` does."""
        return self._move(run_id, parked_state(state_name, until, message))

    def revive(self, run_id: UUID, reason: str) -> Outcome:
        """Give a run that has ended, or that hangs in a turn nobody works on, another turn now."""
        from prefect.exceptions import ObjectNotFound

        try:
            self._client.set_flow_run_state(run_id, parked_state("Woken", datetime.now(UTC), reason), force=True)
        except ObjectNotFound:
            return "missing"
        return "woken"

    def _move(self, run_id: UUID, state: State[object]) -> Outcome:
        from prefect.client.schemas.responses import SetStateStatus
        from prefect.exceptions import ObjectNotFound

        try:
            standing = _standing(self._client.read_flow_run(run_id))
            if standing != "woken":
                return standing
            result = self._client.set_flow_run_state(run_id, state)
        except ObjectNotFound:
            return "missing"
        return "woken" if result.status == SetStateStatus.ACCEPT else "running"

    def state_of(self, run_id: UUID) -> CaseRun | None:
        """The run as it stands, or None if Prefect does not know it."""
        from prefect.exceptions import ObjectNotFound

        try:
            return _seen(self._client.read_flow_run(run_id))
        except ObjectNotFound:
            return None

    def states_of(self, run_ids: Sequence[UUID]) -> dict[str, CaseRun]:
        """Up to 200 runs as they stand, by their ids as text; those that Prefect does not know are left out."""
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
        from prefect.client.schemas.sorting import FlowRunSort

        if not run_ids:
            return {}
        wanted = FlowRunFilter(id=FlowRunFilterId(any_=list(run_ids)))
        found = self._client.read_flow_runs(flow_run_filter=wanted, sort=FlowRunSort.ID_DESC, limit=_PAGE)
        return {str(run.id): _seen(run) for run in found}

    def find(self, case_ref: str) -> CaseRun | None:
        """The run of a case: the open one, otherwise the latest, otherwise None."""
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
        from prefect.client.schemas.sorting import FlowRunSort

        wanted = FlowRunFilter(tags=FlowRunFilterTags(all_=[case_tag(case_ref)]))
        found = self._client.read_flow_runs(flow_run_filter=wanted, sort=FlowRunSort.ID_DESC, limit=_PAGE)
        runs = [_seen(run) for run in found]
        return next((run for run in runs if run.is_open), runs[0] if runs else None)

    def publish_artifact(self, run_id: UUID, key: str, markdown: str, description: str = "") -> bool:
        """Show `markdown` on the run's page under `key` (lower case letters, digits, hyphens).

        A run has one artifact for each key, which always shows the newest text: what it was before is in the
        record. The same text again is not sent again by this process. Returns whether it was sent.
        """
        from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate

        text = hash((markdown, description))
        artifact, published = self._published.get((run_id, key), (None, None))
        if published == text:
            return False
        artifact = artifact or self._artifact(run_id, key)
        if artifact is None:
            artifact = self._client.create_artifact(
                ArtifactCreate(type="markdown", key=key, description=description, data=markdown, flow_run_id=run_id)
            ).id
        else:
            self._client.update_artifact(artifact, ArtifactUpdate(data=markdown, description=description))
        self._published[run_id, key] = (artifact, text)
        while len(self._published) > _REMEMBERED_ARTIFACTS:
            self._published.popitem(last=False)
        return True

    def artifacts_of(self, run_ids: Sequence[str]) -> dict[str, dict[str, UUID]]:
        """The artifacts of runs, by the run's id and the last word of the artifact's key."""
        found: dict[str, dict[str, UUID]] = {}
        for start in range(0, len(run_ids), _RUNS_ASKED):
            wanted = {"flow_run_id": {"any_": list(run_ids[start : start + _RUNS_ASKED])}}
            answer = self._client.request("POST", "/artifacts/filter", json={"artifacts": wanted, "limit": _PAGE})
            for each in answer.json():
                name = str(each["key"]).rpartition("-")[2]
                found.setdefault(each["flow_run_id"], {})[name] = UUID(each["id"])
        return found

    def describe(self, deployment_id: UUID, markdown: str) -> None:
        """Show `markdown` as the description of a deployment."""
        from prefect.client.schemas.actions import DeploymentUpdate

        self._client.update_deployment(deployment_id, DeploymentUpdate(description=markdown))

    def _artifact(self, run_id: UUID, key: str) -> UUID | None:
        # The client's own method sends empty fields that the server refuses.
        wanted = {"key": {"any_": [key]}, "flow_run_id": {"any_": [str(run_id)]}}
        answer = self._client.request("POST", "/artifacts/filter", json={"artifacts": wanted, "limit": 1})
        found = answer.json()
        return UUID(found[0]["id"]) if found else None


def _standing(run: FlowRun) -> Outcome:
    """What may be done with the run: "woken" stands for: it is parked, and can be moved."""
    if run.state is None or run.state.is_scheduled():
        return "woken"
    if run.state.is_final():
        return "finished"
    return "paused" if run.state.is_paused() else "running"


def _seen(run: FlowRun) -> CaseRun:
    state = run.state
    case_ref = run.parameters.get("case_ref")
    return CaseRun(
        run_id=run.id,
        case_ref=None if case_ref is None else str(case_ref),
        name=run.name,
        state_name=run.state_name or "",
        state_type=run.state_type.value if run.state_type else "",
        due_at=state.state_details.scheduled_time if state and state.is_scheduled() else None,
        message=(state.message or "") if state else "",
    )

"""A Prefect worker that takes the turns of cases inside its own process, many at once.

The stock worker starts a process for every run, which imports everything again only to find that there is
nothing to do but wait. A turn is short and leaves its results in the record, so a thread is enough.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import socket
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import anyio
import anyio.abc
import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import StateType, WorkerStatus
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL, PREFECT_WORKER_QUERY_SECONDS
from prefect.states import Crashed
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from desk.form_words import overwrite_journal, take_out_all
from desk.runs import ALL_CASES, parked_state
from desk.server import client_settings
from desk.turn import Turns

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas import FlowRun

#: A turn that takes longer than this, seen from another desk, is given up for lost.
STRANDED_AFTER = timedelta(minutes=10)

_MANY = 200  # the most the server gives at once

log = logging.getLogger(__name__)


class TurnResult(BaseWorkerResult):
    """What Prefect asks of a worker's run; the turn itself has already told the server how it ended."""


class DeskWorker(BaseWorker[BaseJobConfiguration, BaseVariables, TurnResult]):
    """Takes turns of the runs in one work pool, `limit` of them at once.

    `again` is asked after each turn that parked, with the case reference, whether a fact came in meanwhile
    (see `desk.turn.Turns`). `heard` is told at each request why the server did not answer, or None where it did.
    `journal` is the SQLite file of a server of our own; `entrypoints` are the only ones loaded (default: ours). The
    server is the one Prefect's settings name (see `desk.server.use_server`). Two desks on one machine need two names: a
    desk that starts takes up the turns its namesake left unfinished.
    """

    type = "cleardays-desk"
    job_configuration = BaseJobConfiguration
    _description = "Takes the turns of Cleardays cases inside the desk's own process."

    def __init__(
        self,
        work_pool_name: str,
        *,
        name: str | None = None,
        limit: int = 4,
        poll_seconds: float | None = None,
        again: Callable[[str], bool] | None = None,
        heard: Callable[[str | None], None] = lambda failure: None,
        journal: Path | None = None,
        entrypoints: Collection[str] | None = None,
        **rest: Any,
    ) -> None:
        super().__init__(work_pool_name, name=name or f"desk at {socket.gethostname()}", limit=limit, **rest)
        self._turns = Turns(again, entrypoints)
        self._heard = heard
        self._journal = journal
        self._poll_seconds = poll_seconds or PREFECT_WORKER_QUERY_SECONDS.value()
        self._free = asyncio.Semaphore(limit)
        self._page = 8 * limit
        self._threads = ThreadPoolExecutor(limit, thread_name_prefix="turn")
        self._active: set[UUID] = set()
        self._stopping = False
        self._bell = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._under_way: anyio.abc.TaskGroup | None = None

    def nudge(self) -> None:
        """Look for due runs now instead of at the next poll. Callable from any thread, at any time."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has closed: the desk has already left
                self._loop.call_soon_threadsafe(self._bell.set)

    def stop(self) -> None:
        """Take no more turns, let those under way end, then leave. Callable from any thread."""
        self._stopping = True
        self.nudge()

    async def start(
        self, run_once: bool = False, with_healthcheck: bool = False, printer: Callable[..., None] = print
    ) -> None:
        """Work until `stop`, or with `run_once` until the runs due now have had their turns.

        A server that cannot be reached is asked again at each poll, for as long as it takes.
        """
        self._loop = asyncio.get_running_loop()
        with self._threads, self._turns:
            # What goes on beside other things has a client of its own (see desk.per_thread): while the server is
            # away a heartbeat sleeps for a minute, and a poll hears of it at once.
            polls, forms = _client(), _client()
            async with (
                self, polls as self._for_polls, forms as self._for_forms, anyio.create_task_group() as background
            ):  # fmt: skip
                await self._patiently(self._take_up_stranded, True)
                background.start_soon(self._keep_in_touch)
                async with anyio.create_task_group() as self._under_way:
                    printer(f"{self.name} takes turns from work pool {self._work_pool_name!r}.")
                    await self._keep_polling(run_once)
                background.cancel_scope.cancel()
        printer(f"{self.name} has stopped.")

    async def _keep_polling(self, run_once: bool) -> None:
        while not self._stopping:
            self._bell.clear()
            due = await self._patiently(self.get_and_submit_flow_runs) or []
            if len(due) >= self._page:
                continue
            if run_once:
                return
            with anyio.move_on_after(self._poll_seconds):
                await self._bell.wait()

    async def _keep_in_touch(self) -> None:
        while True:
            await anyio.sleep(self.heartbeat_interval_seconds)
            await self._patiently(self.sync_with_backend)
            await self._patiently(self._take_up_stranded, False)
            await self._patiently(self._empty_forms)

    async def _patiently(self, ask: Callable[..., Any], *args: Any) -> Any:
        """What `ask` answers, or None when the server cannot: the next round asks again."""
        try:
            answer = await ask(*args)
        except (httpx.HTTPError, ObjectNotFound) as error:
            if isinstance(error, httpx.HTTPStatusError) and error.response.status_code < 500:
                raise
            self._heard(f"{type(error).__name__}: {error}")
            log.warning("The Prefect server did not answer; asking again shortly. %s", error)
            return None
        self._heard(None)
        return answer

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """One poll: start a turn for each run that is due, waiting for a free thread where there is none."""
        due = await self._due()
        listed_at = datetime.now(UTC)
        # Several desks read the same list: each goes through it in an order of its own.
        for run in random.sample(due, len(due)):
            if run.id in self._active:
                continue
            await self._free.acquire()
            if self._stopping or self._under_way is None:
                self._free.release()
                break
            self._active.add(run.id)
            self._under_way.start_soon(self._take, run, listed_at)
        return due

    async def _due(self) -> list[FlowRun]:
        # The client's own method has no limit, and would fetch 200 runs to start a few.
        answer = await self._for_polls.request(
            "POST",
            "/work_pools/{name}/get_scheduled_flow_runs",
            path_params={"name": self._work_pool_name},
            json={"scheduled_before": datetime.now(UTC).isoformat(), "limit": self._page},
        )
        return [entry.flow_run for entry in WorkerFlowRunResponse.model_validate_list(answer.json())]

    async def _take(self, run: FlowRun, listed_at: datetime) -> None:
        try:
            await self._in_a_thread(run, listed_at)
        except Exception:
            log.exception("The turn of %s broke off. It is taken up again later.", run.name)
        finally:
            self._active.discard(run.id)
            self._free.release()

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> TurnResult:
        """One turn, in a thread of this process."""
        if task_status is not None:
            task_status.started(os.getpid())
        await self._in_a_thread(flow_run, datetime.now(UTC))
        return TurnResult(status_code=0, identifier=str(os.getpid()))

    async def _in_a_thread(self, run: FlowRun, listed_at: datetime) -> None:
        loop = asyncio.get_running_loop()
        end = await loop.run_in_executor(self._threads, self._turns.take, run, listed_at)
        log.debug("%s: %s", run.name, end)

    async def _worker_metadata(self) -> None:
        """Tell the server nothing of Prefect's integrations: to look for them reads every package's description."""

    async def _take_up_stranded(self, starting: bool) -> None:
        """Give runs whose desk died in the middle of a turn another turn.

        A desk that starts alone takes up all of them; otherwise only those older than STRANDED_AFTER, since
        another desk may well be working on the younger ones.
        """
        alone = starting and not await self._others()
        lost_before = datetime.now(UTC) - (timedelta(0) if alone else STRANDED_AFTER)
        for run in await self._in_a_turn():
            if run.id in self._active or run.state is None or run.state.timestamp > lost_before:
                continue
            if ALL_CASES in run.tags:
                state = parked_state("Woken", datetime.now(UTC), "The last turn was cut short.")
            else:
                state = Crashed(message="The desk stopped while this ran. See whether it was recorded.")
            await self.client.set_flow_run_state(run.id, state)

    async def _empty_forms(self) -> None:
        try:
            await take_out_all(self._for_forms)
        except httpx.HTTPStatusError as error:  # a server of another make: nothing that cases wait for
            log.error("What was typed into forms could not be taken out of Prefect: %s", error)
        if self._journal is not None:
            await anyio.to_thread.run_sync(overwrite_journal, self._journal)

    async def _others(self) -> bool:
        desks = await self.client.read_workers_for_work_pool(self._work_pool_name, limit=_MANY, offset=0)
        return any(desk.name != self.name and desk.status == WorkerStatus.ONLINE for desk in desks)

    async def _in_a_turn(self) -> list[FlowRun]:
        running = FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING])
        return await self.client.read_flow_runs(
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=running)),
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[self._work_pool_name])),
            sort=FlowRunSort.ID_DESC,
            limit=_MANY,
        )


def _client() -> PrefectClient:
    return get_client(httpx_settings=client_settings(PREFECT_API_URL.value() or ""))


def work(worker: DeskWorker) -> None:
    """Run the desk until it is told to stop by SIGTERM or SIGINT; turns under way end first."""

    async def until_told() -> None:
        loop = asyncio.get_running_loop()

        def stop(told: signal.Signals) -> None:
            loop.remove_signal_handler(told)  # told twice, the process ends there and then
            worker.stop()

        for told in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(told, stop, told)
        await worker.start()

    asyncio.run(until_told())

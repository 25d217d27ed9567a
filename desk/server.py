"""A Prefect server of the desk's own, on this machine: started, watched until it is healthy, stopped."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit
from uuid import UUID

from desk.listener import StrangerListens, refuse_stranger
from desk.settings import reached_at
from desk.template_database import cache_folder, offer_template, save_template

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.orchestration import SyncPrefectClient

#: Seconds a server may take to answer for the first time on a slow machine.
PATIENCE = 180.0

_LOG_TAIL = 15
AUTH_VARIABLE = "PREFECT_API_AUTH_STRING"
_ROOT = Path(__file__).resolve().parents[1]

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}

#: Blocks are not used here, and to register them takes a third of a new server's start. The background services
#: keep Prefect's own intervals: with 3,000 parked runs the server is idle at 2 % of a core with them, and at 1.4 %
#: with all of them slowed down.
LEAN = {"PREFECT_API_BLOCKS_REGISTER_ON_START": "false"}


class ServerDidNotStart(RuntimeError):
    """The Prefect server ended, or did not answer in time; the message has the end of its log."""


class LocalServer:
    """`prefect server start` as a child process, with everything it keeps under `home`.

    `port` None takes a free one. `auth` is the shared `user:password` of the API and the UI. `settings` are
    further Prefect settings (environment variables), which win over the ones set here.
    """

    def __init__(
        self,
        home: Path,
        port: int | None = None,
        auth: str | None = None,
        settings: Mapping[str, str] | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.home = home
        self.host = host
        self.port = port or free_port()
        self._auth = auth
        self._settings = dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    @property
    def url(self) -> str:
        """Where the UI is."""
        return f"http://{reached_at(self.host)}:{self.port}"

    @property
    def api_url(self) -> str:
        """Where the API is: what PREFECT_API_URL is set to."""
        return f"{self.url}/api"

    @property
    def log_file(self) -> Path:
        """What the server prints, kept over its restarts."""
        return self.home / "server.log"

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return None if self._process is None else self._process.pid

    def runs(self) -> bool:
        """Whether the child process is alive; what it answers, `is_healthy` tells."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, progress: Callable[[float], None] | None = None, patience: float = PATIENCE) -> None:
        """Start the server and return once it is healthy.

        `progress` is called several times a second with the seconds so far. Raises ServerDidNotStart, with
        the end of the log, if the server dies or is not healthy after `patience` seconds.
        """
        self._keep_to_ourselves()
        if _is_taken(self.port):  # its answer would be taken for ours, and it would be told of our cases
            raise ServerDidNotStart(
                f"Another program listens on port {self.port} already, perhaps another desk's Prefect server. Stop it, "
                "choose another port (CLEARDAYS_PREFECT_PORT), or work on that server (CLEARDAYS_PREFECT_URL)."
            )
        database = self.home / "prefect.db"
        fresh = not database.exists()
        templated = fresh and offer_template(database)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                cwd=_ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait(self._process, progress, patience)
        except BaseException:
            self.stop()
            raise
        if fresh and not templated:
            save_template(database)

    def _keep_to_ourselves(self) -> None:
        """Lock the home until `stop`, or until this process ends: two servers would write to one database."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._lock is not None:
            return
        lock = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # not of a child that is forked, which may live longer
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                os.close(lock)
                raise ServerDidNotStart(
                    f"Another cleardays up has its Prefect server in {self.home} already. Stop that one, choose "
                    "another folder (CLEARDAYS_HOME), or let this one work on that server (CLEARDAYS_PREFECT_URL)."
                ) from error
        self._lock = lock  # a file system without locks is taken as it is

    def command(self) -> list[str]:
        """The command line of the child process, which ends when this process does, however it ends."""
        child = [sys.executable, "-m", "desk.server_process", str(os.getpid())]
        return [*child, "server", "start", "--host", self.host, "--port", str(self.port)]

    def environment(self) -> dict[str, str]:
        """The child's environment: ours without any Cleardays or other Prefect setting, and what this class sets.

        Its own pages alone may call it: a page of any other site, open in an officer's browser, could decide a case.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CLEARDAYS_"))}
        pages = f"{self.url},http://localhost:{self.port}"
        own = {"PREFECT_HOME": str(self.home), "PREFECT_UI_API_URL": self.api_url}
        own["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] = pages
        own["PREFECT_SERVER_CSRF_PROTECTION_ENABLED"] = "true"  # a browser asks nobody before it sends plain text
        if self._auth:
            own["PREFECT_SERVER_API_AUTH_STRING"] = self._auth
        return {**kept, **_compiled_once(kept), **QUIET, **LEAN, **own, **self._settings}

    def _wait(
        self,
        process: subprocess.Popen[bytes],
        progress: Callable[[float], None] | None,
        patience: float,
    ) -> None:
        began = time.monotonic()
        while not self.is_healthy():
            so_far = time.monotonic() - began
            if process.poll() is not None:
                what = f"ended with code {process.returncode} before it answered"
                raise ServerDidNotStart(f"The Prefect server {what}.\n{self.log_tail()}")
            if so_far > patience:
                what = f"did not answer within {patience:.0f} seconds"
                raise ServerDidNotStart(f"The Prefect server {what}.\n{self.log_tail()}")
            if progress is not None:
                progress(so_far)
            time.sleep(0.1)

    def is_healthy(self) -> bool:
        """Whether the server answers now."""
        return answers(self.api_url)

    def log_tail(self) -> str:
        """The last lines of the server's log, and where the rest is."""
        lines = self.log_file.read_text(errors="replace").splitlines() if self.log_file.exists() else []
        return "\n".join([*lines[-_LOG_TAIL:], f"(The whole log: {self.log_file})"])

    def stop(self, patience: float = 20.0) -> None:
        """Stop the server and whatever it started, and let go of its home. Does nothing if it is not running."""
        process, self._process = self._process, None
        if process is not None:
            self._end(process, patience)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _end(self, process: subprocess.Popen[bytes], patience: float) -> None:
        for told in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if process.poll() is not None:
                break
            os.killpg(process.pid, told)
            try:
                process.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                continue


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        try:
            return probe.connect_ex(("127.0.0.1", port)) == 0
        except StrangerListens:
            return True


def answers(api_url: str) -> bool:
    """Tell whether a Prefect server answers at `api_url` now."""
    _go_past_proxies(api_url)
    try:
        with urllib.request.urlopen(f"{api_url}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def use_server(api_url: str, auth: str | None = None) -> None:
    """Make this process talk to the Prefect server at `api_url`, with its `auth`, if it asks for one.

    Processes that this one starts hear of the address, not of the secret: it stays in Prefect's settings here. Raises
    StrangerListens where another user's program listens on the port of a server of our own.
    """
    from prefect.context import refresh_global_settings_context

    refuse_stranger(api_url)
    _go_past_proxies(api_url)
    os.environ["PREFECT_API_URL"] = api_url
    before = os.environ.get(AUTH_VARIABLE)
    if auth:
        os.environ[AUTH_VARIABLE] = auth
    refresh_global_settings_context()
    if auth:
        os.environ.pop(AUTH_VARIABLE)
        if before is not None:
            os.environ[AUTH_VARIABLE] = before


def auth_in_force(auth: str | None = None) -> str | None:
    """Return `auth`, or else the one that `use_server`, or Prefect's own setting, has set for this process."""
    from prefect.settings import PREFECT_API_AUTH_STRING

    return auth or PREFECT_API_AUTH_STRING.value()


def client_settings(api_url: str) -> dict[str, Any]:
    """Return what an httpx client is made with for `api_url`: without TLS, no certificates are read for it."""
    return {"verify": _no_certificates()} if urlsplit(api_url).scheme == "http" else {}


@cache
def _no_certificates() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody: a redirection to https is refused


def lets_in(api_url: str, auth: str | None) -> bool:
    """Tell whether a server that answers takes this `auth`; True where it asks for none."""
    asked = urllib.request.Request(f"{api_url}/admin/version")
    if auth:
        asked.add_header("Authorization", f"Basic {b64encode(auth.encode()).decode()}")
    try:
        with urllib.request.urlopen(asked, timeout=10):
            return True
    except urllib.error.HTTPError as error:
        return error.code not in (401, 403)
    except OSError:
        return True  # it is away, which is another matter


def _go_past_proxies(api_url: str) -> None:
    """Let this process reach a server on this machine directly, where the council's network asks for a proxy."""
    host = urlsplit(api_url).hostname or ""
    if host != "localhost" and not host.startswith("127."):
        return
    for name in ("no_proxy", "NO_PROXY"):
        kept = [each.strip() for each in os.environ.get(name, "").split(",") if each.strip()]
        if host not in kept and "*" not in kept:
            os.environ[name] = ",".join([*kept, host])


def ensure_pool(api_url: str, name: str, auth: str | None = None) -> UUID:
    """The id of the work pool the desks pull from; made if it is not there."""
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

    from desk.worker import DeskWorker

    with SyncPrefectClient(api_url, auth_string=auth_in_force(auth), httpx_settings=client_settings(api_url)) as client:
        try:
            return client.read_work_pool(name).id
        except ObjectNotFound:
            template = DeskWorker.get_default_base_job_template()
            pool = WorkPoolCreate(name=name, type=DeskWorker.type, base_job_template=template)
            with suppress(ObjectAlreadyExists):  # another desk was quicker
                client.create_work_pool(pool)
            return client.read_work_pool(name).id


def deploy_with(
    client: SyncPrefectClient,
    flow: Flow[..., Any],
    entrypoint: str,
    name: str,
    pool: str,
    tags: Iterable[str] = (),
    description: str | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> UUID:
    """The id of the flow's deployment `name`, made or brought up to date.

    `entrypoint` names the flow by module (`flows.pharmacy_consolidation:pharmacy_consolidation`); by path,
    its folder would come first on the import path and shadow the packages. `parameters` are defaults of the
    form. Raises ValueError for a path.
    """
    from prefect.utilities.callables import parameter_schema

    if "/" in entrypoint or entrypoint.partition(":")[0].endswith(".py"):
        raise ValueError(f"Entrypoint {entrypoint!r} is a path: name the flow as `package.module:flow`.")
    return client.create_deployment(
        client.create_flow_from_name(flow.name),
        name,
        work_pool_name=pool,
        entrypoint=entrypoint,
        description=description or flow.description,
        parameters=dict(parameters or {}),
        parameter_openapi_schema=_in_plain_words(parameter_schema(flow).model_dump()),
        enforce_parameter_schema=True,
        tags=list(tags),
    )


def _in_plain_words(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a form with a title for each field that reads as words: "Given at" for `given_at`."""
    for name, field in schema["properties"].items():
        field["title"] = name.replace("_", " ").capitalize()
    return schema


def _compiled_once(environment: Mapping[str, str]) -> dict[str, str]:
    """Where Python is told not to keep compiled modules, keep the server's in our cache: half its start."""
    if not environment.get("PYTHONDONTWRITEBYTECODE"):
        return {}
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(cache_folder() / "bytecode")}

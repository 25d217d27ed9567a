"""The password of our Prefect server is sent to our own user's program, and to nobody who took its port."""

from __future__ import annotations

import asyncio
import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk import listener
from desk.listener import StrangerListens, not_checked, stranger_at, watch
from desk.refusals import sentence_for
from desk.server import LocalServer, ServerDidNotStart, free_port, use_server
from desk.server_auth import server_auth
from desk.settings import Settings

LISTENS = """
import os, socket, sys
if os.geteuid() == 0:
    os.setuid(65534)
with socket.create_server((sys.argv[1], 0)) as door:
    print(door.getsockname()[1], flush=True)
    while True:
        visitor, _ = door.accept()
        visitor.settimeout(5)
        print(visitor.recv(4096), flush=True)
        visitor.close()
"""
pytestmark = pytest.mark.skipif(not listener.can_tell(), reason="this system does not tell whose sockets listen")


@pytest.fixture(autouse=True)
def _watches_nothing_afterwards() -> Iterator[None]:
    yield
    listener._watched.clear()


@pytest.fixture(params=["127.0.0.1", "0.0.0.0", "::"])
def stranger(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """A program of another user that listens: by `port` it says where, and each line behind is what it was sent."""
    command = [sys.executable, "-I", "-c", LISTENS, request.param]
    if request.param == "::":
        command[3] = LISTENS.replace("(sys.argv[1], 0)", '("::", 0), family=socket.AF_INET6, dualstack_ipv6=True')
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if os.geteuid() != 0:
            own = os.geteuid()
            monkeypatch.setattr(os, "geteuid", lambda: own + 1)
        yield process
        process.kill()


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def test_whoever_took_the_port_is_sent_nothing(stranger: subprocess.Popen[str], tmp_path: Path) -> None:
    """Whatever part of this process asks, by a thread's or by asyncio's sockets, it is refused with a sentence."""
    port = _port(stranger)
    settings = Settings(home=tmp_path, prefect_port=port, _env_file=None)
    auth = server_auth(settings)
    with pytest.raises(StrangerListens, match=f"listens on port {port} is of another user") as refused:
        use_server(settings.prefect_api_url, auth)
    assert "ss -ltnp" in (sentence_for(refused.value) or "")
    with pytest.raises(StrangerListens):
        http.client.HTTPConnection("127.0.0.1", port).request("GET", "/", headers={"Authorization": str(auth)})

    async def ask() -> None:
        await asyncio.open_connection("127.0.0.1", port)

    with pytest.raises(StrangerListens):
        asyncio.run(ask())
    with pytest.raises(ServerDidNotStart, match="Another program listens"):
        LocalServer(tmp_path / "prefect", port=port).start()
    stranger.kill()
    assert stranger.stdout is not None
    assert stranger.stdout.read() == ""


def test_our_own_server_is_let_be(tmp_path: Path) -> None:
    """A program of our own user on the port, and any on another, is connected to as ever."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as ours, socket.create_server(("127.0.0.1", 0)) as other:
        port = ours.getsockname()[1]
        watch(f"http://127.0.0.1:{port}/api")
        assert stranger_at(f"http://127.0.0.1:{port}/api") is None
        for door in (ours, other):
            socket.create_connection(door.getsockname()).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_server_that_the_settings_name_is_not_ours_to_judge(tmp_path: Path) -> None:
    """Another user may well run it; its address and its password were given by somebody who knows."""
    server_auth(Settings(home=tmp_path, prefect_url=f"http://127.0.0.1:{free_port()}/api", _env_file=None))
    assert listener._watched == set()
    server_auth(Settings(home=tmp_path, prefect_port=4299, _env_file=None))
    assert listener._watched == {4299}


def test_where_nobody_can_tell_that_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system without /proc: nothing is refused, and `up` says what that means."""
    assert not_checked("http://127.0.0.1:4200/api") is None
    monkeypatch.setattr(listener, "TABLES", (tmp_path / "tcp",))
    told = not_checked("http://127.0.0.1:4200/api")
    assert told is not None
    assert "port 4200" in told
    watch("http://127.0.0.1:4200/api")
    assert listener._watched == set()

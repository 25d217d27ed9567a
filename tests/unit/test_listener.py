"""The password of our Prefect server is sent to our own user's program, and to nobody who took its port."""

from __future__ import annotations

import asyncio
import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desk import listener
from desk import server_auth as auth_of
from desk.listener import StrangerListens, not_checked, stranger_at, watch
from desk.refusals import sentence_for
from desk.server import LocalServer, ServerDidNotStart, free_port, use_server
from desk.server_auth import server_auth, stranger_on
from desk.settings import Settings

LISTENS = """
import os, socket, sys
if os.geteuid() == 0:
    os.setuid(65534)
with socket.create_server((sys.argv[1], int(sys.argv[2]))) as door:
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
    listener._keepers.clear()


@contextmanager
def _listening(address: str, port: int = 0, *, both: bool = True) -> Iterator[subprocess.Popen[str]]:
    """Start a program of another user that listens at `address`; at "::" for IPv4 as well where `both`."""
    command = [sys.executable, "-I", "-c", LISTENS, address, str(port)]
    if ":" in address:
        command[3] = LISTENS.replace("1], int(sys.argv[2]))", f"1], {port}), family=socket.AF_INET6")
        if both:
            command[3] = command[3].replace("AF_INET6", "AF_INET6, dualstack_ipv6=True")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def another_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process take itself for another user than that of `_listening`: where it is not root it cannot be."""
    if (own := os.geteuid()) != 0:
        monkeypatch.setattr(os, "geteuid", lambda: own + 1)
        monkeypatch.setattr(auth_of, "owner_of", lambda path: own + 1)


@pytest.fixture(params=["127.0.0.1", "0.0.0.0", "::", "::ffff:0.0.0.0", "::ffff:127.0.0.1"])
def stranger(request: pytest.FixtureRequest, another_user: None) -> Iterator[subprocess.Popen[str]]:
    """A program of another user that listens: by `port` it says where, and each line behind is what it was sent."""
    with _listening(request.param) as process:
        yield process


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
    assert listener._watched == {("127.0.0.1", 4299)}


def test_a_stranger_beside_our_server_does_not_shut_us_off_from_it() -> None:
    """Any user may listen at `::` for IPv6 alone, or at another address: connections to ours come to us all the same.

    Who is judged is whoever holds the very address; at `::1`, where we do not listen, that is the other.
    """
    own = os.geteuid()
    theirs = own or 65534
    with socket.create_server(("127.0.0.1", 0)) as ours:
        port = ours.getsockname()[1]
        with _listening("::", port, both=False) as other, _listening("127.0.0.2", port) as another:
            assert (_port(other), _port(another)) == (port, port)
            watch(f"http://127.0.0.1:{port}/api")
            assert listener._listeners("127.0.0.1", port) == [own]
            assert listener._listeners("127.0.0.2", port) == listener._listeners("::1", port) == [theirs]
            assert stranger_at(f"http://127.0.0.1:{port}/api") is None
            socket.create_connection(("127.0.0.1", port)).close()


def test_the_server_of_the_homes_own_user_is_no_strangers(
    tmp_path: Path, another_user: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root, or an officer's second login, who looks at the desk of a home is not told to stop its server."""
    with _listening("127.0.0.1") as process:
        port = _port(process)
        settings = Settings(home=tmp_path, prefect_port=port, _env_file=None)
        assert "is of another user" in (stranger_on(settings) or "")
        theirs = 65534 if os.geteuid() == 0 else os.getuid()
        monkeypatch.setattr(auth_of, "owner_of", {tmp_path: theirs}.get)
        assert stranger_on(settings) is None
        server_auth(settings)
        socket.create_connection(("127.0.0.1", port)).close()


def test_a_server_of_ours_on_an_address_that_others_reach_is_watched_too(tmp_path: Path, another_user: None) -> None:
    """CLEARDAYS_PREFECT_HOST may name this machine's address in the council's network."""
    address = _address_in_the_network()
    with _listening(address) as process:
        port = _port(process)
        settings = Settings(home=tmp_path, prefect_host=address, prefect_port=port, _env_file=None)
        server_auth(settings)
        with pytest.raises(StrangerListens):
            socket.create_connection((address, port))
        with pytest.raises(StrangerListens):
            use_server(settings.prefect_api_url, "a:b")
        assert stranger_on(settings) is not None
        assert not_checked(settings.prefect_api_url) is None


def _address_in_the_network() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.77", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no network")
        return str(probe.getsockname()[0])


def test_that_a_host_by_name_is_not_looked_at_is_said() -> None:
    """Which address a name leads to is known to the resolver alone."""
    assert "desk.council.example" in (not_checked("http://desk.council.example:4200/api") or "")
    assert not_checked("http://localhost:4200/api") is None


def test_where_nobody_can_tell_that_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system without /proc: nothing is refused, and `up` says what that means."""
    assert not_checked("http://127.0.0.1:4200/api") is None
    monkeypatch.setattr(listener, "TABLES", (tmp_path / "tcp",))
    told = not_checked("http://127.0.0.1:4200/api")
    assert told is not None
    assert "port 4200" in told
    watch("http://127.0.0.1:4200/api")
    assert listener._watched == set()

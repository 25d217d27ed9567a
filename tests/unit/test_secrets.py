"""What only the council may know stays out of sight: passwords, letters in errors, files that others could read."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from desk.cli import main
from desk.office import open_office
from desk.server import LocalServer, ServerDidNotStart, answers, free_port
from desk.settings import Settings
from models.store import NewCase, Writing, open_store
from models.tables import CaseRow

SECRET = "correct-horse-battery"


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep nothing of a test in the house."""
    monkeypatch.setenv("CLEARDAYS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("variable", ["CLEARDAYS_SMTP__PASSWORD", "CLEARDAYS_SMTP__PASWORD"])
def test_wrong_mail_settings_are_told_without_the_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str
) -> None:
    """A password without its username, or under a misspelt name, is not repeated: not by us, not by pydantic."""
    monkeypatch.setenv("CLEARDAYS_SMTP__HOST", "mail.example.org")
    monkeypatch.setenv(variable, SECRET)
    assert main(["settings"]) == 2
    assert SECRET not in capsys.readouterr().err
    with pytest.raises(ValidationError) as raised:
        Settings()
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CLEARDAYS_DATABASE", f"postgresql+psycopg://desk:{SECRET}@db.example.org/cases"),
        ("CLEARDAYS_DATABASE", f"postgresql+psycopg://desk:1@{SECRET}@db.example.org/cases"),
        ("CLEARDAYS_DATABASE", f"postgresql+psycopg://db.example.org/cases?user=desk&password={SECRET}"),
        ("CLEARDAYS_PREFECT_URL", f"https://desk:{SECRET}@prefect.example.org/api"),
        ("CLEARDAYS_SMTP__TOKEN_COMMAND", f"get-token --client-secret {SECRET}"),
    ],
)
def test_settings_are_shown_without_what_is_secret_in_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str
) -> None:
    """`cleardays settings` may be pasted into an e-mail to whoever helps."""
    monkeypatch.setenv("CLEARDAYS_SMTP__HOST", "mail.example.org")
    monkeypatch.setenv("CLEARDAYS_SMTP__USERNAME", "public.health")
    if variable != "CLEARDAYS_SMTP__TOKEN_COMMAND":
        monkeypatch.setenv("CLEARDAYS_SMTP__PASSWORD", SECRET)
    monkeypatch.setenv(variable, value)
    assert main(["settings"]) == 0
    shown = capsys.readouterr().out
    assert variable in shown
    assert SECRET not in shown


def test_a_database_address_that_cannot_be_read_is_refused_without_being_repeated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip in the address must not print the password beside it."""
    monkeypatch.setenv("CLEARDAYS_DATABASE", f"postgresql+psycopg//desk:{SECRET}@db.example.org/cases")
    assert main(["cases"]) == 2
    told = capsys.readouterr().err
    assert "CLEARDAYS_DATABASE" in told
    assert SECRET not in told


def test_the_database_and_its_folder_are_their_owners_alone(tmp_path: Path) -> None:
    """Names, addresses and opinions are in it; its journals take after it."""
    before = os.umask(0o022)
    try:
        office = open_office(Settings(home=tmp_path / "srv" / "cleardays"))
        new = NewCase("PC", 2017, "pharmacy-consolidation", 1, "southampton", "CAS-17")
        office.store.write(lambda tx: tx.open_case(new))
        kept = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "srv" / "cleardays").iterdir()}
        office.store.close()
    finally:
        os.umask(before)
    assert (tmp_path / "srv" / "cleardays").stat().st_mode & 0o777 == 0o700
    assert kept == dict.fromkeys(("cases.db", "cases.db-wal", "cases.db-shm"), 0o600)


def test_an_error_of_the_database_quotes_no_letter(tmp_path: Path) -> None:
    """Prefect keeps the words of an error where every officer reads them; the values of a statement stay out."""
    store = open_store(f"sqlite:///{tmp_path}/cases.db")

    def twice(tx: Writing) -> None:
        tx.open_case(NewCase("PC", 2017, "pharmacy-consolidation", 1, "southampton", SECRET))
        tx._connection.execute(insert(CaseRow).values(ref=SECRET, series=None))

    with pytest.raises(IntegrityError) as raised:
        store.write(twice)
    store.close()
    assert SECRET not in str(raised.value)


def test_the_prefect_server_is_given_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It needs neither the mail server's password nor the case database, and answers no other site's pages."""
    monkeypatch.setenv("CLEARDAYS_SMTP__PASSWORD", SECRET)
    monkeypatch.setenv("CLEARDAYS_DATABASE", f"postgresql://desk:{SECRET}@db.example.org/cases")
    server = LocalServer(tmp_path, port=4200)
    environment = server.environment()
    assert SECRET not in str(environment)
    assert environment["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] == "http://127.0.0.1:4200,http://localhost:4200"
    assert "--host 127.0.0.1" in " ".join(server.command())


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of a program on this machine that is no Prefect server of ours and says that all is well."""

    class AllIsWell(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"true")

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), AllIsWell) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_a_stranger_on_our_port_is_not_taken_for_our_server(tmp_path: Path, stranger: int) -> None:
    """Otherwise it would be told of every case, and could have any form filled in."""
    server = LocalServer(tmp_path / "prefect", port=stranger)
    with pytest.raises(ServerDidNotStart, match=f"listens on port {stranger}"):
        server.start()
    assert server.pid is None


def test_a_server_on_this_machine_is_not_sought_behind_a_proxy(
    monkeypatch: pytest.MonkeyPatch, stranger: int
) -> None:
    """On a council's network the environment names a proxy, which knows nothing of our loopback."""
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", "council.example.org")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert answers(f"http://127.0.0.1:{stranger}/api")
    assert httpx.get(f"http://127.0.0.1:{stranger}/").status_code == 200
    assert os.environ["no_proxy"] == "council.example.org,127.0.0.1"

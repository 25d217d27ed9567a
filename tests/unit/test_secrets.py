"""What only the council may know stays out of sight: passwords, letters in errors, files that others could read."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from desk.cli import main
from desk.office import open_office
from desk.server import LocalServer, ServerDidNotStart, answers, auth_in_force, free_port, use_server
from desk.server_auth import auth_file, open_to_others, server_auth
from desk.settings import Settings
from models.secret_files import SecretFileOpen
from models.store import NewCase, Writing, open_store
from models.tables import CaseRow
from notifications.mail_settings import SmtpSettings, fetch_token

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
        ("CLEARDAYS_PREFECT_AUTH", f"cleardays:{SECRET}"),
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


# -- the Prefect server's password, and other secrets in files -------------------------------------------------------


def test_a_server_of_our_own_has_a_password_of_its_own_in_a_closed_file(tmp_path: Path) -> None:
    """It is made once, random, for the desk's own user alone, and stays the same over restarts."""
    here, there = (Settings(home=tmp_path / name, _env_file=None) for name in ("one", "two"))
    first = server_auth(here)
    assert first is not None
    assert re.fullmatch(r"cleardays:[\w-]{32}", first)
    assert auth_file(here).stat().st_mode & 0o777 == 0o600
    assert server_auth(here) == first != server_auth(there)


def test_the_password_comes_from_the_environment_or_a_file_where_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A council's own secret store puts it there; a server that runs elsewhere may as well ask for none."""
    file = tmp_path / "auth"
    file.write_text(f"officers:{SECRET}\n")
    file.chmod(0o600)
    elsewhere = "https://prefect.example.org/api"
    assert server_auth(Settings(prefect_auth_file=file, _env_file=None)) == f"officers:{SECRET}"
    assert server_auth(Settings(prefect_auth=SecretStr("a:b"), prefect_auth_file=file, _env_file=None)) == "a:b"
    assert server_auth(Settings(prefect_url=elsewhere, _env_file=None)) is None
    first = Settings(home=tmp_path, _env_file=None)
    beside = Settings(home=tmp_path, prefect_url="http://127.0.0.1:4200/api", _env_file=None)
    assert server_auth(first) == server_auth(beside), "two desks of one home share its server"
    assert server_auth(Settings(home=tmp_path, prefect_url=elsewhere, _env_file=None)) is None, "ours is not for others"
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "theirs:own")
    assert server_auth(Settings(prefect_url=elsewhere, _env_file=None)) == "theirs:own"


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602])
def test_a_secret_that_everybody_can_read_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    """Nothing starts on it, and the sentence names the file and the command, never the secret."""
    file = tmp_path / "auth"
    file.write_text(f"officers:{SECRET}")
    file.chmod(mode)
    with pytest.raises(SecretFileOpen, match=f"chmod 600 {file}") as raised:
        server_auth(Settings(prefect_auth_file=file, _env_file=None))
    assert SECRET not in str(raised.value)
    with pytest.raises(ValidationError) as wrong:
        SmtpSettings(host="mail.example.org", username="desk", password_file=file)
    assert f"chmod 600 {file}" in str(wrong.value)
    assert SECRET not in str(wrong.value)


def test_the_mail_servers_password_may_stand_in_a_file(tmp_path: Path) -> None:
    """It is read where only its owner can; together with a password it is refused."""
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    read = SmtpSettings(host="mail.example.org", username="desk", password_file=file)
    assert read.password is not None
    assert read.password.get_secret_value() == SECRET
    assert SECRET not in repr(read)
    with pytest.raises(ValidationError, match="give one"):
        SmtpSettings(host="mail.example.org", username="desk", password_file=file, password=SecretStr("x"))


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        (f"CLEARDAYS_SMTP__PASSWORD={SECRET}", True),
        (f"export CLEARDAYS_PREFECT_AUTH=a:{SECRET}", True),
        (f"CLEARDAYS_DATABASE=postgresql+psycopg://desk:{SECRET}@db.example.org/cases", True),
        ("CLEARDAYS_COUNCIL=southampton", False),
        ("CLEARDAYS_PREFECT_AUTH_FILE=/etc/cleardays/auth", False),
        ("CLEARDAYS_DATABASE=sqlite:////srv/cases.db", False),
    ],
)
def test_an_env_file_with_a_secret_in_it_is_closed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, refused: bool
) -> None:
    """A .env file that everybody can read may hold any setting but a secret one."""
    file = tmp_path / ".env"
    mail = "CLEARDAYS_SMTP__HOST=mail.example.org\nCLEARDAYS_SMTP__USERNAME=desk\n" if "SMTP" in line else ""
    file.write_text(f"# ours\n{mail}{line}\n")
    file.chmod(0o644)
    assert main(["settings"]) == (2 if refused else 0)
    told = capsys.readouterr()
    assert ("chmod 600" in told.err) == refused
    assert SECRET not in told.out + told.err
    file.chmod(0o600)
    assert main(["settings"]) == 0
    assert SECRET not in capsys.readouterr().out


def test_a_program_that_we_start_hears_no_secret_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command that prints a token is somebody else's: the mail server's and Prefect's passwords are not its own."""
    monkeypatch.setenv("CLEARDAYS_PREFECT_AUTH", f"cleardays:{SECRET}")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", f"cleardays:{SECRET}")
    told = asyncio.run(fetch_token("env", 20))
    assert "PATH=" in told
    assert SECRET not in told


def test_what_a_desk_starts_hears_the_servers_address_and_not_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password stays in Prefect's settings of this process: no child, and no list of processes, shows it."""
    from prefect.settings import PREFECT_API_AUTH_STRING

    monkeypatch.setenv("PREFECT_API_URL", "")
    try:
        use_server("http://127.0.0.1:1/api", f"cleardays:{SECRET}")
        assert PREFECT_API_AUTH_STRING.value() == f"cleardays:{SECRET}" == auth_in_force()
        assert SECRET not in str(dict(os.environ))
    finally:
        use_server("http://127.0.0.1:1/api")
    assert auth_in_force() is None


def test_the_server_is_told_its_password_by_its_environment_alone(tmp_path: Path) -> None:
    """The list of processes shows a command line to everybody, an environment to its owner."""
    server = LocalServer(tmp_path, port=4200, auth=f"cleardays:{SECRET}")
    assert SECRET not in " ".join(server.command())
    assert server.environment()["PREFECT_SERVER_API_AUTH_STRING"] == f"cleardays:{SECRET}"


def test_another_address_than_this_machines_own_is_warned_of() -> None:
    """Loopback is what is meant; a council that opens the server to its network hears what that means."""
    assert open_to_others(Settings(_env_file=None)) is None
    warning = open_to_others(Settings(prefect_host="0.0.0.0", _env_file=None))
    assert warning is not None
    assert "not on this machine alone" in warning
    assert Settings(prefect_host="0.0.0.0", _env_file=None).prefect_api_url == "http://127.0.0.1:4200/api"

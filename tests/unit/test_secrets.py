"""What only the council may know stays out of sight: passwords, letters in errors, files that others could read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from desk.cli import main
from desk.office import open_office
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

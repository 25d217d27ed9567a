"""What only the council may know stays out of sight: passwords, letters in errors, files that others could read."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from desk.cli import main
from desk.settings import Settings

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

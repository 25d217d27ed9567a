"""Settings of a desk, from the environment or a .env file: where things are kept and how letters leave."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.secret_files import refuse_open_to_all
from notifications.mail_settings import SmtpSettings

#: A line of a .env file that holds a secret.
SECRET_LINE = re.compile(
    r"^\s*(export\s+)?CLEARDAYS_(SMTP__PASSWORD|PREFECT_AUTH|(DATABASE|PREFECT_URL|TSA_URL)\s*=.*//[^/]*:.*@)\b",
    re.MULTILINE | re.IGNORECASE,
)
HOUSE = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Each is read from CLEARDAYS_<NAME>; nested ones from CLEARDAYS_SMTP__HOST and the like."""

    model_config = SettingsConfigDict(
        env_prefix="CLEARDAYS_", env_nested_delimiter="__", env_file=".env", extra="ignore", frozen=True,
        hide_input_in_errors=True,
    )

    home: Path = Field(
        HOUSE / "var", description="Folder for the database, the outbox, Prefect's files and logs"
    )
    database: str | None = Field(
        None, description="URL of the case database; without it SQLite, cases.db in the home folder"
    )
    council: str = Field("southampton", description="Name of the council's file, or its path")
    councils: Path = Field(HOUSE / "councils", description="Folder of council files")
    transport: Literal["folder", "smtp"] = Field(
        "folder", description="folder: letters are written to outbox/ as .eml files; smtp: they are sent"
    )
    smtp: SmtpSettings | None = Field(None, description="The council's mail server, for transport smtp")
    procedures: str = Field(
        "", description="Procedures whose forms the Prefect UI offers, separated by commas; without it, every one"
    )
    prefect_port: int = Field(4200, ge=1, le=65535, description="Port of the Prefect server that `up` starts")
    prefect_url: str | None = Field(
        None, description="Address of a Prefect server's API that runs already; without it, the one that `up` starts"
    )
    prefect_host: str = Field(
        "127.0.0.1", description="Address that this server listens on; any but this machine's own opens it to others"
    )
    prefect_auth: SecretStr | None = Field(
        None, description="user:password that the server's API and pages ask for; without it, one made for this home"
    )
    prefect_auth_file: Path | None = Field(None, description="File that holds it, for its owner alone")
    desk: str | None = Field(
        None, description="Name of this desk in Prefect, where two of them work on one machine"
    )
    officer: str | None = Field(None, description="Role id of who works at the command line, for the record")
    bell_seconds: float = Field(
        0.5, gt=0, description="How often the desk looks for new facts and due deadlines"
    )
    turns_at_once: int = Field(4, ge=1, le=64, description="How many cases the desk takes turns of at once")

    daily_heads: bool = Field(
        True, description="Whether each day's heads are sealed and mailed to the auditor that the council's file names"
    )
    tsa_url: str | None = Field(
        None, description="Address of a time-stamping authority (RFC 3161) for the daily heads, with its login if any"
    )
    tsa_ca_file: Path | None = Field(
        None, description="File of the authority's certificates (PEM); its time stamps must hold under them"
    )
    tsa_timeout_seconds: float = Field(10.0, gt=0, le=60, description="How long the authority is waited for")

    @model_validator(mode="after")
    def _authority_is_whole(self) -> Self:
        if self.tsa_url is None:
            return self
        address = urlsplit(self.tsa_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError("tsa_url is no address that begins with http:// or https://; give the authority's own")
        if self.tsa_ca_file is None:
            raise ValueError("tsa_url is given without tsa_ca_file; name the file of the authority's certificates")
        if address.password and address.scheme == "http" and address.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("the login in tsa_url would cross the network in the clear; use https")
        return self

    @model_validator(mode="after")
    def _env_file_is_closed(self) -> Self:
        """Refuse a .env file with a secret in it that everybody on the machine may read."""
        file = Path(".env")
        if file.is_file() and SECRET_LINE.search(file.read_text(encoding="utf-8", errors="replace")):
            refuse_open_to_all(file)
        return self

    @property
    def database_url(self) -> str:
        """Return the URL of the case database."""
        return self.database or f"sqlite:///{self.home / 'cases.db'}"

    @property
    def prefect_api_url(self) -> str:
        """Return the address of the Prefect server's API."""
        return self.prefect_url or f"http://{reached_at(self.prefect_host)}:{self.prefect_port}/api"

    @property
    def offered(self) -> list[str]:
        """Return the procedures that the Prefect UI offers. Raises tasks.forms.Refused for one that is not known."""
        from tasks.procedures import PLACES, procedure_named

        named = [name.strip() for name in self.procedures.split(",") if name.strip()]
        return [procedure_named(name).name for name in named] or list(PLACES)

    @property
    def outbox(self) -> Path:
        """Return the folder that letters are written to when they are not sent."""
        return self.home / "outbox"


def reached_at(host: str) -> str:
    """Return the host by which this machine reaches a server that listens on `host`."""
    return "127.0.0.1" if host in ("0.0.0.0", "::", "localhost") else host


@cache
def settings() -> Settings:
    """Return the settings, read once. Raises pydantic.ValidationError naming what is wrong."""
    return Settings()

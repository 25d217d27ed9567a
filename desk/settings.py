"""Settings of a desk, from the environment or a .env file: where things are kept and how letters leave."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from notifications.mail_settings import SmtpSettings

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
    desk: str | None = Field(
        None, description="Name of this desk in Prefect, where two of them work on one machine"
    )
    officer: str | None = Field(None, description="Role id of who works at the command line, for the record")
    bell_seconds: float = Field(
        0.5, gt=0, description="How often the desk looks for new facts and due deadlines"
    )
    turns_at_once: int = Field(4, ge=1, le=64, description="How many cases the desk takes turns of at once")

    @property
    def database_url(self) -> str:
        """Return the URL of the case database."""
        return self.database or f"sqlite:///{self.home / 'cases.db'}"

    @property
    def prefect_api_url(self) -> str:
        """Return the address of the Prefect server's API."""
        return self.prefect_url or f"http://127.0.0.1:{self.prefect_port}/api"

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


@cache
def settings() -> Settings:
    """Return the settings, read once. Raises pydantic.ValidationError naming what is wrong."""
    return Settings()

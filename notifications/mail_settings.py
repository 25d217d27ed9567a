"""How the council's mail server is reached and logged in to."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from models.secret_files import read_secret
from notifications.transport import LoginRefused


class SmtpSettings(BaseModel):
    """How to reach the council's mail server.

    Without `security`, a server on this machine is spoken to in the clear and any other must offer STARTTLS.
    Give a `password`, or a `token_command` that prints an OAuth access token (XOAUTH2, as Microsoft 365
    asks), or neither. `timeout` is per command and `reply_timeout` for the reply to the whole
    message, in seconds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str
    port: int | None = Field(default=None, ge=1, le=65535, description="Without it 465 for tls, 587 for starttls, 25.")
    security: Literal["starttls", "tls", "plain"] | None = None
    ca_file: Path | None = Field(default=None, description="Certificate authority of the server, if not a public one.")
    hello_name: str | None = Field(default=None, description="Our name in EHLO; else this machine's own.")
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = Field(default=None, description="File that holds the password, for its owner alone.")
    token_command: str | None = None
    connections: int = Field(default=4, ge=1, le=50)
    messages_per_connection: int = Field(default=100, ge=1)
    timeout: float = Field(default=60, gt=0)
    reply_timeout: float = Field(default=600, gt=0)

    @property
    def protection(self) -> Literal["starttls", "tls", "plain"]:
        """The security in force, with the default worked out."""
        return self.security or ("plain" if _is_loopback(self.host) else "starttls")

    @model_validator(mode="before")
    @classmethod
    def _password_is_read(cls, given: Any) -> Any:
        """Take the password from its file, where one is named."""
        if not isinstance(given, dict) or not given.get("password_file"):
            return given
        if given.get("password"):
            raise ValueError("password and password_file are both given; give one.")
        return {**given, "password": read_secret(Path(given["password_file"]))}

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if self.password is not None and self.token_command is not None:
            raise ValueError("password and token_command are both given; give the one the mail server asks for.")
        if (self.password or self.token_command) and not self.username:
            raise ValueError("a password or token_command is given without a username; give the username too.")
        if self.username and not (self.password or self.token_command):
            raise ValueError(f"the username {self.username!r} is given without a password or token_command; give one.")
        if self.username and self.protection == "plain" and not _is_loopback(self.host):
            raise ValueError(f"a login to {self.host} would cross the network in the clear; set security to starttls.")
        return self


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def without_our_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for another's program: without our settings and Prefect's, some of which are secret."""
    return {name: value for name, value in environment.items() if not name.startswith(("CLEARDAYS_", "PREFECT_"))}


async def fetch_token(command_line: str, timeout: float) -> str:
    """Run the council's command and return the access token it prints, waiting at most `timeout` seconds.

    Raises LoginRefused if the command cannot be started, fails, or prints nothing.
    """
    command = shlex.split(command_line)
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=without_our_settings(os.environ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise LoginRefused(f"The token command {command[0]!r} cannot be started: {error}.") from error
    try:
        out, complaint = await asyncio.wait_for(process.communicate(), timeout)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise LoginRefused(f"The token command {command[0]!r} printed nothing in {timeout:g} seconds.") from None
    token = out.decode("ascii", "replace").strip()
    if process.returncode or not token:
        told = complaint.decode(errors="replace").strip()[-300:] or "no explanation"
        raise LoginRefused(f"The token command {command[0]!r} gave no token (status {process.returncode}): {told}.")
    return token

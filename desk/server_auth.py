"""What the Prefect server's API and pages ask for: one `user:password`, shared by the desk and its officers."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from desk.listener import stranger_at, watch
from desk.settings import Settings
from models.secret_files import read_secret, secret_of_our_own

USER = "cleardays"


def auth_file(settings: Settings) -> Path:
    """Return the file in which the password of a server of our own is kept, for the desk's own user."""
    return settings.home / "prefect-auth"


def server_auth(settings: Settings) -> str | None:
    """Return what the Prefect server of these settings asks for; None for one that asks for nothing.

    It is what CLEARDAYS_PREFECT_AUTH says, or the file that CLEARDAYS_PREFECT_AUTH_FILE names; else, for a server of
    our own, what a file in the home folder holds, which is made with a new password where it is missing. For a server
    that CLEARDAYS_PREFECT_URL names Prefect's own PREFECT_API_AUTH_STRING counts too, and that file where the server is
    on this machine: another desk of the same home has started it. Raises SecretFileOpen.

    What a server of our own asks for is from then on sent to nobody else's (see `desk.listener`).
    """
    if settings.prefect_url is None:
        watch(settings.prefect_api_url, _keepers(settings))
    if settings.prefect_auth is not None:
        return settings.prefect_auth.get_secret_value()
    if settings.prefect_auth_file is not None:
        return read_secret(settings.prefect_auth_file)
    if settings.prefect_url is None:
        return secret_of_our_own(auth_file(settings), USER)
    if (theirs := os.environ.get("PREFECT_API_AUTH_STRING")) is not None:
        return theirs
    ours = auth_file(settings)
    if not _is_here(settings.prefect_url) or not ours.exists():
        return None
    watch(settings.prefect_url, _keepers(settings))
    return read_secret(ours)


def stranger_on(settings: Settings) -> str | None:
    """Return, as a sentence, that somebody else's program listens where a server of our own should; else None."""
    if settings.prefect_url is not None:
        return None
    watch(settings.prefect_api_url, _keepers(settings))
    return stranger_at(settings.prefect_api_url)


def _keepers(settings: Settings) -> set[int]:
    """Return who owns the home folder, or the file with the password: they can read or replace it as it is.

    So root, or an officer's second login, does not take the server of the desk's own user for a stranger's.
    """
    file = (settings.prefect_auth_file or auth_file(settings)) if settings.prefect_auth is None else settings.home
    return {owner for path in (settings.home, file) if (owner := owner_of(path)) is not None}


def owner_of(path: Path) -> int | None:
    """Return the number of the user who owns a file or a folder; None where it is not there."""
    try:
        return path.stat().st_uid
    except OSError:
        return None


def open_to_others(settings: Settings) -> str | None:
    """Return a warning where a server of our own listens on more than this machine; None where it does not."""
    host = settings.prefect_host
    if _is_loopback(host):
        return None
    return (
        f"WARNING: the Prefect server listens on {host} (CLEARDAYS_PREFECT_HOST), not on this machine alone, and "
        f"without TLS. Whoever reaches port {settings.prefect_port} and has its one password can do there what any "
        "officer can. Leave the setting out, and put a proxy with TLS and the council's own sign-in in front."
    )


def where_it_is(settings: Settings) -> str:
    """Return in words where an officer finds what the pages ask for, never the thing itself."""
    if settings.prefect_auth is not None:
        return "what CLEARDAYS_PREFECT_AUTH says"
    if settings.prefect_auth_file is None and settings.prefect_url is not None:
        return "what that server's own keeper has set, if anything"
    return f"the line in {settings.prefect_auth_file or auth_file(settings)}"


def _is_here(url: str) -> bool:
    return _is_loopback(urlsplit(url).hostname or "")


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")

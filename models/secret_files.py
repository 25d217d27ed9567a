"""Secrets in files: read only where nobody else on the machine can read them too."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

EVERYBODY = 0o007  #: what anybody on the machine may do with a file


class SecretFileOpen(ValueError):
    """A file that holds a secret can be read by everybody on the machine, or cannot be used."""


def read_secret(file: Path) -> str:
    """Return the secret that a file holds, without the space around it.

    Raises SecretFileOpen, with what to do, for a file that everybody may read, that is missing or that is empty.
    """
    refuse_open_to_all(file)
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SecretFileOpen(f"{file}, for a secret, cannot be read ({error.strerror}); check its name") from error
    if not secret:
        raise SecretFileOpen(f"{file} is to hold a secret and is empty; write it there")
    return secret


def refuse_open_to_all(file: Path) -> None:
    """Raise SecretFileOpen for a file that everybody on the machine may read or change; a missing one is let be."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return
    if mode & EVERYBODY:
        raise SecretFileOpen(
            f"{file} holds a secret, and everybody on this machine can read it (mode {mode:o}); "
            f"close it to them: chmod 600 {file}"
        )


def secret_of_our_own(file: Path, user: str) -> str:
    """Return what a file holds as `user:password`, made and written there, for its owner alone, where it is missing."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read_secret(file)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(f"{user}:{secrets.token_urlsafe(24)}\n")
    return read_secret(file)

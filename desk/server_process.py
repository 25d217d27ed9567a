"""The Prefect server as a child that ends with its parent: `python -m desk.server_process PARENT ...`."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import threading
import time
from typing import Any

LOOK_SECONDS = 1.0


def leave_with(parent: int) -> None:
    """Stop this process, as Ctrl-C would, once `parent` is no longer its parent."""
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGINT)


def forget_for_good() -> None:
    """Let SQLite overwrite what the server deletes, which it may leave in the file until it needs the room."""
    plain = sqlite3.connect

    def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = plain(*args, **kwargs)
        connection.execute("PRAGMA secure_delete = ON").close()
        return connection

    for module in (sqlite3, sqlite3.dbapi2):
        module.connect = connect  # type: ignore[attr-defined]


def main() -> None:
    """Run Prefect's command line with the arguments after the parent's process id."""
    parent, *sys.argv[1:] = sys.argv[1:]
    threading.Thread(target=leave_with, args=(int(parent),), daemon=True).start()
    from prefect.cli import app

    forget_for_good()
    app()


if __name__ == "__main__":
    main()

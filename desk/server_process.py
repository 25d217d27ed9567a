"""The Prefect server as a child that ends with its parent: `python -m desk.server_process PARENT ...`."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

LOOK_SECONDS = 1.0


def leave_with(parent: int) -> None:
    """Stop this process, as Ctrl-C would, once `parent` is no longer its parent."""
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGINT)


def main() -> None:
    """Run Prefect's command line with the arguments after the parent's process id."""
    parent, *sys.argv[1:] = sys.argv[1:]
    threading.Thread(target=leave_with, args=(int(parent),), daemon=True).start()
    from prefect.cli import app

    app()


if __name__ == "__main__":
    main()

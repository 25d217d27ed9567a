"""What the desk writes down about itself: to a file, not over an officer's terminal."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

_prepared = False


def prepare() -> None:
    """Read Prefect's settings of its logs, for `quieten` in a process that is forked from here."""
    global _prepared
    from prefect.logging.configuration import setup_logging

    setup_logging()
    _prepared = True


def quieten(log_file: Path) -> None:
    """Send what Prefect and the desk log to `log_file` instead of the terminal; the Prefect UI keeps its own."""
    global _prepared
    from prefect.logging.handlers import PrefectConsoleHandler

    if not _prepared:
        prepare()
    _prepared = False  # for one process
    handler = RotatingFileHandler(log_file, maxBytes=5_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name in (None, *logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        for console in [each for each in logger.handlers if isinstance(each, PrefectConsoleHandler)]:
            logger.removeHandler(console)
            if name is not None and not logger.propagate:
                logger.addHandler(handler)
    logging.getLogger().addHandler(handler)


def let_go_of_server() -> None:
    """Hand over what is still to be told to the Prefect server, so that it may stop before this process does."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    APILogWorker.drain_all(timeout=5)
    EventsWorker.drain_all(timeout=5)

"""A mark that changes whenever anybody has written: so that who looks again and again reads only when there is news."""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import Engine

QUESTIONS = {
    # a number that SQLite keeps for each connection, changed by what all others have committed
    "sqlite": "PRAGMA data_version",
    # the writing transactions that are over, and those under way: one that only reads is given no number
    "postgresql": "SELECT CAST(pg_current_snapshot() AS text)",
}


class Mark:
    """Reads the mark of a database through a connection of its own. Safe to use from many threads."""

    def __init__(self, engine: Engine) -> None:
        """`engine` is that of a file or a server: a database in memory has one connection only, and no mark."""
        self._engine = engine
        self._connection: Any = None
        self._opened = 0
        self._one_at_a_time = threading.Lock()

    def read(self) -> str:
        """Return the mark: equal to an earlier one only if nobody has committed anything in between."""
        with self._one_at_a_time:
            if self._connection is None:
                self._connection = self._engine.raw_connection()
                self._opened += 1
                if self._engine.dialect.name == "postgresql":
                    self._connection.driver_connection.autocommit = True
            try:
                cursor = self._connection.cursor()
                cursor.execute(QUESTIONS[self._engine.dialect.name])
                (mark,) = cursor.fetchone()
                cursor.close()
            except Exception:
                self._let_go()
                raise
            return f"{self._opened} {mark}"

    def close(self) -> None:
        """Close the connection."""
        with self._one_at_a_time:
            self._let_go()

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()

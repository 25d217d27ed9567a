"""Statements handed to the driver as text, for the few that run for every letter, verb or turn.

SQLAlchemy writes each once for each kind of database; what it does besides for every run costs ten times the run.
Values are given as they are stored: an instant as its text. The driver's errors come out as SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import BindParameter, ClauseElement, Connection, bindparam
from sqlalchemy.exc import DBAPIError


@dataclass(frozen=True, slots=True)
class _Text:
    sql: str
    names: tuple[str, ...] | None  #: of its parameters by their place, where the driver takes them so
    fixed: Mapping[str, Any]

    def values(self, given: Mapping[str, Any]) -> Any:
        """Return values as the driver takes them."""
        if self.names is None:
            return {**self.fixed, **given}
        return [given[name] if name in given else self.fixed[name] for name in self.names]


class Prepared:
    """One statement, or one for each number of things it is about."""

    def __init__(self, build: Callable[[Sequence[BindParameter[Any]]], ClauseElement]) -> None:
        """`build` is given the parameters `these` that a run names, and returns the statement."""
        self._build = build
        self._texts: dict[tuple[str, int], _Text] = {}

    def run(self, connection: Connection, these: Sequence[object] = (), **values: object) -> list[Any]:
        """Run it within the transaction of `connection`; return the rows it gives."""
        text = self._text(connection, len(these))
        given = values | {f"n{number}": each for number, each in enumerate(these)}
        rows: list[Any] = _do(connection, text.sql, lambda cursor: _all_rows(cursor, text.sql, text.values(given)))
        return rows

    def run_each(self, connection: Connection, values: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each of `values`."""
        text = self._text(connection, 0)
        given = [text.values(each) for each in values]
        _do(connection, text.sql, lambda cursor: cursor.executemany(text.sql, given))

    def _text(self, connection: Connection, number: int) -> _Text:
        dialect = connection.dialect
        text = self._texts.get((dialect.name, number))
        if text is None:
            written = self._build([bindparam(f"n{place}") for place in range(number)]).compile(dialect=dialect)
            fixed = {
                name: value.value if isinstance(value, Enum) else value
                for name, value in (written.params or {}).items()
            }  # fmt: skip
            places: Sequence[str] | None = getattr(written, "positiontup", None)
            text = self._texts[dialect.name, number] = _Text(str(written), tuple(places) if places else None, fixed)
        return text


def run_text(connection: Connection, sql: str) -> None:
    """Run a statement without parameters or rows, such as one that begins a transaction."""
    _do(connection, sql, lambda cursor: cursor.execute(sql))


def _do(connection: Connection, sql: str, act: Callable[[Any], Any]) -> Any:
    driver = connection.connection
    cursor = driver.cursor()
    error = connection.dialect.loaded_dbapi.Error
    try:
        return act(cursor)
    except error as failure:
        lost = connection.dialect.is_disconnect(failure, driver.driver_connection, cursor)
        raise DBAPIError.instance(
            sql, None, failure, error, hide_parameters=True, connection_invalidated=lost, dialect=connection.dialect
        ) from failure
    finally:
        cursor.close()


def _all_rows(cursor: Any, sql: str, values: Any) -> list[Any]:
    cursor.execute(sql, values)
    return list(cursor.fetchall()) if cursor.description else []

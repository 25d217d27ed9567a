"""The writers of a store: they queue, and whoever stands at the front commits the work of all that wait.

Many facts so share one disk flush. Each piece of work stands alone all the same: one that fails is rolled back
to its savepoint and the others are kept. Nobody is told that work is done before its commit has returned.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import StaticPool

T = TypeVar("T")
W = TypeVar("W")

LARGEST_GROUP = 256
TRIES = 5


class OutcomeUnknown(RuntimeError):
    """The database was lost while work was committed: it may have been recorded, and doing it again could double it."""

    def __init__(self, lost: DBAPIError) -> None:
        """`lost` is the driver's error."""
        super().__init__(
            f"the connection to the database was lost in the midst of a commit ({lost.orig}); whether it was recorded "
            "is not known: look at the case before doing it again"
        )


@dataclass(slots=True, eq=False)
class _Waiting(Generic[W]):
    work: Callable[[W], Any]
    called: threading.Event = field(default_factory=threading.Event)  #: done, or at the front of the queue
    done: bool = False
    result: Any = None
    error: BaseException | None = None

    def end(self, result: Any, error: BaseException | None) -> None:
        self.result, self.error, self.done = result, error, True


class Writers(Generic[W]):
    """Runs work in transactions on one connection, a group at a time. Safe to use from many threads."""

    def __init__(
        self, engine: Engine, writing: Callable[[Connection, dict[str, Any]], W], committed: Callable[[W], None]
    ) -> None:
        """`writing` makes what work is given from a connection; `committed` is told of each that was committed.

        It is also given a dictionary that those of one transaction share.
        """
        self._engine, self._writing, self._committed = engine, writing, committed
        self._queue: deque[_Waiting[W]] = deque()
        self._led = False  # whether somebody commits or was called to
        self._door = threading.Lock()  # held to look at the queue
        self._turnstile = threading.Lock()  # held while the one connection is used
        self._inside: int | None = None  # the thread that is past the turnstile
        self._connection: Connection | None = None
        self.in_memory = isinstance(engine.pool, StaticPool)
        self.commits = 0

    def write(self, work: Callable[[W], T]) -> T:
        """Run `work` in a transaction and return what it returns, once it is safely on disk.

        `work` may be run again, after a deadlock or a clash with another process, so it must do nothing but read
        and write through what it is given. Raises what `work` raises; then nothing of it was kept.
        """
        self.refuse_within("write")
        waiting = _Waiting(work)
        with self._door:
            self._queue.append(waiting)
            leads, self._led = not self._led, True
        if not leads:
            self._wait_to_be_called(waiting)
        if not waiting.done:
            self._lead(waiting)
        if waiting.error is not None:
            raise waiting.error
        result: T = waiting.result
        return result

    @contextmanager
    def borrowed(self) -> Iterator[Connection]:
        """Lend the one connection to a reader while nobody writes: a database in memory has no other."""
        self.refuse_within("read")
        with self._alone_in_here():
            connection = self._usable()
            try:
                yield connection
            finally:
                connection.rollback()

    def refuse_within(self, what: str) -> None:
        """Raise RuntimeError when this thread is in the midst of using the connection."""
        if self._inside == threading.get_ident():
            raise RuntimeError(
                f"a {what} began inside another use of the store by the same thread; "
                "work reads and writes through the Writing it is given"
            )

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()

    # -- the queue -----------------------------------------------------------------------------------------

    def _wait_to_be_called(self, waiting: _Waiting[W]) -> None:
        try:
            waiting.called.wait()
        except BaseException:  # interrupted: see it through first, for others may wait for us to lead
            waiting.called.wait()
            if not waiting.done:
                self._lead(waiting)
            raise

    def _lead(self, mine: _Waiting[W]) -> None:
        group: list[_Waiting[W]] = []
        try:
            with self._alone_in_here():
                group = self._take_group()
                for waiting in self._commit_together(group):
                    self._commit_alone(waiting)
        except BaseException as error:  # interrupted: nobody is told that the work was done
            with self._door:
                if mine in self._queue:
                    self._queue.remove(mine)
            for waiting in (mine, *group):
                if not waiting.done:
                    waiting.end(None, error)
            raise
        finally:
            self._hand_over(group)

    def _take_group(self) -> list[_Waiting[W]]:
        with self._door:
            return [self._queue.popleft() for _ in range(min(len(self._queue), LARGEST_GROUP))]

    def _hand_over(self, group: Sequence[_Waiting[W]]) -> None:
        with self._door:
            successor = self._queue[0] if self._queue else None
            self._led = successor is not None
        for waiting in group:
            waiting.called.set()
        if successor is not None:
            successor.called.set()

    # -- transactions --------------------------------------------------------------------------------------

    def _commit_together(self, group: list[_Waiting[W]]) -> list[_Waiting[W]]:
        """Commit a group's work in one transaction; return the work that is to be run again, alone."""
        if len(group) == 1:
            return group
        connection = self._usable()
        outcomes: list[tuple[Any, Exception | None]] = []
        shared: dict[str, Any] = {}
        writings = [self._writing(connection, shared) for _ in group]
        try:
            with connection.begin():
                outcomes = [
                    self._run(connection, waiting.work, writing)
                    for waiting, writing in zip(group, writings, strict=True)
                ]
        except DBAPIError as lost:  # a deadlock, a lost connection, a value the database cannot hold
            self._drop()
            if not (outcomes and lost.connection_invalidated):
                return group
            outcomes = [(None, failure or OutcomeUnknown(lost)) for _, failure in outcomes]
        self.commits += 1
        for waiting, writing, (result, error) in zip(group, writings, outcomes, strict=True):
            if error is None:
                self._committed(writing)
            if not isinstance(error, IntegrityError):
                waiting.end(result, error)
        return [waiting for waiting in group if not waiting.done]

    def _run(self, connection: Connection, work: Callable[[W], Any], writing: W) -> tuple[Any, Exception | None]:
        """Run one of a group's work in a savepoint; a clash with another process is an outcome, too."""
        savepoint = connection.begin_nested()
        try:
            result = work(writing)
        except Exception as error:
            if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
                raise
            savepoint.rollback()
            return None, error
        savepoint.commit()
        return result, None

    def _commit_alone(self, waiting: _Waiting[W]) -> None:
        failure: Exception | None = None
        for _ in range(TRIES):
            committing = False
            try:
                connection = self._usable()
                writing = self._writing(connection, {})
                with connection.begin():
                    result = waiting.work(writing)
                    committing = True
            except IntegrityError as error:
                failure = error
            except DBAPIError as error:
                failure = error
                self._drop()
                if committing and error.connection_invalidated:
                    failure = OutcomeUnknown(error)
                    break
            except Exception as error:
                waiting.end(None, error)
                return
            else:
                self.commits += 1
                self._committed(writing)
                waiting.end(result, None)
                return
        waiting.end(None, failure)

    # -- the connection ------------------------------------------------------------------------------------

    @contextmanager
    def _alone_in_here(self) -> Iterator[None]:
        with self._turnstile:
            self._inside = threading.get_ident()
            try:
                yield
            finally:
                self._inside = None

    def _usable(self) -> Connection:
        if self._connection is not None and self._connection.in_transaction():
            self._drop()  # an interrupt came at a bad moment
        if self._connection is None or self._connection.closed:
            self._connection = self._engine.connect()
        return self._connection

    def _drop(self) -> None:
        """Let go of a connection in doubt; the database rolls back what was open on it."""
        if self._connection is None:
            return
        if self.in_memory:
            self._connection.rollback()
            return
        self._connection.invalidate()
        self._connection.close()
        self._connection = None

"""One of a thing for each thread that asks: a Prefect client may not be shared.

A Prefect server that guards against forged requests takes a change only with the newest token that it gave to the
client. Where two threads of one client fetch one at the same time, each makes the other's worthless, again and again
while the client waits longer and longer: two minutes were seen, and then the refusal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Generic, TypeVar

T = TypeVar("T")


class PerThread(Generic[T]):
    """Makes one `T` for each thread that asks, and closes all of them together."""

    def __init__(self, make: Callable[[ExitStack], T]) -> None:
        """`make` puts onto the stack how its thing is closed."""
        self._make = make
        self._own = threading.local()
        self._to_close: list[ExitStack] = []

    def get(self) -> T:
        """Return this thread's own. Raises what `make` raises."""
        try:
            return self._own.thing  # type: ignore[no-any-return]
        except AttributeError:
            pass
        with ExitStack() as stack:
            thing = self._make(stack)
            self._to_close.append(stack.pop_all())
        self._own.thing = thing
        return thing

    def close(self) -> None:
        """Close every thread's; none may be in use."""
        while self._to_close:
            self._to_close.pop().close()
        self._own = threading.local()

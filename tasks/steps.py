"""Steps: one verb, one effect, safe to run twice.

A step first asks the record whether it was done; if so it returns what was recorded. Otherwise it acts and
records, in one transaction with the letters it posts. Inside a Prefect flow run a step that does something is
a task run; in a rehearsal or a test it is a plain call.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

from models.facts import Fact
from tasks.turns import CaseView, Effect, RecordMoved, Turn, current_turn

C = TypeVar("C", bound=CaseView)
P = ParamSpec("P")

OVERTAKEN = "Overtaken"  #: how the Prefect UI shows a step that came to nothing because a fact came in first


def step(
    fact: str, title: str
) -> Callable[[Callable[Concatenate[C, P], Effect]], Callable[Concatenate[C, P], Fact]]:
    """Make a step that records one `fact`; `title` is what the Prefect UI calls it.

    The positional arguments after the case (a round, a role id) are the key that says whether it was done
    before; what is passed by name is not. The step returns the fact, new or as recorded before.
    """

    def decorate(act: Callable[Concatenate[C, P], Effect]) -> Callable[Concatenate[C, P], Fact]:
        def run(case: C, /, *args: P.args, **kwargs: P.kwargs) -> Fact:
            own = "/".join([fact, *map(str, args)])
            done = case.record.keyed(own)
            if done is not None:
                return done
            turn, key = current_turn(), case.record.to_do_under(own) or own
            return _once(turn, _titled(title, args), lambda: turn.commit(fact, {key: act(case, *args, **kwargs)}))[0]

        update_wrapper(run, act)
        return run

    return decorate


def step_for_each(
    fact: str, title: str
) -> Callable[
    [Callable[Concatenate[C, str, P], Effect]], Callable[Concatenate[C, Sequence[str], P], list[Fact]]
]:
    """Make a step that records one `fact` for each of several people, all in one transaction and one task.

    The function takes one role id; the step takes a sequence of them, and acts only for those not done
    before. Further positional arguments (a round) are part of the key. The step returns a fact for each.
    """

    def decorate(
        act: Callable[Concatenate[C, str, P], Effect],
    ) -> Callable[Concatenate[C, Sequence[str], P], list[Fact]]:
        def run(case: C, people: Sequence[str], /, *args: P.args, **kwargs: P.kwargs) -> list[Fact]:
            keys = {person: "/".join([fact, *map(str, args), person]) for person in people}
            missing = {person: key for person in people if (key := case.record.to_do_under(keys[person])) is not None}
            if missing:
                turn = current_turn()
                _once(
                    turn,
                    f"{_titled(title, args)} ({len(missing)})",
                    lambda: turn.commit(
                        fact, {key: act(case, person, *args, **kwargs) for person, key in missing.items()}
                    ),
                )
            return [found for key in keys.values() if (found := case.record.keyed(key)) is not None]

        update_wrapper(run, act)
        return run

    return decorate


def _titled(title: str, key: tuple[object, ...]) -> str:
    """Return what the Prefect UI calls this doing of a step: its title, with its round or subject where it has one."""
    return title.format(*key)


def _once(turn: Turn, title: str, act: Callable[[], list[Fact]]) -> list[Fact]:
    if not _in_flow_run():
        return act()
    facts = _as_task(turn, title, act)
    if facts is None:
        raise RecordMoved(turn.record.case)
    return facts


def _in_flow_run() -> bool:
    if "prefect.context" not in sys.modules:  # a rehearsal never pays for the import
        return False
    from prefect.context import FlowRunContext

    return FlowRunContext.get() is not None


def _as_task(turn: Turn, title: str, act: Callable[[], list[Fact]]) -> list[Fact] | None:
    """Run a step as a Prefect task; None when the record moved: no failure, the turn is taken again."""
    from prefect import task
    from prefect.cache_policies import NO_CACHE
    from prefect.states import Completed

    def body() -> Any:
        try:
            facts = act()
            turn.write()  # a task that Prefect shows as done is recorded
            return facts
        except RecordMoved:
            return Completed(name=OVERTAKEN, message="A fact came in first; the turn starts anew with it.")

    as_task = task(name=title, task_run_name=title, cache_policy=NO_CACHE, persist_result=False)
    ended = as_task(body)(return_state=True)
    if ended.name == OVERTAKEN:
        return None
    facts: list[Fact] = ended.result()
    return facts

"""Turns in the store: claimed, given back, and what a case waits for after one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, update

from models.facts import write_instant
from models.store_statements import CLAIM_TURN, PARK, TURN_IS_FREE, instant_to_store
from models.tables import CaseRow


class ChangesTurns:
    """Changes of a case's turns, within a transaction."""

    _connection: Connection

    def _change(self, ref: str, **values: object) -> None:
        """Set columns of a case; the class that knows what it locked says how."""
        raise NotImplementedError

    def _grew_beside(self, ref: str) -> None:
        """Let the case be looked at anew within this transaction; the same class says how."""
        raise NotImplementedError

    def claim_turn(self, ref: str, holder: str, now: datetime, until: datetime, dead: Sequence[str] = ()) -> bool:
        """Claim the next turn of a case for `holder` until `until` (real time); False when another holds it.

        Claims of holders in `dead` count as lapsed.
        """
        claimed = CLAIM_TURN.run(
            self._connection, dead, of=ref, holder=holder, now=write_instant(now), by=holder, till=write_instant(until)
        )
        return bool(claimed)

    def turn_is_free(self, ref: str, holder: str, now: datetime, dead: Sequence[str] = ()) -> bool:
        """Tell whether nobody but `holder` and the `dead` is taking a turn of a case at `now` (real time)."""
        return bool(TURN_IS_FREE.run(self._connection, dead, of=ref, holder=holder, now=write_instant(now)))

    def release_turn(self, ref: str, holder: str) -> None:
        """Give back the claim of `holder`, if it still holds it."""
        self._connection.execute(
            update(CaseRow).where(CaseRow.ref == ref, CaseRow.turn_by == holder).values(turn_by=None, turn_until=None)
        )

    def park(
        self, ref: str, *, seen: int, awaiting: str, until: datetime | None, due_at: datetime | None,
        message: str, outcome: str | None = None,
    ) -> bool:  # fmt: skip
        """Note what a case waits for after a turn that had read `seen` facts, and give the claim back.

        Returns False, changing nothing, when the record has grown since: the turn is to be taken again.
        """
        self._grew_beside(ref)
        parked = PARK.run(
            self._connection, of=ref, as_read=seen, name=awaiting, last=instant_to_store(until),
            due=instant_to_store(due_at), says=message, ended=outcome,
        )  # fmt: skip
        return bool(parked)

    def postpone(self, ref: str, due_at: datetime) -> None:
        """Let the next turn of a case be due no earlier than `due_at`."""
        self._change(ref, due_at=due_at)

    def set_row_anew(self, ref: str, due_at: datetime, **told: object) -> None:
        """Let a turn that is due at `due_at` say anew what a case waits for, or how it ended.

        What its first fact has `told` of it, by the name of the column, is set at once.
        """
        self._change(ref, due_at=due_at, outcome=None, **told)

    def note_run(self, ref: str, run_id: str | None) -> None:
        """Note which Prefect flow run carries the case."""
        self._change(ref, run_id=run_id)

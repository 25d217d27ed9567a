"""The outbox in the store: letters are put in, claimed, cancelled and moved from one state to the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from models.facts import write_instant
from models.outgoing import Draft, Letter, LetterState
from models.store_letters import letter_from
from models.store_statements import ADD_LETTER, LETTER_KEYED, letter_to_store
from models.tables import LetterRow


class ChangesOutbox:
    """Changes of letters through one connection, within a transaction."""

    _connection: Connection

    def post(self, ref: str, fact: int, draft: Draft, at: datetime, due_at: datetime | None = None) -> None:
        """Put a letter into the outbox, caused by fact number `fact`; a key already there is left alone."""
        if not LETTER_KEYED.run(self._connection, of=ref, under=draft.key):
            self.post_new(ref, [(fact, draft)], at, due_at)

    def post_new(
        self, ref: str, drafts: Sequence[tuple[int, Draft]], at: datetime, due_at: datetime | None = None
    ) -> None:
        """Put letters into the outbox, each with the number of the fact that causes it, none of which is there yet."""
        written, due = write_instant(at), write_instant(due_at or at)
        rows = [letter_to_store(ref, fact, draft, written, due) for fact, draft in drafts]
        ADD_LETTER.run_each(self._connection, rows)

    def claim_letters(self, now: datetime, holder: str, limit: int, case: str | None = None) -> list[Letter]:
        """Claim up to `limit` waiting letters, of one case if it is named, that are due by `now`; oldest first.

        From then on a letter's `due_at` says when it was claimed.
        """
        of_case = () if case is None else (LetterRow.case_ref == case,)
        waiting = (
            select(LetterRow.id)
            .where(LetterRow.state == LetterState.WAITING, LetterRow.due_at <= now, *of_case)
            .order_by(LetterRow.due_at, LetterRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        ids = list(self._connection.scalars(waiting))
        if not ids:
            return []
        self._connection.execute(
            update(LetterRow)
            .where(LetterRow.id.in_(ids), LetterRow.state == LetterState.WAITING)
            .values(state=LetterState.CLAIMED, claimed_by=holder, due_at=now, attempts=LetterRow.attempts + 1)
        )
        rows = self._connection.execute(select(LetterRow.__table__).where(LetterRow.id.in_(ids)).order_by(LetterRow.id))
        return [letter_from(row) for row in rows]

    def cancel_waiting(self, ref: str, at: datetime, begins: str = "") -> list[str]:
        """Cancel the letters of a case, whose key `begins` so, that nobody has begun to send, and return their keys.

        One that a desk has claimed is among them: the desk finds its claim gone before it hands over the message.
        """
        waiting = (
            LetterRow.case_ref == ref, LetterRow.state.in_([LetterState.WAITING, LetterState.CLAIMED]),
            LetterRow.key.startswith(begins, autoescape=True),
        )  # fmt: skip
        cancelled = self._connection.execute(
            update(LetterRow).where(*waiting).values(state=LetterState.CANCELLED, settled_at=at)
            .returning(LetterRow.id, LetterRow.key)
        )  # fmt: skip
        return [row.key for row in sorted(cancelled, key=lambda row: row.id)]

    def move_letter(
        self, letter: Letter, *, was: LetterState, becomes: LetterState, at: datetime | None = None,
        due_at: datetime | None = None, reply: str = "",
    ) -> bool:  # fmt: skip
        """Move a letter from one state to the next.

        False, changing nothing, when it is not in `was`, or no longer held under the claim that `letter` tells of.
        """
        values: dict[str, Any] = {"state": becomes, "reply": reply}
        if becomes is not LetterState.SENDING:
            values |= {"claimed_by": None, "settled_at": at}
        if due_at is not None:
            values["due_at"] = due_at
        moved = self._connection.execute(
            update(LetterRow)
            .where(
                LetterRow.id == letter.id, LetterRow.state == was,
                LetterRow.claimed_by == letter.claimed_by, LetterRow.attempts == letter.attempts,
            )
            .values(**values)
        )  # fmt: skip
        return moved.rowcount == 1

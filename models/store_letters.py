"""Look-ups of letters, shared by reading and writing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from models.outgoing import Draft, Enclosure, Letter, LetterState
from models.tables import LetterRow


class LettersOf:
    """Look-ups of letters through one connection."""

    _connection: Connection

    def letters(self, ref: str) -> list[Letter]:
        """Return the letters of a case, oldest first."""
        query = select(LetterRow.__table__).where(LetterRow.case_ref == ref).order_by(LetterRow.id)
        return [letter_from(row) for row in self._connection.execute(query)]

    def letter(self, ref: str, key: str) -> Letter | None:
        """Return the letter of a case with this key, or None."""
        query = select(LetterRow.__table__).where(LetterRow.case_ref == ref, LetterRow.key == key)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else letter_from(row)

    def letters_held(self, states: Sequence[LetterState]) -> list[Letter]:
        """Return every letter in one of `states`, oldest first."""
        query = select(LetterRow.__table__).where(LetterRow.state.in_(states)).order_by(LetterRow.id)
        return [letter_from(row) for row in self._connection.execute(query)]

    def next_letter_due(self) -> datetime | None:
        """Return when the next waiting letter is due, or None when none waits."""
        query = select(func.min(LetterRow.due_at)).where(LetterRow.state == LetterState.WAITING)
        due: datetime | None = self._connection.scalar(query)
        return due


def letter_from(row: Any) -> Letter:
    """Return the letter that a row of the table stands for."""
    draft = Draft(
        key=row.key, template=row.template, recipient=row.recipient, address=row.address, sender=row.sender,
        reply_to=row.reply_to, subject=row.subject, text=row.text, html=row.html, message_id=row.message_id,
        enclosures=tuple(Enclosure(*each) for each in json.loads(row.attachments)), good_until=row.good_until,
        of_use_until=row.of_use_until,
    )  # fmt: skip
    return Letter(
        id=row.id, case=row.case_ref, fact=row.fact, draft=draft, written_at=row.written_at,
        state=LetterState(row.state), due_at=row.due_at, attempts=row.attempts, claimed_by=row.claimed_by,
        settled_at=row.settled_at, reply=row.reply,
    )  # fmt: skip

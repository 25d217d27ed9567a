"""Many letters in one transaction: marked together, and what became of them recorded together.

Each case's record is read and written once for all the facts it gains, however many letters of it are settled at the
same moment. Statements are built once, when this module is read.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, insert, select, update

from models.facts import Payload, canonical, make_fact, refuse_marks
from models.outgoing import LetterState
from models.tables import CaseRow, FactRow, LetterRow


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact to be appended; with a `key` that its case has already it is left out."""

    kind: str
    at: datetime
    actor: str
    channel: str
    payload: Payload
    key: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a letter, as the outbox keeps it."""

    id: int
    state: LetterState
    at: datetime
    reply: str


_OF_THESE = LetterRow.id.in_(bindparam("ids", expanding=True))
_MARK = (
    update(LetterRow).where(_OF_THESE, LetterRow.state == LetterState.CLAIMED)
    .values(state=LetterState.SENDING, reply="").returning(LetterRow.id)
)  # fmt: skip
_STILL_OURS = select(LetterRow.id).where(_OF_THESE, LetterRow.state.in_([LetterState.CLAIMED, LetterState.SENDING]))
_SETTLE = (
    update(LetterRow).where(LetterRow.id == bindparam("letter"))
    .values(state=bindparam("becomes"), reply=bindparam("says"), settled_at=bindparam("at"), claimed_by=None)
)  # fmt: skip
_HEAD = select(CaseRow.head, CaseRow.head_hash).where(CaseRow.ref == bindparam("case")).with_for_update()
_KEYS = select(FactRow.key).where(
    FactRow.case_ref == bindparam("case"), FactRow.key.in_(bindparam("keys", expanding=True))
)
_FACTS = insert(FactRow)
_GROWN = (
    update(CaseRow).where(CaseRow.ref == bindparam("case"))
    .values(head=bindparam("number"), head_hash=bindparam("newest"))
)  # fmt: skip


class _RemembersTouched(Protocol):
    _touched: set[str]


class PostsTogether:
    """Changes of many letters through one connection."""

    _connection: Connection
    _store: _RemembersTouched

    def mark_letters(self, ids: Collection[int]) -> set[int]:
        """Mark letters as being sent; return the numbers of those that were claimed, and so are marked now."""
        return set(self._connection.scalars(_MARK, {"ids": list(ids)}))

    def settle_letters(self, settled: Sequence[Settled]) -> set[int]:
        """Note what became of letters; return the numbers of those that were claimed or being sent until now."""
        ours = set(self._connection.scalars(_STILL_OURS, {"ids": [each.id for each in settled]}))
        values = [
            {"letter": each.id, "becomes": each.state, "says": each.reply, "at": each.at}
            for each in settled if each.id in ours
        ]  # fmt: skip
        if values:
            self._connection.execute(_SETTLE, values)
        return ours

    def append_all(self, ref: str, facts: Iterable[NewFact]) -> None:
        """Append facts to one case, in their order. Raises LookupError for an unknown case."""
        head, previous = self._connection.execute(_HEAD, {"case": ref}).one()
        news = {fact.key: fact for fact in facts}
        recorded = set(self._connection.scalars(_KEYS, {"case": ref, "keys": list(news)}))
        rows: list[Mapping[str, Any]] = []
        for key, new in news.items():
            if key in recorded:
                continue
            head += 1
            written = refuse_marks(canonical(new.payload))
            fact = make_fact(
                case=ref, number=head, at=new.at, kind=new.kind, actor=new.actor, channel=new.channel,
                payload=json.loads(written), key=key, salt=secrets.token_hex(16), previous=previous,
            )  # fmt: skip
            previous = fact.hash
            rows.append({
                "case_ref": ref, "number": head, "at": new.at, "kind": new.kind, "actor": new.actor,
                "channel": new.channel, "key": key, "payload": written, "salt": fact.salt,
                "previous": fact.previous, "hash": fact.hash,
            })  # fmt: skip
        if rows:
            self._store._touched.add(ref)
            self._connection.execute(_FACTS, rows)
            self._connection.execute(_GROWN, {"case": ref, "number": head, "newest": previous})

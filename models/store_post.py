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
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from models.facts import Payload, canonical, make_fact, refuse_marks, write_instant
from models.outgoing import LetterState
from models.store_prepared import Prepared
from models.tables import Base


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


AT_A_TIME = 64  #: things that one statement is about, so that few statements are built

_tables = Base.metadata.tables
_case, _fact, _letter = _tables["cases"], _tables["facts"], _tables["letters"]
_cases, _facts, _letters = _case.c, _fact.c, _letter.c

_MARK = Prepared(
    lambda ids: update(_letter)
    .where(_letters.id.in_(ids), _letters.state == LetterState.CLAIMED)
    .values(state=LetterState.SENDING, reply="").returning(_letters.id)
)  # fmt: skip
_STILL_OURS = Prepared(
    lambda ids: select(_letters.id)
    .where(_letters.id.in_(ids), or_(_letters.state == LetterState.CLAIMED, _letters.state == LetterState.SENDING))
)  # fmt: skip
_SETTLE = Prepared(
    lambda _: update(_letter).where(_letters.id == bindparam("letter"))
    .values(state=bindparam("becomes"), reply=bindparam("says"), settled_at=bindparam("at"), claimed_by=None)
)  # fmt: skip
_HEAD = Prepared(
    lambda _: select(_cases.head, _cases.head_hash).where(_cases.ref == bindparam("case")).with_for_update()
)
_KEYS = Prepared(lambda keys: select(_facts.key).where(_facts.case_ref == bindparam("case"), _facts.key.in_(keys)))
_FACTS = Prepared(lambda _: insert(_fact))
_GROWN = Prepared(
    lambda _: update(_case).where(_cases.ref == bindparam("case"))
    .values(head=bindparam("number"), head_hash=bindparam("newest"))
)  # fmt: skip


class PostsTogether:
    """Changes of many letters through one connection."""

    _connection: Connection

    def mark_letters(self, ids: Collection[int]) -> set[int]:
        """Mark letters as being sent; return the numbers of those that were claimed, and so are marked now."""
        return _found(_MARK, self._connection, list(ids))

    def settle_letters(self, settled: Sequence[Settled]) -> set[int]:
        """Note what became of letters; return the numbers of those that were claimed or being sent until now."""
        ours = _found(_STILL_OURS, self._connection, [each.id for each in settled])
        values = [
            {"letter": each.id, "becomes": each.state.value, "says": each.reply, "at": write_instant(each.at)}
            for each in settled if each.id in ours
        ]  # fmt: skip
        if values:
            _SETTLE.run_each(self._connection, values)
        return ours

    def append_all(self, ref: str, facts: Iterable[NewFact]) -> None:
        """Append facts to one case, in their order. Raises LookupError for an unknown case."""
        found = _HEAD.run(self._connection, case=ref)
        if not found:
            raise LookupError(f"there is no case {ref!r} to append to")
        head, previous = found[0]
        news = {fact.key: fact for fact in facts}
        recorded = _found(_KEYS, self._connection, list(news), case=ref)
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
                "case_ref": ref, "number": head, "at": write_instant(new.at), "kind": new.kind, "actor": new.actor,
                "channel": new.channel, "key": key, "payload": written, "salt": fact.salt,
                "previous": fact.previous, "hash": fact.hash,
            })  # fmt: skip
        if rows:
            _FACTS.run_each(self._connection, rows)
            _GROWN.run(self._connection, case=ref, number=head, newest=previous)
            self._grew_beside(ref)

    def _grew_beside(self, ref: str) -> None:
        """Let the case be looked at anew within this transaction; the class that knows what it locked says how."""
        raise NotImplementedError


def _found(statement: Prepared, connection: Connection, these: Sequence[object], **values: object) -> set[Any]:
    """Return the first column of what a statement gives about `these`, asked some at a time."""
    some = (these[start : start + AT_A_TIME] for start in range(0, len(these), AT_A_TIME))
    return {row[0] for portion in some for row in statement.run(connection, portion, **values)}

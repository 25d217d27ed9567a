"""Many letters in one transaction: marked together, and what became of them recorded together.

Each case's record is read and written once for all the facts it gains, however many letters of it are settled at the
same moment. Statements are built once, when this module is read.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Connection, and_, bindparam, insert, or_, select, update

from models.facts import Payload, canonical, make_fact, refuse_marks, write_instant
from models.outgoing import Claim, LetterState
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
    """What became of a letter under one claim, as the outbox keeps it."""

    claim: Claim
    state: LetterState
    at: datetime
    reply: str


AT_A_TIME = 64  #: things that one statement is about, so that few statements are built

Thing = TypeVar("Thing")

_tables = Base.metadata.tables
_case, _fact, _letter = _tables["cases"], _tables["facts"], _tables["letters"]
_cases, _facts, _letters = _case.c, _fact.c, _letter.c

_claim = _letters.id, _letters.claimed_by, _letters.attempts


def _held_under(claims: Sequence[BindParameter[Any]], *states: LetterState) -> ColumnElement[bool]:
    """Return what is true of the letters in one of `states` held under claims, of which each takes three parameters.

    The state is asked within each claim: asked once for all, SQLite looks at every letter in it to find a few.
    """
    in_state = or_(*(_letters.state == state for state in states))
    each = zip(claims[::3], claims[1::3], claims[2::3], strict=True)
    return or_(*(and_(*(column == value for column, value in zip(_claim, one, strict=True)), in_state) for one in each))


_MARK = Prepared(
    lambda claims: update(_letter)
    .where(_held_under(claims, LetterState.CLAIMED))
    .values(state=LetterState.SENDING, reply="").returning(*_claim)
)  # fmt: skip
_STILL_OURS = Prepared(
    lambda claims: select(*_claim).where(_held_under(claims, LetterState.CLAIMED, LetterState.SENDING))
)
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

    def mark_letters(self, claims: Sequence[Claim]) -> set[Claim]:
        """Mark letters as being sent; return the claims under which they were held, and so are marked now."""
        return _found_held(_MARK, self._connection, claims)

    def settle_letters(self, settled: Sequence[Settled]) -> set[Claim]:
        """Note what became of letters; return the claims under which they were held until now, marked or not."""
        ours = _found_held(_STILL_OURS, self._connection, [each.claim for each in settled])
        values = [
            {"letter": each.claim.letter, "becomes": each.state.value, "says": each.reply, "at": write_instant(each.at)}
            for each in settled if each.claim in ours
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
    return {row[0] for portion in _portions(these) for row in statement.run(connection, portion, **values)}


def _found_held(statement: Prepared, connection: Connection, claims: Sequence[Claim]) -> set[Claim]:
    """Return those of `claims` that a statement gives, asked some at a time."""
    some = ([value for claim in portion for value in claim] for portion in _portions(claims))
    return {Claim(*row) for portion in some for row in statement.run(connection, portion)}


def _portions(these: Sequence[Thing]) -> Iterator[Sequence[Thing]]:
    return (these[start : start + AT_A_TIME] for start in range(0, len(these), AT_A_TIME))

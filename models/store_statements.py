"""The statements of the hot path: those of each verb and each turn, built once and handed to the driver as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, insert, or_, select, update

from models.facts import Fact, canonical, read_instant, read_payload, write_instant
from models.outgoing import Draft, LetterState
from models.store_prepared import Prepared
from models.tables import Base, CaseRow, FactRow

_tables = Base.metadata.tables
_case, _fact, _letter, _document = (_tables[name] for name in ("cases", "facts", "letters", "documents"))
_cases, _facts, _letters = _case.c, _fact.c, _letter.c
_outages, _failing = _tables["outages"].c, _tables["turn_failures"].c

SUMMARY = (
    CaseRow.ref, CaseRow.procedure, CaseRow.version, CaseRow.council, CaseRow.reference, CaseRow.head,
    CaseRow.seen, CaseRow.awaiting, CaseRow.until, CaseRow.due_at, CaseRow.message, CaseRow.outcome,
    CaseRow.run_id, CaseRow.head_hash,
)  # fmt: skip
FACT = (
    FactRow.case_ref, FactRow.number, FactRow.at, FactRow.kind, FactRow.actor, FactRow.channel,
    FactRow.payload, FactRow.key, FactRow.salt, FactRow.previous, FactRow.hash,
)  # fmt: skip


def _columns(table: Table, like: Sequence[Any]) -> list[ColumnElement[Any]]:
    return [table.c[column.key] for column in like]


def _free(dead: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    ours = [_cases.turn_by == one for one in (bindparam("holder"), *dead)]
    return or_(_cases.turn_by.is_(None), _cases.turn_until < bindparam("now"), *ours)


_of = _cases.ref == bindparam("of")

CASE = Prepared(lambda _: select(*_columns(_case, SUMMARY)).where(_of))
CASE_TO_CHANGE = Prepared(lambda _: select(*_columns(_case, SUMMARY)).where(_of).with_for_update())
FACTS_BETWEEN = Prepared(
    lambda _: select(*_columns(_fact, FACT))
    .where(_facts.case_ref == bindparam("of"), _facts.number > bindparam("after"), _facts.number <= bindparam("to"))
    .order_by(_facts.number)
)
FACT_KEYED = Prepared(
    lambda _: select(*_columns(_fact, FACT)).where(_facts.case_ref == bindparam("of"), _facts.key == bindparam("under"))
)
ADD_FACT = Prepared(lambda _: insert(_fact))
GROW = Prepared(lambda _: update(_case).where(_of).values(head=bindparam("to"), head_hash=bindparam("newest")))
TURN_IS_FREE = Prepared(lambda dead: select(_cases.ref).where(_of, _free(dead)))
CLAIM_TURN = Prepared(
    lambda dead: update(_case).where(_of, _free(dead))
    .values(turn_by=bindparam("by"), turn_until=bindparam("till")).returning(_cases.ref)
)  # fmt: skip
PARK = Prepared(
    lambda _: update(_case).where(_of, _cases.head == bindparam("as_read"))
    .values(seen=bindparam("as_read"), awaiting=bindparam("name"), until=bindparam("last"), due_at=bindparam("due"),
            message=bindparam("says"), outcome=bindparam("ended"), turn_by=None, turn_until=None)
    .returning(_cases.ref)
)  # fmt: skip
LETTER_KEYED = Prepared(
    lambda _: select(_letters.id).where(_letters.case_ref == bindparam("of"), _letters.key == bindparam("under"))
)
_LETTER = [column.name for column in _letters if column.name != "id"]  # the database numbers it
ADD_LETTER = Prepared(lambda _: insert(_letter).values({name: bindparam(f"its_{name}") for name in _LETTER}))
DOCUMENTS_KEPT = Prepared(lambda these: select(_document.c.sha256).where(_document.c.sha256.in_(these)))
ADD_DOCUMENT = Prepared(lambda _: insert(_document))
OUTAGES = Prepared(
    lambda _: select(_outages.service, _outages.from_at, _outages.until_at, _outages.why)
    .where(_outages.from_at <= bindparam("to"), _outages.until_at.is_(None) | (_outages.until_at >= bindparam("since")))
    .order_by(_outages.from_at, _outages.id)
)
_STILL_FAILING = select(_cases.ref).where(
    _cases.ref == _failing.case_ref, _cases.outcome.is_(None), _cases.seen == _failing.seen,
    (_cases.head > _cases.seen) | (_cases.due_at <= _failing.last_at),
)  # fmt: skip
TURN_FAILURES = (
    select(_failing.case_ref, _failing.times, _failing.first_at, _failing.last_at, _failing.why)
    .where(_STILL_FAILING.exists())
    .order_by(_failing.first_at)
)
TURN_FAILURES_OF = Prepared(lambda _: TURN_FAILURES.where(_failing.case_ref == bindparam("of")))


def instant_as_stored(text: str | None) -> Any:
    """Return the instant that a stored text stands for, None for none."""
    return None if text is None else read_instant(text)


def instant_to_store(instant: Any) -> str | None:
    """Return the text that is stored for an instant (aware), None for none."""
    return None if instant is None else write_instant(instant)


def fact_as_stored(row: Sequence[Any]) -> Fact:
    """Return the fact that a row of FACT stands for, its values as they are stored."""
    case, number, at, kind, actor, channel, payload, key, salt, previous, hashed = row
    read = read_payload(payload)
    return Fact(case, number, read_instant(at), kind, actor, channel, read, key, salt, previous, hashed)


def fact_to_store(fact: Fact) -> dict[str, Any]:
    """Return the values of a new fact's row, as they are stored."""
    return {
        "case_ref": fact.case, "number": fact.number, "at": write_instant(fact.at), "kind": fact.kind,
        "actor": fact.actor, "channel": fact.channel, "key": fact.key, "payload": canonical(fact.payload),
        "salt": fact.salt, "previous": fact.previous, "hash": fact.hash,
    }  # fmt: skip


def letter_to_store(ref: str, fact: int, draft: Draft, at: str, due_at: str) -> dict[str, Any]:
    """Return the values of a new letter's row, as they are stored."""
    values = {
        "message_id": draft.message_id, "case_ref": ref, "fact": fact, "key": draft.key, "template": draft.template,
        "recipient": draft.recipient, "address": draft.address, "sender": draft.sender, "reply_to": draft.reply_to,
        "subject": draft.subject, "text": draft.text, "html": draft.html, "written_at": at,
        "state": LetterState.WAITING.value, "due_at": due_at, "attempts": 0, "reply": "", "claimed_by": None,
        "attachments": canonical([[e.filename, e.media_type, e.sha256] for e in draft.enclosures]),
        "good_until": instant_to_store(draft.good_until), "of_use_until": instant_to_store(draft.of_use_until),
        "settled_at": None,
    }  # fmt: skip
    return {f"its_{name}": value for name, value in values.items()}

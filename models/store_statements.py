"""The statements of the hot path, each built once: building one costs ten times what running it does."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, insert, or_, select, update

from models.tables import CaseRow, DocumentRow, FactRow, LetterRow

_cases, _facts, _letters = CaseRow.__table__, FactRow.__table__, LetterRow.__table__

SUMMARY = (
    CaseRow.ref, CaseRow.procedure, CaseRow.version, CaseRow.council, CaseRow.reference, CaseRow.head,
    CaseRow.seen, CaseRow.awaiting, CaseRow.until, CaseRow.due_at, CaseRow.message, CaseRow.outcome,
    CaseRow.run_id, CaseRow.head_hash,
)  # fmt: skip
FACT = (
    FactRow.case_ref, FactRow.number, FactRow.at, FactRow.kind, FactRow.actor, FactRow.channel,
    FactRow.payload, FactRow.key, FactRow.salt, FactRow.previous, FactRow.hash,
)  # fmt: skip

CASE = select(*(_cases.c[column.key] for column in SUMMARY)).where(_cases.c.ref == bindparam("of"))
CASE_TO_CHANGE = CASE.with_for_update()
FACTS_BETWEEN = (
    select(*(_facts.c[column.key] for column in FACT))
    .where(_facts.c.case_ref == bindparam("of"), _facts.c.number > bindparam("after"))
    .where(_facts.c.number <= bindparam("to"))
    .order_by(_facts.c.number)
)
FACT_KEYED = select(*(_facts.c[column.key] for column in FACT)).where(
    _facts.c.case_ref == bindparam("of"), _facts.c.key == bindparam("under")
)
ADD_FACT = insert(_facts)
CHANGE_CASE = update(_cases).where(_cases.c.ref == bindparam("of"))
"""Sets the columns that it is given."""

_free = or_(
    _cases.c.turn_by.is_(None), _cases.c.turn_until < bindparam("now"),
    _cases.c.turn_by.in_(bindparam("ours", expanding=True)),
)  # fmt: skip
FREE_TURN = select(_cases.c.ref).where(_cases.c.ref == bindparam("of"), _free)
CLAIM_TURN = CHANGE_CASE.where(_free)
PARK = CHANGE_CASE.where(_cases.c.head == bindparam("as_read"))

LETTER_KEYED = select(_letters.c.id).where(
    and_(_letters.c.case_ref == bindparam("of"), _letters.c.key == bindparam("under"))
)
ADD_LETTER = insert(_letters)
MOVE_LETTER = update(_letters).where(_letters.c.id == bindparam("of"), _letters.c.state == bindparam("was"))
DOCUMENT_SIZE = select(DocumentRow.size).where(DocumentRow.sha256 == bindparam("of"))
ADD_DOCUMENT = insert(DocumentRow.__table__)

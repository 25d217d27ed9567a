"""Look-ups for the daily heads: which records have grown since they were last sealed, and how far.

What was sealed is kept by the number of the fact, never by an instant: a fact whose clock was wrong, or that was
committed while its day was being sealed, is past the number that the file names, and so is in the next file.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, exists, func, select, update

from models.heads import Head
from models.tables import CaseRow, FactRow

UNSEALED = CaseRow.head != CaseRow.sealed  #: what the index ix_cases_unsealed holds

_NEXT_COUNCIL = select(func.min(CaseRow.council)).where(UNSEALED, CaseRow.council > bindparam("last"))
_HAS_GROWN = select(exists().where(UNSEALED, CaseRow.head > CaseRow.sealed, CaseRow.council == bindparam("council")))


class HeadsOf:
    """Look-ups of heads through one connection."""

    _connection: Connection

    def heads_to_seal(self, council: str) -> list[Head]:
        """Return the heads of a council's cases whose record has grown since the last file, by case."""
        grown = select(CaseRow.ref, CaseRow.head, CaseRow.head_hash).where(
            CaseRow.council == council, UNSEALED, CaseRow.head > CaseRow.sealed
        )
        return sorted((Head(*row) for row in self._connection.execute(grown)), key=lambda head: head.case)

    def cut_since_sealed(self, council: str) -> dict[str, tuple[int, int]]:
        """Return each case of a council whose record is shorter than it was when sealed: facts there are, and were."""
        cut = select(CaseRow.ref, CaseRow.head, CaseRow.sealed).where(
            CaseRow.council == council, UNSEALED, CaseRow.head < CaseRow.sealed
        )
        return {row.ref: (row.head, row.sealed) for row in self._connection.execute(cut.order_by(CaseRow.ref))}

    def councils_to_seal(self) -> list[str]:
        """Return the names of the councils with a case whose record has grown since it was sealed, in order.

        It goes from one council to the next, and looks at one such case of each: there may be a hundred thousand.
        """
        found: list[str] = []
        last: str | None = ""
        while (last := self._connection.scalar(_NEXT_COUNCIL, {"last": last})) is not None:
            if self._connection.scalar(_HAS_GROWN, {"council": last}):
                found.append(last)
        return found

    def head_fact(self, ref: str) -> tuple[int, str, int, str | None]:
        """Return what a case's row says of its newest fact (number, hash), and what the facts say themselves.

        A record without facts is told as number 0 without a hash. Raises LookupError for no such case.
        """
        row = self._connection.execute(select(CaseRow.head, CaseRow.head_hash).where(CaseRow.ref == ref)).one()
        newest = self._connection.execute(
            select(FactRow.number, FactRow.hash).where(FactRow.case_ref == ref).order_by(FactRow.number.desc()).limit(1)
        ).one_or_none()
        return row.head, row.head_hash, *(newest or (0, None))


class SealsHeads(HeadsOf):
    """The one change: what was named in a file counts as sealed."""

    def note_sealed(self, heads: Iterable[Head]) -> None:
        """Note that a file names these heads; a case that was sealed further already stays so."""
        values = [{"case": head.case, "number": head.number} for head in heads]
        if values:
            self._connection.execute(
                update(CaseRow)
                .where(CaseRow.ref == bindparam("case"), CaseRow.sealed < bindparam("number"))
                .values(sealed=bindparam("number")),
                values,
            )

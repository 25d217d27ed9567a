"""Retention in the store: what names a document, what is left of a case, and the only ways in which anything goes.

Facts are appended, never edited or deleted; the database's own triggers hold everybody to it. Two things pass them: the
payload of a case whose record says that personal data was removed, and the facts of a case that has a tombstone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from models.facts import Withheld, field_digests, read_payload, salts_left, write_payload
from models.retention import PERSONAL_DATA_REMOVED
from models.tables import CaseRow, DocumentRow, FactRow, LetterRow, TombstoneRow, TurnFailureRow


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a case whose time of keeping is over."""

    ref: str
    procedure: str
    council: str
    head: int  #: the number of its last fact
    head_hash: str  #: that fact's hash, by which earlier files of daily heads still make sense
    outcome: str
    decided_on: date  #: the London day with which its time began
    deleted_at: datetime
    deleted_by: str  #: role id
    rule: str


def _tombstone(*columns: Any) -> Tombstone:
    ref, procedure, council, head, head_hash, outcome, decided_on, deleted_at, by, rule = columns
    began = date.fromisoformat(decided_on)
    return Tombstone(ref, procedure, council, head, head_hash, outcome, began, deleted_at, by, rule)


class RetentionOf:
    """Look-ups for retention through one connection."""

    _connection: Connection

    def closed_cases(self) -> list[str]:
        """Return the references of the cases that are closed, in order."""
        closed = select(CaseRow.ref).where(CaseRow.outcome.is_not(None)).order_by(CaseRow.ref)
        return list(self._connection.scalars(closed))

    def tombstones(self) -> list[Tombstone]:
        """Return what is left of deleted cases, by reference."""
        row = TombstoneRow
        query = select(row.ref, row.procedure, row.council, row.head, row.head_hash, row.outcome, row.decided_on,
                       row.deleted_at, row.deleted_by, row.rule).order_by(row.ref)  # fmt: skip
        return [_tombstone(*each) for each in self._connection.execute(query)]

    def tombstone(self, ref: str) -> Tombstone | None:
        """Return what is left of a deleted case, or None."""
        return next((each for each in self.tombstones() if each.ref == ref), None)

    def documents_there(self, digests: Sequence[str]) -> dict[str, int]:
        """Return which documents are kept, and how large each is in bytes, by SHA-256."""
        query = select(DocumentRow.sha256, DocumentRow.size).where(DocumentRow.sha256.in_(digests))
        return {row.sha256: row.size for row in self._connection.execute(query)}

    def cases_naming(self, sha256: str) -> set[str]:
        """Return every case with a fact or a letter that names a document: the same file may serve several."""
        facts = select(FactRow.case_ref).where(FactRow.payload.contains(sha256, autoescape=True)).distinct()
        letters = select(LetterRow.case_ref).where(LetterRow.attachments.contains(sha256, autoescape=True)).distinct()
        return {*self._connection.scalars(facts), *self._connection.scalars(letters)}


class Disposes(RetentionOf):
    """What goes, within a transaction; whoever asks has checked that it may."""

    def wipe_what_goes(self) -> None:
        """Let SQLite write zeros over what is deleted in this transaction; PostgreSQL's vacuum frees it."""
        if self._connection.dialect.name == "sqlite":
            self._connection.exec_driver_sql("PRAGMA secure_delete=ON")

    def delete_documents(self, digests: Sequence[str]) -> None:
        """Delete documents by SHA-256; the facts that name them stay."""
        self._connection.execute(delete(DocumentRow).where(DocumentRow.sha256.in_(digests)))

    def withhold(
        self, ref: str, fields: Mapping[int, Sequence[str]], letters: Mapping[str, Sequence[str]]
    ) -> None:  # fmt: skip
        """Leave its digest in place of each field of a case, by the number of its fact, and drop the salts of those.

        From the salt of the first fact come those of the letters: what of them stays, `letters` tells once their own
        words are removed. The record of the case must say so first: the newest fact is of the kind
        PERSONAL_DATA_REMOVED. Raises LookupError where it is not.
        """
        newest = select(FactRow.kind).where(FactRow.case_ref == ref).order_by(FactRow.number.desc()).limit(1)
        if self._connection.scalar(newest) != PERSONAL_DATA_REMOVED:
            raise LookupError(f"the record of case {ref} does not say that personal data is removed; record that first")
        for number in sorted({1, *fields}):
            fact, names = (FactRow.case_ref == ref, FactRow.number == number), fields.get(number, ())
            row = self._connection.execute(select(FactRow.payload, FactRow.salt).where(*fact)).one()
            payload = read_payload(row.payload)
            digests = field_digests(payload, row.salt)
            left = {name: Withheld(digests[name]) if name in names else value for name, value in payload.items()}
            shown = [name for name, value in left.items() if not isinstance(value, Withheld)]
            salt = salts_left(row.salt, shown, letters if number == 1 else {})
            self._connection.execute(update(FactRow).where(*fact).values(payload=write_payload(left), salt=salt))
        self._not_as_read_before(ref)

    def blank_letter(self, letter_id: int, fields: Mapping[str, str]) -> None:
        """Put what is left of a letter's fields in their place: its address, its words, what the mail server said."""
        self._connection.execute(update(LetterRow).where(LetterRow.id == letter_id).values(**fields))

    def delete_case(self, ref: str, *, decided_on: date, at: datetime, by: str, rule: str) -> None:
        """Delete a closed case with its facts and letters, and leave its tombstone. Raises LookupError for another."""
        row = self._connection.execute(select(CaseRow.__table__).where(CaseRow.ref == ref)).one_or_none()
        if row is None or row.outcome is None:
            raise LookupError(f"case {ref} is not closed, or not there; only a closed case is deleted")
        left: dict[str, Any] = {
            name: getattr(row, name)
            for name in ("ref", "series", "serial", "procedure", "version", "council", "head", "head_hash", "outcome")
        }
        left |= {"decided_on": decided_on.isoformat(), "deleted_at": at, "deleted_by": by, "rule": rule}
        self._connection.execute(insert(TombstoneRow).values(**left))
        for table, column in ((TurnFailureRow, TurnFailureRow.case_ref), (LetterRow, LetterRow.case_ref),
                              (FactRow, FactRow.case_ref), (CaseRow, CaseRow.ref)):  # fmt: skip
            self._connection.execute(delete(table).where(column == ref))
        self._not_as_read_before(ref)

    def last_serial_deleted(self, series: str) -> int:
        """Return the highest number of a series that a deleted case had, 0 where there is none."""
        numbers = select(TombstoneRow.serial).where(TombstoneRow.series == series).order_by(TombstoneRow.serial.desc())
        return self._connection.scalar(numbers.limit(1)) or 0

    def _not_as_read_before(self, ref: str) -> None:
        """Let the store read a case anew; the class that knows what it keeps says how."""
        raise NotImplementedError


def shorten_log(connection: Connection) -> None:
    """Write SQLite's log into its file and empty it, so that nothing deleted is left in the log either."""
    opened = connection.connection.driver_connection
    if connection.dialect.name == "sqlite" and opened is not None:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # outside of any transaction

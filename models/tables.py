"""The tables: cases, their facts, letters on their way out, and documents by their SHA-256.

Only this module and models/store*.py know SQLAlchemy. Instants are ISO text in UTC with microseconds, which
sorts, reads the same in SQLite and PostgreSQL, and is what the record's hashes cover.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from models.facts import read_instant, write_instant

MISSED = "kind IN ('breach-recorded', 'deadline-passed')"
"""Which facts tell that a day was missed; in these very words, as an index is of these alone."""


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept as the record writes it."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Return the text that is stored for an instant."""
        return None if value is None else write_instant(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Return the instant that the stored text stands for."""
        return None if value is None else read_instant(value)


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can change it by name on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _where(name: str, condition: str, *columns: str) -> Index:
    """Return an index over the few rows that a condition holds for, however many there are besides."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


def _open_only(name: str, *columns: str, also: str = "") -> Index:
    return _where(name, " AND ".join(filter(None, ("outcome IS NULL", also))), *columns)


class CaseRow(Base):
    """One case: what it follows, how far its record has come, and what it waits for.

    Everything here but ref, procedure, version, council and reference can be derived again from the facts.
    """

    __tablename__ = "cases"

    ref: Mapped[str] = mapped_column(String(40), primary_key=True)
    series: Mapped[str] = mapped_column(String(30))  #: "PC-2017"
    serial: Mapped[int]
    procedure: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    council: Mapped[str] = mapped_column(String(60))
    reference: Mapped[str] = mapped_column(String(120))  #: the sender's own reference
    head: Mapped[int] = mapped_column(default=0)  #: number of the newest fact
    head_hash: Mapped[str] = mapped_column(String(64))
    seen: Mapped[int] = mapped_column(default=0)  #: newest fact the last finished turn had read
    awaiting: Mapped[str] = mapped_column(String(120), default="New")
    until: Mapped[datetime | None] = mapped_column(Instant)  #: the deadline it waits for
    due_at: Mapped[datetime | None] = mapped_column(Instant)  #: when the next turn is due at the latest
    message: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[str | None] = mapped_column(String(60))  #: set once closed
    run_id: Mapped[str | None] = mapped_column(String(36))  #: its Prefect flow run, if any
    turn_by: Mapped[str | None] = mapped_column(String(120))  #: who is taking a turn now
    turn_until: Mapped[datetime | None] = mapped_column(Instant)  #: when that claim lapses (real time)
    sealed: Mapped[int] = mapped_column(default=0, server_default="0")  #: newest fact named in a file of daily heads

    __table_args__ = (
        UniqueConstraint("series", "serial"),
        UniqueConstraint("procedure", "council", "reference"),
        Index("ix_cases_open_due", "outcome", "due_at"),
        _open_only("ix_cases_open_until", "procedure", "until", "ref"),
        _open_only("ix_cases_open_with_news", "ref", also="head > seen"),
        _where("ix_cases_turn_by", "turn_by IS NOT NULL", "turn_by"),
        _where("ix_cases_unsealed", "head <> sealed", "council", "ref"),
    )


class FactRow(Base):
    """One fact of a case; rows are inserted and never updated or deleted, until the time of the record is over.

    The database itself refuses both, but for what models/store_retention.py does and says in the record.
    """

    __tablename__ = "facts"

    case_ref: Mapped[str] = mapped_column(ForeignKey("cases.ref"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(60))
    actor: Mapped[str] = mapped_column(String(80))
    channel: Mapped[str] = mapped_column(String(40))
    key: Mapped[str | None] = mapped_column(String(200))
    payload: Mapped[str] = mapped_column(Text)
    salt: Mapped[str] = mapped_column(String(32).with_variant(Text(), "postgresql"))  #: or the salts that are left
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("case_ref", "key"), _where("ix_facts_missed", MISSED, "case_ref"))


class DocumentRow(Base):
    """A file by its content: attached to a case, sent with a letter, or issued."""

    __tablename__ = "documents"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class LetterRow(Base):
    """One letter to one recipient, from the moment its fact was recorded until its fate is known."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    case_ref: Mapped[str] = mapped_column(String(40))
    fact: Mapped[int]  #: the fact that caused it, written in the same transaction
    key: Mapped[str] = mapped_column(String(200))  #: "circulated/1/healthwatch"
    template: Mapped[str] = mapped_column(String(60))
    recipient: Mapped[str] = mapped_column(String(80))  #: role id
    address: Mapped[str] = mapped_column(String(320))
    sender: Mapped[str] = mapped_column(String(400))
    reply_to: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    attachments: Mapped[str] = mapped_column(Text, default="[]")  #: JSON: file name, media type, sha256
    written_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    due_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(120))
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    reply: Mapped[str] = mapped_column(Text, default="")  #: the mail server's own words
    good_until: Mapped[datetime | None] = mapped_column(Instant)  #: after that its words about dates are not true
    of_use_until: Mapped[datetime | None] = mapped_column(Instant)  #: after that nobody needs it any more

    __table_args__ = (
        ForeignKeyConstraint(["case_ref", "fact"], ["facts.case_ref", "facts.number"]),
        Index("ix_letters_state_due_at", "state", "due_at"),
        UniqueConstraint("case_ref", "key"),
    )


class ServiceRow(Base):
    """When something was last heard of: the desk, and whoever answered for the clock."""

    __tablename__ = "services"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    says: Mapped[str] = mapped_column(Text, default="{}")  #: JSON: what it said of itself then


class OutageRow(Base):
    """A stretch of time in which something that cases need was not there."""

    __tablename__ = "outages"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    service: Mapped[str] = mapped_column(String(40))  #: "desk", "mail", "prefect", "clock"
    from_at: Mapped[datetime] = mapped_column(Instant)
    until_at: Mapped[datetime | None] = mapped_column(Instant)  #: None while it lasts
    why: Mapped[str] = mapped_column(Text, default="")  #: what was seen of it, for the log


class TurnFailureRow(Base):
    """That the turns of a case fail, and how the last one did; it stands until a turn has gone well."""

    __tablename__ = "turn_failures"

    case_ref: Mapped[str] = mapped_column(ForeignKey("cases.ref"), primary_key=True)
    seen: Mapped[int]  #: the case's `seen` then: a turn that went well has moved it, or when the next is due
    times: Mapped[int]  #: in a row
    first_at: Mapped[datetime] = mapped_column(Instant)
    last_at: Mapped[datetime] = mapped_column(Instant)
    why: Mapped[str] = mapped_column(Text)


class TombstoneRow(Base):
    """What is left of a case that was deleted when its time was over: its number is not used again, its head stands."""

    __tablename__ = "tombstones"

    ref: Mapped[str] = mapped_column(String(40), primary_key=True)
    series: Mapped[str] = mapped_column(String(30))
    serial: Mapped[int]
    procedure: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    council: Mapped[str] = mapped_column(String(60))
    head: Mapped[int]
    head_hash: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(60))
    decided_on: Mapped[str] = mapped_column(String(10))  #: the London day from which its time ran
    deleted_at: Mapped[datetime] = mapped_column(Instant)
    deleted_by: Mapped[str] = mapped_column(String(80))  #: role id
    rule: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("series", "serial"),)

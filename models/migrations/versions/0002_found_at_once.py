"""What calls for something is found at once among many cases; outages, failed turns and letters' last use are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OF_CASES = {
    "ix_cases_open_until": (["procedure", "until", "ref"], "outcome IS NULL"),
    "ix_cases_open_with_news": (["ref"], "outcome IS NULL AND head > seen"),
    "ix_cases_turn_by": (["turn_by"], "turn_by IS NOT NULL"),
    "ix_cases_unsealed": (["council", "ref"], "head <> sealed"),
}

UNCHANGED = ("case_ref", "number", "at", "kind", "actor", "channel", "key", "salt", "previous", "hash")
REMOVED = "SELECT 1 FROM facts AS said WHERE said.case_ref = OLD.case_ref AND said.kind = 'personal-data-removed'"
DELETED = "SELECT 1 FROM tombstones WHERE ref = OLD.case_ref"
UNLESS_SAID = {
    "sqlite": (
        "DROP TRIGGER facts_are_not_edited",
        "DROP TRIGGER facts_are_not_deleted",
        "CREATE TRIGGER facts_are_not_edited BEFORE UPDATE ON facts WHEN "
        + " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in UNCHANGED)
        + f" OR NOT EXISTS ({REMOVED}) BEGIN SELECT RAISE(ABORT, 'facts are appended, never edited'); END",
        f"CREATE TRIGGER facts_are_not_deleted BEFORE DELETE ON facts WHEN NOT EXISTS ({DELETED}) "
        "BEGIN SELECT RAISE(ABORT, 'facts are appended, never deleted'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION facts_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN IF EXISTS ({DELETED}) THEN RETURN OLD; END IF; "
        f"ELSIF TG_OP = 'UPDATE' THEN IF ({', '.join(f'NEW.{name}' for name in UNCHANGED)}) IS NOT DISTINCT FROM "
        f"({', '.join(f'OLD.{name}' for name in UNCHANGED)}) AND EXISTS ({REMOVED}) THEN RETURN NEW; END IF; END IF; "
        "RAISE EXCEPTION 'facts are appended, never edited or deleted'; END $$",
    ),
}
"""A payload changes only in a case whose record says that personal data was removed; a fact goes only with its case."""


def upgrade() -> None:
    """Make the indexes of cases, and the tables that the desk keeps beside the record."""
    op.add_column("cases", sa.Column("sealed", sa.Integer(), server_default="0", nullable=False))
    for name, (columns, condition) in OF_CASES.items():
        op.create_index(name, "cases", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
    op.create_table(
        "services",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_services")),
    )
    op.create_table(
        "outages",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("from_at", sa.String(length=27), nullable=False),
        sa.Column("until_at", sa.String(length=27), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
    )
    op.create_table(
        "turn_failures",
        sa.Column("case_ref", sa.String(length=40), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.String(length=27), nullable=False),
        sa.Column("last_at", sa.String(length=27), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_ref"], ["cases.ref"], name=op.f("fk_turn_failures_case_ref")),
        sa.PrimaryKeyConstraint("case_ref", name=op.f("pk_turn_failures")),
    )
    op.add_column("letters", sa.Column("good_until", sa.String(length=27), nullable=True))
    op.add_column("letters", sa.Column("of_use_until", sa.String(length=27), nullable=True))
    op.create_table(
        "tombstones",
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("series", sa.String(length=30), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("procedure", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("council", sa.String(length=60), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=False),
        sa.Column("decided_on", sa.String(length=10), nullable=False),
        sa.Column("deleted_at", sa.String(length=27), nullable=False),
        sa.Column("deleted_by", sa.String(length=80), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_tombstones")),
        sa.UniqueConstraint("series", "serial", name=op.f("uq_tombstones_series_serial")),
    )
    for statement in UNLESS_SAID.get(op.get_bind().dialect.name, ()):
        op.execute(statement)

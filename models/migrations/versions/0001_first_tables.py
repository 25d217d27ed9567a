"""The first tables: cases, facts, documents and letters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER facts_are_not_edited BEFORE UPDATE ON facts "
        "BEGIN SELECT RAISE(ABORT, 'facts are appended, never edited'); END",
        "CREATE TRIGGER facts_are_not_deleted BEFORE DELETE ON facts "
        "BEGIN SELECT RAISE(ABORT, 'facts are appended, never deleted'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION facts_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'facts are appended, never edited or deleted'; END $$",
        "CREATE TRIGGER facts_are_append_only BEFORE UPDATE OR DELETE ON facts "
        "FOR EACH ROW EXECUTE FUNCTION facts_are_append_only()",
        "CREATE TRIGGER facts_are_not_emptied BEFORE TRUNCATE ON facts "
        "FOR EACH STATEMENT EXECUTE FUNCTION facts_are_append_only()",
    ),
}


def upgrade() -> None:
    """Create the tables, and let the database itself refuse to edit or delete a fact."""
    op.create_table(
        "cases",
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("series", sa.String(length=30), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("procedure", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("council", sa.String(length=60), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("awaiting", sa.String(length=120), nullable=False),
        sa.Column("until", sa.String(length=27), nullable=True),
        sa.Column("due_at", sa.String(length=27), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=True),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("turn_by", sa.String(length=120), nullable=True),
        sa.Column("turn_until", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_cases")),
        sa.UniqueConstraint(
            "procedure", "council", "reference", name=op.f("uq_cases_procedure_council_reference")
        ),
        sa.UniqueConstraint("series", "serial", name=op.f("uq_cases_series_serial")),
    )
    op.create_index("ix_cases_open_due", "cases", ["outcome", "due_at"], unique=False)
    op.create_table(
        "documents",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_documents")),
    )
    op.create_table(
        "facts",
        sa.Column("case_ref", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_ref"], ["cases.ref"], name=op.f("fk_facts_case_ref")),
        sa.PrimaryKeyConstraint("case_ref", "number", name=op.f("pk_facts")),
        sa.UniqueConstraint("case_ref", "key", name=op.f("uq_facts_case_ref_key")),
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("case_ref", sa.String(length=40), nullable=False),
        sa.Column("fact", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("sender", sa.String(length=400), nullable=False),
        sa.Column("reply_to", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("written_at", sa.String(length=27), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=120), nullable=True),
        sa.Column("settled_at", sa.String(length=27), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_ref", "fact"], ["facts.case_ref", "facts.number"], name=op.f("fk_letters_case_ref_fact")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("case_ref", "key", name=op.f("uq_letters_case_ref_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letters_message_id")),
    )
    op.create_index("ix_letters_state_due_at", "letters", ["state", "due_at"], unique=False)
    for statement in APPEND_ONLY.get(op.get_bind().dialect.name, ()):
        op.execute(statement)

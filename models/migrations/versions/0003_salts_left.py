"""A fact whose words were removed keeps the salts of what is left of it, and no longer the one that all come from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UNCHANGED = ("case_ref", "number", "at", "kind", "actor", "channel", "key", "previous", "hash")
REMOVED = "SELECT 1 FROM facts AS said WHERE said.case_ref = OLD.case_ref AND said.kind = 'personal-data-removed'"
DELETED = "SELECT 1 FROM tombstones WHERE ref = OLD.case_ref"
UNLESS_SAID = {
    "sqlite": (
        "DROP TRIGGER facts_are_not_edited",
        "CREATE TRIGGER facts_are_not_edited BEFORE UPDATE ON facts WHEN "
        + " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in UNCHANGED)
        + f" OR NOT EXISTS ({REMOVED}) BEGIN SELECT RAISE(ABORT, 'facts are appended, never edited'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION facts_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN IF EXISTS ({DELETED}) THEN RETURN OLD; END IF; "
        f"ELSIF TG_OP = 'UPDATE' THEN IF ({', '.join(f'NEW.{name}' for name in UNCHANGED)}) IS NOT DISTINCT FROM "
        f"({', '.join(f'OLD.{name}' for name in UNCHANGED)}) AND EXISTS ({REMOVED}) THEN RETURN NEW; END IF; END IF; "
        "RAISE EXCEPTION 'facts are appended, never edited or deleted'; END $$",
    ),
}
"""A payload and its salts change only in a case whose record says that personal data was removed."""


def upgrade() -> None:
    """Make room for several salts (SQLite has it anyway), and let the salts of a forgotten case be dropped."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("facts", "salt", type_=sa.Text(), existing_type=sa.String(length=32), existing_nullable=False)
    for statement in UNLESS_SAID.get(op.get_bind().dialect.name, ()):
        op.execute(statement)

"""The cases of which a day was missed are found at once among many facts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MISSED = sa.text("kind IN ('breach-recorded', 'deadline-passed')")


def upgrade() -> None:
    """Make the index of the facts that tell of it."""
    op.create_index("ix_facts_missed", "facts", ["case_ref"], sqlite_where=MISSED, postgresql_where=MISSED)

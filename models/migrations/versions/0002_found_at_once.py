"""Indexes by which the few cases that call for something are found among a hundred thousand that wait."""

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
}


def upgrade() -> None:
    """Make the indexes."""
    for name, (columns, condition) in OF_CASES.items():
        op.create_index(name, "cases", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))

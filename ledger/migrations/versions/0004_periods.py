"""Periods: changes of state, and the date that a prior-period entry belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "periods",
        sa.Column("book_id", text(32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("start_date", text(), nullable=False),
        sa.Column("end_date", text(), nullable=False),
        sa.Column("state", text(), nullable=False),
        sa.Column("by", text(), nullable=False),
        sa.Column("reason", text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq"),
        sqlite_with_rowid=False,
    )
    op.add_column("entries", sa.Column("original_business_date", text()))

"""Cases: what people make of flags, as events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import text

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "case_events",
        sa.Column("book_id", text(32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("n", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("subject", text(64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", text(), nullable=False),
        sa.Column("by", text(), nullable=False),
        sa.Column("detail", text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq", "n"),
        sqlite_with_rowid=False,
    )
    op.create_index("case_events_subject", "case_events", ["book_id", "subject", "number"], unique=True)

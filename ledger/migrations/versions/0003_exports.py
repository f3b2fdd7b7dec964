"""The memory of exports: what was given to other systems, as known at which commit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("book_id", text(32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("format", text(), nullable=False),
        sa.Column("detail", text(), nullable=False),
        sa.Column("first_date", text()),
        sa.Column("last_date", text()),
        sa.Column("stores", text()),
        sa.Column("currency", text()),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "number"),
        sqlite_with_rowid=False,
    )

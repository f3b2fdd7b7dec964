"""The memory of exports: what was given to other systems, as known at which commit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("book_id", sa.String(32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("first_date", sa.String()),
        sa.Column("last_date", sa.String()),
        sa.Column("stores", sa.String()),
        sa.Column("currency", sa.String()),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "number"),
        sqlite_with_rowid=False,
    )

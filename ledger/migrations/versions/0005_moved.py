"""Where a book's truth is, where it is not in this database any more, or not yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("book_head", sa.Column("moved_to", text()))

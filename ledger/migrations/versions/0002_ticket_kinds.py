"""More kinds of tickets: comps, tenders in another currency, tax that a marketplace remits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations import text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("lines", sa.Column("discount_kind", text()))
    op.add_column("taxes", sa.Column("facilitator", sa.Boolean()))
    for name in ("foreign_currency", "foreign_amount", "exchange_rate"):
        op.add_column("tenders", sa.Column(name, text()))

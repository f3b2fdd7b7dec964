"""When the delivery that brought a ticket was received, where the source tells it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("tickets", sa.Column("received_at", sa.BigInteger()))

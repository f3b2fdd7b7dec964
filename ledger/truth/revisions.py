"""Revisions of the truth's tables, and how a database is brought to the newest."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from ledger.errors import NotABook

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
"""The migrations in their order; a test holds them to ``migrations/versions``."""
REVISION = REVISIONS[-1]


def upgrade(connection: Connection) -> None:
    """Run what migrations lack, on a connection whose transaction the caller commits."""
    from alembic import command  # slow to import, and needed only when something is to be migrated
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, REVISION)


def checked(found: str, where: str) -> str:
    """The revision that a database says it is of; NotABook when no Tillproof, or only a newer one, knows it."""
    if found in REVISIONS:
        return found
    raise NotABook(
        f"{where} was made by a newer Tillproof (revision {found}, this one knows {REVISION}); upgrade Tillproof"
        if found > REVISION
        else f"{where} is of revision {found!r}, which no Tillproof has made; restore it from a backup"
    )

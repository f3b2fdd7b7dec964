"""Alembic migrations of the truth."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.types import TypeEngine


def text(length: int | None = None) -> TypeEngine[str]:
    """A column of texts that are compared byte by byte on every engine, whatever the database's locale."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")

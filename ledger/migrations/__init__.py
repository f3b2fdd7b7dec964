"""Alembic migrations of the truth."""

"""The truth's database: SQLite beside the book, or PostgreSQL by one setting.

Both keep the promises that the book rests on: a commit is durable before it is acknowledged, writers of a book take
turns, a reader sees one moment. ``Truth`` is what the book asks of either; ``transact`` runs a whole piece of work
in one transaction, and again from its beginning where the database says that it lost a race.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from ledger.errors import BookBusy
from ledger.settings import TruthSettings
from ledger.truth.postgresql import PostgreSQL
from ledger.truth.revisions import REVISION, REVISIONS
from ledger.truth.sqlite import FILE, SQLite

__all__ = ["FILE", "REVISION", "REVISIONS", "PostgreSQL", "SQLite", "Truth", "transact", "truth_of"]

ATTEMPTS_MAX = 60
WAIT_LONGEST_S = 0.2
LOST_RACES = ("40001", "40P01", "23505")
"""Serialization failure, deadlock, and a key that another transaction took meanwhile (PostgreSQL 15, section 13.5):
the transaction did nothing, and the whole of it may be run again."""

Outcome = TypeVar("Outcome")


class Truth(Protocol):
    """A book's database. ``reader`` connections see one moment and cannot write."""

    reader: Engine
    writer: Engine

    def exists(self) -> bool:
        """Whether the database of the book is there."""

    def migrate(self) -> None:
        """Bring it to the newest revision, making it where it is not. NotABook when it is no book's, or of a newer
        version; it is left as it was."""

    def turn(self) -> AbstractContextManager[object]:
        """A writer's turn, against other processes. Raises BookBusy when it does not come in time."""

    def durability(self) -> str:
        """Which guarantees are in force, in a sentence."""

    def close(self) -> None:
        """Let go of all connections."""


def truth_of(folder: Path, book_id: str, settings: TruthSettings) -> Truth:
    """The database of the book in a folder; nothing is opened or made yet."""
    if settings.url is None:
        return SQLite(folder)
    return PostgreSQL(book_id, settings.url, settings.isolation)


def transact(engine: Engine, work: Callable[[Connection], Outcome]) -> Outcome:
    """Run ``work`` in one transaction; where it lost a race, wait a little longer each time and run the whole of
    it again.

    ``work`` must have no effect but on the connection. Raises BookBusy after ``ATTEMPTS_MAX`` lost races.
    """
    for attempt in range(ATTEMPTS_MAX):
        try:
            with engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in LOST_RACES:
                raise
        threading.Event().wait(min(WAIT_LONGEST_S, 0.001 * 2**attempt))
    raise BookBusy(
        f"the book's database kept refusing the commit for other writers' sake ({ATTEMPTS_MAX} times); try again"
    )

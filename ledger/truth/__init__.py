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

from ledger.errors import BookBusy, BookError
from ledger.settings import TruthSettings
from ledger.truth.postgresql import PostgreSQL
from ledger.truth.revisions import REVISION, REVISIONS
from ledger.truth.sqlite import FILE, SQLite

__all__ = ["FILE", "REVISION", "REVISIONS", "PostgreSQL", "SQLite", "Truth", "transact", "truth_of"]

ATTEMPTS_MAX = 60
WAIT_LONGEST_S = 0.2
TAKEN_KEY = "23505"
LOST_RACES = ("40001", "40P01", TAKEN_KEY)
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
    """Run ``work`` in one transaction; where it lost a race, in any statement or at the commit, wait a little longer
    each time and run the whole of it again.

    The waits are the same for all, without chance: writers of a book queue for its head row, so that those who lost
    a race together are put in order by that lock, not by when they come back.

    ``work`` must have no effect but on the connection. Raises BookBusy after ``ATTEMPTS_MAX`` lost races, and
    BookError where the last of them was for a key that is still taken.
    """
    reason = ""
    for attempt in range(ATTEMPTS_MAX):
        try:
            with engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            code = getattr(error.orig, "sqlstate", None)
            if code not in LOST_RACES:
                raise
            reason = " ".join(str(error.orig).split()) if code == TAKEN_KEY else ""
        threading.Event().wait(min(WAIT_LONGEST_S, 0.001 * 2**attempt))
    if reason:
        raise BookError(
            f"the book's database has a row already where the next one belongs ({reason}), so that nothing was posted: "
            "something else has written to it, or a part of it is of another day; run 'tillproof verify', and restore "
            "it from a backup if that names a record"
        )
    raise BookBusy(
        f"the book's database kept refusing the commit for other writers' sake ({ATTEMPTS_MAX} times); try again"
    )

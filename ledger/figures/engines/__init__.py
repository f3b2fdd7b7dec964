"""Where the figures' copy sits: an engine that Ibis speaks, behind one border.

Plans become Ibis expressions in ``ledger.figures`` and know nothing of the engine. What is here makes the same tables
(``tables``) on each, brings them from commit to commit, and gives the rows of an expression as exact values.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from ledger.figures.engines.duckdb import MEMORY, DuckDB
from ledger.figures.engines.tables import State, Step
from ledger.settings import FiguresSettings

__all__ = ["Engine", "State", "Step", "open_engine"]

LOCK = ".figures.lock"
SPARK_MASTER = "local[2]"
ELSEWHERE = "Another process has this book open, so its figures were computed anew, which takes longer."


class Engine(Protocol):
    """A copy of a book's facts on some engine. It is used by one thread at a time."""

    note: str
    """What a reader should know of where the figures come from; empty where there is nothing to say."""

    @property
    def backend(self) -> Any:
        """The Ibis backend, which has the tables of ``engines.tables`` and ``stores`` once the copy has been made."""

    def state(self) -> State | None:
        """What the copy has reached; None where there is none, or one of another layout."""

    def make_anew(self) -> None:
        """Empty tables, at commit 0, whatever was there."""

    def apply(self, step: Step) -> bool:
        """Take a step, whole or not at all. False, with nothing done, where the copy is not at the step's beginning
        because another process that shares it was quicker."""

    def set_stores(self, stores: Sequence[tuple[str, str | None, str | None]]) -> None:
        """Make these the rows of ``stores``: name, region, owner."""

    def rows(self, query: str, schema: Any) -> list[dict[str, Any]]:
        """The rows of a query that the backend compiled from an Ibis table of a schema, as plain values: whole numbers
        exactly, dates as dates."""

    def moment(self) -> AbstractContextManager[None]:
        """While it is held, all that is read is of one moment."""

    def close(self) -> None:
        """Let go of the copy."""


def open_engine(folder: Path, book_id: str, settings: FiguresSettings, *, filling: bool = False) -> Engine:
    """Open the copy of the book in a folder; ``filling`` one that is not asked anything gets by with less memory.

    One process at a time owns a copy in the folder; where another one does, this is one of its own in memory, said in
    ``note``. A copy in PostgreSQL is shared by all. BookError when the engine cannot be reached.
    """
    if settings.url is not None and settings.engine == "postgresql":
        from ledger.figures.engines.postgresql import PostgreSQL

        return PostgreSQL(book_id, settings.url)
    lock = FileLock(folder / LOCK, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        return DuckDB(MEMORY, note=ELSEWHERE)
    if settings.engine == "spark":
        from ledger.figures.engines.spark import Spark

        return Spark(folder, settings.url or SPARK_MASTER, lock)
    return DuckDB.open(folder, lock, filling=filling)

"""The copy in DuckDB: a file in the book's folder, which one process owns at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis
import polars as pl
from filelock import FileLock

from ledger.figures.engines.plain import plain_rows
from ledger.figures.engines.tables import LAYOUT, REVERSIBLE, STORES, TABLES, State, Step, columns_in_sql

FILE = "facts.duckdb"
MEMORY = ":memory:"
MEMORY_LIMIT = "2GB"
FILLING_MEMORY_LIMIT = "512MB"
"""Of a copy that is only filled: what was written is not read again, so that more would only be a cache of it, which
grows with the book."""

_TYPES: dict[pl.DataType, str] = {
    pl.String(): "VARCHAR",
    pl.Int64(): "BIGINT",
    pl.Date(): "DATE",
    pl.Boolean(): "BOOLEAN",
}


class DuckDB:
    """A copy in a file, or in memory. It holds the lock that it is given until it is closed."""

    def __init__(self, path: str, lock: FileLock | None = None, note: str = "", *, filling: bool = False) -> None:
        self.note = note
        self._lock = lock
        limit = FILLING_MEMORY_LIMIT if filling else MEMORY_LIMIT
        self.backend: Any = ibis.duckdb.connect(path, memory_limit=limit)
        self._db: duckdb.DuckDBPyConnection = self.backend.con
        self._db.execute("SET enable_progress_bar=false")  # it would be written to stdout
        self._state = self._kept_state()

    @classmethod
    def open(cls, folder: Path, lock: FileLock, *, filling: bool = False) -> DuckDB:
        """The copy in a book's folder, of which the caller holds the lock; an unreadable one is begun anew."""
        path = folder / FILE
        try:
            return cls(str(path), lock, filling=filling)
        except duckdb.Error:
            path.unlink(missing_ok=True)  # nothing is lost by it
            return cls(str(path), lock, filling=filling)

    def state(self) -> State | None:
        return self._state  # nobody else writes to it

    def make_anew(self) -> None:
        with self._transaction():
            for table in ("state", "stores", *TABLES):
                self._db.execute(f"DROP TABLE IF EXISTS {table}")
            for table, schema in {**TABLES, "stores": STORES}.items():
                self._db.execute(f"CREATE TABLE {table} ({columns_in_sql(schema, _TYPES)})")
            self._db.execute("CREATE TABLE state (layout VARCHAR, seq BIGINT, hash VARCHAR)")
            self._db.execute("INSERT INTO state VALUES (?, 0, '')", [LAYOUT])
        self._state = State(0, "")

    def apply(self, step: Step) -> bool:
        with self._transaction():
            for table, frame in step.facts.items():
                if frame.height:
                    columns = ", ".join(frame.columns)
                    with self._incoming(frame):
                        self._db.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM incoming")  # noqa: S608
            if step.reversals.height:
                with self._incoming(step.reversals):
                    for table in REVERSIBLE:
                        self._db.execute(
                            f"UPDATE {table} SET reversed_seq = incoming.seq FROM incoming "  # noqa: S608
                            f"WHERE {table}.seq = incoming.reverses_seq AND {table}.n = incoming.reverses_n"
                        )
            self._db.execute("UPDATE state SET seq = ?, hash = ?", [step.last, step.hash])
        self._state = State(step.last, step.hash)
        return True

    def set_stores(self, stores: Sequence[tuple[str, str | None, str | None]]) -> None:
        with self._transaction():
            self._db.execute("DELETE FROM stores")
            if stores:
                self._db.executemany("INSERT INTO stores VALUES (?, ?, ?)", stores)

    def rows(self, query: str, schema: Any) -> list[dict[str, Any]]:
        return plain_rows(schema, self._db.execute(query).fetchall())

    @contextmanager
    def moment(self) -> Iterator[None]:
        yield  # the process that owns the copy is its only writer

    def close(self) -> None:
        self.backend.disconnect()
        if self._lock is not None:
            self._lock.release()

    def _kept_state(self) -> State | None:
        tables = {row[0] for row in self._db.execute("SELECT table_name FROM information_schema.tables").fetchall()}
        if "state" not in tables:
            return None
        found = self._db.execute("SELECT layout, seq, hash FROM state").fetchall()
        return State(found[0][1], found[0][2]) if len(found) == 1 and found[0][0] == LAYOUT else None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN TRANSACTION")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def _incoming(self, frame: pl.DataFrame) -> Iterator[None]:
        self._db.register("incoming", frame.to_arrow())
        yield
        self._db.unregister("incoming")  # not after an error: it would hide it behind the aborted transaction's

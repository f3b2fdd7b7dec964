"""The copy in PostgreSQL: a schema for each book, which any number of processes read and bring up to date.

Whoever catches up locks the row of ``state`` and takes a step only from where the copy stands, so that each step is
taken once. A plan reads in one transaction of one moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ibis
import polars as pl
import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from ledger.errors import BookError
from ledger.figures.engines.plain import plain_rows
from ledger.figures.engines.tables import LAYOUT, REVERSIBLE, STORES, TABLES, State, Step, columns_in_sql

CONNECT_TIMEOUT_S = 10

_TYPES: dict[pl.DataType, str] = {
    pl.String(): 'text COLLATE "C"',  # ordered by code points, as everywhere else
    pl.Int64(): "bigint",
    pl.Date(): "date",
    pl.Boolean(): "boolean",
}


class PostgreSQL:
    """The copy of one book in a PostgreSQL database. The role needs the right to make a schema there."""

    note = ""

    def __init__(self, book_id: str, url: str) -> None:
        self.url = url
        self.schema = "figures_" + book_id.replace("-", "_")  # an id has no underscore, so that no two are the same
        self._db = self._connected()
        with self._said():
            self.backend: Any = ibis.postgres.from_connection(self._db)

    def state(self) -> State | None:
        with self._said():
            if self._idle():
                self._connect_again()
            try:
                found = self._db.execute("SELECT layout, seq, hash FROM state").fetchall()
            except psycopg.errors.UndefinedTable:
                return None
        return State(found[0][1], found[0][2]) if len(found) == 1 and found[0][0] == LAYOUT else None

    def make_anew(self) -> None:
        with self._said(), self._db.transaction():
            self._db.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self.schema)))
            for table in ("state", "stores", *TABLES):  # state first: who reads holds it, see ``moment``
                self._execute(f"DROP TABLE IF EXISTS {table}")
            for table, schema in {**TABLES, "stores": STORES}.items():
                self._execute(f"CREATE TABLE {table} ({columns_in_sql(schema, _TYPES)})")
            for table in REVERSIBLE:
                self._execute(f"CREATE INDEX ON {table} (seq, n)")
            self._execute("CREATE TABLE state (layout text, seq bigint, hash text)")
            self._db.execute("INSERT INTO state VALUES (%s, 0, '')", [LAYOUT])

    def apply(self, step: Step) -> bool:
        with self._said(), self._db.transaction():
            if self._db.execute("SELECT layout, seq FROM state FOR UPDATE").fetchall() != [(LAYOUT, step.after)]:
                return False
            for table, frame in step.facts.items():
                self._copy_in(table, frame)
            if step.reversals.height:
                columns = [step.reversals[name].to_list() for name in ("seq", "reverses_seq", "reverses_n")]
                for table in REVERSIBLE:
                    self._execute(
                        f"UPDATE {table} SET reversed_seq = by.seq "  # noqa: S608
                        "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS by (seq, reverses_seq, reverses_n) "
                        f"WHERE {table}.seq = by.reverses_seq AND {table}.n = by.reverses_n",
                        columns,
                    )
            self._db.execute("UPDATE state SET seq = %s, hash = %s", [step.last, step.hash])
            return True

    def set_stores(self, stores: Sequence[tuple[str, str | None, str | None]]) -> None:
        with self._said(), self._db.transaction():
            if set(self._db.execute("SELECT store, region, owner FROM stores").fetchall()) == set(stores):
                return
            self._db.execute("LOCK TABLE stores IN EXCLUSIVE MODE")
            self._db.execute("DELETE FROM stores")
            self._copy_in("stores", pl.DataFrame(stores, schema=STORES, orient="row"))

    def rows(self, query: str, schema: Any) -> list[dict[str, Any]]:
        with self._said():
            found = self._db.execute(query.encode()).fetchall()
        return plain_rows(schema, found)

    @contextmanager
    def moment(self) -> Iterator[None]:
        """``state`` is locked before anything is read, so that the tables are not made anew between two queries of the
        moment, of which the second would find nothing (PostgreSQL 15, LOCK: before the first SELECT)."""
        if not self._idle():
            yield
            return
        with self._said():
            self._connect_again()
            with self._db.transaction():
                self._db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                self._db.execute("LOCK TABLE state IN ACCESS SHARE MODE")
                yield

    def close(self) -> None:
        self._db.close()

    def _copy_in(self, table: str, frame: pl.DataFrame) -> None:
        if not frame.height:
            return
        columns = ", ".join(frame.columns)
        with self._db.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in frame.iter_rows():
                copy.write_row(row)

    def _execute(self, statement: str, parameters: Sequence[Any] | None = None) -> None:
        """Run a statement made of names of this package alone."""
        self._db.execute(statement.encode(), parameters)

    def _idle(self) -> bool:
        return self._db.closed or self._db.info.transaction_status == TransactionStatus.IDLE

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        with self._said():
            return psycopg.connect(
                self.url,
                autocommit=True,
                connect_timeout=CONNECT_TIMEOUT_S,
                client_encoding="utf8",
                options=f"-c search_path={self.schema} -c timezone=UTC",
            )

    def _connect_again(self) -> None:
        """After the server has closed the connection, as when it was started again."""
        if self._db.closed:
            self._db = self.backend.con = self._connected()

    @contextmanager
    def _said(self) -> Iterator[None]:
        """The database's own errors as one that a person can act on."""
        try:
            yield
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            raise BookError(f"the figures' database at {self.url} refuses: {reason}") from error

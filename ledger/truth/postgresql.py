"""Truth in PostgreSQL: many books in one database, told apart by ``book_id``, which leads every key.

A transaction of a writer locks its book's head row first, so that writers of one book take turns and writers of
others do not wait for them; nothing else is locked, and no server-side code is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Literal

import psycopg
from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, inspect, make_url, select
from sqlalchemy.exc import DBAPIError

from ledger import tables as t
from ledger.errors import BookBusy, BookDamaged, BookError, BookUnwritable, NotABook
from ledger.truth import revisions

Isolation = Literal["read committed", "serializable"]
LOCK_TIMEOUT_MS = 120_000
CONNECT_TIMEOUT_S = 10
LOCK_NOT_AVAILABLE = "55P03"
DAMAGED = ("XX001", "XX002")
"""A table or an index whose pages do not say what they must."""
REFUSALS = {
    "25006": ("is read-only", "write to the primary, or let this role write"),
    "42501": ("does not allow it to this role", "grant what docs/scale.md lists"),
    "53": ("has run out of disk space or another resource", "make room"),
    "57": ("was stopped in its work", "wait until it is there again"),
    "58": ("has a disk or system that fails", "mend that"),
}
"""Codes, or classes of them, by which a database refuses what has nothing wrong with it: what is so, and what to do
(PostgreSQL 15, appendix A)."""


class PostgreSQL:
    """The rows of one book in a PostgreSQL database."""

    def __init__(self, book_id: str, url: str, isolation: Isolation) -> None:
        self.book_id = book_id
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self.writer = _engine(self.url, isolation.upper())
        self.reader = _engine(self.url, "REPEATABLE READ", "-c default_transaction_read_only=on")

    def exists(self) -> bool:
        if not self._has_tables():
            return False
        query = select(t.book_head.c.seq).where(t.book_head.c.book_id == self.book_id)
        with self.reader.connect() as connection:
            return connection.execute(query).first() is not None

    def migrate(self) -> None:
        if self._has_tables() and self._revision() == revisions.REVISION:
            return
        try:
            with self.writer.begin() as connection:
                revisions.upgrade(connection)
        except DBAPIError:
            if self._revision() != revisions.REVISION:  # another process that migrated at the same moment is no error
                raise

    def turn(self) -> nullcontext[None]:
        return nullcontext()  # the head row, locked in the transaction, is the turn

    def durability(self) -> str:
        with self.reader.connect() as connection:
            told = {
                name: connection.exec_driver_sql(f"SHOW {name}").scalar()
                for name in ("server_version", "synchronous_commit", "fsync", "full_page_writes")
            }
            level = connection.exec_driver_sql("SHOW default_transaction_isolation").scalar()
        version = told.pop("server_version")
        settings = ", ".join(f"{name}={value}" for name, value in told.items())
        weak = (
            "" if "off" not in told.values() else "; a setting is off, so a power failure can lose acknowledged commits"
        )
        return (
            f"PostgreSQL {version}, {settings}, default isolation {level}; writers of a book take turns on its head row"
            + weak
        )

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()

    def _has_tables(self) -> bool:
        with self.reader.connect() as connection:
            looked_at = inspect(connection)
            return looked_at.has_table("alembic_version") and looked_at.has_table("book_head")

    def _revision(self) -> str:
        with self.reader.connect() as connection:
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        if found is None:
            raise NotABook(
                f"the database at {self.url.render_as_string()} has a table of versions that is not Tillproof's"
            )
        return revisions.checked(str(found), f"the database at {self.url.render_as_string()}")


def _engine(url: URL, isolation: str, options: str = "") -> Engine:
    """``synchronous_commit`` is set, lest a server's setting lets a commit be acknowledged before it is durable."""
    made = create_engine(
        url,
        isolation_level=isolation,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": f"-c synchronous_commit=on -c lock_timeout={LOCK_TIMEOUT_MS} {options}",
        },
    )

    @event.listens_for(made, "handle_error")
    def _say(context: ExceptionContext) -> BookError | None:
        error = context.original_exception
        if context.is_pre_ping or not isinstance(error, psycopg.Error):
            return None  # a connection that has gone stale in the pool is replaced, and nobody need know
        return said(error, url, lost=context.is_disconnect, reached=context.connection is not None)

    return made


@contextmanager
def copying(connection: Connection, statement: str) -> Iterator[psycopg.Copy]:
    """Run a COPY on the driver, which SQLAlchemy does not know; its errors are raised as those of any statement are."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    try:
        with driver.cursor().copy(statement) as copy:
            yield copy
    except psycopg.Error as error:
        lost = driver.closed
        if lost:
            connection.invalidate(error)  # nothing can be rolled back on it
        raise (
            said(error, connection.engine.url, lost=lost)
            or DBAPIError.instance(statement, None, error, psycopg.Error, connection_invalidated=lost)
        ) from error


def said(error: psycopg.Error, url: URL, *, lost: bool, reached: bool = True) -> BookError | None:
    """What an error of PostgreSQL's means to whoever runs the book, or None for a lost race, which ``transact`` runs
    again, and for one that only a defect causes.

    ``lost``: the connection broke by it. ``reached``: there was a connection.
    """
    where = f"the book's database at {url.set(drivername='postgresql').render_as_string()}"
    reason = " ".join(str(error).split())
    code = error.sqlstate or ""
    if not reached:
        return BookUnwritable(f"{where} cannot be reached: {reason}; start it, or mend [truth] in book.toml")
    if code == LOCK_NOT_AVAILABLE:
        return BookBusy(
            f"{where} is being written by another process for over {LOCK_TIMEOUT_MS // 1000} s; try again later"
        )
    if code in DAMAGED:
        return BookDamaged(f"{where} is damaged ({reason}); restore it from a backup and take again what came since")
    refusal = REFUSALS.get(code) or REFUSALS.get(code[:2])
    if lost:
        refusal = "broke off the connection", REFUSALS["57"][1]
    if refusal is None:
        return None
    what, remedy = refusal
    done = "what it was at is there whole or not at all" if lost else "nothing of it was posted"
    return BookUnwritable(f"{where} {what}: {reason}; {done}; {remedy}, then do the same again")

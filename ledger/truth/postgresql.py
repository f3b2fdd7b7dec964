"""Truth in PostgreSQL: many books in one database, told apart by ``book_id``, which leads every key.

A transaction of a writer locks its book's head row first, so that writers of one book take turns and writers of
others do not wait for them; nothing else is locked, and no server-side code is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from sqlalchemy import URL, Engine, create_engine, inspect, make_url, select
from sqlalchemy.exc import DBAPIError, OperationalError

from ledger import tables as t
from ledger.errors import BookBusy, BookError, NotABook
from ledger.truth import revisions

Isolation = Literal["read committed", "serializable"]
LOCK_TIMEOUT_MS = 120_000
CONNECT_TIMEOUT_S = 10
LOCK_NOT_AVAILABLE = "55P03"


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

    @contextmanager
    def turn(self) -> Iterator[None]:
        try:
            yield  # the head row, locked in the transaction, is the turn
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            raise BookBusy(
                f"book {self.book_id} is being written by another process for over {LOCK_TIMEOUT_MS // 1000} s; "
                "try again later"
            ) from None

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
        try:
            with self.reader.connect() as connection:
                looked_at = inspect(connection)
                return looked_at.has_table("alembic_version") and looked_at.has_table("book_head")
        except OperationalError as error:
            reason = " ".join(str(error.orig).split())
            raise BookError(
                f"the book's database at {self.url.render_as_string()} cannot be reached: {reason}"
            ) from None

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
    return create_engine(
        url,
        isolation_level=isolation,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": f"-c synchronous_commit=on -c lock_timeout={LOCK_TIMEOUT_MS} {options}",
        },
    )

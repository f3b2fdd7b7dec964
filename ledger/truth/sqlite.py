"""Truth in SQLite: one file in the book's folder.

SQLite before 3.51.3 can corrupt a WAL database when two connections checkpoint at the same moment. Here writers
take turns on a file lock and only the one that holds it checkpoints; readers never do.

Connections are kept from one transaction to the next, the writer's too: it checkpoints as part of a commit, so never
without the lock, and the last connection of all, which checkpoints when it closes, has nobody beside it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, ExceptionContext, FromClause, create_engine, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

from ledger.errors import BookBusy, BookDamaged, BookError, BookUnwritable, NotABook
from ledger.truth import revisions

FILE = "truth.db"
LOCK = ".writer.lock"
LOCK_TIMEOUT_S = 120.0
CACHE_KIB = 128 * 1024
BUSY_MS = 60_000
UNWRITTEN = "nothing of it was posted; make room or give write permission, then do the same again"


class SQLite:
    """The database ``truth.db`` of a book's folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.reader = _engine(self.path, writer=False)
        self.writer = _engine(self.path, writer=True)
        self._lock = FileLock(folder / LOCK, timeout=LOCK_TIMEOUT_S)

    def exists(self) -> bool:
        return self.path.exists()

    def migrate(self) -> None:
        if self.path.exists() and _revision(self.path) == revisions.REVISION:
            return
        with self.writer.begin() as connection:
            revisions.upgrade(connection)

    @contextmanager
    def turn(self) -> Iterator[None]:
        try:
            self._lock.acquire()
        except Timeout:
            raise BookBusy(
                f"{self.path.parent} is being written by another process for over {LOCK_TIMEOUT_S:.0f} s; "
                "try again later"
            ) from None
        except OSError as error:
            raise BookUnwritable(f"{self.path.parent} cannot be written: {error.strerror}; {UNWRITTEN}") from None
        try:
            yield
        finally:
            self._lock.release()

    def durability(self) -> str:
        with self.reader.connect() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
            level = connection.exec_driver_sql("PRAGMA synchronous").scalar()
        return (
            f"journal_mode={mode}, synchronous={'FULL' if level == 2 else level}, SQLite {sqlite3.sqlite_version}; "
            "one writer at a time by file lock, and only it checkpoints"
        )

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


class _Compiler(SQLiteCompiler):
    """Says ``INDEXED BY`` where a query has that as its hint. A book has no statistics, so that SQLite takes a look
    through all of it for cheaper than many looks into an index."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


def _engine(path: Path, *, writer: bool) -> Engine:
    """An engine for a book's database.

    Every commit is durable (``synchronous=FULL``) before it is acknowledged. A writer's transaction takes the
    write lock when it begins, so that what it read stays true until it commits.
    """
    made = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000})
    made.dialect.statement_compiler = _Compiler

    @event.listens_for(made, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; _begin does
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"wal_autocheckpoint={4000 if writer else 0}",
            f"cache_size=-{CACHE_KIB if writer else CACHE_KIB // 4}",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(made, "handle_error")
    def _say(context: ExceptionContext) -> BookError | None:
        error = context.original_exception
        return said(error, path) if isinstance(error, sqlite3.Error) else None

    @event.listens_for(made, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return made


def said(error: sqlite3.Error, path: Path) -> BookError | None:
    """What an error of SQLite's means to whoever runs the book, or None for one that no disk or file causes."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code; the rest says more exactly where
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return BookUnwritable(f"{path} cannot be written: {error}; {UNWRITTEN}")
    if code == sqlite3.SQLITE_NOTADB:
        return NotABook(f"{path} is not a readable SQLite database; restore it from a backup")
    if code == sqlite3.SQLITE_CORRUPT:
        return BookDamaged(f"{path} is damaged ({error}); restore it from a backup and take again what came since")
    return None


def _revision(path: Path) -> str:
    """The revision of an existing database. Looks without changing a byte of it."""
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_MS / 1000)) as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not tables:
                raise NotABook(f"{path} is empty: the book itself is gone; restore it from a backup")
            if "alembic_version" not in tables or "book_head" not in tables:
                raise NotABook(f"{path} is a database, but not a book's; move it away or give another folder")
            (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
    except sqlite3.DatabaseError as error:
        raise said(error, path) or error from None
    return revisions.checked(str(found), str(path))

"""The truth's database: engines, durability and migrations.

SQLite before 3.51.3 can corrupt a WAL database when two connections checkpoint at the same moment. Here writers
take turns on a file lock and only the one that holds it checkpoints; readers never do.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool

from ledger.errors import NotABook

FILE = "truth.db"
REVISIONS = ("0001", "0003")
"""The migrations in their order; a test holds them to ``migrations/versions``."""
REVISION = REVISIONS[-1]

CACHE_KIB = 128 * 1024
BUSY_MS = 60_000


def engine(path: Path, *, writer: bool) -> Engine:
    """An engine for a book's database.

    Every commit is durable (``synchronous=FULL``) before it is acknowledged. A writer's transaction takes the
    write lock when it begins, so that what it read stays true until it commits.
    """
    made = create_engine(
        f"sqlite:///{path}",
        poolclass=NullPool if writer else QueuePool,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
    )

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

    @event.listens_for(made, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return made


def migrate(path: Path) -> None:
    """Bring a database to the newest revision; a new one is made whole.

    Raises NotABook when the file is no database of ours or was made by a newer version; it is left as it was.
    """
    if path.exists() and _revision(path) == REVISION:
        return
    from alembic import command  # slow to import, and needed only when something is to be migrated
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made = engine(path, writer=True)
    try:
        with made.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, REVISION)
            connection.commit()
    finally:
        made.dispose()


def durability(path: Path) -> str:
    """Which guarantees of SQLite are in force for a book, in a sentence."""
    made = engine(path, writer=False)
    try:
        with made.connect() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
            level = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    finally:
        made.dispose()
    return (
        f"journal_mode={mode}, synchronous={'FULL' if level == 2 else level}, SQLite {sqlite3.sqlite_version}; "
        "one writer at a time by file lock, and only it checkpoints"
    )


def _revision(path: Path) -> str:
    """The revision of an existing database, '' for an empty one. Looks without changing a byte of it."""
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_MS / 1000)) as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not tables:
                return ""
            if "alembic_version" not in tables or "book_head" not in tables:
                raise NotABook(f"{path} is a database, but not a book's; move it away or give another folder")
            (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
    except sqlite3.DatabaseError:
        raise NotABook(f"{path} is not a readable SQLite database; restore it from a backup") from None
    if found not in REVISIONS:
        raise NotABook(
            f"{path} was made by a newer Tillproof (revision {found}, this one knows {REVISION}); upgrade Tillproof"
            if found > REVISION
            else f"{path} is of revision {found!r}, which no Tillproof has made; restore it from a backup"
        )
    return str(found)

"""Copying and moving a book's truth to another database: from SQLite to PostgreSQL and back, or to another cluster.

All rows of the book go over in bounded chunks, in one transaction on either side, and the copy is compared with the
original before anything points to it: its head, and the root over all store-days.
"""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tomli_w
from sqlalchemy import Connection, Table, insert, select

from ledger import durable
from ledger import tables as t
from ledger.book import Book
from ledger.errors import BookError
from ledger.proofs.store_days import book_root, store_days
from ledger.seals import GENESIS
from ledger.settings import FILE, TruthSettings, parse
from ledger.truth import FILE as TRUTH_FILE
from ledger.truth import truth_of

ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Moved:
    """A book that was copied or moved: its head, the root over its store-days (hex), and how many rows went over."""

    book: str
    seq: int
    hash: str
    root: str
    rows: int


def copy(book: Book, folder: Path, url: str | None) -> Moved:
    """Copy a book into a new folder, its truth into the PostgreSQL database at ``url`` or, without one, into SQLite.

    BookError where there is a book already, in the folder or under the same id in the database.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BookError(f"{folder} is there already and is not an empty folder; give another one")
    with book.writing():
        for part in ("documents", "sources"):
            if (book.path / part).exists():
                shutil.copytree(book.path / part, folder / part)
        with _still(book) as source:
            moved = rows_to(book, source, folder, url)
        durable.sync_all(folder)
        point(book.path / FILE, folder / FILE, url)
    return moved


def move(book: Book, url: str) -> Moved:
    """Move a book's truth to the PostgreSQL database at ``url``; its folder points there afterwards.

    The old rows stay where they are. Nobody can post while it moves; whatever else has the book open must be started
    anew afterwards, since it knows the old database only.
    """
    if book.settings.truth.url == url:
        raise BookError(f"the book {book.id} is in that database already")
    with book.writing():
        with _still(book) as source:
            moved = rows_to(book, source, book.path, url)
        point(book.path / FILE, book.path / FILE, url)
    return moved


@contextmanager
def _still(book: Book) -> Iterator[Connection]:
    """A connection on which the book's head is locked, so that nobody posts meanwhile."""
    with book.truth.writer.begin() as connection:
        connection.execute(select(t.book_head.c.seq).where(t.book_head.c.book_id == book.id).with_for_update())
        yield connection


def rows_to(book: Book, source: Connection, folder: Path, url: str | None) -> Moved:
    """Copy the rows of a book, as they stand on a connection, into a new truth: that of ``folder``, or at ``url``."""
    settings = TruthSettings.model_validate({"url": url, "isolation": book.settings.truth.isolation})
    target = truth_of(folder, book.id, settings)
    try:
        if target.exists():
            raise BookError(f"there is a book {book.id!r} at {url or folder / TRUTH_FILE} already; nothing was copied")
        target.migrate()
        with target.writer.begin() as into:
            rows = sum(_rows(source, into, table, book.id) for table in t.metadata.sorted_tables)
            before, after = _state(source, book.id), _state(into, book.id)
            if before != after:
                raise BookError(f"the copy of {book.id} is not equal to the original; nothing was kept of it")
        return Moved(book.id, *before, rows)
    finally:
        target.close()


def _rows(source: Connection, into: Connection, table: Table, book_id: str) -> int:
    query = select(table).where(table.c.book_id == book_id).order_by(*table.primary_key.columns)
    found, number = source.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}), 0
    for part in found.mappings().partitions(ROWS_AT_ONCE):
        into.execute(insert(table), [dict(row) for row in part])
        number += len(part)
    return number


def _state(connection: Connection, book_id: str) -> tuple[int, str, str]:
    """The head's number and hash, and the root over all store-days."""
    head = connection.execute(
        select(t.book_head.c.seq, t.book_head.c.hash).where(t.book_head.c.book_id == book_id)
    ).first()
    seq, hash_ = (head[0], bytes(head[1])) if head else (0, GENESIS)
    return seq, hash_.hex(), book_root(store_days(connection, book_id, seq)).hex()


def point(old: Path, new: Path, url: str | None) -> None:
    """Write ``book.toml`` with another database. Its comments are lost; what it says is not, but that a copy in
    another folder has figures of its own there: two books that share a database for them would undo each other's."""
    tables = tomllib.loads(old.read_text("utf-8"))
    kept = {name: value for name, value in tables.get("truth", {}).items() if name != "url"}
    tables["truth"] = kept | ({"url": url} if url else {})
    if not tables["truth"]:
        del tables["truth"]
    if new != old:
        tables.pop("figures", None)
    parse(tables)
    temporary = new.with_name(f"{FILE}.part")
    temporary.write_text(tomli_w.dumps(tables), encoding="utf-8")
    durable.rename(temporary, new)

"""Copying and moving a book's truth to another database: from SQLite to PostgreSQL and back, or to another cluster.

Rows that are not the truth of their book, since it has moved or is not all there yet, are *fenced*: the book's head row
says where the truth is (``moved_to``), and writers, who lock that row first, are refused by it.

A **copy** reads one moment of the book; others go on posting. A **move** locks the book's head row, then

    1. the rows go over in one transaction, are compared table by table, verified whole, and committed fenced;
    2. the old rows are fenced and their lock let go: from here on nobody posts;
    3. the fence of the new rows is lifted, and ``book.toml`` points to them.

So at no moment can two databases be posted to, and what was cut short anywhere goes on when it is done again: fenced
rows of the same history are completed, and a move whose old rows are fenced already goes on at 3.
"""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import tomli_w
from sqlalchemy import Connection, insert, select, update

from ledger import durable, names, reading, rows, writing
from ledger import tables as t
from ledger.book import Book
from ledger.document import stored_at
from ledger.errors import BookError
from ledger.proofs.store_days import book_root, store_days
from ledger.seals import GENESIS
from ledger.settings import FILE, TruthSettings, parse
from ledger.truth import FILE as TRUTH_FILE
from ledger.truth import Truth, transact, truth_of
from ledger.verify import verify


@dataclass(frozen=True)
class Moved:
    """A book that was copied or moved: its head, the root over its store-days (hex), and how many rows it has."""

    book: str
    seq: int
    hash: str
    root: str
    rows: int


def copy(book: Book, folder: Path, url: str | None) -> Moved:
    """Copy a book into a new folder, its truth into the PostgreSQL database at ``url`` or, without one, into SQLite.

    BookError where there is a book already, in the folder or under the same id in the database, and where the copy is
    not equal to the original or does not verify; nothing points to it then. BookMoved where the book's truth is
    elsewhere.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BookError(f"{folder} is there already and is not an empty folder; give another one")
    fence = f"{_place(book.path, book.settings.truth.url)}, of which {folder.resolve()} is to be a copy"
    with _new(folder), closing(_target(book, folder, url)) as target:
        with book.snapshot() as source:
            writing.refuse_moved(book.id, _moved_to(source, book.id))
            _copy_documents(book, source, folder)
            moved = _bring(book, source, target, folder, fence)
        durable.sync(folder)
        point(book.path / FILE, folder / FILE, url)
    with closing(_target(book, folder, url)) as target:
        _lift(target, book.id, fence)
    return moved


def move(book: Book, url: str | None) -> Moved:
    """Move a book's truth to the PostgreSQL database at ``url`` or, without one, into SQLite; its folder points there
    afterwards.

    Nobody can post while it moves, nor to the rows that stay behind: whatever else has the book open is refused and
    must be started anew. What was cut short goes on when it is done again. Raises as ``copy`` does.
    """
    if book.settings.truth.url == url:
        raise BookError(f"the book {book.id} is in that database already")
    here, there = _place(book.path, book.settings.truth.url), _place(book.path, url)
    with closing(_target(book, book.path, url)) as target:

        def leave(source: Connection) -> Moved:
            if _moved_to(source, book.id) == there:
                return _arrived(book, source, target, there)
            writing.locked_head(source, book.id)
            moved = _bring(book, source, target, book.path, here)  # done again, it completes what it brought before
            _fence(source, book.id, there)
            return moved

        with book.writing():
            moved = transact(book.truth.writer, leave)
            _lift(target, book.id, here)
            point(book.path / FILE, book.path / FILE, url)
    return moved


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
    durable.write(new, tomli_w.dumps(tables))


# --- the steps ------------------------------------------------------------------------------------------------------


@contextmanager
def _new(folder: Path) -> Iterator[None]:
    """A folder for a book; empty again, or gone, where what is done in it fails."""
    there = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        durable.sync(folder.parent)
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        if there:
            folder.mkdir(exist_ok=True)
        raise


def _copy_documents(book: Book, source: Connection, folder: Path) -> None:
    """Copy the documents that the rows name (each was filed before that), the mappings of sources and the names that
    were answered, durably."""
    for part in ("documents", "sources"):
        (folder / part).mkdir()
    for record in reading.documents(source, book.id):
        target = stored_at(folder, record.id)
        target.parent.mkdir(exist_ok=True)
        try:
            durable.copy(book.document_path(record.id), target)
        except FileNotFoundError:
            raise BookError(
                f"document {record.name} ({record.id[:12]}): its file is missing; restore it from a backup"
            ) from None
    for path in sorted((book.path / "sources").glob("*.toml")):
        durable.copy(path, folder / "sources" / path.name)
    if (book.path / names.FILE).exists():
        durable.copy(book.path / names.FILE, folder / names.FILE)
    for path in (*folder.glob("documents/*"), folder / "documents", folder / "sources"):
        durable.sync(path)


def _bring(book: Book, source: Connection, target: Truth, folder: Path, fence: str) -> Moved:
    """Bring all rows to the target, which ``folder`` has the documents for: compared, verified, and fenced."""

    def arrive(into: Connection) -> Moved:
        _claim(book, source, into, fence)
        brought = rows.copy(source, into, book.id)
        found = verify(into, book.id, partial(stored_at, folder))
        if not found.ok:
            raise BookError(
                f"the book {book.id} does not verify, so that nothing was kept of its copy: {found.problems[0]}; "
                "restore it from a backup first"
            )
        _fence(into, book.id, fence)
        return _outcome(into, book.id, brought)

    target.migrate()
    with target.turn():
        return transact(target.writer, arrive)


def _claim(book: Book, source: Connection, into: Connection, fence: str) -> None:
    """Take the book's place in the target: a new head row, or that of fenced rows of the same history.

    A head row that is not fenced is refused without waiting for its lock, which a move from that very row would hold.
    """
    h = t.book_head.c
    found = _head(into, book.id)
    if found is None:
        into.execute(insert(t.book_head).values(book_id=book.id, seq=0, hash=GENESIS, moved_to=fence))
        return
    seq, hash_, moved_to = found
    claimed = moved_to is not None and (seq == 0 or reading.hash_of(source, book.id, seq) == hash_)
    if claimed:
        mine = update(t.book_head).where(h.book_id == book.id, h.moved_to == moved_to, h.seq == seq)
        claimed = into.execute(mine.values(moved_to=fence)).rowcount == 1
    if not claimed:
        raise BookError(f"there is a book {book.id!r} in the database already; nothing was copied")


def _arrived(book: Book, source: Connection, target: Truth, there: str) -> Moved:
    """A move that was cut short after its old rows were fenced: the new ones were verified before that."""
    head = _head(source, book.id)
    assert head is not None  # it is fenced
    target.migrate()
    with target.reader.connect() as arrived:
        if _head(arrived, book.id) is None or (head[0] and reading.hash_of(arrived, book.id, head[0]) != head[1]):
            raise BookError(
                f"the book {book.id} had moved to {there}, but is not there; bring that database back, or restore the "
                "book from a backup"
            )
        return _outcome(arrived, book.id, rows.contents(arrived, book.id))


def _fence(connection: Connection, book_id: str, place: str) -> None:
    connection.execute(update(t.book_head).where(t.book_head.c.book_id == book_id).values(moved_to=place))


def _lift(target: Truth, book_id: str, fence: str) -> None:
    """Let the target be written; BookMoved where somebody else's copy has taken its place meanwhile."""
    h = t.book_head.c

    def lift(into: Connection) -> None:
        mine = update(t.book_head).where(h.book_id == book_id, h.moved_to == fence)
        into.execute(mine.values(moved_to=None))
        writing.refuse_moved(book_id, _moved_to(into, book_id))

    with target.turn():
        transact(target.writer, lift)


# --- what is there --------------------------------------------------------------------------------------------------


def _head(connection: Connection, book_id: str) -> tuple[int, bytes, str | None] | None:
    """Number and hash of the last commit, and where the truth is where it is not here."""
    h = t.book_head.c
    found = connection.execute(select(h.seq, h.hash, h.moved_to).where(h.book_id == book_id)).first()
    return None if found is None else (found[0], bytes(found[1]), found[2])


def _moved_to(connection: Connection, book_id: str) -> str | None:
    found = _head(connection, book_id)
    return None if found is None else found[2]


def _outcome(connection: Connection, book_id: str, brought: rows.Contents) -> Moved:
    found = _head(connection, book_id)
    assert found is not None  # it was brought
    root = book_root(store_days(connection, book_id, found[0]))
    return Moved(book_id, found[0], found[1].hex(), root.hex(), sum(number for number, _ in brought.values()))


def _target(book: Book, folder: Path, url: str | None) -> Truth:
    settings = TruthSettings.model_validate({"url": url, "isolation": book.settings.truth.isolation})
    return truth_of(folder, book.id, settings)


def _place(folder: Path, url: str | None) -> str:
    """Where the truth of a book in a folder is, as a head row says it."""
    return url or str(folder.resolve() / TRUTH_FILE)

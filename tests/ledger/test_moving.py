"""Copies and moves: from SQLite to PostgreSQL and back, and between clusters; always equal root by root."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table

from ledger import rows
from ledger.backup import backup, restore
from ledger.book import Book
from ledger.errors import BookError
from ledger.moving import copy, move
from ledger.proofs.store_days import store_days
from tests.builders import balances, keep_bytes, make_book, post, ticket
from tests.ledger.test_verify import fill
from tests.postgres import Cluster, cluster


@pytest.fixture(scope="module")
def other() -> Iterator[Cluster]:
    """A second cluster, as another shard is."""
    with cluster() as running:
        yield running


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = make_book(tmp_path / "book")
    fill(made)
    yield made
    made.close()


def assert_equal(one: Book, two: Book) -> None:
    assert one.head() == two.head()
    assert one.store_day_roots() == two.store_day_roots()
    assert balances(one) == balances(two)
    assert [book.verify().problems for book in (one, two)] == [(), ()]


def test_a_book_goes_to_postgresql_and_back_and_is_the_same(book: Book, postgresql: Cluster, tmp_path: Path) -> None:
    url = postgresql.url(postgresql.database())
    there = copy(book, tmp_path / "there", url)
    assert (there.seq, there.hash) == (book.head().seq, book.head().hash)
    first = Book.open(tmp_path / "there")
    assert_equal(book, first)
    back = copy(first, tmp_path / "back", None)
    assert back == there
    second = Book.open(tmp_path / "back")
    assert_equal(first, second)
    for one in (first, second):
        commit = post(one, ticket("after"))
        assert (commit.posted, one.verify().ok) == (1, True)
    assert first.head() == second.head()
    first.close()
    second.close()


def test_several_books_move_between_two_clusters(postgresql: Cluster, other: Cluster, tmp_path: Path) -> None:
    here, there = ({"truth": {"url": one.url(one.database())}} for one in (postgresql, other))
    books = {}
    for number, name in enumerate(("north", "south", "west")):
        books[name] = Book.create_from(tmp_path / name, {"book": {"id": name, "name": name, "currency": "USD"}, **here})
        keep_bytes(books[name], b"")
        fill(books[name])
        post(books[name], *(ticket(f"{name}-{each}") for each in range(number)))
    before = {name: (one.head(), one.store_day_roots(), balances(one)) for name, one in books.items()}
    for name in ("south", "west"):
        move(books[name], there["truth"]["url"])
        books[name].close()
        books[name] = Book.open(tmp_path / name)
        assert books[name].settings.truth.url == there["truth"]["url"]
    assert {name: (one.head(), one.store_day_roots(), balances(one)) for name, one in books.items()} == before
    for name, one in books.items():
        assert post(one, ticket(f"{name}-later")).posted == 1
        assert one.verify().ok
        one.close()


def test_what_is_there_already_is_never_overwritten(book: Book, postgresql: Cluster, tmp_path: Path) -> None:
    url = postgresql.url(postgresql.database())
    copy(book, tmp_path / "there", url)
    with pytest.raises(BookError, match="already; nothing was copied"):
        copy(book, tmp_path / "again", url)
    with pytest.raises(BookError, match="not an empty folder"):
        copy(book, tmp_path / "there", None)
    moved = Book.open(tmp_path / "there")
    with pytest.raises(BookError, match="in that database already"):
        move(moved, url)
    moved.close()


def test_a_copy_that_is_not_equal_is_not_kept(
    book: Book, postgresql: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when rows are lost on the way: nothing of the copy stays, and the folder points nowhere."""
    whole = rows.copy_table

    def without_entries(source: Connection, into: Connection, table: Table, book_id: str) -> None:
        if table.name != "entries":
            whole(source, into, table, book_id)

    monkeypatch.setattr(rows, "copy_table", without_entries)
    url = postgresql.url(postgresql.database())
    with pytest.raises(BookError, match="not equal to the original"):
        copy(book, tmp_path / "there", url)
    assert not (tmp_path / "there" / "book.toml").exists()
    monkeypatch.undo()
    assert copy(book, tmp_path / "second", url).seq == book.head().seq


def test_a_book_in_postgresql_is_backed_up_while_others_post_to_it(
    book: Book, postgresql: Cluster, tmp_path: Path
) -> None:
    copy(book, tmp_path / "there", postgresql.url(postgresql.database()))
    live = Book.open(tmp_path / "there")
    before, stop = live.head(), threading.Event()

    def posting() -> None:
        number = 0
        while not stop.is_set():
            post(live, ticket(f"meanwhile {(number := number + 1)}"))

    writer = threading.Thread(target=posting)
    writer.start()
    try:
        made = backup(live, tmp_path / "kept.tar")
    finally:
        stop.set()
        writer.join()
    assert made.seq >= before.seq
    restored = restore(tmp_path / "kept.tar", tmp_path / "restored")
    assert (restored.seq, restored.hash) == (made.seq, made.hash)
    again = Book.open(tmp_path / "restored")
    assert again.settings.truth.url is None
    assert [one.hash for one in again.committed()][-1] == made.hash
    assert dict(again.store_day_roots()) == roots_at(live, made.seq)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book", "kept.tar", "restored", "there"]
    again.close()
    live.close()


def roots_at(book: Book, seq: int) -> dict[tuple[str, str], str]:
    with book.snapshot() as connection:
        return {(one.store, one.business_date): one.root.hex() for one in store_days(connection, book.id, seq)}


def test_a_copy_has_figures_of_its_own(book: Book, tmp_path: Path) -> None:
    settings = book.path / "book.toml"
    settings.write_text(settings.read_text() + '\n[figures]\nengine = "spark"\n', encoding="utf-8")
    original = Book.open(book.path)
    copy(original, tmp_path / "copy", None)
    original.close()
    copied = Book.open(tmp_path / "copy")
    assert (original.settings.figures.engine, copied.settings.figures.engine) == ("spark", "duckdb")
    copied.close()

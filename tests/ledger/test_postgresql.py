"""Truth in PostgreSQL: the same as in SQLite, under races, failures and tampering."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, LargeBinary, String, Table, inspect, select, update

from ledger import truth
from ledger.book import Book
from ledger.errors import BookBusy, BookError, NotABook, SettingsError
from ledger.settings import parse
from ledger.tables import metadata
from tests import truths
from tests.builders import AT, balances, keep_bytes, make_book, post, sale_batch, ticket
from tests.driver import failing, lose
from tests.ledger.test_verify import COLUMNS, NOT_SEALED, fill
from tests.postgres import Cluster

LEVELS = ("read committed", "serializable")


@pytest.fixture(params=LEVELS)
def level(request: pytest.FixtureRequest, postgresql: Cluster) -> Iterator[str]:
    truths.use(postgresql, request.param)
    yield request.param
    truths.use(None)


@pytest.fixture
def book(level: str, tmp_path: Path) -> Iterator[Book]:
    made = make_book(tmp_path / "book")
    yield made
    made.close()


STATEMENTS = 30
"""About as many as a transaction of a writer has; an injected failure hits any of them."""


def sometimes(chance: float, seed: int) -> Callable[[], int]:
    """At a random statement of a transaction, with some chance."""
    draws = random.Random(seed)
    return lambda: draws.randrange(STATEMENTS) if draws.random() < chance else -1


def test_the_same_commits_give_the_same_chain_as_on_sqlite(book: Book, tmp_path: Path) -> None:
    truths.use(None)
    beside = make_book(tmp_path / "sqlite")
    for one in (book, beside):
        fill(one)
        assert one.verify().ok, one.verify().problems
    assert book.head() == beside.head()
    assert book.store_day_roots() == beside.store_day_roots()
    assert balances(book) == balances(beside)
    for left, right in zip(book.committed(), beside.committed(), strict=True):
        for name in ("commits", "entries", "tickets", "lines", "tenders", "taxes", "events", "postings"):
            assert getattr(left, name).equals(getattr(right, name)), name
    beside.close()


@pytest.mark.parametrize("chance", [0.1, 0.3, 0.9])
def test_injected_failures_change_nothing_but_the_time_it_takes(book: Book, tmp_path: Path, chance: float) -> None:
    truths.use(None)
    calm = make_book(tmp_path / "calm")
    fill(calm)
    with failing(book, sometimes(chance, seed=7)) as failed:
        fill(book)
    assert failed
    assert book.head() == calm.head()
    assert book.store_day_roots() == calm.store_day_roots()
    assert book.verify().ok
    calm.close()


def test_a_database_that_only_fails_is_given_up_with_a_sentence(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth, "ATTEMPTS_MAX", 3)
    before = book.head()
    with failing(book, lambda: 0, lose("40001")) as failed, pytest.raises(BookBusy, match="3 times"):
        post(book, ticket("1"))
    assert len(failed) == 3
    assert book.head() == before


@pytest.mark.parametrize("writers", [2, 16])
def test_writers_of_one_hot_account_lose_no_update(book: Book, writers: int) -> None:
    """Each writer has a book of its own open, as processes have, and posts the same tickets as its neighbour."""
    document = book.documents()[0].id
    start = threading.Barrier(writers)

    def write(number: int) -> int:
        own = Book.open(book.path)
        start.wait()
        posted = 0
        for one in range(6):
            batch = sale_batch(ticket(f"{number // 2}-{one}"))
            posted += own.post(batch, intake=own.begin_intake(document, "pos", AT), at=AT, last=True).posted
        own.close()
        return posted

    with ThreadPoolExecutor(writers) as pool:
        posted = sum(pool.map(write, range(writers)))
    assert posted == writers // 2 * 6
    assert balances(book) == {"assets:clearing:card": posted * 1000, "income:sales": -posted * 1000}
    assert truths.rows(book, "SELECT sum(amount_minor) FROM balances WHERE account = 'income:sales'") == [
        (-posted * 1000,)
    ]
    assert book.head().seq == writers * 6
    assert book.verify().ok


def other_value(table: Table, name: str, value: Any) -> Any:
    column = table.c[name]
    if isinstance(column.type, LargeBinary):
        return bytes([value[0] ^ 1]) + bytes(value[1:])
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, String):
        if name.endswith("_date"):
            return "2031-01-01"
        length = getattr(table.c[name].type, "length", None)
        return f"{(value or '')[: None if length is None else length - 1]}x"  # no longer than the column
    return (value or 0) + 1000


def test_a_changed_value_is_found(postgresql: Cluster, tmp_path: Path) -> None:
    """Every sealed column of every table, one at a time; put back each time."""
    truths.use(postgresql)
    book = make_book(tmp_path / "book")
    fill(book)
    for name in [one for one in COLUMNS if one not in NOT_SEALED]:
        table = metadata.tables[name.partition(".")[0]]
        column = table.c[name.partition(".")[2]]
        if column.name == "document" or (column.primary_key and table.name in ("documents", "balances")):
            continue  # these are found by what else refers to them, which the tests of verify show
        key = list(table.primary_key.columns)
        with book.truth.reader.connect() as connection:
            *where, value = connection.execute(select(*key, column).order_by(*key)).first() or ()
        other = other_value(table, column.name, value)

        def change(old: list[Any], into: Any, table: Table = table, column: Any = column, key: Any = key) -> None:
            with book.truth.writer.begin() as connection:
                matched = [each == one for each, one in zip(key, old, strict=True)]
                assert connection.execute(update(table).where(*matched).values({column.name: into})).rowcount == 1

        change(where, other)
        assert not book.verify().ok, name
        there = [other if each is column else one for each, one in zip(key, where, strict=True)]
        change(there, value)
    assert book.verify().ok
    book.close()
    truths.use(None)


def test_books_share_a_database_and_do_not_see_each_other(postgresql: Cluster, tmp_path: Path) -> None:
    truths.use(postgresql)
    settings = truths.tables()
    truths.use(None)
    books = [
        Book.create_from(tmp_path / name, {"book": {"id": name, "name": name, "currency": "USD"}, **settings})
        for name in ("one", "two")
    ]
    for number, book in enumerate(books):
        keep_bytes(book, b"")
        post(book, *(ticket(str(each)) for each in range(number + 1)))
    assert [sum(len(chunk.tickets) for chunk in book.committed()) for book in books] == [1, 2]
    assert [book.verify().ok for book in books] == [True, True]
    with pytest.raises(BookError, match="has a book 'one' already"):
        Book.create_from(tmp_path / "again", {"book": {"id": "one", "name": "One", "currency": "USD"}, **settings})
    for book in books:
        book.close()


def test_durability_says_what_is_weak(book: Book) -> None:
    said = book.durability()
    assert "PostgreSQL 1" in said
    assert "synchronous_commit=on" in said
    assert "a power failure can lose" in said  # the tests' cluster does not sync


def test_a_server_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    url = f"postgresql://nobody@/nothing?host={tmp_path}"
    with pytest.raises(BookError, match=r"cannot be reached"):
        Book.create_from(
            tmp_path / "book", {"book": {"id": "x", "name": "X", "currency": "USD"}, "truth": {"url": url}}
        )
    assert not (tmp_path / "book" / "book.toml").exists()


def test_a_book_whose_rows_are_gone_is_said_to_be_gone(book: Book, postgresql: Cluster) -> None:
    book.close()
    settings = (book.path / "book.toml").read_text("utf-8")
    elsewhere = postgresql.url(postgresql.database())
    (book.path / "book.toml").write_text(settings.replace(str(book.settings.truth.url), elsewhere), encoding="utf-8")
    with pytest.raises(NotABook, match="restore it from a backup"):
        Book.open(book.path)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://localhost/x", "must begin with postgresql://"),
        ("postgresql://me:secret@localhost/x", "must not hold the password"),
        ("postgresql://localhost/x?password=secret", "must not hold the password"),
    ],
)
def test_a_url_that_will_not_do_is_refused(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        parse({"book": {"id": "x", "name": "X", "currency": "USD"}, "truth": {"url": url}})


def test_the_tables_are_as_the_code_declares_them(book: Book) -> None:
    seen = inspect(book.truth.reader)
    for table in metadata.sorted_tables:
        assert [one["name"] for one in seen.get_columns(table.name)] == [one.name for one in table.columns]
        texts = {one["name"]: one["type"] for one in seen.get_columns(table.name) if isinstance(one["type"], String)}
        assert {getattr(one, "collation", None) for one in texts.values()} <= {"C"}, table.name
        assert seen.get_pk_constraint(table.name)["constrained_columns"] == [
            one.name for one in table.primary_key.columns
        ]


def test_a_copy_of_the_folder_is_the_same_book(book: Book, tmp_path: Path) -> None:
    """The folder names the database, so that a copied folder is another door to the same rows."""
    post(book, ticket("1"))
    again = Book.open(Path(shutil.copytree(book.path, tmp_path / "copy")))
    assert again.head() == book.head()
    again.close()

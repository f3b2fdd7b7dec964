"""Nothing points to a copy that lacks or changes a row, in whatever table: every value of every table is compared, and
the whole copy is verified, before it is committed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Connection, LargeBinary, String, Table, create_engine, delete, func, select, update

from ledger import rows
from ledger.book import Book
from ledger.errors import BookError
from ledger.exports.log import Made
from ledger.exports.store_days import Selection
from ledger.moving import copy, move
from ledger.tables import metadata
from tests.builders import AT, make_book
from tests.ledger.test_verify import fill
from tests.postgres import Cluster

TABLES = [one.name for one in metadata.sorted_tables if one.name != "alembic_version"]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """A book with something in every table, an export too."""
    made = make_book(tmp_path_factory.mktemp("full") / "book")
    fill(made)
    days = (date(2026, 10, 5), date(2026, 10, 6))
    made.remember_export(Made("beancount", Selection(made.head().seq), days, days[1], 12, 30, "ab" * 32), AT)
    yield made
    made.close()


@pytest.fixture(scope="module")
def url(postgresql: Cluster) -> str:
    return postgresql.url(postgresql.database())


def a_row(table: Table, book: Book) -> list[Any]:
    """The key of the first row that the book has in a table, as a condition."""
    keys = list(table.primary_key.columns)
    with book.snapshot() as connection:
        first = connection.execute(select(*keys).order_by(*keys).limit(1)).one()
    return [column == value for column, value in zip(keys, first, strict=True)]


def other_value(column: Any, value: Any) -> Any:
    if isinstance(column.type, LargeBinary):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, String):
        length = column.type.length
        return f"{(value or '')[: None if length is None else length - 1]}x"  # no longer than the column
    return (value or 0) + 1000


def harm(into: Connection, table: Table, book: Book, what: str) -> None:
    first = a_row(table, book)
    if what == "dropped":
        done = into.execute(delete(table).where(*first))
    else:
        column = [one for one in table.columns if not one.primary_key][-1]
        value = into.execute(select(column).where(*first)).scalar_one()
        done = into.execute(update(table).where(*first).values({column.name: other_value(column, value)}))
    assert done.rowcount == 1


def held_at(url: str) -> int:
    """How many rows of books a database holds."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = sum(
            connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one() for name in TABLES
        )
    engine.dispose()
    return found


def test_the_book_has_rows_in_every_table(book: Book) -> None:
    with book.snapshot() as connection:
        found = rows.contents(connection, book.id)
    assert sorted(found) == sorted(TABLES)
    assert [name for name, (number, _) in found.items() if not number] == []


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", TABLES)
def test_a_copy_with_a_row_lost_or_changed_is_refused(
    book: Book, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, engine: str
) -> None:
    whole = rows.copy_table
    for what in ("dropped", "altered"):

        def harmed(source: Connection, into: Connection, table: Table, book_id: str, what: str = what) -> None:
            whole(source, into, table, book_id)
            if table.name == name:
                harm(into, table, book, what)

        monkeypatch.setattr(rows, "copy_table", harmed)
        with pytest.raises(BookError, match=f"not equal to the original in .*{name}"):
            copy(book, tmp_path / "there", url if engine == "postgresql" else None)
        assert list(tmp_path.iterdir()) == []
    if engine == "postgresql":
        assert held_at(url) == 0


def test_a_move_that_loses_a_row_leaves_the_book_where_it_is(
    book: Book, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy(book, tmp_path / "here", None)
    here = Book.open(tmp_path / "here")
    before, whole = (here.path / "book.toml").read_bytes(), rows.copy_table

    def without_exports(source: Connection, into: Connection, table: Table, book_id: str) -> None:
        if table.name != "exports":
            whole(source, into, table, book_id)

    monkeypatch.setattr(rows, "copy_table", without_exports)
    with pytest.raises(BookError, match="in exports; nothing was kept"):
        move(here, url)
    assert (here.path / "book.toml").read_bytes() == before
    assert held_at(url) == 0
    assert here.begin_intake(here.documents()[0].id, "pos", AT) > 0  # it is written to as before
    here.close()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE lines SET name = 'Plum pie'", "its content is not what was sealed"),
        ("UPDATE balances SET amount_minor = amount_minor + 1", "balance of"),
    ],
)
def test_a_book_that_does_not_verify_is_not_copied(
    book: Book, url: str, tmp_path: Path, statement: str, said: str
) -> None:
    """Row by row the copy is equal; it is the original that is damaged."""
    copy(book, tmp_path / "damaged", None)
    damaged = Book.open(tmp_path / "damaged")
    with damaged.truth.writer.begin() as connection:
        connection.exec_driver_sql(statement)
    with pytest.raises(BookError, match=f"does not verify, .*{said}"):
        copy(damaged, tmp_path / "there", url)
    assert not (tmp_path / "there").exists()
    assert held_at(url) == 0
    damaged.close()


def test_a_document_whose_file_is_missing_is_named(book: Book, tmp_path: Path) -> None:
    copy(book, tmp_path / "here", None)
    here = Book.open(tmp_path / "here")
    gone = here.documents()[0]
    here.document_path(gone.id).unlink()
    with pytest.raises(BookError, match=f"{gone.id[:12]}.*file is missing"):
        copy(here, tmp_path / "there", None)
    assert not (tmp_path / "there").exists()
    here.close()

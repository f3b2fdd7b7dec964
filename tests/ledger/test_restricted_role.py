"""A book in PostgreSQL works for a role that may add rows and change none but the head's and the balances'."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest

from ledger.book import Book
from ledger.exports.store_days import Selection
from ledger.exports.write import export
from ledger.figures import Figures
from ledger.moving import copy
from ledger.tables import metadata
from tests import truths
from tests.builders import AT, make_book, post, ticket
from tests.ledger.test_verify import fill
from tests.postgres import Cluster

DOCS = Path(__file__).parents[2] / "docs" / "scale.md"
CHANGED = ("book_head", "balances")


def documented() -> list[str]:
    """The statements that docs/scale.md tells an administrator to run."""
    lines = [one.partition("--")[0] for one in DOCS.read_text("utf-8").splitlines() if one.startswith("    ")]
    statements = [one.strip().removesuffix(";") for one in lines if one.strip().endswith(";")]
    assert len(statements) == 5, statements
    return statements


@pytest.fixture
def restricted(postgresql: Cluster, tmp_path: Path) -> Iterator[Book]:
    """A new book that its role did not make, and whose tables it does not own."""
    truths.use(postgresql)
    made = make_book(tmp_path / "book")
    truths.use(None)
    made.close()
    with psycopg.connect(str(made.settings.truth.url), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS tillproof")
        for statement in documented():
            connection.execute(statement.encode())
    settings = made.path / "book.toml"
    settings.write_text(settings.read_text("utf-8").replace("postgres@", "tillproof@"), encoding="utf-8")
    book = Book.open(made.path)
    yield book
    book.close()
    with psycopg.connect(str(made.settings.truth.url), autocommit=True) as connection:
        connection.execute("DROP OWNED BY tillproof")
        connection.execute("DROP ROLE tillproof")


def test_a_whole_life_of_a_book_needs_no_more(restricted: Book, tmp_path: Path) -> None:
    calm = make_book(tmp_path / "calm")
    for book in (restricted, calm):
        fill(book)
        made = export(book, "hledger", Selection(detail="daily", as_of=book.head().seq), tmp_path / "journal")
        book.remember_export(made, AT)
        book.change_period(date.min, date(2026, 10, 5), "open", by="Ada", reason="a late ticket", at=AT)
        post(book, ticket("late"))
        assert book.verify().problems == ()
        assert len(book.exports()) == 1
    assert restricted.head() == calm.head()
    assert restricted.store_day_roots() == calm.store_day_roots()
    figures = Figures.open(restricted)
    assert figures.catch_up() == restricted.head().seq
    figures.close()
    assert copy(restricted, tmp_path / "copied", None).hash == restricted.head().hash
    other = Book.create_from(
        tmp_path / "other",
        {"book": {"id": "other", "name": "Other", "currency": "USD"}, "truth": {"url": restricted.settings.truth.url}},
    )
    assert other.head().seq == 0
    other.close()
    calm.close()


def test_what_is_posted_cannot_be_changed_nor_taken_away(restricted: Book) -> None:
    fill(restricted)
    with psycopg.connect(str(restricted.settings.truth.url), autocommit=True) as connection:
        for table in metadata.sorted_tables:
            refused = [f"DELETE FROM {table.name}", f"TRUNCATE {table.name}", f"DROP TABLE {table.name}"]
            refused += [f"ALTER TABLE {table.name} ADD COLUMN more TEXT"]
            if table.name not in CHANGED:
                refused.append(f"UPDATE {table.name} SET book_id = book_id")
            for statement in refused:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.encode())
    assert restricted.verify().problems == ()

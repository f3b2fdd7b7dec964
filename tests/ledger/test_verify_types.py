"""``verify`` of values that no book would write and only SQLite, which has no strict types, can keep."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.book import Book
from ledger.verify import Verification
from tests.builders import make_book
from tests.ledger.test_verify import fill


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    book = make_book(tmp_path / "book")
    fill(book)
    book.close()
    return tmp_path / "book"


def verified(folder: Path) -> Verification:
    book = Book.open(folder)
    try:
        return book.verify()
    finally:
        book.close()


def change(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "truth.db")) as truth, truth:
        assert truth.execute(statement, values).rowcount > 0, f"nothing to change: {statement}"


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("tickets", "business_date", "the fifth"),
        ("tickets", "total_minor", "a lot"),
        ("tickets", "closed_at", "noon"),
        ("entries", "business_date", "2026-13-45"),
        ("postings", "amount_minor", 12.5),
        ("lines", "net_minor", 9.99),
    ],
)
def test_a_value_that_no_book_would_write_is_reported_and_does_not_stop_the_replay(
    copied: Path, table: str, column: str, value: object
) -> None:
    change(copied, f"UPDATE {table} SET {column} = ? WHERE seq = 1 AND n = 0", value)
    assert not verified(copied).ok


def test_a_part_of_a_minor_unit_is_found(copied: Path) -> None:
    change(copied, "UPDATE postings SET amount_minor = amount_minor + 0.25 WHERE seq = 1 AND n = 0 AND number = 1")
    assert not verified(copied).ok


def test_such_a_value_is_found_in_what_came_after_a_commit(copied: Path) -> None:
    change(copied, "UPDATE tickets SET total_minor = 'much' WHERE seq = 5")
    book = Book.open(copied)
    try:
        assert any("tickets at 5-0" in one for one in book.verify(since=3).problems)
    finally:
        book.close()

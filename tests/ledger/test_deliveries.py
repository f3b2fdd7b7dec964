"""Documents and deliveries of a book: recorded once, complete when their last batch is posted, found again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.book import Book
from tests.builders import AT, balances, keep_bytes, make_book, post, sale_batch, ticket

ON_BOTH_ENGINES = True


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = make_book(tmp_path / "book")
    yield made
    made.close()


def test_what_was_posted_is_there_when_the_book_is_opened_again(book: Book) -> None:
    commit = post(book, ticket("1"), ticket("2"))
    again = Book.open(book.path)
    assert (again.head().seq, again.head().hash) == (commit.seq, commit.hash)
    assert balances(again) == {"assets:clearing:card": 2000, "income:sales": -2000}
    again.close()


def test_a_document_is_recorded_once(book: Book) -> None:
    identity = keep_bytes(book, b"content", "a.csv")
    record = book.document(identity)
    assert record is not None
    assert (record.name, record.size_bytes, record.received_at) == ("a.csv", 7, AT)
    assert book.keep_document(record) is False
    assert len(book.documents()) == 2
    assert book.document("0" * 64) is None


def test_a_delivery_is_complete_only_when_its_last_batch_is_posted(book: Book) -> None:
    identity = keep_bytes(book, b"content", "a.csv")
    intake = book.begin_intake(identity, "pos", AT)
    assert [(one.received, one.complete) for one in book.feeds()] == [(0, False)]
    book.post(sale_batch(ticket("1"), document=identity), intake=intake, at=AT, last=False)
    assert [(one.received, one.complete) for one in book.feeds()] == [(1, False)]
    book.post(sale_batch(ticket("2"), document=identity), intake=intake, at=AT, last=True)
    assert [(one.received, one.posted, one.complete) for one in book.feeds()] == [(2, 2, True)]


def test_an_entry_knows_its_document_and_its_place_in_it(book: Book) -> None:
    identity = keep_bytes(book, b"content", "a.csv")
    intake = book.begin_intake(identity, "pos", AT)
    book.post(sale_batch(ticket("1", locator="row 17"), document=identity), intake=intake, at=AT, last=True)
    entry = book.entry(1, 0)
    assert entry is not None
    assert entry.ticket is not None
    assert (entry.document, entry.source, entry.recorded_at) == (identity, "pos", AT)
    assert (entry.ticket["locator"], entry.lines[0]["locator"]) == ("row 17", "row 17")
    assert book.find_ticket("1") == book.find_ticket("1", "pos") == [(1, 0)]
    assert book.find_ticket("1", "other") == book.find_ticket("2") == []
    assert (book.entry(1, 1), book.entry(2, 0)) == (None, None)

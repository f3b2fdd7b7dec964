"""Roots of store-days: the same in parts as at once, and as they stood at every earlier commit."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ledger.book import Book
from ledger.proofs import store_days as module
from ledger.proofs.store_days import seals_of, store_days
from tests.builders import DAY, make_book, post, ticket

ON_BOTH_ENGINES = True


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """Three commits: two stores, five days, the middle one with a day that the others have too."""
    made = make_book(tmp_path / "book")
    for commit in range(3):
        post(
            made,
            *(
                ticket(f"{commit}-{day}-{store}", store=store, business_date=DAY + timedelta(days=day))
                for day in (0, commit, commit + 2)
                for store in ("Airport", "Café Süd")
                if (day, commit) != (0, 0)
            ),
        )
    return made


@pytest.mark.parametrize("entries_at_once", [1, 3, 1_000])
def test_how_much_is_read_at_once_makes_no_difference(
    book: Book, monkeypatch: pytest.MonkeyPatch, entries_at_once: int
) -> None:
    roots = book.store_day_roots()
    monkeypatch.setattr(module, "ENTRIES_AT_ONCE", entries_at_once)
    assert book.store_day_roots() == roots
    assert len(roots) == 10


def test_store_days_as_they_stood_at_a_commit_are_those_of_a_book_that_ends_there(book: Book, tmp_path: Path) -> None:
    shorter = make_book(tmp_path / "shorter")
    with book._reading() as connection:
        assert store_days(connection, book.id, 0) == []
        before = store_days(connection, book.id, 1)
        assert seals_of(connection, book.id, "Airport", str(DAY + timedelta(days=2)), 1) != seals_of(
            connection, book.id, "Airport", str(DAY + timedelta(days=2)), 3
        )
    post(
        shorter,
        *(
            ticket(f"0-{day}-{store}", store=store, business_date=DAY + timedelta(days=day))
            for day in (2,)
            for store in ("Airport", "Café Süd")
        ),
    )
    assert {(one.store, one.business_date): one.root.hex() for one in before} == shorter.store_day_roots()
    assert sum(one.entries for one in before) == 2

"""Figures that follow a book while it is filled hold what they would hold if they had read it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from ledger.book import Book
from ledger.committed import Committed, Details
from ledger.figures import Figures, following
from ledger.figures.engines.tables import TABLES
from tests.builders import event, make_book, post, ticket
from tests.ledger.figures.test_figures import changing_days


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = make_book(tmp_path / "book")
    yield made
    made.close()


def held_in(figures: Figures) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of a copy."""
    tables = {name: figures.rows(figures.backend.table(name)) for name in TABLES}
    return {name: sorted(rows, key=repr) for name, rows in tables.items()}


def read_back(book: Book) -> dict[str, list[dict[str, Any]]]:
    """What a copy holds that was made anew from truth."""
    (book.path / "facts.duckdb").unlink(missing_ok=True)
    figures = Figures.open(book)
    figures.catch_up()
    try:
        return held_in(figures)
    finally:
        figures.close()


def followed(book: Book) -> dict[str, list[dict[str, Any]]]:
    """What the copy holds as it is, without catching up."""
    figures = Figures.open(book)
    try:
        assert figures.seq == book.head().seq
        assert figures.head == book.head().hash
        return held_in(figures)
    finally:
        figures.close()


def assert_same(one: Committed, other: Committed) -> None:
    assert (one.first, one.last, one.hash) == (other.first, other.last, other.hash)
    for name in ("commits", "entries", "postings", *(each.name for each in fields(Details))):
        assert_frame_equal(getattr(one, name), getattr(other, name))


def test_a_commit_as_it_was_written_is_the_commit_as_it_is_read_back(book: Book) -> None:
    seen = set()
    for tickets, events in changing_days():
        commit = post(book, *tickets, events=events)
        written = commit.written.committed()
        (read,) = book.committed(commit.seq - 1, commit.seq)
        reverses = read.entries["reverses_seq"].drop_nulls().len() > 0
        assert (written is None) == reverses
        if written is not None:
            assert_same(written, read)
        seen.add(reverses)
    assert seen == {True, False}


@pytest.mark.parametrize("gathered", [1, 3, 1_000_000])
def test_what_follows_holds_what_is_read_back(book: Book, monkeypatch: pytest.MonkeyPatch, gathered: int) -> None:
    monkeypatch.setattr(following, "GATHERED", gathered)
    post(book, ticket("before"))  # which the copy has to read
    with following.following(book) as tell:
        for number, (tickets, events) in enumerate(changing_days()):
            tell(post(book, *tickets, events=events))
            if number == 2:
                post(book, ticket("of another writer"), events=[event("of another writer")])
    assert followed(book) == read_back(book)


def test_where_another_process_owns_the_copy_it_is_left_to_it(book: Book) -> None:
    owner = Figures.open(book)
    with following.following(book) as tell:
        tell(post(book, ticket("1")))
    assert owner.seq == 0
    assert owner.catch_up() == 1
    owner.close()


def test_a_copy_that_fails_is_said_at_the_end_and_every_ticket_is_posted(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "GATHERED", 1)
    monkeypatch.setattr(Figures, "follow", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError), following.following(book) as tell:
        for number in range(20):
            tell(post(book, ticket(str(number))))
    assert book.head().seq == 20

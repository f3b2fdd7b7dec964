"""Law 4 at the border of files: the same files, in any order, any batch size, any number of times, give one ledger.

And the same files in the same order give the same chain, to its head.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest

import ingest.pipeline
from ledger.book import Book
from tests import truths
from tests.ingest.shop import export, intake, new_book, row

Rows = list[list[str]]


def history() -> list[tuple[str, Rows]]:
    """Three exports: a day of two stores; receipts of it that were changed, with others; changed once more, a return
    and a receipt that does not add up."""
    first = [row(str(n), Store=("Downtown", "Airport")[n % 2], Note=f"n{n}") for n in range(24)]
    second = [
        *(row(str(n), Store=("Downtown", "Airport")[n % 2], Changed="2026-10-06 09:00:00", Disc="2.00", Paid="8.72")
          for n in range(6)),
        *(row(str(n), Closed="2026-10-06 10:00:00") for n in range(30, 36)),
    ]  # fmt: skip
    third = [
        row("2", Changed="2026-10-07 09:00:00", Store="Airport", Tender="cash"),
        row("30", Changed="2026-10-07 09:00:00", Closed="2026-10-05 11:00:00"),
        row("R1", Type="REFUND", Qty="-2", Disc="-1.00", Tax="-0.72", Paid="-9.72"),
        row("wrong", Paid="1.00"),
    ]
    return [("first.csv", first), ("second.csv", second), ("third.csv", third)]


def taken(folder: Path, files: Sequence[tuple[str, Rows]], times: int = 1) -> Book:
    """A book that took files one after the other, and all of that again as often as is said."""
    folder.mkdir()
    book = new_book(folder)
    for _ in range(times):
        for name, rows in files:
            intake(book, export(folder / name, rows))
    assert book.verify().problems == ()
    return book


def ledger_of(book: Book) -> tuple[dict[tuple[str, str], str], list[tuple[object, ...]], set[tuple[str, str | None]]]:
    """What must not depend on how the files came: store-day roots, balances, and what is held."""
    kept = "SELECT account, currency, store, business_date, amount_minor FROM balances WHERE amount_minor <> 0"
    held = {(one.rule, one.external_id) for one in book.held()}
    return book.store_day_roots(), sorted(truths.rows(book, kept)), held


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    book = taken(tmp_path_factory.mktemp("once") / "book", history())
    found = ledger_of(book)
    assert (len(found[0]), len(found[2])) == (3, 1)
    assert sum(amount for *_, amount in found[1]) == 0  # type: ignore[misc]
    book.close()
    return found


def test_the_same_files_twice_give_the_same_ledger(tmp_path: Path, expected: tuple[object, ...]) -> None:
    book = taken(tmp_path / "twice", history(), times=2)
    assert ledger_of(book) == expected
    book.close()


@pytest.mark.parametrize("order", list(permutations(range(3)))[1:], ids=str)
def test_files_in_any_order_give_the_same_ledger(
    tmp_path: Path, expected: tuple[object, ...], order: tuple[int, ...]
) -> None:
    files = history()
    book = taken(tmp_path / "order", [files[place] for place in order])
    assert ledger_of(book) == expected
    book.close()


def test_rows_in_any_order_give_the_same_ledger(tmp_path: Path, expected: tuple[object, ...]) -> None:
    shuffled = [(name, random.Random(7).sample(rows, len(rows))) for name, rows in history()]
    book = taken(tmp_path / "rows", shuffled)
    assert ledger_of(book) == expected
    book.close()


@pytest.mark.parametrize("size", [1, 7])
def test_batches_of_any_size_give_the_same_ledger(
    tmp_path: Path, expected: tuple[object, ...], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(ingest.pipeline, "TICKETS_PER_BATCH", size)
    book = taken(tmp_path / "size", history())
    assert ledger_of(book) == expected
    assert book.head().seq > len(history())
    book.close()


def test_the_same_files_in_the_same_order_give_the_same_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.pipeline, "TICKETS_PER_BATCH", 5)
    one, other = taken(tmp_path / "one", history()), taken(tmp_path / "other", history())
    assert one.head() == other.head()
    assert one.checkpoint() == other.checkpoint()
    backwards = taken(tmp_path / "backwards", history()[::-1])
    assert backwards.head().hash != one.head().hash
    for book in (one, other, backwards):
        book.close()

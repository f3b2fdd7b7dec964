"""Exports are deterministic and add up: by property, and with parts that are as small as they can be."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.book import Book
from ledger.exports import journal, store_days
from ledger.exports.formats import TEXT_FORMATS
from ledger.exports.journal import Part
from ledger.exports.store_days import Detail, Selection
from ledger.exports.write import export
from tests import truths
from tests.builders import make_book, post, ticket
from tests.ledger.exports.shop import FIRST, FOREIGN, LATE, SECOND, TICKETS, deliver, fill, written

ON_BOTH_ENGINES = True

EVERY = (*TICKETS, *LATE, *FOREIGN)
ONE_CURRENCY = {"iif": "USD", "xero": "USD", "saft": "USD"}
DETAILS: tuple[Detail, ...] = ("daily", "ticket")


def all_formats(book: Book, **chosen: Any) -> dict[tuple[str, Detail], bytes]:
    return {
        (format, detail): written(book, format, detail, currency=ONE_CURRENCY.get(format), **chosen)[0]
        for format in TEXT_FORMATS
        for detail in DETAILS
    }


def parts_of(book: Book, detail: Detail) -> list[Part]:
    selection = Selection(as_of=book.head().seq, detail=detail)
    with book.snapshot() as connection:
        where = store_days.spread(connection, book.id, selection)
        return list(journal.parts(connection, book.id, selection, where))


def sums(book: Book, detail: Detail) -> Counter[tuple[Any, ...]]:
    total: Counter[tuple[Any, ...]] = Counter()
    for part in parts_of(book, detail):
        rows = part.postings.join(part.entries.select("entry", "store"), on="entry")
        for *key, amount in rows.select("business_date", "store", "currency", "account", "amount_minor").iter_rows():
            total[tuple(key)] += amount
    return Counter({key: amount for key, amount in total.items() if amount})


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty book, to be copied: copying is far faster than making one."""
    folder = tmp_path_factory.mktemp("blank") / "book"
    make_book(folder).close()
    return folder


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10_000), at_once=st.integers(1, 20))
def test_the_bytes_do_not_depend_on_the_order_or_size_of_deliveries(blank: Path, seed: int, at_once: int) -> None:
    # each ticket keeps its place in its document, whichever delivery brings it
    placed = [{**one, "locator": f"row {n}"} for n, one in enumerate(EVERY)]
    shuffled = random.Random(seed).sample(placed, len(placed))
    with tempfile.TemporaryDirectory() as folder:
        one, other = (Book.open(truths.copied(blank, Path(folder) / name)) for name in ("one", "other"))
        try:
            deliver(one, placed)
            deliver(other, shuffled, at_once=at_once)
            assert all_formats(one) == all_formats(other)
            assert parquet(one, Path(folder) / "p1", one.head().seq) == parquet(
                other, Path(folder) / "p2", other.head().seq
            )
            assert sums(one, "daily") == sums(one, "ticket")
        finally:
            one.close()
            other.close()


def test_small_parts_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = fill(tmp_path / "book", EVERY)
    whole = all_formats(book)
    monkeypatch.setattr(store_days, "ENTRIES_AT_ONCE", 2)
    assert len(parts_of(book, "ticket")) > 4
    assert all_formats(book) == whole
    book.close()


def test_an_export_as_of_an_earlier_commit_is_what_it_was_then(tmp_path: Path) -> None:
    book = fill(tmp_path / "book", EVERY[:12])
    earlier = book.head().seq
    before = all_formats(book)
    files = [parquet(book, tmp_path / "p1", earlier)]
    post(book, ticket("late"), *EVERY[12:])
    files += [parquet(book, tmp_path / "p2", earlier), parquet(book, tmp_path / "p3", book.head().seq)]
    assert all_formats(book, as_of=earlier) == before
    assert all_formats(book) != before
    assert files[0] == files[1] != files[2]
    book.close()


def parquet(book: Book, folder: Path, as_of: int) -> list[bytes]:
    made = export(book, "parquet", Selection(as_of=as_of, detail="ticket"), folder)
    return [Path(one).read_bytes() for one in made.files]


@pytest.mark.parametrize("detail", DETAILS)
def test_every_entry_balances_and_is_numbered_through(tmp_path: Path, detail: Detail) -> None:
    book = fill(tmp_path / "book", EVERY)
    numbers: list[int] = []
    for part in parts_of(book, detail):
        numbers += part.entries["entry"].to_list()
        off: Counter[tuple[int, str]] = Counter()
        for entry, currency, amount in part.postings.select("entry", "currency", "amount_minor").iter_rows():
            off[(entry, currency)] += amount
        assert set(off.values()) == {0}
    assert numbers == list(range(1, len(numbers) + 1))
    book.close()


def test_days_and_stores_that_are_chosen_make_up_the_whole(tmp_path: Path) -> None:
    book = fill(tmp_path / "book", TICKETS)
    whole = written(book, "quickbooks")[0].splitlines()
    days = [written(book, "quickbooks", last=FIRST)[0], written(book, "quickbooks", first=SECOND)[0]]
    assert sorted(line for one in days for line in one.splitlines()[1:]) == sorted(whole[1:])
    downtown = written(book, "quickbooks", stores=("Downtown",))[0].splitlines()
    assert [line for line in whole if b",Downtown," in line] == downtown[1:]
    book.close()

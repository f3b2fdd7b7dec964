"""What is kept of a book for the next scan: always what truth has, however and whenever it was read."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assistant.flags.gathered import FRAMES, gathered
from assistant.flags.known import Known, read
from ledger.book import Book
from tests.assistant.flags.shop import Row, deliver, filled, trade


def same(one: Known, other: Known) -> None:
    for name in ("tickets", "lines", "tenders", "taxes", "events", "superseded"):
        assert_frame_equal(getattr(one, name), getattr(other, name))


def again(tickets: list[Row], chance: random.Random) -> list[Row]:
    """Some tickets as they were changed later, with another total, and some as they were."""
    changed = []
    for one in chance.sample(tickets, min(5, len(tickets))):
        total = one["total_minor"] + 100
        tenders = [{**one["tenders"][0], "amount_minor": total}]
        stamp = one["closed_at"] + timedelta(hours=chance.randint(1, 9))
        changed.append({**one, "tip_minor": 100, "total_minor": total, "tenders": tenders, "version_stamp": stamp})
    return [*changed, *chance.sample(tickets, min(3, len(tickets)))]


@settings(max_examples=12)
@given(seed=st.integers(0, 2**32), looks=st.lists(st.booleans(), min_size=2, max_size=7), days=st.integers(2, 400))
def test_reading_on_gives_what_reading_all_at_once_gives(seed: int, looks: list[bool], days: int) -> None:
    chance = random.Random(seed)
    tickets, events = trade(seed, days=len(looks) * 3, per_day=4)
    chance.shuffle(tickets)
    with TemporaryDirectory() as scratch:
        book = filled(Path(scratch, "book"), [], [])
        folder = Path(scratch, "kept")
        size, many = len(tickets) // len(looks), len(events) // len(looks)
        for place, looked in enumerate(looks):
            part = tickets[place * size : (place + 1) * size]
            deliver(book, [*part, *again(tickets[: place * size], chance)], events[place * many : (place + 1) * many])
            if looked:
                same(read(book, days, folder), read(book, days))
        same(read(book, days, folder), read(book, days))
        parts = sorted(folder.glob("*.zip"))
        assert len(parts) <= 4
        same(read(book, days, folder), read(book, days))
        book.close()


@pytest.fixture
def book(tmp_path: Path) -> Book:
    tickets, events = trade(7, days=4, per_day=5)
    made = filled(tmp_path / "book", tickets[:30], events)
    gathered(made, tmp_path / "kept")
    deliver(made, tickets[30:33], [], "later.csv")
    gathered(made, tmp_path / "kept")
    return made


@pytest.mark.parametrize("how", ["torn", "flipped", "gone", "of another history", "no part"])
def test_a_part_that_is_not_as_it_was_kept_is_not_believed(book: Book, tmp_path: Path, how: str) -> None:
    first, *others = sorted((tmp_path / "kept").glob("*.zip"))
    assert others
    content = first.read_bytes()
    if how == "torn":
        first.write_bytes(content[: len(content) // 2])
    elif how == "flipped":
        middle = len(content) // 3
        first.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    elif how == "gone":
        first.unlink()
    elif how == "of another history":
        first.rename(first.with_name(first.name[:-10] + "000000.zip"))
    else:
        (tmp_path / "kept" / "0.zip").write_bytes(b"")
    found, whole = gathered(book, tmp_path / "kept"), gathered(book)
    for name in FRAMES:
        order = pl.all() if name == "reversed" else pl.col("seq")
        assert_frame_equal(found[name].sort(order, maintain_order=True), whole[name].sort(order, maintain_order=True))
    book.close()

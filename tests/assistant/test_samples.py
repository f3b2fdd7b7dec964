"""The sample: the same seed gives the same files, and they have what a group of shops, restaurants and a bar has."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from assistant.sample import write
from ingest.pipeline import take
from ledger.book import Book

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
END = date(2026, 10, 31)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*.csv"))}


def test_a_seed_gives_the_same_files_for_ever(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        write(tmp_path / name, tickets=500, days=20, end=END, seed=seed)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert digests(tmp_path / "a") != digests(tmp_path / "c")


@pytest.mark.parametrize("layout", ["flat", "set"])
def test_an_export_without_mistakes_is_posted_whole(tmp_path: Path, layout: str) -> None:
    report = write(tmp_path / "exports", tickets=2000, days=30, end=END, layout=layout, imperfections=False)
    book = Book.create_from(tmp_path / "book", tmp_path / "exports" / "book.toml")
    for delivery in report.deliveries:
        taken = take(book, delivery.files, source=delivery.source, mapping=None, at=AT, on_commit=None)
        assert taken.records == taken.posted > 0, [one.reason for one in taken.held]
    assert book.verify().ok
    book.close()


def test_the_demonstration_has_what_tills_have(tmp_path: Path) -> None:
    report = write(tmp_path / "exports", tickets=6000, end=END)
    book = Book.create_from(tmp_path / "book", tmp_path / "exports" / "book.toml")
    held = 0
    for delivery in report.deliveries:
        held += take(book, delivery.files, source=delivery.source, mapping=None, at=AT, on_commit=None).quarantined
    assert held == len(book.held()) > 0, "the sample has a few mistakes to look at"
    chunks = list(book.committed())
    tickets = pl.concat([chunk.tickets for chunk in chunks])
    lines = pl.concat([chunk.lines for chunk in chunks])
    tenders = pl.concat([chunk.tenders for chunk in chunks])
    events = pl.concat([chunk.events for chunk in chunks])
    taxes = pl.concat([chunk.taxes for chunk in chunks])
    assert tickets["store"].n_unique() == 5
    days = tickets["business_date"]
    assert (days.max() - days.min()).days + 1 >= 90  # type: ignore[operator, union-attr]
    assert {"sale", "return", "void_before_tender", "void_after_tender"} <= set(tickets["kind"])
    assert tickets["channel"].n_unique() >= 2
    assert (tickets["tip_minor"].fill_null(0) > 0).any()
    assert (lines["discount_minor"] > 0).any()
    assert {"item", "gift_card"} <= set(lines["kind"])
    assert {"cash", "card", "gift_card"} <= set(tenders["type"])
    assert tenders.group_by("seq", "n").len()["len"].max() >= 2  # type: ignore[operator]
    assert taxes["jurisdiction"].n_unique() >= 2
    over_short = events.filter(pl.col("kind") == "count").select(pl.col("counted_minor") - pl.col("expected_minor"))
    assert (over_short.to_series() != 0).any()
    local = (tickets["closed_at"].dt.epoch("s") + tickets["utc_offset_minutes"].cast(pl.Int64) * 60) // 86_400
    late = tickets.filter(local - days.cast(pl.Int64) == 1)
    assert set(late["store"]) == {"The Anchor Bar"}, "only the bar trades past midnight, on the business day before"
    book.close()

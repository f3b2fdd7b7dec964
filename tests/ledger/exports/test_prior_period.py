"""What was late for a locked period is marked in every format, and stands beside the day's summary, not in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from beancount import loader
from beancount.core.data import Transaction

from ledger.book import Book
from ledger.exports.formats import TEXT_FORMATS
from ledger.exports.store_days import Detail, Selection
from ledger.exports.write import export
from tests.ledger.exports.shop import FIRST, HOSTILE_STORE, LATE, LOCKED, TICKETS, fill, written

MARK = f"prior period, of {LOCKED}: "
ORDINARY = tuple(one for one in TICKETS if one["business_date"] > LOCKED)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    made = fill(tmp_path_factory.mktemp("late") / "book", (*TICKETS, *LATE))
    yield made
    made.close()


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """The same book without what was late."""
    made = fill(tmp_path_factory.mktemp("ordinary") / "book", ORDINARY)
    yield made
    made.close()


def titles(book: Book, format: str, detail: Detail) -> list[str]:
    """What each row or entry of an export says it is."""
    text = written(book, format, detail)[0].decode("cp1252" if format == "iif" else "utf-8")
    if format == "iif":
        return [row.split("\t")[8] for row in text.split("\r\n") if row.startswith(("TRNS", "SPL"))]
    if format == "quickbooks":
        return [row["Description"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    if format == "xero":
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert all(row["Description"].partition(" - ")[0][:200] in row["*Narration"] for row in rows)
        return [row["Description"] for row in rows]
    if format == "saft":
        found = ElementTree.fromstring(text).findall(".//{*}Transaction/{*}Description")
        return [one.text or "" for one in found]
    if format == "beancount":
        return [line.rpartition('" "')[2].rstrip('"') for line in text.splitlines() if ' * "' in line]
    return [line.rpartition(" | ")[2] for line in text.splitlines() if " * (" in line]


@pytest.mark.parametrize("format", TEXT_FORMATS)
def test_each_format_marks_the_entries_that_were_late_and_no_other(book: Book, ordinary: Book, format: str) -> None:
    marked = {title.partition(" - ")[0] for title in titles(book, format, "ticket") if "prior period" in title}
    assert marked == {
        f"{MARK}sale 12", f"{MARK}sale 13", f"{MARK}reversal of sale 13", "prior period, of 2026-09-29: sale 14",
    }  # fmt: skip
    daily = {title for title in titles(book, format, "daily") if "prior period" in title}
    assert daily == {f"{MARK}daily summary", "prior period, of 2026-09-29: daily summary"}
    for detail in ("daily", "ticket"):
        assert titles(ordinary, format, detail)
        assert not [title for title in titles(ordinary, format, detail) if "prior period" in title]


def test_a_daily_entry_of_its_own_leaves_the_summary_of_the_day_as_it_is(book: Book, ordinary: Book) -> None:
    lines, others = (written(one, "quickbooks")[0].splitlines() for one in (book, ordinary))
    late = [line for line in lines if b"prior period" in line]
    assert late
    assert [line for line in lines if line not in late] == others
    rows = list(csv.DictReader(io.StringIO(written(book, "quickbooks")[0].decode(), newline="")))
    numbers: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        numbers.setdefault(row["JournalNo"], set()).add((row["Description"], row["Location"]))
    assert {len(one) for one in numbers.values()} == {1}
    assert {row["JournalDate"] for row in rows if "prior period" in row["Description"]} == {f"{FIRST:%m/%d/%Y}"}
    debits = {row["AccountName"]: row["Debits"] for row in rows if row["Description"] == f"{MARK}daily summary"}
    assert {name: amount for name, amount in debits.items() if amount} == {
        "assets:clearing:card": "20.84", "income:discounts": "0.50",
    }  # fmt: skip


def test_beancount_tells_the_date_in_metadata(book: Book, tmp_path: Path) -> None:
    path = tmp_path / "book.beancount"
    details: tuple[Detail, ...] = ("ticket", "daily")
    for detail in details:
        path.write_bytes(written(book, "beancount", detail)[0])
        entries, errors, _ = loader.load_file(str(path))
        assert errors == []
        found = {
            (one.payee, one.date, one.meta["original_business_date"])
            for one in entries
            if isinstance(one, Transaction) and "original_business_date" in one.meta
        }
        assert found == {("Downtown", FIRST, LOCKED), (HOSTILE_STORE, FIRST, date(2026, 9, 29))}


def test_hledger_tells_the_date_in_a_tag(book: Book) -> None:
    text = written(book, "hledger", "ticket")[0].decode()
    assert text.count(f"    ; original_business_date:{LOCKED}\n") == 4


def test_parquet_has_the_date_in_a_column(book: Book, tmp_path: Path) -> None:
    export(book, "parquet", Selection(as_of=book.head().seq, detail="ticket"), tmp_path)
    entries = pl.read_parquet(tmp_path / "entries.parquet")
    late = entries.filter(pl.col("original_business_date").is_not_null())
    assert late.height == 5
    assert set(late["business_date"]) == {FIRST}
    assert sorted(late["original_business_date"].unique()) == [date(2026, 9, 29), LOCKED]

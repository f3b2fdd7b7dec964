"""Exports of a small shop, written row by row, and a mapping that reads them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.pipeline import IntakeReport, take
from ledger.book import Book
from tests import truths

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
HEADER = (
    "No",
    "Changed",
    "Store",
    "Closed",
    "Type",
    "Item",
    "Group",
    "Qty",
    "Price",
    "Disc",
    "Tax",
    "Paid",
    "Tender",
    "Note",
)

MAPPING = """
[mapping]
layout = "flat"

[ticket]
external_id = "[No]"
version_stamp = "[Changed]"
store = "[Store]"
closed_at = "[Closed]"
kind = "[Type]"
memo = "[Note]"
total = "[Paid]"

[line]
name = "[Item]"
category = "[Group]"
quantity = "[Qty]"
list_price = "[Price]"
gross = "[Qty] * [Price]"
discount = "coalesce([Disc], 0)"
tax = "[Tax]"

[[tender]]
type = "[Tender]"
amount = "[Paid]"

[[tax]]
per = "line"
jurisdiction = "'State'"
amount = "[Tax]"

[values.kind]
SALE = "sale"
REFUND = "return"
"""


def row(number: str, **changed: Any) -> list[str]:
    """One ticket of one line: 2 x 5.00 less 1.00, 0.72 tax, 9.72 paid by card."""
    given: dict[str, Any] = {
        "No": number, "Changed": "2026-10-05 12:00:00", "Store": "Downtown", "Closed": "2026-10-05 12:00:00",
        "Type": "SALE", "Item": "Apple pie", "Group": "Food", "Qty": "2", "Price": "5.00", "Disc": "1.00",
        "Tax": "0.72", "Paid": "9.72", "Tender": "card", "Note": "", **changed,
    }  # fmt: skip
    return [str(given[name]) for name in HEADER]


def export(path: Path, rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def new_book(folder: Path, **tables: Any) -> Book:
    business = {"id": "shop", "name": "Shop", "currency": "USD", "time_zone": "America/New_York"}
    return Book.create_from(folder / "book", {"book": business | tables.pop("book", {}), **tables, **truths.tables()})


def intake(book: Book, *paths: Path, mapping: str | None = MAPPING, source: str = "shop") -> IntakeReport:
    given = None
    if mapping is not None:
        given = book.path.parent / "shop.toml"
        given.write_text(mapping, encoding="utf-8")
    report = take(book, list(paths), source=source, mapping=given, at=AT, on_commit=None)
    parts = (report.posted, report.duplicates, report.versions, report.quarantined, report.ignored)
    assert report.records == sum(parts), "received = posted + duplicates + versions + quarantined + ignored"
    return report

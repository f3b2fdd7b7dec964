"""A vendor's files taken into a new book as a person would take them, and what became of them, for golden files."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.pipeline import IntakeReport, take
from ledger import tables as t
from ledger.book import Book
from tests.truths import rows

GOLDEN = Path(__file__).parents[2] / "golden"
AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
LEFT_OUT = ("book_id", "seq", "n", "version", "source", "utc_offset_minutes", "delivery")


@dataclass(frozen=True)
class Case:
    """Files of a vendor under ``tests/golden`` and the book that they are taken into."""

    files: tuple[str, ...]
    currency: str = "USD"
    time_zone: str = "America/New_York"
    tables: dict[str, Any] = field(default_factory=dict)

    def book(self, folder: Path) -> Book:
        business = {"id": "vendor", "name": "Vendor", "currency": self.currency, "time_zone": self.time_zone}
        return Book.create_from(folder / "book", {"book": business, **self.tables})

    @property
    def paths(self) -> list[Path]:
        return [GOLDEN / file for file in self.files]


def taken(book: Book, paths: Sequence[Path], source: str | None = None) -> IntakeReport:
    """What is taken as ``tillproof ingest BOOK FILE...`` takes it, its counts adding up."""
    report = take(book, paths, source=source, mapping=None, at=AT)
    parts = (report.posted, report.duplicates, report.versions, report.quarantined, report.ignored)
    assert report.records == sum(parts), "received = posted + duplicates + versions + quarantined + ignored"
    assert book.verify().ok
    return report


def told(book: Book, report: IntakeReport) -> dict[str, Any]:
    """What posted, to the last column, the balances it makes, and what was held or left out."""
    names = ("records", "posted", "duplicates", "versions", "quarantined", "ignored")
    found: dict[str, Any] = {"counts": {name: getattr(report, name) for name in names}}
    balances = rows(book, "SELECT account, SUM(amount_minor) FROM balances GROUP BY account ORDER BY account")
    found["balances"] = {account: int(amount) for account, amount in balances if amount}
    assert sum(found["balances"].values()) == 0
    for table in (t.tickets, t.lines, t.tenders, t.taxes, t.events):
        columns = [one.name for one in table.columns if one.name not in LEFT_OUT]
        made = rows(book, f"SELECT n, {', '.join(columns)} FROM {table.name} ORDER BY seq, n")
        given = [{"n": row[0], **_given(columns, row[1:])} for row in made]
        if given:
            found[table.name] = given
    found["held"] = [[one.disposition, one.rule, one.locator, one.reason] for one in report.held]
    return found


def _given(columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    return {name: value for name, value in zip(columns, row, strict=True) if value is not None}


def check(name: str, case: Case, folder: Path) -> dict[str, Any]:
    """Compare what a case posts with its golden file, ``NAME.posted.json``; written anew under ``UPDATE_GOLDEN``."""
    book = case.book(folder)
    try:
        found = told(book, taken(book, case.paths))
    finally:
        book.close()
    expected = GOLDEN / f"{name}.posted.json"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))
    return found

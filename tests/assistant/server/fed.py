"""A book that is fed by two sources: a month of a till with a gap and a day that is missing, names that nobody has
explained, a change, and a web shop that was seen once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ingest.pipeline import take
from tests.ingest.shop import MAPPING, export, new_book, row

AT = datetime(2026, 10, 31, 6, 0, tzinfo=UTC)
FIRST = date(2026, 10, 1)
MISSING_DAY, MISSING_NUMBER = date(2026, 10, 20), 1042
STORES = ("Downtown", "Airport")
WALLET = '<b>Moon</b> "wallet" \\ of the year that somebody once set up at the till, and never explained to anyone'
WEB = "webshop.of-the-head-office_2026"


def tickets() -> Iterator[list[str]]:
    """Five tickets a day and store, numbered on through the month; some of 28 October are paid by an odd wallet."""
    for first, store in ((1000, STORES[0]), (5000, STORES[1])):
        for place in range(30 * 5):
            day, number = FIRST + timedelta(days=place // 5), first + place
            if (store, day) == (STORES[1], MISSING_DAY) or number == MISSING_NUMBER:
                continue
            tender = WALLET if day == date(2026, 10, 28) and place % 5 == 2 else "card"
            closed = f"{day} {9 + place % 5}:00:00"
            yield row(f"T-{number}", Closed=closed, Changed=closed, Store=store, Tender=tender)


def make(folder: Path) -> Path:
    """Write the exports and take them into a new book; gives the book's folder."""
    book = new_book(folder, stores={name: {} for name in STORES})
    mapping = folder / "shop.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    month = list(tickets())
    changed = [*month[3]]
    changed[1], changed[5] = "2026-10-30 08:00:00", "Cherry pie"
    more = [changed, *month[4:7], row("T-9001", Paid="12.34"), row("T-9002", Tender="CC"), row("T-9003", Tender="CC")]
    web = [row("W-1", Store="Pop-up")]
    for name, rows, source in (("october.csv", month, "till"), ("more.csv", more, "till"), ("web.csv", web, WEB)):
        take(book, [export(folder / name, rows)], source=source, mapping=mapping, at=AT)
    book.close()
    return book.path

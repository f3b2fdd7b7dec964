"""A small book, taken in by the ordinary path from an export that a till might write: two stores, three weeks.

Among its rows: names that hold markup or a formula or go on for ever, a return, a void, a ticket that does not add
up, a card number, and a second export in which one ticket was changed. Tips are left at the second store alone, in the
evening; some tickets are paid with gift cards that were sold elsewhere.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ingest.pipeline import take
from ledger.book import Book
from ledger.settings import Business

AT = datetime(2026, 10, 22, 6, 0, tzinfo=UTC)
FIRST, DAYS = date(2026, 10, 1), 21
LAST = FIRST + timedelta(days=DAYS - 1)
STORES = ("Downtown", "Airport <b>Gate</b> 4")
MARKUP = "<script>alert(1)</script><b>Bold</b> bun"
FORMULA = "=SUM(A1:A9) cake"
LONG = "Everything " + "and more " * 22 + "platter"
ENDLESS = "x" * 180
ITEMS = ("Flat white", "Apple pie", MARKUP, FORMULA, LONG, ENDLESS, "Scone")
HEADER = ("number", "closed", "changed", "store", "register", "cashier", "kind", "item", "category", "qty", "price",
          "discount", "tax", "paid", "tender", "note", "tip")  # fmt: skip

MAPPING = """
[mapping]
layout = "flat"

[ticket]
external_id = "[number]"
version_stamp = "[changed]"
store = "[store]"
register = "[register]"
closed_at = "[closed]"
business_date = "[closed]"
kind = "[kind]"
cashier = "[cashier]"
memo = "[note]"
tip = "[tip]"

[line]
name = "[item]"
category = "[category]"
quantity = "[qty]"
unit_price = "[price]"
list_price = "[price]"
gross = "[qty] * [price]"
discount = "[discount]"
net = "[qty] * [price] - [discount]"
tax = "[tax]"

[[tender]]
type = "[tender]"
amount = "[paid]"

[[tax]]
per = "line"
jurisdiction = "'State'"
amount = "[tax]"

[values.kind]
SALE = "sale"
REFUND = "return"
"""


def rows() -> Iterator[tuple[str, ...]]:
    """The rows of the first export, without its header. Row 2 of the file is the first."""
    number = 1000
    for day in range(DAYS):
        for place, store in enumerate(STORES):
            for hour in (9, 12, 17):
                number += 1
                item = ITEMS[number % len(ITEMS)]
                price = 3 + (number * 7) % 11
                kind, qty = ("REFUND", -1) if number % 19 == 0 else ("SALE", 1 + number % 3)
                discount = 0.5 if number % 5 == 0 and qty > 0 else 0
                net = qty * price - discount
                tax = round(net * 0.08, 2)
                tip = 1.25 if place and hour == 17 and qty > 0 else 0
                closed = datetime.combine(FIRST + timedelta(days=day), datetime.min.time()).replace(
                    hour=hour, minute=place
                )
                yield (
                    f"T-{number}", f"{closed:%Y-%m-%d %H:%M:%S}", f"{closed:%Y-%m-%d %H:%M:%S}", store, str(place + 1),
                    "Ada" if hour == 9 else "Grace", kind, item, "Food" if number % 2 else "Drinks", str(qty),
                    f"{price:.2f}", f"{discount:.2f}", f"{tax:.2f}",
                    f"{net + tax + tip:.2f}", "gift_card" if number % 14 == 1 else "card" if number % 4 else "cash", "",
                    f"{tip:.2f}" if tip else "",
                )  # fmt: skip


def make(folder: Path) -> Path:
    """Write the exports and take them into a new book; gives the book's folder."""
    export, second, mapping, path = (
        folder / "october.csv", folder / "corrections.csv", folder / "till.toml", folder / "book",
    )  # fmt: skip
    mapping.write_text(MAPPING, encoding="utf-8")
    every = [list(row) for row in rows()]
    wrong = [*every[0]]
    wrong[0], wrong[13], wrong[15] = "T-9001", "99.99", "paid with 4111 1111 1111 1111"
    _write(export, [*every, wrong])
    changed = [*every[3]]
    changed[2], changed[9] = "2026-10-21 23:00:00", str(int(changed[9]) + 1)
    net = int(changed[9]) * float(changed[10]) - float(changed[11])
    changed[12] = f"{net * 0.08:.2f}"
    changed[13] = f"{net + float(changed[12]):.2f}"
    _write(second, [changed, every[4]])
    book = Book.create(
        path, Business(id="maple", name="Maple Street Group", currency="USD", time_zone="America/New_York")
    )
    for file in (export, second):
        take(book, [file], source="till", mapping=mapping, at=AT, on_commit=None)
    book.close()
    return path


def _write(path: Path, body: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(body)

"""Small, valid batches from terse descriptions, and books to put them in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import zstandard

from ledger.batch import EVENTS, LINES, TAXES, TENDERS, TICKETS, SaleBatch
from ledger.book import Book
from ledger.document import DocumentRecord
from ledger.settings import Business
from ledger.writing import Commit
from tests import truths

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
DAY = date(2026, 10, 5)


def line(gross: int = 1000, **more: Any) -> dict[str, Any]:
    """A line of one piece; ``gross`` and amounts in minor units, negative for a return."""
    discount = more.pop("discount", 0)
    return {
        "kind": "item",
        "item_id": "A1",
        "name": "Apple pie",
        "category": "Food",
        "quantity_micro": 1_000_000 if gross >= 0 else -1_000_000,
        "gross_minor": gross,
        "discount_minor": discount,
        "net_minor": gross - discount,
        "voided": False,
        **more,
    }


def ticket(external_id: str, *, lines: Sequence[dict[str, Any]] = (), **more: Any) -> dict[str, Any]:
    """A ticket that adds up: one tender takes the total unless tenders are given; ``tax`` is of one jurisdiction."""
    rows = list(lines) or [line()]
    tax = more.pop("tax", 0)
    taxes = more.pop("taxes", [{"jurisdiction": "State", "amount_minor": tax, "included": False}] if tax else [])
    tip = more.get("tip_minor") or 0
    rounding = more.get("rounding_minor") or 0
    net = sum(row["net_minor"] for row in rows if not row.get("voided"))
    total = net + sum(one["amount_minor"] for one in taxes) + tip + rounding
    tenders = more.pop("tenders", None)
    void = str(more.get("kind", "sale")).startswith("void")
    if tenders is None:
        tenders = [] if void else [{"type": more.pop("tender", "card"), "amount_minor": total}]
    more.pop("tender", None)
    return {
        "source": "pos",
        "external_id": external_id,
        "store": "Downtown",
        "register": "1",
        "business_date": DAY,
        "closed_at": datetime(2026, 10, 5, 16, 30, tzinfo=UTC),
        "utc_offset_minutes": -240,
        "kind": "sale",
        "cashier": "Ada",
        "channel": "in store",
        "currency": "USD",
        "total_minor": total,
        "lines": rows,
        "tenders": tenders,
        "taxes": taxes,
        **more,
    }


def payout(external_id: str, amount: int, *, fee: int = 0, **more: Any) -> dict[str, Any]:
    """A payout that a processor of cards made to the bank, which kept a fee besides."""
    tenders = [
        {"type": "bank_account", "amount_minor": amount},
        {"type": "card", "amount_minor": -amount, "fee_minor": fee or None},
    ]
    made = ticket(external_id, tenders=tenders, cashier=None, register=None, channel=None, kind="payout", **more)
    return {**made, "lines": [], "total_minor": None}


def event(external_id: str, kind: str = "count", **more: Any) -> dict[str, Any]:
    return {
        "source": "pos",
        "external_id": external_id,
        "store": "Downtown",
        "register": "1",
        "business_date": DAY,
        "kind": kind,
        "currency": "USD",
        **more,
    }


def sale_batch(*tickets: dict[str, Any], events: Sequence[dict[str, Any]] = (), document: str = "") -> SaleBatch:
    """A batch of the given tickets and events, as a connector would hand it over."""
    document = document or hashlib.sha256(b"").hexdigest()
    heads, lines, tenders, taxes = [], [], [], []
    for number, one in enumerate(tickets):
        place = one.get("locator", f"row {number + 2}")
        heads.append({"document": document, **one, "ticket": number, "locator": place})
        for rows, into in ((one["lines"], lines), (one["tenders"], tenders), (one["taxes"], taxes)):
            into += [{"ticket": number, "number": n, "locator": place, **row} for n, row in enumerate(rows, start=1)]
    happened = [{"document": document, "locator": f"row {n + 2}", **one} for n, one in enumerate(events)]
    return SaleBatch(
        *(
            _frame(rows, schema)
            for rows, schema in (
                (heads, TICKETS),
                (lines, LINES),
                (tenders, TENDERS),
                (taxes, TAXES),
                (happened, EVENTS),
            )
        )
    )


def make_book(folder: Path, **business: Any) -> Book:
    """A new book with one kept document (an empty one) to post from."""
    named = Business(**{"id": "test", "name": "Test", "currency": "USD", **business})
    book = Book.create_from(folder, {"book": named.model_dump(mode="json", exclude_defaults=True), **truths.tables()})
    keep_bytes(book, b"")
    return book


def keep_bytes(book: Book, content: bytes, name: str = "export.csv") -> str:
    """Keep bytes as a document, without a connector; gives its id."""
    identity = hashlib.sha256(content).hexdigest()
    path = book.document_path(identity)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zstandard.compress(content))
    book.keep_document(DocumentRecord(identity, name, "text/csv", len(content), 0, AT))
    return identity


def post(book: Book, *tickets: dict[str, Any], events: Sequence[dict[str, Any]] = ()) -> Commit:
    """Post tickets and events as one whole delivery of the book's empty document."""
    batch = sale_batch(*tickets, events=events)
    intake = book.begin_intake(hashlib.sha256(b"").hexdigest(), "pos", AT)
    return book.post(batch, intake=intake, at=AT, last=True)


def balances(book: Book) -> dict[str, int]:
    """Sum of all postings by account, from the entries themselves."""
    total: dict[str, int] = {}
    for chunk in book.committed():
        for account, amount in chunk.postings.group_by("account").agg(pl.col("amount_minor").sum()).iter_rows():
            total[account] = total.get(account, 0) + amount
    return {account: amount for account, amount in sorted(total.items()) if amount}


def _frame(rows: list[dict[str, Any]], schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)

"""Flags by hand, as a detector might find them, and a book with the tickets that some of them are about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from assistant.flags.cases import Updated, update
from assistant.flags.flag import Flag, FlagCitation, Level, flag_id
from assistant.flags.flag import Moved as MovedFeature
from ledger.book import Book

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 1)
DAY = date(2026, 10, 14)


def flag(kind: str = "refund_no_receipt_cash", about: object = 1, **more: Any) -> Flag:
    """One flag; ``about`` makes it another one of its kind."""
    level = more.get("level", Level.TICKET)
    known: dict[str, Any] = {
        "level": level,
        "kind": kind,
        "family": "refunds",
        "store": "Downtown",
        "business_date": DAY,
        "cashier": "Grace",
        "register": "1",
        "external_id": f"T-{about}" if level == Level.TICKET else None,
        "source": "till",
        "document": None,
        "score": 0.8,
        "certain": False,
        "expected": "a receipt with the return",
        "observed": "$48.60 in cash without one",
        "reason": f"Return T-{about} was paid out in cash without a receipt.",
        "money_minor": 4860,
        "currency": "USD",
        "percentile": 99.0,
        "moved": (),
        "cites": (),
    }
    return Flag(id=flag_id(level, kind, about), **known | more)


def updated(
    book: Book, *flags: Flag, at: datetime = AT, today: date = TODAY, looked_from: date | None = None
) -> Updated:
    return update(book, flags, at=at, today=today, looked_from=looked_from)


def of_till(book: Book) -> Iterator[Flag]:
    """What might be flagged in the book of ``tests/assistant/server/till.py``: its returns, one of them with markup and
    a formula in its words, a drawer, a store-day, a table of taxes, a delivery; a hint at one of the returns."""
    tickets = book.tickets_between(date(2026, 10, 1), date(2026, 10, 21))
    returns = [one for one in tickets if one.kind == "return"]
    for number, one in enumerate(returns):
        at = f"{one.seq}-{one.n}"
        yield flag(
            about=one.external_id,
            external_id=one.external_id,
            store=one.store,
            cashier=one.cashier,
            register=one.register,
            business_date=one.business_date,
            score=round(0.95 - number / 40, 3),
            money_minor=abs(one.total_minor or 0),
            reason=f"=cmd|' /C calc'!A0 <script>alert(1)</script> Return {one.external_id} has no receipt.",
            moved=(MovedFeature("minutes since the shop closed", "12", "240", 0.31),),
            cites=(
                FlagCitation("ticket", one.external_id, f"/entries/{at}"),
                FlagCitation("entry", at, f"/entries/{at}"),
            ),
        )
    first = returns[0]
    hint = flag("unusual", first.external_id, external_id=first.external_id, family="unusual", score=0.7)
    yield replace(hint, store=first.store, cashier=first.cashier, business_date=first.business_date)
    drawer = {"level": Level.CASHIER_DAY, "family": "drawer", "expected": "$250.00", "observed": "$201.35"}
    yield flag("drawer_short", "Ada", cashier="Ada", score=0.9, reason="Ada's drawer was $48.65 short.", **drawer)
    day = {"level": Level.STORE_DAY, "family": "completeness", "cashier": None, "certain": True, "money_minor": None}
    yield flag("store_day_missing", "gap", score=1.0, reason="Nothing came from Downtown for 2026-10-14.", **day)
    yield flag(
        "tax_rate", "tax", **day | {"family": "tax", "money_minor": 1210, "reason": "8 % was taken, 9 % is due."}
    )
    document = {"level": Level.DOCUMENT, "document": book.documents()[0].id, "store": None, "business_date": None}
    again = {"reason": "The delivery came before.", "score": 1.0}
    yield flag("delivery_again", "again", **day | document | again)

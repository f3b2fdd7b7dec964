"""A book with everything that an export may meet, delivered in an order of the caller's choice."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ledger.book import Book
from ledger.exports.log import Made
from ledger.exports.store_days import Detail, Selection
from ledger.exports.write import export
from ledger.periods import BEGINNING
from tests.builders import AT, event, line, make_book, post, ticket

Row = dict[str, Any]

HOSTILE = "\"; * (x) [2026-01-01] =cmd|'/C calc'!A0, a:b\t\r\nö 漢 🍰 \\\" <b>&amp;</b> \x07\u2028" + "long " * 300
HOSTILE_STORE = '=Caf\u00e9 "Süd"; | (1), \\ <b>'
FIRST, SECOND, THIRD = date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 7)
LOCKED = date(2026, 9, 30)
"""A day of the period that is locked before anything is delivered: what is late for it is posted on ``FIRST``."""
OLD, NEW = datetime(2026, 10, 6, 8, 0, tzinfo=UTC), datetime(2026, 10, 9, 8, 0, tzinfo=UTC)


def tender(kind: str, amount: int, change: int | None = None) -> Row:
    return {"type": kind, "amount_minor": amount, "change_minor": change}


def tax(jurisdiction: str | None, amount: int) -> Row:
    return {"jurisdiction": jurisdiction, "amount_minor": amount, "included": False}


TICKETS: tuple[Row, ...] = (
    ticket("1", lines=[line(1000, discount=150, cost_minor=320)], taxes=[tax("State", 34), tax("New York City", 38)]),
    ticket("2", kind="return", lines=[line(-700)], taxes=[tax("State", -28)], tender="cash"),
    ticket("3", kind="void_after_tender", lines=[line(900)], tenders=[tender("card", 900)]),
    ticket("4", lines=[line(2000), line(400, kind="service_charge")], tip_minor=360, business_date=SECOND),
    ticket("5", lines=[line(5000, kind="gift_card")], business_date=SECOND, store=HOSTILE_STORE),
    ticket("6", lines=[line(1200)], tender="gift card", store=HOSTILE_STORE, memo=HOSTILE, business_date=THIRD),
    ticket("7", lines=[line(1003)], rounding_minor=2, tender="cash", memo=HOSTILE),
    ticket("8", lines=[line(3000)], tenders=[tender("cash", 2000, 500), tender("house account", 1500)]),
    ticket(HOSTILE, lines=[line(777)], taxes=[tax(None, 3)], store=HOSTILE_STORE),
    ticket("9", lines=[line(1500)], version_stamp=OLD),
    ticket("9", lines=[line(1600)], version_stamp=NEW),
    ticket("10", lines=[line(400)], version_stamp=OLD, cashier="Ada"),
    ticket("10", lines=[line(400)], version_stamp=NEW, cashier="Grace"),
    ticket("11", lines=[line(0)]),
    ticket("12", lines=[line(1100, discount=50)], taxes=[tax("State", 84)], business_date=LOCKED),
)
LATE: tuple[Row, ...] = (
    ticket("13", lines=[line(800)], business_date=LOCKED, version_stamp=OLD),
    ticket("13", lines=[line(950)], business_date=LOCKED, version_stamp=NEW),
    ticket("14", lines=[line(60)], business_date=LOCKED - timedelta(days=1), store=HOSTILE_STORE, memo=HOSTILE),
)
"""More that is late for the locked period: a changed ticket, and one of another day."""
FOREIGN: tuple[Row, ...] = (
    ticket("J", lines=[line(1980)], tax=198, currency="JPY", store="Tokyo"),
    ticket("J2", kind="return", lines=[line(-980)], currency="JPY", store="Tokyo", business_date=SECOND),
    ticket("K", lines=[line(12_345)], currency="KWD", store="Kuwait"),
    ticket("K2", lines=[line(5)], currency="KWD", store="Kuwait", tender="cash"),
)
EVENTS: tuple[Row, ...] = (
    event("count", expected_minor=10_000, counted_minor=9_950),
    event("out", kind="paid_out", cash_out_minor=2_500, business_date=SECOND),
)


def fill(folder: Path, tickets: Sequence[Row] = TICKETS, events: Sequence[Row] = EVENTS) -> Book:
    """A new book of those tickets."""
    return deliver(make_book(folder), tickets, events)


def deliver(book: Book, tickets: Sequence[Row], events: Sequence[Row] = EVENTS, at_once: int = 3) -> Book:
    """Post tickets in deliveries of ``at_once``, in the order given, after everything before ``FIRST`` was locked; the
    events come with the last."""
    book.change_period(BEGINNING, FIRST - timedelta(days=1), "locked", by="Ada", reason="filed", at=AT)
    for start in range(0, len(tickets), at_once):
        post(book, *tickets[start : start + at_once])
    post(book, events=events)
    return book


def written(book: Book, format: str, detail: Detail = "daily", **chosen: Any) -> tuple[bytes, Made]:
    """What an export writes to a stream, and its report."""
    into = io.BytesIO()
    as_of = chosen.pop("as_of", book.head().seq)
    made = export(book, format, Selection(as_of=as_of, detail=detail, **chosen), into)
    return into.getvalue(), made

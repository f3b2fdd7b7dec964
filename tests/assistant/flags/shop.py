"""A plain shop to put faults into: two stores, some cashiers, some weeks of tickets that nothing is wrong with."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from assistant.flags.flag import Flag, Level
from assistant.flags.scan import scan
from ledger.book import Book
from tests.builders import AT, event, keep_bytes, line, make_book, sale_batch, ticket

Row = dict[str, Any]
FIRST = date(2026, 6, 1)
WEEKS = 6
STORES = {"Downtown": ("Ada", "Ben", "Cem"), "Harbour": ("Dia", "Eli", "Fay")}
ITEMS = (("A1", "Apple pie", 450), ("B2", "Bread", 320), ("C3", "Coffee", 280), ("D4", "Dates", 990))
TAX_RATE = 0.05


def trade(
    seed: int = 1, *, days: int = 7 * WEEKS, per_day: int = 11, counts: bool = True
) -> tuple[list[Row], list[Row]]:
    """Tickets in order of their numbers and till events of both stores, all of them innocent."""
    chance = random.Random(seed)
    tickets: list[Row] = []
    events: list[Row] = []
    numbers = dict.fromkeys(STORES, 0)
    for offset in range(days):
        day = FIRST + timedelta(days=offset)
        for store, people in STORES.items():
            moments = sorted(chance.sample(range(9 * 3600, 18 * 3600), per_day + chance.randint(-2, 2)))
            cash = 0
            for moment in moments:
                numbers[store] += 1
                made = sale(store, numbers[store], day, moment, chance.choice(people), chance)
                tickets.append(made)
                cash += sum(one["amount_minor"] for one in made["tenders"] if one["type"] == "cash")
            if counts:
                events.append(
                    counted(store, day, chance.choice(people), cash, chance.choice((0, 0, 0, 20, -30, 40, -10)))
                )
    return tickets, events


def sale(store: str, number: int, day: date, moment: int, cashier: str, chance: random.Random) -> Row:
    item, name, price = chance.choice(ITEMS)
    net = price * chance.choice((1, 1, 1, 2))
    tax = round(net * TAX_RATE)
    return ticket(
        f"{store[0]}-{number:06}",
        store=store,
        lines=[line(net, item_id=item, name=name, list_price_minor=price, quantity_micro=net // price * 1_000_000)],
        taxes=[{"jurisdiction": "State", "rate_micro": 50_000, "base_minor": net, "amount_minor": tax}],
        tender="cash" if chance.random() < 0.3 else "card",
        business_date=day,
        closed_at=at(day, moment),
        cashier=cashier,
    )


def at(day: date, seconds: int) -> datetime:
    """A moment of a day on the stores' wall clock, which is four hours behind UTC."""
    return datetime.combine(day, time(), UTC) + timedelta(seconds=seconds, hours=4)


def counted(store: str, day: date, cashier: str, cash: int, off: int) -> Row:
    return event(
        f"{store}-{day}",
        store=store,
        cashier=cashier,
        business_date=day,
        opening_float_minor=10_000,
        expected_minor=10_000 + cash,
        counted_minor=10_000 + cash + off,
        deposited_minor=cash + off,
        no_sales=0,
    )


def of_day(rows: Iterable[Row], store: str, day: date) -> list[Row]:
    return [row for row in rows if row["store"] == store and row["business_date"] == day]


def filled(folder: Path, tickets: list[Row], events: list[Row], **business: Any) -> Book:
    """A book that took them as one delivery."""
    book = make_book(folder, time_zone="America/New_York", **business)
    deliver(book, tickets, events)
    return book


def deliver(book: Book, tickets: list[Row], events: list[Row], name: str = "till.csv") -> None:
    document = keep_bytes(book, name.encode(), name)
    batch = sale_batch(*tickets, events=events, document=document)
    book.post(batch, intake=book.begin_intake(document, "pos", AT), at=AT, last=True)


def found(book: Book, level: Level, kind: str | Callable[[str], bool]) -> list[Flag]:
    """The flags of a level and kind."""
    wanted = kind if callable(kind) else kind.__eq__
    return [one for one in scan(book) if one.level == level and wanted(one.kind)]

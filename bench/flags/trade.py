"""Trade as a richer till tells it, on top of the sample: cards, approvals, drawers of all stores, deliveries; and what
is innocent though it looks like a fault."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from assistant.flags.known import Known, read
from assistant.sample import write
from bench.flags.feed import MICRO, Feed
from ingest.pipeline import take
from ledger.book import Book

LIMIT = 5_000
"""Money back from here on is approved by a manager."""
FLOAT = 20_000
MANAGERS = {"HB": "Ms Ida Falk", "EG": "Mr Abel Roy", "MK": "Ms Rosa Marlow", "AB": "Mr Finn Daly", "MO": None}
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def sample_known(folder: Path, seed: int, days: int, tickets: int) -> Known:
    """What a book knows after it took the sample of a seed by the ordinary path."""
    exports, path = folder / f"flags-{seed}", folder / f"flags-{seed}-book"
    shutil.rmtree(exports, ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)
    report = write(exports, days=days, tickets=tickets, seed=seed, imperfections=False)
    book = Book.create_from(path, exports / "book.toml")
    try:
        for delivery in report.deliveries:
            take(book, delivery.files, source=delivery.source, mapping=None, at=AT)
        return read(book, 4_000)
    finally:
        book.close()
        shutil.rmtree(exports)
        shutil.rmtree(path)


def rich(known: Known, chance: np.random.Generator) -> Feed:
    """The sample's trade with what a richer till tells, without a fault."""
    feed = Feed.of(known)
    _cards(feed, chance)
    _returns(feed, chance)
    _voids(feed, chance)
    _approvals(feed, chance)
    _deliveries(feed, chance)
    _lookalikes(feed, chance)
    return feed


def prefix(feed: Feed, t: int) -> str:
    return str(feed.tickets["external_id"][t])[:2]


def _cards(feed: Feed, chance: np.random.Generator) -> None:
    """A token for each card, the same for the same customer; chip, contactless, seldom keyed, always keyed online."""
    popularity = chance.zipf(1.6, size=len(feed.tenders["t"])) % 6_000
    roll = chance.random(len(feed.tenders["t"]))
    for row, t in enumerate(feed.tenders["t"]):
        if feed.tenders["tender"][row] != "card":
            continue
        customer = feed.tickets["customer"][t]
        scattered = int(chance.integers(10_000, 90_000)) if popularity[row] < 12 else int(popularity[row])
        feed.tenders["token"][row] = f"tok-{customer}" if customer else f"tok-{prefix(feed, t)}-{scattered}"
        online = prefix(feed, t) == "MO"
        feed.tenders["entry_method"][row] = (
            "ecommerce" if online else "keyed" if roll[row] < 0.004 else "chip" if roll[row] < 0.4 else "contactless"
        )


def _returns(feed: Feed, chance: np.random.Generator) -> None:
    """Returns take back lines of their sale and pay back the way it was paid; those without a receipt are small, and
    mostly for a gift card."""
    for t in feed.of_kind("return"):
        number = feed.tickets["original_external_id"][t]
        sale = feed.number.get((feed.tickets["source"][t], number)) if number else None
        rows = feed.rows["lines"].get(t, [])
        if sale is not None and feed.tickets["kind"][sale] == "sale" and feed.rows["lines"].get(sale):
            goods = [
                r for r in feed.rows["lines"][sale] if feed.lines["kind"][r] == "item" and not feed.lines["voided"][r]
            ]
            for row, of in zip(rows, goods, strict=False):
                _take_back(feed, row, of)
            for row in rows[len(goods) or 1 :]:
                feed.lines["voided"][row] = False
                _scale(feed, row, 0)
            feed.settle(t)
            paid = feed.rows["tenders"].get(sale, [])
            if paid:
                first = paid[0]
                given = {name: feed.tenders[name][first] for name in ("token", "brand")}
                other = chance.random() < 0.04
                feed.pay(t, "cash" if other else feed.tenders["type"][first], **({} if other else given))
        else:
            feed.tickets["original_external_id"][t] = None
            feed.tickets["receipt_present"][t] = False
            for row in rows[1:]:
                _scale(feed, row, 0)
            feed.settle(t)
            feed.pay(t, "cash" if chance.random() < 0.3 else "gift card")
        feed.tickets["receipt_present"][t] = feed.tickets["original_external_id"][t] is not None


def _take_back(feed: Feed, row: int, of: int) -> None:
    for name in ("item_id", "name", "category", "list_price_minor", "unit_price_minor"):
        feed.lines[name][row] = feed.lines[name][of]
    for name in ("quantity_micro", "gross_minor", "discount_minor", "net_minor", "cost_minor"):
        value = feed.lines[name][of]
        feed.lines[name][row] = None if value is None else -value
    feed.lines["discount_code"][row] = feed.lines["discount_code"][of]
    feed.rates[row] = feed.rates[of]


def _scale(feed: Feed, row: int, factor: float) -> None:
    for name in ("gross_minor", "discount_minor", "net_minor"):
        feed.lines[name][row] = round(feed.lines[name][row] * factor)


def _voids(feed: Feed, chance: np.random.Generator) -> None:
    """Most voids after payment come soon and are rung again."""
    for t in feed.of_kind("void_after_tender"):
        closed = feed.tickets["closed"][t]
        if closed is None:
            continue
        feed.tickets["stamp"][t] = closed + timedelta(minutes=int(chance.integers(1, 8)))
        if chance.random() < 0.85:
            later = closed + timedelta(minutes=int(chance.integers(2, 9)))
            again = feed.copy_ticket(t, f"{feed.tickets['external_id'][t]}R", kind="sale", closed=later, stamp=later)
            feed.tickets["original_external_id"][again] = None
            feed.settle(again)
            feed.pay(again, "card", token=f"tok-{int(chance.integers(100_000, 999_999))}", entry_method="chip")


def _approvals(feed: Feed, chance: np.random.Generator) -> None:
    for t in range(feed.size):
        manager = MANAGERS.get(prefix(feed, t))
        if manager is None:
            continue
        kind = str(feed.tickets["kind"][t])
        back = -sum(min(0, feed.tenders["amount_minor"][row]) for row in feed.rows["tenders"].get(t, []))
        comped = any(
            (feed.lines["discount_code"][row] or "").startswith(("COMP", "Comp"))
            for row in feed.rows["lines"].get(t, [])
        )
        asked = (
            0.97 if kind == "return" and back >= LIMIT else 0.93 if comped else 0.6 if kind.startswith("void") else 0.0
        )
        if chance.random() < asked:
            feed.tickets["approver"][t] = manager


def drawers(feed: Feed, chance: np.random.Generator) -> None:
    """A count and a deposit for each register and day of every store with tills; counts are off by little, at times."""
    for column in feed.events.values():
        column.clear()
    cash: dict[tuple[Any, ...], int] = {}
    who: dict[tuple[Any, ...], list[str]] = {}
    for t in range(feed.size):
        if prefix(feed, t) == "MO":
            continue
        key = (
            feed.tickets["source"][t],
            feed.tickets["store"][t],
            feed.tickets["register"][t],
            feed.tickets["business_date"][t],
        )
        cash.setdefault(key, 0)
        who.setdefault(key, []).append(feed.tickets["cashier"][t])
        if not str(feed.tickets["kind"][t]).startswith("void"):
            for row in feed.rows["tenders"].get(t, []):
                if str(feed.tenders["type"][row]).lower() == "cash":
                    cash[key] += feed.tenders["amount_minor"][row] - (feed.tenders["change_minor"][row] or 0)
    for place, (key, amount) in enumerate(cash.items()):
        source, store, register, day = key
        roll = chance.random()
        off = 0 if roll < 0.6 else int(chance.normal(0, 180)) if roll < 0.995 else int(chance.normal(0, 900))
        add_event(
            feed,
            source=source,
            store=store,
            register=register,
            business_date=day,
            kind="count",
            seq=9,
            n=place,
            external_id=f"count-{place}",
            cashier=str(chance.choice(who[key])),
            opening_float_minor=FLOAT,
            expected_minor=FLOAT + amount,
            counted_minor=FLOAT + amount + off,
            deposited_minor=amount + off,
            no_sales=int(chance.poisson(0.9)),
            currency="USD",
            document_id="-",
            document="-",
        )


def add_event(feed: Feed, **given: Any) -> int:
    for name, column in feed.events.items():
        column.append(given.get(name))
    return len(feed.events["kind"]) - 1


def _deliveries(feed: Feed, chance: np.random.Generator) -> None:
    """A delivery a store-day, some hours after the day's end; now and then a little late."""
    received: dict[str, datetime] = {}
    for t in range(feed.size):
        day = feed.tickets["business_date"][t]
        name = f"B-{prefix(feed, t)}-{day:%Y%m%d}"
        if name not in received:
            hours = float(chance.uniform(3, 6)) if chance.random() < 0.985 else float(chance.uniform(8, 18))
            received[name] = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1, hours=hours)
        feed.tickets["delivery"][t] = feed.tickets["document"][t] = name
        feed.tickets["received_at"][t] = received[name]


def _lookalikes(feed: Feed, chance: np.random.Generator) -> None:
    """Innocent, though it looks like a fault."""
    sales = feed.of_kind()
    by_store: dict[str, list[int]] = {}
    for t in sales.tolist():
        by_store.setdefault(prefix(feed, t), []).append(t)
    shops = [*by_store.get("HB", []), *by_store.get("EG", [])]
    tables = [*by_store.get("MK", []), *by_store.get("AB", [])]
    for t in chance.choice(shops, len(shops) // 200, replace=False).tolist():  # price matches, told and approved
        row = feed.rows["lines"][t][0]
        cut(feed, row, float(chance.uniform(0.05, 0.25)), reason="price match")
        feed.tickets["approver"][t] = MANAGERS[prefix(feed, t)]
        feed.settle(t)
    for t in chance.choice(tables, len(tables) // 150, replace=False).tolist():  # friends share
        split(feed, t, int(chance.choice([2, 2, 2, 3])), chance)
    for t in chance.choice(sales, len(sales) // 1500, replace=False).tolist():  # a large order
        row = feed.rows["lines"][t][0]
        multiply(feed, row, int(chance.integers(5, 12)))
        feed.settle(t)
    for t in chance.choice(tables, len(tables) // 300, replace=False).tolist():  # a generous guest
        raise_tip(feed, t, float(chance.uniform(0.24, 0.32)))
    for t in chance.choice(shops, len(shops) // 400, replace=False).tolist():  # staff buy, whoever serves
        for row in feed.rows["lines"][t]:
            cut(feed, row, 0.2, code="STAFF20")
        feed.tickets["customer"][t] = f"staff-{prefix(feed, t)}-{int(chance.integers(0, 6))}"
        feed.pay(t, "card", token=f"tok-{feed.tickets['customer'][t]}", entry_method="chip")
        feed.settle(t)
    for t in chance.choice(shops, len(shops) // 500, replace=False).tolist():  # firms buy on account
        feed.pay(t, "house account")
        feed.tickets["customer"][t] = f"firm-{int(chance.integers(0, 5))}"
    for t in chance.choice(shops, len(shops) // 900, replace=False).tolist():  # exempt customers
        for row in feed.rows["taxes"].get(t, []):
            feed.taxes["amount_minor"][row] = feed.taxes["rate_micro"][row] = 0
        for row in feed.rows["lines"][t]:
            if feed.lines["tax_minor"][row] is not None:
                feed.lines["tax_minor"][row] = 0
        feed.tickets["customer"][t] = "exempt-school"
        feed.tickets["total_minor"][t] = sum(feed.lines["net_minor"][row] for row in feed.rows["lines"][t])
        feed.pay(t, "card", token="tok-school", entry_method="chip")
    for t in chance.choice(tables, len(tables) // 2000, replace=False).tolist():  # a late table
        moment = feed.tickets["closed"][t].replace(hour=23, minute=int(chance.integers(0, 40)))
        feed.tickets["closed"][t] = feed.tickets["stamp"][t] = moment


def cut(feed: Feed, row: int, share: float, *, reason: str | None = None, code: str | None = None) -> None:
    """Lower the price of a line by a discount."""
    gross = feed.lines["gross_minor"][row]
    feed.lines["discount_minor"][row] = round(gross * share)
    feed.lines["net_minor"][row] = gross - feed.lines["discount_minor"][row]
    feed.lines["override_reason"][row] = reason
    feed.lines["discount_code"][row] = code


def multiply(feed: Feed, row: int, times: float) -> None:
    feed.lines["quantity_micro"][row] = round(feed.lines["quantity_micro"][row] * times / MICRO) * MICRO
    for name in ("gross_minor", "discount_minor", "cost_minor"):
        if feed.lines[name][row] is not None:
            feed.lines[name][row] = round(feed.lines[name][row] * times)
    feed.lines["net_minor"][row] = feed.lines["gross_minor"][row] - feed.lines["discount_minor"][row]


def split(feed: Feed, t: int, parts: int, chance: np.random.Generator) -> None:
    total = feed.tickets["total_minor"][t]
    feed.drop_tenders(t)
    for part in range(parts):
        amount = total // parts if part else total - total // parts * (parts - 1)
        token = f"tok-x{int(chance.integers(100_000, 999_999))}"
        feed.add_tender(t, amount, type="card", token=token, entry_method="contactless")


def raise_tip(feed: Feed, t: int, share: float) -> None:
    net = sum(feed.lines["net_minor"][row] for row in feed.rows["lines"][t] if not feed.lines["voided"][row])
    feed.tickets["tip_minor"][t] = round(net * share)
    feed.settle(t)
    feed.pay(t, "card", token=f"tok-t{int(chance_of(t))}", entry_method="chip")


def chance_of(t: int) -> int:
    return 200_000 + t * 7_919 % 700_000

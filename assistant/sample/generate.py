"""Made-up trade: tickets, lines, tenders, taxes and till counts that add up to the cent, drawn from seeded chance.

Whole columns at a time, some days at a time, so that ten million tickets need no more memory than a hundred
thousand. The same seed gives the same tickets. Amounts are cents.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import polars as pl

TICKETS_PER_CHUNK = 100_000
STATE_TAX_MICRO, CITY_TAX_MICRO = 50_000, 22_500
SERVICE_CHARGE_FROM_GUESTS, SERVICE_CHARGE_PERCENT = 6, 18
FLOAT = 20_000
CARDS = np.array(["Visa", "Mastercard", "Amex"])
CARD_SHARES = np.array([0.55, 0.85, 1.0])
GIFT_CARD = 255
"""Number of the item that is a gift card sold, beyond every store's own items."""


@dataclass(frozen=True)
class Store:
    """One store of ``group.toml``."""

    name: str
    prefix: str
    kind: str
    region: str
    owner: str
    share: float
    hours: list[list[int]]
    weekdays: list[float]
    cashiers: list[str]
    lines: float
    items: list[list[Any]]
    aliases: list[str]
    cut_off: str | None = None

    @property
    def in_set(self) -> bool:
        """Restaurants export a set of files; shops and the web shop a flat one."""
        return self.kind == "restaurant"


@dataclass(frozen=True)
class Chunk:
    """Some days of one store: a row a ticket, a row a line, joined by ``t``; till events for stores with tills."""

    store: Store
    tickets: pl.DataFrame
    lines: pl.DataFrame
    events: pl.DataFrame


@cache
def stores() -> tuple[Store, ...]:
    return tuple(Store(**one) for one in group()["stores"])


@cache
def group() -> dict[str, Any]:
    return tomllib.loads(files("assistant.sample").joinpath("group.toml").read_text("utf-8"))


def chunks(*, days: int, tickets: int, seed: int, end: date) -> Iterator[Chunk]:
    """All trade of the group, some days of a store at a time, each store's tickets numbered in order of time."""
    first = end - timedelta(days=days - 1)
    per_day = max(1, tickets // days)
    days_per_chunk = max(1, TICKETS_PER_CHUNK // per_day)
    numbered = {store.name: 1 for store in stores()}
    for index, start in enumerate(range(0, days, days_per_chunk)):
        count = min(days_per_chunk, days - start)
        for place, store in enumerate(stores()):
            chance = np.random.Generator(np.random.PCG64([seed, index, place]))
            made = _trade(
                store, chance, first + timedelta(days=start), count, per_day, start / days, numbered[store.name]
            )
            numbered[store.name] += made.tickets.height
            yield made


def _trade(
    store: Store, chance: np.random.Generator, first: date, days: int, per_day: int, progress: float, number: int
) -> Chunk:
    tickets = _tickets(store, chance, first, days, per_day, progress, number)
    lines = _lines(store, chance, tickets)
    tickets = _paid(store, chance, tickets, lines)
    return Chunk(store, tickets, lines, _events(store, chance, tickets, first, days))


def _tickets(
    store: Store, chance: np.random.Generator, first: date, days: int, per_day: int, progress: float, number: int
) -> pl.DataFrame:
    day = np.arange(days)
    weekday = (first.weekday() + day) % 7
    pace = np.array(store.weekdays)[weekday] * (1 + 0.08 * progress) * chance.normal(1, 0.06, days).clip(0.7, 1.4)
    dates = [first + timedelta(days=int(one)) for one in day]
    for place, one in enumerate(dates):
        if (one.month, one.day) in ((12, 25), (1, 1)):
            pace[place] = 0.0  # closed
        elif one.month == 10 and one.day == 31 and store.kind == "restaurant":
            pace[place] *= 1.4  # Halloween
        elif one.day == 13 and store.prefix == "HB" and one.weekday() == 1:
            pace[place] = 0.0  # stocktaking
    counts = chance.poisson(pace * per_day * store.share / np.mean(store.weekdays))
    total = int(counts.sum())
    at_day = np.repeat(day, counts)
    hours = np.array(store.hours)
    hour = hours[np.searchsorted(np.cumsum(hours[:, 1]) / hours[:, 1].sum(), chance.random(total)), 0]
    minute = hour * 60 + chance.integers(0, 60, total)
    order = np.lexsort((minute, at_day))
    at_day, minute = at_day[order], minute[order]
    roll = chance.random(total)
    returns = 0.022 if store.kind != "restaurant" else 0.002
    kind = np.select([roll < returns, roll < returns + 0.006, roll < returns + 0.009], [1, 2, 3], 0)
    numbers = number + np.arange(total)
    linked = (kind == 1) & (chance.random(total) < 0.85) & (numbers > 20)
    original = np.where(linked, numbers - 1 - (chance.random(total) * np.minimum(numbers - 2, 900)).astype(int), 0)
    people = max(1, len(store.cashiers))
    return pl.DataFrame(
        {
            "t": np.arange(total),
            "number": numbers,
            "day": at_day,
            "minute": minute,
            "second": chance.integers(0, 60, total),
            "kind": kind,
            "original": np.maximum(original, linked.astype(int)),
            "register": 1 + chance.integers(0, 2, total),
            "cashier": (at_day * 3 + (minute > 16 * 60) + chance.integers(0, 2, total)) % people,
            "customer": np.where(chance.random(total) < 0.35, chance.integers(1000, 4000, total), 0),
            "guests": 1 + chance.poisson(1.4, total) if store.kind == "restaurant" else np.zeros(total, int),
            "pay": chance.random(total),
            "card": np.searchsorted(CARD_SHARES, chance.random(total)),
            "tip_roll": chance.random(total),
        }
    ).with_columns(
        (pl.lit(first).cast(pl.Datetime("us")) + pl.duration(days="day", minutes="minute", seconds="second")).alias(
            "closed"
        ),
        (pl.lit(first) + pl.duration(days="day")).cast(pl.Date).alias("date"),
    )


def _lines(store: Store, chance: np.random.Generator, tickets: pl.DataFrame) -> pl.DataFrame:
    count = 1 + chance.poisson(store.lines, tickets.height)
    owner = np.repeat(np.arange(tickets.height), count)
    total = owner.size
    popularity = 1 / np.arange(2, len(store.items) + 2)
    item = np.searchsorted(np.cumsum(popularity) / popularity.sum(), chance.random(total))
    price = np.array([one[2] for one in store.items])[item]
    cost = np.array([one[3] for one in store.items])[item]
    quantity = 1 + (chance.random(total) < 0.12) + (chance.random(total) < 0.03) * chance.integers(1, 5, total)
    roll = chance.random(total)
    percent = np.select([roll < 0.03, roll < 0.05, (roll < 0.056) & store.in_set], [10, 20, 100], 0)
    code = np.select([percent == 10, percent == 20, percent == 100], [1, 2, 3], 0)
    promotion = _promotion(tickets["date"], owner) & (store.kind in ("shop", "online")) & (percent == 0)
    percent, code = np.where(promotion, 15, percent), np.where(promotion, 4, code)
    gift = (chance.random(total) < 0.02) & (store.kind in ("shop", "online")) & (tickets["kind"].to_numpy()[owner] == 0)
    value = chance.choice([2500, 5000, 10000], total, p=[0.5, 0.4, 0.1])
    item = np.where(gift, GIFT_CARD, item)
    quantity = np.where(gift, 1, quantity)
    percent, code = np.where(gift, 0, percent), np.where(gift, 0, code)
    price, cost = np.where(gift, value, price), np.where(gift, 0, cost)
    sign = np.where(tickets["kind"].to_numpy()[owner] == 1, -1, 1)
    gross = price * quantity
    discount = (gross * percent + 50) // 100
    voided = (chance.random(total) < 0.009) & store.in_set & (count[owner] > 1)
    net = gross - discount
    untaxed = gift | (store.kind == "grocer") & ~np.isin(item, _taxed_items(store))
    state = np.where(untaxed, 0, (net * STATE_TAX_MICRO + 500_000) // 1_000_000)
    city = np.where(untaxed | (not store.in_set), 0, (net * CITY_TAX_MICRO + 500_000) // 1_000_000)
    first_line = np.concatenate([[0], np.cumsum(count)[:-1]]) if tickets.height else np.array([], int)
    return pl.DataFrame(
        {
            "t": owner,
            "line": np.arange(total) - np.repeat(first_line, count) + 1,
            "item": item,
            "quantity": sign * quantity,
            "price": price,
            "gross": sign * gross,
            "discount": sign * discount,
            "code": code,
            "net": sign * net,
            "state": np.where(voided, 0, sign * state),
            "city": np.where(voided, 0, sign * city),
            "cost": np.where(gift, 0, sign * cost * quantity),
            "gift": gift,
            "voided": voided,
        }
    )


def _taxed_items(store: Store) -> list[int]:
    """Food is exempt at a grocer's; household goods and snacks are not."""
    return [place for place, one in enumerate(store.items) if not one[1].startswith("Groceries")]


def _promotion(days: pl.Series, owner: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Whether each line falls into the promotion: the first week of each quarter's second month."""
    on = ((days.dt.month() % 3 == 2) & (days.dt.day() <= 7)).to_numpy()
    return np.asarray(on[owner])


def _paid(store: Store, chance: np.random.Generator, tickets: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Tickets with what they come to and how they were paid."""
    live = lines.filter(~pl.col("voided")).group_by("t").agg(pl.col("net", "state", "city").sum())
    paid = tickets.join(live, on="t", how="left", maintain_order="left").with_columns(
        pl.col("net", "state", "city").fill_null(0)
    )
    sale = pl.col("kind") == 0
    served = sale & (pl.col("guests") >= SERVICE_CHARGE_FROM_GUESTS) & pl.lit(store.in_set)
    paid = paid.with_columns(
        pl.when(served).then((pl.col("net") * SERVICE_CHARGE_PERCENT + 50) // 100).otherwise(0).alias("service")
    )
    pay = pl.col("pay")
    online = pl.lit(store.kind == "online")
    method = (
        pl.when(online).then(pl.when(pay < 0.7).then(pl.lit("Card")).otherwise(pl.lit("PayPal")))
        .when(pay < 0.24).then(pl.lit("Cash"))
        .when((pay < 0.246) & sale).then(pl.lit("Gift Card"))
        .otherwise(pl.lit("Card"))
    )  # fmt: skip
    due = pl.col("net") + pl.col("state") + pl.col("city") + pl.col("service")
    paid = paid.with_columns(method.alias("method"), due.alias("due"))
    tipping = sale & pl.lit(store.in_set) & (pl.col("method") == "Card") & (pl.col("service") == 0)
    tip = (pl.col("net") * (12 + pl.col("tip_roll") * 12).cast(pl.Int64) + 50) // 100
    paid = paid.with_columns(pl.when(tipping & (pl.col("tip_roll") > 0.08)).then(tip).otherwise(0).alias("tip"))
    paid = paid.with_columns((pl.col("due") + pl.col("tip")).alias("total"))
    split = sale & (pay > 0.98) & (pl.col("total") > 1000) & (pl.col("method") == "Card") & (pl.col("tip") == 0)
    second = pl.when(split).then(pl.col("total") // 2).otherwise(0)
    paid = paid.with_columns(second.alias("second_amount"))
    cash = (pl.col("method") == "Cash") & sale & (pl.col("total") > 0)
    note = pl.when(pl.col("total") > 4000).then(2000).otherwise(500)
    handed = (
        pl.when(cash)
        .then((pl.col("total") + note - 1) // note * note)
        .otherwise(pl.col("total") - pl.col("second_amount"))
    )
    return paid.with_columns(handed.alias("amount")).with_columns(
        pl.when(cash).then(pl.col("amount") - pl.col("total")).otherwise(0).alias("change")
    )


def _events(store: Store, chance: np.random.Generator, tickets: pl.DataFrame, first: date, days: int) -> pl.DataFrame:
    """A count of each register's drawer at the end of each day, sometimes off, and now and then cash paid out."""
    if not store.in_set:
        return pl.DataFrame()
    taken = (
        tickets.filter((pl.col("method") == "Cash") & pl.col("kind").is_in([0, 1]))
        .group_by("day", "register")
        .agg(pl.col("total").sum().alias("taken"))
    )
    grid = pl.DataFrame({"day": np.repeat(np.arange(days), 2), "register": np.tile([1, 2], days)})
    counted = grid.join(taken, on=["day", "register"], how="left", maintain_order="left").with_columns(
        pl.col("taken").fill_null(0)
    )
    size = counted.height
    roll = chance.random(size)
    off = np.select(
        [roll < 0.62, roll < 0.97], [0, chance.integers(-400, 350, size)], chance.integers(-6000, -1500, size)
    )
    out = np.where(chance.random(size) < 0.05, chance.integers(10, 60, size) * 100, 0)
    return counted.with_columns(
        pl.Series("off", off),
        pl.Series("out", out),
        pl.Series("no_sales", chance.poisson(0.8, size)),
        pl.Series("cashier", chance.integers(0, max(1, len(store.cashiers)), size)),
        (pl.lit(first) + pl.duration(days="day")).cast(pl.Date).alias("date"),
    )

"""Orders: a small history arrives in every order there is; the book is the same each time.

A history is up to six records that depend on each other as much as records can: three versions of one sale, the
return of it, a till count and a later version of that. A long history of many tickets is shuffled and cut into batches
at random, too, and so are small histories of other receipts. The same store-day roots, balances and trial balance must
come out of every order. (Two contents of one ticket without times of change are not among them: there the order must
not decide, and a person does.)
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain, islice, permutations
from typing import Any

import polars as pl

from assistant.selftest.outcome import PROBLEMS_MAX, Outcome
from assistant.selftest.scratch import AT, Scratch, altered, balances, cut
from ledger.batch import SaleBatch
from ledger.book import Book

RECORDS_MAX = 6
ORDERS_OF_ONE = 10
"""How many random orders are drawn of each small history."""

State = tuple[dict[Any, str], dict[Any, int], dict[str, int]]


def reorder(scratch: Scratch, *, records: int = RECORDS_MAX, shuffles: int = 20, random_orders: int = 0) -> Outcome:
    """Post a history of ``records`` records in all its orders, a long one in ``shuffles`` random ones, and small ones
    that are drawn, too, in ``random_orders``."""
    begin = time.perf_counter()
    draws = random.Random(scratch.seed)  # noqa: S311 (chance that can be repeated)
    counts: Counter[str] = Counter()
    problems: list[str] = []
    small = _history(scratch, draws)[:records]
    long = [one for delivery in scratch.deliveries for part in delivery.parts for one in cut(part, 1)]
    for what, orders in _orders(scratch, small, long, shuffles, random_orders, draws):
        expected: State | None = None
        counts[f"histories in {what}"] += 1
        for number, order in enumerate(orders, start=1):
            state, found = _posted(scratch, _batches(order, None if what == "orders" else draws))
            problems += [f"{what[:-1]} {number}: {one}" for one in found]
            expected = expected or state
            counts[what] += 1
            for name, one, other in zip(("roots", "balances", "trial balance"), state, expected, strict=True):
                if one != other:
                    problems.append(f"{what[:-1]} {number} of the same records gives another {name} than the first")
            if len(problems) >= PROBLEMS_MAX:
                break
    drawn = f"{counts['random orders']:,} random ones of {counts['histories in random orders']:,} others like it, "
    return Outcome(
        "reorder",
        scratch.seed,
        dict(counts),
        f"{counts['orders']:,} orders of a history of {len(small)} records (all there are), "
        f"{drawn if random_orders else ''}and {counts['shuffles']:,} of one of {len(long):,} records, compared by "
        "store-day roots, balances and trial balance",
        tuple(problems[:PROBLEMS_MAX]),
        time.perf_counter() - begin,
    )


def _orders(
    scratch: Scratch,
    small: list[SaleBatch],
    long: list[SaleBatch],
    shuffles: int,
    random_orders: int,
    draws: random.Random,
) -> Iterator[tuple[str, Iterable[Sequence[SaleBatch]]]]:
    """Each history in its orders, under what they are counted as."""
    yield "orders", permutations(small)
    yield "shuffles", chain([long], (draws.sample(long, len(long)) for _ in range(shuffles)))
    for start in range(0, random_orders, ORDERS_OF_ONE):
        drawn = draws.sample(_history(scratch, draws), draws.randint(2, len(small)))
        of_it = min(ORDERS_OF_ONE, random_orders - start)
        yield "random orders", [draws.sample(drawn, len(drawn)) for _ in range(of_it)]


def _history(scratch: Scratch, draws: random.Random) -> list[SaleBatch]:
    """Three versions of a sale, its return, a till count and a later version of the count; in batches of one."""
    shop, bar = scratch.deliveries[0], scratch.deliveries[-1]
    singles = [one for part in shop.parts for one in cut(part, 1)]
    sale = draws.choice([one for one in singles if one.tickets["kind"][0] == "sale"])
    counted = draws.choice([one for part in bar.parts for one in cut(part, 1) if one.events.height])
    return [
        sale,
        _returned(sale),
        altered(sale, "Relief", 1),
        altered(counted, "Relief", 2),
        altered(sale, "Third", 2),
        altered(counted, "Counter", 1),  # the sample's own count has no time of change
    ]


def _returned(sale: SaleBatch) -> SaleBatch:
    """The return of all that a sale sold."""

    def negative(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
        return frame.with_columns(-pl.col(name) for name in names)

    number = sale.tickets["external_id"]
    return replace(
        sale,
        tickets=negative(sale.tickets, "total_minor").with_columns(
            pl.lit("return").alias("kind"),
            (number + "-R").alias("external_id"),
            number.alias("original_external_id"),
        ),
        lines=negative(
            sale.lines, "quantity_micro", "gross_minor", "discount_minor", "net_minor", "tax_minor", "cost_minor"
        ),
        tenders=sale.tenders.with_columns(
            (pl.col("change_minor").fill_null(0) - pl.col("amount_minor")).alias("amount_minor"),
            pl.lit(None, pl.Int64).alias("change_minor"),
        ),
        taxes=negative(sale.taxes, "base_minor", "amount_minor"),
    )


def _batches(order: Sequence[SaleBatch], draws: random.Random | None) -> list[list[SaleBatch]]:
    """The records one by one; with ``draws``, some of them together."""
    if draws is None:
        return [[one] for one in order]
    rest = iter(order)
    found = []
    while group := list(islice(rest, draws.randint(1, 40))):
        found.append(group)
    return found


def _posted(scratch: Scratch, groups: Sequence[Sequence[SaleBatch]]) -> tuple[State, list[str]]:
    book = scratch.new()
    try:
        intake = scratch.deliveries[0].begin(book, scratch.folder / "copies")
        for place, group in enumerate(groups, start=1):
            book.post(SaleBatch.joined(group), intake=intake, at=AT + timedelta(hours=place), last=place == len(groups))
        return _state(book), list(book.verify().problems)
    finally:
        book.close()


def _state(book: Book) -> State:
    summed = balances(book)
    trial: Counter[str] = Counter()
    for (account, currency, _, _), amount in summed.items():
        trial[f"{account} {currency}"] += amount
    return book.store_day_roots(), summed, dict(trial)

"""Promotions that are still applied after they ended: one finding a store-day, whichever tickets have the code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from assistant.flags.checks import CERTAIN
from assistant.flags.finding import Finding
from assistant.flags.flag import Level
from assistant.flags.known import Known
from assistant.flags.rules import Rule

RUN_GAP_DAYS = 7
CAMPAIGN_SHARE = 0.6
"""A code that is used on a larger share of the days is no campaign that ends."""


def ended(known: Known, rule: Rule) -> Iterator[Finding]:
    """Uses of a code after its last day: the book's own, else the day on which most stores that had it stopped."""
    used = (
        known.lines.filter(pl.col("discount_code").is_not_null() & (pl.col("discount_minor") > 0))
        .join(known.tickets.filter(pl.col("kind") == "sale").select("t", "store", "business_date"), on="t")
        .group_by("discount_code", "store", "business_date")
        .agg(pl.col("t").n_unique().alias("tickets"), pl.col("discount_minor").sum().alias("money"), pl.col("t").min())
        .sort("discount_code", "store", "business_date")
    )
    span = known.span
    if span is None:
        return
    days = (span[1] - span[0]).days + 1
    for (code,), rows in used.group_by("discount_code", maintain_order=True):
        own = known.settings.flags.promotions.get(str(code))
        if own is not None:
            outside = rows.filter(
                (pl.col("business_date") > own.last)
                | (pl.col("business_date") < own.first)
                | (pl.lit(bool(own.stores)) & ~pl.col("store").is_in(list(own.stores)))
            ).with_columns(pl.lit(own.last).alias("ended"))
        else:
            outside = _after_the_others(rows, days)
        for row in outside.filter(pl.col("tickets") >= int(rule.parameters["least"])).iter_rows(named=True):
            yield Finding(
                Level.STORE_DAY,
                rule.id,
                (row["store"], row["business_date"], code),
                CERTAIN / 10,
                store=row["store"],
                business_date=row["business_date"],
                money_minor=int(row["money"]),
                tickets=(int(row["t"]),),
                values={
                    "code": code,
                    "ended": row["ended"],
                    "tickets": row["tickets"],
                    "money_minor": int(row["money"]),
                },
            )


def _after_the_others(rows: pl.DataFrame, days: int) -> pl.DataFrame:
    """The store-days of one code after the day on which at least half of its stores used it for the last time."""
    nothing = rows.clear().with_columns(pl.lit(None, pl.Date).alias("ended"))
    if rows["store"].n_unique() < 2 or rows["business_date"].n_unique() > CAMPAIGN_SHARE * days:
        return nothing
    dates: list[date] = rows["business_date"].unique().sort().to_list()
    found = [nothing]
    run: list[date] = []
    for day in [*dates, date.max]:
        if run and (day == date.max or (day - run[-1]).days > RUN_GAP_DAYS):
            in_run = rows.filter(pl.col("business_date").is_between(run[0], run[-1]))
            lasts = in_run.group_by("store").agg(pl.col("business_date").max())["business_date"].sort()
            if lasts.len() >= 2:
                end = lasts[(lasts.len() - 1) // 2]
                found.append(in_run.filter(pl.col("business_date") > end).with_columns(pl.lit(end).alias("ended")))
            run = []
        run.append(day)
    return pl.concat(found)

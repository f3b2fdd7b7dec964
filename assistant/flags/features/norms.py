"""``Norms``: what is usual, that audit features are measured against."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from assistant.flags.known import Known

MICRO = 1_000_000
LEAST_DAYS = 4
"""So many days tell when a store trades; on a weekday with fewer it is taken to trade as on the others."""


@dataclass(frozen=True)
class Norms:
    """What is usual, from the tickets up to a fixed point: prices of items, hours and tips of stores."""

    prices: pl.DataFrame
    hours: pl.DataFrame
    tips: pl.DataFrame


ITEM = pl.coalesce("item_id", "name").alias("item")


def norms(known: Known) -> Norms:
    """Usual list price of each item, trading hours of each store and weekday, tips of each store."""
    lines = known.lines.filter(pl.col("quantity_micro").fill_null(0) != 0).with_columns(ITEM, unit_price())
    prices = (
        lines.drop_nulls(["item", "unit"])
        .group_by("item")
        .agg(pl.col("unit").median().alias("usual"), pl.len().alias("n"))
        .filter((pl.col("n") >= 20) & (pl.col("usual") > 0))
        .drop("n")
    )
    sold = known.tickets.filter(pl.col("closed").is_not_null() & (pl.col("kind") == "sale")).with_columns(
        minute(), pl.col("business_date").dt.weekday().alias("weekday")
    )
    days = (
        sold.group_by("store", "weekday", "business_date")
        .agg(pl.col("minute").quantile(0.02).alias("first"), pl.col("minute").quantile(0.98).alias("last"), pl.len())
        .filter(pl.col("len") >= 5)
    )
    limits = (pl.col("first").quantile(0.1).alias("opens"), pl.col("last").quantile(0.9).alias("closes"), pl.len())
    of_store = days.group_by("store").agg(limits).filter(pl.col("len") >= LEAST_DAYS).drop("len")
    of_weekday = days.group_by("store", "weekday").agg(limits).filter(pl.col("len") >= LEAST_DAYS).drop("len")
    week = pl.DataFrame({"weekday": range(1, 8)}, schema={"weekday": pl.Int8})
    hours = (
        of_store.join(week, how="cross")
        .join(of_weekday, on=["store", "weekday"], how="left", suffix="_then")
        .select("store", "weekday", *(pl.coalesce(f"{name}_then", name).alias(name) for name in ("opens", "closes")))
        .sort("store", "weekday")
    )
    return Norms(prices, hours, _usual_tips(known))


def unit_price() -> pl.Expr:
    """The price of one piece before discounts, in minor units."""
    return (
        pl.coalesce(pl.col("list_price_minor"), pl.col("gross_minor") * MICRO / pl.col("quantity_micro"))
        .cast(pl.Float64)
        .alias("unit")
    )


def minute() -> pl.Expr:
    """Minutes from the beginning of the business date's day to the closing of the ticket."""
    return (pl.col("closed") - pl.col("business_date").cast(pl.Datetime("us"))).dt.total_minutes().alias("minute")


def _usual_tips(known: Known) -> pl.DataFrame:
    sums = known.lines.filter(~pl.col("voided").fill_null(value=False)).group_by("t").agg(pl.col("net_minor").sum())
    tipped = (
        known.tickets.filter(pl.col("tip_minor").fill_null(0) > 0).select("t", "store", "tip_minor").join(sums, on="t")
    )
    return (
        tipped.filter(pl.col("net_minor") > 0)
        .with_columns((pl.col("tip_minor") / pl.col("net_minor")).alias("share"))
        .group_by("store")
        .agg(pl.col("share").median().alias("usual_tip"), pl.len())
        .filter(pl.col("len") >= 30)
        .drop("len")
    )

"""What tills say of their drawers: counted against expected cash, their own totals against the feed, deposits,
no-sales."""

from __future__ import annotations

import polars as pl

from assistant.flags.known import Known
from ledger.batch import VOID_KINDS

AGREES = 0.6
"""A way to work out an amount is taken for the tills' own where it holds, to a unit, on so large a share of days."""
UNIT_MINOR = 100
NO_SALE = "no_sale"


def counts(known: Known) -> pl.DataFrame:
    """A row a count of a drawer: ``event`` (its row), store, register, day, cashier, ``over_minor`` (counted less
    expected) and ``over_z`` (in robust deviations of the store). A count that names nobody is of the only one who rang
    at that register."""
    events = known.events.with_row_index("event").filter(
        pl.col("kind").is_in(["count", "close"])
        & pl.col("counted_minor").is_not_null()
        & pl.col("expected_minor").is_not_null()
    )
    sole = (
        known.tickets.group_by("store", "register", "business_date")
        .agg(pl.col("cashier").drop_nulls().unique())
        .filter(pl.col("cashier").list.len() == 1)
        .select("store", "register", "business_date", pl.col("cashier").list.first().alias("sole"))
    )
    over = (pl.col("counted_minor") - pl.col("expected_minor")).alias("over_minor")
    joined = events.join(
        sole, on=["store", "register", "business_date"], how="left", maintain_order="left"
    ).with_columns(over, pl.coalesce("cashier", "sole").alias("cashier"))
    away = pl.col("over_minor").filter(pl.col("over_minor") != 0).abs()
    scale = joined.group_by("store").agg((1.4826 * away.median()).fill_null(0.0).clip(UNIT_MINOR).alias("scale"))
    return (
        joined.join(scale, on="store", how="left", maintain_order="left")
        .with_columns((pl.col("over_minor") / pl.col("scale")).alias("over_z"))
        .select("event", "store", "register", "business_date", "cashier", "over_minor", "over_z", "scale")
    )


def no_sales(known: Known) -> pl.DataFrame:
    """Openings of a drawer without a sale, by store, day and cashier."""
    events = known.events.with_columns(
        pl.when(pl.col("kind") == NO_SALE)
        .then(pl.col("no_sales").fill_null(1))
        .otherwise(pl.col("no_sales").fill_null(0))
        .alias("opened_without_sale")
    )
    return events.group_by("store", "business_date", "cashier").agg(pl.col("opened_without_sale").sum())


def feed_cash(known: Known) -> pl.DataFrame:
    """Cash that the feed has for each store, register and day."""
    kept = known.tickets.filter(~pl.col("kind").is_in(VOID_KINDS)).select("t", "store", "register", "business_date")
    cash = known.tenders.filter(pl.col("tender") == "cash").select("t", "net_minor")
    return (
        kept.join(cash, on="t")
        .group_by("store", "register", "business_date")
        .agg(pl.col("net_minor").sum().alias("feed_minor"), pl.col("t").min())
    )


def till_totals(known: Known) -> pl.DataFrame:
    """A row a store-day: ``lacking_minor``, the cash sales that its tills have in their own totals less those of the
    feed. Only for stores whose tills' totals are the feed's on most days, by one way of working them out."""
    events = known.events.with_row_index("event").filter(
        pl.col("kind").is_in(["count", "close"]) & pl.col("expected_minor").is_not_null()
    )
    moved = known.events.group_by("store", "register", "business_date").agg(
        pl.col("cash_in_minor").fill_null(0).sum().alias("in"), pl.col("cash_out_minor").fill_null(0).sum().alias("out")
    )
    day = ["store", "register", "business_date"]
    last = (
        events.group_by(day, maintain_order=True)
        .agg(pl.col("expected_minor").last(), pl.col("opening_float_minor").last(), pl.col("event").last())
        .join(moved, on=day, how="left", maintain_order="left", nulls_equal=True)
        .join(feed_cash(known), on=day, how="left", maintain_order="left", nulls_equal=True)
        .with_columns(pl.col("feed_minor").fill_null(0))
    )
    plain = pl.col("expected_minor") - pl.col("feed_minor")
    float_ = pl.col("opening_float_minor").fill_null(0)
    ways = {
        "a": plain - float_ + pl.col("out") - pl.col("in"),
        "b": plain - float_,
        "c": plain + pl.col("out") - pl.col("in"),
        "d": plain,
    }
    tried = last.with_columns(expr.alias(name) for name, expr in ways.items())
    shares = tried.group_by("store").agg(
        *((pl.col(name).abs() <= UNIT_MINOR).mean().alias(name) for name in ways), pl.len().alias("n")
    )
    chosen = {
        row["store"]: max(ways, key=lambda name: (row[name], name == "a"))
        for row in shares.sort("store").iter_rows(named=True)
        if row["n"] >= 10 and max(row[name] for name in ways) >= AGREES
    }
    lacking = pl.coalesce(
        *(pl.when(pl.col("store") == store).then(pl.col(way)) for store, way in chosen.items()), pl.lit(None, pl.Int64)
    )
    return (
        tried.with_columns(lacking.alias("lacking_minor"))
        .drop_nulls("lacking_minor")
        .group_by("store", "business_date", maintain_order=True)
        .agg(pl.col("lacking_minor").sum(), pl.col("feed_minor").sum(), pl.col("event").first())
    )


def deposits(known: Known) -> pl.DataFrame:
    """A row a store-day with a deposit: ``undeposited_minor``, how much less than what was counted was deposited, apart
    from what the store usually keeps. Only where what is kept is nearly the same on most days."""
    day = ["store", "business_date"]
    sums = (
        known.events.with_row_index("event")
        .group_by(day, maintain_order=True)
        .agg(
            pl.col("deposited_minor").sum(),
            pl.col("deposited_minor").is_not_null().any().alias("told"),
            pl.col("counted_minor").sum(),
            pl.col("expected_minor").sum(),
            pl.col("opening_float_minor").fill_null(0).sum(),
            pl.col("event").filter(pl.col("deposited_minor").is_not_null()).first(),
        )
        .filter(pl.col("told"))
        .join(feed_cash(known).group_by(day).agg(pl.col("feed_minor").sum()), on=day, how="left", maintain_order="left")
    )
    ways = {
        "counted less float": pl.col("counted_minor") - pl.col("opening_float_minor") - pl.col("deposited_minor"),
        "counted": pl.col("counted_minor") - pl.col("deposited_minor"),
        "expected": pl.col("expected_minor") - pl.col("deposited_minor"),
        "cash sales": pl.col("feed_minor").fill_null(0) - pl.col("deposited_minor"),
    }
    found = []
    for _, rows in sums.group_by("store", maintain_order=True):
        tried = rows.with_columns(
            (expr - expr.median()).round(0).cast(pl.Int64).alias(name) for name, expr in ways.items()
        )
        shares = {name: float((tried[name].abs() <= UNIT_MINOR).mean() or 0.0) for name in ways}  # type: ignore[arg-type]
        best = max(ways, key=lambda name: shares[name])
        if rows.height >= 10 and shares[best] >= AGREES:
            found.append(tried.select(*day, "event", "deposited_minor", pl.col(best).alias("undeposited_minor")))
    return (
        pl.concat(found)
        if found
        else pl.DataFrame(
            schema={
                "store": pl.String,
                "business_date": pl.Date,
                "event": pl.UInt32,
                "deposited_minor": pl.Int64,
                "undeposited_minor": pl.Int64,
            }
        )
    )

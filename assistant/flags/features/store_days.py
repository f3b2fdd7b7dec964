"""Audit features of store-days: robust seasonal residuals of takings, tickets, tenders and categories.

What is expected of a store-day is the median of the same weekday in the weeks around; what is usual to differ is the
median absolute deviation of the store. What all stores have in common on a date (a holiday, snow) is taken out first.
"""

from __future__ import annotations

import polars as pl

from assistant.flags.features import drawers
from assistant.flags.features.surprise import of_binomial
from assistant.flags.known import Known
from ledger.batch import VOID_KINDS

WEEKS_AROUND = 4
LEAST_AROUND = 3
SHARE_LEAST = 0.03
"""A category or tender with a smaller share of a store's sales is too small to look at."""
SHARE_EFFECT, SHARE_VARIES = 0.01, 0.2
"""The least usual deviation of a share, and its variance on a day of one ticket."""
COMMON_STORES = 3
CASH_COUNTS_FOR = 0.8
EFFECTS = {
    "sales": 0.02,
    "tickets": 0.02,
    "average": 0.02,
    "cash": 0.01,
    "discounts": 0.005,
    "returns": 0.005,
    "voids": 0.005,
    "line_voids": 0.005,
    "tax": 0.002,
    "last": 10.0,
    "first": 10.0,
}
"""The least usual deviation of each: where hardly anything ever differs, little is still little (5 % of sales, a
percentage point of the takings, ten minutes)."""
DAY = ["store", "business_date"]


def store_day_features(known: Known, tickets: pl.DataFrame) -> pl.DataFrame:
    """A row a store-day with tickets, in order of store and day."""
    sale = pl.col("kind").is_in(["sale", "exchange"])
    kept = ~pl.col("kind").is_in(VOID_KINDS)
    days = (
        tickets.group_by(DAY)
        .agg(
            sale.sum().cast(pl.Int64).alias("tickets"),
            pl.col("net_sum_minor").filter(kept).sum().alias("sales_minor"),
            pl.col("gross_sum_minor").filter(kept).sum().alias("gross_minor"),
            pl.col("discounts_minor").sum(),
            pl.col("returned_minor").sum(),
            pl.col("void_minor").sum(),
            pl.col("line_voids_minor").sum(),
            pl.col("taxed_minor").filter(kept).sum(),
            (pl.col("cash_in_minor") - pl.col("cash_back_minor")).filter(kept).sum().alias("cash_minor"),
            pl.col("total_minor").filter(kept).sum(),
            (sale & (pl.col("total_minor") > 0)).sum().cast(pl.Int64).alias("paid"),
            (sale & (pl.col("cash_in_minor") > 0)).sum().cast(pl.Int64).alias("paid_in_cash"),
            pl.col("minute").filter(sale).max().alias("last_minute"),
            pl.col("minute").filter(sale).min().alias("first_minute"),
            pl.col("t").min(),
        )
        .sort(DAY)
    )
    gross = pl.col("gross_minor").cast(pl.Float64).clip(1.0)
    measured = days.with_columns(
        pl.col("sales_minor").clip(1).log(10).alias("m_sales"),
        pl.col("tickets").clip(1).log(10).alias("m_tickets"),
        (pl.col("sales_minor") / pl.col("tickets").clip(1)).clip(1.0).log(10).alias("m_average"),
        (pl.col("cash_minor") / pl.col("total_minor").abs().clip(1)).clip(-1, 2).alias("m_cash"),
        (pl.col("discounts_minor") / gross).alias("m_discounts"),
        (pl.col("returned_minor") / gross).alias("m_returns"),
        (pl.col("void_minor") / gross).alias("m_voids"),
        (pl.col("line_voids_minor") / gross).alias("m_line_voids"),
        (pl.col("taxed_minor") / pl.col("sales_minor").abs().clip(1)).clip(-1, 1).alias("m_tax"),
        pl.col("last_minute").cast(pl.Float64).alias("m_last"),
        pl.col("first_minute").cast(pl.Float64).alias("m_first"),
    )
    common = ("sales", "tickets", "average")
    for name in [one[2:] for one in measured.columns if one.startswith("m_")]:
        measured = residual(
            measured, f"m_{name}", DAY[:1], f"{name}_z", f"{name}_usual", EFFECTS[name], common=name in common
        )
    measured = _cash_few(measured)
    found = measured.join(_shares(known, tickets, "category"), on=DAY, how="left", maintain_order="left")
    found = found.join(_shares(known, tickets, "tender"), on=DAY, how="left", maintain_order="left")
    found = found.join(
        drawers.till_totals(known).select(*DAY, "lacking_minor", pl.col("event").alias("total_event")),
        on=DAY,
        how="left",
        maintain_order="left",
    ).join(
        drawers.deposits(known).select(
            *DAY, "undeposited_minor", "deposited_minor", pl.col("event").alias("deposit_event")
        ),
        on=DAY,
        how="left",
        maintain_order="left",
    )
    nobody = (
        drawers.counts(known)
        .filter(pl.col("cashier").is_null())
        .group_by(DAY)
        .agg(pl.col("over_minor").sum(), pl.col("over_z").sum(), pl.col("event").first().alias("count_event"))
    )
    found = found.join(nobody, on=DAY, how="left", maintain_order="left")
    zeros = [name for name in found.columns if name.endswith("_z")]
    return found.with_columns(
        pl.col(zeros).fill_null(0.0).fill_nan(0.0),
        pl.col("lacking_minor", "undeposited_minor", "deposited_minor", "over_minor").fill_null(0),
        (10 ** pl.col("sales_usual")).round(0).cast(pl.Int64).alias("usual_sales_minor"),
        (10 ** pl.col("tickets_usual")).round(0).cast(pl.Int64).alias("usual_tickets"),
        (pl.col("cash_usual") * 100).alias("usual_cash_percent"),
        (pl.col("m_cash") * 100).alias("cash_percent"),
        pl.max_horizontal((10 ** pl.col("sales_usual") - pl.col("sales_minor")).round(0).cast(pl.Int64), 0).alias(
            "missing_sales_minor"
        ),
        pl.max_horizontal((pl.col("sales_minor") - 10 ** pl.col("sales_usual")).round(0).cast(pl.Int64), 0).alias(
            "excess_sales_minor"
        ),
        pl.col("lacking_minor").abs().alias("lacking_size_minor"),
        pl.when(pl.col("lacking_minor") < 0).then(pl.lit("less")).otherwise(pl.lit("more")).alias("lacking_way"),
        pl.col("undeposited_minor").abs().alias("undeposited_size_minor"),
        pl.when(pl.col("undeposited_minor") < 0)
        .then(pl.lit("more"))
        .otherwise(pl.lit("less"))
        .alias("undeposited_way"),
        pl.col("over_minor").abs().alias("difference_minor"),
        pl.when(pl.col("over_minor") < 0).then(pl.lit("short")).otherwise(pl.lit("over")).alias("short_or_over"),
        (pl.col("last_usual") - pl.col("last_minute")).fill_null(0.0).alias("early_minutes"),
        _money(pl.col("discounts_usual") * gross).alias("usual_discounts_minor"),
        _money(pl.col("returns_usual") * gross).alias("usual_returned_minor"),
        _money(pl.col("tax_usual") * pl.col("sales_minor").abs()).alias("usual_taxed_minor"),
        *(
            _money((pl.col(f"{what}_percent") - pl.col(f"usual_{what}_percent")).abs() / 100 * pl.col(of).abs()).alias(
                f"moved_{what}_minor"
            )
            for what, of in (("category", "sales_minor"), ("tender", "total_minor"))
        ),
    ).with_columns(
        *(
            pl.max_horizontal(pl.col(f"{name}_minor") - pl.col(f"usual_{name}_minor"), 0).alias(f"excess_{name}_minor")
            for name in ("discounts", "returned")
        ),
        (pl.col("taxed_minor") - pl.col("usual_taxed_minor")).abs().alias("moved_taxed_minor"),
        ((pl.col("cash_usual") - pl.col("m_cash")).clip(0) * pl.col("total_minor").abs())
        .fill_null(0)
        .round(0)
        .cast(pl.Int64)
        .alias("missing_cash_minor"),
    )


def _cash_few(days: pl.DataFrame) -> pl.DataFrame:
    """How surprising it is that so few of a day's tickets were paid in cash: skimmed cash was never rung.

    The share that is usual is that of the store on the weekday; it varies by somewhat more than chance, so each
    ticket counts for less than one.
    """
    key = ["store", pl.col("business_date").dt.weekday()]
    others = pl.col("paid").sum().over(key) - pl.col("paid")
    usual = (pl.col("paid_in_cash").sum().over(key) - pl.col("paid_in_cash") + 0.5) / (others + 1.0)
    made = days.with_columns(
        ((pl.col("paid") - pl.col("paid_in_cash")) * CASH_COUNTS_FOR).alias("k"),
        (pl.col("paid") * CASH_COUNTS_FOR).alias("n"),
        (1 - usual).alias("chance"),
    )
    return days.with_columns(of_binomial(made["k"], made["n"], made["chance"]).alias("cash_few"))


def _money(amount: pl.Expr) -> pl.Expr:
    return amount.fill_nan(0).fill_null(0).round(0).cast(pl.Int64)


def residual(
    frame: pl.DataFrame,
    value: str,
    by: list[str],
    z: str,
    usual: str,
    effect: float | pl.Expr,
    *,
    common: bool = False,
) -> pl.DataFrame:
    """A column's residual against the same weekday of the weeks around, in robust deviations of its group ``by``, which
    are taken to be ``effect`` at least.

    Too few weeks around give zero. ``common`` takes out the median residual of the date over all stores.
    """
    key = [*by, "weekday"]
    ordered = frame.with_columns(pl.col("business_date").dt.weekday().alias("weekday")).sort(*key, "business_date")
    around = pl.concat_list(
        pl.col(value).shift(n).over(key) for n in range(-WEEKS_AROUND, WEEKS_AROUND + 1) if n
    ).list.drop_nulls()
    expected = pl.when(around.list.len() >= LEAST_AROUND).then(around.list.median())
    ordered = ordered.with_columns(expected.alias(usual)).with_columns((pl.col(value) - pl.col(usual)).alias("away"))
    if common and frame["store"].n_unique() >= COMMON_STORES:
        ordered = ordered.with_columns(
            (pl.col("away") - pl.col("away").median().over("business_date").fill_null(0.0)).alias("away")
        )
    spread = 1.4826 * pl.col("away").abs().median().over(by)
    floor = 0.25 * pl.col("away").std().over(by).fill_null(0.0)
    scale = pl.max_horizontal(spread, floor, effect)
    return (
        ordered.with_columns((pl.col("away") / scale).clip(-50, 50).fill_null(0.0).alias(z))
        .drop("away", "weekday")
        .sort(DAY if by == ["store"] else [*by, "business_date"])
    )


def _shares(known: Known, tickets: pl.DataFrame, what: str) -> pl.DataFrame:
    """The category (or tender) of each store-day whose share is furthest from usual, and how far."""
    kept = tickets.filter(~pl.col("kind").is_in(VOID_KINDS)).select("t", *DAY)
    if what == "category":
        rows = known.lines.filter(~pl.col("voided").fill_null(value=False)).select(
            "t", pl.col("category").str.split(" / ").list.first().alias(what), pl.col("net_minor").alias("amount")
        )
    else:
        rows = known.tenders.select("t", pl.col("tender").alias(what), pl.col("net_minor").alias("amount"))
    sums = rows.drop_nulls(what).join(kept, on="t").group_by(*DAY, what).agg(pl.col("amount").sum())
    wide = sums.select("store", what).unique().join(kept.select(DAY).unique(), on="store")
    shares = wide.join(sums, on=[*DAY, what], how="left").with_columns(pl.col("amount").fill_null(0))
    shares = shares.with_columns((pl.col("amount") / pl.col("amount").abs().sum().over(DAY).clip(1)).alias("share"))
    sizes = kept.group_by(DAY).agg(pl.len().alias("n"))
    large = (
        shares.with_columns(pl.col("share").mean().over("store", what).alias("mean"))
        .filter(pl.col("mean") >= SHARE_LEAST)
        .filter(pl.col(what).n_unique().over("store") > 1)  # of one alone there is no mix
        .join(sizes, on=DAY, how="left")
    )
    by_chance = (SHARE_VARIES / pl.col("n").clip(1)).sqrt()
    effect = pl.max_horizontal(SHARE_EFFECT, by_chance)  # of a few tickets any share is nothing strange
    judged = residual(large, "share", ["store", what], "z", "usual", effect)
    return (
        judged.sort(pl.col("z").abs(), what, descending=[True, False])
        .group_by(DAY, maintain_order=True)
        .agg(
            pl.col("z").first().alias(f"{what}_z"),
            pl.col(what).first().alias(f"odd_{what}"),
            (pl.col("share").first() * 100).alias(f"{what}_percent"),
            (pl.col("usual").first() * 100).alias(f"usual_{what}_percent"),
        )
    )

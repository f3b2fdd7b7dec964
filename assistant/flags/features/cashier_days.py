"""Audit features of cashier-days: what one person did on one day, against the others of the store and over weeks."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import special

from assistant.flags.features import drawers
from assistant.flags.features.digits import of_digits
from assistant.flags.features.surprise import SHRUNK_BY, SURPRISE_MAX, of_binomial, of_poisson
from assistant.flags.known import Known
from ledger.batch import VOID_KINDS

DAY = ["store", "business_date", "cashier"]
EVENTS = (
    "return",
    "no_receipt",
    "void",
    "manual",
    "discount",
    "comp",
    "line_void",
    "keyed",
    "under_limit",
    "gift",
    "other_tender",
    "tip_raised",
    "cash_void",
    "cash_line_void",
    "small",
    "outside",
)
"""What is counted of each cashier-day; ``day_X`` is how surprising the count is, ``weeks_X`` that of four weeks."""
SMALL_MINOR = 100
SPELL_DAYS = 14
NEAR_LIMIT, NEAR_LIMIT_WEIGHT = 0.15, 10.0
"""The share of returns that are taken to be just under the limit by chance, and how many returns that counts for."""
MONEY = (
    "returned_minor",
    "paid_back_minor",
    "cash_back_minor",
    "void_minor",
    "line_voids_minor",
    "manual_minor",
    "comp_minor",
    "discounts_minor",
    "tip_minor",
    "total_minor",
    "keyed_minor",
    "gift_sold_minor",
)


def cashier_day_features(known: Known, tickets: pl.DataFrame) -> pl.DataFrame:
    """A row a cashier-day in order of store, day and cashier; empty where no ticket names a cashier."""
    role = known.settings.flags.roles
    sale = (pl.col("kind") == "sale") & (pl.col("total_minor") > 0)
    frame = tickets.filter(pl.col("cashier").is_not_null()).with_columns(
        pl.col("cashier").replace_strict(role, default="", return_dtype=pl.String).alias("role"),
        ((pl.col("void_minor") > 0) & pl.col("not_rung_again")).alias("e_cash_void"),
        (pl.col("e_line_void") & (pl.col("cash_in_minor") > 0)).alias("e_cash_line_void"),
        (sale & (pl.col("total_minor") <= SMALL_MINOR)).alias("e_small"),
        (pl.col("outside_minutes") > 15).alias("e_outside"),
    )
    days = (
        frame.group_by(*DAY, "role", "block")
        .agg(
            pl.len().cast(pl.Int64).alias("tickets"),
            *(pl.col(f"e_{name}").sum().cast(pl.Int64).alias(f"n_{name}") for name in EVENTS),
            *(pl.col(name).sum() for name in MONEY),
            pl.col("cash_in_minor").sum().alias("cash_minor"),
            pl.col("total_minor").filter("e_outside").sum().alias("outside_minor"),
            pl.col("total_minor").filter(sale).mean().fill_null(0.0).alias("average"),
            pl.col("units").filter(sale).mean().fill_null(0.0).alias("units"),
            pl.col("tip_percent").filter(pl.col("tip_minor") > 0).mean().alias("tip_percent"),
            (pl.col("tip_minor") > 0).sum().alias("n_tipped"),
            pl.col("t").filter(~pl.col("kind").is_in(VOID_KINDS)).first().alias("t"),
            *(pl.col("t").filter(pl.col(f"e_{name}")).first().alias(f"t_{name}") for name in EVENTS),
        )
        .sort(DAY)
    )
    days = _under_limit(_surprises(days))
    days = _of_drawers(days, known)
    return of_digits(_of_tips(days), tickets)


def _surprises(days: pl.DataFrame) -> pl.DataFrame:
    """How surprising each count is at the rate of the peers; never of one who has none."""
    peers = ["store", "role"]
    weeks = [*peers, "cashier", "block"]
    for name in EVENTS:
        count = pl.col(f"n_{name}")
        others_n = pl.col("tickets").sum().over(peers) - pl.col("tickets")
        others_k = count.sum().over(peers) - count
        people = pl.col("cashier").n_unique().over(peers)
        weeks_n, weeks_k = pl.col("tickets").sum().over(weeks), count.sum().over(weeks)
        rest_n, rest_k = (
            pl.col("tickets").sum().over(peers) - pl.col("tickets").sum().over([*peers, "cashier"]),
            count.sum().over(peers) - count.sum().over([*peers, "cashier"]),
        )
        # What others do on the same day counts, too: on some days everybody gives discounts.
        day = [*peers, "business_date"]
        rate = (others_k + 0.5) / (others_n + SHRUNK_BY)
        day_rate = (count.sum().over(day) - count + SHRUNK_BY * rate) / (
            pl.col("tickets").sum().over(day) - pl.col("tickets") + SHRUNK_BY
        )
        made = days.with_columns(
            (pl.col("tickets") * pl.max_horizontal(rate, day_rate)).alias("expected"),
            weeks_k.alias("weeks_k"),
            pl.when(people > 1)
            .then(weeks_n * (rest_k + 0.5) / (rest_n + SHRUNK_BY))
            .otherwise(1e9)
            .alias("weeks_expected"),
        )
        days = days.with_columns(
            made["expected"].alias(f"expected_{name}"),
            of_poisson(made[f"n_{name}"], made["expected"]).alias(f"day_{name}"),
            pl.Series(
                f"weeks_{name}",
                np.where(
                    made[f"n_{name}"].to_numpy() > 0,
                    of_poisson(made["weeks_k"], made["weeks_expected"]).to_numpy(),
                    0.0,
                ),
            ),
            made["weeks_k"].alias(f"weeks_n_{name}"),
        )
    return days


def _under_limit(days: pl.DataFrame) -> pl.DataFrame:
    """Returns just under the limit, of a cashier's returns in the two weeks before and after a day: how surprising so
    many are at the share that they have of the others' returns. Fixed weeks would cut a spell in two, and of all
    tickets they are few whoever gives them."""
    who, peers = ["store", "role", "cashier"], ["store", "role"]
    near = (
        days.sort("business_date")
        .rolling("business_date", period=f"{2 * SPELL_DAYS + 1}d", offset=f"-{SPELL_DAYS + 1}d", group_by=who)
        .agg(pl.col("n_under_limit").sum().alias("spell_k"), pl.col("n_return").sum().alias("spell_n"))
    )
    joined = days.join(near, on=[*who, "business_date"], how="left", maintain_order="left")
    k, n = (pl.col(name).sum().over(peers) - pl.col(name).sum().over(who) for name in ("n_under_limit", "n_return"))
    chance = (k + NEAR_LIMIT * NEAR_LIMIT_WEIGHT) / (n + NEAR_LIMIT_WEIGHT)
    joined = joined.with_columns(chance.alias("spell_chance"))
    surprise = of_binomial(joined["spell_k"], joined["spell_n"], joined["spell_chance"])
    return joined.with_columns(
        pl.when(pl.col("n_under_limit") > 0).then(surprise).otherwise(0.0).alias("weeks_under_limit"),
        pl.col("spell_k").alias("weeks_n_under_limit"),
    ).drop("spell_k", "spell_n", "spell_chance")


def _of_drawers(days: pl.DataFrame, known: Known) -> pl.DataFrame:
    counted = (
        drawers.counts(known)
        .filter(pl.col("cashier").is_not_null())
        .group_by(DAY)
        .agg(pl.col("over_minor").sum(), pl.col("over_z").sum(), pl.col("scale").first(), pl.col("event").first())
    )
    opened = drawers.no_sales(known).filter(pl.col("cashier").is_not_null())
    counting = days.join(counted, on=DAY, how="full", coalesce=True).join(opened, on=DAY, how="left")
    counting = counting.with_columns(
        pl.col("over_minor").fill_null(0),
        pl.col("over_z").fill_null(0.0),
        pl.col("opened_without_sale").fill_null(0).alias("n_no_sale"),
        pl.col("tickets").fill_null(0),
        pl.col("role").fill_null(""),
        ((pl.col("business_date") - pl.date(2000, 1, 3)).dt.total_days() // 28).alias("block"),
    ).sort(DAY)
    some = pl.col("n_no_sale")
    usual = some.clip(0, some.quantile(0.98).over("store"))  # a burst must not widen what is usual
    rate = usual.mean().over("store")
    spread = (usual.var().over("store").fill_null(0.0) / rate.clip(0.01)).clip(1.0, 4.0)
    made = counting.with_columns(
        (some / spread).alias("k"), (rate.clip(0.05) / spread).alias("mean"), rate.alias("expected_no_sale")
    )
    short = pl.when(pl.col("over_minor") < 0).then(-pl.col("over_z").clip(-3, 3)).otherwise(0.0)
    weeks = ["store", "cashier", "block"]
    counted_n = pl.col("event").is_not_null().sum().over(weeks).clip(1)
    size = (
        (pl.col("over_z").clip(-3, 3) ** 2)
        .filter(pl.col("event").is_not_null())
        .mean()
        .over("store")
        .fill_null(1.0)
        .sqrt()
    )
    chronic = (-pl.col("over_z").clip(-3, 3)).sum().over(weeks) / (counted_n.sqrt() * size.clip(0.3))
    made = made.with_columns(
        of_poisson(made["k"], made["mean"]).alias("day_no_sale"),
        pl.when(short > 0).then(chronic).otherwise(0.0).fill_null(0.0).alias("shorts_z"),
        pl.col("over_minor").clip(None, 0).sum().over(weeks).alias("weeks_short_minor"),
        pl.col("over_minor").abs().alias("difference_minor"),
        pl.col("over_minor").clip(None, 0).sum().over(weeks).abs().alias("weeks_difference_minor"),
        pl.when(pl.col("over_minor") < 0).then(pl.lit("short")).otherwise(pl.lit("over")).alias("short_or_over"),
    )
    chance = special.ndtr(-made["shorts_z"].to_numpy())
    with np.errstate(divide="ignore"):
        surprise = np.clip(-np.log10(chance), 0.0, SURPRISE_MAX)
    numbers = [name for name, dtype in made.schema.items() if dtype.is_numeric() and not name.startswith("t_")]
    keep = {"t", "event", "tip_percent"}
    return made.drop("k", "mean").with_columns(
        pl.Series("shorts_surprise", np.where(made["shorts_z"].to_numpy() > 0, surprise, 0.0)),
        *(pl.col(name).fill_null(0) for name in numbers if name not in keep | {"k", "mean"}),
    )


def _of_tips(days: pl.DataFrame) -> pl.DataFrame:
    """How far the mean tip of a day is from the store's, in standard errors; a day of few tips tells nothing."""
    store = pl.col("tip_percent").median().over("store")
    spread = (1.4826 * (pl.col("tip_percent") - store).abs().median().over("store")).clip(0.5)
    z = pl.when(pl.col("n_tipped") >= 5).then((pl.col("tip_percent") - store) / spread).otherwise(0.0).fill_null(0.0)
    beyond = pl.col("tip_minor") * (1 - store / pl.col("tip_percent")).abs().clip(0, 1)
    return days.with_columns(
        z.alias("tip_z"),
        store.alias("usual_tip_percent"),
        beyond.fill_nan(0).fill_null(0).round(0).cast(pl.Int64).alias("moved_tip_minor"),
    )

"""What the lines and the tenders of each ticket come to, by what an auditor looks at."""

from __future__ import annotations

import polars as pl

from assistant.flags.features.norms import ITEM, MICRO, Norms, unit_price
from assistant.flags.known import Known

DISCRETIONARY = r"(?i)manual|overrid|open|manager|staff|employee|comp|goodwill|courtesy|adjust"
"""Codes of discounts that a person gives, rather than a campaign."""

NOT_OF_VOIDS = (
    "returned_minor",
    "discounts_minor",
    "manual_minor",
    "comp_minor",
    "gift_sold_minor",
    "gift_discount_minor",
    "below_list_minor",
    "loss_minor",
    "overridden_minor",
    "cash_back_minor",
    "gift_back_minor",
    "card_back_minor",
)
LINE_SUMS = (
    "net_sum_minor",
    "gross_sum_minor",
    "returned_minor",
    "discounts_minor",
    "manual_minor",
    "comp_minor",
    "gift_sold_minor",
    "gift_discount_minor",
    "line_voids_minor",
    "overridden_minor",
    "below_list_minor",
    "loss_minor",
    "largest_minor",
    "lines_n",
    "units",
    "lines_voided",
    "gift_n",
    "overrides",
    "price_ratio",
    "largest_quantity",
)


def of_lines(known: Known, usual: Norms) -> pl.DataFrame:
    lines = known.lines.with_columns(ITEM, unit_price()).join(
        usual.prices, on="item", how="left", maintain_order="left"
    )
    live = ~pl.col("voided").fill_null(value=False)
    sold = live & (pl.col("quantity_micro") > 0)
    goods = sold & (pl.col("kind") == "item")
    gift = sold & (pl.col("kind") == "gift_card")
    manual = (
        pl.col("discount_code").is_null()
        | pl.col("override_reason").is_not_null()
        | pl.col("discount_code").str.contains(DISCRETIONARY)
    )
    below = (pl.col("list_price_minor") - pl.col("unit_price_minor")) * pl.col("quantity_micro") / MICRO
    discount = pl.col("discount_minor").fill_null(0)

    def money(value: pl.Expr, name: str) -> pl.Expr:
        return value.sum().round(0).cast(pl.Int64).alias(name)

    return lines.group_by("t").agg(
        money(pl.col("net_minor").filter(live), "net_sum_minor"),
        money(pl.col("gross_minor").filter(sold), "gross_sum_minor"),
        money(-pl.col("net_minor").filter(live & (pl.col("net_minor") < 0)), "returned_minor"),
        money(discount.filter(sold), "discounts_minor"),
        money(discount.filter(sold & manual), "manual_minor"),
        money(
            discount.filter(
                sold
                & ((pl.col("discount_kind") == "comp") | (discount >= pl.col("gross_minor")))
                & (pl.col("gross_minor") > 0)
            ),
            "comp_minor",
        ),
        money(pl.col("net_minor").filter(gift), "gift_sold_minor"),
        money(discount.filter(gift), "gift_discount_minor"),
        money(pl.col("net_minor").abs().filter(pl.col("voided").fill_null(value=False)), "line_voids_minor"),
        money(pl.col("gross_minor").filter(sold & pl.col("override_reason").is_not_null()), "overridden_minor"),
        money(below.filter(goods & (below > 0)), "below_list_minor"),
        money(
            (pl.col("cost_minor") - pl.col("net_minor")).filter(goods & (pl.col("cost_minor") > pl.col("net_minor"))),
            "loss_minor",
        ),
        pl.col("gross_minor").abs().max().alias("largest_minor"),
        pl.len().cast(pl.Int64).alias("lines_n"),
        (pl.col("quantity_micro").filter(sold).sum() / MICRO).alias("units"),
        pl.col("voided").fill_null(value=False).sum().cast(pl.Int64).alias("lines_voided"),
        gift.sum().cast(pl.Int64).alias("gift_n"),
        pl.col("override_reason").is_not_null().sum().cast(pl.Int64).alias("overrides"),
        (pl.col("unit") / pl.col("usual"))
        .log(10)
        .abs()
        .filter(live & (pl.col("kind") == "item"))
        .max()
        .fill_null(0.0)
        .alias("price_ratio"),
        (pl.col("quantity_micro").abs().max() / MICRO).alias("largest_quantity"),
        pl.col("discount_code").drop_nulls().first().alias("discount_code"),
        pl.col("item").drop_nulls().sort().first().alias("item"),
        pl.col("item").drop_nulls().sort().unique(maintain_order=True).str.join("\x1f").alias("items"),
    )


TENDER_SUMS = (
    "cash_in_minor",
    "cash_back_minor",
    "gift_paid_minor",
    "gift_back_minor",
    "card_back_minor",
    "house_minor",
    "keyed_minor",
    "equal_minor",
    "tenders_n",
    "cards",
    "equal_parts",
)


def of_tenders(known: Known) -> pl.DataFrame:
    tenders = known.tenders.with_columns(
        pl.len().over("t", "amount_minor").cast(pl.Int64).alias("same"),
    )
    net, kind = pl.col("net_minor"), pl.col("tender")
    keyed = pl.col("entry_method").str.contains(r"(?i)key|manual|typed|moto")
    return tenders.group_by("t").agg(
        net.filter((kind == "cash") & (net > 0)).sum().alias("cash_in_minor"),
        (-net.filter((kind == "cash") & (net < 0))).sum().alias("cash_back_minor"),
        net.filter((kind == "gift_card") & (net > 0)).sum().alias("gift_paid_minor"),
        (-net.filter((kind == "gift_card") & (net < 0))).sum().alias("gift_back_minor"),
        (-net.filter((kind == "card") & (net < 0))).sum().alias("card_back_minor"),
        net.filter(kind == "house_account").sum().alias("house_minor"),
        net.abs().filter(keyed).sum().alias("keyed_minor"),
        pl.col("amount_minor").filter((pl.col("same") >= 2) & (net > 0)).max().alias("equal_minor"),
        pl.len().cast(pl.Int64).alias("tenders_n"),
        pl.col("token").n_unique().cast(pl.Int64).alias("cards"),
        pl.col("same").filter(net > 0).max().fill_null(0).alias("equal_parts"),
        pl.col("token").drop_nulls().sort().first().alias("token"),
        pl.col("tender").drop_nulls().unique().sort().str.join("+").alias("paid_by"),
        pl.col("tender").filter(net < 0).drop_nulls().unique().sort().str.join("+").alias("back_by"),
        pl.col("token").filter(net < 0).drop_nulls().sort().first().alias("back_token"),
    )

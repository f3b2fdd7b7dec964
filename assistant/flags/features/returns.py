"""Returns: the sale that each refers to, how the money went back, and from which amount on it needs approval."""

from __future__ import annotations

import polars as pl

from assistant.flags.known import Known

NEAR_LIMIT = 0.9
"""Money back from this share of the limit on, and below it, is just under it."""


def money_back(frame: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Of a ticket with money back: the ticket it refers to, whose it was, how it was paid, how long ago."""
    sale = frame.select(
        "source",
        pl.col("external_id").alias("original_external_id"),
        pl.col("cashier").alias("sold_by"),
        pl.col("closed").alias("sold_at"),
        pl.col("business_date").alias("sold_on"),
        pl.col("paid_by").alias("sold_for"),
        pl.col("token").alias("sold_token"),
        pl.col("total_minor").alias("sold_total_minor"),
        pl.col("kind").alias("sold_kind"),
    ).unique(["source", "original_external_id"], keep="first", maintain_order=True)
    frame = frame.join(sale, on=["source", "original_external_id"], how="left", maintain_order="left")
    back = (pl.col("kind") == "return") | (pl.col("returned_minor") > 0)
    again = pl.col("original_external_id").is_not_null() & back
    receipt = pl.col("original_external_id").is_not_null() | pl.col("receipt_present").fill_null(value=False)
    paid_back = pl.col("cash_back_minor") + pl.col("card_back_minor") + pl.col("gift_back_minor")
    told = (
        frame["original_external_id"].is_not_null().any() or frame["receipt_present"].fill_null(value=False).any()
    )  # a feed that names no receipts at all does not say that there are none
    approving = frame.filter(back)["approver"].is_not_null().any()
    frame = frame.with_columns(
        back.alias("is_return"),
        (receipt if told else pl.lit(value=True)).alias("receipt"),
        pl.when(back).then(paid_back).otherwise(0).alias("paid_back_minor"),
        (back & pl.col("sold_by").is_not_null() & (pl.col("sold_by") == pl.col("cashier")))
        .fill_null(value=False)
        .alias("own_sale"),
        (
            back
            & pl.col("sold_for").is_not_null()
            & pl.col("back_by").is_not_null()
            & (pl.col("back_by") != "")
            & ~pl.col("sold_for").str.contains(pl.col("back_by"), literal=True)
        )
        .fill_null(value=False)
        .alias("other_tender"),
        (
            back
            & pl.col("sold_token").is_not_null()
            & pl.col("back_token").is_not_null()
            & (pl.col("sold_token") != pl.col("back_token"))
        )
        .fill_null(value=False)
        .alias("other_card"),
        (pl.col("business_date") - pl.col("sold_on")).dt.total_days().alias("days_since_sale"),
        (pl.col("closed") - pl.col("sold_at")).dt.total_minutes().alias("minutes_since_sale"),
        pl.col("approver").is_not_null().alias("approved"),
        (pl.col("approver").is_not_null() & (pl.col("approver") == pl.col("cashier")))
        .fill_null(value=False)
        .alias("self_approved"),
        pl.lit(value=bool(approving)).alias("approvals_told"),
        pl.when(again).then(pl.len().over("source", "original_external_id")).otherwise(0).alias("returns_of_sale"),
        pl.when(again)
        .then(pl.col("returned_minor").sum().over("source", "original_external_id"))
        .otherwise(0)
        .alias("returned_of_sale_minor"),
    )
    limits = approval_limits(frame, known)
    limit = pl.col("store").replace_strict(limits, default=None, return_dtype=pl.Int64)
    near = (pl.col("paid_back_minor") >= limit * NEAR_LIMIT) & (pl.col("paid_back_minor") < limit)
    return frame.with_columns(limit.alias("limit_minor")).with_columns(
        (pl.col("is_return") & near).fill_null(value=False).alias("under_limit")
    )


def approval_limits(frame: pl.DataFrame, known: Known) -> dict[str, int]:
    """The amount of each store from which on money back needs approval: the book's own, else where approvals begin.

    They begin at the amount above which nearly all returns are approved and below which few are; where there is no
    such amount, there is no limit.
    """
    limits: dict[str, int] = {}
    for (store,), rows in frame.filter(pl.col("is_return") & (pl.col("paid_back_minor") > 0)).group_by("store"):
        own = known.settings.store(str(store)).approval_limit_minor(known.currency)
        if own is not None:
            limits[str(store)] = own
            continue
        ordered = rows.sort("paid_back_minor").select("paid_back_minor", "approved")
        approved = ordered["approved"].cast(pl.Float64)
        if ordered.height < 40 or not 0.02 < float(approved.mean() or 0.0) < 0.9:  # type: ignore[arg-type]
            continue
        total, count = float(approved.sum()), ordered.height
        below = approved.cum_sum() - approved
        place = pl.int_range(count, eager=True).cast(pl.Float64)
        share_below = below / (place + 1e-9).clip(1.0)
        share_above = (total - below) / (count - place)
        gain = (share_above - share_below).to_list()
        best = max(range(count), key=lambda at: (gain[at], -at))
        if gain[best] >= 0.75 and count - best >= 8:
            limits[str(store)] = _stepped(int(ordered["paid_back_minor"][best]))
    return limits


def _stepped(amount: int) -> int:
    """The round amount at or just below, as limits are set in round amounts."""
    for step in (10_000, 5_000, 2_500, 1_000, 500):
        if amount >= step and amount % step <= amount * 0.12:
            return amount // step * step
    return amount

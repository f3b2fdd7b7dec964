"""Audit features of tickets: a row a ticket, from the ticket itself, its parts, what it refers to and what is near
it."""

from __future__ import annotations

import polars as pl

from assistant.flags.features.norms import Norms, minute
from assistant.flags.features.parts import LINE_SUMS, NOT_OF_VOIDS, TENDER_SUMS, of_lines, of_tenders
from assistant.flags.features.returns import money_back
from assistant.flags.features.surprise import against_peers, of_pairs
from assistant.flags.known import Known
from ledger.batch import VOID_KINDS

BLOCK_DAYS = 28
"""Rates of cashiers are compared over so many days."""
RING_AGAIN_MINUTES = 10
"""A void that is followed by a sale of the same things within this time was a mistake put right."""
TWIN_MINUTES = 3
GIFT_SOON_MINUTES = 60
ROUND_MINOR = 500


def ticket_features(known: Known, usual: Norms) -> pl.DataFrame:
    """A row a live ticket, in order of ``t``: its identity and its audit features."""
    frame = (
        known.tickets.with_columns(pl.col("business_date").dt.weekday().alias("weekday"), minute())
        .join(of_lines(known, usual), on="t", how="left", maintain_order="left")
        .join(of_tenders(known), on="t", how="left", maintain_order="left")
        .join(
            known.taxes.group_by("t").agg(pl.col("amount_minor").sum().alias("taxed_minor")),
            on="t",
            how="left",
            maintain_order="left",
        )
    )
    counts = [*LINE_SUMS, *TENDER_SUMS, "taxed_minor"]
    void = pl.col("kind").is_in(VOID_KINDS)
    frame = frame.with_columns(pl.col(counts).fill_null(0), pl.col("tip_minor").fill_null(0)).with_columns(
        # a void takes nothing back and gives nothing away: what it was worth is looked at on its own
        *(pl.when(void).then(pl.lit(0, pl.Int64)).otherwise(pl.col(name)).alias(name) for name in NOT_OF_VOIDS),
        (100 * pl.when(void).then(0).otherwise(pl.col("manual_minor")) / pl.col("gross_sum_minor").clip(1))
        .fill_null(0.0)
        .alias("manual_percent"),
        pl.coalesce("token", "customer").alias("payer"),
        pl.coalesce("total_minor", pl.col("net_sum_minor") + pl.col("taxed_minor")).alias("total_minor"),
    )
    frame = money_back(frame, known)
    frame = _of_hours(frame, usual)
    frame = _of_tips(frame, usual, known)
    frame = _near(frame)
    frame = _of_voids(frame, known)
    return _of_history(frame)


def _of_hours(frame: pl.DataFrame, usual: Norms) -> pl.DataFrame:
    joined = frame.join(usual.hours, on=["store", "weekday"], how="left", maintain_order="left")
    minute = pl.col("minute")
    outside = pl.max_horizontal(pl.col("opens") - minute, minute - pl.col("closes"), 0)
    offset = (pl.col("closed").dt.date() - pl.col("business_date")).dt.total_days()
    return joined.with_columns(
        outside.fill_null(0).alias("outside_minutes"),
        pl.when((offset < 0) | (offset > 1) | ((offset == 1) & (pl.col("minute") > 36 * 60)))
        .then(offset.abs())
        .otherwise(0)
        .fill_null(0)
        .alias("days_off"),
        (pl.col("closed") - pl.col("opened")).dt.total_minutes().fill_null(0).alias("minutes_open"),
        (pl.col("stamp") - pl.col("closed")).dt.total_minutes().fill_null(0).alias("minutes_to_change"),
    )


def _of_tips(frame: pl.DataFrame, usual: Norms, known: Known) -> pl.DataFrame:
    raised = known.superseded.group_by("t").agg(pl.col("tip_minor").fill_null(0).first().alias("first_tip"))
    share = pl.when(pl.col("net_sum_minor") > 0).then(pl.col("tip_minor") / pl.col("net_sum_minor")).otherwise(0.0)
    return (
        frame.join(usual.tips, on="store", how="left", maintain_order="left")
        .join(raised, on="t", how="left", maintain_order="left")
        .with_columns(
            (share * 100).alias("tip_percent"),
            (pl.col("usual_tip") * 100).alias("usual_tip_percent"),
            pl.when(pl.col("first_tip").is_not_null())
            .then((pl.col("tip_minor") - pl.col("first_tip")).clip(0))
            .otherwise(0)
            .alias("tip_raised_minor"),
        )
    )


def _near(frame: pl.DataFrame) -> pl.DataFrame:
    """What happened near a ticket: the same amount rung again, the same card again and again, a gift card just sold."""
    live = ~pl.col("kind").is_in(VOID_KINDS)
    ordered = frame.sort("store", "closed", "t", nulls_last=True)
    same = ["store", "register", "cashier", "total_minor", "items", "kind"]
    gap = (pl.col("closed") - pl.col("closed").shift(1).over(same)).dt.total_seconds() / 60
    ordered = ordered.with_columns(
        (live & (pl.col("total_minor") != 0) & (gap <= TWIN_MINUTES)).fill_null(value=False).alias("twin")
    )
    cards = (
        ordered.filter(live & pl.col("token").is_not_null() & pl.col("closed").is_not_null())
        .select("t", "token", "closed")
        .sort("closed", "t")
    )
    hour = (
        cards.rolling("closed", period="1h", group_by="token").agg(
            pl.len().cast(pl.Int64).alias("card_hour"), pl.col("t").last()
        )
        if cards.height
        else pl.DataFrame(schema={"card_hour": pl.Int64, "t": pl.Int64})
    )
    joined = ordered.join(hour.select("t", "card_hour").unique("t"), on="t", how="left", maintain_order="left")
    card_day = pl.when(live & pl.col("token").is_not_null()).then(pl.len().over("token", "business_date")).otherwise(0)
    sold = pl.when(pl.col("gift_sold_minor") > 0).then(pl.col("closed"))
    since = (
        pl.col("closed") - sold.shift(1).forward_fill().over("store", "cashier", "business_date")
    ).dt.total_minutes()
    return joined.with_columns(
        pl.col("card_hour").fill_null(0),
        card_day.alias("card_day"),
        pl.when((pl.col("gift_paid_minor") > 0) & (since <= GIFT_SOON_MINUTES))
        .then(pl.col("gift_paid_minor"))
        .otherwise(0)
        .fill_null(0)
        .alias("gift_soon_minor"),
        (
            (pl.max_horizontal("paid_back_minor", "equal_minor") >= ROUND_MINOR)
            & (
                pl.when(pl.col("is_return")).then(pl.col("paid_back_minor")).otherwise(pl.col("total_minor"))
                % ROUND_MINOR
                == 0
            )
        )
        .fill_null(value=False)
        .alias("round"),
    ).sort("t")


def _of_voids(frame: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Of a void after tender: what it was worth, whether it had been paid in cash, whether the same was rung again."""
    paid = known.superseded.group_by("t").agg(pl.col("total_minor").last().alias("posted_minor"))
    frame = frame.join(paid, on="t", how="left", maintain_order="left")
    void = pl.col("kind") == "void_after_tender"
    worth = pl.max_horizontal(
        pl.col("posted_minor").abs().fill_null(0),
        pl.col("total_minor").abs().fill_null(0),
        pl.col("net_sum_minor").abs(),
    )
    frame = frame.with_columns(pl.when(void).then(worth).otherwise(0).alias("void_minor"))
    voids = frame.filter(void & pl.col("closed").is_not_null()).select(
        "t", "store", "register", pl.coalesce("stamp", "closed").alias("moment"), "closed", "items"
    )
    sales = frame.filter((pl.col("kind") == "sale") & pl.col("closed").is_not_null()).select(
        "store", "register", pl.col("closed").alias("rung"), pl.col("items").alias("rung_items")
    )
    window = pl.duration(minutes=RING_AGAIN_MINUTES)
    pairs = voids.join(sales, on=["store", "register"], how="inner").filter(
        (pl.col("rung") >= pl.min_horizontal("moment", "closed") - pl.duration(minutes=1))
        & (pl.col("rung") <= pl.max_horizontal("moment", "closed") + window)
    )
    shared = pairs.with_columns(
        pl.col("items")
        .str.split("\x1f")
        .list.set_intersection(pl.col("rung_items").str.split("\x1f"))
        .list.len()
        .alias("same")
    )
    again = shared.group_by("t").agg((pl.col("same") > 0).any().alias("rung_again"))
    return frame.join(again, on="t", how="left", maintain_order="left").with_columns(
        (void & ~pl.col("rung_again").fill_null(value=False)).alias("not_rung_again")
    )


def _of_history(frame: pl.DataFrame) -> pl.DataFrame:
    """How surprising what a ticket has is for its cashier, its payer and its item, over weeks."""
    block = ((pl.col("business_date") - pl.date(2000, 1, 3)).dt.total_days() // BLOCK_DAYS).alias("block")
    frame = frame.with_columns(
        block,
        (pl.col("business_date").dt.month_end() - pl.col("business_date")).dt.total_days().alias("days_to_month_end"),
        (pl.col("is_return") & ~pl.col("receipt")).alias("e_no_receipt"),
        pl.col("is_return").alias("e_return"),
        (pl.col("void_minor") > 0).alias("e_void"),
        ((pl.col("manual_minor") > 0) | (pl.col("overrides") > 0) | (pl.col("below_list_minor") > 0)).alias("e_manual"),
        (pl.col("discounts_minor") > 0).alias("e_discount"),
        (pl.col("comp_minor") > 0).alias("e_comp"),
        (pl.col("lines_voided") > 0).alias("e_line_void"),
        (pl.col("keyed_minor") > 0).alias("e_keyed"),
        pl.col("under_limit").alias("e_under_limit"),
        ((pl.col("gift_sold_minor") > 0) | (pl.col("gift_paid_minor") > 0)).alias("e_gift"),
        (pl.col("other_tender") | pl.col("other_card")).alias("e_other_tender"),
        (pl.col("tip_raised_minor") > 0).alias("e_tip_raised"),
    )
    who = ["store", "cashier", "block"]
    found = {}
    for event in [name for name in frame.columns if name.startswith("e_")]:
        if frame[event].any():
            rate = against_peers(frame, event, who, ["store", "block"])
            found[f"cashier_{event[2:]}"] = pl.when(pl.col(event)).then(rate).otherwise(0.0)
    for event in ("e_return", "e_manual", "e_discount", "e_keyed", "e_comp"):
        if frame[event].any():
            pair = of_pairs(frame, event, "cashier", "payer")
            found[f"pair_{event[2:]}"] = pl.when(pl.col(event)).then(pair).otherwise(0.0)
    for event in ("e_return", "e_manual"):
        if frame[event].any():
            pair = of_pairs(frame, event, "cashier", "item")
            found[f"item_{event[2:]}"] = pl.when(pl.col(event)).then(pair).otherwise(0.0)
    made = frame.with_columns(expr.alias(name) for name, expr in found.items())
    lacking = [name for name in HISTORY if name not in found]
    return made.with_columns(pl.lit(0.0).alias(name) for name in lacking)


HISTORY = (
    "cashier_no_receipt",
    "cashier_return",
    "cashier_void",
    "cashier_manual",
    "cashier_discount",
    "cashier_comp",
    "cashier_line_void",
    "cashier_keyed",
    "cashier_under_limit",
    "cashier_gift",
    "cashier_other_tender",
    "cashier_tip_raised",
    "pair_return",
    "pair_manual",
    "pair_discount",
    "pair_keyed",
    "pair_comp",
    "item_return",
    "item_manual",
)

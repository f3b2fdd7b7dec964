"""Audit features of tickets: a row a ticket, from the ticket itself, its parts, what it refers to and what is near it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

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
DISCRETIONARY = r"(?i)manual|overrid|open|manager|staff|employee|comp|goodwill|courtesy|adjust"
"""Codes of discounts that a person gives, rather than a campaign."""
MICRO = 1_000_000


@dataclass(frozen=True)
class Norms:
    """What is usual, from the tickets up to a fixed point: prices of items, hours and tips of stores."""

    prices: pl.DataFrame
    hours: pl.DataFrame
    tips: pl.DataFrame


ITEM = pl.coalesce("item_id", "name").alias("item")


def norms(known: Known) -> Norms:
    """Usual list price of each item, trading hours of each store and weekday, tips of each store."""
    lines = known.lines.filter(pl.col("quantity_micro").fill_null(0) != 0).with_columns(ITEM, _unit_price())
    prices = (
        lines.drop_nulls(["item", "unit"])
        .group_by("item")
        .agg(pl.col("unit").median().alias("usual"), pl.len().alias("n"))
        .filter((pl.col("n") >= 20) & (pl.col("usual") > 0))
        .drop("n")
    )
    sold = known.tickets.filter(pl.col("closed").is_not_null() & (pl.col("kind") == "sale")).with_columns(
        _minute(), pl.col("business_date").dt.weekday().alias("weekday")
    )
    hours = (
        sold.group_by("store", "weekday", "business_date")
        .agg(pl.col("minute").quantile(0.02).alias("first"), pl.col("minute").quantile(0.98).alias("last"), pl.len())
        .filter(pl.col("len") >= 5)
        .group_by("store", "weekday")
        .agg(
            pl.col("first").quantile(0.1).alias("opens"), pl.col("last").quantile(0.9).alias("closes"), pl.len()
        )
        .filter(pl.col("len") >= 4)
        .drop("len")
    )
    return Norms(prices, hours, _usual_tips(known))


def _unit_price() -> pl.Expr:
    """The price of one piece before discounts, in minor units."""
    return pl.coalesce(
        pl.col("list_price_minor"), pl.col("gross_minor") * MICRO / pl.col("quantity_micro")
    ).cast(pl.Float64).alias("unit")  # fmt: skip


def _minute() -> pl.Expr:
    """Minutes from the beginning of the business date's day to the closing of the ticket."""
    return (pl.col("closed") - pl.col("business_date").cast(pl.Datetime("us"))).dt.total_minutes().alias("minute")


def _usual_tips(known: Known) -> pl.DataFrame:
    sums = known.lines.filter(~pl.col("voided").fill_null(value=False)).group_by("t").agg(pl.col("net_minor").sum())
    tipped = known.tickets.filter(pl.col("tip_minor").fill_null(0) > 0).select("t", "store", "tip_minor").join(sums, on="t")
    return (
        tipped.filter(pl.col("net_minor") > 0)
        .with_columns((pl.col("tip_minor") / pl.col("net_minor")).alias("share"))
        .group_by("store")
        .agg(pl.col("share").median().alias("usual_tip"), pl.len())
        .filter(pl.col("len") >= 30)
        .drop("len")
    )


def ticket_features(known: Known, usual: Norms) -> pl.DataFrame:
    """A row a live ticket, in order of ``t``: its identity and its audit features."""
    frame = (
        known.tickets.with_columns(pl.col("business_date").dt.weekday().alias("weekday"), _minute())
        .join(_of_lines(known, usual), on="t", how="left", maintain_order="left")
        .join(_of_tenders(known), on="t", how="left", maintain_order="left")
        .join(known.taxes.group_by("t").agg(pl.col("amount_minor").sum().alias("taxed_minor")), on="t", how="left",
              maintain_order="left")
    )  # fmt: skip
    counts = [*_LINE_SUMS, *_TENDER_SUMS, "taxed_minor"]
    void = pl.col("kind").is_in(VOID_KINDS)
    frame = frame.with_columns(pl.col(counts).fill_null(0), pl.col("tip_minor").fill_null(0)).with_columns(
        # a void takes nothing back and gives nothing away: what it was worth is looked at on its own
        *(pl.when(void).then(pl.lit(0, pl.Int64)).otherwise(pl.col(name)).alias(name) for name in _NOT_OF_VOIDS),
        (100 * pl.when(void).then(0).otherwise(pl.col("manual_minor")) / pl.col("gross_sum_minor").clip(1)).fill_null(0.0)
        .alias("manual_percent"),
        pl.coalesce("token", "customer").alias("payer"),
        pl.coalesce("total_minor", pl.col("net_sum_minor") + pl.col("taxed_minor")).alias("total_minor"),
    )
    frame = _money_back(frame, known)
    frame = _of_hours(frame, usual)
    frame = _of_tips(frame, usual, known)
    frame = _near(frame)
    frame = _of_voids(frame, known)
    return _of_history(frame)


_NOT_OF_VOIDS = (
    "returned_minor", "discounts_minor", "manual_minor", "comp_minor", "gift_sold_minor", "gift_discount_minor",
    "below_list_minor", "loss_minor", "overridden_minor", "cash_back_minor", "gift_back_minor", "card_back_minor",
)  # fmt: skip
_LINE_SUMS = (
    "net_sum_minor", "gross_sum_minor", "returned_minor", "discounts_minor", "manual_minor", "comp_minor", "gift_sold_minor",
    "gift_discount_minor", "line_voids_minor", "overridden_minor", "below_list_minor", "loss_minor", "largest_minor",
    "lines_n", "units", "lines_voided", "gift_n", "overrides", "price_ratio", "largest_quantity",
)  # fmt: skip


def _of_lines(known: Known, usual: Norms) -> pl.DataFrame:
    lines = known.lines.with_columns(ITEM, _unit_price()).join(usual.prices, on="item", how="left", maintain_order="left")
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
        money(discount.filter(sold & ((pl.col("discount_kind") == "comp") | (discount >= pl.col("gross_minor")))
                              & (pl.col("gross_minor") > 0)), "comp_minor"),
        money(pl.col("net_minor").filter(gift), "gift_sold_minor"),
        money(discount.filter(gift), "gift_discount_minor"),
        money(pl.col("net_minor").abs().filter(pl.col("voided").fill_null(value=False)), "line_voids_minor"),
        money(pl.col("gross_minor").filter(sold & pl.col("override_reason").is_not_null()), "overridden_minor"),
        money(below.filter(goods & (below > 0)), "below_list_minor"),
        money((pl.col("cost_minor") - pl.col("net_minor")).filter(goods & (pl.col("cost_minor") > pl.col("net_minor"))),
              "loss_minor"),
        pl.col("gross_minor").abs().max().alias("largest_minor"),
        pl.len().cast(pl.Int64).alias("lines_n"),
        (pl.col("quantity_micro").filter(sold).sum() / MICRO).alias("units"),
        pl.col("voided").fill_null(value=False).sum().cast(pl.Int64).alias("lines_voided"),
        gift.sum().cast(pl.Int64).alias("gift_n"),
        pl.col("override_reason").is_not_null().sum().cast(pl.Int64).alias("overrides"),
        (pl.col("unit") / pl.col("usual")).log(10).abs().filter(live & (pl.col("kind") == "item")).max()
        .fill_null(0.0).alias("price_ratio"),
        (pl.col("quantity_micro").abs().max() / MICRO).alias("largest_quantity"),
        pl.col("discount_code").drop_nulls().first().alias("discount_code"),
        pl.col("item").drop_nulls().sort().first().alias("item"),
        pl.col("item").drop_nulls().sort().unique(maintain_order=True).str.join("\x1f").alias("items"),
    )  # fmt: skip


_TENDER_SUMS = (
    "cash_in_minor", "cash_back_minor", "gift_paid_minor", "gift_back_minor", "card_back_minor", "house_minor",
    "keyed_minor", "equal_minor", "tenders_n", "cards", "equal_parts",
)  # fmt: skip


def _of_tenders(known: Known) -> pl.DataFrame:
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


def _money_back(frame: pl.DataFrame, known: Known) -> pl.DataFrame:
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
        (back & pl.col("sold_by").is_not_null() & (pl.col("sold_by") == pl.col("cashier"))).fill_null(value=False).alias("own_sale"),
        (
            back & pl.col("sold_for").is_not_null() & pl.col("back_by").is_not_null() & (pl.col("back_by") != "")
            & ~pl.col("sold_for").str.contains(pl.col("back_by"), literal=True)
        ).fill_null(value=False).alias("other_tender"),
        (back & pl.col("sold_token").is_not_null() & pl.col("back_token").is_not_null()
         & (pl.col("sold_token") != pl.col("back_token"))).fill_null(value=False).alias("other_card"),
        (pl.col("business_date") - pl.col("sold_on")).dt.total_days().alias("days_since_sale"),
        (pl.col("closed") - pl.col("sold_at")).dt.total_minutes().alias("minutes_since_sale"),
        pl.col("approver").is_not_null().alias("approved"),
        (pl.col("approver").is_not_null() & (pl.col("approver") == pl.col("cashier"))).fill_null(value=False).alias("self_approved"),
        pl.lit(value=bool(approving)).alias("approvals_told"),
        pl.when(again).then(pl.len().over("source", "original_external_id")).otherwise(0).alias("returns_of_sale"),
        pl.when(again).then(pl.col("returned_minor").sum().over("source", "original_external_id")).otherwise(0)
        .alias("returned_of_sale_minor"),
    )  # fmt: skip
    limits = approval_limits(frame, known)
    limit = pl.col("store").replace_strict(limits, default=None, return_dtype=pl.Int64)
    near = (pl.col("paid_back_minor") >= limit * 0.88) & (pl.col("paid_back_minor") < limit)
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


def _of_hours(frame: pl.DataFrame, usual: Norms) -> pl.DataFrame:
    joined = frame.join(usual.hours, on=["store", "weekday"], how="left", maintain_order="left")
    minute = pl.col("minute")
    outside = pl.max_horizontal(pl.col("opens") - minute, minute - pl.col("closes"), 0)
    offset = (pl.col("closed").dt.date() - pl.col("business_date")).dt.total_days()
    return joined.with_columns(
        outside.fill_null(0).alias("outside_minutes"),
        pl.when((offset < 0) | (offset > 1) | ((offset == 1) & (pl.col("minute") > 36 * 60)))
        .then(offset.abs()).otherwise(0).fill_null(0).alias("days_off"),
        (pl.col("closed") - pl.col("opened")).dt.total_minutes().fill_null(0).alias("minutes_open"),
        (pl.col("stamp") - pl.col("closed")).dt.total_minutes().fill_null(0).alias("minutes_to_change"),
    )  # fmt: skip


def _of_tips(frame: pl.DataFrame, usual: Norms, known: Known) -> pl.DataFrame:
    raised = known.superseded.group_by("t").agg(pl.col("tip_minor").fill_null(0).first().alias("first_tip"))
    share = pl.when(pl.col("net_sum_minor") > 0).then(pl.col("tip_minor") / pl.col("net_sum_minor")).otherwise(0.0)
    return (
        frame.join(usual.tips, on="store", how="left", maintain_order="left")
        .join(raised, on="t", how="left", maintain_order="left")
        .with_columns(
            (share * 100).alias("tip_percent"),
            (pl.col("usual_tip") * 100).alias("usual_tip_percent"),
            pl.when(pl.col("first_tip").is_not_null()).then((pl.col("tip_minor") - pl.col("first_tip")).clip(0)).otherwise(0)
            .alias("tip_raised_minor"),
        )
    )  # fmt: skip


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
    hour = cards.rolling("closed", period="1h", group_by="token").agg(
        pl.len().cast(pl.Int64).alias("card_hour"), pl.col("t").last()
    ) if cards.height else pl.DataFrame(schema={"card_hour": pl.Int64, "t": pl.Int64})  # fmt: skip
    joined = ordered.join(hour.select("t", "card_hour").unique("t"), on="t", how="left", maintain_order="left")
    card_day = pl.when(live & pl.col("token").is_not_null()).then(pl.len().over("token", "business_date")).otherwise(0)
    sold = pl.when(pl.col("gift_sold_minor") > 0).then(pl.col("closed"))
    since = (pl.col("closed") - sold.shift(1).forward_fill().over("store", "cashier", "business_date")).dt.total_minutes()
    return joined.with_columns(
        pl.col("card_hour").fill_null(0),
        card_day.alias("card_day"),
        pl.when((pl.col("gift_paid_minor") > 0) & (since <= GIFT_SOON_MINUTES)).then(pl.col("gift_paid_minor")).otherwise(0)
        .fill_null(0).alias("gift_soon_minor"),
        (
            (pl.max_horizontal("paid_back_minor", "equal_minor") >= ROUND_MINOR)
            & (pl.when(pl.col("is_return")).then(pl.col("paid_back_minor")).otherwise(pl.col("total_minor")) % ROUND_MINOR == 0)
        ).fill_null(value=False).alias("round"),
    ).sort("t")  # fmt: skip


def _of_voids(frame: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Of a void after tender: what it was worth, whether it had been paid in cash, whether the same was rung again."""
    paid = known.superseded.group_by("t").agg(pl.col("total_minor").last().alias("posted_minor"))
    frame = frame.join(paid, on="t", how="left", maintain_order="left")
    void = pl.col("kind") == "void_after_tender"
    worth = pl.max_horizontal(
        pl.col("posted_minor").abs().fill_null(0), pl.col("total_minor").abs().fill_null(0), pl.col("net_sum_minor").abs()
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
        pl.col("items").str.split("\x1f").list.set_intersection(pl.col("rung_items").str.split("\x1f")).list.len().alias("same")
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
    "cashier_no_receipt", "cashier_return", "cashier_void", "cashier_manual", "cashier_discount", "cashier_comp",
    "cashier_line_void", "cashier_keyed", "cashier_under_limit", "cashier_gift", "cashier_other_tender",
    "cashier_tip_raised", "pair_return", "pair_manual", "pair_discount", "pair_keyed", "pair_comp", "item_return",
    "item_manual",
)  # fmt: skip

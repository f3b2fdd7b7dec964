"""Facts: from what commits put into truth to the rows of the columnar copy, as pure functions over frames.

Each fact carries the dimensions of its ticket, so that a figure needs no join, and one column for each measure that it
adds to, so that a figure is a plain sum.
"""

from __future__ import annotations

import polars as pl

from ledger.accounts import BANK, SALES_KINDS
from ledger.batch import PAYOUT, SETTLEMENT_KINDS, VOID_KINDS
from ledger.committed import Committed, Details
from ledger.figures.metrics import MEASURE_FACTS

ADDRESS = ("seq", "n")
TICKET_DIMENSIONS = (
    "store", "channel", "register", "cashier", "customer", "business_date", "hour", "tender", "card_brand", "ticket",
    "kind", "is_void",
)  # fmt: skip
TAKEN_BACK = "taken_back"
"""Kind of the facts that take back, in a later period, what a locked one keeps."""


def facts_of(chunk: Committed) -> dict[str, pl.DataFrame]:
    """The rows that commits add to the copy's tables, by table. Pure: the same commits give the same rows.

    Every fact has the date that its entry was posted on. What is taken back in a later period than it was posted in
    stays where it is, and adds its opposite there.
    """
    entries = chunk.entries.select(*ADDRESS, "store", "business_date")
    dates = entries.select(*ADDRESS, "business_date")
    given, back = _details(chunk, dates), _details(chunk.taken_back, dates)
    return {
        "commits": chunk.commits.select("seq", "document"),
        **{name: pl.concat([frame, _opposite(back[name])]) for name, frame in given.items()},
        "postings": chunk.postings.join(entries, on=ADDRESS, how="left").select(
            *ADDRESS, "number", "store", "business_date", "account", pl.col("amount_minor").alias("balance")
        ),
    }


def _details(chunk: Details, dates: pl.DataFrame) -> dict[str, pl.DataFrame]:
    header = _header(chunk, dates)
    return {
        "tickets": _tickets(header, chunk),
        "lines": _lines(header, chunk),
        "tenders": _tenders(header, chunk),
        "taxes": _taxes(header, chunk),
        "events": _events(chunk, dates),
    }


def _opposite(facts: pl.DataFrame) -> pl.DataFrame:
    """Facts with every measure turned round; they are no tickets of their own, and counted as none."""
    turned = facts.with_columns(-pl.col(name) for name in facts.columns if name in MEASURE_FACTS)
    turned = turned.with_columns(pl.lit(TAKEN_BACK).alias("kind")) if "kind" in facts.columns else turned
    return turned.with_columns(pl.lit(value=False).alias("live")) if "live" in facts.columns else turned


def _header(chunk: Details, dates: pl.DataFrame) -> pl.DataFrame:
    """The dimensions of each ticket. Its tender is that of all its tenders, or ``split``."""

    def one_or_split(name: str) -> pl.Expr:
        return pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).otherwise(pl.lit("split")).alias(name)

    paid = chunk.tenders.group_by(ADDRESS).agg(
        one_or_split("type").alias("tender"),
        pl.when(pl.col("brand").n_unique() == 1).then(pl.col("brand").first()).alias("card_brand"),
    )
    moment = pl.coalesce("closed_at", "opened_at") + pl.duration(minutes=pl.col("utc_offset_minutes"))
    return (
        chunk.tickets.drop("business_date")
        .join(dates, on=ADDRESS, how="left", maintain_order="left")
        .join(paid, on=ADDRESS, how="left", maintain_order="left")
        .with_columns(
            moment.dt.hour().cast(pl.Int64).alias("hour"),
            pl.col("external_id").alias("ticket"),
            pl.col("kind").is_in(VOID_KINDS).alias("is_void"),
        )
        .select(*ADDRESS, *TICKET_DIMENSIONS, "locator", "tip_minor", "total_minor")
    )


def _tickets(header: pl.DataFrame, chunk: Details) -> pl.DataFrame:
    worth = chunk.lines.group_by(ADDRESS).agg(pl.col("net_minor").sum().alias("worth"))
    counted = ~pl.col("is_void")
    return header.join(worth, on=ADDRESS, how="left", maintain_order="left").select(
        *ADDRESS,
        *TICKET_DIMENSIONS,
        "locator",
        pl.when(counted & pl.col("kind").is_in(["sale", "exchange"])).then(1).alias("transactions"),
        pl.when(counted & (pl.col("kind") == "return")).then(1).alias("return_count"),
        pl.when(pl.col("is_void")).then(1).alias("void_count"),
        pl.when(pl.col("is_void")).then(pl.coalesce("worth", "total_minor", pl.lit(0))).alias("void_value"),
        pl.when(counted).then(pl.col("tip_minor")).alias("tips"),
    )


def _lines(header: pl.DataFrame, chunk: Details) -> pl.DataFrame:
    lines = chunk.lines.rename({"kind": "line_kind"}).join(
        header.drop("locator"), on=ADDRESS, how="left", maintain_order="left"
    )
    remitted = chunk.taxes.filter(pl.col("facilitator")).select(*ADDRESS, pl.lit(value=True).alias("remitted")).unique()
    lines = lines.join(remitted, on=ADDRESS, how="left", maintain_order="left")
    live = ~pl.col("is_void") & ~pl.col("voided").fill_null(value=False)
    of_sales = live & pl.col("line_kind").is_in(SALES_KINDS)
    returned = pl.col("quantity_micro") < 0
    sold = of_sales & ~returned
    of_cards = live & (pl.col("line_kind") == "gift_card")
    return lines.select(
        *ADDRESS,
        "number",
        *TICKET_DIMENSIONS,
        "locator",
        pl.coalesce("name", "item_id").alias("item"),
        "category",
        live.alias("live"),
        pl.when(sold).then(pl.col("gross_minor")).alias("gross_sales"),
        pl.when(sold & (pl.col("discount_minor") != 0)).then(pl.col("discount_minor")).alias("discounts"),
        pl.when(of_sales & returned).then(-pl.col("net_minor")).alias("returns"),
        pl.when(sold).then(pl.col("quantity_micro")).alias("units_sold"),
        pl.when(of_sales).then(pl.col("cost_minor")).alias("cogs"),
        pl.when(of_sales & pl.col("cost_minor").is_null()).then(1).alias("uncosted"),
        pl.when(live & (pl.col("line_kind") == "service_charge")).then(pl.col("net_minor")).alias("service_charges"),
        pl.when(live & (pl.col("tax_minor") != 0) & pl.col("remitted").is_null())
        .then(pl.col("tax_minor"))
        .alias("tax_collected"),
        pl.when(of_cards & ~returned).then(pl.col("net_minor")).alias("gift_cards_sold"),
        pl.when(of_cards & returned).then(-pl.col("net_minor")).alias("gift_cards_returned"),
        pl.when(live & (pl.col("line_kind") == "account_payment")).then(pl.col("net_minor")).alias("account_payments"),
    )


def _tenders(header: pl.DataFrame, chunk: Details) -> pl.DataFrame:
    joined = chunk.tenders.join(
        header.drop("locator", "tender", "card_brand", "tip_minor"), on=ADDRESS, how="left", maintain_order="left"
    )
    live = ~pl.col("is_void")
    settled = pl.col("kind").is_in(SETTLEMENT_KINDS)
    paid_out = (pl.col("kind") == PAYOUT) & (pl.col("type") == BANK)
    sold = live & ~settled
    collected = pl.col("amount_minor") - pl.col("change_minor").fill_null(0)
    return joined.with_columns(pl.col("type").alias("tender"), pl.col("brand").alias("card_brand")).select(
        *ADDRESS,
        "number",
        *TICKET_DIMENSIONS,
        "locator",
        pl.when(sold).then(collected).alias("total_collected"),
        pl.when(live).then(pl.col("fee_minor")).alias("payment_fees"),
        pl.when(sold & (collected > 0)).then(collected).alias("tenders_taken"),
        pl.when(sold & (collected < 0)).then(-collected).alias("tenders_returned"),
        pl.when(live & settled & (collected > 0)).then(collected).alias("settled_to"),
        pl.when(live & settled & (collected < 0)).then(-collected).alias("settled_from"),
        pl.when(live & paid_out).then(collected).alias("payouts"),
    )


def _taxes(header: pl.DataFrame, chunk: Details) -> pl.DataFrame:
    charged = ~pl.col("is_void")
    remitted = pl.col("facilitator").fill_null(value=False)
    live = charged & ~remitted
    amount = pl.col("amount_minor")
    return chunk.taxes.join(header, on=ADDRESS, how="left", maintain_order="left").select(
        *ADDRESS,
        "number",
        *TICKET_DIMENSIONS,
        "locator",
        "jurisdiction",
        pl.when(live).then(amount).alias("tax_collected"),
        pl.when(live & (amount > 0)).then(amount).alias("tax_charged"),
        pl.when(live & (amount < 0)).then(-amount).alias("tax_refunded"),
        pl.when(live).then(pl.col("base_minor")).alias("taxable_base"),
        pl.when(live & pl.col("base_minor").is_null()).then(1).alias("without_base"),
        pl.when(charged & remitted).then(amount).alias("marketplace_tax"),
    )


def _events(chunk: Details, dates: pl.DataFrame) -> pl.DataFrame:
    moment = pl.col("at") + pl.duration(minutes=pl.col("utc_offset_minutes"))
    counted = pl.col("kind").is_in(["count", "close"])
    moved = pl.col("kind").is_in(["paid_in", "paid_out"])
    tips = pl.col("kind") == "tips_paid_out"
    events = chunk.events.drop("business_date").join(dates, on=ADDRESS, how="left", maintain_order="left")
    return events.select(
        *ADDRESS,
        "store",
        "register",
        "cashier",
        "business_date",
        moment.dt.hour().cast(pl.Int64).alias("hour"),
        pl.col("external_id").alias("ticket"),
        "locator",
        pl.when(counted).then(pl.col("counted_minor") - pl.col("expected_minor")).alias("over_short"),
        *(
            pl.when(moved & (pl.col(f"cash_{way}_minor") != 0))
            .then(pl.col(f"cash_{way}_minor"))
            .alias(f"cash_paid_{way}")
            for way in ("in", "out")
        ),
        pl.when(tips)
        .then(pl.col("cash_out_minor").fill_null(0) - pl.col("cash_in_minor").fill_null(0))
        .alias("tips_paid_out"),
        pl.when(pl.col("deposited_minor") != 0).then(pl.col("deposited_minor")).alias("cash_deposited"),
    )

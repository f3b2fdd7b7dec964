"""What follows from the amounts that a source gives: numbers of lines, a ticket's discount on its lines, one line or
one tax where it names none, and the sign of returns.
"""

from __future__ import annotations

import polars as pl

from ingest.expressions import MICRO
from ledger.accounts import SALES_KINDS
from ledger.batch import LINES, TAXES


def numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows numbered from 1 within their ticket where they have no number of their own."""
    counted = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("ticket")
    if "number" not in frame.columns or frame["number"].null_count():
        frame = frame.with_columns(counted.alias("number"))
    return frame


def spread(lines: pl.DataFrame, headers: pl.DataFrame) -> pl.DataFrame:
    """A ticket's discount spread over its sale lines in proportion to their net, exactly: each gets its share rounded
    down, and the minor units that are left go one each to the largest remainders, the first line first among equals.

    A discount that is negative, as of a return, goes to the lines that were taken back; any other to those sold. Tax is
    as the till says; it is not computed anew.
    """
    of_ticket = headers.filter(pl.col("discount_minor").fill_null(0) != 0).select(
        "ticket", pl.col("discount_minor").alias("whole")
    )
    sign = pl.col("whole").sign()
    takes = ~pl.col("voided") & pl.col("kind").is_in(SALES_KINDS) & (pl.col("net_minor").sign() == sign)
    shared = lines.join(of_ticket, on="ticket", how="left", maintain_order="left").with_columns(
        pl.when(takes).then(pl.col("net_minor").abs()).otherwise(0).alias("weight")
    )
    shared = shared.with_columns(pl.col("weight").sum().over("ticket").clip(1).alias("total"))
    product = pl.col("whole").abs().fill_null(0).cast(pl.Int128) * pl.col("weight")  # two amounts can exceed 64 bits
    shared = shared.with_columns(
        (product // pl.col("total")).cast(pl.Int64).alias("share"),
        (product % pl.col("total")).cast(pl.Int64).alias("rest"),
    )
    left = pl.col("rest").sum().over("ticket") // pl.col("total")
    rank = pl.struct(-pl.col("rest"), "number").rank("ordinal").over("ticket")
    share = (pl.col("share") + (rank <= left).cast(pl.Int64)) * sign.fill_null(1)
    return shared.with_columns(
        (pl.col("discount_minor") + share).alias("discount_minor"), (pl.col("net_minor") - share).alias("net_minor")
    ).select(lines.columns)


def one_line(headers: pl.DataFrame) -> pl.DataFrame:
    """One line a ticket, for sources that give totals alone."""
    net = pl.coalesce(
        pl.col("net_minor"),
        pl.col("total_minor")
        - pl.col("tax_minor").fill_null(0)
        - pl.col("tip_minor").fill_null(0)
        - pl.col("rounding_minor").fill_null(0),
    )
    discount = pl.col("discount_minor").fill_null(0)
    return headers.select(
        "ticket",
        pl.lit(1, pl.Int64).alias("number"),
        pl.lit("item").alias("kind"),
        *(pl.lit(None, LINES[name]).alias(name) for name in ("item_id", "name", "category", "list_price_minor")),
        *(pl.lit(None, LINES[name]).alias(name) for name in ("unit_price_minor", "discount_code", "override_reason")),
        pl.lit(None, pl.String).alias("discount_kind"),
        pl.lit(None, pl.Int64).alias("cost_minor"),
        pl.when(net < 0).then(-MICRO).otherwise(MICRO).cast(pl.Int64).alias("quantity_micro"),
        (net + discount).alias("gross_minor"),
        discount.alias("discount_minor"),
        net.alias("net_minor"),
        pl.col("tax_minor"),
        pl.lit(value=False).alias("voided"),
        "locator",
    )


def taxes_of_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """One tax a ticket, of no named jurisdiction, from the tax of its lines."""
    taxed = lines.filter(pl.col("tax_minor").is_not_null() & ~pl.col("voided"))
    return (
        taxed.group_by("ticket", maintain_order=True)
        .agg(pl.col("net_minor").sum().alias("base_minor"), pl.col("tax_minor").sum().alias("amount_minor"))
        .filter(pl.col("amount_minor") != 0)
        .with_columns(
            pl.lit(1, pl.Int64).alias("number"),
            *(pl.lit(None, TAXES[name]).alias(name) for name in ("line", "jurisdiction", "rate_micro", "facilitator")),
            pl.lit(value=False).alias("included"),
        )
        .select(list(TAXES))
    )


def due(headers: pl.DataFrame, lines: pl.DataFrame, taxes: pl.DataFrame) -> pl.DataFrame:
    """What a ticket comes to, as the amount of its one unnamed tender."""
    sums = (
        lines.filter(~pl.col("voided")).group_by("ticket").agg(pl.col("net_minor").sum().alias("lines_net")),
        taxes.group_by("ticket").agg(pl.col("amount_minor").sum().alias("taxes")),
    )
    joined = headers.select("ticket", "tip_minor", "rounding_minor")
    for one in sums:
        joined = joined.join(one, on="ticket", how="left")
    return joined.select("ticket", pl.sum_horizontal(pl.exclude("ticket").fill_null(0)).alias("amount_minor"))


def turned(frame: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """Amounts and quantities of returns made negative, for tills that write them as positive numbers."""
    amounts = [
        name
        for name in frame.columns
        if name.endswith("_minor") and name not in ("list_price_minor", "unit_price_minor", "change_minor", "fee_minor")
    ]
    amounts += ["quantity_micro"] if "quantity_micro" in frame.columns else []
    returned = pl.col("ticket").is_in(kinds.filter(pl.col("kind") == "return")["ticket"].implode())
    return frame.with_columns(
        pl.when(returned).then(-pl.col(name)).otherwise(pl.col(name)).alias(name) for name in amounts
    )

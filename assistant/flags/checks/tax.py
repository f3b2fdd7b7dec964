"""Tax against the rates that the book uses: a ticket that was taxed otherwise, or a day of a store that was.

The rates are those that the book's own tickets show, for each store and jurisdiction, and for each item where lines
carry their tax. A day on which most tickets are off is one finding: the till's table was wrong, not its cashiers.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from assistant.flags.checks import CERTAIN, less_sure
from assistant.flags.features.norms import ITEM
from assistant.flags.finding import Finding
from assistant.flags.flag import Level
from assistant.flags.known import Known
from assistant.flags.rules import Rule
from ledger.batch import VOID_KINDS

MICRO = 1_000_000
SEEN_ON_DAYS = 0.05
"""A rate is usual where it is used on so large a share of the days."""
USUAL_SHARE = 0.8
EXEMPT = "no tax"
UNTAXED = ("gift_card", "deposit", "donation", "account_payment")
"""Lines on which no tax is due when they are sold, though tills have them in the base that they write."""
DAYS_SELDOM = 0.1
"""Where more of the store-days are taxed otherwise than usual, no rate is usual."""


def wrong_tax(known: Known, ticket: Rule, day: Rule) -> Iterator[Finding]:
    """Findings of single tickets, and of store-days where many tickets are taxed wrongly."""
    tolerance = int(ticket.parameters["tolerance_minor"])
    off = pl.concat([_off_by_rate(known, tolerance), _off_by_line(known, tolerance), _off_by_share(known)])
    if off.is_empty():
        return
    charged = known.tickets.filter(~pl.col("kind").is_in(VOID_KINDS)).select(
        "t", "source", "external_id", "store", "business_date", "total_minor"
    )
    found = (
        off.group_by("t")
        .agg(
            pl.col("expected_minor").sum(), pl.col("observed_minor").sum(), pl.col("exempt").all(), pl.col("of").first()
        )
        .join(charged, on="t")
        .sort("t")
    )
    sizes = charged.group_by("store", "business_date").agg(pl.len().alias("n"))
    days = (
        found.group_by("store", "business_date", maintain_order=True)
        .agg(
            pl.len().alias("wrong"),
            pl.col("expected_minor").sum(),
            pl.col("observed_minor").sum(),
            pl.col("t").first(),
            pl.col("of").first(),
        )
        .join(sizes, on=["store", "business_date"], maintain_order="left")
        .filter(
            (pl.col("wrong") >= int(day.parameters["least"]))
            & (pl.col("wrong") >= float(day.parameters["share"]) * pl.col("n"))
        )
    )
    sure = less_sure(CERTAIN, days.height, sizes.height, seldom=DAYS_SELDOM)
    for row in days.iter_rows(named=True):
        yield Finding(
            Level.STORE_DAY,
            day.id,
            (row["store"], row["business_date"]),
            sure,
            store=row["store"],
            business_date=row["business_date"],
            tickets=(int(row["t"]),),
            money_minor=abs(int(row["expected_minor"] - row["observed_minor"])),
            values={
                "wrong": row["wrong"],
                "tickets": row["n"],
                "expected_minor": row["expected_minor"],
                "observed_minor": row["observed_minor"],
                "of": row["of"],
            },
        )
    single = found.join(days.select("store", "business_date"), on=["store", "business_date"], how="anti").filter(
        ~pl.col("exempt")
    )
    likelihood = less_sure(CERTAIN / 20, single.height, charged.height)
    for row in single.iter_rows(named=True):
        yield Finding(
            Level.TICKET,
            ticket.id,
            (row["source"], row["external_id"]),
            likelihood,
            tickets=(int(row["t"]),),
            money_minor=abs(int(row["expected_minor"] - row["observed_minor"])),
            values={
                "expected_minor": row["expected_minor"],
                "observed_minor": row["observed_minor"],
                "external_id": row["external_id"],
                "of": row["of"],
            },
        )


_OFF = {
    "t": pl.Int64(),
    "expected_minor": pl.Int64(),
    "observed_minor": pl.Int64(),
    "exempt": pl.Boolean(),
    "of": pl.String(),
}


def _off(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(dtype) for name, dtype in _OFF.items())


def _off_by_rate(known: Known, tolerance: int) -> pl.DataFrame:
    """Tickets whose tax has another rate than its jurisdiction's usual ones, or is not its rate times its base."""
    taxes = known.taxes.filter(pl.col("base_minor").is_not_null() & (pl.col("base_minor") != 0)).join(
        known.tickets.filter(~pl.col("kind").is_in(VOID_KINDS)).select("t", "store", "business_date"), on="t"
    )
    if taxes.is_empty():
        return _off(pl.DataFrame(schema=_OFF))
    untaxed = (
        known.lines.filter(pl.col("kind").is_in(UNTAXED) & ~pl.col("voided").fill_null(value=False))
        .group_by("t")
        .agg(pl.col("net_minor").sum().alias("untaxed_minor"))
    )
    included = pl.col("included").fill_null(value=False)
    taxes = (
        taxes.with_columns(
            pl.coalesce(
                "rate_micro",
                (pl.col("amount_minor") * MICRO / pl.col("base_minor") / 500).round(0).cast(pl.Int64) * 500,
            ).alias("rate"),
            pl.col("jurisdiction").fill_null("tax"),
            included.alias("included"),
        )
        .join(untaxed, on="t", how="left")
        .with_columns(pl.col("untaxed_minor").fill_null(0))
    )
    keys = ["store", "jurisdiction"]
    days = taxes.group_by(keys).agg(pl.col("business_date").n_unique().alias("days"), pl.len().alias("rows"))
    rates = (
        taxes.group_by(*keys, "rate")
        .agg(pl.col("business_date").n_unique().alias("on_days"), pl.len().alias("n"))
        .join(days, on=keys)
        .with_columns((pl.col("on_days") >= (SEEN_ON_DAYS * pl.col("days")).clip(2.0)).alias("usual"))
    )
    main = (
        rates.filter(pl.col("usual"))
        .sort("n", "rate", descending=True)
        .group_by(keys, maintain_order=True)
        .agg(pl.col("rate").first().alias("main"), (pl.col("n").sum() / pl.col("rows").first()).alias("share"))
    )
    judged = taxes.join(rates.select(*keys, "rate", "usual"), on=[*keys, "rate"]).join(main, on=keys)
    unusual = ~pl.col("usual") & (pl.col("share") >= USUAL_SHARE)
    net = pl.col("base_minor")
    by_main = (net * pl.col("main") / MICRO).round(0)
    by_rate = (net * pl.col("rate") / MICRO).round(0)
    far = (pl.col("amount_minor") - by_main).abs() > tolerance + 0.002 * net.abs()
    without = ((net - pl.col("untaxed_minor")) * pl.col("rate") / MICRO).round(0)
    off = pl.min_horizontal((pl.col("amount_minor") - by_rate).abs(), (pl.col("amount_minor") - without).abs())
    broken = (off > tolerance + 0.005 * net.abs()) & pl.col("rate_micro").is_not_null() & ~pl.col("included")
    # A till that gives the whole ticket as the base, taxed or not, has no arithmetic to check.
    adds_up = broken.mean().over(keys) <= 1 - USUAL_SHARE
    return _off(
        judged.with_columns((broken & adds_up).alias("broken"))
        .filter((unusual & far) | pl.col("broken"))
        .select(
            "t",
            by_main.cast(pl.Int64).alias("expected_minor"),
            pl.col("amount_minor").alias("observed_minor"),
            (pl.col("rate") == 0).alias("exempt"),
            pl.col("jurisdiction").alias("of"),
        )
    )


def _off_by_line(known: Known, tolerance: int) -> pl.DataFrame:
    """Tickets with lines that are taxed otherwise than the same item usually is, where lines carry their tax."""
    lines = (
        known.lines.filter(
            pl.col("tax_minor").is_not_null()
            & ~pl.col("voided").fill_null(value=False)
            & (pl.col("net_minor").abs() >= 100)
        )
        .with_columns(ITEM)
        .drop_nulls("item")
        .join(known.tickets.filter(~pl.col("kind").is_in(VOID_KINDS)).select("t", "store", "business_date"), on="t")
    )
    if lines.is_empty():
        return _off(pl.DataFrame(schema=_OFF))
    rate = pl.col("tax_minor") / pl.col("net_minor")
    usual = (
        lines.with_columns(rate.alias("rate"))
        .group_by("store", "item")
        .agg(
            pl.col("rate").median().alias("usual"),
            pl.len().alias("n"),
            pl.col("business_date").n_unique().alias("days"),
            ((pl.col("rate") - pl.col("rate").median()).abs() <= 0.01).mean().alias("share"),
        )
        .filter((pl.col("n") >= 20) & (pl.col("days") >= 5) & (pl.col("share") >= USUAL_SHARE))
    )
    judged = lines.join(usual, on=["store", "item"])
    expected = (pl.col("net_minor") * pl.col("usual")).round(0)
    wrong = (pl.col("tax_minor") - expected).abs() > tolerance + 0.004 * pl.col("net_minor").abs()
    return _off(
        judged.filter(wrong)
        .with_columns(expected.cast(pl.Int64).alias("expected_minor"))
        .group_by("t", maintain_order=True)
        .agg(
            pl.col("expected_minor").sum(),
            pl.col("tax_minor").sum().alias("observed_minor"),
            (pl.col("tax_minor") == 0).all().alias("exempt"),
            pl.lit("its items").first().alias("of"),
        )
        .sort("t")
    )


def _off_by_share(known: Known) -> pl.DataFrame:
    """Tickets without any tax in stores where nearly every ticket has some, and the usual share is nearly one
    number."""
    net = known.lines.filter(~pl.col("voided").fill_null(value=False)).group_by("t").agg(pl.col("net_minor").sum())
    taxes = known.taxes.group_by("t").agg(pl.col("amount_minor").sum().alias("tax"))
    tickets = (
        known.tickets.filter(~pl.col("kind").is_in(VOID_KINDS))
        .select("t", "store")
        .join(net, on="t", how="inner")
        .join(taxes, on="t", how="left")
        .with_columns(pl.col("tax").fill_null(0))
        .filter(pl.col("net_minor").abs() >= 200)
    )
    stores = (
        tickets.with_columns((pl.col("tax") / pl.col("net_minor")).alias("rate"))
        .group_by("store")
        .agg(pl.col("rate").median().alias("usual"), (pl.col("tax") == 0).mean().alias("none"), pl.len().alias("n"))
        .filter((pl.col("n") >= 50) & (pl.col("usual") > 0.005) & (pl.col("none") < 0.1))
    )
    judged = tickets.filter(pl.col("tax") == 0).join(stores, on="store")
    return _off(
        judged.select(
            "t",
            (pl.col("net_minor") * pl.col("usual")).round(0).alias("expected_minor"),
            pl.lit(0).alias("observed_minor"),
            pl.lit(value=True).alias("exempt"),
            pl.lit(EXEMPT).alias("of"),
        )
    ).sort("t")

"""Deliveries that came late, and tickets that came long after their day or before it."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from assistant.flags.checks import CERTAIN, less_sure
from assistant.flags.checks.sequence import Sequence
from assistant.flags.finding import Finding
from assistant.flags.flag import Level
from assistant.flags.known import Known
from assistant.flags.rules import Rule

DAYS_IN_ONE_MAX = 7
"""A file with more days than this brings history; its days were not late."""


def lags(known: Known) -> pl.DataFrame:
    """A row a delivery: store, days, tickets, when it was received, and how many hours after its last day it was."""
    tickets = known.tickets.with_columns(pl.coalesce("received_at", "recorded_at").alias("came"))
    made = (
        tickets.group_by("source", "document", maintain_order=True)
        .agg(
            pl.col("document_id").first(),
            pl.col("store").n_unique().alias("stores"),
            pl.col("store").first(),
            pl.col("business_date").n_unique().alias("days"),
            pl.col("business_date").max().alias("last"),
            pl.col("came").min(),
            pl.col("received_at").is_not_null().all().alias("told"),
            pl.len().alias("n"),
            pl.col("total_minor").abs().sum().alias("money"),
            pl.col("t").first(),
        )
        .filter(pl.col("days") <= DAYS_IN_ONE_MAX)
    )
    end = pl.col("last").cast(pl.Datetime("us")).dt.replace_time_zone("UTC") + pl.duration(days=1)
    return made.with_columns(((pl.col("came") - end).dt.total_minutes() / 60).alias("hours"))


def stale(known: Known, rule: Rule) -> Iterator[Finding]:
    """Deliveries that came much later after their last day than their source's usually do."""
    found = lags(known)
    usual = found.group_by("source").agg(
        pl.col("hours").median().alias("usual"),
        (pl.col("hours") - pl.col("hours").median()).abs().median().alias("spread"),
        pl.len().alias("deliveries"),
    )
    least = float(rule.parameters["hours"])
    late = (
        found.join(usual, on="source", maintain_order="left")
        .filter(pl.col("deliveries") >= int(rule.parameters["deliveries"]))
        .filter(pl.col("hours") - pl.col("usual") > pl.max_horizontal(pl.lit(least), 6 * pl.col("spread")))
    )
    for row in late.iter_rows(named=True):
        yield Finding(
            Level.DOCUMENT,
            rule.id,
            (row["source"], row["document"]),
            CERTAIN / 10,
            document=row["document"],
            store=row["store"] if row["stores"] == 1 else None,
            business_date=row["last"],
            tickets=(int(row["t"]),),
            documents=(row["document_id"],),
            money_minor=int(row["money"]),
            values={
                "document": row["document"],
                "hours": round(row["hours"]),
                "usual_hours": round(row["usual"]),
                "tickets": row["n"],
            },
        )


def misdated(known: Known, numbers: Sequence, features: pl.DataFrame, rule: Rule) -> Iterator[Finding]:
    """Tickets at another business date than their time, or the tickets with the numbers around them, say."""
    by_number = numbers.steps.with_columns(
        (pl.col("number_date") - pl.col("business_date")).dt.total_days().fill_null(0).alias("behind")
    ).select("t", "behind", "number_date")
    judged = features.select(
        "t", "source", "external_id", "store", "business_date", "closed", "days_off", "total_minor"
    ).join(by_number, on="t", how="left", maintain_order="left")
    days = int(rule.parameters["days"])
    off = (pl.col("days_off") >= days) | (pl.col("behind").fill_null(0).abs() >= days)
    share = judged.group_by("store").agg(off.mean().alias("share"))
    found = judged.filter(off).join(share, on="store", maintain_order="left")
    found = found.filter(pl.col("share") <= float(rule.parameters["share"]))  # else the store counts its days otherwise
    likelihood = less_sure(CERTAIN / 20, found.height, judged.height)
    for row in found.iter_rows(named=True):
        by_time = row["closed"].date() if row["closed"] is not None and row["days_off"] >= days else row["number_date"]
        yield Finding(
            Level.TICKET,
            rule.id,
            (row["source"], row["external_id"]),
            likelihood,
            tickets=(int(row["t"]),),
            money_minor=abs(int(row["total_minor"] or 0)),
            values={"external_id": row["external_id"], "business_date": row["business_date"], "real_date": by_time},
        )

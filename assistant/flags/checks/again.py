"""The same ticket, or the same delivery, again: under other numbers, or once more under its own."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from assistant.flags.checks import CERTAIN, less_sure
from assistant.flags.finding import Finding
from assistant.flags.flag import Level
from assistant.flags.known import Known
from assistant.flags.rules import Rule
from ledger.deliveries import AGAIN, delivery_of

SHIFTED_LEAST = 6
"""A delivery that came again at other dates is recognised by so many tickets at the same times of the day."""
_OF_A_DELIVERY = (
    pl.len().alias("same"),
    pl.col("total_minor").abs().sum().alias("money"),
    pl.col("t").first(),
    pl.col("document_id").first(),
    pl.col("store").first(),
    pl.col("business_date").min(),
)
"""What is told of the tickets of one delivery that have their like in another."""


def repeated(known: Known, ticket: Rule, delivery: Rule) -> Iterator[Finding]:
    """Tickets with other numbers and the same content to the second. Where they make up a delivery, that is the
    finding, and not each of its tickets."""
    content = _contents(known)
    exact = content.filter(pl.col("closed").is_not_null()).with_columns(
        pl.len().over("exact").alias("copies"), pl.col("t").first().over("exact").alias("first_t")
    )
    copies = exact.filter((pl.col("copies") > 1) & (pl.col("t") != pl.col("first_t"))).join(
        content.select(
            pl.col("t").alias("first_t"), pl.col("document").alias("of"), pl.col("external_id").alias("like")
        ),
        on="first_t",
    )
    sizes = content.group_by("document").agg(pl.len().alias("n"))
    whole = (
        copies.filter(pl.col("document") != pl.col("of"))
        .group_by("document", "of")
        .agg(*_OF_A_DELIVERY)
        .join(sizes, on="document")
    )
    least, share = int(delivery.parameters["least"]), float(delivery.parameters["share"])
    whole = whole.filter((pl.col("same") >= least) & (pl.col("same") >= share * pl.col("n")))
    shifted = _shifted(content, sizes, least, share).join(whole, on="document", how="anti")
    for row in (
        *whole.sort("document", "of").iter_rows(named=True),
        *shifted.sort("document", "of").iter_rows(named=True),
    ):
        yield Finding(
            Level.DOCUMENT,
            delivery.id,
            (row["document"],),
            CERTAIN,
            document=row["document"],
            store=row["store"],
            business_date=row["business_date"],
            tickets=(int(row["t"]),),
            documents=(row["document_id"],),
            money_minor=int(row["money"]),
            values={"same": row["same"], "tickets": row["n"], "document": row["document"], "of": row["of"]},
        )
    alone = copies.join(whole.select("document", "of"), on=["document", "of"], how="anti")
    likelihood = less_sure(CERTAIN, alone.height, content.height)
    for row in alone.sort("t").iter_rows(named=True):
        yield Finding(
            Level.TICKET,
            ticket.id,
            (row["source"], row["external_id"]),
            likelihood,
            tickets=(int(row["t"]), int(row["first_t"])),
            money_minor=abs(int(row["total_minor"] or 0)),
            values={"external_id": row["external_id"], "like": row["like"], "total_minor": row["total_minor"]},
        )


def _contents(known: Known) -> pl.DataFrame:
    """Two texts a ticket: its content with its exact time, and with its time of day only; in order of arrival."""
    lines = known.lines.group_by("t", maintain_order=True).agg(
        pl.concat_str(
            pl.coalesce("item_id", "name", pl.lit("")),
            pl.col("quantity_micro").cast(pl.String),
            pl.col("net_minor").cast(pl.String),
            separator="\x1f",
            ignore_nulls=True,
        )
        .str.join("\x1e")
        .alias("goods")
    )
    paid = known.tenders.group_by("t", maintain_order=True).agg(
        pl.concat_str(
            pl.col("tender"),
            pl.col("amount_minor").cast(pl.String),
            pl.col("token"),
            separator="\x1f",
            ignore_nulls=True,
        )
        .str.join("\x1e")
        .alias("paid")
    )
    frame = (
        known.tickets.select(
            "t",
            "seq",
            "n",
            "source",
            "external_id",
            "store",
            "register",
            "cashier",
            "kind",
            "closed",
            "business_date",
            "total_minor",
            "document",
            "document_id",
            "original_external_id",
            "place",
        )
        .join(lines, on="t", how="left", maintain_order="left")
        .join(paid, on="t", how="left", maintain_order="left")
        .sort("seq", "n")
    )
    same = [
        pl.col(name).cast(pl.String).fill_null("")
        for name in ("store", "register", "cashier", "kind", "total_minor", "original_external_id", "goods", "paid")
    ]
    return frame.with_columns(
        pl.concat_str(*same, pl.col("closed").cast(pl.String), separator="\x1d").hash(seed=7).alias("exact"),
        pl.concat_str(*same, pl.col("closed").dt.time().cast(pl.String), separator="\x1d").hash(seed=7).alias("timed"),
    )


def _shifted(content: pl.DataFrame, sizes: pl.DataFrame, least: int, share: float) -> pl.DataFrame:
    """Deliveries most of whose tickets have their like, at the same time of another day, in one other delivery."""
    timed = content.filter(pl.col("closed").is_not_null())
    first = timed.unique("timed", keep="first", maintain_order=True).select("timed", pl.col("document").alias("of"))
    again = timed.join(first, on="timed").filter(pl.col("document") != pl.col("of"))
    return (
        again.group_by("document", "of")
        .agg(*_OF_A_DELIVERY)
        .join(sizes, on="document")
        .filter((pl.col("same") >= max(least, SHIFTED_LEAST)) & (pl.col("same") >= share * pl.col("n")))
    )


def delivered_again(known: Known, rule: Rule) -> Iterator[Finding]:
    """Deliveries of which nearly every record was in the book already, under its own number."""
    for feed in known.feeds:
        if (
            feed.received >= int(rule.parameters["least"])
            and feed.duplicates >= float(rule.parameters["share"]) * feed.received
        ):
            yield Finding(
                Level.DOCUMENT,
                rule.id,
                (feed.document, feed.intake),
                CERTAIN,
                document=feed.name,
                documents=(feed.document,),
                values={"document": feed.name, "same": feed.duplicates, "records": feed.received},
            )


def brought_again(known: Known, rule: Rule) -> Iterator[Finding]:
    """Deliveries within one file most of whose tickets an earlier one brought under the same numbers."""
    held = pl.DataFrame(
        [
            (delivery_of(one.reason), one.document, one.external_id, one.source)
            for one in known.held
            if one.rule == AGAIN
        ],
        schema={"delivery": pl.String, "document_id": pl.String, "external_id": pl.String, "source": pl.String},
        orient="row",
    ).drop_nulls("delivery")
    sizes = known.tickets.group_by("delivery").agg(pl.len().alias("own"))
    first = known.tickets.select("source", "external_id", "t", "store", "business_date", "total_minor")
    again = (
        held.join(first, on=["source", "external_id"], how="left", maintain_order="left")
        .group_by("delivery", "document_id", maintain_order=True)
        .agg(
            pl.len().alias("same"),
            pl.col("t").drop_nulls().first(),
            pl.col("store").drop_nulls().first(),
            pl.col("business_date").min(),
            pl.col("total_minor").abs().sum().alias("money"),
        )
        .join(sizes, on="delivery", how="left", maintain_order="left")
        .with_columns((pl.col("same") + pl.col("own").fill_null(0)).alias("records"))
    )
    for row in again.iter_rows(named=True):
        if row["same"] >= int(rule.parameters["least"]) and row["same"] >= 0.5 * row["records"]:
            yield Finding(
                Level.DOCUMENT,
                rule.id,
                (row["document_id"], row["delivery"]),
                CERTAIN,
                document=row["delivery"],
                store=row["store"],
                business_date=row["business_date"],
                tickets=() if row["t"] is None else (int(row["t"]),),
                documents=(row["document_id"],),
                money_minor=int(row["money"]),
                values={"document": row["delivery"], "same": row["same"], "records": row["records"]},
            )


def numbers_again(known: Known, rule: Rule) -> Iterator[Finding]:
    """Two different tickets of one till with the same number in its sequence."""
    told = known.tickets.drop_nulls("sequence")
    twice = told.with_columns(
        pl.len().over("source", "store", "register", "sequence").alias("copies"),
        pl.col("t").first().over("source", "store", "register", "sequence").alias("first_t"),
    ).filter((pl.col("copies") > 1) & (pl.col("t") != pl.col("first_t")))
    if twice.height > float(rule.parameters["share"]) * max(1, told.height):
        return  # the till begins anew, every day perhaps
    for row in twice.sort("t").iter_rows(named=True):
        yield Finding(
            Level.TICKET,
            rule.id,
            (row["source"], row["external_id"]),
            CERTAIN / 100,
            tickets=(int(row["t"]), int(row["first_t"])),
            money_minor=abs(int(row["total_minor"] or 0)),
            values={"external_id": row["external_id"], "sequence": row["sequence"], "register": row["register"]},
        )

"""What a book knows, as the frames that flags are found in: the live tickets with their parts, till events, deliveries.

Everything is read from truth. Of a ticket with several versions the live one is here, and of each earlier one what it
said (``superseded``). ``t`` numbers the tickets and is the key of the frames; the order is that of business date and
number at the till, whatever the order of arrival.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from assistant.flags.gathered import Frames, gathered
from ledger.accounts import Chart
from ledger.batch import SETTLEMENT_KINDS
from ledger.book import Book
from ledger.reading import Feed, HeldRow
from ledger.settings import BookSettings

ADDRESS = ["seq", "n"]
SEQUENCE_DIGITS_MAX = 18
"""Digits at the end of a ticket's number that are read as its place in a sequence; more do not fit a whole number."""


@dataclass(frozen=True)
class Known:
    """Frames of what is known at a head of the book.

    ``tickets`` have the columns of ``ledger.batch.TICKETS`` with the address ``seq, n`` of their entry and

    - ``closed``, ``opened``, ``stamp``: the store's wall clock;
    - ``place``: the number of the ticket in its sequence: the till's own, or the digits that its number ends in;
    - ``document``: of the delivery where the source tells one, else the name of the file that it came in;
    - ``document_id``, ``recorded_at``.

    ``tenders`` have ``tender``, the canonical type. ``events`` have their own address and ``clock``. ``superseded`` has
    a row an earlier version: ``t`` of the live one, the version's ``total_minor``, ``tip_minor`` and ``kind``.
    """

    settings: BookSettings
    tickets: pl.DataFrame
    lines: pl.DataFrame
    tenders: pl.DataFrame
    taxes: pl.DataFrame
    events: pl.DataFrame
    superseded: pl.DataFrame
    feeds: tuple[Feed, ...] = ()
    held: tuple[HeldRow, ...] = ()

    @property
    def currency(self) -> str:
        return self.settings.book.currency

    @property
    def span(self) -> tuple[date, date] | None:
        """First and last business date of a ticket."""
        if self.tickets.is_empty():
            return None
        first, last = self.tickets["business_date"].min(), self.tickets["business_date"].max()
        assert isinstance(first, date) and isinstance(last, date)
        return first, last


def read(book: Book, days_max: int, folder: Path | None = None) -> Known:
    """Read the last ``days_max`` business dates of a book at its head; what was read before is kept in ``folder``."""
    documents = pl.DataFrame(
        [(one.id, one.name) for one in book.documents()],
        schema={"document_id": pl.String(), "file": pl.String()},
        orient="row",
    )
    return _arranged(book, gathered(book, folder), documents, days_max)


def _arranged(book: Book, frames: Frames, documents: pl.DataFrame, days_max: int) -> Known:
    reversed_ = frames["reversed"]
    recorded = frames["commits"].select("seq", pl.from_epoch("recorded_at", "us").dt.replace_time_zone("UTC"))
    # What processors do with the money that they hold is nobody's doing at a till.
    sold = ~pl.col("kind").is_in(SETTLEMENT_KINDS)
    every = frames["tickets"].filter(sold).join(recorded, on="seq", how="left")
    live, events = (one.join(reversed_, on=ADDRESS, how="anti") for one in (every, frames["events"]))
    last = live["business_date"].max()
    if isinstance(last, date):
        since = last - timedelta(days=days_max - 1)
        live = live.filter(pl.col("business_date") >= since)
        events = events.filter(pl.col("business_date") >= since)
    tickets = numbered(_named(live, documents))
    key = tickets.select(*ADDRESS, "t")
    superseded = (
        every.join(live, on=ADDRESS, how="anti")
        .select("source", "external_id", "version_stamp", "total_minor", "tip_minor", "kind")
        .join(tickets.select("source", "external_id", "t"), on=["source", "external_id"])
        .select("t", "version_stamp", "total_minor", "tip_minor", "kind")
        .sort("t", "version_stamp")
    )
    chart = Chart.of(book.settings)
    return Known(
        book.settings,
        tickets,
        _of(frames["lines"], key),
        canonical(_of(frames["tenders"], key), chart),
        _of(frames["taxes"], key),
        clocked(_named(events, documents)),
        superseded,
        tuple(book.feeds()),
        tuple(book.held()),
    )


def _named(frame: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """``document`` as people know it: the source's own delivery, else the name of the file."""
    named = frame.rename({"document": "document_id"}).join(documents, on="document_id", how="left")
    return named.with_columns(pl.coalesce("delivery", "file", "document_id").alias("document")).drop("file")


def numbered(tickets: pl.DataFrame) -> pl.DataFrame:
    """Tickets in their order with ``t``, the store's wall clock and the place in the sequence."""

    def wall(name: str) -> pl.Expr:
        return (pl.col(name) + pl.duration(minutes=pl.col("utc_offset_minutes"))).dt.replace_time_zone(None)

    digits = pl.col("external_id").str.extract(rf"(\d{{1,{SEQUENCE_DIGITS_MAX}}})\D*$").cast(pl.Int64, strict=False)
    return (
        tickets.with_columns(
            pl.coalesce(wall("closed_at"), wall("opened_at")).alias("closed"),
            wall("opened_at").alias("opened"),
            wall("version_stamp").alias("stamp"),
            pl.coalesce("sequence", digits).alias("place"),
        )
        .sort("business_date", "store", "closed", "source", "external_id", nulls_last=True)
        .with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("t"))
    )


def _of(frame: pl.DataFrame, key: pl.DataFrame) -> pl.DataFrame:
    return frame.join(key, on=ADDRESS, how="inner").drop(ADDRESS).sort("t", "number")


def canonical(tenders: pl.DataFrame, chart: Chart) -> pl.DataFrame:
    """Tenders with ``tender``, the canonical type of each, and ``net_minor``, what it paid less change."""
    names = {name: chart.tender_type(name) for name in tenders["type"].drop_nulls().unique().to_list()}
    return tenders.with_columns(
        pl.col("type").replace_strict(names, default=None, return_dtype=pl.String).alias("tender"),
        (pl.col("amount_minor") - pl.col("change_minor").fill_null(0)).alias("net_minor"),
    )


def clocked(events: pl.DataFrame) -> pl.DataFrame:
    """Till events with ``clock``, the store's wall clock, in their order."""
    wall = (pl.col("at") + pl.duration(minutes=pl.col("utc_offset_minutes"))).dt.replace_time_zone(None)
    return events.with_columns(wall.alias("clock")).sort("business_date", "store", "register", "external_id")


def of_tickets(known: Known, tickets: pl.DataFrame) -> Known:
    """What is known of some of its tickets; they keep their ``t``, and till events stay."""
    key = tickets.select("t")
    parts = {
        name: getattr(known, name).join(key, on="t", how="semi") for name in ("lines", "tenders", "taxes", "superseded")
    }
    return replace(known, tickets=tickets, **parts)

"""The CSV from which QuickBooks Online imports journal entries.

Source: Intuit's "Import journal entries in QuickBooks Online": rows with the same JournalNo are one entry, an
amount stands under Debits or under Credits, a sub-account is written with its parents and colons, account numbers
are to be switched off. The number of an entry comes from what it is, so that QuickBooks's own warning of a
duplicate number works.
"""

from __future__ import annotations

import polars as pl

from ledger.exports.journal import Part
from ledger.exports.peer import Peer, TextFormat
from ledger.exports.texts import amount_texts, csv_lines, harmless
from ledger.exports.totals import Totals

COLUMNS = (
    "JournalNo", "JournalDate", "AccountName", "Debits", "Credits", "Description",
    "Name", "Currency", "Location", "Class",
)  # fmt: skip
TEXT_MAX = 1000
ROWS_MAX = 1000
"""Rows that QuickBooks Online takes from one file."""


def body(part: Part, peer: Peer) -> str:
    """A row a posting; the store is the location."""
    size = part.postings.with_columns(pl.col("amount_minor").abs())
    rows = part.postings.with_columns(amount_texts(size), peer.accounts(part.postings).alias("AccountName")).join(
        part.entries.drop("business_date", "currency"), on="entry", maintain_order="left"
    )
    debit = pl.col("amount_minor") > 0
    description = pl.concat_str(pl.col("title"), (" - " + pl.col("memo")).fill_null(""))
    return csv_lines(
        (
            pl.concat_str(pl.col("business_date").dt.to_string("%Y%m%d"), pl.lit("-"), pl.col("id").str.head(12)).alias(
                "JournalNo"
            ),
            pl.col("business_date").dt.to_string("%m/%d/%Y").alias("JournalDate"),
            pl.col("AccountName"),
            pl.when(debit).then("amount").alias("Debits"),
            pl.when(~debit).then("amount").alias("Credits"),
            harmless(description).str.head(TEXT_MAX).alias("Description"),
            pl.lit(None, pl.String).alias("Name"),
            pl.col("currency").alias("Currency"),
            harmless(pl.col("store")).alias("Location"),
            pl.lit(None, pl.String).alias("Class"),
        ),
        rows,
    )


def around(totals: Totals, peer: Peer) -> tuple[str, str]:
    """The header row."""
    return ",".join(COLUMNS) + "\r\n", ""


def notes(totals: Totals, peer: Peer) -> list[str]:
    """What QuickBooks Online would stop at."""
    said = []
    if totals.lines > ROWS_MAX:
        said.append(
            f"QuickBooks Online takes {ROWS_MAX:,} rows a file and this has {totals.lines:,}; "
            "export fewer days at a time with --from and --to"
        )
    if any(name.startswith("assets:receivable") for name in totals.accounts):
        said.append("lines on an account of type A/R need a customer under Name, which is left empty")
    return said


FORMAT = TextFormat(
    name="quickbooks",
    suffix=".csv",
    media_type="text/csv",
    body=body,
    around=around,
    notes=notes,
    syntax=r"[^\x00-\x1f]{1,200}",
)

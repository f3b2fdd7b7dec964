"""The CSV from which Xero imports manual journals.

Source: Xero Central, "Add, import and post manual journals", and the template that it offers: rows with the same
narration and date are one journal; dates are day/month/year; a debit is positive; each row names an account code
and a tax rate. The till's own tax is posted to its account, so that every row has a rate that computes none
(``[exports.xero] tax_rate``).
"""

from __future__ import annotations

import polars as pl

from ledger.exports.journal import Part
from ledger.exports.peer import Peer, TextFormat
from ledger.exports.texts import amount_texts, csv_lines, harmless
from ledger.exports.totals import Totals
from ledger.settings import XeroSettings

COLUMNS = (
    "*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount",
    "TrackingName1", "TrackingOption1", "TrackingName2", "TrackingOption2",
)  # fmt: skip
TEXT_MAX = 1000
CODE_MAX = 10
"""Characters of an account code in Xero."""
ROWS_MAX = 300
"""Lines that Xero takes from one file."""
LISTED_MAX = 5


def body(part: Part, peer: Peer) -> str:
    """A row a posting; the store is the option of a tracking category."""
    assert isinstance(peer.settings, XeroSettings)
    rows = part.postings.with_columns(amount_texts(part.postings), peer.accounts(part.postings).alias("code")).join(
        part.entries.drop("business_date", "currency"), on="entry", maintain_order="left"
    )
    narration = pl.format(
        "{}, {}, {} ({})", pl.col("store"), pl.col("business_date"), pl.col("title"), pl.col("id").str.head(8)
    )
    description = pl.concat_str(pl.col("title"), (" - " + pl.col("memo")).fill_null(""))
    nothing = pl.lit(None, pl.String)
    return csv_lines(
        (
            harmless(narration).alias("*Narration"),
            pl.col("business_date").dt.to_string("%d/%m/%Y").alias("*Date"),
            harmless(description).str.head(TEXT_MAX).alias("Description"),
            pl.col("code").alias("*AccountCode"),
            pl.lit(peer.settings.tax_rate).alias("*TaxRate"),
            pl.col("amount").alias("*Amount"),
            pl.lit(peer.settings.tracking).alias("TrackingName1"),
            harmless(pl.col("store")).alias("TrackingOption1"),
            nothing.alias("TrackingName2"),
            nothing.alias("TrackingOption2"),
        ),
        rows,
    )


def around(totals: Totals, peer: Peer) -> tuple[str, str]:
    """The header row."""
    return ",".join(COLUMNS) + "\r\n", ""


def notes(totals: Totals, peer: Peer) -> list[str]:
    """What Xero would stop at."""
    said = []
    if totals.lines > ROWS_MAX:
        said.append(
            f"Xero takes {ROWS_MAX} lines a file and this has {totals.lines:,}; "
            "export fewer days at a time with --from and --to"
        )
    without = [name for name in totals.accounts if len(peer.account(name)) > CODE_MAX]
    if without:
        more = f" and {len(without) - LISTED_MAX} more" if len(without) > LISTED_MAX else ""
        said.append(
            f"Xero wants account codes of at most {CODE_MAX} characters; give them in book.toml under "
            f"[exports.xero.accounts] for {', '.join(without[:LISTED_MAX])}{more}"
        )
    return said


FORMAT = TextFormat(
    name="xero",
    suffix=".csv",
    media_type="text/csv",
    body=body,
    around=around,
    notes=notes,
    syntax=r"[^\x00-\x1f]{1,200}",
    one_currency=True,
)

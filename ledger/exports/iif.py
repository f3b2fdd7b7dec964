"""IIF, the tab-separated import of QuickBooks Desktop: general journal transactions, with the accounts that they
need.

Source: Intuit's "IIF overview: import kit, sample files, and headers". A transaction is a TRNS row, its further
lines are SPL rows, and ENDTRNS ends it; debits are positive. There is no quoting: tabs and line breaks cannot be
part of a text. The file is read as Windows-1252; a character that it lacks becomes a question mark.
"""

from __future__ import annotations

import polars as pl

from ledger.exports.journal import Part
from ledger.exports.peer import Peer, TextFormat
from ledger.exports.texts import amount_texts, harmless, joined
from ledger.exports.totals import Totals

TEXT_MAX = 1000
NUMBER_MAX = 11
"""Characters of a DOCNUM."""

_COLUMNS = ("TRNSTYPE", "DATE", "ACCNT", "CLASS", "AMOUNT", "DOCNUM", "MEMO")
_TYPES = {"assets": "OCASSET", "liabilities": "OCLIAB", "equity": "EQUITY", "income": "INC", "expenses": "EXP"}


def body(part: Part, peer: Peer) -> str:
    """One general journal transaction an entry; the store is its class."""
    memo = pl.concat_str(pl.col("title"), (" - " + pl.col("memo")).fill_null(""))
    lines = part.postings.with_columns(
        amount_texts(part.postings),
        peer.accounts(part.postings).alias("theirs"),
        (pl.int_range(pl.len()).over("entry") == 0).alias("is_first"),
    ).join(
        part.entries.select(
            "entry",
            pl.col("id").str.head(NUMBER_MAX),
            # a colon would make one class the child of another
            _text("store").str.replace_all(":", "-", literal=True),
            _cell(memo).alias("memo"),
        ),
        on="entry",
        maintain_order="left",
    )
    rows = lines.select(
        "entry",
        pl.concat_str(
            pl.when("is_first").then(pl.lit("TRNS")).otherwise(pl.lit("SPL")),
            pl.lit(""),
            pl.lit("GENERAL JOURNAL"),
            pl.col("business_date").dt.to_string("%m/%d/%Y"),
            "theirs",
            "store",
            "amount",
            "id",
            "memo",
            separator="\t",
        ).alias("rows"),
    ).with_columns(pl.col("rows") + "\r\n")
    return "".join(text + "ENDTRNS\r\n" for text in joined(rows, "rows")["rows"])


def around(totals: Totals, peer: Peer) -> tuple[str, str]:
    """The accounts that QuickBooks may not know yet, parents first, and the names of the columns.

    An account that ``book.toml`` names is the owner's own and is not listed: a listed one would be changed.
    """
    ours = [name for name in totals.accounts if name not in peer.given]
    paths = [name.split(":") for name in ours]
    steps = sorted({":".join(path[:depth]) for path in paths for depth in range(1, len(path) + 1)})
    lines = [f"ACCNT\t{name}\t{_TYPES[name.split(':')[0]]}" for name in steps]
    lines = ["!ACCNT\tNAME\tACCNTTYPE", *lines] if lines else []
    columns = "\t".join(_COLUMNS)
    lines += [f"!TRNS\tTRNSID\t{columns}", f"!SPL\tSPLID\t{columns}", "!ENDTRNS"]
    return "\r\n".join(lines) + "\r\n", ""


def notes(totals: Totals, peer: Peer) -> list[str]:
    """What QuickBooks would stop at."""
    receivable = [name for name in totals.accounts if name.startswith("assets:receivable") and name in peer.given]
    return [
        f"{name} goes to {peer.account(name)}: if that is of type A/R, QuickBooks wants a customer on each line"
        for name in receivable
    ]


def _text(name: str) -> pl.Expr:
    return _cell(pl.col(name))


def _cell(text: pl.Expr) -> pl.Expr:
    return harmless(text).str.replace_all('"', "'", literal=True).str.head(TEXT_MAX)


FORMAT = TextFormat(
    name="iif",
    suffix=".iif",
    media_type="text/plain",
    body=body,
    around=around,
    notes=notes,
    syntax=r'[^\t\r\n"]{1,159}',
    one_currency=True,
    encoding="cp1252",
)

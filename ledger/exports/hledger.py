"""hledger: a journal with its commodities and accounts declared, so that ``hledger check --strict`` passes too.

Source of the syntax: hledger.org/1.25/hledger.html#journal-format. It has no escapes: ``;`` begins a comment, ``|``
parts payee and note, a comma ends the value of a tag. In text that came from a document they become ``,``, ``/``
and ``;``.
"""

from __future__ import annotations

import polars as pl

from ledger.exports.journal import Part
from ledger.exports.peer import Peer, TextFormat
from ledger.exports.texts import amount_texts, joined, plain
from ledger.exports.totals import Totals
from ledger.money import decimals

TAGS = ("store", "source", "ticket", "memo", "document", "locator")


def body(part: Part, peer: Peer) -> str:
    """One transaction an entry: its id as the code, the store as payee, then tags, then a posting a line."""
    rows = part.postings.with_columns(amount_texts(part.postings)).select(
        "entry",
        pl.format("    {}  {} {}\n", peer.accounts(part.postings), pl.col("amount"), pl.col("currency")).alias("rows"),
    )
    head = pl.format(
        "{} * ({}) {} | {}\n", pl.col("business_date"), pl.col("id"), _description("store"), _description("title")
    )
    tags = [pl.format("    ; {}:{}\n", pl.lit(name), _tag(name)).fill_null("") for name in TAGS]
    belongs = pl.format("    ; original_business_date:{}\n", "original_business_date").fill_null("")
    texts = part.entries.join(joined(rows, "rows"), on="entry", how="left", maintain_order="left")
    whole = pl.concat_str(head, *tags, belongs, pl.col("rows"), pl.lit("\n"))
    return "".join(texts.select(whole.alias("text"))["text"])


def around(totals: Totals, peer: Peer) -> tuple[str, str]:
    """Declarations of every commodity, with its decimals, and every account."""
    lines = [f"commodity 1000.{'0' * decimals(currency)} {currency}" for currency in totals.currencies]
    lines += ["", *(f"account {name}" for name in sorted({peer.account(ours) for ours in totals.accounts}))]
    return "\n".join(lines) + "\n\n", ""


def _description(name: str) -> pl.Expr:
    return plain(pl.col(name)).str.replace_all(";", ",", literal=True).str.replace_all("|", "/", literal=True)


def _tag(name: str) -> pl.Expr:
    return plain(pl.col(name)).str.replace_all(",", ";", literal=True)


FORMAT = TextFormat(
    name="hledger",
    suffix=".journal",
    media_type="text/plain",
    body=body,
    around=around,
    notes=lambda totals, peer: [],
    syntax=r"[^\s()\[\];]([^\s;]| (?=[^\s;]))*",
    general=False,
)

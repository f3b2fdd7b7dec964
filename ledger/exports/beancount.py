"""Beancount (version 2 and 3): a ledger of ``txn`` directives, with where each entry comes from as its metadata.

Source of the syntax: beancount.github.io/docs/beancount_language_syntax.html and the lexer of Beancount 3 (account
names begin with a capital or a digit after each colon; strings are in double quotes with backslash escapes).
"""

from __future__ import annotations

import polars as pl

from ledger.exports.journal import Part
from ledger.exports.peer import Peer, TextFormat
from ledger.exports.texts import amount_texts, joined, plain
from ledger.exports.totals import Totals

META = ("store", "source", "ticket", "memo", "document", "locator")


def account(ours: str) -> str:
    """``account("liabilities:gift-cards") == "Liabilities:Gift-Cards"``; lower case leads back."""
    return ":".join("-".join(word.capitalize() for word in step.split("-")) for step in ours.split(":"))


def body(part: Part, peer: Peer) -> str:
    """One transaction an entry: the store as payee, then metadata, then a posting a line."""
    rows = part.postings.with_columns(amount_texts(part.postings)).select(
        "entry",
        pl.format("  {}  {} {}\n", peer.accounts(part.postings), pl.col("amount"), pl.col("currency")).alias("rows"),
    )
    head = pl.format('{} * "{}" "{}"\n', pl.col("business_date"), _quoted("store"), _quoted("title"))
    meta = [pl.format('  {}: "{}"\n', pl.lit(name), _quoted(name)).fill_null("") for name in META]
    entry = pl.format('  entry: "{}"\n', pl.col("id"))
    belongs = pl.format("  original_business_date: {}\n", "original_business_date").fill_null("")
    texts = part.entries.join(joined(rows, "rows"), on="entry", how="left", maintain_order="left")
    whole = pl.concat_str(head, entry, *meta, belongs, pl.col("rows"), pl.lit("\n"))
    return "".join(texts.select(whole.alias("text"))["text"])


def around(totals: Totals, peer: Peer) -> tuple[str, str]:
    """Title, currencies and the opening of every account on the first day of the export."""
    currencies: dict[str, set[str]] = {}
    for ours, currency in totals.debits:
        currencies.setdefault(peer.account(ours), set()).add(currency)
    title = peer.business.name.replace("\\", "\\\\").replace('"', '\\"')
    lines = [f'option "title" "{title}"']
    lines += [f'option "operating_currency" "{currency}"' for currency in totals.currencies]
    lines.append("")
    lines += [f"{totals.first} open {name} {','.join(sorted(currencies[name]))}" for name in sorted(currencies)]
    return "\n".join(lines) + "\n\n", ""


def _quoted(name: str) -> pl.Expr:
    return plain(pl.col(name)).str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)


FORMAT = TextFormat(
    name="beancount",
    suffix=".beancount",
    media_type="text/plain",
    body=body,
    around=around,
    notes=lambda totals, peer: [],
    account=account,
    syntax=r"(Assets|Liabilities|Equity|Income|Expenses)(:[A-Z0-9][A-Za-z0-9-]*)+",
    general=False,
)

"""The tables of the figures' copy, the same on every engine: their names, columns and types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

LAYOUT = "7"
"""Of the tables below; a copy of another layout is made anew."""

_ADDRESS = {"seq": pl.Int64(), "n": pl.Int64()}
_TICKET = {
    **dict.fromkeys(("store", "channel", "register", "cashier", "customer"), pl.String()),
    "business_date": pl.Date(),
    "hour": pl.Int64(),
    **dict.fromkeys(("tender", "card_brand", "ticket", "kind"), pl.String()),
    "is_void": pl.Boolean(),
    "locator": pl.String(),
}
_REVERSED = {"reversed_seq": pl.Int64()}


def _measures(*names: str) -> dict[str, pl.Int64]:
    """Minor units, millionths of a unit, or counts."""
    return dict.fromkeys(names, pl.Int64())


TABLES: dict[str, pl.Schema] = {
    "commits": pl.Schema({"seq": pl.Int64(), "document": pl.String()}),
    "tickets": pl.Schema(
        {
            **_ADDRESS,
            **_TICKET,
            **_measures("transactions", "return_count", "void_count", "void_value", "tips"),
            **_REVERSED,
        }
    ),
    "lines": pl.Schema(
        {
            **_ADDRESS,
            "number": pl.Int64(),
            **_TICKET,
            "item": pl.String(),
            "category": pl.String(),
            "live": pl.Boolean(),
            **_measures("gross_sales", "discounts", "returns", "units_sold", "cogs", "uncosted"),
            **_measures("service_charges", "tax_collected", "gift_cards_sold", "gift_cards_returned"),
            **_measures("account_payments"),
            **_REVERSED,
        }
    ),
    "tenders": pl.Schema(
        {
            **_ADDRESS,
            "number": pl.Int64(),
            **_TICKET,
            **_measures("total_collected", "payment_fees", "tenders_taken", "tenders_returned"),
            **_measures("settled_to", "settled_from", "payouts"),
            **_REVERSED,
        }
    ),
    "taxes": pl.Schema(
        {
            **_ADDRESS,
            "number": pl.Int64(),
            **_TICKET,
            "jurisdiction": pl.String(),
            **_measures(
                "tax_collected", "tax_charged", "tax_refunded", "taxable_base", "without_base", "marketplace_tax"
            ),
            **_REVERSED,
        }
    ),
    "events": pl.Schema(
        {
            **_ADDRESS,
            **dict.fromkeys(("store", "register", "cashier"), pl.String()),
            "business_date": pl.Date(),
            "hour": pl.Int64(),
            "ticket": pl.String(),
            "locator": pl.String(),
            **_measures("over_short", "cash_paid_in", "cash_paid_out", "tips_paid_out", "cash_deposited"),
            **_REVERSED,
        }
    ),
    "postings": pl.Schema(
        {
            **_ADDRESS,
            "number": pl.Int64(),
            "store": pl.String(),
            "business_date": pl.Date(),
            "account": pl.String(),
            "balance": pl.Int64(),
        }
    ),
}
"""What commits add to the copy. ``reversed_seq`` is the commit that reversed a row's entry, null while it is live."""

REVERSIBLE = tuple(name for name, schema in TABLES.items() if "reversed_seq" in schema)

STORES = pl.Schema(dict.fromkeys(("store", "region", "owner"), pl.String()))
"""The table ``stores``: what ``book.toml`` says of each store, which may change at any time."""


@dataclass(frozen=True)
class Step:
    """What brings a copy from one commit to a later one.

    ``facts`` are rows to add by table, without ``reversed_seq``; ``reversals`` has a row (seq, reverses_seq,
    reverses_n) for each entry that is reversed by the commit ``seq``, be it one of the same step.
    """

    after: int
    last: int
    hash: str
    facts: Mapping[str, pl.DataFrame]
    reversals: pl.DataFrame


@dataclass(frozen=True)
class State:
    """The book's commit that a copy has reached, and the hash of its link."""

    seq: int
    hash: str


def columns_in_sql(schema: pl.Schema, names: Mapping[pl.DataType, str]) -> str:
    """The columns of a table for CREATE TABLE, with an engine's names of the types."""
    return ", ".join(f"{column} {names[dtype]}" for column, dtype in schema.items())

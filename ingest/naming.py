"""What a source's names of categories and taxes mean in the book, put in their place before anything is checked, and
which of them the book does not know.

Its names of stores and tenders are put in place where tickets are made, since business dates and change depend on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import polars as pl

from ledger.batch import SaleBatch
from ledger.settings import BookSettings

UNKNOWN_COLUMNS = ("unknown_category", "unknown_tax", "unknown_rate")
"""What ``unknown_names`` finds, for the rules of validation."""


def named(batch: SaleBatch, settings: BookSettings) -> SaleBatch:
    """A batch of one source with the book's names of categories and tax jurisdictions."""
    own = settings.source(_source_of(batch))
    if own.categories:
        batch = replace(batch, lines=batch.lines.with_columns(pl.col("category").replace(own.categories)))
    if own.taxes:
        batch = replace(batch, taxes=batch.taxes.with_columns(pl.col("jurisdiction").replace(own.taxes)))
    return batch


def unknown_names(batch: SaleBatch, settings: BookSettings) -> Iterator[pl.DataFrame]:
    """For each ticket of a batch the first category, tax and rate that the book does not know, of those kinds for which
    it minds: frames of ``ticket`` and one of ``UNKNOWN_COLUMNS``."""
    own, category, tax = settings.source(_source_of(batch)), pl.col("category"), pl.col("jurisdiction")
    if settings.holds_new("categories"):
        known = [*settings.accounts.get("categories", ()), *own.categories.values()]
        yield _first(batch.lines.filter(category.is_not_null() & ~category.is_in(known)), category, UNKNOWN_COLUMNS[0])
    if settings.holds_new("taxes"):
        known = [*settings.accounts.get("taxes", ()), *own.taxes.values()]
        yield _first(batch.taxes.filter(tax.is_not_null() & ~tax.is_in(known)), tax, UNKNOWN_COLUMNS[1])
    if own.rates:
        rate = pl.col("rate_micro")
        right = [(tax == name) & rate.is_in([_micro(one) for one in rates]) for name, rates in own.rates.items()]
        other = batch.taxes.filter(tax.is_in(list(own.rates)) & rate.is_not_null() & ~pl.any_horizontal(right))
        text = pl.format("{} at {} %", tax, rate.map_elements(percent, return_dtype=pl.String))
        yield _first(other, text, UNKNOWN_COLUMNS[2])


def percent(rate_micro: int) -> str:
    """A rate in millionths in percent, without idle zeros: ``percent(82_500) == "8.25"``."""
    return f"{Decimal(rate_micro).scaleb(-4).normalize():f}"


def _micro(rate_percent: Decimal) -> int:
    return int(rate_percent.scaleb(4))


def _first(frame: pl.DataFrame, text: pl.Expr, name: str) -> pl.DataFrame:
    return frame.select("ticket", text.alias(name)).unique("ticket", keep="first", maintain_order=True)


def _source_of(batch: SaleBatch) -> str:
    """The source of a batch, which has one as its document has; empty where it has no tickets."""
    return str(batch.tickets["source"][0]) if batch.tickets.height else ""

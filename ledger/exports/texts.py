"""Text for other systems: exact amounts, and names and memos that cannot be taken for anything but text.

What comes from a document is data. Control characters and line breaks become spaces everywhere; what else is
special to a format its own module escapes.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from ledger.money import decimals

FORMULA_STARTS = r"^[=+\-@]"
"""How a cell begins that a spreadsheet would run; tabs and line breaks are gone by then."""

_UNPRINTABLE = r"[\p{Cc}\p{Zl}\p{Zp}\x{FFFE}\x{FFFF}]+"


def plain(text: pl.Expr) -> pl.Expr:
    """One line of text: every run of control characters and line breaks is a space, none at the ends."""
    return text.str.replace_all(_UNPRINTABLE, " ").str.strip_chars(" ")


def harmless(text: pl.Expr) -> pl.Expr:
    """Plain text that no spreadsheet takes for a formula: an apostrophe goes before ``=``, ``+``, ``-`` and
    ``@``."""
    return plain(text).str.replace(rf"{FORMULA_STARTS}", "'${0}")


def amount_texts(frame: pl.DataFrame, column: str = "amount_minor") -> pl.Series:
    """Amounts in major units with the decimals of each row's ``currency``: 1230 USD is ``12.30``, 1230 JPY
    ``1230``."""
    places = {code: decimals(code) for code in frame["currency"].unique().to_list()}
    digits = pl.col("currency").replace_strict(places, default=0, return_dtype=pl.Int64)
    scale = pl.col("currency").replace_strict(
        {code: 10 ** places[code] for code in places}, default=1, return_dtype=pl.Int64
    )
    size = pl.col(column).abs()
    return frame.select(
        pl.concat_str(
            pl.when(pl.col(column) < 0).then(pl.lit("-")).otherwise(pl.lit("")),
            (size // scale).cast(pl.String),
            pl.when(digits > 0).then("." + (size % scale).cast(pl.String).str.zfill(digits)).otherwise(pl.lit("")),
        ).alias("amount")
    ).to_series()


def joined(rows: pl.DataFrame, text: str, by: str = "entry") -> pl.DataFrame:
    """The texts of each entry's rows put together, in order: frame of (entry, text)."""
    return rows.group_by(by, maintain_order=True).agg(pl.col(text).str.join(""))


def csv_lines(columns: Iterable[pl.Expr], frame: pl.DataFrame) -> str:
    """Rows of a CSV without its header: text cells quoted where RFC 4180 (section 2) asks for it, lines end in
    CRLF."""
    return frame.select(list(columns)).write_csv(include_header=False, line_terminator="\r\n", quote_style="necessary")

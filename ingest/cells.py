"""Cells: from texts to exact numbers, dates and instants, with a sentence for each that is none."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

import polars as pl

from ingest.expressions import MICRO

EXPONENT_MAX = 11
"""Numbers of 10^12 and more are no amounts."""

_BARE = {".": r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$", ",": r"^-?[0-9]{1,12}(,[0-9]{1,6})?$"}
"""Numbers with nothing to take off, by their decimal sign: most are, and are read in a twentieth of the time."""

_GROUPED = {
    ".": r"^\d{1,3}(,\d{2,3})*,\d{3}(\.\d*)?$",
    ",": r"^\d{1,3}(\.\d{2,3})*\.\d{3}(,\d*)?$",
}
"""Numbers with separators of thousands, or of lakhs, by their decimal sign."""

_PLAIN = r"^[+-]?(\d+(\.\d{0,6}0*)?|\.\d{1,6}0*)$"


_ZONED = r"\d ?(Z|[+-]\d{2}:?\d{2})$"


def text(column: str) -> pl.Expr:
    """A cell as a text without spaces around it; an empty one is nothing."""
    trimmed = pl.col(column).str.strip_chars()
    return pl.when(trimmed != "").then(trimmed)


def number(column: str, decimal: str, *, rounded: bool) -> pl.Expr:
    """A cell as a number in millionths (Int128); nothing where it is empty or no number.

    Taken off: currency signs and codes, spaces, separators of thousands, a percent sign; brackets or a minus at
    the end make it negative. ``rounded`` takes numbers with more than six decimals, or in powers of ten, too, half
    to even.
    """
    raw = text(column)
    bare = raw.str.replace_all(r"[\p{Sc}\s\x{a0}'’%]|[A-Z]{3}$|^[A-Z]{3}", "")
    # A separator that parts no thousands is another country's decimal sign: 8,00 is not eight hundred.
    grouped = bare.str.replace_all(r"[()−+-]", "").str.contains(_GROUPED[decimal])
    parted = bare.str.contains("," if decimal == "." else ".", literal=True)
    bare = pl.when(~parted | grouped).then(bare)
    if decimal == ".":
        bare = bare.str.replace_all(",", "", literal=True)
    else:
        bare = bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    negative = bare.str.contains(r"^\(.*\)$|-$|^[-−]")
    digits = bare.str.replace_all(r"[()−-]", "")
    whole = digits.str.extract(r"^\+?(\d*)", 1)
    whole = pl.when(whole == "").then(pl.lit("0")).otherwise(whole).cast(pl.Int128, strict=False)
    fraction = digits.str.extract(r"\.(\d*)", 1).fill_null("").str.head(6).str.pad_end(6, "0")
    valid = digits.str.contains(_PLAIN) & (whole < 10 ** (EXPONENT_MAX + 1)).fill_null(value=False)
    value = whole * MICRO + fraction.cast(pl.Int128, strict=False)
    exact = pl.when(valid).then(pl.when(negative).then(pl.lit(0, pl.Int128) - value).otherwise(value))
    if not rounded:
        return exact
    others = pl.when(~valid).then(bare).map_elements(_millionths, return_dtype=pl.Int64)
    return pl.coalesce(exact, others.cast(pl.Int128))


def numbers(cells: pl.Series, decimal: str, *, rounded: bool) -> pl.Series:
    """A column of cells as numbers in millionths. Prices and quantities repeat, so that each text is read once."""
    distinct = cells.unique().drop_nulls()
    plain = distinct.str.contains(_BARE[decimal])
    point = distinct.filter(plain).str.replace(",", ".", literal=True)
    rest = distinct.filter(~plain).to_frame("text").select(number("text", decimal, rounded=rounded)).to_series()
    read = pl.concat([point.cast(pl.Decimal(38, 6)).to_physical(), rest])
    texts = pl.concat([distinct.filter(plain), distinct.filter(~plain)])
    return cells.replace_strict(texts, read, default=None, return_dtype=pl.Int128)


def _millionths(number: str) -> int | None:
    try:
        value = Decimal(number)
    except InvalidOperation:
        return None
    if not value.is_finite() or value.adjusted() > EXPONENT_MAX:
        return None
    return int(value.scaleb(6).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def date(value: pl.Expr, formats: Sequence[str]) -> pl.Expr:
    """A text as a date, by the first format that fits; a time after the date is left out."""
    tries = [value.str.to_date(one, strict=False) for one in formats]
    tries += [value.str.head(10).str.to_date(one, strict=False) for one in formats if one == "%Y-%m-%d"]
    return pl.coalesce(tries)


def instant(value: pl.Expr, formats: Sequence[str]) -> tuple[pl.Expr, pl.Expr]:
    """A text as (wall clock without zone, or nothing; UTC instant where the text gives an offset, or nothing)."""
    wall = value.map_batches(lambda texts: _walls(texts, formats), return_dtype=pl.Datetime("us"))
    utc = value.map_batches(lambda texts: _utc(texts, formats), return_dtype=pl.Datetime("us", "UTC"))
    return wall, utc


def _walls(texts: pl.Series, formats: Sequence[str]) -> pl.Series:
    # "p. m.", with spaces of any kind, is how Spanish clocks say it.
    texts = texts.str.replace(r"(?i)[\s\x{a0}\x{202f}]*([ap])\.?[\s\x{a0}\x{202f}]?m\.?$", " ${1}m")
    fractions = [one + "%.f" for one in formats if one.endswith("%S")]
    rest = texts.to_frame("text").select(pl.when(~pl.col("text").str.contains(_ZONED)).then("text")).to_series()
    return _first_fitting(rest, [(one, {}) for one in (*formats, *fractions)], pl.Datetime("us"))


def _utc(texts: pl.Series, formats: Sequence[str]) -> pl.Series:
    zoned = texts.to_frame("text").select(pl.when(pl.col("text").str.contains(_ZONED)).then("text")).to_series()
    offset = zoned.str.replace(r" ?Z$", "+0000").str.replace(r" ?([+-]\d{2}):?(\d{2})$", "${1}${2}")
    tries = [
        (one + "%z", {"time_zone": "UTC", "ambiguous": "earliest"})
        for one in (*formats, "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f")
    ]
    return _first_fitting(offset, tries, pl.Datetime("us", "UTC"))


def _first_fitting(texts: pl.Series, tries: Sequence[tuple[str, dict[str, str]]], dtype: pl.Datetime) -> pl.Series:
    """Each text by the first format that fits; no more formats are tried than are needed."""
    found = pl.Series(texts.name, [None], dtype).extend_constant(None, texts.len() - 1) if texts.len() else None
    if found is None:
        return pl.Series(texts.name, [], dtype)
    for format_, options in tries:
        if found.null_count() == texts.null_count():
            break
        parsed = texts.str.to_datetime(format_, strict=False, time_unit="us", **options)  # type: ignore[arg-type]
        found = found.zip_with(found.is_not_null(), parsed)
    return found

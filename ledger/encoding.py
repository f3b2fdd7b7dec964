"""Canonical encoding: one text per ticket (or event) that all hashes are taken over.

The encoding is prefix-free and versioned: every value carries its type, and every text its length, so that two
different contents can never have the same encoding.

    text    s<length in bytes>:<text>        whole number  i<digits>;       date     d<ISO date>;
    nothing n;                               yes or no     b1; b0;          instant  t<microseconds since 1970, UTC>;

A column that came with a later version of Tillproof is left out where it is null and else written after the others
as ``+<name>=<value>``, so that content which does not use it keeps its digest.

A ticket is ``T`` and its header, then ``L`` and each line in order of number, ``P`` and each tender, ``X`` and
each tax. The *content* of a ticket leaves out its provenance (document, locator, delivery): the same ticket in two
overlapping exports is the same content. The work is done column by column in Polars; only the SHA-256 itself goes
ticket by ticket.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import polars as pl

from ledger.batch import EVENTS, LINES, TAXES, TENDERS, TICKETS

VERSION = "tillproof/content/1"

LATER = ("discount_kind", "foreign_currency", "foreign_amount", "exchange_rate", "facilitator")
"""Columns that were not in the first layout of the content, in the order in which they are written."""
PROVENANCE = ("document", "locator", "delivery")
TICKET_CONTENT = tuple(name for name in TICKETS if name not in ("ticket", *PROVENANCE))
LINE_CONTENT = tuple(name for name in LINES if name not in ("ticket", "locator"))
TENDER_CONTENT = tuple(name for name in TENDERS if name not in ("ticket", "locator"))
TAX_CONTENT = tuple(name for name in TAXES if name != "ticket")
EVENT_CONTENT = tuple(name for name in EVENTS if name not in PROVENANCE)


def row_code(frame: pl.DataFrame, columns: Sequence[str], tag: str) -> pl.Series:
    """The encoding of each row of a frame over some of its columns, after a one-letter tag."""
    if frame.height == 0:
        return pl.Series("code", [], pl.String)
    parts: list[pl.Expr] = [pl.lit(tag)]
    nothing = 0
    for name in columns:
        if name in LATER:
            continue
        column = frame[name]
        if column.null_count() == frame.height:
            nothing += 1
            continue
        if nothing:
            parts.append(pl.lit("n;" * nothing))
            nothing = 0
        parts.append(_value_code(name, column.dtype))
    if nothing:
        parts.append(pl.lit("n;" * nothing))
    for name in LATER:
        if name in columns and frame[name].null_count() < frame.height:
            given = pl.format("+{}={}", pl.lit(name), _value_code(name, frame[name].dtype))
            parts.append(pl.when(pl.col(name).is_not_null()).then(given).otherwise(pl.lit("")))
    return frame.select(pl.concat_str(parts).alias("code")).to_series()


def contents(
    tickets: pl.DataFrame, lines: pl.DataFrame, tenders: pl.DataFrame, taxes: pl.DataFrame, key: Sequence[str]
) -> list[str]:
    """Canonical content of each ticket, in the order of ``tickets``; ``key`` are the columns that join the frames."""
    coded = tickets.select(*key, row_code(tickets, TICKET_CONTENT, "T").alias("header"))
    for name, frame, columns, tag in (
        ("lines", lines, LINE_CONTENT, "L"),
        ("tenders", tenders, TENDER_CONTENT, "P"),
        ("taxes", taxes, TAX_CONTENT, "X"),
    ):
        coded = coded.join(_details(frame, columns, tag, key, name), on=key, how="left", maintain_order="left")
    return coded.select(pl.concat_str("header", pl.col("lines", "tenders", "taxes").fill_null("")).alias("content"))[
        "content"
    ].to_list()


def provenances(tickets: pl.DataFrame, lines: pl.DataFrame, tenders: pl.DataFrame, key: Sequence[str]) -> list[str]:
    """Canonical provenance of each ticket: its locator and delivery, and the locators of its lines and tenders."""
    coded = tickets.select(*key, row_code(tickets, ("locator", "delivery"), "T").alias("header"))
    for name, frame, tag in (("lines", lines, "L"), ("tenders", tenders, "P")):
        coded = coded.join(_details(frame, ("locator",), tag, key, name), on=key, how="left", maintain_order="left")
    return coded.select(pl.concat_str("header", pl.col("lines", "tenders").fill_null("")).alias("content"))[
        "content"
    ].to_list()


def event_contents(events: pl.DataFrame) -> list[str]:
    """Canonical content of each till event."""
    return row_code(events, EVENT_CONTENT, "E").to_list()


def event_provenances(events: pl.DataFrame) -> list[str]:
    """Canonical provenance of each till event."""
    return row_code(events, ("locator", "delivery"), "E").to_list()


def digest(content: str) -> bytes:
    """SHA-256 of a canonical content under its version: 32 bytes."""
    return hashlib.sha256(f"{VERSION}\n{content}".encode()).digest()


def posting_codes(postings: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Canonical postings of each entry that has any, as ``key`` columns and ``postings``, in order of account."""
    ordered = postings.sort(*key, "account")
    code = row_code(ordered, ("account", "amount_minor"), "A")
    return (
        ordered.select(*key)
        .with_columns(code.alias("postings"))
        .group_by(*key, maintain_order=True)
        .agg(pl.col("postings").str.join(""))
    )


def _details(frame: pl.DataFrame, columns: Sequence[str], tag: str, key: Sequence[str], name: str) -> pl.DataFrame:
    ordered = frame.sort(*key, "number")
    return (
        ordered.select(*key)
        .with_columns(row_code(ordered, columns, tag).alias(name))
        .group_by(*key, maintain_order=True)
        .agg(pl.col(name).str.join(""))
    )


def _value_code(name: str, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    if dtype == pl.String:
        code = pl.format("s{}:{}", value.str.len_bytes(), value)
    elif dtype == pl.Boolean:
        code = pl.format("b{};", value.cast(pl.Int8))
    elif dtype == pl.Date:
        code = pl.format("d{};", value.cast(pl.String))
    elif isinstance(dtype, pl.Datetime):
        code = pl.format("t{};", value.dt.epoch("us"))
    elif dtype.is_integer():
        code = pl.format("i{};", value)
    else:
        raise AssertionError(f"column {name} has type {dtype}, which has no canonical encoding")
    return code.fill_null("n;")

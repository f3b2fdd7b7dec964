"""Canonical encoding: one text per ticket (or event) that all hashes are taken over.

The encoding is prefix-free and versioned: every value carries its type, and every text its length, so that two
different contents can never have the same encoding.

    text    s<length in bytes>:<text>        whole number  i<digits>;       date     d<ISO date>;
    nothing n;                               yes or no     b1; b0;          instant  t<microseconds since 1970, UTC>;

A column that came with a later version of Tillproof is left out where it is null and else written after the others
as ``+<name>=<value>``, so that content which does not use it keeps its digest.

A ticket is ``T`` and its header, then ``L`` and each line in order of number, ``P`` and each tender, ``X`` and
each tax. The *content* of a ticket leaves out its provenance (document, locator, delivery, when it was received): the
same ticket in two overlapping exports is the same content. The work is done column by column in Polars; only the
SHA-256 itself goes ticket by ticket.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

import polars as pl

from ledger.batch import EVENTS, LINES, TAXES, TENDERS, TICKETS
from ledger.order import in_order

VERSION = "tillproof/content/1"

LATER = ("discount_kind", "foreign_currency", "foreign_amount", "exchange_rate", "facilitator", "received_at")
"""Columns that were not in the first layout of content and provenance, in the order in which they are written."""
PROVENANCE = ("document", "locator", "delivery", "received_at")
TICKET_CONTENT = tuple(name for name in TICKETS if name not in ("ticket", *PROVENANCE))
LINE_CONTENT = tuple(name for name in LINES if name not in ("ticket", "locator"))
TENDER_CONTENT = tuple(name for name in TENDERS if name not in ("ticket", "locator"))
TAX_CONTENT = tuple(name for name in TAXES if name != "ticket")
EVENT_CONTENT = tuple(name for name in EVENTS if name not in PROVENANCE)

_ALL, _SOME, _NONE = range(3)

_Layout = Mapping[str, tuple[str, ...]]
_CONTENT: _Layout = {"T": TICKET_CONTENT, "L": LINE_CONTENT, "P": TENDER_CONTENT, "X": TAX_CONTENT}
_PROVENANCE: _Layout = {"T": ("locator", "delivery", "received_at"), "L": ("locator",), "P": ("locator",)}
"""The columns that are encoded of each frame, by its tag: tickets, lines, tenders (payments), taxes."""


def row_code(frame: pl.DataFrame, columns: Sequence[str], tag: str) -> pl.Expr:
    """The encoding of each row of a frame over some of its columns, after a one-letter tag.

    An expression for that frame alone: for a column without any value, or with one in each row, it is shorter.
    """
    if frame.height == 0:
        return pl.col(columns[0]).cast(pl.String)  # nothing, where literals would give a row
    chosen = frame[:, list(columns)]
    described = tuple(
        (name, type(dtype), _NONE if missing == frame.height else _SOME if missing else _ALL)
        for name, dtype, missing in zip(columns, chosen.dtypes, chosen.null_count().row(0), strict=True)
    )
    return _row_code(described, tag)


@lru_cache(maxsize=1024)
def _row_code(columns: tuple[tuple[str, type[pl.DataType], int], ...], tag: str) -> pl.Expr:
    """The same, of columns with the classes of their types and whether all, some or none of the rows have a value."""
    parts: list[pl.Expr | str] = [tag]
    for name, dtype, given in columns:
        if name in LATER:
            continue
        if given == _NONE:
            parts.append("n;")
        elif given == _SOME:
            parts.append(pl.concat_str(_together(_value_code(name, dtype))).fill_null("n;"))
        else:
            parts += _value_code(name, dtype)
    later = {name: dtype for name, dtype, given in columns if given != _NONE}
    for name in LATER:
        if name in later:
            parts.append(pl.concat_str(_together([f"+{name}=", *_value_code(name, later[name])])).fill_null(""))
    return pl.concat_str(_together(parts))


def contents(
    tickets: pl.DataFrame, lines: pl.DataFrame, tenders: pl.DataFrame, taxes: pl.DataFrame, key: Sequence[str]
) -> list[str]:
    """Canonical content of each ticket, in the order of ``tickets``; ``key`` are the columns that join the frames."""
    return _texts(tickets, {"L": lines, "P": tenders, "X": taxes}, key, _CONTENT)[0]


def provenances(tickets: pl.DataFrame, lines: pl.DataFrame, tenders: pl.DataFrame, key: Sequence[str]) -> list[str]:
    """Canonical provenance of each ticket: its locator, its delivery and when that was received, and the locators of
    its lines and tenders."""
    return _texts(tickets, {"L": lines, "P": tenders}, key, _PROVENANCE)[0]


def contents_and_provenances(
    tickets: pl.DataFrame, lines: pl.DataFrame, tenders: pl.DataFrame, taxes: pl.DataFrame, key: Sequence[str]
) -> tuple[list[str], list[str]]:
    """What ``contents`` and ``provenances`` give, in one pass over the frames."""
    found = _texts(tickets, {"L": lines, "P": tenders, "X": taxes}, key, _CONTENT, _PROVENANCE)
    return found[0], found[1]


def event_contents(events: pl.DataFrame) -> list[str]:
    """Canonical content of each till event."""
    return _event_codes(events, EVENT_CONTENT)


def event_provenances(events: pl.DataFrame) -> list[str]:
    """Canonical provenance of each till event."""
    return _event_codes(events, ("locator", "delivery"))


def _event_codes(events: pl.DataFrame, columns: Sequence[str]) -> list[str]:
    if events.height == 0:
        return []
    return events.select(row_code(events, columns, "E").alias("code"))["code"].to_list()


def digest(content: str) -> bytes:
    """SHA-256 of a canonical content under its version: 32 bytes."""
    return hashlib.sha256(f"{VERSION}\n{content}".encode()).digest()


def posting_codes(postings: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Canonical postings of each entry that has any, as ``key`` columns and ``postings``, in order of account."""
    return _joined(_posting_codes(postings, key), key)


def postings_of(entries: pl.DataFrame, postings: pl.DataFrame, key: Sequence[str]) -> pl.Series:
    """The same of each of some entries, empty for one that has none, in the order of ``entries``."""
    parts = [entries.select(*key, pl.lit("").alias("postings")), _posting_codes(postings, key)]
    return _joined(pl.concat(parts), key)["postings"].head(entries.height)


def _posting_codes(postings: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    code = row_code(postings, ("account", "amount_minor"), "A")
    return in_order(postings, *key, "account").select(*key, code.alias("postings"))


def _texts(
    tickets: pl.DataFrame, details: Mapping[str, pl.DataFrame], key: Sequence[str], *layouts: _Layout
) -> list[list[str]]:
    """For each layout the text of each ticket: the code of its header, then those of its details, by tag."""

    def coded(frame: pl.DataFrame, tag: str) -> pl.DataFrame:
        return frame.select(
            *key,
            *(
                (row_code(frame, layout[tag], tag) if tag in layout else pl.lit("")).alias(str(n))
                for n, layout in enumerate(layouts)
            ),
        )

    parts = [coded(tickets, "T")]
    parts += [coded(in_order(frame, *key, "number"), tag) for tag, frame in details.items() if frame.height]
    joined = _joined(pl.concat(parts), key)  # in order of the tickets, which come first
    return [joined[str(n)].head(tickets.height).to_list() for n in range(len(layouts))]


def _joined(codes: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """One text for each key and column, of the codes that have that key, in their order."""
    joined = codes.group_by(*key, maintain_order=True).agg(pl.exclude(*key))
    return joined.with_columns(pl.exclude(*key).list.join(""))  # a fifth of the time of joining within each group


def _value_code(name: str, dtype: type[pl.DataType]) -> list[pl.Expr | str]:
    """The pieces of a value's encoding, null where the value is."""
    value = pl.col(name)
    if dtype == pl.String:
        return ["s", value.str.len_bytes().cast(pl.String), ":", value]
    if dtype == pl.Boolean:
        return ["b", value.cast(pl.Int8).cast(pl.String), ";"]
    if dtype == pl.Date:
        return ["d", value.cast(pl.String), ";"]
    if dtype == pl.Datetime:
        return ["t", value.dt.epoch("us").cast(pl.String), ";"]
    if dtype.is_integer():
        return ["i", value.cast(pl.String), ";"]
    raise AssertionError(f"column {name} has type {dtype}, which has no canonical encoding")


def _together(parts: Sequence[pl.Expr | str]) -> list[pl.Expr]:
    """Pieces in their order, adjacent texts as one."""
    merged: list[pl.Expr] = []
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
        else:
            merged += [pl.lit(text), part] if text else [part]
            text = ""
    return [*merged, pl.lit(text)] if text else merged

"""Parquet: the facts themselves, a file a table, for analysis elsewhere.

``entry`` joins the files: the number of an entry in this export, in the canonical order, so that neither the bytes
nor the rows depend on the order of arrival. ``seal`` in ``entries`` is what names an entry for ever. Money stays
whole minor units beside its currency, quantities and rates millionths, as in the book. Every version is there with
its reversal; ``reversed`` tells the superseded ones, ``original_business_date`` the date that a prior-period entry
belongs to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pyarrow as pa
from pyarrow import parquet as pq
from sqlalchemy import Connection, Table, and_, select

from ledger import tables as t
from ledger.batch import EVENTS, LINES, TAXES, TENDERS, TICKETS, UTC_INSTANT
from ledger.bulk import fetch
from ledger.exports.journal import headers
from ledger.exports.log import Made
from ledger.exports.store_days import Selection, Span, inside, spread
from ledger.posting import POSTINGS

_ADDRESS = {"seq": pl.Int64(), "n": pl.Int64()}
_ENTRY = pl.Schema(
    {
        "entry": pl.Int64(),
        **{name: pl.String() for name in ("seal", "kind", "store")},
        "business_date": pl.Date(),
        "original_business_date": pl.Date(),
        "currency": pl.String(),
        "reverses": pl.String(),
        "reversed": pl.Boolean(),
        "document": pl.String(),
    }
)


def _with_entry(schema: pl.Schema, names: tuple[str, ...]) -> pl.Schema:
    return pl.Schema({"entry": pl.Int64(), **{name: schema[name] for name in names}})


DETAILS: dict[str, tuple[Table, pl.Schema]] = {
    "tickets": (t.tickets, _with_entry(TICKETS, t.STORED_TICKET)),
    "lines": (t.lines, _with_entry(LINES, t.STORED_LINE)),
    "tenders": (t.tenders, _with_entry(TENDERS, t.STORED_TENDER)),
    "taxes": (t.taxes, _with_entry(TAXES, t.STORED_TAX)),
    "events": (t.events, _with_entry(EVENTS, t.STORED_EVENT)),
    "postings": (t.postings, _with_entry(POSTINGS, ("number", "account", "amount_minor"))),
}
"""Tables beside ``entries``, with the columns of their files. A reversal has postings and no ticket of its own."""


def write(connection: Connection, book_id: str, selection: Selection, folder: Path) -> Made:
    """Write the files into a folder, which is made where it is not there; a file of the same name is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    schemas = {"entries": _ENTRY, **{name: schema for name, (_, schema) in DETAILS.items()}}
    names = sorted(schemas)
    where = spread(connection, book_id, selection)
    entries = lines = 0
    digests = []
    parts = {name: folder / f".{name}.parquet.part" for name in names}
    try:
        with ExitStack() as files:
            writers = {
                name: files.enter_context(pq.ParquetWriter(parts[name], _arrow(schemas[name]), compression="zstd"))
                for name in names
            }
            for span in where.spans():
                frames = facts(connection, book_id, selection, span, entries)
                entries += frames["entries"].height
                lines += frames["postings"].height
                for name in names:
                    if frames[name].height:
                        writers[name].write_table(frames[name].to_arrow().cast(_arrow(schemas[name])))
        for name in names:
            with parts[name].open("rb") as file:
                digests.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}.parquet\n")
            parts[name].replace(folder / f"{name}.parquet")
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return Made(
        format="parquet",
        selection=selection,
        dates=where.dates,
        book_last=where.book_last,
        entries=entries,
        lines=lines,
        sha256=hashlib.sha256("".join(digests).encode()).hexdigest(),
        files=tuple(str(folder / f"{name}.parquet") for name in names),
    )


def facts(
    connection: Connection, book_id: str, selection: Selection, span: Span, before: int
) -> dict[str, pl.DataFrame]:
    """The rows of a span by file; entries are numbered from ``before + 1``."""
    heads = headers(connection, book_id, selection, span).with_columns(
        pl.int_range(before + 1, before + 1 + pl.len(), dtype=pl.Int64).alias("entry"),
        pl.col("seal").bin.encode("hex"),
    )
    links = _links(connection, book_id, selection, span)
    heads = heads.join(links, on=("seq", "n"), how="left", maintain_order="left")
    frames = {"entries": heads.select(list(_ENTRY))}
    for name, (table, schema) in DETAILS.items():
        columns = [column for column in schema if column != "entry"]
        rows = pl.concat(_rows(connection, book_id, selection, span, table, schema))
        order = ("entry", "number") if "number" in columns else ("entry",)
        frames[name] = (
            rows.join(heads.select("seq", "n", "entry"), on=("seq", "n")).sort(order).select("entry", *columns)
        )
    return frames


def _rows(
    connection: Connection, book_id: str, selection: Selection, span: Span, table: Table, schema: pl.Schema
) -> Iterator[pl.DataFrame]:
    e, d = t.entries.c, table.c
    columns = [name for name in schema if name != "entry"]
    addressed = pl.Schema({**_ADDRESS, **{name: schema[name] for name in columns}})
    query = (
        select(*(d[name] for name in addressed))
        .select_from(t.entries)
        .join(table, and_(d.book_id == e.book_id, d.seq == e.seq, d.n == e.n))
        .where(e.book_id == book_id, *inside(span, selection))
    )
    for first, last in span.commits:
        yield fetch(connection, query.where(e.seq >= first, e.seq <= last), addressed)


def _links(connection: Connection, book_id: str, selection: Selection, span: Span) -> pl.DataFrame:
    """For each entry of a span: the seal of what it reverses, and whether it is itself reversed as of the
    selection."""
    e, old = t.entries.c, t.entries.alias("old").c
    back, forth = t.reversals.alias("back"), t.reversals.alias("forth")
    query = (
        select(e.seq, e.n, old.seal, forth.c.seq.is_not(None))
        .select_from(t.entries)
        .outerjoin(back, and_(back.c.book_id == e.book_id, back.c.seq == e.seq, back.c.n == e.n))
        .outerjoin(
            old.seal.table,
            and_(old.book_id == e.book_id, old.seq == back.c.reverses_seq, old.n == back.c.reverses_n),
        )
        .outerjoin(
            forth,
            and_(
                forth.c.book_id == e.book_id,
                forth.c.reverses_seq == e.seq,
                forth.c.reverses_n == e.n,
                forth.c.seq <= selection.as_of,
            ),
        )
        .where(e.book_id == book_id, *inside(span, selection))
    )
    schema = pl.Schema({**_ADDRESS, "reverses": pl.Binary(), "reversed": pl.Boolean()})
    found = [fetch(connection, query.where(e.seq >= first, e.seq <= last), schema) for first, last in span.commits]
    return pl.concat(found).with_columns(pl.col("reverses").bin.encode("hex"))


def _arrow(schema: pl.Schema) -> pa.Schema:
    def of(dtype: pl.DataType) -> pa.DataType:
        if dtype == UTC_INSTANT:
            return pa.timestamp("us", "UTC")
        if dtype.is_integer():
            return pa.int64()
        return {pl.String(): pa.string(), pl.Date(): pa.date32(), pl.Boolean(): pa.bool_()}[dtype]

    return pa.schema([(name, of(dtype)) for name, dtype in schema.items()])

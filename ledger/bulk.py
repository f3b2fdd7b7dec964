"""How frames reach the truth's tables and come back, fast: a column at a time, no object per row.

Types on the way: dates are ISO texts and instants are microseconds in the tables, ``Date`` and UTC ``Datetime`` in
frames.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sqlalchemy import Connection, Select, Table

from ledger.batch import UTC_INSTANT

ROWS_AT_ONCE = 20_000
BINARY = ("version", "seal", "hash", "previous", "payload")


def insert(connection: Connection, table: Table, frame: pl.DataFrame, book_id: str) -> None:
    """Insert all rows of a frame, whose columns are columns of the table (all but ``book_id``)."""
    if frame.height == 0:
        return
    ready = frame.select(
        pl.col(name).cast(pl.String)
        if dtype == pl.Date
        else pl.col(name).dt.epoch("us")
        if dtype == UTC_INSTANT
        else pl.col(name)
        for name, dtype in frame.schema.items()
    )
    columns = [name for name in ready.columns if ready[name].null_count() < ready.height]  # the others default to null
    # The book's id is a constant of the statement: settings allow only [a-z0-9-] in it.
    statement = (
        f"INSERT INTO {table.name} (book_id, {', '.join(columns)}) "  # noqa: S608
        f"VALUES ('{book_id}', {', '.join('?' * len(columns))})"
    )
    for part in ready.select(columns).iter_slices(ROWS_AT_ONCE):  # a row of objects is ten times a row of a frame
        rows = list(zip(*(part[name].to_list() for name in columns), strict=True))
        connection.exec_driver_sql(statement, rows)


def fetch(connection: Connection, query: Select[tuple[object, ...]], schema: pl.Schema) -> pl.DataFrame:
    """Rows of a query as a frame of a schema, whose columns are the query's in order."""
    cursor = connection.execute(query).cursor  # the driver's own rows: an object of SQLAlchemy's for each costs as much
    assert cursor is not None
    return frame_of(cursor.fetchall(), schema)


def frame_of(rows: Sequence[Sequence[object]], schema: pl.Schema) -> pl.DataFrame:
    """Rows as they stand in the tables, as a frame of a schema."""
    raw = pl.Schema(
        {
            name: pl.String() if dtype == pl.Date else pl.Int64() if dtype in (UTC_INSTANT, pl.Boolean) else dtype
            for name, dtype in schema.items()
        }
    )
    frame = pl.DataFrame(rows, schema=raw, orient="row") if rows else pl.DataFrame(schema=raw)
    return frame.with_columns(
        pl.col(name).str.to_date("%Y-%m-%d")
        if dtype == pl.Date
        else pl.col(name).cast(pl.Boolean)
        if dtype == pl.Boolean
        else pl.from_epoch(name, "us").dt.replace_time_zone("UTC")
        for name, dtype in schema.items()
        if dtype in (pl.Date, pl.Boolean, UTC_INSTANT)
    )

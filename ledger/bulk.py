"""How frames reach the truth's tables and come back, fast: a column at a time, no object per row.

Types on the way: dates are ISO texts and instants are microseconds in the tables, ``Date`` and UTC ``Datetime`` in
frames.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path

import polars as pl
from sqlalchemy import Connection, Select, Table

from ledger.batch import UTC_INSTANT
from ledger.truth.postgresql import copying
from ledger.truth.sqlite import said

ROWS_AT_ONCE = 20_000
ROWS_PER_STATEMENT = 32
"""SQLite begins a statement, and looks for its place in the table, once for so many rows: a third faster than a
statement a row."""
ROWS_FEW = 16
"""So many rows at most go to PostgreSQL by a statement, as COPY takes longer to begin and to end."""
BINARY = ("version", "seal", "hash", "previous", "payload")


def insert(connection: Connection, table: Table, frame: pl.DataFrame, book_id: str) -> None:
    """Insert all rows of a frame, whose columns are columns of the table (all but ``book_id``)."""
    if frame.height == 0:
        return
    # The other columns default to null. Columns one by one: a query over a few rows costs more than their insertion.
    given = zip(frame.columns, frame.null_count().row(0), strict=True)
    ready = _stored(frame[:, [name for name, missing in given if missing < frame.height]])
    if connection.dialect.name != "postgresql":
        _execute_many(connection, table.name, ready, book_id)
    elif ready.height <= ROWS_FEW:
        _insert_few(connection, table.name, ready, book_id)
    else:
        _copy_in(connection, table.name, ready, book_id)


def _stored(frame: pl.DataFrame) -> pl.DataFrame:
    """The same rows with dates and instants as the tables have them. The frame is the caller's own."""
    for place, dtype in enumerate(frame.dtypes):
        if isinstance(dtype, pl.Date | pl.Datetime):
            frame.replace_column(place, frame.to_series(place).cast(pl.String if dtype == pl.Date else pl.Int64))
    return frame


def fetch(connection: Connection, query: Select[tuple[object, ...]], schema: pl.Schema) -> pl.DataFrame:
    """Rows of a query as a frame of a schema, whose columns are the query's in order."""
    if connection.dialect.name == "postgresql":
        return _copy_out(connection, query, schema)
    cursor = connection.execute(query).cursor  # the driver's own rows: an object of SQLAlchemy's for each costs as much
    assert cursor is not None
    try:
        rows = cursor.fetchall()
    except sqlite3.DatabaseError as error:
        raise _said(connection, error) from None
    return frame_of(rows, schema)


def _execute_many(connection: Connection, table: str, ready: pl.DataFrame, book_id: str) -> None:
    one, many = _statements(table, tuple(ready.columns), book_id, "?")
    driver = connection.connection.driver_connection  # it takes rows as they are made
    assert isinstance(driver, sqlite3.Connection)
    cursor = driver.cursor()
    try:
        if ready.height < ROWS_PER_STATEMENT:
            cursor.executemany(one, ready.rows())
            return
        for part in ready.iter_slices(ROWS_AT_ONCE):  # a row of objects is ten times a row of a frame
            rows = zip(*(part[name].to_list() for name in ready.columns), strict=True)
            whole = chain.from_iterable(islice(rows, part.height // ROWS_PER_STATEMENT * ROWS_PER_STATEMENT))
            cursor.executemany(many, zip(*[whole] * (ROWS_PER_STATEMENT * ready.width), strict=True))
            cursor.executemany(one, rows)
    except sqlite3.Error as error:
        raise _said(connection, error) from None
    finally:
        cursor.close()


@lru_cache(maxsize=256)
def _statements(table: str, columns: tuple[str, ...], book_id: str, value: str) -> tuple[str, str]:
    """What inserts one row, and what inserts ``ROWS_PER_STATEMENT`` rows; ``value`` is how the driver marks one."""
    # The book's id is a constant of the statement: settings allow only [a-z0-9-] in it.
    row = f"('{book_id}', {', '.join([value] * len(columns))})"
    into = f"INSERT INTO {table} (book_id, {', '.join(columns)}) VALUES "  # noqa: S608
    return into + row, into + ", ".join([row] * ROWS_PER_STATEMENT)


def _said(connection: Connection, error: sqlite3.Error) -> Exception:
    """What SQLAlchemy would have raised, had it seen an error of the driver."""
    return said(error, Path(str(connection.engine.url.database))) or error


def _insert_few(connection: Connection, table: str, ready: pl.DataFrame, book_id: str) -> None:
    one, _ = _statements(table, tuple(ready.columns), book_id, "%s")
    connection.exec_driver_sql(one, ready.rows())


def _copy_in(connection: Connection, table: str, ready: pl.DataFrame, book_id: str) -> None:
    """COPY, as CSV: a missing value is nothing, an empty text is quoted, bytes are hexadecimal."""
    written = ready.select(
        pl.lit(book_id).alias("book_id"),
        *(
            ("\\x" + pl.col(name).bin.encode("hex")).alias(name) if dtype == pl.Binary else pl.col(name)
            for name, dtype in ready.schema.items()
        ),
    )
    statement = f"COPY {table} ({', '.join(written.columns)}) FROM STDIN (FORMAT csv)"
    with copying(connection, statement) as copy:
        for part in written.iter_slices(ROWS_AT_ONCE):
            copy.write(part.write_csv(include_header=False))


def _copy_out(connection: Connection, query: Select[tuple[object, ...]], schema: pl.Schema) -> pl.DataFrame:
    statement = str(query.compile(connection, compile_kwargs={"literal_binds": True})).replace("%%", "%")
    raw = pl.Schema(
        {name: dtype if dtype.is_integer() or dtype == UTC_INSTANT else pl.String() for name, dtype in schema.items()}
        | {name: pl.Int64() for name, dtype in schema.items() if dtype == UTC_INSTANT}
    )
    with copying(connection, f"COPY ({statement}) TO STDOUT (FORMAT csv)") as copy:
        content = b"".join(copy)
    if not content:
        return pl.DataFrame(schema=schema)
    frame = pl.read_csv(content, has_header=False, schema=raw)
    return _typed(
        frame.with_columns(
            pl.col(name).str.strip_prefix("\\x").str.decode("hex") if dtype == pl.Binary else pl.col(name) == "t"
            for name, dtype in schema.items()
            if dtype in (pl.Binary, pl.Boolean)
        ),
        schema,
    )


def frame_of(rows: Sequence[Sequence[object]], schema: pl.Schema) -> pl.DataFrame:
    """Rows as they stand in the tables, as a frame of a schema."""
    raw = pl.Schema(
        {
            name: pl.String() if dtype == pl.Date else pl.Int64() if dtype in (UTC_INSTANT, pl.Boolean) else dtype
            for name, dtype in schema.items()
        }
    )
    frame = pl.DataFrame(rows, schema=raw, orient="row") if rows else pl.DataFrame(schema=raw)
    return _typed(frame, schema)


def _typed(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    return frame.with_columns(
        pl.col(name).str.to_date("%Y-%m-%d")
        if dtype == pl.Date
        else pl.col(name).cast(pl.Boolean)
        if dtype == pl.Boolean
        else pl.from_epoch(name, "us").dt.replace_time_zone("UTC")
        for name, dtype in schema.items()
        if dtype in (pl.Date, pl.Boolean, UTC_INSTANT)
    )

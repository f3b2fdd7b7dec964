"""All rows of one book, from every table that there is: copied to another database, and compared.

Tables are taken from ``ledger.tables``, so that a new one is covered by itself. Every value of every row is compared,
also those that no seal covers.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from ledger import tables as t
from ledger.errors import BookError

ROWS_AT_ONCE = 20_000
CHANGING = (t.book_head, t.balances)
"""The tables whose rows change as a book goes on; all others are only ever added to."""

Contents = dict[str, tuple[int, str]]
"""By table: how many rows the book has in it, and the SHA-256 (hex) over all of them."""


def copy(source: Connection, into: Connection, book_id: str) -> Contents:
    """Copy all rows of a book, in bounded memory; what the target has of it already is completed.

    BookError, naming the tables, where the target then has anything else than the source; the caller rolls back.
    """
    for table in t.metadata.sorted_tables:
        copy_table(source, into, table, book_id)
    before, after = contents(source, book_id), contents(into, book_id)
    differing = sorted(name for name in before if before[name] != after[name])
    if differing:
        raise BookError(
            f"the copy of {book_id} is not equal to the original in {', '.join(differing)}; nothing was kept of it, so "
            "do the same again"
        )
    return after


def copy_table(source: Connection, into: Connection, table: Table, book_id: str) -> None:
    """Copy the rows that a book has in one table."""
    put = _insert(into, table)
    found = source.execute(_all(table, book_id), execution_options={"yield_per": ROWS_AT_ONCE})
    for part in found.mappings().partitions(ROWS_AT_ONCE):
        into.execute(put, [dict(row) for row in part])


def contents(connection: Connection, book_id: str) -> Contents:
    """What a book has in each table. The same on every engine, for the same rows."""
    return {table.name: _content(connection, table, book_id) for table in t.metadata.sorted_tables}


def _content(connection: Connection, table: Table, book_id: str) -> tuple[int, str]:
    found = connection.execute(_all(table, book_id), execution_options={"yield_per": ROWS_AT_ONCE})
    hashed, number = hashlib.sha256(), 0
    for part in found.partitions(ROWS_AT_ONCE):
        hashed.update("".join(repr(tuple(row)) for row in part).encode())  # no two rows are written alike
        number += len(part)
    return number, hashed.hexdigest()


def _all(table: Table, book_id: str) -> Any:
    return select(table).where(table.c.book_id == book_id).order_by(*table.primary_key.columns)


def _insert(into: Connection, table: Table) -> Any:
    put = (postgresql if into.dialect.name == "postgresql" else sqlite).insert(table)
    if table not in CHANGING:
        return put.on_conflict_do_nothing()
    new = {column.name: put.excluded[column.name] for column in table.columns if not column.primary_key}
    return put.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=new)

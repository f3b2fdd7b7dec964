"""Damage: rows whose values cannot even be read as what was written.

A database file that was damaged or edited can hold a text that is no UTF-8, a date that no month has, an instant that
no calendar has, or a number that its column's type in a frame does not hold. Reading such a row fails in the middle of
a query, without saying which row it was; and so does a reversal whose entry is not there. ``unreadable`` finds them, a
row at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Column, Connection, String, Table, exists, select

from ledger import tables as t
from ledger.batch import EVENTS, LINES, TAXES, TENDERS, TICKETS, UTC_INSTANT
from ledger.reading import instant

_FRAMES: dict[str, pl.Schema] = {
    "tickets": TICKETS,
    "lines": LINES,
    "tenders": TENDERS,
    "taxes": TAXES,
    "events": EVENTS,
}
_INSTANTS = {"commits.recorded_at", "documents.received_at", "intakes.at"}


def unreadable(connection: Connection, book_id: str) -> list[str]:
    """A sentence for the first row of each table that has a value which cannot be read, and for reversals of entries
    that are not there."""
    found = [said for table in t.metadata.sorted_tables if (said := next(_of(connection, table, book_id), None))]
    return found or _astray(connection, book_id)


def _astray(connection: Connection, book_id: str) -> list[str]:
    r, e = t.reversals.c, t.entries.c
    there = exists().where(e.book_id == r.book_id, e.seq == r.reverses_seq, e.n == r.reverses_n)
    query = select(r.seq, r.n, r.reverses_seq, r.reverses_n).where(r.book_id == book_id, ~there)
    return [
        f"entry {seq}-{n}: it reverses entry {of_seq}-{of_n}, which is not there"
        for seq, n, of_seq, of_n in connection.execute(query.order_by(r.seq, r.n).limit(1))
    ]


def _of(connection: Connection, table: Table, book_id: str) -> Iterator[str]:
    columns = list(table.columns)
    for row in _raw(connection, table):
        values = {column.name: _text(column, value) for column, value in zip(columns, row, strict=True)}
        if values["book_id"] != book_id:
            continue
        for column, value in zip(columns, row, strict=True):
            if not _legible(table, column, value):
                key = "-".join(str(values[one.name]) for one in table.primary_key.columns if one.name != "book_id")
                yield f"{table.name} at {key}: its {column.name} is damaged and cannot be read"


def _raw(connection: Connection, table: Table) -> Iterator[Any]:
    """The rows of a table as they stand there; texts as bytes where the driver would fail on them."""
    query = select(*(table.c[column.name] for column in table.columns))
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield from connection.execute(query)
        return
    before, driver.text_factory = driver.text_factory, bytes
    try:
        yield from driver.execute(str(query)).fetchall()
    finally:
        driver.text_factory = before


def _text(column: Column[Any], value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(column.type, String) and isinstance(value, bytes) else value


def _legible(table: Table, column: Column[Any], value: Any) -> bool:
    if value is None:
        return True
    try:
        if isinstance(column.type, String):
            text = value.decode() if isinstance(value, bytes) else str(value)
            if column.name.endswith("_date"):
                date.fromisoformat(text)
            return True
        if f"{table.name}.{column.name}" in _INSTANTS:
            instant(value)
        kind = _FRAMES[table.name].get(column.name) if table.name in _FRAMES else None
        if kind == UTC_INSTANT:
            instant(value)
        elif kind is not None and kind.is_integer():
            pl.Series([value], dtype=kind)
    except (ValueError, OverflowError, OSError, TypeError, pl.exceptions.PolarsError):
        return False
    return True

"""Which store-days of the journal are wanted, and where in truth they lie.

Entries lie in truth in order of arrival, and an export wants them by business date and store. One look over all commits
says which of them have which days; then the days can be read in order, some at a time, each from those commits alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl
from sqlalchemy import ColumnElement, Connection, func, select

from ledger import tables as t
from ledger.bulk import fetch
from ledger.errors import PlanError

Detail = Literal["daily", "ticket"]

ENTRIES_AT_ONCE = 30_000
"""Commits are looked at, and store-days read, so many entries at a time; a commit or store-day alone may be
larger."""

_SPREAD = pl.Schema({"business_date": pl.Date(), "store": pl.String(), "currency": pl.String(), "entries": pl.Int64()})


@dataclass(frozen=True)
class Selection:
    """What of the journal is wanted: days ``first`` to ``last``, both included, as known at commit ``as_of``.

    No ``stores`` means all of them, no ``currency`` all of them.
    """

    as_of: int
    detail: Detail = "daily"
    first: date | None = None
    last: date | None = None
    stores: tuple[str, ...] = ()
    currency: str | None = None


@dataclass(frozen=True)
class Span:
    """Whole store-days that are read together, and the commits ``(first, last)`` that have them.

    Either all wanted stores of the days ``first`` to ``last``, or some ``stores`` of one day.
    """

    first: date
    last: date
    stores: tuple[str, ...]
    commits: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Spread:
    """Where the selected store-days lie: frame of (business_date, store, currency, entries, first, last), where
    ``first`` and ``last`` are the commits of a range that has such entries. ``book_last`` is the last business date of
    any entry that was known then, selected or not; None for an empty book."""

    rows: pl.DataFrame
    book_last: date | None

    @property
    def dates(self) -> tuple[date, date] | None:
        """The first and the last business date that has an entry."""
        days = self.rows["business_date"]
        if days.is_empty():
            return None
        low, high = days.min(), days.max()
        assert isinstance(low, date)
        assert isinstance(high, date)
        return low, high

    def spans(self) -> Iterator[Span]:
        """The store-days in order, about ``ENTRIES_AT_ONCE`` entries at a time."""
        key = ("business_date", "store")
        days = self.rows.group_by(key).agg(pl.col("entries").sum()).sort(key)
        open_days: list[date] = []
        waiting = 0
        for (day,), stores in days.group_by("business_date", maintain_order=True):
            assert isinstance(day, date)
            entries = int(stores["entries"].sum())
            if open_days and waiting + entries > ENTRIES_AT_ONCE:
                yield self._span(open_days[0], open_days[-1], ())
                open_days, waiting = [], 0
            if entries > ENTRIES_AT_ONCE:
                yield from self._parts_of_day(day, stores)
            else:
                open_days.append(day)
                waiting += entries
        if open_days:
            yield self._span(open_days[0], open_days[-1], ())

    def _parts_of_day(self, day: date, stores: pl.DataFrame) -> Iterator[Span]:
        some: list[str] = []
        waiting = 0
        for name, entries in stores.select("store", "entries").iter_rows():
            if some and waiting + entries > ENTRIES_AT_ONCE:
                yield self._span(day, day, tuple(some))
                some, waiting = [], 0
            some.append(name)
            waiting += entries
        yield self._span(day, day, tuple(some))

    def _span(self, first: date, last: date, stores: tuple[str, ...]) -> Span:
        inside = pl.col("business_date").is_between(first, last)
        if stores:
            inside &= pl.col("store").is_in(stores)
        commits = self.rows.filter(inside).select("first", "last").unique().sort("first").rows()
        return Span(first, last, stores, tuple(commits))


def commit_ranges(connection: Connection, book_id: str, after: int, upto: int) -> Iterator[tuple[int, int]]:
    """Ranges of commits after ``after`` up to ``upto``, both ends included, of about ``ENTRIES_AT_ONCE``
    entries."""
    c = t.commits.c
    query = select(c.seq, c.entries).where(c.book_id == book_id, c.seq > after, c.seq <= upto).order_by(c.seq)
    first, last, entries = 0, 0, 0
    # the option is the statement's: set on the connection it would stay, and rows that it buffers are lost to ``fetch``
    for seq, more in connection.execute(query.execution_options(yield_per=10_000)):
        if first and entries + more > ENTRIES_AT_ONCE:
            yield first, last
            first, entries = 0, 0
        first, last, entries = first or seq, seq, entries + more
    if first:
        yield first, last


def spread(connection: Connection, book_id: str, selection: Selection) -> Spread:
    """Where the selected store-days lie. PlanError names a store that the book does not have."""
    e = t.entries.c
    found, stores, lasts = [], set(), []
    for first, last in list(commit_ranges(connection, book_id, 0, selection.as_of)):
        query = (
            select(e.business_date, e.store, e.currency, func.count())
            .where(e.book_id == book_id, e.seq >= first, e.seq <= last)
            .group_by(e.business_date, e.store, e.currency)
        )
        frame = fetch(connection, query, _SPREAD)
        stores.update(frame["store"].to_list())
        lasts += frame["business_date"].drop_nulls().sort().tail(1).to_list()
        found.append(
            frame.filter(_wanted(selection)).with_columns(pl.lit(first).alias("first"), pl.lit(last).alias("last"))
        )
    unknown = [name for name in selection.stores if name not in stores]
    if unknown:
        known = ", ".join(sorted(stores)) or "none"
        raise PlanError(f"the book has no store {unknown[0]!r}; its stores are {known}")
    empty = pl.DataFrame(schema={**_SPREAD, "first": pl.Int64(), "last": pl.Int64()})
    return Spread(pl.concat([empty, *(one.cast(empty.schema) for one in found)]), max(lasts, default=None))


def inside(span: Span, selection: Selection) -> list[ColumnElement[bool]]:
    """Conditions on ``entries`` for what lies in a span and is selected; the commits are the caller's."""
    e = t.entries.c
    found = [e.business_date >= span.first.isoformat(), e.business_date <= span.last.isoformat()]
    if span.stores:
        found.append(e.store.in_(span.stores))
    return [*found, *conditions(selection)]


def _wanted(selection: Selection) -> pl.Expr:
    wanted = pl.lit(value=True)
    if selection.first is not None:
        wanted &= pl.col("business_date") >= selection.first
    if selection.last is not None:
        wanted &= pl.col("business_date") <= selection.last
    if selection.stores:
        wanted &= pl.col("store").is_in(selection.stores)
    if selection.currency is not None:
        wanted &= pl.col("currency") == selection.currency
    return wanted


def conditions(selection: Selection) -> list[ColumnElement[bool]]:
    """Conditions on ``entries`` for the stores and the currency that are selected."""
    e = t.entries.c
    found: list[ColumnElement[bool]] = []
    if selection.stores:
        found.append(e.store.in_(selection.stores))
    if selection.currency is not None:
        found.append(e.currency == selection.currency)
    return found

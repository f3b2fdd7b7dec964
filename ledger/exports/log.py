"""The memory of exports: what was given to other systems, and what has changed since on the days that they hold.

An export is remembered with the days and stores that were asked for and the commit it was made at, whether or not they
had entries then. An entry that was posted after that commit on one of those days and stores changes it, until a later
export in the same format holds that store-day again. What a change says is the difference of each account: what an
accountant would have to post there.

Without a first day an export reaches back without end. Without a last day it reaches to the last business date that the
whole book had at its commit: a later one is a new day, not a changed one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl
from sqlalchemy import Connection, and_, func, insert, select

from ledger import tables as t
from ledger.bulk import fetch
from ledger.exports.store_days import Detail, Selection, commit_ranges
from ledger.reading import instant, microseconds

_TOUCHED = pl.Schema(
    {
        "seq": pl.Int64(),
        "business_date": pl.Date(),
        **{name: pl.String() for name in ("store", "currency")},
        "entries": pl.Int64(),
    }
)
_POSTED = pl.Schema(
    {
        "seq": pl.Int64(),
        "business_date": pl.Date(),
        **{name: pl.String() for name in ("store", "currency", "account")},
        "amount_minor": pl.Int64(),
    }
)
_DAY = ("store", "business_date")


@dataclass(frozen=True)
class Made:
    """One export as it was written. ``dates`` are the first and last business date in it, or None for an empty one;
    ``book_last`` is the last business date that the whole book had then, None for an empty book.

    ``sha256`` (hex) is of the file's bytes; of several files, of the lines ``sha256sum`` prints for them in order
    of name.
    """

    format: str
    selection: Selection
    dates: tuple[date, date] | None
    book_last: date | None
    entries: int
    lines: int
    sha256: str
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """By how much an account's balance on a store-day has changed, in minor units, debit positive."""

    account: str
    currency: str
    amount_minor: int


@dataclass(frozen=True)
class DayChange:
    """An exported store-day that has changed since: how many entries came, and what they come to by account."""

    store: str
    business_date: date
    entries: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Exported:
    """One remembered export; ``stores`` is empty and ``currency`` None where it holds them all.

    It holds the days ``first`` to ``last``: from the beginning where ``first`` is None, none at all where ``last`` is.
    """

    number: int
    at: datetime
    format: str
    detail: Detail
    first: date | None
    last: date | None
    stores: tuple[str, ...]
    currency: str | None
    seq: int
    entries: int
    sha256: str
    changes: tuple[DayChange, ...] = ()

    def holds(self, store: str, day: date) -> bool:
        """Whether a store-day is among those exported."""
        if self.last is None or day > self.last or (self.first is not None and day < self.first):
            return False
        return not self.stores or store in self.stores


def remember(connection: Connection, book_id: str, made: Made, at: datetime) -> int:
    """Write down an export; its number, from 1. The caller holds the writer's lock."""
    x = t.exports.c
    number = (connection.execute(select(func.max(x.number)).where(x.book_id == book_id)).scalar() or 0) + 1
    chosen = made.selection
    last = chosen.last or made.book_last
    connection.execute(
        insert(t.exports).values(
            book_id=book_id,
            number=number,
            at=microseconds(at),
            format=made.format,
            detail=chosen.detail,
            first_date=chosen.first.isoformat() if chosen.first else None,
            last_date=last.isoformat() if last else None,
            stores=json.dumps(chosen.stores, ensure_ascii=False) if chosen.stores else None,
            currency=chosen.currency,
            seq=chosen.as_of,
            entries=made.entries,
            sha256=bytes.fromhex(made.sha256),
        )
    )
    return number


def exports(connection: Connection, book_id: str, head: int) -> list[Exported]:
    """Every remembered export with what has changed since, the newest first."""
    x = t.exports.c
    found = [
        Exported(
            number=row.number,
            at=instant(row.at),
            format=row.format,
            detail=row.detail,
            first=date.fromisoformat(row.first_date) if row.first_date else None,
            last=date.fromisoformat(row.last_date) if row.last_date else None,
            stores=tuple(json.loads(row.stores)) if row.stores else (),
            currency=row.currency,
            seq=row.seq,
            entries=row.entries,
            sha256=row.sha256.hex(),
        )
        for row in connection.execute(select(t.exports).where(x.book_id == book_id).order_by(x.number.desc()))
    ]
    changes = _changes(connection, book_id, found, head)
    return [replace(one, changes=tuple(changes.get(one.number, ()))) for one in found]


def _changes(connection: Connection, book_id: str, known: Sequence[Exported], head: int) -> dict[int, list[DayChange]]:
    """Changed store-days by the number of the export that holds them, ``known`` being the newest first."""
    holding = [one for one in known if one.last is not None]
    if not holding:
        return {}
    counts, sums = [], []
    current: dict[tuple[str, date], list[Exported]] = {}
    for first, last in list(commit_ranges(connection, book_id, min(one.seq for one in holding), head)):
        touched = _touched(connection, book_id, first, last, holding)
        for day in touched.select(_DAY).unique().iter_rows():
            if day not in current:
                current[day] = _latest(holding, *day)
        after = _after(touched, current)
        if after.height:
            counts.append(after)
            sums.append(_after(_posted(connection, book_id, first, last, after), current))
    if not counts:
        return {}
    key = ("number", *_DAY)
    entries = pl.concat(counts).group_by(key).agg(pl.col("entries").sum()).sort(key)
    differences = (
        pl.concat(sums)
        .group_by(*key, "currency", "account")
        .agg(pl.col("amount_minor").sum())
        .filter(pl.col("amount_minor") != 0)
        .sort("currency", "account")
    )
    by_day: dict[tuple[int, str, date], list[Difference]] = {}
    for number, store, day, currency, account, amount in differences.iter_rows():
        by_day.setdefault((number, store, day), []).append(Difference(account, currency, amount))
    daily = {one.number for one in holding if one.detail == "daily"}
    changes: dict[int, list[DayChange]] = {}
    for number, store, day, count in entries.iter_rows():
        found = tuple(by_day.get((number, store, day), ()))
        if found or number not in daily:  # what nets to nothing leaves a daily summary as it was
            changes.setdefault(number, []).append(DayChange(store, day, count, found))
    return changes


def _latest(known: Sequence[Exported], store: str, day: date) -> list[Exported]:
    """The newest export of each format, and of each currency it was limited to, that holds a store-day."""
    latest: dict[tuple[str, str | None], Exported] = {}
    for one in known:
        if one.holds(store, day) and (one.format, None) not in latest:
            latest.setdefault((one.format, one.currency), one)
    return list(latest.values())


def _after(rows: pl.DataFrame, current: dict[tuple[str, date], list[Exported]]) -> pl.DataFrame:
    """The rows that came after the newest export of a format that holds their store-day and currency, with its
    ``number``."""
    exported = pl.DataFrame(
        [
            (store, day, one.format, one.number, one.seq, one.currency)
            for (store, day), ones in current.items()
            for one in ones
        ],
        schema={
            "store": pl.String(),
            "business_date": pl.Date(),
            "format": pl.String(),
            "number": pl.Int64(),
            "exported_seq": pl.Int64(),
            "only": pl.String(),
        },
        orient="row",
    )
    return (
        rows.join(exported, on=_DAY)
        .filter(pl.col("only").is_null() | (pl.col("only") == pl.col("currency")))
        .filter(pl.col("number") == pl.col("number").max().over("format", *_DAY, "currency"))
        .filter(pl.col("seq") > pl.col("exported_seq"))
        .drop("exported_seq", "only", "seq", "format")
    )


def _touched(connection: Connection, book_id: str, first: int, last: int, known: Sequence[Exported]) -> pl.DataFrame:
    e = t.entries.c
    firsts = [one.first for one in known if one.first is not None]
    high = max(one.last for one in known if one.last is not None)
    query = (
        select(e.seq, e.business_date, e.store, e.currency, func.count())
        .where(e.book_id == book_id, e.seq >= first, e.seq <= last)
        .where(e.business_date <= high.isoformat())
        .group_by(e.seq, e.business_date, e.store, e.currency)
    )
    if len(firsts) == len(known):
        query = query.where(e.business_date >= min(firsts).isoformat())
    return fetch(connection, query, _TOUCHED)


def _posted(connection: Connection, book_id: str, first: int, last: int, after: pl.DataFrame) -> pl.DataFrame:
    """Postings of a range of commits on the store-days that changed in it."""
    e, p = t.entries.c, t.postings.c
    days = [str(day) for day in after["business_date"].unique().to_list()]
    query = (
        select(e.seq, e.business_date, e.store, e.currency, p.account, p.amount_minor)
        .select_from(t.entries)
        .join(t.postings, and_(p.book_id == e.book_id, p.seq == e.seq, p.n == e.n))
        .where(e.book_id == book_id, e.seq >= first, e.seq <= last, e.business_date.between(min(days), max(days)))
    )
    return fetch(connection, query, _POSTED).join(after.select(_DAY).unique(), on=_DAY, how="semi")

"""Which entries were late for a locked period, and the dates that they belong to.

Such a prior-period entry was posted on a later date than its own (``ledger.periods``), which whoever reads a journal or
a list of entries has to be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, func, select, tuple_

from ledger import tables as t

Address = tuple[int, int]


def original_dates(connection: Connection, book_id: str, addresses: Sequence[Address]) -> dict[Address, date]:
    """The dates that the prior-period entries among some belong to, by their addresses (seq, n)."""
    if not addresses or not _any_change(connection, book_id):
        return {}
    e = t.entries.c
    query = select(e.seq, e.n, e.original_business_date).where(
        e.book_id == book_id, tuple_(e.seq, e.n).in_(addresses), e.original_business_date.is_not(None)
    )
    return {(seq, n): date.fromisoformat(day) for seq, n, day in connection.execute(query)}


def store_days(
    connection: Connection, book_id: str, as_of: int, first: date | None, last: date | None
) -> dict[tuple[str, date], tuple[date, ...]]:
    """For each store and business date from ``first`` to ``last`` that has prior-period entries as known at a commit:
    the dates that these belong to, in order."""
    e, p = t.entries.c, t.periods.c
    since = connection.scalar(select(func.min(p.seq)).where(p.book_id == book_id))
    if since is None:
        return {}
    # nothing is late before a period was first closed: older commits need not be looked at
    query = (
        select(e.store, e.business_date, e.original_business_date)
        .where(e.book_id == book_id, e.seq > since, e.seq <= as_of, e.original_business_date.is_not(None))
        .distinct()
        .order_by(e.store, e.business_date, e.original_business_date)
    )
    if first is not None:
        query = query.where(e.business_date >= first.isoformat())
    if last is not None:
        query = query.where(e.business_date <= last.isoformat())
    found: dict[tuple[str, date], tuple[date, ...]] = {}
    for store, day, belongs in connection.execute(query):
        key = (store, date.fromisoformat(day))
        found[key] = (*found.get(key, ()), date.fromisoformat(belongs))
    return found


def _any_change(connection: Connection, book_id: str) -> bool:
    """Whether a period was ever closed; where none was, nothing can have been late for it."""
    return (
        connection.execute(select(t.periods.c.seq).where(t.periods.c.book_id == book_id).limit(1)).first() is not None
    )

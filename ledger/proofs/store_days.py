"""Store-days and their roots: what two books that were fed the same documents agree on.

The root of a store-day is the Merkle root over the seals of its entries, sorted: it does not depend on the order in
which they came. The root of a *book* is the Merkle root over its store-days, each with its store, date, number of
entries and root; so both numbers of leaves on the way from a seal to the book's root are themselves sealed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ledger import tables as t
from ledger.proofs import merkle
from ledger.seals import framed

VERSION = b"tillproof/store-day/1"
ENTRIES_AT_ONCE = 250_000
"""Seals that are held in memory together: some 50 MB. A single business date is never split."""


@dataclass(frozen=True)
class StoreDay:
    """A store on a business date (ISO): how many entries it has, reversals too, and the root over their seals."""

    store: str
    business_date: str
    entries: int
    root: bytes

    def leaf(self) -> bytes:
        """SHA-256 over all of it: its leaf in the tree of the book."""
        return hashlib.sha256(
            VERSION + framed(self.store) + framed(self.business_date) + framed(self.entries) + framed(self.root)
        ).digest()


def store_days(connection: Connection, book_id: str, upto: int) -> list[StoreDay]:
    """Every store-day as it stood after commit ``upto``, in order of store and business date (by code point).

    Business dates are taken some at a time, and of the entries only the commits that have any: on a book that grows
    by the day that is one pass, in memory that does not grow with it.
    """
    found = [
        StoreDay(store, day, len(seals), merkle.root(sorted(seals)))
        for first, last, from_seq, to_seq in _ranges(connection, book_id, upto)
        for (store, day), seals in _seals(connection, book_id, first, last, from_seq, to_seq).items()
    ]
    return sorted(found, key=lambda one: (one.store, one.business_date))


def book_root(days: Iterable[StoreDay]) -> bytes:
    """The Merkle root over all store-days of a book, which must be in order of store and business date."""
    return merkle.root(one.leaf() for one in days)


def seals_of(connection: Connection, book_id: str, store: str, business_date: str, upto: int) -> list[bytes]:
    """The seals of one store-day as it stood after commit ``upto``, sorted: the leaves under its root."""
    e = t.entries.c
    query = select(e.seal).where(
        e.book_id == book_id, e.seq <= upto, e.business_date == business_date, e.store == store
    )
    return sorted(connection.scalars(query))


def _ranges(connection: Connection, book_id: str, upto: int) -> Iterator[tuple[str, str, int, int]]:
    """Ranges of business dates that together have every entry, each with the commits that its entries lie between."""
    e = t.entries.c
    counted = connection.execute(
        select(e.business_date, func.count(), func.min(e.seq), func.max(e.seq))
        .where(e.book_id == book_id, e.seq <= upto)
        .group_by(e.business_date)
        .order_by(e.business_date)
    ).fetchall()
    start = 0
    while start < len(counted):
        end, total = start, 0
        while end < len(counted) and (end == start or total + counted[end][1] <= ENTRIES_AT_ONCE):
            total += counted[end][1]
            end += 1
        taken = counted[start:end]
        yield taken[0][0], taken[-1][0], min(row[2] for row in taken), max(row[3] for row in taken)
        start = end


def _seals(
    connection: Connection, book_id: str, first: str, last: str, from_seq: int, to_seq: int
) -> dict[tuple[str, str], list[bytes]]:
    e = t.entries.c
    query = select(e.store, e.business_date, e.seal).where(
        e.book_id == book_id, e.seq.between(from_seq, to_seq), e.business_date.between(first, last)
    )
    cursor = connection.execute(query).cursor  # the driver's own rows, as in ledger.bulk
    assert cursor is not None
    found: dict[tuple[str, str], list[bytes]] = {}
    while rows := cursor.fetchmany(20_000):
        for store, day, seal in rows:
            try:
                found[store, day].append(seal)
            except KeyError:
                found[store, day] = [seal]
    return found

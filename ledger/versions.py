"""Duplicates, versions and conflicts: what a ticket is to a book that may know it already.

Of one identity ``(source, external_id)``, the version with the newest stamp of its source is *live*; every other
is posted and reversed, so that the set of entries is the same in whichever order the versions came:

- the content is known: a duplicate;
- its stamp is newer than the live one's: a new version, and the live one is reversed;
- its stamp is older: a late version, posted and reversed at once;
- its stamp is the same, or one of the two has none: a conflict for a person. Arrival order must not decide it. One that
  the person accepts is a new version, and the live one is reversed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import polars as pl
from sqlalchemy import ARRAY, Connection, Select, String, Table, bindparam, func, literal, select, true

from ledger.tables import reversals

CHUNK = 500
"""Ids that are looked up at once; so few that those of a new export lie in a range that truth does not touch."""

Address = tuple[int, int]


@dataclass
class _Identity:
    """What is known of one identity while a batch is resolved; a ``ref`` is an address in truth or a row of the
    batch."""

    stamps: dict[bytes, int | None]
    live: Address | int | None
    live_stamp: int | None


@dataclass
class Resolution:
    """What becomes of each row of a batch.

    ``keep`` are the rows to post, in order. ``versions`` counts those among them that are no first version,
    ``reversed_rows`` and ``reversed_addresses`` are what must be reversed, ``conflicts`` pairs a row with what it
    conflicts with, ``late`` are rows that are new but barred, ``accepted`` rows that are kept by a person's word.
    """

    keep: list[int] = field(default_factory=list)
    duplicates: int = 0
    versions: int = 0
    reversed_rows: list[int] = field(default_factory=list)
    reversed_addresses: list[Address] = field(default_factory=list)
    conflicts: list[tuple[int, Address | int]] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)


def resolve(
    connection: Connection,
    table: Table,
    book_id: str,
    frame: pl.DataFrame,
    digests: Sequence[bytes],
    barred: Collection[int] = (),
    accepted: Collection[int] = (),
) -> Resolution:
    """Resolve the rows of ``frame`` (with source, external_id, version_stamp) against each other and ``table``.

    ``barred`` are rows that must not be posted; such a one is ``late``, unless it is a duplicate. ``accepted`` are rows
    that a person lets in should they be conflicts; what is older than the live version stays one.
    """
    if frame.height == 0:
        return Resolution()
    identities = list(zip(frame["source"].to_list(), frame["external_id"].to_list(), strict=True))
    known = _known(connection, table, book_id, identities)
    if not known and not barred and len(set(identities)) == len(identities):
        return Resolution(keep=list(range(frame.height)))
    stamps = frame["version_stamp"].dt.epoch("us").to_list()
    outcome = Resolution()
    for row, (identity, digest, stamp) in enumerate(zip(identities, digests, stamps, strict=True)):
        if row in barred:
            found = known.get(identity)
            if found is not None and digest in found.stamps:
                outcome.duplicates += 1
            else:
                outcome.late.append(row)
        else:
            _resolve_row(outcome, known, row, identity, digest, stamp, row in accepted)
    return outcome


def _resolve_row(
    outcome: Resolution,
    known: dict[tuple[str, str], _Identity],
    row: int,
    identity: tuple[str, str],
    digest: bytes,
    stamp: int | None,
    accepted: bool,
) -> None:
    found = known.get(identity)
    if found is None:
        known[identity] = _Identity({digest: stamp}, row, stamp)
        outcome.keep.append(row)
        return
    if digest in found.stamps:
        outcome.duplicates += 1
        return
    if stamp is None or found.live_stamp is None or stamp in found.stamps.values():
        assert found.live is not None
        older = stamp is not None and found.live_stamp is not None and stamp < found.live_stamp
        if older or not accepted:
            outcome.conflicts.append((row, found.live))
            return
        outcome.accepted.append(row)
        newer = True
    else:
        newer = stamp > found.live_stamp
    outcome.keep.append(row)
    outcome.versions += 1
    found.stamps[digest] = stamp
    superseded: Address | int | None = row
    if newer:
        superseded, found.live, found.live_stamp = found.live, row, stamp
    if isinstance(superseded, int):
        outcome.reversed_rows.append(superseded)
    elif superseded is not None:
        outcome.reversed_addresses.append(superseded)


def _known(
    connection: Connection, table: Table, book_id: str, identities: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], _Identity]:
    known: dict[tuple[str, str], _Identity] = {}
    for source, ids in _searched(connection, table, book_id, identities):
        query = _versions_of(connection, table, book_id, source, ids)
        for external_id, version, stamp, seq, n, is_reversed in connection.execute(query):
            found = known.setdefault((source, external_id), _Identity({}, None, None))
            found.stamps[version] = stamp
            if is_reversed is None:
                found.live, found.live_stamp = (seq, n), stamp
    return known


def _versions_of(
    connection: Connection, table: Table, book_id: str, source: str, ids: Sequence[str]
) -> Select[tuple[Any, ...]]:
    """All versions of some ids: (external_id, version, version_stamp, seq, n, commit that reversed it or null).

    Each id is looked up in the index. That has to be said: a database without statistics, as a book is while it is
    filled, takes reading all of the book once for cheaper.
    """
    of = table.c
    reversed_by = (
        select(reversals.c.seq)
        .where(reversals.c.book_id == of.book_id, reversals.c.reverses_seq == of.seq, reversals.c.reverses_n == of.n)
        .scalar_subquery()
    )
    query = select(of.external_id, of.version, of.version_stamp, of.seq, of.n, reversed_by.label("reversed")).where(
        of.book_id == book_id, of.source == source
    )
    if connection.dialect.name == "sqlite":
        return query.where(of.external_id.in_(ids)).with_hint(table, f"INDEXED BY {table.name}_identity", "sqlite")
    wanted = func.unnest(literal(ids, ARRAY(String))).table_valued("id", name="wanted").render_derived()
    each = query.where(of.external_id == wanted.c.id).offset(0).lateral("each")  # the offset keeps it one for each id
    return select(*each.c).select_from(wanted.join(each, true()))


def _searched(
    connection: Connection, table: Table, book_id: str, identities: Iterable[tuple[str, str]]
) -> Iterator[tuple[str, list[str]]]:
    """Chunks of ids that truth may know. A range that it does not touch, as in a new export, costs one look."""
    of_source: dict[str, set[str]] = defaultdict(set)
    for source, external_id in identities:
        of_source[source].add(external_id)
    for source, found in of_source.items():
        ids = sorted(found)
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            of_chunk = {"book": book_id, "source": source, "first": chunk[0], "last": chunk[-1]}
            if connection.execute(_near(table), of_chunk).first() is not None:
                yield source, chunk


@cache
def _near(table: Table) -> Select[tuple[int]]:
    """Whether truth has any id of a range."""
    between = table.c.external_id.between(bindparam("first"), bindparam("last"))
    of_source = (table.c.book_id == bindparam("book"), table.c.source == bindparam("source"))
    return select(table.c.seq).where(*of_source, between).limit(1)

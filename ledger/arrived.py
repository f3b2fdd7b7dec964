"""What came in after a commit, as narrow frames: which tickets of which till, number and day. For whoever follows the
book to say what is missing; the whole tickets are in ``ledger.committed``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import ColumnElement, Table, select

from ledger import tables as t
from ledger.batch import EVENTS, SETTLEMENT_KINDS, TICKETS
from ledger.book import Book
from ledger.bulk import fetch
from ledger.committed import ADDRESS

TICKET_NAMES = (
    "source", "external_id", "version_stamp", "store", "register", "sequence", "business_date", "opened_at",
    "closed_at", "utc_offset_minutes", "total_minor",
)  # fmt: skip
EVENT_NAMES = ("source", "store", "business_date", "opening_float_minor", "expected_minor")
TICKET_PLACES = pl.Schema({**ADDRESS, **{name: TICKETS[name] for name in TICKET_NAMES}})
EVENT_PLACES = pl.Schema({**ADDRESS, **{name: EVENTS[name] for name in EVENT_NAMES}})


@dataclass(frozen=True)
class Arrived:
    """Tickets of tills and till events of some commits, with their addresses, and the addresses that those commits
    reversed. What processors paid out or kept is no ticket of a till."""

    tickets: pl.DataFrame
    events: pl.DataFrame
    reversed: pl.DataFrame


def arrived(book: Book, after: int, upto: int, since: date) -> Arrived:
    """What the commits after ``after`` up to ``upto`` brought of business dates from ``since`` on."""
    with book.snapshot() as connection:

        def rows(table: Table, schema: pl.Schema, *only: ColumnElement[bool]) -> pl.DataFrame:
            query = (
                select(*(table.c[name] for name in schema))
                .where(table.c.book_id == book.id, table.c.seq > after, table.c.seq <= upto, *only)
                .where(table.c.business_date >= str(since))
            )
            return fetch(connection, query, schema)

        r = t.reversals.c
        taken = select(r.reverses_seq, r.reverses_n).where(r.book_id == book.id, r.seq > after, r.seq <= upto)
        return Arrived(
            tickets=rows(t.tickets, TICKET_PLACES, t.tickets.c.kind.not_in(SETTLEMENT_KINDS)),
            events=rows(t.events, EVENT_PLACES),
            reversed=fetch(connection, taken, pl.Schema(ADDRESS)),
        )

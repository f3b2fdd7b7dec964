"""The truth's tables, as SQLAlchemy Core sees them. ``migrations/`` makes them; a test holds the two together.

Rules that keep them portable to engines that shard PostgreSQL: every key leads with ``book_id``; no serials,
triggers, partial indexes or JSON operators; money is BIGINT minor units; business dates are ISO texts; instants
are BIGINT microseconds since 1970, UTC; hashes are 32 bytes.

A posted row is addressed by ``(seq, n)``: the commit's number in the book's chain, given out under the book's head
row, and the row's number in the commit. Detail tables are clustered on it, so that insertion is always an append,
however large the book is, and catching up is a range scan. Identity comes from content: ``(source, external_id,
version)`` is unique, where ``version`` is the digest of the content.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table

from ledger.batch import EVENTS, LINES, TAXES, TENDERS, TICKETS, UTC_INSTANT

metadata = MetaData()

STORED_TICKET = tuple(name for name in TICKETS if name not in ("ticket", "document"))
STORED_LINE = tuple(name for name in LINES if name != "ticket")
STORED_TENDER = tuple(name for name in TENDERS if name != "ticket")
STORED_TAX = tuple(name for name in TAXES if name != "ticket")
STORED_EVENT = tuple(name for name in EVENTS if name != "document")
_REQUIRED = {"source", "external_id", "store", "business_date", "kind", "currency", "number", "locator"}


def _address() -> list[Column[Any]]:
    return [
        Column("book_id", String(32), primary_key=True),
        Column("seq", BigInteger, primary_key=True, autoincrement=False),
        Column("n", BigInteger, primary_key=True, autoincrement=False),
    ]


def _columns(schema: pl.Schema, names: tuple[str, ...], key: str | None = None) -> list[Column[Any]]:
    return [
        Column(
            name,
            _sql_type(schema[name]),
            primary_key=name == key,
            nullable=name not in _REQUIRED,
            autoincrement=False if name == key else "auto",
        )
        for name in names
    ]


def _sql_type(dtype: pl.DataType) -> Any:
    if dtype in (pl.String, pl.Date):
        return String
    if dtype == pl.Boolean:
        return Boolean
    assert dtype.is_integer() or dtype == UTC_INSTANT, dtype
    return BigInteger


book_head = Table(
    "book_head",
    metadata,
    Column("book_id", String(32), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("moved_to", String),
)
"""One row a book: the number and hash of its last commit. Locking it is what puts writers in order.

Where ``moved_to`` is not null, these rows are not the book's truth: it says where that is, and nobody writes here."""

commits = Table(
    "commits",
    metadata,
    Column("book_id", String(32), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("intake", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("posted", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),
    Column("versions", BigInteger, nullable=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("ignored", BigInteger, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Column("last", Boolean, nullable=False),
    Column("payload", LargeBinary(32), nullable=False),
    Column("previous", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)
"""The chain. ``records == posted + duplicates + versions + quarantined + ignored``; ``last`` ends an intake."""

documents = Table(
    "documents",
    metadata,
    Column("book_id", String(32), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("name", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("masked", Integer, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

intakes = Table(
    "intakes",
    metadata,
    Column("book_id", String(32), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("document", String(64), nullable=False),
    Column("source", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""One row each time that a document was taken: the first time, and again."""

tickets = Table(
    "tickets",
    metadata,
    *_address(),
    Column("version", LargeBinary(32), nullable=False),
    *_columns(TICKETS, STORED_TICKET),
    Index("tickets_identity", "book_id", "source", "external_id", "version", unique=True),
    sqlite_with_rowid=False,
)

lines = Table("lines", metadata, *_address(), *_columns(LINES, STORED_LINE, "number"), sqlite_with_rowid=False)
tenders = Table("tenders", metadata, *_address(), *_columns(TENDERS, STORED_TENDER, "number"), sqlite_with_rowid=False)
taxes = Table("taxes", metadata, *_address(), *_columns(TAXES, STORED_TAX, "number"), sqlite_with_rowid=False)

events = Table(
    "events",
    metadata,
    *_address(),
    Column("version", LargeBinary(32), nullable=False),
    *_columns(EVENTS, STORED_EVENT),
    Index("events_identity", "book_id", "source", "external_id", "version", unique=True),
    sqlite_with_rowid=False,
)

entries = Table(
    "entries",
    metadata,
    *_address(),
    Column("kind", String, nullable=False),
    Column("store", String, nullable=False),
    Column("business_date", String, nullable=False),
    Column("currency", String, nullable=False),
    Column("seal", LargeBinary(32), nullable=False),
    Column("original_business_date", String),
    sqlite_with_rowid=False,
)
"""The journal. ``kind`` is ticket, event or reversal; a ticket's entry has the address of its ticket. A
prior-period entry was posted on a later date than it belongs to, which is its ``original_business_date``."""

postings = Table(
    "postings",
    metadata,
    *_address(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("account", String, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Debit positive, credit negative; an entry's postings sum to zero."""

reversals = Table(
    "reversals",
    metadata,
    Column("book_id", String(32), primary_key=True),
    Column("reverses_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("reverses_n", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False),
    Index("reversals_address", "book_id", "seq", "n", unique=True),
    sqlite_with_rowid=False,
)
"""Which entry reverses which; the key lets an entry be reversed once only."""

balances = Table(
    "balances",
    metadata,
    Column("book_id", String(32), primary_key=True),
    Column("account", String, primary_key=True),
    Column("currency", String, primary_key=True),
    Column("store", String, primary_key=True),
    Column("business_date", String, primary_key=True),
    Column("amount_minor", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Sum of the postings of an account on a store-day: kept up with each commit, checked by ``verify``."""

periods = Table(
    "periods",
    metadata,
    Column("book_id", String(32), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("start_date", String, nullable=False),
    Column("end_date", String, nullable=False),
    Column("state", String, nullable=False),
    Column("by", String, nullable=False),
    Column("reason", String, nullable=False),
    sqlite_with_rowid=False,
)
"""Changes of a period's state; each is a commit of its own."""

case_events = Table(
    "case_events",
    metadata,
    *_address(),
    Column("subject", String(64), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("by", String, nullable=False),
    Column("detail", String, nullable=False),
    Index("case_events_subject", "book_id", "subject", "number", unique=True),
    sqlite_with_rowid=False,
)
"""What happened to cases and beside them (``ledger.cases``): some events are a commit of their own. ``number`` counts
those of a subject from 1; ``detail`` is the event as JSON."""

holds = Table(
    "holds",
    metadata,
    *_address(),
    Column("disposition", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("document", String(64), nullable=False),
    Column("locator", String, nullable=False),
    Column("source", String, nullable=False),
    Column("external_id", String),
    Column("store", String),
    Column("business_date", String),
    Column("amount_minor", BigInteger),
    Index("holds_place", "book_id", "document", "locator", "rule"),
    sqlite_with_rowid=False,
)
"""What was not posted, and why; with the disposition ``accepted``, who let a conflict in, and why."""

exports = Table(
    "exports",
    metadata,
    Column("book_id", String(32), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("format", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("first_date", String),
    Column("last_date", String),
    Column("stores", String),
    Column("currency", String),
    Column("seq", BigInteger, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)
"""What was given to other systems: the days (no first: from the beginning; no last: none at all, for the book was
empty), the stores (a JSON list; null: all) and the currency (null: all) as known at commit ``seq``. What came after
that commit for those days has changed them."""

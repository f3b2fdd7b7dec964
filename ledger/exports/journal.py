"""The journal for others: balanced entries out of truth, in a canonical order and in bounded memory.

Entries lie in truth in order of arrival; here they come by business date and store, and within a store-day by
source, ticket number and version, so that two books that hold the same tickets give the same journal. A look at
where the days lie (``spread``) comes first; then the store-days are read some at a time, each time only from the
commits that have them.

An entry without postings (a void, a sale that costs nothing) is no entry of a journal and is left out. What was late
for a locked period says so in its title; a store-day's daily summary holds none of it, but each day that it belongs to
has a daily entry of its own beside the summary.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, cast, func, select

from ledger import tables as t
from ledger.batch import UTC_INSTANT
from ledger.bulk import fetch
from ledger.errors import PostingError
from ledger.exports.store_days import Selection, Span, Spread, commit_ranges, conditions, inside

DOCUMENT_SHOWN = 12
"""Characters of a document's id that go along; enough to find it by."""

ENTRIES = pl.Schema(
    {
        "entry": pl.Int64(),
        "id": pl.String(),
        "business_date": pl.Date(),
        "store": pl.String(),
        "currency": pl.String(),
        "title": pl.String(),
        "source": pl.String(),
        "ticket": pl.String(),
        "memo": pl.String(),
        "document": pl.String(),
        "locator": pl.String(),
        "original_business_date": pl.Date(),
    }
)
"""Entries of a journal. ``entry`` counts from 1 through a whole export. ``id`` (16 hex digits) comes from the
entry's seal, or for a daily entry from its date, store and currency; like all else here it does not depend on
arrival. ``source`` to ``locator`` are null in a daily entry. ``original_business_date`` is the date that a
prior-period entry belongs to, null in every other."""

POSTINGS = pl.Schema(
    {
        "entry": pl.Int64(),
        "business_date": pl.Date(),
        "currency": pl.String(),
        "account": pl.String(),
        "amount_minor": pl.Int64(),
    }
)
"""Postings of those entries, in order of (entry, account). Debit positive, credit negative, never zero."""

_HEADERS = pl.Schema(
    {
        **{name: pl.Int64() for name in ("seq", "n")},
        **{name: pl.String() for name in ("kind", "store")},
        "business_date": pl.Date(),
        "original_business_date": pl.Date(),
        "currency": pl.String(),
        "seal": pl.Binary(),
        "ticket_kind": pl.String(),
        "event_kind": pl.String(),
        "source": pl.String(),
        "ticket": pl.String(),
        "version_stamp": UTC_INSTANT,
        "version": pl.Binary(),
        "memo": pl.String(),
        "document": pl.String(),
        "locator": pl.String(),
    }
)
_ADDRESSED = pl.Schema({"seq": pl.Int64(), "n": pl.Int64(), "account": pl.String(), "amount_minor": pl.Int64()})
_SUMMED = pl.Schema(
    {
        "business_date": pl.Date(),
        **{name: pl.String() for name in ("store", "currency")},
        "original_business_date": pl.Date(),
        "account": pl.String(),
        "amount_minor": pl.Int64(),
    }
)
CANONICAL = (
    "business_date",
    "store",
    "source",
    "ticket",
    "of_event",
    "version_stamp",
    "version",
    "is_reversal",
    "seal",
)
"""What entries are sorted by; ties end at the seal, which no two entries share."""


@dataclass(frozen=True)
class Part:
    """Some whole store-days of a journal: frames in the shapes of ``ENTRIES`` and ``POSTINGS``."""

    entries: pl.DataFrame
    postings: pl.DataFrame


def parts(connection: Connection, book_id: str, selection: Selection, where: Spread) -> Iterator[Part]:
    """The selected journal, part by part, in the canonical order."""
    read = _ticket_part if selection.detail == "ticket" else _daily_part
    before = 0
    for span in where.spans():
        part = read(connection, book_id, selection, span, before)
        before += part.entries.height
        yield part


def balances_before(connection: Connection, book_id: str, selection: Selection) -> dict[str, int]:
    """Sum of each account (minor units, debit positive) over the selected stores before ``selection.first``.

    Meant for a selection of one currency.
    """
    total: dict[str, int] = {}
    if selection.first is None:
        return total
    e, p = t.entries.c, t.postings.c
    for first, last in list(commit_ranges(connection, book_id, 0, selection.as_of)):
        earlier = [e.business_date < selection.first.isoformat(), *conditions(selection)]
        query = _of_postings(book_id, first, last, p.account, _summed(p.amount_minor)).where(*earlier)
        schema = pl.Schema({"account": pl.String(), "amount_minor": pl.Int64()})
        for account, amount in fetch(connection, query.group_by(p.account), schema).iter_rows():
            total[account] = total.get(account, 0) + amount
    return total


def headers(connection: Connection, book_id: str, selection: Selection, span: Span) -> pl.DataFrame:
    """Entries of a span with their addresses and the ticket or event that each comes from, in the canonical order.

    A reversal carries the ticket that it reverses, with the document and place of that.
    """
    e, k, v, r, c, i = (table.c for table in (t.entries, t.tickets, t.events, t.reversals, t.commits, t.intakes))
    seq, n = func.coalesce(r.reverses_seq, e.seq), func.coalesce(r.reverses_n, e.n)
    query = (
        select(
            *(e.seq, e.n, e.kind, e.store, e.business_date, e.original_business_date, e.currency, e.seal),
            *(k.kind, v.kind),
            func.coalesce(k.source, v.source),
            func.coalesce(k.external_id, v.external_id),
            func.coalesce(k.version_stamp, v.version_stamp),
            func.coalesce(k.version, v.version),
            *(k.memo, i.document),
            func.coalesce(k.locator, v.locator),
        )
        .select_from(t.entries)
        .outerjoin(t.reversals, and_(r.book_id == e.book_id, r.seq == e.seq, r.n == e.n))
        .outerjoin(t.tickets, and_(k.book_id == e.book_id, k.seq == seq, k.n == n))
        .outerjoin(t.events, and_(v.book_id == e.book_id, v.seq == seq, v.n == n))
        .join(t.commits, and_(c.book_id == e.book_id, c.seq == seq))
        .join(t.intakes, and_(i.book_id == c.book_id, i.number == c.intake))
        .where(e.book_id == book_id, *inside(span, selection))
    )
    found = [fetch(connection, query.where(e.seq >= first, e.seq <= last), _HEADERS) for first, last in span.commits]
    return (
        pl.concat(found)
        .with_columns(
            pl.col("event_kind").is_not_null().alias("of_event"), (pl.col("kind") == "reversal").alias("is_reversal")
        )
        .sort(CANONICAL, nulls_last=False)
    )


def _ticket_part(connection: Connection, book_id: str, selection: Selection, span: Span, before: int) -> Part:
    p = t.postings.c
    found = []
    for first, last in span.commits:
        query = _of_postings(book_id, first, last, p.seq, p.n, p.account, p.amount_minor)
        found.append(fetch(connection, query.where(*inside(span, selection)), _ADDRESSED))
    postings = pl.concat(found)
    what = pl.coalesce("ticket_kind", "event_kind").fill_null("entry").str.replace_all("_", " ", literal=True)
    entries = (
        headers(connection, book_id, selection, span)
        .join(postings, on=("seq", "n"), how="semi", maintain_order="left")
        .with_columns(
            pl.int_range(before + 1, before + 1 + pl.len(), dtype=pl.Int64).alias("entry"),
            pl.col("seal").bin.encode("hex").str.head(16).alias("id"),
            pl.col("document").str.head(DOCUMENT_SHOWN),
            pl.concat_str(
                _prior_period(),
                pl.when("is_reversal").then(pl.lit("reversal of ")).otherwise(pl.lit("")),
                what,
                (" " + pl.col("ticket")).fill_null(""),
            ).alias("title"),
        )
    )
    rows = entries.select("seq", "n", "entry", "business_date", "currency").join(postings, on=("seq", "n"))
    return _balanced(Part(entries.select(list(ENTRIES)), rows.select(list(POSTINGS)).sort("entry", "account")))


def _daily_part(connection: Connection, book_id: str, selection: Selection, span: Span, before: int) -> Part:
    e, p = t.entries.c, t.postings.c
    key = ("business_date", "store", "currency", "original_business_date")
    found = []
    for first, last in span.commits:
        columns = (*(e[name] for name in key), p.account)
        query = _of_postings(book_id, first, last, *columns, _summed(p.amount_minor))
        found.append(fetch(connection, query.where(*inside(span, selection)).group_by(*columns), _SUMMED))
    sums = (
        pl.concat(found).group_by(*key, "account").agg(pl.col("amount_minor").sum()).filter(pl.col("amount_minor") != 0)
    )
    days = sums.select(key).unique().sort(key, nulls_last=False)
    ids = [_daily_id(*(str(part) for part in parts if part is not None)) for parts in days.iter_rows()]
    entries = days.with_columns(
        pl.int_range(before + 1, before + 1 + pl.len(), dtype=pl.Int64).alias("entry"),
        pl.Series("id", ids, pl.String),
        pl.concat_str(_prior_period(), pl.lit("daily summary")).alias("title"),
        *(pl.lit(None, pl.String).alias(name) for name in ("source", "ticket", "memo", "document", "locator")),
    )
    rows = entries.select("entry", *key).join(sums, on=key, nulls_equal=True)
    return _balanced(Part(entries.select(list(ENTRIES)), rows.select(list(POSTINGS)).sort("entry", "account")))


def _balanced(part: Part) -> Part:
    """The same part, once every entry of it is seen to sum to zero; PostingError names the first that does not."""
    sums = part.postings.group_by("entry").agg(pl.col("amount_minor").sum()).filter(pl.col("amount_minor") != 0)
    if sums.height:
        entry, off = sums.sort("entry").row(0)
        named = part.entries.row(by_predicate=pl.col("entry") == entry, named=True)
        raise PostingError(
            f"{named['store']}, {named['business_date']}, {named['title']}: the entry is off by {off}; "
            "run 'tillproof verify' before anything is exported"
        )
    return part


def _prior_period() -> pl.Expr:
    """How the title of a prior-period entry begins; it comes first, for long titles are cut at their end."""
    return pl.format("prior period, of {}: ", "original_business_date").fill_null("")


def _daily_id(*parts: str) -> str:
    framed = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(framed.encode()).hexdigest()[:16]


def _of_postings(book_id: str, first: int, last: int, *columns: ColumnElement[Any]) -> Select[Any]:
    e, p = t.entries.c, t.postings.c
    return (
        select(*columns)
        .select_from(t.entries)
        .join(t.postings, and_(p.book_id == e.book_id, p.seq == e.seq, p.n == e.n))
        .where(e.book_id == book_id, e.seq >= first, e.seq <= last)
    )


def _summed(amount: ColumnElement[int]) -> ColumnElement[int]:
    return cast(func.sum(amount), BigInteger)  # PostgreSQL sums integers to a decimal

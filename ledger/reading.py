"""Reading the truth back: what commits put in, one entry whole, deliveries, what is held, roots of store-days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl
from sqlalchemy import Connection, Integer, Table, and_, cast, func, select

from ledger import tables as t
from ledger.batch import EVENTS, LINES, TAXES, TENDERS, TICKETS, Held
from ledger.bulk import fetch
from ledger.document import DocumentRecord
from ledger.periods import PeriodChange, Periods
from ledger.posting import POSTINGS
from ledger.seals import merkle_root

ENTRIES_PER_READ = 50_000

ADDRESS = {"seq": pl.Int64(), "n": pl.Int64()}


def _schema(schema: pl.Schema, names: tuple[str, ...], *, version: bool = False) -> pl.Schema:
    return pl.Schema(
        {**ADDRESS, **({"version": pl.Binary()} if version else {}), **{name: schema[name] for name in names}}
    )


TICKET_ROWS = _schema(TICKETS, t.STORED_TICKET, version=True)
LINE_ROWS = _schema(LINES, t.STORED_LINE)
TENDER_ROWS = _schema(TENDERS, t.STORED_TENDER)
TAX_ROWS = _schema(TAXES, t.STORED_TAX)
EVENT_ROWS = _schema(EVENTS, t.STORED_EVENT, version=True)
DETAIL_ROWS = (TICKET_ROWS, LINE_ROWS, TENDER_ROWS, TAX_ROWS, EVENT_ROWS)
"""Of the frames of ``Details``, in order."""
POSTING_ROWS = _schema(POSTINGS, ("number", "account", "amount_minor"))
ENTRY_ROWS = pl.Schema(
    {
        **ADDRESS,
        "kind": pl.String(),
        "store": pl.String(),
        "business_date": pl.Date(),
        "currency": pl.String(),
        "seal": pl.Binary(),
        "original_business_date": pl.Date(),
        "reverses_seq": pl.Int64(),
        "reverses_n": pl.Int64(),
    }
)
COMMIT_ROWS = pl.Schema(
    {
        **{
            name: pl.Int64() for name in ("seq", "intake", "recorded_at", "records", "posted", "duplicates", "versions")
        },
        **{name: pl.Int64() for name in ("quarantined", "ignored", "entries")},
        "last": pl.Boolean(),
        **{name: pl.Binary() for name in ("payload", "previous", "hash")},
        "document": pl.String(),
        "source": pl.String(),
    }
)


@dataclass(frozen=True)
class Details:
    """Tickets and till events with all that belongs to them, as frames that each begin with (seq, n)."""

    tickets: pl.DataFrame
    lines: pl.DataFrame
    tenders: pl.DataFrame
    taxes: pl.DataFrame
    events: pl.DataFrame

    @property
    def addresses(self) -> pl.DataFrame:
        """Where they stand: (seq, n) of each."""
        return pl.concat([self.tickets.select("seq", "n"), self.events.select("seq", "n")])


@dataclass(frozen=True)
class Committed(Details):
    """What the commits from ``first`` to ``last`` put into truth, as frames that each begin with (seq, n).

    ``commits`` has a row a commit with its document; ``entries`` names what each entry reverses, if anything. A
    version of a ticket that was superseded has an entry of kind ``reversal`` that points at it; live is what is
    not reversed. ``taken_back`` is what is reversed on a later date than it was posted on, because its own was locked;
    it has the address of the reversal.
    """

    first: int
    last: int
    hash: str
    commits: pl.DataFrame
    entries: pl.DataFrame
    postings: pl.DataFrame
    taken_back: Details


@dataclass(frozen=True)
class Entry:
    """One journal entry with all that belongs to it; rows are dicts of plain values.

    ``original_business_date`` is there for a prior-period entry: the date that it belongs to, and was late for.
    ``ticket`` (or ``event``) is what it came from, for a reversal that of the reversed entry. ``versions`` are the
    addresses of all versions of the same ticket, oldest first; ``reversed_by`` and ``reverses`` link a reversal
    with its entry.
    """

    seq: int
    n: int
    kind: str
    store: str
    business_date: date
    original_business_date: date | None
    currency: str
    seal: str
    recorded_at: datetime
    document: str
    source: str
    ticket: dict[str, Any] | None
    event: dict[str, Any] | None
    lines: list[dict[str, Any]]
    tenders: list[dict[str, Any]]
    taxes: list[dict[str, Any]]
    postings: list[dict[str, Any]]
    versions: list[tuple[int, int]]
    reverses: tuple[int, int] | None
    reversed_by: tuple[int, int] | None


@dataclass(frozen=True)
class Feed:
    """One delivery: a document that was taken, when, and what became of its records.

    ``received == posted + duplicates + versions + quarantined + ignored``; ``complete`` is False for one that was
    interrupted: taking its file again completes it.
    """

    intake: int
    document: str
    name: str
    source: str
    at: datetime
    received: int
    posted: int
    duplicates: int
    versions: int
    quarantined: int
    ignored: int
    complete: bool


@dataclass(frozen=True)
class HeldRow(Held):
    """Something held, with its place in the book and when it was held."""

    seq: int = 0
    n: int = 0
    at: datetime | None = None
    released: bool = False


def committed(connection: Connection, book_id: str, after: int, upto: int) -> Iterator[Committed]:
    """What the commits after ``after`` up to ``upto`` put in, several small ones at a time, in order."""
    counts = connection.execute(
        select(t.commits.c.seq, t.commits.c.entries)
        .where(t.commits.c.book_id == book_id, t.commits.c.seq > after, t.commits.c.seq <= upto)
        .order_by(t.commits.c.seq)
    ).fetchall()
    start = 0
    while start < len(counts):
        end, total = start, 0
        while end < len(counts) and (end == start or total + counts[end][1] <= ENTRIES_PER_READ):
            total += counts[end][1]
            end += 1
        yield _between(connection, book_id, counts[start][0], counts[end - 1][0])
        start = end


def _between(connection: Connection, book_id: str, first: int, last: int) -> Committed:
    def rows(table: Table, schema: pl.Schema, *order: str) -> pl.DataFrame:
        query = (
            select(*(table.c[name] for name in schema))
            .where(table.c.book_id == book_id, table.c.seq >= first, table.c.seq <= last)
            .order_by(*(table.c[name] for name in ("seq", "n", *order)))
        )
        return fetch(connection, query, schema)

    commits = fetch(
        connection,
        select(
            *(t.commits.c[name] for name in COMMIT_ROWS if name not in ("document", "source")),
            t.intakes.c.document,
            t.intakes.c.source,
        )
        .outerjoin(
            t.intakes,
            and_(t.intakes.c.book_id == t.commits.c.book_id, t.intakes.c.number == t.commits.c.intake),
        )
        .where(t.commits.c.book_id == book_id, t.commits.c.seq >= first, t.commits.c.seq <= last)
        .order_by(t.commits.c.seq),
        COMMIT_ROWS,
    )
    entries = fetch(
        connection,
        select(
            *(t.entries.c[name] for name in ENTRY_ROWS if not name.startswith("reverses")),
            t.reversals.c.reverses_seq,
            t.reversals.c.reverses_n,
        )
        .outerjoin(
            t.reversals,
            and_(
                t.reversals.c.book_id == t.entries.c.book_id,
                t.reversals.c.seq == t.entries.c.seq,
                t.reversals.c.n == t.entries.c.n,
            ),
        )
        .where(t.entries.c.book_id == book_id, t.entries.c.seq >= first, t.entries.c.seq <= last)
        .order_by(t.entries.c.seq, t.entries.c.n),
        ENTRY_ROWS,
    )
    document = commits.select("seq", "document")

    def with_document(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(document, on="seq", how="left", maintain_order="left")

    return Committed(
        first=first,
        last=last,
        hash=commits["hash"][-1].hex(),
        commits=commits,
        entries=with_document(entries),
        tickets=with_document(rows(t.tickets, TICKET_ROWS)),
        lines=rows(t.lines, LINE_ROWS, "number"),
        tenders=rows(t.tenders, TENDER_ROWS, "number"),
        taxes=rows(t.taxes, TAX_ROWS, "number"),
        events=with_document(rows(t.events, EVENT_ROWS)),
        postings=rows(t.postings, POSTING_ROWS, "number"),
        taken_back=_taken_back(connection, book_id, entries),
    )


def _taken_back(connection: Connection, book_id: str, entries: pl.DataFrame) -> Details:
    """What reversals on another date than that of the entry which they reverse take back."""
    found: list[Details] = []
    late = entries.filter(pl.col("reverses_seq").is_not_null() & pl.col("original_business_date").is_not_null())
    for row in late.iter_rows(named=True):
        reversed_ = (row["reverses_seq"], row["reverses_n"])
        day = connection.execute(
            select(t.entries.c.business_date).where(
                t.entries.c.book_id == book_id, t.entries.c.seq == reversed_[0], t.entries.c.n == reversed_[1]
            )
        ).scalar_one()
        if day != str(row["business_date"]):
            here = [pl.lit(row[name], pl.Int64).alias(name) for name in ADDRESS]
            frames = _details(connection, book_id, *reversed_)
            found.append(Details(*(getattr(frames, each.name).with_columns(here) for each in fields(Details))))
    return Details(
        *(
            pl.concat([pl.DataFrame(schema=schema), *(getattr(one, each.name) for one in found)])
            for each, schema in zip(fields(Details), DETAIL_ROWS, strict=True)
        )
    )


def _details(connection: Connection, book_id: str, seq: int, n: int) -> Details:
    """The ticket or the event at an address."""

    def at(table: Table, schema: pl.Schema, *order: str) -> pl.DataFrame:
        query = (
            select(*(table.c[name] for name in schema))
            .where(table.c.book_id == book_id, table.c.seq == seq, table.c.n == n)
            .order_by(*(table.c[name] for name in order))
        )
        return fetch(connection, query, schema)

    return Details(
        at(t.tickets, TICKET_ROWS),
        at(t.lines, LINE_ROWS, "number"),
        at(t.tenders, TENDER_ROWS, "number"),
        at(t.taxes, TAX_ROWS, "number"),
        at(t.events, EVENT_ROWS),
    )


def head_at(connection: Connection, book_id: str, at: datetime) -> tuple[int, bytes] | None:
    """Number and hash of the last commit that was recorded by an instant, or None where none was."""
    c = t.commits.c
    query = select(c.seq, c.hash).where(c.book_id == book_id, c.recorded_at <= microseconds(at))
    found = connection.execute(query.order_by(c.seq.desc()).limit(1)).first()
    return (found[0], found[1]) if found else None


def recorded_at(connection: Connection, book_id: str, seq: int) -> datetime | None:
    """When a commit was recorded, or None where there is none of that number."""
    c = t.commits.c
    found = connection.execute(select(c.recorded_at).where(c.book_id == book_id, c.seq == seq)).scalar()
    return None if found is None else instant(found)


def entry(connection: Connection, book_id: str, seq: int, n: int) -> Entry | None:
    """One entry whole, or None where there is none at that address."""

    found = connection.execute(
        select(t.entries, t.commits.c.recorded_at, t.intakes.c.document, t.intakes.c.source)
        .join(t.commits, and_(t.commits.c.book_id == t.entries.c.book_id, t.commits.c.seq == t.entries.c.seq))
        .join(t.intakes, and_(t.intakes.c.book_id == t.commits.c.book_id, t.intakes.c.number == t.commits.c.intake))
        .where(t.entries.c.book_id == book_id, t.entries.c.seq == seq, t.entries.c.n == n)
    ).first()
    if found is None:
        return None
    back, forth = t.reversals.alias(), t.reversals
    reverses = connection.execute(
        select(back.c.reverses_seq, back.c.reverses_n).where(
            back.c.book_id == book_id, back.c.seq == seq, back.c.n == n
        )
    ).first()
    reversed_by = connection.execute(
        select(forth.c.seq, forth.c.n).where(
            forth.c.book_id == book_id, forth.c.reverses_seq == seq, forth.c.reverses_n == n
        )
    ).first()
    origin = (reverses[0], reverses[1]) if reverses else (seq, n)
    details = _details(connection, book_id, *origin)
    tickets, events = details.tickets.to_dicts(), details.events.to_dicts()
    posted = (
        select(*(t.postings.c[name] for name in POSTING_ROWS))
        .where(t.postings.c.book_id == book_id, t.postings.c.seq == seq, t.postings.c.n == n)
        .order_by(t.postings.c.number)
    )
    return Entry(
        seq=seq,
        n=n,
        kind=found.kind,
        store=found.store,
        business_date=date.fromisoformat(found.business_date),
        original_business_date=None
        if found.original_business_date is None
        else date.fromisoformat(found.original_business_date),
        currency=found.currency,
        seal=found.seal.hex(),
        recorded_at=instant(found.recorded_at),
        document=found.document,
        source=found.source,
        ticket=tickets[0] if tickets else None,
        event=events[0] if events else None,
        lines=details.lines.to_dicts(),
        tenders=details.tenders.to_dicts(),
        taxes=details.taxes.to_dicts(),
        postings=fetch(connection, posted, POSTING_ROWS).to_dicts(),
        versions=find(connection, book_id, t.tickets, tickets[0]["external_id"], tickets[0]["source"])
        if tickets
        else [],
        reverses=(reverses[0], reverses[1]) if reverses else None,
        reversed_by=(reversed_by[0], reversed_by[1]) if reversed_by else None,
    )


def find(
    connection: Connection, book_id: str, table: Table, external_id: str, source: str | None = None
) -> list[tuple[int, int]]:
    """Addresses of all versions of a ticket (or event) by its number at the till, in order of posting."""
    query = select(table.c.seq, table.c.n).where(table.c.book_id == book_id, table.c.external_id == external_id)
    sources = [source] if source else connection.scalars(select(t.intakes.c.source).distinct()).all()
    query = query.where(table.c.source.in_(sources)).order_by(table.c.seq, table.c.n)
    return [(seq, n) for seq, n in connection.execute(query)]


def feeds(connection: Connection, book_id: str) -> list[Feed]:
    """All deliveries, the newest first."""
    c, i, d = t.commits.c, t.intakes.c, t.documents.c
    total = {
        name: func.coalesce(func.sum(c[name]), 0).label(name)
        for name in ("records", "posted", "duplicates", "versions", "quarantined", "ignored")
    }
    query = (
        select(
            i.number,
            i.document,
            d.name,
            i.source,
            i.at,
            *total.values(),
            func.max(cast(c.last, Integer)).label("complete"),
        )
        .join(d.name.table, and_(d.book_id == i.book_id, d.id == i.document))
        .outerjoin(t.commits, and_(c.book_id == i.book_id, c.intake == i.number))
        .where(i.book_id == book_id)
        .group_by(i.number, i.document, d.name, i.source, i.at)
        .order_by(i.number.desc())
    )
    return [
        Feed(
            intake=row.number,
            document=row.document,
            name=row.name,
            source=row.source,
            at=instant(row.at),
            received=int(row.records),
            posted=int(row.posted),
            duplicates=int(row.duplicates),
            versions=int(row.versions),
            quarantined=int(row.quarantined),
            ignored=int(row.ignored),
            complete=bool(row.complete),
        )
        for row in connection.execute(query)
    ]


def held(connection: Connection, book_id: str) -> list[HeldRow]:
    """Everything that was held, the newest first; ``released`` where its ticket has been posted since."""
    h = t.holds.c
    posted = (
        select(t.tickets.c.seq)
        .where(
            t.tickets.c.book_id == h.book_id,
            t.tickets.c.source == h.source,
            t.tickets.c.external_id == h.external_id,
            t.tickets.c.seq > h.seq,
        )
        .exists()
    )
    query = (
        select(t.holds, t.commits.c.recorded_at, posted.label("released"))
        .join(t.commits, and_(t.commits.c.book_id == h.book_id, t.commits.c.seq == h.seq))
        .where(h.book_id == book_id)
        .order_by(h.seq.desc(), h.n)
    )
    names = [column.name for column in t.holds.columns if column.name != "book_id"]
    return [
        HeldRow(
            **{name: row._mapping[name] for name in names}, at=instant(row.recorded_at), released=bool(row.released)
        )
        for row in connection.execute(query)
    ]


def periods(connection: Connection, book_id: str) -> Periods:
    """All changes of periods, in order."""
    p = t.periods.c
    query = (
        select(p.seq, p.start_date, p.end_date, p.state, p.by, p.reason, t.commits.c.recorded_at)
        .join(t.commits, and_(t.commits.c.book_id == p.book_id, t.commits.c.seq == p.seq))
        .where(p.book_id == book_id)
        .order_by(p.seq)
    )
    return Periods(
        PeriodChange(
            row.seq,
            date.fromisoformat(row.start_date),
            date.fromisoformat(row.end_date),
            row.state,
            row.by,
            row.reason,
            instant(row.recorded_at),
        )
        for row in connection.execute(query)
    )


def documents(connection: Connection, book_id: str, document_id: str | None = None) -> list[DocumentRecord]:
    """Kept documents, the newest first; with ``document_id`` only that one."""
    d = t.documents.c
    query = select(d.id, d.name, d.media_type, d.size_bytes, d.masked, d.received_at).where(d.book_id == book_id)
    if document_id is not None:
        query = query.where(d.id == document_id)
    return [
        DocumentRecord(*row[:5], received_at=instant(row[5]))
        for row in connection.execute(query.order_by(d.received_at.desc(), d.id))
    ]


def store_day_roots(connection: Connection, book_id: str) -> dict[tuple[str, str], str]:
    """Merkle root (hex) of each (store, ISO business date), independent of the order of arrival."""
    e = t.entries.c
    query = (
        select(e.store, e.business_date, e.seal).where(e.book_id == book_id).order_by(e.store, e.business_date, e.seal)
    )
    rows = connection.execution_options(yield_per=10_000).execute(query)
    return {key: merkle_root(row[2] for row in group).hex() for key, group in groupby(rows, itemgetter(0, 1))}


def instant(microseconds: int) -> datetime:
    """A stored instant as a UTC datetime."""
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(microsecond=microseconds % 1_000_000)


def microseconds(at: datetime) -> int:
    """A zone-aware instant as it is stored."""
    assert at.tzinfo is not None, "an instant needs a time zone"
    whole = at.astimezone(UTC)
    return int(whole.replace(microsecond=0).timestamp()) * 1_000_000 + whole.microsecond

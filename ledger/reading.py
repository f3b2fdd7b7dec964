"""Reading the truth back: what commits put in, one entry whole, deliveries, what is held."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Integer, Table, and_, bindparam, cast, func, select

from ledger import tables as t
from ledger.batch import DECIDED, Held
from ledger.bulk import fetch
from ledger.committed import POSTING_ROWS, details
from ledger.conflicts import ACCEPTED
from ledger.document import DocumentRecord
from ledger.periods import PeriodChange, Periods
from ledger.seals import NO_INTAKE

_PERIODS = (
    select(*(t.periods.c[name] for name in ("seq", "start_date", "end_date", "state", "by", "reason")))
    .add_columns(t.commits.c.recorded_at)
    .join(t.commits, and_(t.commits.c.book_id == t.periods.c.book_id, t.commits.c.seq == t.periods.c.seq))
    .where(t.periods.c.book_id == bindparam("book"))
    .order_by(t.periods.c.seq)
)


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
    """Something held, with its place in the book and when it was held; ``accepted`` says who let it in as a new version
    of what was posted, and why."""

    seq: int = 0
    n: int = 0
    at: datetime | None = None
    released: bool = False
    accepted: str | None = None


@dataclass(frozen=True)
class Decision:
    """What a person decided about something held: its number, the document that says so, in a sentence with who, and
    when."""

    external_id: str
    document: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class TicketPlace:
    """Which ticket stands at an address: who sold what amount where and when."""

    seq: int
    n: int
    source: str
    external_id: str
    store: str
    register: str | None
    cashier: str | None
    business_date: date
    kind: str
    currency: str
    total_minor: int | None
    closed_at: datetime | None
    utc_offset_minutes: int | None


def head_at(connection: Connection, book_id: str, at: datetime) -> tuple[int, bytes] | None:
    """Number and hash of the last commit that was recorded by an instant, or None where none was."""
    c = t.commits.c
    query = select(c.seq, c.hash).where(c.book_id == book_id, c.recorded_at <= microseconds(at))
    found = connection.execute(query.order_by(c.seq.desc()).limit(1)).first()
    return (found[0], found[1]) if found else None


def last_delivery(connection: Connection, book_id: str) -> tuple[int, bytes] | None:
    """Number and hash of the last commit of a delivery, or None where there is none."""
    c = t.commits.c
    query = select(c.seq, c.hash).where(c.book_id == book_id, c.intake != NO_INTAKE)
    found = connection.execute(query.order_by(c.seq.desc()).limit(1)).first()
    return (found[0], found[1]) if found else None


def recorded_at(connection: Connection, book_id: str, seq: int) -> datetime | None:
    """When a commit was recorded, or None where there is none of that number."""
    c = t.commits.c
    found = connection.execute(select(c.recorded_at).where(c.book_id == book_id, c.seq == seq)).scalar()
    return None if found is None else instant(found)


def hash_of(connection: Connection, book_id: str, seq: int) -> bytes | None:
    """Hash of a commit's link, or None where there is none of that number."""
    c = t.commits.c
    found: bytes | None = connection.execute(select(c.hash).where(c.book_id == book_id, c.seq == seq)).scalar()
    return found


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
    of_it = details(connection, book_id, *origin)
    tickets, events = of_it.tickets.to_dicts(), of_it.events.to_dicts()
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
        lines=of_it.lines.to_dicts(),
        tenders=of_it.tenders.to_dicts(),
        taxes=of_it.taxes.to_dicts(),
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
    sources = (
        [source]
        if source
        else connection.scalars(select(t.intakes.c.source).where(t.intakes.c.book_id == book_id).distinct()).all()
    )
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


def commits_of(connection: Connection, book_id: str, intake: int) -> tuple[int, ...]:
    """Numbers of the commits of one delivery, in order."""
    c = t.commits.c
    query = select(c.seq).where(c.book_id == book_id, c.intake == intake).order_by(c.seq)
    return tuple(connection.scalars(query))


def decisions(connection: Connection, book_id: str, source: str) -> list[Decision]:
    """What persons decided about what was held of a source, in order."""
    h = t.holds.c
    query = (
        select(h.external_id, h.document, h.reason, t.commits.c.recorded_at)
        .join(t.commits, and_(t.commits.c.book_id == h.book_id, t.commits.c.seq == h.seq))
        .where(h.book_id == book_id, h.source == source, h.rule == DECIDED)
        .order_by(h.seq, h.n)
    )
    return [Decision(number, document, told, instant(at)) for number, document, told, at in connection.execute(query)]


def _decided(connection: Connection, book_id: str) -> dict[tuple[str, str], int]:
    """By source and number, the last commit in which a person decided about it. They are few, and read at once."""
    h = t.holds.c
    query = (
        select(h.source, h.external_id, func.max(h.seq))
        .where(h.book_id == book_id, h.rule == DECIDED)
        .group_by(h.source, h.external_id)
    )
    return {(source, number): int(seq) for source, number, seq in connection.execute(query)}


def held(connection: Connection, book_id: str) -> list[HeldRow]:
    """Everything that was held, the newest first; ``released`` where its ticket has been posted since, it was accepted,
    or a person has decided about it."""
    h, a = t.holds.c, t.holds.alias("accepted").c
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
    accepted = (
        select(a.reason)
        .where(
            *(a[name] == h[name] for name in ("book_id", "document", "locator", "rule", "source", "external_id")),
            a.disposition == ACCEPTED,
            a.seq > h.seq,
        )
        .order_by(a.seq)
        .limit(1)
        .scalar_subquery()
    )
    decided = _decided(connection, book_id)
    query = (
        select(t.holds, t.commits.c.recorded_at, posted.label("released"), accepted.label("accepted"))
        .join(t.commits, and_(t.commits.c.book_id == h.book_id, t.commits.c.seq == h.seq))
        .where(h.book_id == book_id, h.disposition != ACCEPTED, h.rule != DECIDED)
        .order_by(h.seq.desc(), h.n)
    )
    names = [column.name for column in t.holds.columns if column.name != "book_id"]
    return [
        HeldRow(
            **{name: row._mapping[name] for name in names},
            at=instant(row.recorded_at),
            released=bool(row.released)
            or row.accepted is not None
            or decided.get((row.source, row.external_id), 0) > row.seq,
            accepted=row.accepted,
        )
        for row in connection.execute(query)
    ]


def periods(connection: Connection, book_id: str) -> Periods:
    """All changes of periods, in order."""
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
        for row in connection.execute(_PERIODS, {"book": book_id})
    )


def documents(
    connection: Connection, book_id: str, document_id: str | None = None, media_type: str | None = None
) -> list[DocumentRecord]:
    """Kept documents, the newest first; with ``document_id`` only that one, with ``media_type`` those of that kind."""
    d = t.documents.c
    query = select(d.id, d.name, d.media_type, d.size_bytes, d.masked, d.received_at).where(d.book_id == book_id)
    if document_id is not None:
        query = query.where(d.id == document_id)
    if media_type is not None:
        query = query.where(d.media_type == media_type)
    return [
        DocumentRecord(*row[:5], received_at=instant(row[5]))
        for row in connection.execute(query.order_by(d.received_at.desc(), d.id))
    ]


def tickets_between(
    connection: Connection,
    book_id: str,
    first: date,
    last: date,
    *,
    store: str | None = None,
    commits: Collection[int] | None = None,
) -> list[TicketPlace]:
    """Every ticket whose business date lies between two days, both included, in its version in force, by source and
    number; with ``commits`` only those that they put in, which are found fast."""
    k, r = t.tickets.c, t.reversals.c
    reversed_ = select(r.seq).where(r.book_id == k.book_id, r.reverses_seq == k.seq, r.reverses_n == k.n).exists()
    names = ("seq", "n", "source", "external_id", "store", "register", "cashier", "business_date", "kind", "currency")
    query = (
        select(*(k[name] for name in names), k.total_minor, k.closed_at, k.utc_offset_minutes)
        .where(k.book_id == book_id, k.business_date >= str(first), k.business_date <= str(last), ~reversed_)
        .where(*([k.store == store] if store is not None else []))
        .where(*([k.seq.in_(commits)] if commits is not None else []))
        .order_by(k.source, k.external_id, k.seq, k.n)
    )
    return [
        TicketPlace(
            **{
                **row._mapping,
                "business_date": date.fromisoformat(row.business_date),
                "closed_at": None if row.closed_at is None else instant(row.closed_at),
            }
        )
        for row in connection.execute(query)
    ]


def commit_before(connection: Connection, book_id: str, at: datetime) -> int:
    """Number of the last commit that was recorded before an instant; 0 where there is none."""
    c = t.commits.c
    query = select(func.max(c.seq)).where(c.book_id == book_id, c.recorded_at < microseconds(at))
    return connection.scalar(query) or 0


def instant(microseconds: int) -> datetime:
    """A stored instant as a UTC datetime."""
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(microsecond=microseconds % 1_000_000)


def microseconds(at: datetime) -> int:
    """A zone-aware instant as it is stored."""
    assert at.tzinfo is not None, "an instant needs a time zone"
    whole = at.astimezone(UTC)
    return int(whole.replace(microsecond=0).timestamp()) * 1_000_000 + whole.microsecond

"""What each commit did, in short: its counts, the first of its tickets, what it held, the events of its cases.

It is all read from truth as the commit left it, so that reading it again gives the same for ever: whoever tells others
of commits needs to remember no more than which was the last one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, and_, func, select

from ledger import tables as t
from ledger.batch import Held
from ledger.cases import log as case_log
from ledger.cases.events import Recorded
from ledger.reading import instant
from ledger.seals import NO_INTAKE

LISTED_MAX = 50
"""Tickets, and held records, that are named of a commit; the counts are of all."""
AT_ONCE = 200

_HELD = ("disposition", "rule", "reason", "document", "locator", "source", "external_id", "store", "business_date")


@dataclass(frozen=True)
class PostedTicket:
    """A ticket that a commit put in, with its address and the till's total (minor units; None where it gives none)."""

    seq: int
    n: int
    source: str
    external_id: str
    store: str
    business_date: date
    kind: str
    currency: str
    total_minor: int | None


@dataclass(frozen=True)
class Outcome:
    """What a commit did. ``records == posted + duplicates + versions + quarantined + ignored``; of a commit that posts
    nothing (a period's, a case's) all are 0, and ``document``, ``name`` and ``source`` None.

    ``tickets`` are the first of those that it put in (new, or a version), ``held`` the first of what it quarantined
    that was not held for the same reason before, and ``held_by_rule`` counts all of these; ``case_events`` are all.
    """

    seq: int
    hash: str
    at: datetime
    document: str | None
    name: str | None
    source: str | None
    records: int
    posted: int
    duplicates: int
    versions: int
    quarantined: int
    ignored: int
    tickets: tuple[PostedTicket, ...]
    held: tuple[Held, ...]
    held_by_rule: dict[str, int]
    case_events: tuple[Recorded, ...]


def outcomes(connection: Connection, book_id: str, after: int, most: int = AT_ONCE) -> list[Outcome]:
    """What the commits after ``after`` did, in order; at most ``most`` of them."""
    c, i, d = t.commits.c, t.intakes.c, t.documents.c
    counts = ("records", "posted", "duplicates", "versions", "quarantined", "ignored")
    found = connection.execute(
        select(c.seq, c.hash, c.recorded_at, c.intake, i.document, d.name, i.source, *(c[name] for name in counts))
        .outerjoin(t.intakes, and_(i.book_id == c.book_id, i.number == c.intake))
        .outerjoin(t.documents, and_(d.book_id == i.book_id, d.id == i.document))
        .where(c.book_id == book_id, c.seq > after)
        .order_by(c.seq)
        .limit(most)
    ).all()
    if not found:
        return []
    events: dict[int, list[Recorded]] = {}
    for one in case_log.events(connection, book_id, after=after, upto=found[-1].seq):
        events.setdefault(one.seq, []).append(one)
    return [
        Outcome(
            seq=row.seq,
            hash=row.hash.hex(),
            at=instant(row.recorded_at),
            document=row.document,
            name=row.name,
            source=row.source,
            **{name: row._mapping[name] for name in counts},
            tickets=_tickets(connection, book_id, row.seq) if row.posted or row.versions else (),
            held=_held(connection, book_id, row.seq) if row.quarantined else (),
            held_by_rule=_held_by_rule(connection, book_id, row.seq) if row.quarantined else {},
            case_events=tuple(events.get(row.seq, ())) if row.intake == NO_INTAKE else (),
        )
        for row in found
    ]


def _tickets(connection: Connection, book_id: str, seq: int) -> tuple[PostedTicket, ...]:
    k = t.tickets.c
    names = ("seq", "n", "source", "external_id", "store", "business_date", "kind", "currency", "total_minor")
    query = select(*(k[name] for name in names)).where(k.book_id == book_id, k.seq == seq)
    return tuple(
        PostedTicket(**{**row._mapping, "business_date": date.fromisoformat(row.business_date)})
        for row in connection.execute(query.order_by(k.n).limit(LISTED_MAX))
    )


def _held(connection: Connection, book_id: str, seq: int) -> tuple[Held, ...]:
    h = t.holds.c
    query = select(*(h[name] for name in _HELD)).where(
        h.book_id == book_id, h.seq == seq, h.disposition == "quarantined"
    )
    return tuple(Held(**row._mapping) for row in connection.execute(query.order_by(h.n).limit(LISTED_MAX)))


def _held_by_rule(connection: Connection, book_id: str, seq: int) -> dict[str, int]:
    h = t.holds.c
    query = select(h.rule, func.count()).where(h.book_id == book_id, h.seq == seq, h.disposition == "quarantined")
    return {row.rule: row[1] for row in connection.execute(query.group_by(h.rule).order_by(h.rule))}

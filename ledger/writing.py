"""What a transaction of a book writes: documents, deliveries, commits, changes of periods.

Every function works on a connection whose transaction is its caller's, and locks the book's head row before it reads
anything that it decides by. It may be run again from its beginning where the database asks for that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl
from sqlalchemy import BindParameter, Connection, bindparam, insert, select, text, update

from ledger import bulk, reading
from ledger import tables as t
from ledger.batch import Held
from ledger.commit import Prepared, Rows, acceptances, conflict_holds, journal, late_holds
from ledger.committed import Committed, put_in
from ledger.conflicts import Acceptance
from ledger.document import DocumentRecord
from ledger.errors import BookMoved, PeriodError
from ledger.periods import BEGINNING, PeriodChange, Periods, State
from ledger.reading import microseconds
from ledger.seals import GENESIS, NO_INTAKE, Link, payload, period_payload
from ledger.versions import resolve

COUNTS = ("records", "posted", "duplicates", "versions", "quarantined", "ignored")


_BOOK: BindParameter[str] = bindparam("book")
# What every commit executes is built once: building a statement costs as much as executing it.
_HEAD = (
    select(t.book_head.c.seq, t.book_head.c.hash, t.book_head.c.moved_to)
    .where(t.book_head.c.book_id == _BOOK)
    .with_for_update()
)
_MOVE_HEAD = update(t.book_head).where(t.book_head.c.book_id == _BOOK)
_INTAKE = select(t.intakes.c.document, t.intakes.c.source).where(
    t.intakes.c.book_id == _BOOK, t.intakes.c.number == bindparam("intake")
)
_COMMIT = insert(t.commits)
_ADD_TO_BALANCE = text(
    "INSERT INTO balances (book_id, account, currency, store, business_date, amount_minor) "
    "VALUES (:book_id, :account, :currency, :store, :business_date, :amount_minor) "
    "ON CONFLICT (book_id, account, currency, store, business_date) "
    "DO UPDATE SET amount_minor = balances.amount_minor + excluded.amount_minor"
)


@dataclass(frozen=True)
class Commit:
    """What one ``post`` did. ``records == posted + duplicates + versions + quarantined + ignored``."""

    seq: int
    hash: str
    records: int
    posted: int
    duplicates: int
    versions: int
    quarantined: int
    ignored: int
    held: tuple[Held, ...]
    written: Written = field(compare=False, repr=False)


@dataclass(frozen=True)
class Written:
    """The rows of a commit, and its link, as they were written."""

    link: Link
    source: str
    rows: Rows

    def committed(self) -> Committed | None:
        """What reading the commit back gives, without reading; None where it reverses something that would have to be
        read."""
        rows = self.rows
        return None if rows.reversals.height else put_in(self.link, self.source, rows.entries, rows.postings, rows)


@dataclass(frozen=True)
class Part:
    """One part of a delivery: its intake, the present moment, whether it is the last part, whether what is late for
    a soft-closed period may be posted there, and which conflict a person lets in."""

    intake: int
    at: datetime
    last: bool
    into_soft_closed: bool = False
    accepted: Acceptance | None = None


def locked_head(connection: Connection, book_id: str) -> tuple[int, bytes]:
    """Number and hash of the last commit, locked until the transaction ends; made first where the book has none.

    Raises BookMoved where the truth is not here: a process that had the book open before it moved must not write to
    the rows that stayed behind.
    """
    found = connection.execute(_HEAD, {"book": book_id}).first()
    if found is None:
        connection.execute(insert(t.book_head).values(book_id=book_id, seq=0, hash=GENESIS))
        return 0, GENESIS
    refuse_moved(book_id, found[2])
    return found[0], found[1]


def refuse_moved(book_id: str, moved_to: str | None) -> None:
    """Raise BookMoved where a book's head row says that the truth is elsewhere."""
    if moved_to is not None:
        raise BookMoved(
            f"the truth of the book {book_id} is not in this database, but at {moved_to}; nothing was written here: "
            "start anew what has the book open and, where a move was cut short, move the book there again"
        )


def keep_document(connection: Connection, book_id: str, document: DocumentRecord) -> bool:
    """Record a document; False when it was recorded before."""
    locked_head(connection, book_id)
    if reading.documents(connection, book_id, document.id):
        return False
    connection.execute(
        insert(t.documents).values(
            book_id=book_id,
            id=document.id,
            name=document.name,
            media_type=document.media_type,
            size_bytes=document.size_bytes,
            masked=document.masked,
            received_at=microseconds(document.received_at),
        )
    )
    return True


def begin_intake(connection: Connection, book_id: str, document_id: str, source: str, at: datetime) -> int:
    """Open a delivery of a document; its number."""
    locked_head(connection, book_id)
    i = t.intakes.c
    last = connection.execute(select(i.number).where(i.book_id == book_id).order_by(i.number.desc()).limit(1)).scalar()
    number = int(last or 0) + 1
    connection.execute(
        insert(t.intakes).values(
            book_id=book_id, number=number, document=document_id, source=source, at=microseconds(at)
        )
    )
    return number


def post(connection: Connection, book_id: str, currency: str, prepared: Prepared, part: Part) -> Commit:
    """Post a prepared batch as one commit; ``currency`` is the book's. See ``Book.post``."""
    batch = prepared.batch
    head = locked_head(connection, book_id)
    document, source = connection.execute(_INTAKE, {"book": book_id, "intake": part.intake}).one()
    seq = head[0] + 1
    periods = reading.periods(connection, book_id)
    barred = [
        set() if part.into_soft_closed else _soft_closed(frame["business_date"], periods)
        for frame in (batch.tickets, batch.events)
    ]
    let_in = [_accepted(frame, part.accepted) for frame in (batch.tickets, batch.events)]
    tickets = resolve(connection, t.tickets, book_id, batch.tickets, prepared.ticket_digests, barred[0], let_in[0])
    events = resolve(connection, t.events, book_id, batch.events, prepared.event_digests, barred[1], let_in[1])
    conflicts = conflict_holds(connection, book_id, batch, tickets, events)
    rows = journal(connection, book_id, seq, prepared, tickets, events, currency, periods, part.into_soft_closed)

    held = (*batch.held, *conflicts, *late_holds(batch, tickets, events))
    quarantined = sum(1 for one in held if one.disposition == "quarantined")
    counts = {
        "records": batch.records,
        "posted": len(tickets.keep) + len(events.keep) - tickets.versions - events.versions,
        "duplicates": tickets.duplicates + events.duplicates,
        "versions": tickets.versions + events.versions,
        "quarantined": quarantined,
        "ignored": len(held) - quarantined,
    }
    assert counts["records"] == sum(counts.values()) - counts["records"], counts
    new_holds = [
        *_new_holds(connection, book_id, held),
        *acceptances(batch, tickets, events, part.accepted),  # no records: what they let in is counted as a version
    ]
    for table, frame in rows.tables():
        bulk.insert(connection, table, frame, book_id)
    _insert_holds(connection, book_id, seq, rows.entries.height, new_holds)
    _add_to_balances(connection, book_id, rows.balances)
    content = payload(rows.entries["seal"].to_list(), rows.provenances, new_holds)
    link = Link(
        book_id=book_id,
        seq=seq,
        previous=head[1],
        recorded_at=microseconds(part.at),
        intake=part.intake,
        document=document,
        **counts,
        entries=rows.entries.height,
        last=part.last,
        payload=content,
    )
    _append(connection, link)
    return Commit(seq, link.hash().hex(), **counts, held=held, written=Written(link, source, rows))


def change_period(
    connection: Connection, book_id: str, start: date, end: date, state: State, by: str, reason: str, at: datetime
) -> PeriodChange:
    """Change the state of a period by a commit of its own; see ``Book.change_period``."""
    head = locked_head(connection, book_id)
    before = reading.periods(connection, book_id)
    change = PeriodChange(head[0] + 1, start, end, state, by, reason, at)
    if Periods([*before.changes, change]).spans() == before.spans():
        since = f"up to {end}" if start == BEGINNING else f"from {start} to {end}"
        raise PeriodError(f"the dates {since} are {state.replace('_', '-')} already")
    if state == "open" and not reason.strip():
        raise PeriodError("a closed period is opened for a reason only; say which")
    if state == "soft_closed" and not reason.strip():
        locked = [last for first, last, was in before.spans() if was == "locked" and first <= end and start <= last]
        if locked:
            raise PeriodError(
                f"dates up to {locked[-1]} are locked, and are soft-closed again for a reason only; say which, or "
                "begin after them"
            )
    values = {"start_date": start.isoformat(), "end_date": end.isoformat(), "state": state, "by": by, "reason": reason}
    connection.execute(insert(t.periods).values(book_id=book_id, seq=change.seq, **values))
    append_note(connection, book_id, head, at, period_payload(*values.values()))
    return change


def append_note(connection: Connection, book_id: str, head: tuple[int, bytes], at: datetime, content: bytes) -> None:
    """Append a commit that posts nothing, of the rows that ``content`` is the digest of, after a locked head."""
    link = Link(
        book_id=book_id,
        seq=head[0] + 1,
        previous=head[1],
        recorded_at=microseconds(at),
        intake=NO_INTAKE,
        document="",
        **dict.fromkeys(COUNTS, 0),
        entries=0,
        last=True,
        payload=content,
    )
    _append(connection, link)


def _append(connection: Connection, link: Link) -> None:
    """Append a commit to the chain and move the head to it."""
    stored = {column.name: getattr(link, column.name) for column in t.commits.columns if column.name != "hash"}
    hash_ = link.hash()
    connection.execute(_COMMIT, {**stored, "hash": hash_})
    connection.execute(_MOVE_HEAD, {"book": link.book_id, "seq": link.seq, "hash": hash_})


def _soft_closed(days: pl.Series, periods: Periods) -> set[int]:
    """The rows whose business date is soft-closed."""
    if not periods:
        return set()
    closed = [day for day in days.unique().to_list() if periods.state(day) == "soft_closed"]
    return set(days.is_in(closed).arg_true().to_list())


def _accepted(frame: pl.DataFrame, acceptance: Acceptance | None) -> set[int]:
    """The row that a person lets in, if it is among these."""
    if acceptance is None:
        return set()
    here = (pl.col("external_id") == acceptance.external_id) & (pl.col("locator") == acceptance.locator)
    return set(frame.select(here.fill_null(value=False).alias("here"))["here"].arg_true().to_list())


def _new_holds(connection: Connection, book_id: str, held: tuple[Held, ...]) -> list[Held]:
    """What is not yet held for the same reason at the same place: taking a document again holds nothing twice."""
    h = t.holds.c
    new, seen = [], set()
    for one in held:
        place = (one.document, one.locator, one.rule, one.reason)
        known = connection.execute(
            select(h.seq)
            .where(
                h.book_id == book_id,
                h.document == one.document,
                h.locator == one.locator,
                h.rule == one.rule,
                h.reason == one.reason,
            )
            .limit(1)
        ).first()
        if known is None and place not in seen:
            seen.add(place)
            new.append(one)
    return new


def _insert_holds(connection: Connection, book_id: str, seq: int, after: int, held: list[Held]) -> None:
    rows = [{"book_id": book_id, "seq": seq, "n": after + number, **vars(one)} for number, one in enumerate(held)]
    if rows:
        connection.execute(insert(t.holds), rows)


def _add_to_balances(connection: Connection, book_id: str, balances: pl.DataFrame) -> None:
    rows = [{**row, "book_id": book_id, "business_date": str(row["business_date"])} for row in balances.to_dicts()]
    if rows:
        connection.execute(_ADD_TO_BALANCE, rows)

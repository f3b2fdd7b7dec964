"""What one commit puts into the truth: from a prepared batch and its resolution to the rows of every table.

Nothing here writes. ``prepare`` does what needs no database before the transaction begins, so that the book is
locked for the insertion alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from polars._typing import PolarsDataType
from sqlalchemy import Connection, Table

from ledger import conflicts, encoding, reading
from ledger import tables as t
from ledger.accounts import Chart
from ledger.batch import EVENTS, TICKETS, Held, SaleBatch
from ledger.committed import EVENT_ROWS, Details
from ledger.conflicts import CONFLICT, Acceptance
from ledger.errors import PostingError
from ledger.order import in_order
from ledger.periods import Periods, State
from ledger.posting import event_postings, ticket_postings, where
from ledger.seals import entry_seals
from ledger.versions import Address, Resolution

SOFT_CLOSED = "period-soft-closed"
"""The rule that holds what is late for a soft-closed period."""


NUL = "\0"

# Made once: most commits have no events and no reversals, and making a frame of none costs as much as one of a few.
_NO_EVENTS = pl.DataFrame(schema={**EVENTS, "ticket": pl.Int64()})
_NO_EVENT_ROWS = pl.DataFrame(schema=EVENT_ROWS)
_NO_REVERSALS = pl.DataFrame(schema={name: pl.Int64() for name in ("reverses_seq", "reverses_n", "seq", "n")})


@dataclass(frozen=True)
class Prepared:
    """A batch with its postings, digests, seals and provenances; ``ticket`` of ``event_postings`` is the event's row.

    A seal holds for an entry on its own business date in an open period.
    """

    batch: SaleBatch
    ticket_postings: pl.DataFrame
    event_postings: pl.DataFrame
    ticket_digests: list[bytes]
    event_digests: list[bytes]
    ticket_seals: list[bytes]
    event_seals: list[bytes]
    ticket_provenances: list[str]
    event_provenances: list[str]


@dataclass(frozen=True)
class Rows(Details):
    """The rows of one commit, each frame in order of (n, number); ``balances`` are the sums to add."""

    entries: pl.DataFrame
    provenances: list[str]
    postings: pl.DataFrame
    reversals: pl.DataFrame
    balances: pl.DataFrame

    def tables(self) -> Iterator[tuple[Table, pl.DataFrame]]:
        yield t.entries, self.entries
        yield t.tickets, self.tickets
        yield t.lines, self.lines
        yield t.tenders, self.tenders
        yield t.taxes, self.taxes
        yield t.events, self.events
        yield t.postings, self.postings
        yield t.reversals, self.reversals


def prepare(batch: SaleBatch, chart: Chart, currency: str) -> Prepared:
    """What posting a validated batch needs and the book need not be looked at for. ``currency`` is the book's.

    Pure, so that it can be done elsewhere while an earlier batch is posted. Raises PostingError when an entry would not
    balance or a ticket lacks what validation must have made sure of.
    """
    batch = batch.checked()
    _assert_postable(batch)
    key = ("ticket",)
    contents, ticket_provenances = encoding.contents_and_provenances(
        batch.tickets, batch.lines, batch.tenders, batch.taxes, key
    )
    event_contents, event_provenances = encoding.event_contents(batch.events), encoding.event_provenances(batch.events)
    _assert_storable(contents, ticket_provenances, event_contents, event_provenances)
    ticket_digests = [encoding.digest(content) for content in contents]
    event_digests = [encoding.digest(content) for content in event_contents]
    of_tickets, of_events = ticket_postings(batch, chart), event_postings(batch, chart)
    return Prepared(
        batch=batch,
        ticket_postings=of_tickets,
        event_postings=of_events,
        ticket_digests=ticket_digests,
        event_digests=event_digests,
        ticket_seals=_seals(_entries("ticket", batch.tickets, ticket_digests), of_tickets, key),
        event_seals=_seals(_entries("event", _numbered(batch.events, currency), event_digests), of_events, key),
        ticket_provenances=ticket_provenances,
        event_provenances=event_provenances,
    )


def _numbered(events: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Till events with their row as their number in the batch, and the book's currency where they have none."""
    if events.height == 0:
        return _NO_EVENTS
    return events.with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("ticket"), pl.col("currency").fill_null(currency)
    )


def _entries(kind: str, frame: pl.DataFrame, digests: list[bytes]) -> pl.DataFrame:
    """The entries that tickets (or events) make, each on its own business date."""
    own = frame[:, ["ticket", "store", "business_date", "currency"]]
    return own.insert_column(1, _repeated("kind", kind, pl.String, frame.height)).hstack(
        [_versions(digests), _repeated("original_business_date", None, pl.Date, frame.height)]
    )


def _versions(digests: list[bytes]) -> pl.Series:
    return pl.Series("version", digests, pl.Binary)


def _repeated(name: str, value: object, dtype: PolarsDataType, times: int) -> pl.Series:
    return pl.Series(name, [value], dtype).new_from_index(0, times)


def journal(
    connection: Connection,
    book_id: str,
    seq: int,
    prepared: Prepared,
    tickets: Resolution,
    events: Resolution,
    currency: str,
    periods: Periods,
    into_soft_closed: bool,
) -> Rows:
    """The rows of a commit: first its tickets, then its events, then the reversals of what they supersede.

    What belongs into a locked period is dated on the first open date after it; so is the reversal of what was
    posted into a soft-closed one, unless ``into_soft_closed``.
    """
    batch = prepared.batch
    events_from = len(tickets.keep)
    reversals_from = events_from + len(events.keep)
    barring: tuple[State, ...] = ("locked",) if into_soft_closed else ("locked", "soft_closed")
    places = _places(batch.tickets["ticket"], tickets.keep, 0)
    posted = _placed(seq, prepared.ticket_postings, places)
    made = _entries("ticket", batch.tickets, prepared.ticket_digests)
    entries = _placed(seq, made, places, pl.Series("seal", prepared.ticket_seals, pl.Binary))
    stored_events = _NO_EVENT_ROWS
    if events.keep:
        numbered = _numbered(batch.events, currency)
        event_places = _places(numbered["ticket"], events.keep, events_from)
        posted = pl.concat([posted, _placed(seq, prepared.event_postings, event_places)])
        made = _entries("event", numbered, prepared.event_digests)
        of_events = _placed(seq, made, event_places, pl.Series("seal", prepared.event_seals, pl.Binary))
        entries = pl.concat([entries, of_events])
        stored_events = _placed(seq, numbered, event_places, _versions(prepared.event_digests))
    entries = _dated(entries, posted, periods, barring)
    reversals, reversed_entries, reversed_postings = _reversals(
        connection, book_id, seq, reversals_from, entries, posted, _reversed(seq, tickets, events, events_from)
    )
    if reversals.height:
        reversed_entries = reversed_entries.with_columns(
            pl.Series("seal", _seals(reversed_entries, reversed_postings, ("n",)), pl.Binary)
        )
        entries = pl.concat([entries, _dated(reversed_entries, reversed_postings, periods, barring)])
        posted = pl.concat([posted, reversed_postings])
    provenances = [prepared.ticket_provenances[row] for row in tickets.keep]
    provenances += [prepared.event_provenances[row] for row in events.keep]
    provenances += [""] * reversals.height
    return Rows(
        entries=entries[:, [name for name in entries.columns if name != "version"]],
        provenances=provenances,
        tickets=_placed(seq, batch.tickets, places, _versions(prepared.ticket_digests)),
        lines=_placed(seq, batch.lines, places),
        tenders=_placed(seq, batch.tenders, places),
        taxes=_placed(seq, batch.taxes, places),
        events=stored_events,
        postings=posted,
        reversals=reversals,
        balances=_balances(entries, posted),
    )


def _balances(entries: pl.DataFrame, posted: pl.DataFrame) -> pl.DataFrame:
    """What a commit adds to each balance. The place ``n`` of an entry is its row."""
    of_entries = entries[:, ["currency", "store", "business_date"]][posted["n"]]
    sums = of_entries.hstack(posted[:, ["account", "amount_minor"]])
    sums = sums.group_by("account", "currency", "store", "business_date").agg(pl.col("amount_minor").sum())
    return where(sums, sums["amount_minor"] != 0).sort("business_date", "store", "account", "currency")


def conflict_holds(
    connection: Connection, book_id: str, batch: SaleBatch, tickets: Resolution, events: Resolution
) -> list[Held]:
    """A changed ticket without a newer stamp is held for a person, with what differs."""
    holds = []
    for row, other in tickets.conflicts:
        new = _ticket_facts(batch, row)
        old = _ticket_facts(batch, other) if isinstance(other, int) else _stored_facts(connection, book_id, other)
        holds.append(_conflict(batch.tickets.row(row, named=True), "Ticket", old, new))
    for row, other in events.conflicts:
        new = {name: batch.events.row(row, named=True)[name] for name in encoding.EVENT_CONTENT}
        old = (
            {name: batch.events.row(other, named=True)[name] for name in encoding.EVENT_CONTENT}
            if isinstance(other, int)
            else _stored_event(connection, book_id, other)
        )
        holds.append(_conflict(batch.events.row(row, named=True), "Till event", old, new))
    return holds


def acceptances(batch: SaleBatch, tickets: Resolution, events: Resolution, acceptance: Acceptance | None) -> list[Held]:
    """The record of each conflict that a person let in."""
    if acceptance is None:
        return []
    rows = [batch.tickets.row(row, named=True) for row in tickets.accepted]
    rows += [batch.events.row(row, named=True) for row in events.accepted]
    return [conflicts.accepted(_held(row, CONFLICT, ""), acceptance) for row in rows]


def late_holds(batch: SaleBatch, tickets: Resolution, events: Resolution) -> list[Held]:
    """What is late for a soft-closed period is held for a person."""
    late = [("Ticket", batch.tickets.row(row, named=True)) for row in tickets.late]
    late += [("Till event", batch.events.row(row, named=True)) for row in events.late]
    return [
        _held(
            row,
            SOFT_CLOSED,
            f"{what} {row['external_id']} belongs to {row['business_date']}, which is soft-closed; 'tillproof release "
            f"--into-soft-closed' lets it in ({row['locator']})",
        )
        for what, row in late
    ]


def _places(numbers: pl.Series, keep: Sequence[int], start: int) -> pl.Series:
    """For each number of a ticket within the batch its place ``n`` in the commit, null for what is not kept."""
    size = 0 if numbers.is_empty() else int(numbers.max()) + 1  # type: ignore[arg-type]
    kept = numbers if len(keep) == numbers.len() else numbers.gather(list(keep))
    nowhere = pl.Series([None], dtype=pl.Int64).new_from_index(0, size)
    return nowhere.scatter(kept, pl.int_range(start, start + len(keep), dtype=pl.Int64, eager=True))


def _placed(seq: int, frame: pl.DataFrame, places: pl.Series, *more: pl.Series) -> pl.DataFrame:
    """The rows of what is kept, each with its address (seq, n), in order of n and number; ``more`` are columns that go
    with the frame's.

    Column by column: for a frame of a few rows a query costs more than all that it does.
    """
    n = places[frame["ticket"]].alias("n")
    own = [name for name in frame.columns if name not in ("seq", "n", "ticket", "document")]
    rows = frame[:, own].insert_column(0, n).insert_column(0, _repeated("seq", seq, pl.Int64, frame.height))
    if more:
        rows = rows.hstack(list(more))
    if n.null_count():
        rows = rows.filter(pl.col("n").is_not_null())
    return in_order(rows, *(name for name in ("n", "number") if name in rows.columns))


def _reversed(seq: int, tickets: Resolution, events: Resolution, events_from: int) -> list[Address]:
    place_of = {row: n for n, row in enumerate(tickets.keep)}
    event_place_of = {row: events_from + n for n, row in enumerate(events.keep)}
    return [
        *tickets.reversed_addresses,
        *((seq, place_of[row]) for row in tickets.reversed_rows),
        *events.reversed_addresses,
        *((seq, event_place_of[row]) for row in events.reversed_rows),
    ]


def _reversals(
    connection: Connection,
    book_id: str,
    seq: int,
    start: int,
    entries: pl.DataFrame,
    posted: pl.DataFrame,
    targets: list[Address],
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Entries equal and opposite to those that are superseded, on their own accounts and business date."""
    links, new_entries, new_postings = [], [], []
    for n, (of_seq, of_n) in enumerate(targets, start=start):
        links.append({"reverses_seq": of_seq, "reverses_n": of_n, "seq": seq, "n": n})
        if of_seq == seq:
            origin = entries.filter(pl.col("n") == of_n).row(0, named=True)
            amounts = posted.filter(pl.col("n") == of_n).to_dicts()
        else:
            old = reading.entry(connection, book_id, of_seq, of_n)
            assert old is not None
            source = old.ticket or old.event
            assert source is not None
            origin = {
                "store": old.store,
                "business_date": old.business_date,
                "currency": old.currency,
                "version": source["version"],
                "original_business_date": old.original_business_date,
            }
            amounts = old.postings
        new_entries.append({**origin, "kind": "reversal", "seq": seq, "n": n})
        new_postings += [
            {
                **{name: one[name] for name in ("number", "account")},
                "seq": seq,
                "n": n,
                "amount_minor": -one["amount_minor"],
            }
            for one in amounts
        ]
    if not targets:
        return _NO_REVERSALS, entries.clear(), posted.clear()
    return (
        pl.DataFrame(links, schema=_NO_REVERSALS.schema),
        pl.DataFrame(new_entries, schema=entries.schema),
        pl.DataFrame(new_postings, schema=posted.schema),
    )


def _dated(entries: pl.DataFrame, postings: pl.DataFrame, periods: Periods, barring: Sequence[State]) -> pl.DataFrame:
    """Entries on the dates that they may be posted on; one that is moved keeps the date that it belongs to."""
    days = entries["business_date"].unique().to_list() if periods else []
    moved = {day: periods.next_open(day) for day in days if periods.state(day) in barring}
    if not moved:
        return entries
    posted_on = pl.col("business_date").replace(list(moved), list(moved.values()))
    late = pl.when(posted_on != pl.col("business_date")).then("business_date")
    dated = entries.with_columns(
        posted_on.alias("business_date"),
        pl.coalesce("original_business_date", late).alias("original_business_date"),
    )
    return dated.with_columns(pl.Series("seal", _seals(dated, postings, ("n",)), pl.Binary))


def _seals(entries: pl.DataFrame, postings: pl.DataFrame, key: tuple[str, ...]) -> list[bytes]:
    """The seal of each entry; ``key`` joins the entries with their postings."""
    if entries.height == 0:
        return []
    texts = [entries[name].cast(pl.String) for name in ("business_date", "original_business_date")]
    codes = encoding.postings_of(entries, postings, key)
    return entry_seals(
        pl.DataFrame([*(entries[name] for name in ("kind", "version", "store", "currency")), *texts, codes])
    )


def _ticket_facts(batch: SaleBatch, row: int) -> dict[str, Any]:
    header = batch.tickets.row(row, named=True)
    number = header["ticket"]
    return _facts(
        header,
        *(
            frame.filter(pl.col("ticket") == number).sort("number").to_dicts()
            for frame in (batch.lines, batch.tenders, batch.taxes)
        ),
    )


def _stored_facts(connection: Connection, book_id: str, address: Address) -> dict[str, Any]:
    old = reading.entry(connection, book_id, *address)
    assert old is not None
    assert old.ticket is not None
    return _facts(old.ticket, old.lines, old.tenders, old.taxes)


def _stored_event(connection: Connection, book_id: str, address: Address) -> dict[str, Any]:
    old = reading.entry(connection, book_id, *address)
    assert old is not None
    assert old.event is not None
    return {name: old.event[name] for name in encoding.EVENT_CONTENT}


def _facts(
    header: dict[str, Any], lines: list[dict[str, Any]], tenders: list[dict[str, Any]], taxes: list[dict[str, Any]]
) -> dict[str, Any]:
    facts = {name: header[name] for name in encoding.TICKET_CONTENT}
    for what, rows, names in (
        ("line", lines, encoding.LINE_CONTENT),
        ("tender", tenders, encoding.TENDER_CONTENT),
        ("tax", taxes, encoding.TAX_CONTENT),
    ):
        facts |= {f"{what} {row['number']} {name}": row[name] for row in rows for name in names if name != "number"}
    return facts


def _conflict(row: dict[str, Any], what: str, old: dict[str, Any], new: dict[str, Any]) -> Held:
    return _held(row, CONFLICT, conflicts.reason(what, row["external_id"], row["locator"], old, new))


def _held(row: dict[str, Any], rule: str, reason: str) -> Held:
    return Held(
        disposition="quarantined",
        rule=rule,
        reason=reason,
        document=row["document"],
        locator=row["locator"],
        source=row["source"],
        external_id=row["external_id"],
        store=row["store"],
        business_date=str(row["business_date"]),
        amount_minor=row.get("total_minor"),
    )


def _assert_postable(batch: SaleBatch) -> None:
    """What validation must have made sure of; PostingError says what it let through."""
    for frame, required, what in (
        (batch.tickets, ("source", "external_id", "store", "business_date", "kind", "currency", "locator"), "ticket"),
        (batch.events, ("source", "external_id", "store", "business_date", "kind", "locator"), "till event"),
    ):
        for name in required:
            if frame[name].null_count():
                raise PostingError(f"a {what} without {name} reached the book; validation must hold it")
    assert set(TICKETS) == set(batch.tickets.columns)
    assert set(EVENTS) == set(batch.events.columns)


def _assert_storable(*texts: Sequence[str]) -> None:
    """``texts`` are the canonical contents and provenances, in which every text of a batch is."""
    if any(NUL in one for of_one in texts for one in of_one):
        raise PostingError("a text with a NUL character reached the book, and PostgreSQL keeps none; take it out")

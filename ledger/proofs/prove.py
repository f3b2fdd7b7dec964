"""Making the proof of a ticket from the book."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sqlalchemy import Connection

from ledger import committed, encoding, reading
from ledger import tables as t
from ledger.errors import ProofError, SealBroken
from ledger.proofs import checkpoint as checkpoints
from ledger.proofs import merkle
from ledger.proofs.check import check
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.content import decode
from ledger.proofs.receipt import FORMAT, Posting, ProvenEntry, ProvenStoreDay, TicketProof, Version
from ledger.proofs.store_days import StoreDay, seals_of

KEY = ("seq", "n")


def prove(
    connection: Connection,
    book_id: str,
    external_id: str,
    source: str | None = None,
    *,
    at: Checkpoint | None = None,
    known: tuple[Checkpoint, list[StoreDay]] | None = None,
) -> TicketProof:
    """The proof of a ticket by its number at the till, as of a checkpoint or of the book's last commit.

    ``known`` spares ``checkpoint.take``, which reads every seal of the book, where it was done before. Raises
    ProofError when there is no such ticket, or one in several sources and none was given, and SealBroken when the
    book does not agree with the checkpoint or with itself.
    """
    now, days = known or checkpoints.take(connection, book_id, at.seq if at else None)
    if at is not None:
        for problem in checkpoints.compare(connection, book_id, at):
            raise SealBroken(problem)
    entries = [
        one
        for address in reading.find(connection, book_id, t.tickets, external_id, source)
        if address[0] <= now.seq and (one := reading.entry(connection, book_id, *address)) is not None
    ]
    sources = sorted({one.ticket["source"] for one in entries if one.ticket})
    if not sources:
        where = f" of source {source!r}" if source else ""
        raise ProofError(f"the book has no ticket {external_id!r}{where} up to commit {now.seq}")
    if len(sources) > 1:
        raise ProofError(f"ticket {external_id!r} is in the sources {', '.join(sources)}; say which with --source")
    reversals = [_reversal(connection, book_id, one, now.seq) for one in entries]
    leaves: dict[tuple[str, str], list[bytes]] = {}
    for one in [*entries, *filter(None, reversals)]:
        key = (one.store, one.business_date.isoformat())
        if key not in leaves:
            leaves[key] = seals_of(connection, book_id, *key, now.seq)
    live = [number for number, reversal in enumerate(reversals, start=1) if reversal is None]
    proof = TicketProof(
        format=FORMAT,
        source=sources[0],
        external_id=external_id,
        live=live[-1] if live else None,
        versions=tuple(
            _version(number, one, reversal, leaves)
            for number, (one, reversal) in enumerate(zip(entries, reversals, strict=True), start=1)
        ),
        store_days=tuple(_store_day(key, days) for key in leaves),
        book=at or now,
    )
    for problem in check(proof):
        raise SealBroken(f"the book has no proof of ticket {external_id!r}: {problem}; run 'tillproof verify'")
    return proof


def _reversal(connection: Connection, book_id: str, one: reading.Entry, upto: int) -> reading.Entry | None:
    if one.reversed_by is None or one.reversed_by[0] > upto:
        return None
    return reading.entry(connection, book_id, *one.reversed_by)


def _version(
    number: int, one: reading.Entry, reversal: reading.Entry | None, leaves: dict[tuple[str, str], list[bytes]]
) -> Version:
    assert one.ticket is not None
    (content,) = encoding.contents(
        pl.DataFrame([one.ticket], schema=committed.TICKET_ROWS),
        pl.DataFrame(one.lines, schema=committed.LINE_ROWS),
        pl.DataFrame(one.tenders, schema=committed.TENDER_ROWS),
        pl.DataFrame(one.taxes, schema=committed.TAX_ROWS),
        KEY,
    )
    said = decode(content)
    return Version(
        number=number,
        ticket=said.ticket,
        lines=tuple(said.lines),
        tenders=tuple(said.tenders),
        taxes=tuple(said.taxes),
        content=content,
        digest=encoding.digest(content).hex(),
        entries=tuple(_entry(each, leaves) for each in (one, reversal) if each is not None),
    )


def _entry(one: reading.Entry, leaves: dict[tuple[str, str], list[bytes]]) -> ProvenEntry:
    day = one.business_date.isoformat()
    among = leaves[one.store, day]
    index = among.index(bytes.fromhex(one.seal))
    return ProvenEntry(
        kind="reversal" if one.kind == "reversal" else "ticket",
        store=one.store,
        business_date=day,
        original_business_date=None if one.original_business_date is None else one.original_business_date.isoformat(),
        currency=one.currency,
        postings=tuple(
            Posting(account=row["account"], amount_minor=row["amount_minor"])
            for row in sorted(one.postings, key=lambda row: str(row["account"]))
        ),
        seal=one.seal,
        leaf=index,
        path=tuple(node.hex() for node in merkle.path(among, index)),
    )


def _store_day(key: tuple[str, str], days: Sequence[StoreDay]) -> ProvenStoreDay:
    index = next(place for place, day in enumerate(days) if (day.store, day.business_date) == key)
    return ProvenStoreDay(
        store=days[index].store,
        business_date=days[index].business_date,
        entries=days[index].entries,
        root=days[index].root.hex(),
        leaf=index,
        path=tuple(node.hex() for node in merkle.path((day.leaf() for day in days), index)),
    )

"""Checking the proof of a ticket: needs the file alone, and no book."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from ledger import encoding
from ledger.proofs import checkpoint as checkpoints
from ledger.proofs import merkle
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.content import Content, decode
from ledger.proofs.receipt import Fields, ProvenEntry, TicketProof, Version
from ledger.proofs.store_days import StoreDay
from ledger.seals import entry_seals


def check(proof: TicketProof, *, checkpoint: Checkpoint | None = None, public_key: bytes | None = None) -> list[str]:
    """What is wrong with a proof, a sentence each, the nearest to what people read first; none where it holds.

    Everything is computed anew from the readable content. With ``checkpoint`` the proof must lead to that book at that
    commit, and the checkpoint must be signed; with ``public_key`` (32 bytes), by that key.
    """
    return [
        *_check_versions(proof),
        *_check_store_days(proof),
        *checkpoints.flaws(
            proof.book, public_key=None if checkpoint else public_key, must_be_signed=public_key is not None
        ),
        *(_check_against(proof, checkpoint, public_key) if checkpoint else ()),
    ]


def _check_versions(proof: TicketProof) -> Iterator[str]:
    if [version.number for version in proof.versions] != list(range(1, len(proof.versions) + 1)):
        yield "the versions of the ticket are not numbered 1, 2, 3 ..."
    for version in proof.versions:
        what = f"version {version.number} of ticket {proof.external_id}"
        if encoding.digest(version.content).hex() != version.digest:
            yield f"{what}: its canonical content does not give its digest"
        try:
            yield from _differences(what, version, decode(version.content))
        except ValueError as error:
            yield f"{what}: {error}"
        for name in ("source", "external_id"):
            if version.ticket.get(name) != getattr(proof, name):
                yield f"{what}: its {name} is not that of the proof, {getattr(proof, name)!r}"
        if [entry.kind for entry in version.entries] not in (["ticket"], ["ticket", "reversal"]):
            yield f"{what}: it must have its own entry and then at most a reversal"
        for entry in version.entries:
            yield from _check_entry(f"{what}, {entry.kind} entry", entry, version, proof)
        if len(version.entries) == 2 and [-one.amount_minor for one in version.entries[0].postings] != [
            one.amount_minor for one in version.entries[1].postings
        ]:
            yield f"{what}: its reversal is not the opposite of what it reverses"
    live = [version.number for version in proof.versions if len(version.entries) == 1]
    if len(live) > 1 or (live[0] if live else None) != proof.live:
        yield (
            f"the proof says that version {proof.live} is live, but version "
            f"{', '.join(map(str, live)) or 'none'} has no reversal"
        )


def _differences(what: str, version: Version, sealed: Content) -> Iterator[str]:
    """Where the readable ticket says something else than its canonical content."""
    if not _same(list(version.ticket), list(sealed.ticket)):
        yield f"{what}: the fields of the ticket are not those of its content"
    yield from _different_fields(f"{what}, ticket", version.ticket, sealed.ticket)
    for name, rows, sealed_rows in (
        ("line", version.lines, sealed.lines),
        ("tender", version.tenders, sealed.tenders),
        ("tax", version.taxes, sealed.taxes),
    ):
        if len(rows) != len(sealed_rows):
            yield f"{what}: it shows {len(rows)} rows of kind {name}, but its content has {len(sealed_rows)}"
        for number, (row, sealed_row) in enumerate(zip(rows, sealed_rows, strict=False), start=1):
            yield from _different_fields(f"{what}, {name} {number}", row, sealed_row)


def _different_fields(what: str, shown: Fields, sealed: Fields) -> Iterator[str]:
    for name in dict.fromkeys([*sealed, *shown]):
        if name not in shown:
            yield f"{what}: {name} is missing; the sealed content says {sealed[name]!r}"
        elif name not in sealed:
            yield f"{what}: {name} is not among what is sealed"
        elif not _same(shown[name], sealed[name]):
            yield f"{what}: {name} is {shown[name]!r}, but the sealed content says {sealed[name]!r}"


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)  # 1 is not True


def _check_entry(what: str, entry: ProvenEntry, version: Version, proof: TicketProof) -> Iterator[str]:
    off = sum(posting.amount_minor for posting in entry.postings)
    if off:
        yield f"{what}: its postings are off by {off}"
    if _seal(entry, bytes.fromhex(version.digest)) != entry.seal:
        yield (
            f"{what}: its store, business date, currency, postings or content are not what was sealed "
            f"({entry.store}, {entry.business_date})"
        )
    day = next(
        (one for one in proof.store_days if (one.store, one.business_date) == (entry.store, entry.business_date)), None
    )
    if day is None:
        yield f"{what}: the proof has no store-day {entry.store}, {entry.business_date}"
        return
    led = merkle.fold(bytes.fromhex(entry.seal), entry.leaf, day.entries, [*map(bytes.fromhex, entry.path)])
    if led is None or led.hex() != day.root:
        yield f"{what}: its path does not lead to the root of {day.store} on {day.business_date}"


def _seal(entry: ProvenEntry, digest: bytes) -> str:
    postings = pl.DataFrame(
        {
            "account": pl.Series([one.account for one in entry.postings], dtype=pl.String),
            "amount_minor": pl.Series([one.amount_minor for one in entry.postings], dtype=pl.Int64),
        }
    ).with_columns(pl.lit(0).alias("n"))
    codes = encoding.posting_codes(postings, ("n",))["postings"].to_list()
    row: dict[str, str | None] = {
        "kind": entry.kind,
        "store": entry.store,
        "business_date": entry.business_date,
        "currency": entry.currency,
    }
    row["original_business_date"] = entry.original_business_date
    frame = pl.DataFrame(
        [{**row, "version": digest, "postings": "".join(codes)}], schema_overrides={"original_business_date": pl.String}
    )
    return entry_seals(frame)[0].hex()


def _check_store_days(proof: TicketProof) -> Iterator[str]:
    keys = [(day.store, day.business_date) for day in proof.store_days]
    if len(set(keys)) != len(keys):
        yield "a store-day is in the proof twice"
    for day in proof.store_days:
        leaf = StoreDay(day.store, day.business_date, day.entries, bytes.fromhex(day.root)).leaf()
        led = merkle.fold(leaf, day.leaf, proof.book.store_days, [*map(bytes.fromhex, day.path)])
        if led is None or led.hex() != proof.book.root:
            yield (
                f"{day.store} on {day.business_date}: its root, number of entries or path does not lead to the root "
                f"of the book {proof.book.book}"
            )


def _check_against(proof: TicketProof, checkpoint: Checkpoint, public_key: bytes | None) -> Iterator[str]:
    yield from checkpoints.flaws(checkpoint, public_key=public_key)
    if proof.book.book != checkpoint.book:
        yield f"the proof is of the book {proof.book.book!r}, the checkpoint of {checkpoint.book!r}"
    elif proof.book.seq != checkpoint.seq:
        yield (
            f"the proof is of the book after commit {proof.book.seq}, the checkpoint after commit {checkpoint.seq}; "
            "have the proof made for this checkpoint"
        )
    elif proof.book.message() != checkpoint.message():
        yield f"the proof does not lead to the book that the checkpoint has after commit {checkpoint.seq}"

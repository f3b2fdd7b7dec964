"""Seals: what lets an auditor see that nothing was changed, taken away or put in between.

- The **seal** of an entry is a SHA-256 over what it says (kind, content of its ticket, store, business date, currency,
  postings). It leaves out when and from which document it came, so that the same tickets have the same seals
  however they arrived.
- The **root** of a store-day is a Merkle root over the seals of its entries, sorted (``ledger.proofs.store_days``): two
  books that were fed the same documents agree root by root.
- The **link** of a commit hashes the link before it, so that the chain's last hash, the head, stands for the whole
  history with its order, times and provenance.

``docs/seals.md`` specifies every format for whoever writes a verifier of their own; ``tests/ledger/test_seals.py``
holds them to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import polars as pl

from ledger.batch import Held
from ledger.encoding import row_code

ENTRY_VERSION = b"tillproof/entry/1"
LINK_VERSION = b"tillproof/link/1"
PERIOD_VERSION = b"tillproof/period/1"
CASES_VERSION = b"tillproof/cases/1"
GENESIS = bytes(32)
"""What the first link hashes as the link before it."""
NO_INTAKE = 0
"""The intake of a commit that is of no delivery, but changes a period or records events of cases."""


CaseRow = tuple[int, str, int, str, str, str]
"""An event of a case as it is sealed: its number in the commit, subject, number, kind, by and detail."""


@dataclass(frozen=True)
class Link:
    """What a link of the chain covers. ``recorded_at`` is in microseconds since 1970, UTC; hashes are 32 bytes."""

    book_id: str
    seq: int
    previous: bytes
    recorded_at: int
    intake: int
    document: str
    records: int
    posted: int
    duplicates: int
    versions: int
    quarantined: int
    ignored: int
    entries: int
    last: bool
    payload: bytes

    def hash(self) -> bytes:
        """SHA-256 over all fields, in order, each with its length before it."""
        sealed = hashlib.sha256(LINK_VERSION)
        for each in fields(self):
            sealed.update(framed(getattr(self, each.name)))
        return sealed.digest()


def entry_seals(entries: pl.DataFrame) -> list[bytes]:
    """The seal of each entry, 32 bytes, one hash a row: over ``ENTRY_VERSION`` and the values, each with its type and
    length before it (see ``framed``), of these columns in this order.

    ``kind``, ``version`` (the content digest of the ticket or event; of the reversed one for a reversal), ``store``,
    ``business_date`` (ISO), ``currency`` and ``postings`` (the canonical postings of ``ledger.encoding``); then, of a
    prior-period entry, ``original_business_date``.
    """

    code = row_code(entries, ("store", "business_date", "currency", "postings"), "")
    if entries["original_business_date"].null_count() < entries.height:
        late = pl.col("original_business_date").is_not_null()
        coded = row_code(entries, ("original_business_date",), "")
        code = pl.concat_str(code, pl.when(late).then(coded).otherwise(pl.lit("")))
    after = entries.select(code.alias("after"))["after"].to_list()
    rows = zip(map(framed, entries["kind"].to_list()), entries["version"].to_list(), after, strict=True)
    return [
        hashlib.sha256(b"%b%bh%d:%b%b" % (ENTRY_VERSION, kind, len(version), version, rest.encode())).digest()
        for kind, version, rest in rows
    ]


def payload(seals: Sequence[bytes], provenances: Sequence[str], held: Iterable[Held]) -> bytes:
    """Digest of what a commit put into the book: each entry's seal with its provenance, in order, and what it held."""
    parts = [part for pair in zip(seals, map(framed, provenances), strict=True) for part in pair]
    parts += [framed(getattr(one, each.name)) for one in held for each in fields(Held)]
    return hashlib.sha256(b"".join(parts)).digest()


def period_payload(start: str, end: str, state: str, by: str, reason: str) -> bytes:
    """Digest of a commit that changes a period's state; the dates are ISO texts."""
    return hashlib.sha256(PERIOD_VERSION + b"".join(map(framed, (start, end, state, by, reason)))).digest()


def case_payload(events: Iterable[CaseRow]) -> bytes:
    """Digest of a commit that records events of cases, in order."""
    return hashlib.sha256(CASES_VERSION + b"".join(framed(value) for one in events for value in one)).digest()


def framed(value: str | int | bytes | None) -> bytes:
    """A value with its type and length before it, so that no two lists of values read the same."""
    if value is None:
        return b"n;"
    if isinstance(value, bytes):
        return b"h%d:%b" % (len(value), value)
    if isinstance(value, str):
        text = value.encode()
        return b"s%d:%b" % (len(text), text)
    return b"i%d;" % value

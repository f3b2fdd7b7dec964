"""The proof of one ticket: everything that is needed to check it without the book.

It goes from what people read to the book's root: ticket -> canonical content -> digest -> seal of its entry -> root of
its store-day -> root of the book, which a checkpoint that is kept elsewhere, and signed, binds. All versions of the
ticket are in it, with their reversals.

What it cannot show is that something is *not* in the book: whether a later version reverses the ticket is what the
book says of itself at that commit, and is checked against the reversals that the proof has.
"""

from __future__ import annotations

import json
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ledger.errors import ProofError
from ledger.proofs.checkpoint import Checkpoint, Count, Digest, wrong_place

FORMAT: Final = "tillproof/proof/1"

Fields = dict[str, str | int | bool | None]
Path = tuple[Digest, ...]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Posting(_Part):
    """Debit positive, credit negative, in minor units of the entry's currency."""

    account: str
    amount_minor: Annotated[int, Field(ge=-(1 << 63), lt=1 << 63)]


class ProvenEntry(_Part):
    """A journal entry: the ticket's own or its reversal. ``leaf`` is the place of its seal (from 0) among the sorted
    seals of its store-day, ``path`` leads from there to that store-day's root."""

    kind: Literal["ticket", "reversal"]
    store: str
    business_date: str
    original_business_date: str | None = None
    currency: str
    postings: Annotated[tuple[Posting, ...], Field(strict=False)]
    seal: Digest
    leaf: Count
    path: Annotated[Path, Field(strict=False)]


class Version(_Part):
    """One version of the ticket as people read it, as it was sealed (``content``, ``digest``), and its entries."""

    number: Annotated[int, Field(ge=1)]
    ticket: Fields
    lines: Annotated[tuple[Fields, ...], Field(strict=False)]
    tenders: Annotated[tuple[Fields, ...], Field(strict=False)]
    taxes: Annotated[tuple[Fields, ...], Field(strict=False)]
    content: str
    digest: Digest
    entries: Annotated[tuple[ProvenEntry, ...], Field(strict=False, min_length=1, max_length=2)]


class ProvenStoreDay(_Part):
    """A store-day that an entry lies in; ``leaf`` is its place (from 0) among the store-days of the book, ``path``
    leads from there to the book's root."""

    store: str
    business_date: str
    entries: Count
    root: Digest
    leaf: Count
    path: Annotated[Path, Field(strict=False)]


class TicketProof(_Part):
    """The proof of a ticket. ``live`` is the number of the version in force, None where none is; ``book`` is the book
    at the commit as of which the proof was made, signed where it was made for a checkpoint."""

    format: Literal["tillproof/proof/1"]
    source: str
    external_id: str
    live: Annotated[int, Field(ge=1)] | None
    versions: Annotated[tuple[Version, ...], Field(strict=False, min_length=1)]
    store_days: Annotated[tuple[ProvenStoreDay, ...], Field(strict=False, min_length=1)]
    book: Checkpoint

    def json_text(self) -> str:
        """The proof as its file."""
        return json.dumps(self.model_dump(), indent=1, ensure_ascii=False) + "\n"


def read(text: str, name: str) -> TicketProof:
    """A proof from the text of its file; ProofError names the file and what is wrong with it."""
    try:
        return TicketProof.model_validate_json(text)
    except ValidationError as error:
        raise ProofError(f"{name} is not a proof of Tillproof: {wrong_place(error)}") from None

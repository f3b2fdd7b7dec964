"""``/entries``: the journal."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from assistant.server.api.models import JournalEntry, Paged, reference
from assistant.server.entries import Listed, Wanted, listed
from assistant.server.errors import NotThere
from assistant.server.pages.view import entry_url
from assistant.server.paging import Limit, following
from assistant.server.request import Opened, PageNumber, entry_at
from ledger.money import to_major
from ledger.proofs.receipt import TicketProof

router = APIRouter(prefix="/entries", tags=["entries"])

Text = Annotated[str, Query(max_length=400)]


class EntrySummary(BaseModel):
    """An entry in a list."""

    id: str = Field(examples=["12-345"])
    kind: str = Field(description="kind of the ticket, 'till event' or 'reversal'", examples=["sale"])
    external_id: str | None = Field(description="the till's own ticket number", examples=["T-1001"])
    store: str = Field(examples=["Downtown"])
    business_date: date = Field(description="the date that it is posted on")
    original_business_date: date | None = Field(
        description="of a prior-period entry: the date that it belongs to, whose period was locked"
    )
    document: str = Field(description="id of the document")
    locator: str | None = Field(examples=["row 17"])
    superseded: bool = Field(description="a later version took its place; it counts in no figure any more")
    amount: str | None = Field(
        description="collected on the ticket; with an account, what is posted to it, debit positive", examples=["12.34"]
    )
    currency: str = Field(examples=["USD"])
    url: str = Field(examples=["/entries/12-345"])

    @classmethod
    def of(cls, one: Listed, currency: str) -> EntrySummary:
        return cls(
            id=reference((one.seq, one.n)),
            kind=one.kind,
            external_id=one.external_id,
            store=one.store,
            business_date=one.business_date,
            original_business_date=one.original_business_date,
            document=one.document,
            locator=one.locator,
            superseded=one.superseded,
            amount=None if one.amount_minor is None else str(to_major(one.amount_minor, currency)),
            currency=currency,
            url=entry_url(one.seq, one.n),
        )


class EntryList(Paged):
    entries: list[EntrySummary]


@router.get("")
def list_entries(
    service: Opened,
    store: Text = "",
    business_date: Annotated[date | None, Query(examples=["2026-10-03"])] = None,
    external_id: Annotated[str, Query(max_length=400, description="the till's own ticket number")] = "",
    account: Annotated[str, Query(max_length=400, examples=["income:sales"])] = "",
    page: PageNumber = 1,
    limit: Limit = 100,
) -> EntryList:
    """Tickets and till events by what they have in common, the newest business date first; with an account, every
    entry that posts to it, reversals too."""
    wanted = Wanted(store=store, business_date=business_date, external_id=external_id, account=account)
    total, rows = listed(service.figures, wanted, page, limit)
    given = {"store": store, "business_date": business_date, "external_id": external_id, "account": account}
    return EntryList(
        total=total,
        next=following(total, page, limit, "/api/v1/entries", **given),
        entries=[EntrySummary.of(one, service.book.currency) for one in rows],
    )


@router.get("/{address}")
def get_entry(address: str, service: Opened) -> JournalEntry:
    """One entry whole: ticket, lines, tenders, taxes, postings, its versions and where it stands in its document."""
    return JournalEntry.of(entry_at(service, address))


@router.get("/{address}/proof")
def get_proof(address: str, service: Opened) -> TicketProof:
    """The proof of the entry's ticket with all its versions, as 'tillproof verify-proof' checks it without the book."""
    ticket = entry_at(service, address).ticket
    if ticket is None:
        raise NotThere(f"Entry {address[:40]} is of a till event; only tickets have a proof.")
    return service.proof(ticket["external_id"], ticket["source"])

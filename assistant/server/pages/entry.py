"""One journal entry: the receipt, its postings, its versions and where each line stands in its document."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from assistant.server.request import Opened, Pages, entry_at
from ledger.reading import Entry

router = APIRouter(include_in_schema=False)


@router.get("/entries/{address}")
def entry_page(address: str, service: Opened, pages: Pages) -> Response:
    entry = entry_at(service, address)
    amounts = [posting["amount_minor"] for posting in entry.postings]
    return pages.page(
        "entry.html",
        entry=entry,
        heading=_heading(entry),
        document=service.book.document(entry.document),
        debits=sum(amount for amount in amounts if amount > 0),
        credits=-sum(amount for amount in amounts if amount < 0),
    )


def _heading(entry: Entry) -> str:
    if entry.ticket is not None:
        what = f"Ticket {entry.ticket['external_id']}"
    elif entry.event is not None:
        what = f"Till event {entry.event['external_id']}"
    else:
        what = f"Entry {entry.seq}-{entry.n}"
    return f"Reversal of {what[0].lower()}{what[1:]}" if entry.kind == "reversal" else what

"""What a request works with: the opened book, caught up with truth, and the view of its pages."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request

from assistant.server.errors import NotThere, Unreadable
from assistant.server.pages.view import View, view
from assistant.service import Service
from ledger.document import DocumentRecord
from ledger.reading import Entry, Feed

_ADDRESS = re.compile(r"^(\d{1,18})-(\d{1,18})$")
_DOCUMENT = re.compile(r"^[0-9a-f]{64}$")


def _caught_up(request: Request) -> Service:
    """The service of the book; what other processes have posted is in its read models."""
    service = request.app.state.service
    assert isinstance(service, Service)
    service.refresh()
    return service


def _day(
    today: Annotated[str, Query(max_length=10, description="the day that 'yesterday' is relative to")] = "",
) -> str:
    if today:
        read_day(today)
    return today


Opened = Annotated[Service, Depends(_caught_up)]
Pages = Annotated[View, Depends(view)]
Today = Annotated[str, Depends(_day)]
PageNumber = Annotated[int, Query(ge=1, le=1_000_000, description="page of the list, from 1")]


def base_url(request: Request) -> str:
    """Where people open this service: as the installation says, or the address that the request came to."""
    given: str | None = request.app.state.public_url
    return given or str(request.base_url).rstrip("/")


def read_day(text: str) -> date:
    """An ISO date; Unreadable says what is wrong with it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"{text!r} is not a date; write it as 2026-10-31.") from None


def entry_at(service: Service, address: str) -> Entry:
    """The entry at ``seq-n``; NotThere when the book has none."""
    found = _ADDRESS.match(address)
    entry = service.book.entry(int(found[1]), int(found[2])) if found else None
    if entry is None:
        raise NotThere(f"There is no entry {address[:40]} in this book.")
    return entry


def document_of(service: Service, document_id: str) -> DocumentRecord:
    """The document with an id; NotThere when the book has none."""
    found = service.book.document(document_id) if _DOCUMENT.match(document_id) else None
    if found is None:
        raise NotThere(f"There is no document {document_id[:12]} in this book.")
    return found


def delivery_of(service: Service, number: int) -> Feed:
    """The delivery of a number; NotThere when the book has none."""
    found = next((feed for feed in service.book.feeds() if feed.intake == number), None)
    if found is None:
        raise NotThere(f"There is no delivery {number} in this book.")
    return found

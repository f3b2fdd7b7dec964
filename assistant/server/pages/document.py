"""A source document, and one of its lines among its neighbours."""

from __future__ import annotations

from itertools import zip_longest
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from assistant.server.pages.view import with_query
from assistant.server.request import Opened, Pages, document_of, entry_at
from ingest import documents, places
from ingest.paper.kept import is_paper_document
from ledger.document import ATTACHED, BUNDLE

router = APIRouter(include_in_schema=False)


@router.get("/documents/{document_id}")
def document_page(
    document_id: str,
    service: Opened,
    pages: Pages,
    locator: Annotated[str, Query(max_length=400)] = "",
    entry: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The document; with ``locator``, that line of it. ``entry`` is where the reader came from."""
    document = document_of(service, document_id)
    if locator and is_paper_document(document):
        return RedirectResponse(with_query(f"/feeds/paper/{document.id}", at=locator))
    if locator:
        if entry:
            entry_at(service, entry)
        line = places.line(service.book, document.id, locator)
        fields = list(zip_longest(line.header, line.cells, fillvalue=""))
        return pages.page("line.html", line=line, document=line.document, locator=locator, entry=entry, fields=fields)
    is_set = document.media_type == BUNDLE
    members = list(documents.members(service.book, document).values()) if is_set else []
    attached = document.media_type == ATTACHED
    on_paper = is_paper_document(document)
    feeds = [feed for feed in service.book.feeds() if feed.document == document.id]
    return pages.page(
        "document.html",
        document=document,
        members=members,
        feeds=feeds,
        rows=not is_set and not attached and not on_paper,
        attached=attached,
        on_paper=on_paper,
    )

"""What was received and what became of it: deliveries that add up, and what is held."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from assistant.server.request import Opened, PageNumber, Pages, document_of

router = APIRouter(include_in_schema=False)

ROWS_PER_PAGE = 50
_COUNTS = ("received", "posted", "duplicates", "versions", "quarantined", "ignored")


@router.get("/feeds")
def feeds_page(service: Opened, pages: Pages, page: PageNumber = 1) -> Response:
    feeds = service.book.feeds()
    total = {name: sum(getattr(feed, name) for feed in feeds) for name in _COUNTS}
    return pages.page(
        "feeds.html",
        feeds=feeds[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE],
        total={**total, "deliveries": len(feeds)},
        adds_up=all(
            feed.received == feed.posted + feed.duplicates + feed.versions + feed.quarantined + feed.ignored
            for feed in feeds
        ),
        held_count=len(service.book.held()),
        page=page,
        pages=-(-len(feeds) // ROWS_PER_PAGE),
    )


@router.get("/feeds/held")
def held_page(
    service: Opened, pages: Pages, page: PageNumber = 1, document: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    only = document_of(service, document) if document else None
    held = [one for one in service.book.held() if only is None or one.document == only.id]
    return pages.page(
        "held.html",
        held=held[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE],
        total=len(held),
        document=only,
        page=page,
        pages=-(-len(held) // ROWS_PER_PAGE),
    )

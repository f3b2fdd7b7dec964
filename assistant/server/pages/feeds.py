"""What was received and what became of it: deliveries that add up."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from assistant.server.request import Opened, PageNumber, Pages

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

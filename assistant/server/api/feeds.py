"""``/feeds``: what was received, posted and held."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from assistant.server.api.models import Delivery, Feeds, HeldRecord, HeldRecords
from assistant.server.paging import Limit, cut
from assistant.server.request import Opened, PageNumber, document_of

router = APIRouter(prefix="/feeds", tags=["feeds"])


@router.get("")
def list_feeds(
    service: Opened,
    source: Annotated[str | None, Query(max_length=200, examples=["till"])] = None,
    page: PageNumber = 1,
    limit: Limit = 100,
) -> Feeds:
    """Deliveries, the newest first. In each: received = posted + duplicates + versions + quarantined + ignored."""
    found = [feed for feed in service.book.feeds() if source is None or feed.source == source]
    rows, following = cut(found, page, limit, "/api/v1/feeds", source=source)
    return Feeds(total=len(found), next=following, feeds=[Delivery.of(feed) for feed in rows])


@router.get("/held")
def list_held(
    service: Opened,
    document: Annotated[str | None, Query(max_length=64, description="only those of one document")] = None,
    released: Annotated[bool, Query(description="also those whose ticket has been posted since")] = False,
    page: PageNumber = 1,
    limit: Limit = 100,
) -> HeldRecords:
    """Records that were not posted, with the reason and the place in the document; the newest first."""
    only = document_of(service, document).id if document else None
    found = [one for one in service.book.held(released=released) if only is None or one.document == only]
    rows, following = cut(found, page, limit, "/api/v1/feeds/held", document=document, released=released or None)
    currency = service.book.currency
    return HeldRecords(total=len(found), next=following, held=[HeldRecord.of(one, currency) for one in rows])

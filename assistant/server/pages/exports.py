"""What was given to other systems, and which of those days have changed since, account by account."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from assistant.server.request import Opened, PageNumber, Pages

router = APIRouter(include_in_schema=False)

ROWS_PER_PAGE = 50
DAYS_SHOWN_MAX = 20


@router.get("/exports")
def exports_page(service: Opened, pages: Pages, page: PageNumber = 1) -> Response:
    exports = service.book.exports()
    return pages.page(
        "exports.html",
        exports=exports[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE],
        total=len(exports),
        days_shown=DAYS_SHOWN_MAX,
        page=page,
        pages=-(-len(exports) // ROWS_PER_PAGE),
    )

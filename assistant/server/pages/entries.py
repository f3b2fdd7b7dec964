"""Finding entries: by store, day, ticket number or account."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from assistant.server.entries import Wanted, listed
from assistant.server.request import Opened, PageNumber, Pages, delivery_of, read_day

router = APIRouter(include_in_schema=False)

ROWS_PER_PAGE = 50

Text = Annotated[str, Query(max_length=400)]


@router.get("/entries")
def entries_page(
    service: Opened,
    pages: Pages,
    store: Text = "",
    business_date: Text = "",
    external_id: Text = "",
    account: Text = "",
    delivery: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    versions: bool | None = None,
    page: PageNumber = 1,
) -> Response:
    """The list; with ``delivery`` only what that one brought: with ``versions`` new versions of tickets, else what was
    not known before."""
    given = {"store": store, "business_date": business_date, "external_id": external_id.strip(), "account": account}
    day = read_day(business_date) if business_date else None
    wanted = Wanted(store=store, business_date=day, external_id=external_id.strip(), account=account)
    feed = None
    if delivery is not None:
        feed = delivery_of(service, delivery)
        given |= {"delivery": str(delivery)} | ({} if versions is None else {"versions": str(versions).lower()})
        wanted = replace(wanted, commits=service.book.commits_of(delivery), new_versions=versions)
    total, rows = listed(service.figures, wanted, page, ROWS_PER_PAGE)
    return pages.page(
        "entries.html",
        given=given,
        any_given=any(given.values()),
        feed=feed,
        versions=versions,
        entries=rows,
        total=total,
        page=page,
        pages=-(-total // ROWS_PER_PAGE),
        stores=service.figures.values("store"),
        accounts=service.figures.values("account"),
    )

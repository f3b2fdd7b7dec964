"""What was received and what became of it: sources with their lag and what is missing, and deliveries that add up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from assistant.feeds.arrivals import WEEKS, WEEKS_LEAST
from assistant.feeds.missing import DAYS_TOLD
from assistant.feeds.state import Counts, SourceState, states, usual_times
from assistant.server.errors import NotThere
from assistant.server.request import Opened, PageNumber, Pages
from assistant.service import Service
from ingest.answers import asked

router = APIRouter(include_in_schema=False)

ROWS_PER_PAGE = 50
MISSING_SHOWN_MAX = 50
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@router.get("/feeds")
def feeds_page(service: Opened, pages: Pages, page: PageNumber = 1) -> Response:
    """All sources, and all deliveries."""
    feeds = service.book.feeds()
    found = states(service, datetime.now(UTC))
    return pages.page(
        "feeds.html",
        states=found,
        feeds=feeds[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE],
        total=Counts.of(feeds),
        deliveries=len(feeds),
        names=len(asked(service.book)),
        adds_up=all(Counts.of([feed]).adds_up for feed in feeds),
        held_count=sum(one.waiting for one in found),
        weeks_least=WEEKS_LEAST,
        days_told=DAYS_TOLD,
        page=page,
        pages=-(-len(feeds) // ROWS_PER_PAGE),
    )


@router.get("/feeds/sources/{source}")
def feed_page(
    source: str,
    service: Opened,
    pages: Pages,
    page: PageNumber = 1,
    done: Annotated[int, Query(ge=0, le=2**62)] = 0,
) -> Response:
    """One source: when it comes, its last deliveries, what is missing; ``done`` is a delivery that was just taken
    again."""
    now = datetime.now(UTC)
    state = state_of(service, source, now)
    feeds = state.deliveries
    return pages.page(
        "feed.html",
        state=state,
        feeds=feeds[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE],
        usual=[(WEEKDAYS[one.weekday], one) for one in usual_times(service, state, now)],
        gaps=state.missing.gaps[:MISSING_SHOWN_MAX],
        away=state.missing.away[:MISSING_SHOWN_MAX],
        done=next((one for one in feeds if one.intake == done), None),
        weeks=WEEKS,
        weeks_least=WEEKS_LEAST,
        days_told=DAYS_TOLD,
        page=page,
        pages=-(-len(feeds) // ROWS_PER_PAGE),
    )


def state_of(service: Service, source: str, now: datetime) -> SourceState:
    """How one source stands; NotThere where nothing of that name was ever received."""
    found = next((one for one in states(service, now) if one.source == source), None)
    if found is None:
        raise NotThere(f"Nothing was ever received from a source {source[:100]!r}.")
    return found

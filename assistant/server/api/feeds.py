"""``/feeds``: what was received, posted and held, how each source stands, and taking documents again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from assistant.feeds.state import SourceState, states
from assistant.server.api.models import Delivery, Feeds, HeldRecord, HeldRecords, reference
from assistant.server.errors import NotThere
from assistant.server.pages.view import feed_url
from assistant.server.paging import Limit, cut
from assistant.server.request import Opened, PageNumber, delivery_of, document_of
from assistant.service import Service
from ingest.answers import standing
from ingest.hold import release
from ingest.pipeline import retake
from ledger.reading import Feed

router = APIRouter(prefix="/feeds", tags=["feeds"])


class NumberGap(BaseModel):
    """Numbers that are missing before a ticket."""

    store: str = Field(examples=["Downtown"])
    register_: str | None = Field(serialization_alias="register", examples=["2"])
    business_date: date = Field(description="of the ticket that came after them")
    first: int = Field(examples=[1204])
    last: int = Field(examples=[1207])
    entry: str = Field(description="the ticket that came after them", examples=["12-345"])


class StoreDays(BaseModel):
    """Days of a store without a ticket, though it usually trades on such weekdays."""

    store: str
    first: date
    last: date
    days: int


class SourceFeed(BaseModel):
    """How a source stands. received = posted + duplicates + versions + quarantined + ignored, over all its
    deliveries."""

    source: str = Field(examples=["till"])
    deliveries: int = Field(description="documents taken, again too", examples=[31])
    last_seen: datetime
    age_seconds: int = Field(description="time since then", examples=[3600])
    usual_age_seconds: int | None = Field(
        description="median age at this hour of this weekday; null: not enough history", examples=[3540]
    )
    spread_seconds: int | None = Field(description="median distance from it", examples=[120])
    weeks: int = Field(description="weeks of history", examples=[8])
    late: bool
    received: int
    posted: int
    duplicates: int
    versions: int
    quarantined: int
    ignored: int
    waiting: int = Field(description="records that are held at present")
    missing_since: date | None = Field(description="what is missing is told from this business date on")
    missing_numbers: int | None = Field(description="null: its tickets carry no numbers that run on")
    missing_store_days: int | None = Field(description="null: the book does not look for missing days")
    gaps: list[NumberGap]
    away: list[StoreDays]
    url: str = Field(description="the page that shows it", examples=["/feeds/sources/till"])

    @classmethod
    def of(cls, state: SourceState) -> SourceFeed:
        lag, missing = state.lag, state.missing
        return cls(
            source=state.source,
            deliveries=len(state.deliveries),
            last_seen=state.last.at,
            age_seconds=_seconds(lag.age) or 0,
            usual_age_seconds=_seconds(lag.usual),
            spread_seconds=_seconds(lag.spread),
            weeks=lag.weeks,
            late=lag.late,
            **vars(state.counts),
            waiting=state.waiting,
            missing_since=missing.since,
            missing_numbers=missing.numbers if missing.in_sequence else None,
            missing_store_days=missing.store_days if missing.days_checked else None,
            gaps=[
                NumberGap(
                    store=one.store,
                    register_=one.register,
                    business_date=one.business_date,
                    first=one.first,
                    last=one.last,
                    entry=reference(one.entry),
                )
                for one in missing.gaps
            ],
            away=[StoreDays(**vars(one)) for one in missing.away],
            url=feed_url(state.source),
        )


class SourceFeeds(BaseModel):
    sources: list[SourceFeed]


class Retried(BaseModel):
    """What came of documents that were taken again; ``quarantined`` is what is held still."""

    documents: int
    records: int
    posted: int
    duplicates: int
    versions: int
    quarantined: int
    ignored: int


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
    held = service.book.held(released=True) if released else standing(service.book)
    found = [one for one in held if only is None or one.document == only]
    rows, following = cut(found, page, limit, "/api/v1/feeds/held", document=document, released=released or None)
    currency = service.book.currency
    return HeldRecords(total=len(found), next=following, held=[HeldRecord.of(one, currency) for one in rows])


@router.get("/sources")
def list_sources(service: Opened) -> SourceFeeds:
    """Each source: last seen, lag against what is usual, what became of its records, what is missing."""
    return SourceFeeds(sources=[SourceFeed.of(one) for one in states(service, datetime.now(UTC))])


@router.post("/retry")
def retry(
    service: Opened, source: Annotated[str | None, Query(max_length=200, description="only what is held of it")] = None
) -> Retried:
    """Take the documents of held records again: after a mapping, a rule or a setting was mended."""
    return retried(service, source)


@router.post("/deliveries/{delivery}/replay")
def replay(delivery: int, service: Opened) -> Delivery:
    """Take the document of a delivery again by the one way in. What is posted already is counted as a duplicate."""
    return Delivery.of(replayed(service, delivery_of(service, delivery)))


def retried(service: Service, source: str | None) -> Retried:
    """Take again what is held, of one source or of all."""
    documents = {one.document for one in service.book.held() if source is None or one.source == source}
    report = release(service.book, at=datetime.now(UTC), documents=documents)
    return Retried(**{name: getattr(report, name) for name in Retried.model_fields})


def replayed(service: Service, feed: Feed) -> Feed:
    """Take the document of a delivery again; the new delivery."""
    record = service.book.document(feed.document)
    if record is None:
        raise NotThere(f"There is no document {feed.document[:12]} in this book.")
    retake(service.book, record, source=feed.source, at=datetime.now(UTC))
    return next(one for one in service.book.feeds() if one.document == feed.document)


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else round(length.total_seconds())

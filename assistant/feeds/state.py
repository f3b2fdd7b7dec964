"""How each source stands: its deliveries with what became of their records, its lag, and what is missing of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from assistant.feeds.arrivals import Lag, Weekday, lag, weekdays
from assistant.feeds.missing import NOTHING_POSTED, Missing
from ingest.answers import standing
from ledger.reading import Feed, HeldRow

if TYPE_CHECKING:
    from assistant.service import Service

COUNTS = ("received", "posted", "duplicates", "versions", "quarantined", "ignored")


@dataclass(frozen=True)
class Counts:
    """What became of records: received = posted + duplicates + versions + quarantined + ignored."""

    received: int = 0
    posted: int = 0
    duplicates: int = 0
    versions: int = 0
    quarantined: int = 0
    ignored: int = 0

    @classmethod
    def of(cls, deliveries: list[Feed] | tuple[Feed, ...]) -> Counts:
        """Of all of some deliveries together."""
        return cls(**{name: sum(getattr(one, name) for one in deliveries) for name in COUNTS})

    @property
    def adds_up(self) -> bool:
        return self.received == self.posted + self.duplicates + self.versions + self.quarantined + self.ignored


@dataclass(frozen=True)
class SourceState:
    """One source. ``deliveries`` are all times that a document of its was taken, the newest first; ``waiting`` counts
    the records that are held at present."""

    source: str
    deliveries: tuple[Feed, ...]
    counts: Counts
    waiting: int
    lag: Lag
    missing: Missing

    @property
    def last(self) -> Feed:
        """The delivery that was taken last."""
        return self.deliveries[0]


def states(service: Service, now: datetime) -> list[SourceState]:
    """All sources that ever delivered, by name; ``now`` needs a time zone."""
    book = service.book
    held = [one for one in standing(book) if one.disposition == "quarantined"]
    by_source: dict[str, list[Feed]] = {}
    for feed in book.feeds():
        by_source.setdefault(feed.source, []).append(feed)
    span = service.figures.span()
    missing = {}
    if span is not None and span.end is not None:
        missing = service.arrivals.missing(span.end, held, service.today())
    return [
        _state(source, tuple(feeds), held, missing.get(source, NOTHING_POSTED), now, _zone(service))
        for source, feeds in sorted(by_source.items())
    ]


def usual_times(service: Service, state: SourceState, now: datetime) -> list[Weekday]:
    """When the first delivery of each weekday usually comes."""
    return weekdays(arrivals(state.deliveries), now, _zone(service))


def arrivals(deliveries: tuple[Feed, ...]) -> list[datetime]:
    """When documents came for the first time, in order; to take one again is no arrival."""
    first: dict[str, datetime] = {}
    for feed in deliveries:
        first[feed.document] = min(feed.at, first.get(feed.document, feed.at))
    return sorted(first.values())


def _state(
    source: str, feeds: tuple[Feed, ...], held: list[HeldRow], missing: Missing, now: datetime, zone: ZoneInfo
) -> SourceState:
    came = arrivals(feeds)
    return SourceState(
        source=source,
        deliveries=feeds,
        counts=Counts.of(feeds),
        waiting=len({(one.document, one.locator) for one in held if one.source == source}),
        lag=lag(came, max(now, came[-1]), zone),
        missing=missing,
    )


def _zone(service: Service) -> ZoneInfo:
    return ZoneInfo(service.book.settings.book.time_zone)

"""The business dates of a book as stretches of time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ingest.pull.vendor import Day
from ledger.settings import BookSettings


def day_of(settings: BookSettings, on: date) -> Day:
    """A business date in the book's own zone, from its cut-off to the next day's."""
    zone = ZoneInfo(settings.book.time_zone)
    start, end = (datetime.combine(one, settings.book.cut_off, zone) for one in (on, on + timedelta(days=1)))
    return Day(start.astimezone(UTC), end.astimezone(UTC), on)


def today(settings: BookSettings, now: datetime) -> date:
    """The business date of a moment."""
    cut_off = settings.book.cut_off
    local = now.astimezone(ZoneInfo(settings.book.time_zone)).replace(tzinfo=None)
    return (local - timedelta(hours=cut_off.hour, minutes=cut_off.minute)).date()

"""One look at a book: what the scan finds goes into the book's cases. The commands and the server all look this way."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from assistant.flags.cases import Updated, update
from assistant.flags.scan import Scan, scanned
from ledger.book import Book


def look(book: Book, *, at: datetime) -> tuple[Scan, Updated]:
    """Scan a book and take what was found into its cases; nothing is recorded where nothing is new."""
    found = scanned(book)
    today = at.astimezone(ZoneInfo(book.settings.book.time_zone)).date()
    return found, update(book, found.flags, at=at, today=today, looked_from=found.since)

"""One round of a feed: what changed at the vendor is fetched page by page, and each page takes the one way in.

Time is cut into windows, the first of which begins a little (the overlap) before the cursor. A window is done when all
of its pages are posted, and only then does the cursor move to its end: a process that is killed anywhere asks for one
window again. The end is never later than the vendor's own clock was when it was asked.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ingest.pipeline import IntakeReport, take
from ingest.pull import cursor
from ingest.pull.days import day_of
from ingest.pull.reading import settled
from ingest.pull.vendor import Answer, Ask, Feed, Window
from ingest.pull.wire import Patience, Wire
from ledger.book import Book
from ledger.errors import PullError


@dataclass
class Pulled:
    """What came of a round. ``taken`` is what became of the records of the ``pages`` that were taken; ``unchanged``
    pages were byte for byte those of the time before. ``until`` is where the cursor stands."""

    feed: str
    until: datetime | None = None
    requests: int = 0
    pages: int = 0
    unchanged: int = 0
    taken: IntakeReport = field(default_factory=IntakeReport)


class Stopped(Exception):
    """The round was asked to end, and goes on from where it stands the next time."""


def pull(
    book: Book,
    feed: Feed,
    *,
    now: datetime,
    since: date | None = None,
    patience: Patience | None = None,
    stop: threading.Event | None = None,
) -> Pulled:
    """Fetch and post what changed since the last round, and again what changed ``since`` an earlier day.

    Raises PullError where the vendor's service does not give what is asked, and what posting raises; what was posted
    before that stays, and the next round goes on from there.
    """
    stop = stop or threading.Event()
    with cursor.alone(book, feed):
        wire = Wire(feed, patience or Patience(), stop)
        one = _Round(book, feed, wire, stop, now)
        try:
            one.run(since)
        except Stopped:
            pass
        finally:
            one.told.requests = wire.requests
            wire.close()
    return one.told


class _Round:
    def __init__(self, book: Book, feed: Feed, wire: Wire, stop: threading.Event, now: datetime) -> None:
        self._book, self._feed, self._wire, self._stop = book, feed, wire, stop
        self._now = now.astimezone(UTC)
        self._before: frozenset[str] = frozenset()
        self._pages: set[str] = set()
        self._at: datetime | None = None
        self.told = Pulled(feed.name)

    def run(self, since: date | None) -> None:
        settings = self._feed.settings
        found = cursor.load(self._book, self._feed)
        begin = day_of(self._book.settings, settings.since).start
        if found is not None:
            self.told.until, self._before = found.until, found.pages
            begin = max(begin, found.until - timedelta(minutes=settings.overlap_minutes))
        if since is not None:  # asked again from there on, never left out up to there
            begin = min(begin, day_of(self._book.settings, since).start)
        for window in _windows(begin, self._now, self._feed.vendor.step):
            self._pages, self._at = set(), None
            settled(self._feed, window, self._get, self._take)
            until = min(window.end, max(window.start, self._at or window.end))
            cursor.save(self._book, self._feed, cursor.Cursor(until, frozenset(self._pages)))
            self.told.until, self._before = until, frozenset(self._pages)
            if until < window.end:  # the vendor's clock is there, and what it has not seen yet has not happened
                return

    def _get(self, ask: Ask) -> Answer:
        if self._stop.is_set():
            raise Stopped
        try:
            answer = self._wire.get(ask)
        except PullError:
            if self._stop.is_set():
                raise Stopped from None
            raise
        if self._at is None:
            self._at = answer.at
        return answer

    def _take(self, ask: Ask, answer: Answer) -> None:
        content = self._feed.vendor.kept(ask, answer, self._get)
        digest = hashlib.sha256(content).hexdigest()
        if digest in self._before or digest in self._pages:
            self._pages.add(digest)
            self.told.unchanged += 1
            return
        at = datetime.now(UTC)
        with tempfile.TemporaryDirectory(prefix="tillproof-pull-") as folder:
            path = Path(folder) / f"{self._feed.name}-{ask.listing}-{at:%Y%m%dT%H%M%S.%fZ}.json"
            path.write_bytes(content)
            self.told.taken.join(take(self._book, [path], source=self._feed.name, mapping=None, at=at))
        self._pages.add(digest)
        self.told.pages += 1


def _windows(begin: datetime, end: datetime, step: timedelta) -> Iterator[Window]:
    while begin < end:
        upto = min(begin + step, end)
        yield Window(begin, upto)
        begin = upto

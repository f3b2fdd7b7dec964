"""Feeds fetched again and again: each in a thread of its own, by its own interval, until told to end.

A feed that cannot be fetched says so in one sentence and is tried again at its next turn, or when the vendor said. Once
a day, after a round, the business date before is compared with the vendor's own count.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from ingest.pull.days import today
from ingest.pull.gaps import check
from ingest.pull.puller import Pulled, pull
from ingest.pull.vendor import Feed
from ingest.pull.wire import Patience
from ledger.book import Book
from ledger.errors import PullError, TillproofError

END_S = 20
"""How long the end of a round is waited for: a request may be on its way."""
LOOK_S = 0.5
"""How often it is looked whether somebody interrupts."""


class Schedule:
    """The rounds of some feeds. ``told`` gets what came of each, ``complained`` sentences about what is wrong; both are
    called from the feeds' threads. A context: begun on entering, ended on leaving."""

    def __init__(
        self,
        book: Book,
        feeds: Sequence[Feed],
        *,
        told: Callable[[Pulled], None],
        complained: Callable[[str], object],
        patience: Patience | None = None,
    ) -> None:
        self._book = book
        self._told, self._complained = told, complained
        self._patience = patience or Patience()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(feed,), name=f"pull-{feed.name}", daemon=True) for feed in feeds
        ]

    def __enter__(self) -> Schedule:
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for one in self._threads:
            one.join(END_S)

    def wait(self) -> None:
        """Wait for the end, which only an interruption brings."""
        while not self._stop.wait(LOOK_S):  # a library takes the signal, too, so that it wakes no endless wait
            pass

    def _run(self, feed: Feed) -> None:
        checked: date | None = None
        while not self._stop.is_set():
            wait_s = float(feed.settings.interval_minutes * 60)
            try:
                self._told(pull(self._book, feed, now=datetime.now(UTC), patience=self._patience, stop=self._stop))
                before = today(self._book.settings, datetime.now(UTC)) - timedelta(days=1)
                if checked != before >= feed.settings.since and not self._stop.is_set():
                    gap = check(self._book, feed, before, patience=self._patience, stop=self._stop)
                    checked = before
                    if not gap.agrees:
                        self._complained(gap.sentence())
            except TillproofError as error:
                if not self._stop.is_set():
                    self._complained(f"{feed.name}: {error}")
                if isinstance(error, PullError):
                    wait_s = max(wait_s, error.wait_s)
            except Exception as error:  # a defect: the other feeds go on, and it is not silent
                self._complained(f"{feed.name}: the round broke off ({type(error).__name__}: {error})")
            self._stop.wait(wait_s)

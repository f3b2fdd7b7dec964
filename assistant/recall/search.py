"""``Recall``: open questions, answered with summaries of store-days, store-weeks and tickets that stand out.

A search is first narrowed by the stores and dates that the question names; only within them does meaning decide. The
summaries are written anew from the figures each time, so that none is ever stale; only their vectors are kept.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from assistant.recall.embed import Embedder
from assistant.recall.index import Index
from assistant.recall.summaries import SummaryWriter
from assistant.recall.wording import Summary
from ledger.book import Book
from ledger.figures import Figures, Period

FOLDER = "recall"
STORE_DAYS_MAX = 1500
"""A search over more store-days than this looks at the latest of them only, and says so."""


@dataclass(frozen=True)
class Hit:
    """A summary, and its cosine distance from the question (0 to 2)."""

    summary: Summary
    distance: float


@dataclass(frozen=True)
class Found:
    """What a search found, and the dates that it really looked at."""

    hits: tuple[Hit, ...]
    period: Period


class Recall:
    """The summaries of a book and their search. Safe to use from several threads."""

    def __init__(self, figures: Figures, index: Index) -> None:
        self._figures = figures
        self._writer = SummaryWriter(figures)
        self._index = index
        self._turn = threading.Lock()

    @classmethod
    def open(cls, book: Book, figures: Figures, model: str | None = None) -> Recall:
        """Open the recall of a book; ``model`` is a sentence-transformers model, None the one that is carried."""
        return cls(figures, Index.open(book.path / FOLDER, Embedder(model)))

    def summaries(self, stores: Sequence[str], period: Period) -> tuple[list[Summary], Period]:
        """The summaries of some stores (all, when none is named) within a period, and the days that they cover."""
        span = self._figures.span()
        if span is None or span.start is None or span.end is None:
            return [], period
        wanted = list(stores) or list(self._figures.values("store"))
        end = min(period.end or span.end, span.end)
        start = max(period.start or span.start, span.start)
        days = max(1, STORE_DAYS_MAX // max(1, len(wanted)))
        start = max(start, end - timedelta(days=days - 1))
        if end < start:
            return [], period
        return self._writer.write(wanted, start, end), Period(start=start, end=end)

    def search(self, text: str, *, stores: Sequence[str], period: Period, limit: int) -> Found:
        """The summaries nearest to a text among those of some stores within a period."""
        with self._turn:
            among, covered = self.summaries(stores, period)
            hits = tuple(Hit(summary, distance) for summary, distance in self._index.nearest(text, among, limit))
            return Found(hits, covered)

    def warm(self) -> None:
        """Load the model and embed the latest week, so that the first open question need not wait for either."""
        span = self._figures.span()
        if span is not None and span.end is not None:
            latest = Period(start=span.end - timedelta(days=6), end=span.end)
            self.search("what happened", stores=(), period=latest, limit=1)

    def close(self) -> None:
        self._index.close()

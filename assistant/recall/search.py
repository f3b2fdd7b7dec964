"""``Recall``: open questions, answered with summaries of a book, with passages of its notes, and with what was flagged.

A search is first narrowed by the stores and dates that the question names. Among what is left, three orders are joined:
by meaning (cosine of the embeddings), by words (BM25) and by how much of the asked period a summary covers. The first
two are joined by reciprocal rank fusion, which needs no common scale; a rank by words counts as far as the summary has
the question's words at all.
"""

from __future__ import annotations

import re
import threading
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from assistant.recall.embed import Embedder
from assistant.recall.following import Following
from assistant.recall.notes import note_summaries
from assistant.recall.shelf import Shelf, has_date
from assistant.recall.vectors import Vectors
from assistant.recall.wording import KINDS, AnyKind, Summary
from ledger.book import Book
from ledger.document import NOTE
from ledger.figures import Figures, Period

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDER, FILE = "recall", "summaries.db"
EMBEDDED_MAX = 2_000
"""A search has at most so many summaries embedded before it answers, the latest first; the others can be found by
their words only, and ``Found.pending`` counts them."""
STEP_TEXTS = 256
RANKED_MAX = 200
"""Of each order this many take part."""
RANK_OFFSET = 10
"""The larger, the less the first ranks stand out (the k of reciprocal rank fusion)."""
MEANING_WEIGHT, WORDS_WEIGHT, PERIOD_WEIGHT = 1.0, 2.0, 0.5
UNNAMED = 0.3
"""What is left of the score of an item-month or a cashier-week whose item or cashier the question does not name."""
UNASKED = 0.3
"""The same of what was flagged, where the question does not ask for what is wrong."""
_ABOUT_FLAGS = re.compile(
    r"\b(flag|case|odd|wrong|strange|suspicious|unusual|irregular|anomal|fraud|theft|steal|stole|alert|problem|issue|"
    r"suspect|mistake|missing|look into|investigat|confirm|dismiss)",
    re.IGNORECASE,
)
TIMELESS = 2.0
"""A question that names no date is more often about how things are done: what a passage of a note gains then. Passages
are ranked among themselves for it, as their cosines are not of a kind with those of summaries."""
NOTES_SECONDS = 30.0
"""Notes that another process has kept are looked for at most this often."""


@dataclass(frozen=True)
class Hit:
    """A summary, and its distance from the question: 0 for what comes first in every order, 1 for what is in none.

    ``similarity`` is the cosine of their embeddings (-1 to 1), None where the summary has not been embedded yet.
    """

    summary: Summary
    distance: float
    similarity: float | None


@dataclass(frozen=True)
class Found:
    """What a search found, and the dates that it really looked at; ``pending`` of the summaries there are not embedded
    yet."""

    hits: tuple[Hit, ...]
    period: Period
    pending: int = 0


class Recall:
    """The summaries of a book and their search. Safe to use from several threads."""

    def __init__(self, book: Book, figures: Figures, embedder: Embedder, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._book = book
        self._figures = figures
        self._lock: FileLock | None = FileLock(folder / ".lock", timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout:
            self._lock = None  # another process keeps the summaries: this one reads a copy
        owned = self._lock is not None
        self._shelf = Shelf.open(folder / FILE) if owned else Shelf.copy_of(folder / FILE)
        self._vectors = Vectors(folder, embedder, self._shelf, owned=owned)
        self._following = Following(figures, self._shelf)
        self._turn = threading.Lock()
        self._closing = threading.Event()
        self._notes_at: float | None = None

    @classmethod
    def open(cls, book: Book, figures: Figures, model: str | None = None) -> Recall:
        """Open the recall of a book; ``model`` is a sentence-transformers model, None the one that is carried."""
        return cls(book, figures, Embedder(model), book.path / FOLDER)

    def search(
        self,
        text: str,
        *,
        stores: Sequence[str] = (),
        period: Period = Period(),  # noqa: B008
        limit: int,
        kinds: Sequence[AnyKind] = KINDS,
        items: Sequence[str] = (),
        cashiers: Sequence[str] = (),
    ) -> Found:
        """What is nearest to a text among the summaries of some stores that lie within a period, the nearest first.

        ``kinds`` are those to look at. Passages of notes (``document``) have no store and no period, and are left out
        by neither. ``items`` and ``cashiers`` keep only the item-months and cashier-weeks that are theirs.
        """
        import numpy as np

        with self._turn:
            covered = self._following.bring_up(stores, period)
            if "document" in kinds:
                self._look_for_notes()
            if "flag" in kinds:
                self._following.follow_cases()
            wanted = self._wanted(stores, covered, kinds, items, cashiers)
            self._embed(wanted, EMBEDDED_MAX)
            columns = self._shelf.columns()
            places = columns.places[wanted]
            similar = self._vectors.similarities(np.maximum(places, 0), text)
            similar[places < 0] = -np.inf
            scores: dict[int, float] = {}
            of_documents = columns.kinds[wanted] == columns.names["kind"].get("document", -1)
            of_flags = columns.kinds[wanted] == columns.names["kind"].get("flag", -1)
            timeless = period.days is None and not has_date(text)
            groups = (~of_documents, of_documents) if timeless else (np.ones(len(wanted), dtype=bool),)
            for group in groups:
                order = np.flatnonzero(group & (places >= 0))
                order = order[np.argsort(-similar[order], kind="stable")][:RANKED_MAX]
                for rank, place in enumerate(order):
                    scores[int(columns.rows[wanted[place]])] = MEANING_WEIGHT / (RANK_OFFSET + rank)
            place_of = {int(row): n for n, row in enumerate(columns.rows[wanted])}
            by_words = self._shelf.best_words(text, kinds=kinds, stores=stores, period=covered, limit=RANKED_MAX)
            for rank, (row, part) in enumerate(one for one in by_words if one[0] in place_of):
                scores[row] = scores.get(row, 0.0) + WORDS_WEIGHT * part / (RANK_OFFSET + rank)
            subjects = self._shelf.subjects(list(scores))
            for row in scores:
                share = self._share(int(wanted[place_of[row]]), period, covered)
                scores[row] += PERIOD_WEIGHT * share / RANK_OFFSET
                if timeless and of_documents[place_of[row]]:
                    scores[row] *= TIMELESS
                if row in subjects and not _names(text, subjects[row]):
                    scores[row] *= UNNAMED
                if of_flags[place_of[row]] and not _ABOUT_FLAGS.search(text):
                    scores[row] *= UNASKED
            best = sorted(scores.items(), key=lambda one: (-one[1], -similar[place_of[one[0]]], one[0]))[:limit]
            most = TIMELESS * (MEANING_WEIGHT + WORDS_WEIGHT + PERIOD_WEIGHT) / RANK_OFFSET
            hits = tuple(
                Hit(summary, 1 - score / most, _cosine(similar[place_of[row]]))
                for summary, (row, score) in zip(self._shelf.get([row for row, _ in best]), best, strict=True)
            )
            return Found(hits, covered, int((places < 0).sum()))

    def warm(self) -> None:
        """Load the model and embed the latest week, so that the first open question need not wait for either; then
        write and embed the rest, a little at a time, until there is no more or the recall is closed."""
        span = self._figures.span()
        if span is not None and span.end is not None:
            latest = Period(start=span.end - timedelta(days=6), end=span.end)
            self.search("what happened", stores=(), period=latest, limit=1)
        self.complete(pause=lambda seconds: self._closing.wait(seconds))

    def complete(self, pause: Callable[[float], object] | None = None, say: Callable[[int], None] | None = None) -> int:
        """Write and embed everything that is not yet; how many summaries the book has then.

        With ``pause`` half of the time is left to others. ``say`` hears after each step how many are embedded.
        """
        more = True
        while more and not self._closing.is_set():
            begun = time.monotonic()
            with self._turn:
                if self._closing.is_set():
                    break
                more = self._step()
                done = int((self._shelf.columns().places >= 0).sum())
            if say is not None:
                say(done)
            if pause is not None and more:
                pause(time.monotonic() - begun)
        with self._turn:
            return 0 if self._closing.is_set() else len(self._shelf.columns().rows)

    def close(self) -> None:
        self._closing.set()
        with self._turn:
            self._shelf.close()
            if self._lock is not None:
                self._lock.release()

    # ----------------------------------------------------------------------------------------------------------------

    def _step(self) -> bool:
        """Embed a few, or write a month; False when there is nothing to do. What is written is embedded first."""
        import numpy as np

        self._following.catch_up()
        self._look_for_notes()
        self._following.follow_cases()
        columns = self._shelf.columns()
        missing = np.flatnonzero(columns.places < 0)
        if len(missing):
            self._embed(missing, STEP_TEXTS)
            return True
        return self._following.step()

    def _wanted(
        self,
        stores: Sequence[str],
        covered: Period,
        kinds: Sequence[AnyKind],
        items: Sequence[str],
        cashiers: Sequence[str],
    ) -> NDArray[np.int64]:
        """Places in the columns of what a search looks at."""
        import numpy as np

        columns = self._shelf.columns()
        kept = np.ones(len(columns.rows), dtype=bool)
        if stores:
            kept &= np.isin(columns.stores, [columns.names["store"].get(store, -1) for store in stores])
        if covered.start is not None:
            kept &= columns.firsts >= covered.start.toordinal()
        if covered.end is not None:
            kept &= columns.lasts <= covered.end.toordinal()
        for column, names in (("item", items), ("cashier", cashiers)):
            if names:
                kept &= np.isin(columns.rows, self._shelf.rows_of(column, names))
        kept |= columns.kinds == columns.names["kind"].get("document", -1)
        kept &= np.isin(columns.kinds, [columns.names["kind"].get(kind, -1) for kind in kinds])
        return np.flatnonzero(kept)

    def _share(self, place: int, asked: Period, covered: Period) -> float:
        """How much of the asked period a summary covers (0 to 1), of a period without an end nothing can be said. A
        ticket that stands out does so in its week, and counts as that."""
        if asked.days is None or covered.days is None:
            return 0.0
        columns = self._shelf.columns()
        kind = columns.kinds[place]
        if kind == columns.names["kind"].get("document"):
            return 0.0
        days = 7 if kind == columns.names["kind"].get("ticket") else columns.lasts[place] - columns.firsts[place] + 1
        return min(1.0, float(days) / covered.days)

    def _embed(self, wanted: NDArray[np.int64], most: int) -> None:
        """Embed those of some summaries that are not yet, the latest first."""
        import numpy as np

        columns = self._shelf.columns()
        missing = wanted[columns.places[wanted] < 0]
        latest = missing[np.argsort(-columns.lasts[missing], kind="stable")][:most]
        if len(latest):
            self._vectors.bring_up([int(row) for row in columns.rows[latest]])

    def _look_for_notes(self) -> None:
        now = time.monotonic()
        if self._notes_at is not None and now - self._notes_at < NOTES_SECONDS:
            return
        known = self._shelf.documents()
        for record in self._book.documents(media_type=NOTE):
            if record.id not in known:
                with self._shelf.changing():
                    self._shelf.put(note_summaries(self._book, record))
        self._notes_at = now


def _names(text: str, name: str) -> bool:
    """Whether a text has a word of a name, also in the plural or cut short."""
    said, wanted = _plain_words(text), _plain_words(name)
    return any(one.startswith(other) or other.startswith(one) for one in said for other in wanted)


def _plain_words(text: str) -> list[str]:
    """The words of a text of three letters and more, in small letters without accents."""
    flat = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w{3,}", "".join(letter for letter in flat if not unicodedata.combining(letter)))


def _cosine(value: float) -> float | None:
    return float(value) if value > -2 else None

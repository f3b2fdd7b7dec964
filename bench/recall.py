"""How long a search over many summaries takes, and how fast texts are embedded beside sentence-transformers."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from assistant.recall.embed import Embedder, carried_model
from assistant.recall.encoder import Encoder
from assistant.recall.evaluation import SAMPLE_END, make_sample_book
from assistant.recall.search import Recall
from assistant.recall.wording import Summary, day_in_full
from assistant.service import Service
from assistant.settings import InstallationSettings
from bench.row import Row
from ledger.figures import Period

P95_MOST_MS = 60
RATIO_LEAST = 1.2
STORES, DAYS = 1_700, 59
SEARCHES = 60
TEXTS = 96
ROUNDS = 3


def rows(folder: Path) -> Iterator[Row]:
    """A row for the search, and one for the embedding."""
    with TemporaryDirectory(dir=folder) as scratch:
        service = Service.open(make_sample_book(Path(scratch)), InstallationSettings())
        try:
            recall = service.recall()
            assert recall.complete()
            gists = list(recall._shelf.gists(range(1, TEXTS + 1)).values())
            yield _search(recall)
        finally:
            service.close()
    yield _embedding(gists)


def _search(recall: Recall) -> Row:
    """Searches narrowed to a store, to a week, or to both, over made-up summaries with made-up vectors."""
    made = [_made_up(store, day) for day in range(DAYS) for store in range(STORES)]
    shelf, chance = recall._shelf, np.random.default_rng(7)
    with shelf.changing():
        shelf.put(made)
    vectors = chance.standard_normal((len(made), 384), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    recall._vectors._place([one.fingerprint for one in made], vectors)
    count, times = len(shelf.columns().rows), []
    for n in range(-3, SEARCHES):
        week = SAMPLE_END - timedelta(days=7 * (n % 7))
        narrowed: tuple[tuple[str, ...], Period] = (
            ((f"Store {n % STORES}",), Period()),
            ((), Period(start=week - timedelta(days=6), end=week)),
            ((f"Store {n % STORES}",), Period(start=week - timedelta(days=6), end=week)),
        )[n % 3]
        begun = time.perf_counter()
        recall.search(f"busy evening with large refunds at store {n}", stores=narrowed[0], period=narrowed[1], limit=5)
        if n >= 0:
            times.append(time.perf_counter() - begun)
    p95 = statistics.quantiles(times, n=20)[18] * 1000
    said = f"p50 {statistics.median(times) * 1000:.0f} ms, p95 {p95:.0f} ms"
    return Row.at_most(f"filtered search over {count:,} summaries: p95", p95, P95_MOST_MS, said, " ms")


def _made_up(store: int, day: int) -> Summary:
    on = SAMPLE_END - timedelta(days=day)
    gist = f"Store {store}, {day_in_full(on)}. Day. Sales above the usual: busy, good. Returns and refunds."
    return Summary(f"day|{on}|Store {store}", "day", f"Store {store}", on, on, f"Store {store}", (gist,), gist)


def _embedding(gists: list[str]) -> Row:
    ours, theirs = Encoder(carried_model()), Embedder(str(carried_model()))
    runs: tuple[Callable[[list[str]], object], ...] = (ours.encode, theirs.embed)
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for run, seconds in zip(runs, spent, strict=True):
            begun = time.perf_counter()
            run(gists)
            seconds.append(time.perf_counter() - begun)
    ratio = min(spent[1]) / min(spent[0])
    said = f"{len(gists) / min(spent[0]):.0f} texts/s in {ours.engine}, {ratio:.1f} times sentence-transformers"
    return Row.at_least("embedding of summaries, against sentence-transformers", ratio, RATIO_LEAST, said)

"""Single tickets, as webhooks bring them: one at a time, and from fifty threads through group commit.

Every post is durable before it counts. A ticket has three lines, a tender and a tax; the batches are built beforehand,
as a connector would hand them over, and everything from there on is timed: postings, digests, seals, the transaction.
"""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench import disk
from bench.postgresql import server
from bench.row import Row
from ledger.batch import SaleBatch
from ledger.book import Book
from ledger.group import GroupCommit
from tests.builders import AT, keep_bytes, line, sale_batch, ticket

P50_MOST_MS = 15
P99_MOST_MS = 60
RATE_LEAST = 2_000
WRITERS = 50
WARM_UP = 100
PER_POST = 5
"""Tickets that the writers post for each post of the single writer, so that the two take about as long."""


def rows(folder: Path, posts: int) -> Iterator[Row]:
    """The rows of both engines, with ``posts`` single posts on each, and what the disk gives."""
    times = max(posts // 4, 2)
    fsync = Row("the disk: a write of 4 KiB and its fsync, p50", f"{disk.fsync_ms(folder, times):.2f} ms")
    plain = Row("the disk: plain insertion of one row into SQLite, p50", f"{disk.sqlite_ms(folder, times):.2f} ms")
    yield from _on("SQLite", folder, {}, posts)
    yield plain
    yield fsync
    with server() as running:
        if running is None:
            yield Row("single tickets on PostgreSQL", "PostgreSQL is not installed")
            return
        yield from _on("PostgreSQL", folder, {"url": running.url(running.database())}, posts)
        single = disk.postgresql_ms(running.url(running.database()), times)
        yield Row("the disk: plain insertion of one row into PostgreSQL, p50", f"{single:.2f} ms")


def _on(engine: str, folder: Path, truth: Mapping[str, str], posts: int) -> Iterator[Row]:
    with _book(folder / "book-writers", truth) as book:
        p50, p99 = latencies_ms(book, posts)
        rate, commits = group_rate(book, posts * PER_POST)
    work = f"one ticket through `Book.post`, durable, {engine}, {posts:,} posts"
    yield Row.at_most(f"{work}: p50", p50, P50_MOST_MS, f"{p50:.1f} ms", " ms")
    yield Row.at_most("the same: p99", p99, P99_MOST_MS, f"{p99:.1f} ms", " ms")
    yield Row.at_least(
        f"{WRITERS} writers of single tickets through group commit, {engine}, tickets/s",
        rate,
        RATE_LEAST,
        f"{rate:,.0f} ({posts * PER_POST:,} tickets in {commits:,} commits)",
    )


def latencies_ms(book: Book, posts: int) -> tuple[float, float]:
    """p50 and p99 of posts of one ticket each, after a warm-up."""
    intake = _intake(book)
    taken = []
    for batch in _tickets("single", WARM_UP + posts):
        begin = time.perf_counter()
        book.post(batch, intake=intake, at=AT, last=False)
        taken.append((time.perf_counter() - begin) * 1000)
    cuts = statistics.quantiles(taken[WARM_UP:], n=100)
    return cuts[49], cuts[98]


def group_rate(book: Book, tickets: int) -> tuple[float, int]:
    """Tickets a second that fifty threads post, each waiting for its own before the next; and the commits made."""
    group = GroupCommit(book, _intake(book))
    batches = _tickets("group", tickets)

    def write(number: int) -> None:
        for batch in batches[number::WRITERS]:
            group.post(batch, at=AT)

    first = book.head().seq
    with ThreadPoolExecutor(WRITERS) as pool:
        begin = time.perf_counter()
        list(pool.map(write, range(WRITERS)))
        seconds = time.perf_counter() - begin
    return tickets / seconds, book.head().seq - first


@contextmanager
def _book(folder: Path, truth: Mapping[str, str]) -> Iterator[Book]:
    """A new book with one kept document to post from."""
    shutil.rmtree(folder, ignore_errors=True)
    business = {"book": {"id": "writers", "name": "Writers", "currency": "USD"}}
    book = Book.create_from(folder, business | ({"truth": dict(truth)} if truth else {}))
    keep_bytes(book, b"")
    try:
        yield book
    finally:
        book.close()


def _intake(book: Book) -> int:
    return book.begin_intake(book.documents()[0].id, "pos", AT)


def _tickets(prefix: str, count: int) -> list[SaleBatch]:
    return [
        sale_batch(ticket(f"{prefix}-{number}", lines=[line(450), line(1250), line(300, discount=50)], tax=156))
        for number in range(count)
    ]

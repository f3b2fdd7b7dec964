"""Duplicates: every ticket is delivered one to five times, from many threads at once; it is posted once.

Some tickets come once more under the same number with another content and no newer time of change: a conflict, which
is held for a person and posts nothing. Whole files are taken by the ordinary pipeline, again and again and from several
threads, too.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from assistant.selftest.outcome import PROBLEMS_MAX, Outcome
from assistant.selftest.scratch import AT, SOURCE, Scratch, altered, balances, cut
from ingest.pipeline import take
from ledger.batch import SaleBatch
from ledger.book import Book

TIMES_MAX = 5
FILE_THREADS = 8
CONFLICTS = 0.2
"""Share of the tickets that also come with another content."""


def duplicate(scratch: Scratch, threads: int) -> Outcome:
    """Deliver everything one to five times from ``threads`` threads."""
    begin = time.perf_counter()
    draws = random.Random(scratch.seed)  # noqa: S311 (chance that can be repeated)
    counts: Counter[str] = Counter()
    problems = [*_batches(scratch, threads, draws, counts), *_files(scratch, draws, counts)]
    return Outcome(
        "duplicate",
        scratch.seed,
        dict(counts),
        f"{counts['deliveries']:,} deliveries of {counts['records']:,} tickets and till events, 1 to {TIMES_MAX} times "
        f"each, from {threads} threads; {counts['conflicts']:,} with another content were held; "
        f"{counts['files']:,} files taken 1 to {TIMES_MAX} times from {FILE_THREADS} threads",
        tuple(problems[:PROBLEMS_MAX]),
        time.perf_counter() - begin,
    )


def _batches(scratch: Scratch, threads: int, draws: random.Random, counts: Counter[str]) -> list[str]:
    book = scratch.new()
    try:
        first = scratch.deliveries[:-2]  # of these every ticket has one version
        singles = [one for delivery in first for part in delivery.parts for one in cut(part, 1)]
        sent = [one for one in singles for _ in range(draws.randint(1, TIMES_MAX))]
        draws.shuffle(sent)
        intake = first[0].begin(book, scratch.folder / "copies")
        posted, problems = _post_all(book, sent, intake, threads)
        disputed = [altered(one, "Somebody else") for one in draws.sample(singles, int(len(singles) * CONFLICTS))]
        before = balances(book), book.store_day_roots()
        held, more = _post_all(book, disputed, intake, threads)
        problems += more
        if posted["posted"] != len(singles) or posted["duplicates"] != len(sent) - len(singles):
            problems.append(f"{len(singles)} tickets came {len(sent)} times, and {dict(posted)} is what was counted")
        if held["quarantined"] != len(disputed) or held["posted"] + held["versions"] + held["duplicates"]:
            problems.append(f"{len(disputed)} tickets came with another content, and {dict(held)} is what was counted")
        if (balances(book), book.store_day_roots()) != before:
            problems.append("a ticket that was held changed a balance or a root")
        problems += _once(book, len(singles))
        counts.update(records=len(singles), deliveries=len(sent) + len(disputed), conflicts=len(disputed))
        return problems
    finally:
        book.close()


def _files(scratch: Scratch, draws: random.Random, counts: Counter[str]) -> list[str]:
    straight = scratch.straight()
    whole = (balances(straight), straight.store_day_roots())
    straight.close()
    book = scratch.new()
    try:
        sent = [one for one in scratch.deliveries for _ in range(draws.randint(1, TIMES_MAX))]
        draws.shuffle(sent)

        def send(files: tuple[Path, ...]) -> None:
            take(book, files, source=SOURCE, mapping=None, at=AT)

        problems = _at_once([partial(send, one.files) for one in sent], FILE_THREADS)
        if (balances(book), book.store_day_roots()) != whole:
            problems.append("files that were taken several times give other balances or roots than taken once")
        if unfinished := [feed.name for feed in book.feeds() if not feed.complete]:
            problems.append(f"deliveries were left unfinished: {', '.join(unfinished)}")
        problems += _once(book, None)
        counts.update(files=len(scratch.deliveries), file_deliveries=len(sent))
        return problems
    finally:
        book.close()


def _post_all(book: Book, batches: list[SaleBatch], intake: int, threads: int) -> tuple[Counter[str], list[str]]:
    done: Counter[str] = Counter()

    def send(batch: SaleBatch) -> None:
        commit = book.post(batch, intake=intake, at=AT, last=False)
        for name in ("posted", "duplicates", "versions", "quarantined", "ignored"):
            done[name] += getattr(commit, name)

    return done, _at_once([partial(send, one) for one in batches], threads)


def _at_once(jobs: list[Callable[[], None]], threads: int) -> list[str]:
    """Run jobs in threads; what failed, in sentences."""
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(job) for job in jobs]
    failed = [one.exception() for one in waiting]
    return [f"a delivery failed: {type(one).__name__}: {one}" for one in failed if one is not None]


def _once(book: Book, entries: int | None) -> list[str]:
    """What is there more than once, and what does not verify."""
    outcome = book.verify()
    problems = list(outcome.problems)
    seen: Counter[tuple[object, ...]] = Counter()
    for chunk in book.committed():
        for what, frame in (("ticket", chunk.tickets), ("till event", chunk.events)):
            seen.update((what, *row) for row in frame.select("external_id", "version_stamp").iter_rows())
    problems += [f"{one[0]} {one[1]} has {number} entries" for one, number in seen.items() if number > 1]
    if entries is not None and outcome.entries != entries:
        problems.append(f"the journal has {outcome.entries} entries for {entries} tickets and till events")
    return problems

"""Looking for flags: a whole scan, the look after some more tickets, and how fast features and scores are.

A scan is the command, from its start to its end, on a book of a year; a fresh one knows no model and has read nothing.
What is looked at after 1,000 more tickets is the whole book again, of which only the new commits are read and no model
is fitted: it is held to a share of the whole scan.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from assistant.flags.known import Known, read
from assistant.flags.model import Model, fit, fit_until, frames
from assistant.flags.rules import rules
from assistant.flags.scan import FOLDER
from assistant.flags.score import scored
from bench.ingest import Shop
from bench.process import tillproof
from bench.row import Row
from ledger.book import Book
from tests.builders import line, post, ticket

SECONDS_MOST = 60.0
"""For 150,000 tickets on two cores; of other sizes a share of it."""
TICKETS = 150_000
SHARE_MOST = 0.5
RATE_LEAST = 20_000
NEW = 1_000


def rows(shop: Shop, tickets: int) -> Iterator[Row]:
    """The rows for a book of so many tickets."""
    path = shop.folder / "book-scan"
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(shop.latest(tickets).book, path, ignore=shutil.ignore_patterns(FOLDER))
    add(path, 1)
    whole = _scanned(path)
    most = SECONDS_MOST * tickets / TICKETS
    yield Row.at_most(f"`flags scan` of {tickets:,} tickets, a year", whole, most, f"{whole:.1f} s", " s")
    add(path, NEW)
    again = _scanned(path)
    yield Row.at_most(
        f"the same after {NEW:,} more tickets, as a share of it",
        again / whole,
        SHARE_MOST,
        f"{again / whole:.2f} ({again:.1f} s)",
    )
    book = Book.open(path)
    known = read(book, book.settings.flags.days, path / FOLDER / "known")
    day = fit_until(known)
    assert day is not None
    rate = scoring_rate(known, fit(known, rules(book.settings), day))
    book.close()
    yield Row.at_least("features and scores of all of them, tickets/s", rate, RATE_LEAST, f"{rate:,.0f}")


def add(path: Path, count: int) -> None:
    """Post some more tickets of a store as one commit, on the day after the export's last one: on the last day of a
    month each delivery is another reference, and a model would be fitted for it."""
    book = Book.open(path)
    last = read(book, 1).tickets.row(0, named=True)
    begin: datetime = last["closed_at"]
    there = last["external_id"].startswith("new-")
    day = last["business_date"] + timedelta(days=0 if there else 1)
    post(
        book,
        *(
            ticket(
                f"new-{count}-{number}",
                store=last["store"],
                cashier=last["cashier"],
                business_date=day,
                closed_at=begin + timedelta(days=0 if there else 1, seconds=20 * (number + 1)),
                lines=[line(300 + 37 * number % 4_000)],
                currency=book.currency,
            )
            for number in range(count)
        ),
    )
    book.close()


def scoring_rate(known: Known, model: Model) -> float:
    """Tickets a second, features and scores of all levels with a fitted model."""
    in_force = rules(known.settings)
    begin = time.perf_counter()
    for level, frame in frames(known, model.norms).items():
        scored(level, frame, model, in_force, known.currency)
    return known.tickets.height / (time.perf_counter() - begin)


def _scanned(path: Path) -> float:
    done = tillproof("flags", "scan", str(path), "--json")
    assert json.loads(done.output)["flags"] is not None
    return done.seconds

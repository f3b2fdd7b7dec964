"""How long thirty ordinary questions take, offline and warm, over a finished book."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from pathlib import Path

from assistant.service import Service
from assistant.settings import InstallationSettings
from bench.ingest import Shop
from bench.row import Row

P95_MOST_MS = 150

QUESTIONS = (
    "net sales last week",
    "net sales last month by store",
    "gross sales yesterday",
    "how many transactions did we have last month",
    "average ticket last month by store",
    "top 5 items last month",
    "top 10 items by units sold last quarter",
    "which store had the highest net sales last month",
    "bottom 3 categories by net sales last month",
    "returns last month by store",
    "discounts last quarter",
    "discount rate last month by store",
    "tax collected in Q3",
    "total collected last month by tender",
    "net sales last week vs the week before",
    "net sales last month compared with the month before by store",
    "net sales on Saturdays last month",
    "net sales by weekday last quarter",
    "net sales by hour yesterday",
    "transactions between 5pm and 7pm last week",
    "units sold by category last month",
    "net sales at Harbour Books last month",
    "net sales at Harbor Boks last month",
    "sales by cashier last week",
    "void count last month",
    "gross margin last month by store",
    "net sales by month this year",
    "net sales by day last week",
    "units per transaction last month",
    "gross profit last month by category",
)


def rows(shop: Shop, tickets: int) -> list[Row]:
    """One row for the questions, and one that names those that were not answered, if any."""
    ours = shop.latest(tickets)
    p50, p95, unanswered = seconds_per_question(ours.book)
    said = f"p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms"
    work = f"{len(QUESTIONS)} questions over {ours.tickets:,} tickets, offline, warm: p95"
    found = [Row.at_most(work, p95 * 1000, P95_MOST_MS, said, " ms")]
    if unanswered:
        found.append(Row("of them not answered", "; ".join(unanswered)))
    return found


def seconds_per_question(book: Path) -> tuple[float, float, list[str]]:
    """p50 and p95 in seconds of three warm passes over the questions, and the questions that were not answered."""
    service = Service.open(book, InstallationSettings())
    try:
        span = service.figures.span()
        assert span is not None and span.end is not None
        today = span.end + timedelta(days=1)
        unanswered = [q for q in QUESTIONS if service.asker.ask(q, today=today).status != "answered"]
        times = []
        for _ in range(3):
            for question in QUESTIONS:
                begin = time.perf_counter()
                service.asker.ask(question, today=today)
                times.append(time.perf_counter() - begin)
    finally:
        service.close()
    cuts = statistics.quantiles(times, n=20)
    return statistics.median(times), cuts[18], unanswered

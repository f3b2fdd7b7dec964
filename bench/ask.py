"""How long thirty ordinary questions take, offline and warm, over a finished book."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Asked:
    """Seconds of each question, the first time and warm, and the questions that were not answered."""

    first: list[float]
    warm: list[float]
    unanswered: list[str]


def rows(shop: Shop, tickets: int) -> list[Row]:
    """A row for the questions, one for their first time, and one that names those that were not answered, if any."""
    ours = shop.latest(tickets)
    asked = ask(ours.book)
    work = f"{len(QUESTIONS)} questions over {ours.tickets:,} tickets, offline, warm: p95"
    found = [
        Row.at_most(work, _p95(asked.warm) * 1000, P95_MOST_MS, _said(asked.warm), " ms"),
        Row("the same, each for the first time since the book was opened", _said(asked.first)),
    ]
    if asked.unanswered:
        found.append(Row("of them not answered", "; ".join(asked.unanswered)))
    return found


def ask(book: Path) -> Asked:
    """Ask each question once, and then in three more passes."""
    service = Service.open(book, InstallationSettings())
    try:
        span = service.figures.span()
        assert span is not None and span.end is not None
        today = span.end + timedelta(days=1)
        found = Asked([], [], [])
        for times in (found.first, *[found.warm] * 3):
            for question in QUESTIONS:
                begin = time.perf_counter()
                answer = service.asker.ask(question, today=today)
                times.append(time.perf_counter() - begin)
                if times is found.first and answer.status != "answered":
                    found.unanswered.append(question)
    finally:
        service.close()
    return found


def _said(seconds: list[float]) -> str:
    return f"p50 {statistics.median(seconds) * 1000:.0f} ms, p95 {_p95(seconds) * 1000:.0f} ms"


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[18]

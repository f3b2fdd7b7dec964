"""Questions to start with, made from the names and dates that the book itself has."""

from __future__ import annotations

from datetime import date, timedelta

from assistant.service import Service
from ledger.figures import Plan, Ranking


def examples(service: Service, today: date) -> tuple[str, ...]:
    """A few questions that this book can answer; none for an empty book."""
    span = service.figures.span()
    if span is None or span.start is None or span.end is None:
        return ()
    last = min(span.end, today)
    if last < span.start:
        last = span.end
    month = _whole_month(span.start, last)
    month_name = f"{month:%B %Y}"
    asked = [
        f"net sales by store in {month_name}",
        f"top 5 items in {month_name}",
        f"net sales on {last.day} {last:%B %Y} by hour",
        f"average ticket by weekday in {month_name}",
    ]
    before = (month - timedelta(days=1)).replace(day=1)
    busiest = _busiest_store(service)
    if busiest is not None:
        compared = f" compared with {before:%B %Y}" if before >= span.start.replace(day=1) else ""
        asked.append(f"net sales at {busiest} in {month_name}{compared}")
        saturday = last - timedelta(days=(last.weekday() - 5) % 7)
        if saturday >= span.start:
            asked.append(f"what happened at {busiest} on Saturday {saturday.day} {saturday:%B %Y}?")
    return tuple(asked)


def _whole_month(first: date, last: date) -> date:
    """The first day of the last month that the book has whole, or of the last month it has."""
    month = last.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    return before if before >= first.replace(day=1) and last + timedelta(days=1) < _next_month(month) else month


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _busiest_store(service: Service) -> str | None:
    stores = service.figures.run(
        Plan(metrics=("net_sales",), dimensions=("store",), ranking=Ranking(by="net_sales", limit=1))
    )
    return stores.keys[0][0] if stores.keys else None

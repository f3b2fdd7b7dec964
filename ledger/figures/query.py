"""From a plan's parts to Ibis expressions over one fact table: dimensions, filters, what is live."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ledger.errors import PlanError
from ledger.figures.plan import Filter, Period

NONE = "(none)"
"""Shown for rows that have no value of a dimension."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


_WEEK_OFFSET = {"monday": 0, "sunday": 1, "saturday": 2}

ORDERED = ("business_date", "week", "month", "quarter", "year", "weekday", "hour")
"""Dimensions whose values have an order of their own."""


def fact(backend: Any, name: str) -> Any:
    """The rows of a fact by its name: a table of the copy, or for movements the postings with a column a measure."""
    if name != "movements":
        return backend.table(name)
    postings = backend.table("postings")
    amount = postings.balance
    return postings.mutate(movement=amount, debits=amount.clip(lower=0), credits=-amount.clip(upper=0))


def live(fact: Any, table: str, seq: int) -> Any:
    """The rows of a fact table as known at a commit: posted by then, and not reversed by then.

    Postings stay whole: a reversal has postings of its own, which cancel those that it reverses.
    """
    known = fact.filter(fact.seq <= seq)
    if table in ("postings", "movements"):
        return known
    return known.filter(known.reversed_seq.isnull() | (known.reversed_seq > seq))


def within(fact: Any, period: Period, *, up_to_end: bool = False) -> Any:
    """The rows of a period; with ``up_to_end`` everything before it, too, as a balance needs."""
    if period.start is not None and not up_to_end:
        fact = fact.filter(fact.business_date >= period.start)
    if period.end is not None:
        fact = fact.filter(fact.business_date <= period.end)
    return fact


def with_stores(fact: Any, stores: Any, dimensions: Iterable[str]) -> Any:
    """The rows with region and owner of their store, where a dimension wants them."""
    if not {"region", "owner"} & set(dimensions):
        return fact
    return fact.left_join(stores, "store").drop("store_right")


def filtered(fact: Any, filters: Iterable[Filter], week_starts: str) -> Any:
    """The rows that all filters keep. A filter on a category keeps what lies below it, too."""
    for one in filters:
        if one.dimension == "category":
            kept = fact.category.isin(one.values)
            for value in one.values:
                kept = kept | fact.category.startswith(value + " / ")
            if NONE in one.values:
                kept = kept | fact.category.isnull()
        else:
            column = dimension(fact, one.dimension, week_starts)
            kept = column.isin([_typed(one.dimension, value) for value in one.values if value != NONE])
            if NONE in one.values:
                kept = kept | column.isnull()
        kept = kept.fill_null(False)
        fact = fact.filter(~kept if one.exclude else kept)
    return fact


def dimension(fact: Any, name: str, week_starts: str) -> Any:
    """The values of a dimension as a column: texts, but whole numbers for hour and year and dates for business_date."""
    day = fact.business_date
    times: dict[str, Callable[[], Any]] = {
        "business_date": lambda: day,
        "week": lambda: _week(day, week_starts),
        "month": lambda: day.strftime("%Y-%m"),
        "quarter": lambda: day.year().cast("string") + "-Q" + day.quarter().cast("string"),
        "year": lambda: day.year().cast("string"),
        "weekday": lambda: day.strftime("%A"),
    }
    if name in times:
        return times[name]()
    if name == "category":
        return fact.category.split(" / ")[0]
    if name == "subcategory":
        return fact.category
    return fact[name]


def order_of(name: str, value: str, week_starts: str) -> Any:
    """What the values of a dimension in the order of time or number are sorted by; None where they have no such
    order."""
    if name in ("business_date", "week", "month", "quarter", "year"):
        return value
    if name == "hour":
        return int(value) if value != NONE else -1
    if name == "weekday":
        first = WEEKDAYS.index(week_starts.capitalize())
        return (WEEKDAYS.index(value) - first) % 7 if value in WEEKDAYS else -1
    return None


def grouping(fact: Any, name: str, week_starts: str) -> Any:
    """What rows are grouped by for a dimension: of months and their like the first day, which costs far less than its
    name; ``shown`` gives the name."""
    day = fact.business_date
    offset = _WEEK_OFFSET[week_starts]
    cheap: dict[str, Callable[[], Any]] = {
        "week": lambda: (day + _days(offset) if offset else day).truncate("W"),
        "month": lambda: day.truncate("M"),
        "quarter": lambda: day.truncate("Q"),
        "year": lambda: day.truncate("Y"),
        "weekday": lambda: day.day_of_week.index(),
    }
    return cheap[name]() if name in cheap else dimension(fact, name, week_starts)


def shown(name: str, value: Any) -> str:
    """A value that rows are grouped by as it is shown and filtered by."""
    if value is None:
        return NONE
    names: dict[str, Callable[[], str]] = {
        "business_date": lambda: value.isoformat(),
        "week": lambda: value.strftime("%G-W%V"),
        "month": lambda: value.strftime("%Y-%m"),
        "quarter": lambda: f"{value.year}-Q{(value.month + 2) // 3}",
        "year": lambda: str(value.year),
        "weekday": lambda: WEEKDAYS[value],
    }
    return names[name]() if name in names else str(value)


def _week(day: Any, week_starts: str) -> Any:
    """A week as ISO 8601 names it; one that starts on another day has the name of the ISO week of its fourth day."""
    offset = _WEEK_OFFSET[week_starts]
    shifted = day + _days(offset) if offset else day
    return shifted.strftime("%G-W%V")


def _days(number: int) -> Any:
    import ibis

    return ibis.interval(days=number)


def _typed(name: str, value: str) -> Any:
    import datetime

    try:
        if name == "hour":
            return int(value)
        if name == "business_date":
            return datetime.date.fromisoformat(value)
    except ValueError:
        raise PlanError(f"{value!r} is no {name.replace('_', ' ')}") from None
    return value

"""From a plan's parts to Ibis expressions over one fact table: dimensions, filters, what is live."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
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
            column = grouping(fact, one.dimension, week_starts)
            kept = column.isin([grouped(one.dimension, value) for value in one.values if value != NONE])
            if NONE in one.values:
                kept = kept | column.isnull()
        kept = kept.fill_null(False)
        fact = fact.filter(~kept if one.exclude else kept)
    return fact


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
    """What rows are grouped and filtered by for a dimension: of months and their like the first day, which costs far
    less than a name and is the same on every engine; ``shown`` gives the name, ``grouped`` the way back."""
    day = fact.business_date
    offset = _WEEK_OFFSET[week_starts]
    values: dict[str, Callable[[], Any]] = {
        "week": lambda: (day + _days(offset) if offset else day).truncate("W"),
        "month": lambda: day.truncate("M"),
        "quarter": lambda: day.truncate("Q"),
        "year": lambda: day.truncate("Y"),
        "weekday": lambda: day.day_of_week.index(),
        "category": lambda: fact.category.split(" / ")[0],
        "subcategory": lambda: fact.category,
    }
    return values[name]() if name in values else fact[name]


def shown(name: str, value: Any) -> str:
    """A value that rows are grouped by as it is shown and filtered by. A week has the name that ISO 8601 gives it; one
    that starts on another day has that of the ISO week of its fourth day."""
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


def grouped(name: str, value: str) -> Any:
    """A value as it is shown, as rows are grouped by it. PlanError when the dimension has no such values."""
    values: dict[str, Callable[[], Any]] = {
        "hour": lambda: int(value),
        "business_date": lambda: date.fromisoformat(value),
        "week": lambda: date.fromisoformat(_like(r"\d{4}-W\d\d", value) + "-1"),
        "month": lambda: date.fromisoformat(_like(r"\d{4}-\d\d", value) + "-01"),
        "quarter": lambda: date(int(_like(r"\d{4}-Q[1-4]", value)[:4]), 3 * int(value[-1]) - 2, 1),
        "year": lambda: date.fromisoformat(_like(r"\d{4}", value) + "-01-01"),
        "weekday": lambda: WEEKDAYS.index(value),
    }
    try:
        return values[name]() if name in values else value
    except ValueError:
        raise PlanError(f"{value!r} is no {name.replace('_', ' ')}") from None


def _like(pattern: str, value: str) -> str:
    if re.fullmatch(pattern, value, re.ASCII) is None:
        raise ValueError
    return value


def _days(number: int) -> Any:
    import ibis

    return ibis.interval(days=number)


def page(rows: Any, keys: Iterable[tuple[str, bool]], start: int, count: int) -> Any:
    """Of rows in the order of some keys (a column, and whether it descends), which must make it a total one, those
    from place ``start`` on, ``count`` of them, which must be there.

    It is written without OFFSET: engines that spread rows over machines keep no order between a sort and what counts
    off its rows.
    """
    order = list(keys)
    upto = rows.order_by([_ordered(rows, *key) for key in order]).limit(start + count)
    if not start:
        return upto
    last = upto.order_by([_ordered(upto, name, not descending) for name, descending in order]).limit(count)
    return last.order_by([_ordered(last, *key) for key in order])


def _ordered(rows: Any, name: str, descending: bool) -> Any:
    """Nulls are greatest, so that either order is the other one turned round."""
    return rows[name].desc(nulls_first=True) if descending else rows[name].asc()

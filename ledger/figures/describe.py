"""A plan in words: the *reading* that is shown with every answer."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.figures.metrics import METRICS
from ledger.figures.plan import Filter, Period, Plan

SHOWN_MAX = 5
HOURS = 24

_PLURALS = {
    "business_date": "days",
    "category": "categories",
    "subcategory": "subcategories",
    "weekday": "days of the week",
}
_NAMES = {"business_date": "day", "card_brand": "card brand"}


def describe(plan: Plan) -> str:
    """A plan as a person would say it.

    ``"net sales, store Downtown, 2023-10-01 to 2023-10-31, against 2023-09-01 to 2023-09-30"``
    """
    metrics = " and ".join(METRICS[name].label if name in METRICS else name for name in plan.metrics)
    ranking = plan.ranking
    if ranking is not None and plan.dimensions and ranking.limit is not None:
        side = "top" if ranking.descending else "bottom"
        kinds = " and ".join(dimension_name(name, plural=True) for name in plan.dimensions)
        head = f"{side} {ranking.limit} {kinds} by {METRICS[ranking.by].label}"
        others = [METRICS[name].label for name in plan.metrics if name != ranking.by]
        head += f", with {' and '.join(others)}" if others else ""
    elif plan.dimensions:
        head = f"{metrics} by {' and '.join(dimension_name(name) for name in plan.dimensions)}"
        if ranking is not None:
            head += f", {'highest' if ranking.descending else 'lowest'} first"
    else:
        head = metrics
    parts = [head, *(filter_words(one) for one in plan.filters), period_words(plan.period)]
    if plan.comparison is not None:
        parts.append(f"against {period_words(plan.comparison)}")
    if plan.as_of is not None:
        parts.append(f"as known at commit {plan.as_of}")
    return ", ".join(parts)


def dimension_name(name: str, *, plural: bool = False) -> str:
    """The name of a dimension for a person: ``dimension_name("card_brand") == "card brand"``."""
    if not plural:
        return _NAMES.get(name, name)
    return _PLURALS.get(name, f"{_NAMES.get(name, name)}s")


def filter_words(one: Filter) -> str:
    """A filter in words: ``"store Downtown"``, ``"not category Food or Drinks"``, ``"hour 17:00 to 18:59"``."""
    values = list(one.values)
    if one.dimension == "hour":
        shown = hour_words(int(value) for value in values if value.isdigit())
    else:
        more = f" or {len(values) - SHOWN_MAX} more" if len(values) > SHOWN_MAX else ""
        shown = " or ".join(values[:SHOWN_MAX]) + more
    return f"{'not ' if one.exclude else ''}{dimension_name(one.dimension)} {shown}"


def period_words(period: Period) -> str:
    """A period in ISO dates: one day alone, or from and to."""
    if period.start is None and period.end is None:
        return "all dates"
    if period.start is None:
        return f"up to {period.end}"
    if period.end is None:
        return f"from {period.start}"
    return str(period.start) if period.start == period.end else f"{period.start} to {period.end}"


def hour_words(hours: Iterable[int]) -> str:
    """Hours of the day as spans of time, past midnight too: ``hour_words([22, 23, 0]) == "22:00 to 00:59"``."""
    wanted = set(hours)
    firsts = [hour for hour in sorted(wanted) if (hour - 1) % HOURS not in wanted] or [0]
    spans = []
    for first in firsts:
        length = next((n for n in range(1, HOURS) if (first + n) % HOURS not in wanted), HOURS)
        spans.append(f"{first:02}:00 to {(first + length - 1) % HOURS:02}:59")
    return " or ".join(spans)

"""A plan in words: the *reading* that is shown with every answer."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.figures.metrics import METRICS, OVER, metric
from ledger.figures.plan import Condition, Filter, Period, Plan, Ranking, Side

SHOWN_MAX = 5
HOURS = 24

_PLURALS = {
    "business_date": "days",
    "category": "categories",
    "subcategory": "subcategories",
    "weekday": "days of the week",
}
_ORDINALS = ("", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_SIDES: dict[Side, str] = {"change": "change", "change_rate": "growth rate", "share": "share", "step": "change"}
_NAMES = {
    "business_date": "day",
    "card_brand": "card brand",
    "fiscal_week": "fiscal week",
    "fiscal_month": "fiscal month",
    "fiscal_quarter": "fiscal quarter",
    "fiscal_year": "fiscal year",
}


def describe(plan: Plan) -> str:
    """A plan as a person would say it.

    ``"net sales, store Downtown, 2023-10-01 to 2023-10-31, against 2023-09-01 to 2023-09-30"``
    """
    parts = [_head(plan), *(filter_words(one) for one in plan.filters)]
    if plan.against:
        parts.append(f"difference to {' and '.join(filter_words(one) for one in plan.against)}")
    parts.append(period_words(plan.period))
    if plan.comparison is not None:
        parts.append(f"against {period_words(plan.comparison)}")
    if plan.as_of is not None:
        parts.append(f"as known at commit {plan.as_of}")
    return ", ".join(parts)


def _head(plan: Plan) -> str:
    """The metrics, what they are split by, and how the rows are ordered and cut."""
    ranking = plan.ranking
    kept = bounds(plan.conditions)
    if ranking is not None and ranking.by in plan.dimensions:
        order = "last" if ranking.descending else "first"
        return f"{order} {dimension_name(ranking.by)}{kept}" + _others(plan, "")
    metrics = " and ".join(measured(plan, name) for name in plan.metrics)
    if plan.share:
        metrics = f"share of {metrics}"
    if plan.drivers:
        metrics += " with price, volume and mix"
    if plan.series == "running":
        metrics = f"running total of {metrics}"
    if not plan.dimensions:
        return metrics
    if ranking is not None and ranking.limit is not None:
        return _ranked(plan, ranking) + kept
    head = f"{metrics} by {' and '.join(dimension_name(name) for name in plan.dimensions)}{kept}"
    head += " with growth" if plan.series == "steps" else ""
    if ranking is not None:
        side = f"{_SIDES[ranking.side]} " if ranking.side in _SIDES else ""
        head += f", {side}{'highest' if ranking.descending else 'lowest'} first"
    return head


def _ranked(plan: Plan, ranking: Ranking) -> str:
    words = "highest" if ranking.descending else "lowest"
    place = f"{_ORDINALS[ranking.skip]} {words}" if 0 < ranking.skip < len(_ORDINALS) else ""
    side = "top" if ranking.descending else "bottom"
    ranked = [name for name in plan.dimensions if name not in ranking.within]
    kinds = " and ".join(dimension_name(name, plural=not place) for name in ranked)
    if ranking.within:
        kinds += f" in each {' and each '.join(dimension_name(name) for name in ranking.within)}"
    by = f"{_SIDES[ranking.side]} of " if ranking.side in _SIDES else ""
    by += measured(plan, ranking.by)
    steps = " with growth" if plan.series == "steps" else ""
    return f"{place or f'{side} {ranking.limit}'} {kinds} by {by}{steps}" + _others(plan, ranking.by)


def _others(plan: Plan, by: str) -> str:
    others = [measured(plan, name) for name in plan.metrics if name != by]
    return f", with {' and '.join(others)}" if others else ""


def measured(plan: Plan, name: str) -> str:
    """What a metric's figures of a plan are: ``"average net sales per day"``, ``"number of tickets with net sales over
    50"``."""
    label = metric(name).label if name in METRICS or OVER in name else name
    each = plan.each
    if each is None:
        return label
    groups = " and ".join(dimension_name(one, plural=each.fold in ("count", "sum")) for one in each.dimensions)
    if each.fold == "count":
        return f"number of {groups}{bounds(each.conditions)}"
    joined = "of" if each.fold == "sum" else "per"
    fold = "" if each.fold == "sum" else f"{each.fold} "
    return f"{fold}{label} {joined} {groups}{bounds(each.conditions)}"


def bounds(conditions: Iterable[Condition]) -> str:
    """Conditions in words: ``" with net sales over 50"``."""
    words = {"at_least": "at least", "at_most": "at most", "equal": "exactly"}
    said = []
    for one in conditions:
        percent = "%" if metric(one.metric).unit == "percent" else ""
        said.append(f"{metric(one.metric).label} {words.get(one.op, one.op)} {one.value.normalize():f}{percent}")
    return f" with {' and '.join(said)}" if said else ""


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

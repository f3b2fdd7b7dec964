"""What a plan can be changed to: metrics that go with its dimensions, dimensions that go with its metrics, the values
of a dimension."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.ask.names import DIMENSIONS
from assistant.service import Service
from ledger.errors import PlanError
from ledger.figures import METRICS, Plan
from ledger.figures.calendar import FISCAL, WEEKDAYS
from ledger.figures.metrics import metric
from ledger.figures.plan import Dimension

FILTERED: tuple[Dimension, ...] = (*DIMENSIONS, "hour", "weekday")
"""Dimensions whose values can be chosen from a list."""
SPLITS: tuple[Dimension, ...] = (
    "store", "region", "owner", "channel", "register", "cashier", "customer", "item", "category", "subcategory",
    "tender", "card_brand", "jurisdiction", "account", "hour", "weekday", "business_date", "week", "month", "quarter",
    "year", *FISCAL,
)  # fmt: skip
HOURS = tuple(str(hour) for hour in range(24))


def dimensions_of(plan: Plan) -> set[str]:
    """All dimensions that the metrics of a plan have to have."""
    named = {*plan.dimensions, *(one.dimension for one in (*plan.filters, *plan.against)), *plan.share}
    return named | set(plan.each.dimensions if plan.each is not None else ())


def metrics_for(plan: Plan) -> tuple[str, ...]:
    """The metrics that can be split and filtered as a plan is; those of the plan always."""
    wanted = dimensions_of(plan)
    return tuple(name for name, one in METRICS.items() if wanted <= one.dimensions or name in plan.metrics)


def splits_for(service: Service, plan: Plan) -> tuple[Dimension, ...]:
    """What the metrics of a plan can be split by, without what it is split by and what the book has no value of; by
    fiscal units only where the book sets a fiscal calendar."""
    common = together(plan.metrics)
    if service.book.settings.fiscal_calendar is None:
        common -= frozenset(FISCAL)
    return tuple(
        name
        for name in SPLITS
        if name in common and name not in plan.dimensions and (name not in DIMENSIONS or service.figures.values(name))
    )


def filters_for(service: Service, plan: Plan) -> tuple[Dimension, ...]:
    """What a plan can be filtered by: dimensions of its metrics of which the book has values."""
    common = together(plan.metrics)
    return tuple(name for name in FILTERED if name in common and named_values(service, name))


def together(metrics: Iterable[str]) -> frozenset[str]:
    """What some metrics can all be split and filtered by; nothing where one of them is none."""
    try:
        return frozenset.intersection(*(metric(name).dimensions for name in metrics))
    except PlanError:
        return frozenset()


def named_values(service: Service, dimension: Dimension) -> tuple[str, ...] | None:
    """All values that can be chosen of a dimension; None where they are no list, as dates are."""
    if dimension == "hour":
        return HOURS
    if dimension == "weekday":
        return WEEKDAYS
    return service.figures.values(dimension) if dimension in DIMENSIONS else None

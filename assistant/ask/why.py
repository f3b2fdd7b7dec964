"""Why a figure changed: what each store, category, hour or tender added to the change, exactly, down to the last cent.

They are contributions, not causes: a ledger knows what changed, not what made it change.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.ask.compose import Part, Value, key_words
from ledger.errors import PlanError
from ledger.figures import Figure, Figures, Plan, Ranking, Result
from ledger.figures.calendar import NONE
from ledger.figures.describe import dimension_name
from ledger.figures.drivers import DRIVERS
from ledger.figures.metrics import metric
from ledger.figures.plan import Dimension

SPLITS: tuple[Dimension, ...] = ("store", "category", "item", "tender", "hour", "weekday", "channel")
TOLD_MAX, SPLITS_MAX = 3, 3
"""How many rows of a split are told, and how many splits: those whose largest row explains the most."""


def whole_change(figures: Figures, plan: Plan) -> list[Result]:
    """The change of which a plan shows the rows; none where it is one row, or of a figure whose rows do not add up."""
    if plan.comparison is None or not plan.dimensions or metric(plan.metrics[0]).is_ratio or plan.each is not None:
        return []
    return [figures.run(_whole(plan))]


def _whole(plan: Plan) -> Plan:
    update = {"metrics": plan.metrics[:1], "dimensions": (), "ranking": None, "share": (), "conditions": ()}
    return plan.model_copy(update=update)


def contributions(figures: Figures, plan: Plan) -> list[Result]:
    """The change of a plan split by what it can be split by, the rows that changed most first; only splits whose rows
    add up to the whole change, those first that fewest rows explain. None for a ratio, whose parts do not add up."""
    name = plan.metrics[0]
    if plan.comparison is None or metric(name).is_ratio or plan.each is not None:
        return []
    whole = figures.run(_whole(plan))
    change = next((one.value for one in whole.figures if one.side == "change"), None)
    if not change:
        return []
    found: list[tuple[float, Result]] = []
    fixed = {one.dimension for one in plan.filters if not one.exclude and len(one.values) == 1} | {*plan.dimensions}
    for dimension in SPLITS:
        if dimension in fixed:
            continue
        split = whole.plan.model_copy(
            update={"dimensions": (dimension,), "ranking": Ranking(by=name, side="change", descending=change > 0)}
        )
        try:
            result = figures.run(split)
        except PlanError:
            continue
        moved = [figure.value for figure in _changes(result) if figure.value is not None]
        if len(result.rows) < 2 or result.truncated or sum(moved) != change or NONE in result.keys[0]:
            continue
        largest = max((value / change for value in moved), default=0)
        found.append((float(largest), result))
    found.sort(key=lambda one: -one[0])
    return [result for _, result in found[:SPLITS_MAX]]


def drivers(figures: Figures, plan: Plan) -> list[Result]:
    """What price, volume and mix did to a change of sales; none for other figures, or where nothing was sold before."""
    alone = Plan(
        metrics=plan.metrics[:1],
        filters=plan.filters,
        period=plan.period,
        comparison=plan.comparison,
        against=plan.against,
        as_of=plan.as_of,
        drivers=True,
    )
    try:
        result = figures.run(alone)
    except PlanError:
        return []
    return [result] if all(_driver(result, side).value is not None for side in DRIVERS) else []


def _driver(result: Result, side: str) -> Figure:
    return next(figure for figure in result.figures if figure.side == side)


def sentence(result: Result) -> list[Part]:
    """A split of a change in words: ``"By store: Downtown -$50.00, Airport +$10.00."``"""
    if result.plan.drivers:
        price, volume, mix = (Value(_driver(result, side)) for side in DRIVERS)
        return [" Volume made ", volume, " of it, prices ", price, ", the mix of items ", mix, "."]
    parts: list[Part] = [f" By {dimension_name(result.plan.dimensions[0])}: "]
    for place, (key, figure) in enumerate(list(zip(result.keys, _changes(result), strict=True))[:TOLD_MAX]):
        parts += [", " if place else "", f"{key_words(result.plan.dimensions[0], key[0])} ", Value(figure)]
    more = len(result.rows) - TOLD_MAX
    parts.append(f" and {more} more, which add up to the whole change." if more > 0 else ", the whole change.")
    return parts


def _changes(result: Result) -> Sequence[Figure]:
    column = result.columns.index((result.plan.metrics[0], "change"))
    return [row[column] for row in result.rows]

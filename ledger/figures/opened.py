"""What a figure that is no plain sum is made of: other figures, each with the citation that opens it in turn."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ledger.figures.calendar import IN_TIME, NONE, BookCalendar
from ledger.figures.drivers import QUANTITY
from ledger.figures.groups import OF_OTHER_TICKETS, SALES, over_times
from ledger.figures.metrics import metric
from ledger.figures.plan import Condition, Figure, Filter, Plan, Ranking, Result, Side
from ledger.figures.run import compared_scope, run
from ledger.figures.sides import whole_of

if TYPE_CHECKING:
    from ledger.figures.cite import Citation
    from ledger.figures.copy import Figures

Part = tuple[str, Figure, "Citation"]


def compared(result: Result, citation: Citation) -> list[Part]:
    """The two figures that a change is between."""
    other = "in the period before" if citation.plan.comparison is not None else "of what it is compared with"
    sides: tuple[tuple[str, Side], ...] = (("in the period", "value"), (other, "before"))
    return [(words, *_beside(result, citation, side, citation.key)) for words, side in sides]


def shared(figures: Figures, result: Result, citation: Citation) -> list[Part]:
    """The part and the whole of a share."""
    plan = whole_of(citation.plan)
    kept = tuple(v for n, v in zip(citation.plan.dimensions, citation.key, strict=True) if n not in citation.plan.share)
    whole = _at(figures, plan, citation, kept)
    return [("is the part", *_beside(result, citation, "value", citation.key)), ("of the whole", *whole)]


def driven(figures: Figures, citation: Citation) -> list[Part]:
    """What price, volume and mix are computed from: sales and units of each item, now and before."""
    plan = citation.plan.model_copy(
        update={"metrics": (citation.metric, QUANTITY), "dimensions": ("item",), "drivers": False, "ranking": None}
    )
    result = run(figures, plan.model_copy(update={"as_of": citation.seq}))
    parts: list[Part] = []
    for row in result.rows:
        for figure in row:
            if figure.side in ("value", "before") and figure.value is not None:
                words = f"{figure.key[0]}, {'now' if figure.side == 'value' else 'before'}"
                parts.append((words, figure, _citation(citation, plan, figure.metric, figure.side, figure.key)))
    return parts


def along(result: Result, citation: Citation, calendar: BookCalendar) -> list[Part]:
    """The rows in time that a running total adds up, or the two that a step is between."""
    dimensions = citation.plan.dimensions
    place = next(at for at, name in enumerate(dimensions) if name in IN_TIME)
    rest = (*citation.key[:place], *citation.key[place + 1 :])
    line = [key for key in result.keys if (*key[:place], *key[place + 1 :]) == rest]
    line.sort(key=lambda key: calendar.order_of(dimensions[place], key[place]))
    upto = line[: line.index(citation.key) + 1]
    if citation.side == "running":
        return [("plus" if at else "is", *_beside(result, citation, "value", key)) for at, key in enumerate(upto)]
    words = ("in this row", "in the row before")
    return [(said, *_beside(result, citation, "value", key)) for said, key in zip(words, upto[:-3:-1], strict=False)]


def before_steps(plan: Plan) -> Plan:
    """The plan of a series with all its rows, the first too, and none cut."""
    return plan.model_copy(update={"series": None, "ranking": None})


def folded(figures: Figures, citation: Citation) -> list[Part]:
    """What a fold over groups is made of: of an average the total and the number of groups; of all others the groups
    themselves."""
    plan, one = narrowed(citation), metric(citation.metric)
    assert plan.each is not None
    each = plan.each
    if each.fold == "average" and not one.is_ratio:
        total = plan.model_copy(update={"each": each.model_copy(update={"fold": "sum"}) if each.conditions else None})
        counted = "transactions" if over_times(each) else citation.metric
        number = plan.model_copy(update={"metrics": (counted,), "each": each.model_copy(update={"fold": "count"})})
        return [("is", *_at(figures, total, citation, ())), ("over", *_at(figures, number, citation, ()))]
    conditions = each.conditions
    if "ticket" in each.dimensions and not set(plan.metrics) & OF_OTHER_TICKETS:
        conditions = (*conditions, Condition(metric=SALES, op="at_least", value=Decimal(1)))
    rows = plan.model_copy(
        update={
            "each": None,
            "dimensions": each.dimensions,
            "conditions": conditions,
            "ranking": Ranking(by=citation.metric),
            "as_of": citation.seq,
        }
    )
    result = run(figures, rows)
    stored = rows.model_copy(update={"as_of": None, "ranking": None})
    return [
        (" · ".join(key), figure, _citation(citation, stored, citation.metric, "value", key))
        for key, (figure, *_) in zip(result.keys, result.rows, strict=True)
        if NONE not in key and figure.value
    ]


def narrowed(citation: Citation) -> Plan:
    """The plan of the figure alone: its row's values as filters, its side's period and names."""
    plan = citation.plan
    filters, period = plan.filters, plan.period
    if citation.side == "before":
        scope = compared_scope(plan, citation.seq)
        filters, period = scope.filters, scope.period
    keys = zip(plan.dimensions, citation.key, strict=True)
    rows = tuple(Filter(dimension=name, values=(value,)) for name, value in keys)
    return Plan(metrics=(citation.metric,), filters=(*filters, *rows), period=period, each=plan.each)


def _beside(result: Result, citation: Citation, side: Side, key: tuple[str, ...]) -> tuple[Figure, Citation]:
    """Another figure of the same result."""
    found = result.figure(citation.metric, side, key)
    return found, _citation(citation, citation.plan, citation.metric, side, key)


def _at(figures: Figures, plan: Plan, citation: Citation, key: tuple[str, ...]) -> tuple[Figure, Citation]:
    """A figure of another plan, as of the same commit."""
    name = plan.metrics[0]
    result = run(figures, plan.model_copy(update={"as_of": citation.seq}))
    return result.figure(name, "value", key), _citation(citation, plan, name, "value", key)


def _citation(like: Citation, plan: Plan, name: str, side: Side, key: tuple[str, ...]) -> Citation:
    return type(like)(plan.model_copy(update={"as_of": None}), like.seq, name, side, key)

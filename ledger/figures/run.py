"""``run``: the one way from a plan to figures. Exact whole numbers all the way; decimals only at the very end.

A metric is a signed sum of measures, or one over another. The measures of a plan are summed over as few fact
tables as hold them, one query each, and put together by the values of the plan's dimensions.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ledger.errors import PlanError
from ledger.figures import query
from ledger.figures.calendar import IN_TIME, NONE, ORDERED, BookCalendar
from ledger.figures.calendar import shown as shown_as
from ledger.figures.describe import dimension_name
from ledger.figures.drivers import DRIVERS, OF_SALES, QUANTITY, price_volume_mix
from ledger.figures.exact import exact, shown, signed_sum
from ledger.figures.groups import folded, meets
from ledger.figures.metrics import FACT_DIMENSIONS, Metric, check, fact_for, metric
from ledger.figures.plan import ROWS_MAX, Each, Figure, Plan, Result, Side
from ledger.figures.scope import Scope
from ledger.figures.sides import (
    Sided,
    Values,
    add_series,
    add_shares,
    compared,
    compares,
    sides_of,
    whole_of,
)
from ledger.figures.tie_out import tie_out
from ledger.money import decimals

if TYPE_CHECKING:
    from ledger.figures.copy import Figures

Key = tuple[str, ...]
Sums = dict[Key, dict[str, int | None]]

SOLD = frozenset({"gross_sales", "units_sold"})
"""Measures that only what is sold as goods has; to have none of another one is a place in its order."""
NO_COMPARISON = (*IN_TIME, "ticket")
"""Splits in which no row of one period has its like in another."""


def run(figures: Figures, plan: Plan) -> Result:
    """Compute a plan over a copy of a book. PlanError says what does not go together."""
    check_plan(plan)
    result: Result = figures.locked(lambda: _run(figures, plan))
    return result


def check_plan(plan: Plan) -> None:
    """PlanError when a plan names what there is not, or what does not go together."""
    groups = plan.each.dimensions if plan.each is not None else ()
    bounds = [*plan.conditions, *(plan.each.conditions if plan.each is not None else ())]
    wanted = [*plan.dimensions, *groups, *(one.dimension for one in (*plan.filters, *plan.against))]
    for name in (*plan.metrics, *(one.metric for one in bounds)):
        check(name, wanted)
    for name in plan.dimensions:
        if (plan.comparison is not None and name in NO_COMPARISON) or (plan.against and name == "ticket"):
            raise PlanError(f"two periods cannot be compared by {name.replace('_', ' ')}: no row has its like")
        if name in groups or name in {one.dimension for one in plan.against}:
            raise PlanError(f"a plan that folds or compares {name.replace('_', ' ')} cannot be split by it, too")
    if len(set(groups)) < len(groups):
        raise PlanError("a plan names each dimension of its groups once")
    if plan.conditions and not plan.dimensions:
        raise PlanError("conditions keep some of the rows of a split: say by what to split")
    if plan.series is not None and len([name for name in plan.dimensions if name in IN_TIME]) != 1:
        raise PlanError("what goes from row to row in time needs rows of one dimension of time, such as month")
    _check_drivers(plan)
    _check_share(plan)
    _check_ranking(plan)


def _check_drivers(plan: Plan) -> None:
    plain = not (plan.dimensions or plan.each or plan.share or plan.series)
    if plan.drivers and not (compares(plan) and plain and len(plan.metrics) == 1 and plan.metrics[0] in OF_SALES):
        raise PlanError("price, volume and mix are of the change of net or gross sales alone, in one row")
    if plan.drivers:
        check(plan.metrics[0], ["item", *(one.dimension for one in (*plan.filters, *plan.against))])


def _drivers(figures: Figures, plan: Plan, seq: int) -> Sided:
    """What price, volume and mix did to a change, in major units; no values where nothing was sold before."""
    name = plan.metrics[0]
    one, units = metric(name), metric(QUANTITY)

    def sold(scope: Scope) -> dict[Key, tuple[int, int]]:
        found = sums(figures, [one, units], ("item",), scope)
        return {key: (signed_sum(one.sum, of), signed_sum(units.sum, of)) for key, of in found.items()}

    found = price_volume_mix(sold(compared_scope(plan, seq)), sold(Scope(plan.filters, plan.period, seq)))
    places = decimals(figures.book.settings.book.currency)
    return {
        (name, side): None if found is None else Decimal(found[place]).scaleb(-places)
        for place, side in enumerate(DRIVERS)
    }


def _check_share(plan: Plan) -> None:
    known = {*plan.dimensions, *(one.dimension for one in plan.filters)}
    if plan.each is not None and plan.each.conditions:
        known |= set(plan.each.dimensions)
    for dimension in plan.share:
        if dimension not in known:
            raise PlanError(f"the plan neither splits nor filters by {dimension}, so that there is no share of it")
    each = plan.each
    summed = each is None or each.fold in ("count", "sum")
    if each is not None and each.fold == "sum" and any(metric(name).is_ratio for name in plan.metrics):
        raise PlanError("the values of a ratio do not add up: ask for their average")
    if plan.series == "running" and each is not None and each.fold == "count" and each.dimensions != ("ticket",):
        raise PlanError("what is in one row can be in the next, too, so that such numbers have no running total")
    for name in plan.metrics if plan.share or plan.series == "running" else ():
        counted = each is not None and each.fold == "count"
        if (metric(name).is_ratio and not counted) or not summed:
            raise PlanError(f"{metric(name).label} has no shares and no running total: it is no sum of parts")


def _check_ranking(plan: Plan) -> None:
    ranking = plan.ranking
    if ranking is None:
        return
    if not set(ranking.within) < {*plan.dimensions} and ranking.within:
        raise PlanError("the rows of each value are ranked of some of the plan's dimensions, and not of all of them")
    if ranking.by in plan.dimensions and ranking.by in IN_TIME:
        return
    if ranking.by not in plan.metrics:
        raise PlanError(f"the ranking is by {ranking.by}, which is not among the metrics of the plan")
    if ranking.side not in sides_of(plan):
        raise PlanError(f"the ranking is by {ranking.side.replace('_', ' ')}, which the plan does not compute")


def _run(figures: Figures, plan: Plan) -> Result:
    last = figures.seq
    seq = last if plan.as_of is None else plan.as_of
    if not 0 <= seq <= last:
        raise PlanError(f"the book has no commit {seq}; its last is {last}")
    scope = Scope(plan.filters, plan.period, seq)
    currency = figures.book.settings.book.currency
    calendar = figures.calendar
    now, measured = _values(figures, plan, scope)
    before = _values(figures, plan, compared_scope(plan, seq))[0] if compares(plan) else None
    keys: list[Key] = sorted({*now, *(before or {})}) if plan.dimensions else [()]
    none = _nothing(plan, currency)
    values = {
        key: compared(plan.metrics, now.get(key, none), None if before is None else before.get(key, none))
        for key in keys
    }
    if plan.drivers:
        values[()] |= _drivers(figures, plan, seq)
    if plan.share:
        whole = whole_of(plan)
        add_shares(plan, values, _values(figures, whole, Scope(whole.filters, whole.period, seq))[0])
    if plan.conditions:  # what has no name is no customer with more than so much
        keys = [key for key in keys if NONE not in key]
    if plan.ranking is not None and plan.ranking.by in plan.metrics and not compares(plan) and plan.each is None:
        sold = set(metric(plan.ranking.by).measures)
        if sold & SOLD:  # a gift card is no item with the least sales: it has none at all
            keys = [key for key in keys if any(measured[key].get(name) is not None for name in sold)]
    for condition in plan.conditions:
        one = metric(condition.metric)
        keys = [key for key in keys if meets(condition, exact(one, measured.get(key, {}), currency))]
    if plan.series is not None:
        add_series(plan, keys, values, calendar)
    if plan.series == "steps":
        keys = [key for key in keys if any(values[key][(name, "step")] is not None for name in plan.metrics)]
    ordered = _ordered(plan, keys, values, calendar)
    chosen = _chosen(plan, ordered, calendar)
    kept = chosen[:ROWS_MAX]
    columns = tuple((name, side) for name in plan.metrics for side in sides_of(plan))
    number = iter(range(1, len(kept) * len(columns) + 1))
    rows = tuple(
        tuple(
            Figure(
                id=f"f{next(number)}",
                metric=name,
                side=side,
                label=metric(name).label,
                value=values[key].get((name, side)),
                unit=unit_of(metric(name), side, currency, plan.each),
                key=key,
            )
            for name, side in columns
        )
        for key in kept
    )
    metrics = [metric(name) for name in plan.metrics]
    folds = plan.each is not None or bool(plan.conditions)
    return Result(
        plan=plan,
        seq=seq,
        head=figures.head if seq == last else "",
        currency=currency,
        columns=columns,
        keys=tuple(kept),
        rows=rows,
        row_count=len(ordered),
        truncated=len(chosen) > ROWS_MAX,
        tickets=_tickets(figures, metrics, scope),
        tie_out=None if folds else tie_out(figures, metrics[0], scope, measured),
    )


def _values(figures: Figures, plan: Plan, scope: Scope) -> tuple[Values, Sums]:
    """The values of a plan's metrics in a scope by key, and the measures that they come from."""
    metrics = [metric(name) for name in plan.metrics]
    bounds = [metric(one.metric) for one in plan.conditions]
    if plan.each is not None:
        return folded(figures, plan, scope), sums(figures, bounds, plan.dimensions, scope) if bounds else {}
    measured = sums(figures, [*metrics, *bounds], plan.dimensions, scope)
    currency = figures.book.settings.book.currency
    return {key: {one.name: value_of(one, of, currency) for one in metrics} for key, of in measured.items()}, measured


def _nothing(plan: Plan, currency: str) -> dict[str, Decimal | None]:
    """The values of a row that a period has nothing of: a sum of nothing and a number of none are zero."""
    if plan.each is not None:
        return dict.fromkeys(plan.metrics, Decimal(0) if plan.each.fold == "count" else None)
    return {name: value_of(metric(name), {}, currency) for name in plan.metrics}


def compared_scope(plan: Plan, seq: int) -> Scope:
    """What a plan's figures are set against: other names of some dimensions, another period, or both."""
    others = {one.dimension for one in plan.against}
    filters = (*(one for one in plan.filters if one.dimension not in others), *plan.against)
    return Scope(filters, plan.comparison or plan.period, seq)


def sums(figures: Figures, metrics: Iterable[Metric], dimensions: Iterable[str], scope: Scope) -> Sums:
    """The measures of some metrics, summed by key. A measure that no row has is None."""
    split = tuple(dimensions)
    wanted = [*split, *(one.dimension for one in scope.filters)]
    by_fact: dict[str, list[str]] = {}
    for one in metrics:
        for measure in one.measures:
            listed = by_fact.setdefault(fact_for(measure, wanted), [])
            if measure not in listed:
                listed.append(measure)
    found: Sums = {}
    by = {f"k{place}": name for place, name in enumerate(split)}
    for fact, measures in by_fact.items():
        for row in _summed(figures, fact, by, measures, scope):
            key = tuple(shown_as(name, row[column]) for column, name in by.items())
            into = found.setdefault(key, {})
            for name in measures:
                into[name] = None if row[name] is None else int(row[name])
    return found


def _summed(figures: Figures, fact: str, by: dict[str, str], measures: list[str], scope: Scope) -> list[dict[str, Any]]:
    return figures.prepared(
        ("sums", fact, tuple(by.values()), tuple(measures)),
        query.sliced(figures, fact, scope),
        lambda one: query.summed(query.scoped(figures, fact, one, by.values()), fact, by, measures, figures.calendar),
    )


def value_of(one: Metric, measured: dict[str, int | None], currency: str) -> Decimal | None:
    """The value of a metric from its measures: money in major units, percentages as percent; None where it has none."""
    return shown(one, exact(one, measured, currency), currency)


def sides(
    metrics: Iterable[Metric], plan: Plan, now: dict[str, int | None], before: dict[str, int | None], currency: str
) -> dict[tuple[str, Side], Decimal | None]:
    """The values of some metrics from their measures in the plan's period and in its comparison, if it has one."""
    listed = list(metrics)
    values, earlier = ({one.name: value_of(one, of, currency) for one in listed} for of in (now, before))
    return compared([one.name for one in listed], values, earlier if plan.comparison is not None else None)


def unit_of(one: Metric, side: Side, currency: str, each: Each | None = None) -> str:
    """The unit of one side of a metric: the currency, ``%``, or what is counted."""
    if side in ("change_rate", "share", "step_rate"):
        return "%"
    if each is not None and each.fold == "count":
        return dimension_name(each.dimensions[-1], plural=True)
    if one.unit == "percent":
        return "points" if side in ("change", "step") else "%"
    return {"money": currency, "number": "units"}.get(one.unit, one.unit)


def _ordered(plan: Plan, keys: list[Key], values: dict[Key, Sided], calendar: BookCalendar) -> list[Key]:
    """Rows by the ranking; else in the order of time, of hours and weekdays; else the greatest first. Ties go by
    name."""
    ranking = plan.ranking
    if ranking is not None and ranking.by in plan.dimensions:
        place = plan.dimensions.index(ranking.by)
        named = [key for key in keys if key[place] != NONE]
        ordered = sorted(named, key=lambda key: (calendar.order_of(ranking.by, key[place]), key))
        return ordered[::-1] if ranking.descending else ordered
    by: tuple[str, Side] = (ranking.by, ranking.side) if ranking else (plan.metrics[0], "value")
    descending = ranking.descending if ranking else True

    def rank(key: Key) -> tuple[bool, bool, Decimal]:
        """Rows without a name come last in a ranking: what has none is no best cashier."""
        value = values[key][by]
        nameless = ranking is not None and NONE in key
        return nameless, value is None, Decimal(0) if value is None else -value if descending else value

    orders = [name in ORDERED for name in plan.dimensions]
    if ranking is not None or not any(orders):
        return sorted(keys, key=lambda key: (rank(key), key))
    in_time = [place for place, ordered in enumerate(orders) if ordered]
    return sorted(
        keys,
        key=lambda key: (
            [calendar.order_of(plan.dimensions[place], key[place]) for place in in_time],
            rank(key),
            key,
        ),
    )


def _chosen(plan: Plan, ordered: list[Key], calendar: BookCalendar) -> list[Key]:
    """The rows that a ranking keeps of all in their order; of one within dimensions those of each of their values."""
    ranking = plan.ranking
    if ranking is None:
        return ordered
    places = [plan.dimensions.index(name) for name in ranking.within]
    groups: dict[Key, list[Key]] = {}
    for key in ordered:
        groups.setdefault(tuple(key[place] for place in places), []).append(key)

    def in_order(group: Key) -> list[object]:
        return [
            (calendar.order_of(name, value) if name in ORDERED else 0, value)
            for name, value in zip(ranking.within, group, strict=True)
        ]

    end = None if ranking.limit is None else ranking.skip + ranking.limit
    return [key for group in sorted(groups, key=in_order) for key in groups[group][ranking.skip : end]]


def _tickets(figures: Figures, metrics: list[Metric], scope: Scope) -> int:
    """How many tickets (of till events and balances: how many rows) lie behind a result."""
    wanted = {one.dimension for one in scope.filters}
    measure = metrics[0].measures[0]
    fact = fact_for(measure, wanted)
    if fact == "lines" and wanted <= FACT_DIMENSIONS["tickets"]:
        fact = "tickets"
    (row,) = figures.prepared(
        ("tickets", fact, measure),
        query.sliced(figures, fact, scope),
        lambda one: _counted(query.scoped(figures, fact, one), fact, measure),
    )
    return int(row["counted"])


def _counted(rows: Any, fact: str, measure: str) -> Any:
    if fact in ("events", "postings", "movements"):
        return rows.aggregate(counted=rows.count())
    rows = rows.filter(rows.is_void if measure in ("void_count", "void_value") else ~rows.is_void)
    return rows.aggregate(counted=rows.count() if fact == "tickets" else (rows.seq * (1 << 32) + rows.n).nunique())

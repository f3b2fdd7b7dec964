"""Groups folded into one number: how many days had more than so much in sales, what a store sells on the average day.

Groups are made, kept and folded in the engine of the copy wherever the figures are sums, so that a million tickets are
counted without being fetched; groups of ratios are fetched and folded here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from ledger.figures import query
from ledger.figures.calendar import IN_TIME
from ledger.figures.calendar import shown as shown_as
from ledger.figures.exact import exact, scale_of, shown
from ledger.figures.facts import ADDRESS
from ledger.figures.metrics import COUNTED, FACT_DIMENSIONS, MEASURE_FACTS, Metric, fact_for, metric
from ledger.figures.plan import Condition, Each, Plan
from ledger.figures.scope import Scope, Slice

if TYPE_CHECKING:
    from ledger.figures.copy import Figures

Key = tuple[str, ...]
SALES = "transactions"
"""The measure by which a group has a sale."""
OF_OTHER_TICKETS = frozenset({"return_count", "void_count", "void_value", "returns", "tenders_returned"})
"""Metrics of tickets that are no sales: of all others only completed sales are tickets to be counted."""
_OPERATORS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "over": lambda value, bound: value > bound,
    "under": lambda value, bound: value < bound,
    "at_least": lambda value, bound: value >= bound,
    "at_most": lambda value, bound: value <= bound,
    "equal": lambda value, bound: value == bound,
}


def meets(condition: Condition, value: Fraction | None) -> bool:
    """Whether an exact value meets a condition; no value meets none."""
    return value is not None and _OPERATORS[condition.op](value, Fraction(condition.value))


def folded(figures: Figures, plan: Plan, scope: Scope) -> dict[Key, dict[str, Decimal | None]]:
    """The values of a plan with an ``each``, by the key of its rows."""
    assert plan.each is not None
    each, metrics = plan.each, [metric(name) for name in plan.metrics]
    involved = [*metrics, *(metric(one.metric) for one in each.conditions)]
    if each.fold == "median" or any(one.is_ratio or one.needs or one.unless for one in involved):
        return _here(figures, plan, each, metrics, scope)
    return _there(figures, plan, each, metrics, scope)


def _groups(
    figures: Figures, plan: Plan, each: Each, scope: Scope, fold: Callable[[Any], Any] | None = None
) -> list[dict[str, Any]]:
    """The groups, columns ``k0..`` of the rows' keys, ``g0..`` of the groups', and the measures; or what ``fold`` makes
    of them in the engine."""
    wanted = [*plan.dimensions, *each.dimensions, *(one.dimension for one in scope.filters)]
    by_fact: dict[str, list[str]] = {}
    for measure in _measures(plan, each, scope):
        by_fact.setdefault(fact_for(measure, wanted), []).append(measure)

    def build(slice: Slice) -> Any:
        table = _table(figures, plan, each, by_fact, slice)
        return table if fold is None else fold(table)

    slice = Slice.of(scope, figures.calendar)
    what = ("groups", plan.metrics, plan.dimensions, each, fold is None)
    return figures.prepared(what, slice.up_to_end if {*by_fact} == {"postings"} else slice, build)


def _measures(plan: Plan, each: Each, scope: Scope) -> list[str]:
    names = [*plan.metrics, *(one.metric for one in each.conditions)]
    measures = dict.fromkeys(measure for name in names for measure in metric(name).measures)
    return [*measures, *([SALES] if _tells_sales(plan, each, scope) and SALES not in measures else [])]


def _tells_sales(plan: Plan, each: Each, scope: Scope) -> bool:
    """Whether the sales of a group can be told."""
    wanted = {*plan.dimensions, *each.dimensions, *(one.dimension for one in scope.filters)}
    return any(wanted <= FACT_DIMENSIONS[fact] for fact in MEASURE_FACTS[SALES])


def _table(figures: Figures, plan: Plan, each: Each, by_fact: Mapping[str, Sequence[str]], slice: Slice) -> Any:
    dimensions = [*plan.dimensions, *each.dimensions]
    by: dict[str, str] = {f"k{place}": name for place, name in enumerate(plan.dimensions)}
    by |= {f"g{place}": name for place, name in enumerate(each.dimensions)}
    if "ticket" in each.dimensions:  # its place in the book: another source may have another ticket of its number
        by |= {f"g_{name}": name for name in ADDRESS}
    measures = [measure for of in by_fact.values() for measure in of]
    parts = []
    for fact, of in by_fact.items():
        own = slice.up_to_end if fact == "postings" else slice
        rows = query.scoped(figures, fact, own, dimensions)
        parts.append(_with_all(query.summed(rows, fact, by, of, figures.calendar), measures, of))
    table = parts[0]
    if len(parts) > 1:
        for other in parts[1:]:
            table = table.union(other)
        table = table.group_by(list(by)).aggregate(**{name: table[name].sum() for name in measures})
    for place in range(len(each.dimensions)):
        table = table.filter(table[f"g{place}"].notnull())  # what has no name is none of the things that have one
    if "ticket" in each.dimensions and SALES in measures and not set(plan.metrics) & OF_OTHER_TICKETS:
        table = table.filter(table[SALES].fill_null(0) > 0)
    return table


def _with_all(table: Any, measures: Iterable[str], given: Iterable[str]) -> Any:
    import ibis

    have = set(given)
    columns = [name for name in table.columns if name not in have]
    filled = {name: table[name].cast("int64") if name in have else ibis.null("int64") for name in measures}
    return table.select(*columns, **filled)


# --- in the engine ----------------------------------------------------------------------------------------------------


def _there(
    figures: Figures, plan: Plan, each: Each, metrics: list[Metric], scope: Scope
) -> dict[Key, dict[str, Decimal | None]]:
    currency = figures.book.settings.book.currency
    keys = [f"k{place}" for place in range(len(plan.dimensions))]
    sold = over_times(each) and _tells_sales(plan, each, scope)

    def fold(table: Any) -> Any:
        kept = table.filter(_has_any(table, metrics, counted=False))
        for condition in each.conditions:
            kept = kept.filter(_met(kept, condition, currency))
        totals: dict[str, Any] = {"sold": (kept[SALES].fill_null(0) > 0).sum() if sold else kept.count()}
        for place, one in enumerate(metrics):
            value = _sum_of(kept, one)
            totals[f"n{place}"] = _has_any(kept, [one], counted=True).sum()
            totals[f"m{place}"] = {"highest": value.max, "lowest": value.min}.get(each.fold, value.sum)()
        return kept.group_by(keys).aggregate(**totals) if keys else kept.aggregate(**totals)

    values: dict[Key, dict[str, Decimal | None]] = {}
    for row in _groups(figures, plan, each, scope, fold):
        key = tuple(shown_as(name, row[f"k{place}"]) for place, name in enumerate(plan.dimensions))
        values[key] = {
            one.name: _folded_value(
                each, one, row[f"m{place}"], int(row[f"n{place}"] or 0), int(row["sold"] or 0), currency
            )
            for place, one in enumerate(metrics)
        }
    return values


def _folded_value(each: Each, one: Metric, amount: Any, number: int, sold: int, currency: str) -> Decimal | None:
    if each.fold == "count":
        return Decimal(number)
    if amount is None:
        return None
    value = Fraction(int(amount), scale_of(one, currency))
    if each.fold == "average":
        return None if sold == 0 else shown(one, value / sold, currency, rounded=True)
    return shown(one, value, currency)


def over_times(each: Each) -> bool:
    """Whether an average is over days or the like: of those only the ones that have a sale count."""
    return not each.conditions and set(each.dimensions) <= set(IN_TIME)


def _has_any(table: Any, metrics: Iterable[Metric], *, counted: bool) -> Any:
    """Groups that have something of the metrics; to be counted it must be more than nothing."""
    found: Any = None
    for one in metrics:
        for measure in one.measures:
            given = table[measure].notnull()
            given = given & (table[measure] != 0) if counted and measure in COUNTED else given
            found = given if found is None else found | given
    return found


def _sum_of(table: Any, one: Metric) -> Any:
    summed: Any = None
    for sign, measure in one.sum:
        term = table[measure].fill_null(0) * sign
        summed = term if summed is None else summed + term
    return summed


def _met(table: Any, condition: Condition, currency: str) -> Any:
    """A condition on whole minor units: of a bound between two of them, the nearer one that says the same."""
    one = metric(condition.metric)
    bound = Fraction(condition.value) * scale_of(one, currency)
    value = _sum_of(table, one)
    return {
        "over": lambda: value > floor(bound),
        "under": lambda: value < ceil(bound),
        "at_least": lambda: value >= ceil(bound),
        "at_most": lambda: value <= floor(bound),
        "equal": lambda: (value == int(bound)) & (bound.denominator == 1),
    }[condition.op]()


# --- here -------------------------------------------------------------------------------------------------------------


def _here(
    figures: Figures, plan: Plan, each: Each, metrics: list[Metric], scope: Scope
) -> dict[Key, dict[str, Decimal | None]]:
    currency = figures.book.settings.book.currency
    by_sales = over_times(each) and _tells_sales(plan, each, scope)
    by_key: dict[Key, list[dict[str, Any]]] = {}
    for row in _groups(figures, plan, each, scope):
        measured = {name: None if value is None else int(value) for name, value in row.items() if name in MEASURE_FACTS}
        if all(meets(one, exact(metric(one.metric), measured, currency)) for one in each.conditions):
            key = tuple(shown_as(name, row[f"k{place}"]) for place, name in enumerate(plan.dimensions))
            by_key.setdefault(key, []).append(measured)
    values: dict[Key, dict[str, Decimal | None]] = {}
    for key, groups in by_key.items():
        sold = sum(1 for one in groups if (one.get(SALES) or 0) > 0) if by_sales else len(groups)
        values[key] = {
            one.name: _fold([exact(one, group, currency) for group in groups], each, one, sold, currency)
            for one in metrics
        }
    return values


def _fold(found: list[Fraction | None], each: Each, one: Metric, sold: int, currency: str) -> Decimal | None:
    values = sorted(value for value in found if value is not None)
    if each.fold == "count":
        return Decimal(len(values))
    if not values:
        return None
    if each.fold in ("highest", "lowest"):
        return shown(one, values[-1] if each.fold == "highest" else values[0], currency)
    if each.fold == "sum":
        return None if one.is_ratio else shown(one, sum(values, Fraction(0)), currency)
    if each.fold == "median":
        middle = len(values) // 2
        both = values[middle] + values[middle - 1] if len(values) % 2 == 0 else 2 * values[middle]
        return shown(one, both / 2, currency, rounded=True)
    number = len(values) if one.is_ratio else sold
    return None if number == 0 else shown(one, sum(values, Fraction(0)) / number, currency, rounded=True)

"""``run``: the one way from a plan to figures. Exact whole numbers all the way; decimals only at the very end.

A metric is a signed sum of measures, or one over another. The measures of a plan are summed over as few fact
tables as hold them, one query each, and put together by the values of the plan's dimensions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from ledger.errors import PlanError
from ledger.figures import query
from ledger.figures.metrics import FACT_DIMENSIONS, METRICS, Metric, check, fact_for, metric
from ledger.figures.plan import ROWS_MAX, Figure, Filter, Period, Plan, Result, Side, TieOut
from ledger.money import decimals, display

if TYPE_CHECKING:
    from ledger.figures.copy import Figures

MICRO = 1_000_000
Key = tuple[str, ...]
Sums = dict[Key, dict[str, int | None]]

NO_COMPARISON = ("business_date", "week", "month", "quarter", "year", "ticket")
"""Splits in which no row of one period has its like in another."""


@dataclass(frozen=True)
class Scope:
    """What rows a figure is made of: the filters, the period, the commit as of which they are known."""

    filters: tuple[Filter, ...]
    period: Period
    seq: int


def run(figures: Figures, plan: Plan) -> Result:
    """Compute a plan over a copy of a book. PlanError says what does not go together."""
    check_plan(plan)
    result: Result = figures.locked(lambda: _run(figures, plan))
    return result


def check_plan(plan: Plan) -> None:
    """PlanError when a plan names what there is not, or what does not go together."""
    wanted = [*plan.dimensions, *(one.dimension for one in plan.filters)]
    for name in plan.metrics:
        check(name, wanted)
    if plan.comparison is not None:
        for name in plan.dimensions:
            if name in NO_COMPARISON:
                raise PlanError(f"two periods cannot be compared by {name.replace('_', ' ')}: no row has its like")
    if plan.ranking is not None and plan.ranking.by not in plan.metrics:
        raise PlanError(f"the ranking is by {plan.ranking.by}, which is not among the metrics of the plan")


def _run(figures: Figures, plan: Plan) -> Result:
    seq = figures.seq if plan.as_of is None else plan.as_of
    if not 0 <= seq <= figures.seq:
        raise PlanError(f"the book has no commit {seq}; its last is {figures.seq}")
    metrics = [metric(name) for name in plan.metrics]
    scope = Scope(plan.filters, plan.period, seq)
    now = sums(figures, metrics, plan.dimensions, scope)
    before: Sums = {}
    if plan.comparison is not None:
        before = sums(figures, metrics, plan.dimensions, Scope(plan.filters, plan.comparison, seq))
    keys: list[Key] = sorted({*now, *before}) if plan.dimensions else [()]
    columns = _columns(plan)
    currency = figures.book.settings.book.currency
    values = {key: sides(metrics, plan, now.get(key, {}), before.get(key, {}), currency) for key in keys}
    ordered = _ordered(plan, keys, values, figures.book.settings.book.week_starts)
    limit = min(plan.ranking.limit or ROWS_MAX, ROWS_MAX) if plan.ranking else ROWS_MAX
    kept = ordered[:limit]
    number = iter(range(1, len(kept) * len(columns) + 1))
    rows = tuple(
        tuple(
            Figure(
                id=f"f{next(number)}",
                metric=name,
                side=side,
                label=METRICS[name].label,
                value=values[key][(name, side)],
                unit=unit_of(METRICS[name], side, currency),
                key=key,
            )
            for name, side in columns
        )
        for key in kept
    )
    return Result(
        plan=plan,
        seq=seq,
        head=figures.head if seq == figures.seq else "",
        currency=currency,
        columns=columns,
        keys=tuple(kept),
        rows=rows,
        row_count=len(ordered),
        truncated=len(ordered) > ROWS_MAX and limit == ROWS_MAX,
        tickets=_tickets(figures, metrics, scope),
        tie_out=_tie_out(figures, metrics[0], plan, scope, now),
    )


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
    for fact, measures in by_fact.items():
        rows = scoped(figures, fact, scope, split)
        week_starts = figures.book.settings.book.week_starts
        totals = {name: total(rows, fact, name) for name in measures}
        if split:
            keys = [query.grouping(rows, name, week_starts).name(f"k{place}") for place, name in enumerate(split)]
            expression = rows.group_by(keys).aggregate(**totals)
        else:
            expression = rows.aggregate(**totals)
        for row in figures.rows(expression):
            key = tuple(query.shown(name, row[f"k{i}"]) for i, name in enumerate(split))
            into = found.setdefault(key, {})
            for name in measures:
                into[name] = None if row[name] is None else int(row[name])
    return found


def scoped(figures: Figures, fact: str, scope: Scope, dimensions: Iterable[str] = ()) -> Any:
    """The rows of a fact table that a scope covers, as an Ibis table."""
    rows = query.live(query.fact(figures.backend, fact), fact, scope.seq)
    rows = query.within(rows, scope.period, up_to_end=fact == "postings")
    names = [*dimensions, *(one.dimension for one in scope.filters)]
    rows = query.with_stores(rows, figures.backend.table("stores"), names)
    return query.filtered(rows, scope.filters, figures.book.settings.book.week_starts)


def total(rows: Any, fact: str, measure: str) -> Any:
    """The sum of a measure over rows; tickets counted over lines count each once."""
    if fact == "lines" and measure in ("transactions", "return_count"):
        kinds = ["return"] if measure == "return_count" else ["sale", "exchange"]
        address = rows.seq.cast("string") + "-" + rows.n.cast("string")
        return address.nunique(where=rows.kind.isin(kinds) & rows.live)
    return rows[measure].sum()


def value_of(one: Metric, measured: dict[str, int | None], currency: str) -> Decimal | None:
    """The value of a metric from its measures: money in major units, percentages as percent; None where it has none."""
    if any(measured.get(name) is None for name in one.needs) or any(measured.get(name) for name in one.unless):
        return None
    top = _signed_sum(one.sum, measured)
    if not one.is_ratio:
        return _quantity(one, top, currency)
    bottom = _signed_sum(one.per, measured)
    if bottom == 0:
        return None
    if one.unit == "percent":
        return _rounded(Decimal(top) * 100 / Decimal(bottom), 1)
    if one.unit == "money":
        return _rounded(Decimal(top).scaleb(-decimals(currency)) / Decimal(bottom), decimals(currency))
    return _rounded(Decimal(top) / MICRO / Decimal(bottom), 2)


def _signed_sum(terms: tuple[tuple[int, str], ...], measured: dict[str, int | None]) -> int:
    return sum(sign * (measured.get(name) or 0) for sign, name in terms)


def _quantity(one: Metric, amount: int, currency: str) -> Decimal:
    if one.unit == "money":
        return Decimal(amount).scaleb(-decimals(currency))
    if one.unit == "units":
        exact = Decimal(amount) / MICRO
        return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact.normalize()
    return Decimal(amount)


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


def _columns(plan: Plan) -> tuple[tuple[str, Side], ...]:
    sides: tuple[Side, ...] = ("value",) if plan.comparison is None else ("value", "before", "change", "change_rate")
    return tuple((name, side) for name in plan.metrics for side in sides)


def sides(
    metrics: Iterable[Metric], plan: Plan, now: dict[str, int | None], before: dict[str, int | None], currency: str
) -> dict[tuple[str, Side], Decimal | None]:
    """The values of some metrics from their measures in the plan's period and in its comparison, if it has one."""
    found: dict[tuple[str, Side], Decimal | None] = {}
    for one in metrics:
        value = found[(one.name, "value")] = value_of(one, now, currency)
        if plan.comparison is None:
            continue
        earlier = found[(one.name, "before")] = value_of(one, before, currency)
        found[(one.name, "change")] = None if value is None or earlier is None else value - earlier
        found[(one.name, "change_rate")] = (
            None
            if value is None or earlier is None or earlier == 0
            else _rounded((value - earlier) * 100 / abs(earlier), 1)
        )
    return found


def unit_of(one: Metric, side: Side, currency: str) -> str:
    """The unit of one side of a metric: the currency, ``%``, or what is counted."""
    if side == "change_rate":
        return "%"
    if one.unit == "percent":
        return "points" if side == "change" else "%"
    return {"money": currency, "number": "units"}.get(one.unit, one.unit)


def _ordered(
    plan: Plan, keys: list[Key], values: dict[Key, dict[tuple[str, Side], Decimal | None]], week_starts: str
) -> list[Key]:
    """Rows by the ranking; else in the order of time, of hours and weekdays; else the greatest first. Ties go by
    name."""
    by = plan.ranking.by if plan.ranking else plan.metrics[0]
    descending = plan.ranking.descending if plan.ranking else True

    def rank(key: Key) -> tuple[bool, bool, Decimal]:
        """Rows without a name come last in a ranking: what has none is no best cashier."""
        value = values[key][(by, "value")]
        nameless = plan.ranking is not None and query.NONE in key
        return nameless, value is None, Decimal(0) if value is None else -value if descending else value

    orders = [name in query.ORDERED for name in plan.dimensions]
    if plan.ranking is not None or not any(orders):
        return sorted(keys, key=lambda key: (rank(key), key))
    in_time = [place for place, ordered in enumerate(orders) if ordered]
    return sorted(
        keys,
        key=lambda key: (
            [query.order_of(plan.dimensions[place], key[place], week_starts) for place in in_time],
            rank(key),
            key,
        ),
    )


def _tickets(figures: Figures, metrics: list[Metric], scope: Scope) -> int:
    """How many tickets (of till events and balances: how many rows) lie behind a result."""
    wanted = {one.dimension for one in scope.filters}
    measure = metrics[0].measures[0]
    fact = fact_for(measure, wanted)
    if fact in ("events", "postings", "movements"):
        counted = scoped(figures, fact, scope).count()
    else:
        if fact == "lines" and wanted <= FACT_DIMENSIONS["tickets"]:
            fact = "tickets"
        rows = scoped(figures, fact, scope)
        rows = rows.filter(rows.is_void if measure in ("void_count", "void_value") else ~rows.is_void)
        counted = rows.count() if fact == "tickets" else (rows.seq * (1 << 32) + rows.n).nunique()
    return int(figures.value(counted))


TIED: dict[str, str] = {
    "gross_sales": "revenue",
    "discounts": "discounts",
    "returns": "returns",
    "net_sales": "net",
    "tax_collected": "tax",
    "service_charges": "service",
}
"""Metrics whose total stands in the ledger's accounts, too, and the accounts that hold it. Tips do not: their
account is lessened by what was paid out."""


def _tie_out(figures: Figures, one: Metric, plan: Plan, scope: Scope, now: Sums) -> TieOut | None:
    """Compare a result's total with the accounts, where its filters are such that the accounts can tell."""
    if one.name not in TIED or not {each.dimension for each in plan.filters} <= {"store", "region", "owner"}:
        return None
    total_now = sum(_signed_sum(one.sum, measured) for measured in now.values())
    chart = figures.book.chart
    accounts = {
        "revenue": sorted(chart.revenue_accounts),
        "discounts": [chart.roles["discounts"], chart.roles["comps"]],
        "returns": [chart.roles["returns"]],
        "net": sorted({*chart.revenue_accounts, *(chart.roles[name] for name in ("discounts", "comps", "returns"))}),
        "service": [chart.line_kinds["service_charge"]],
        "tax": [],
    }[TIED[one.name]]
    table = figures.backend.table("postings")
    rows = query.within(query.live(table, "postings", scope.seq), scope.period)
    rows = query.with_stores(rows, figures.backend.table("stores"), [each.dimension for each in plan.filters])
    rows = query.filtered(rows, plan.filters, figures.book.settings.book.week_starts)
    if TIED[one.name] == "tax":
        own = sorted(chart.taxes.values())
        rows = rows.filter(rows.account.startswith(chart.roles["tax"]) | rows.account.isin(own or [""]))
    else:
        rows = rows.filter(rows.account.isin(accounts))
    posted = figures.value(rows.balance.sum()) or 0
    sign = 1 if one.name in ("discounts", "returns") else -1
    difference = total_now - sign * int(posted)
    currency = figures.book.settings.book.currency
    locale = figures.book.settings.book.locale
    shown = display(total_now, currency, locale)
    if difference == 0:
        return TieOut(True, f"Ties out: {one.label} of {shown} in all is what the ledger's accounts hold.")
    return TieOut(
        False,
        f"Does not tie out: {one.label} is {shown} in all, but the ledger's accounts hold "
        f"{display(sign * int(posted), currency, locale)}; they differ by {display(difference, currency, locale)}.",
    )

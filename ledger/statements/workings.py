"""Workings: what the sheets of a statement are made with. Values come out of ordinary plans, and each cell is cited.

Many cells come out of one plan, split by account or by store and summed as ``run`` sums it; each is cited by a plan of
its own, which has the cell's own filters, so that its proof is as small as the figure. A total is the sum of such
values, cited by the plan that filters all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from ledger.errors import PlanError
from ledger.figures.cite import Citation
from ledger.figures.metrics import METRICS, metric
from ledger.figures.plan import Dimension, Figure, Filter, Period, Plan, Side
from ledger.figures.run import Sums, check_plan, sides, sums, unit_of, value_of
from ledger.figures.scope import Scope
from ledger.money import to_major
from ledger.statements.plan import Cited, Control, StatementPlan

if TYPE_CHECKING:
    from ledger.figures.copy import Figures

ROWS_MAX = 100_000
"""A statement never has more rows: a journal of 20 stores over a year has about as many. It is refused, never cut."""

Key = tuple[str, ...]
Values = dict[Key, dict[str, Decimal | None]]


class Workings:
    """The runs behind one statement, at one commit."""

    def __init__(self, figures: Figures, plan: StatementPlan, seq: int) -> None:
        self.figures = figures
        self.plan = plan
        self.seq = seq
        self.chart = figures.book.chart
        self.currency = figures.book.settings.book.currency
        self.stores = (Filter(dimension="store", values=plan.stores),) if plan.stores else ()
        self._numbers = count(1)

    @property
    def period(self) -> Period:
        return Period(start=self.plan.period.start, end=self.plan.period.end)

    @property
    def opening(self) -> Period | None:
        """Everything before the period; None where it begins with the book."""
        start = self.plan.period.start
        if start is None or start == start.min:
            return None
        return Period(end=start - timedelta(days=1))

    @property
    def closing(self) -> Period:
        return Period(end=self.plan.period.end)

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings of an amount with its comparison, where one was asked for."""
        return ("Amount",) if self.plan.comparison is None else ("Amount", "Before", "Change", "Change %")

    @property
    def before(self) -> Period | None:
        """The period of the comparison, where one was asked for."""
        comparison = self.plan.comparison
        return None if comparison is None else Period(start=comparison.start, end=comparison.end)

    def measured(
        self, metrics: tuple[str, ...], dimensions: tuple[Dimension, ...], period: Period | None, *filters: Filter
    ) -> Sums:
        """The measures of some metrics by key, as ``run`` sums them. PlanError where there are too many keys."""
        if period is None:
            return {}
        plan = self._plan(metrics, filters, period, dimensions)
        check_plan(plan)
        found = sums(self.figures, map(metric, metrics), dimensions, Scope(plan.filters, period, self.seq))
        if len(found) > ROWS_MAX:
            raise PlanError(
                f"the statement has {len(found):,} rows, more than fit; choose a shorter period or fewer stores"
            )
        return found

    def values(
        self, metrics: tuple[str, ...], dimensions: tuple[Dimension, ...], period: Period | None, *filters: Filter
    ) -> Values:
        """The values of some metrics by key."""
        return {
            key: {name: value_of(metric(name), found, self.currency) for name in metrics}
            for key, found in self.measured(metrics, dimensions, period, *filters).items()
        }

    def zero(self) -> Decimal:
        return to_major(0, self.currency)

    def cell(self, metric: str, value: Decimal | None, period: Period, *filters: Filter) -> Cited:
        """A cell of a value that was computed for some filters (the statement's stores come to them).

        No value is zero, but of a metric that has none where nothing tells it.
        """
        known = self.zero() if value is None and not METRICS[metric].needs else value
        return self._cited(self._plan((metric,), filters, period), metric, "value", known)

    def metric(self, name: str, *filters: Filter) -> Cited:
        """The cell of a metric over the period."""
        found = self.values((name,), (), self.period, *filters).get((), {})
        return self.cell(name, found.get(name), self.period, *filters)

    def sum_cell(self, metric: str, values: Iterable[Decimal | None], period: Period, *filters: Filter) -> Cited:
        """A total: the sum of values that the filters hold together."""
        known = [one for one in values if one is not None]
        return self.cell(metric, sum(known, self.zero()) if known else None, period, *filters)

    def compared(self, name: str, keys: Iterable[Key], now: Sums, before: Sums, *filters: Filter) -> tuple[Cited, ...]:
        """The cells of an amount over the period: alone, or with the comparison, the change and its rate.

        ``now`` and ``before`` are the measures of the two periods, of which those of ``keys`` are summed: they must be
        what the filters hold together.
        """
        wanted = list(keys)
        plan = self._plan((name,), filters, self.period).model_copy(update={"comparison": self.before})
        found = sides([metric(name)], plan, _summed(now, wanted), _summed(before, wanted), self.currency)
        return tuple(
            self._cited(plan, name, side, value, unit_of(metric(name), side, self.currency))
            for (_, side), value in found.items()
        )

    def control(self, sentence: str, *parts: tuple[str, int, Cited]) -> Control:
        """A control: parts with their words and signs, whose sum must be zero."""
        values = [one.figure.value * sign for _, sign, one in parts if one.figure.value is not None]
        difference = sum(values, self.zero())
        return Control(sentence, difference, tuple((words, one) for words, _, one in parts))

    def _plan(
        self,
        metrics: tuple[str, ...],
        filters: tuple[Filter, ...],
        period: Period,
        dimensions: tuple[Dimension, ...] = (),
    ) -> Plan:
        own = any(one.dimension == "store" for one in filters)
        return Plan(
            metrics=metrics,
            dimensions=dimensions,
            filters=filters if own else (*self.stores, *filters),
            period=period,
            as_of=self.seq,
        )

    def _cited(self, plan: Plan, metric: str, side: Side, value: Decimal | None, unit: str | None = None) -> Cited:
        figure = Figure(
            id=f"f{next(self._numbers)}",
            metric=metric,
            side=side,
            label=METRICS[metric].label,
            value=value,
            unit=unit or self.currency,
        )
        return Cited(figure, Citation(plan, self.seq, metric, side, ()))


def _summed(measured: Sums, keys: Iterable[Key]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for key in keys:
        for name, amount in measured.get(key, {}).items():
            found[name] = amount if found.get(name) is None else (found[name] or 0) + (amount or 0)
    return found


def of_account(*accounts: str) -> Filter:
    """Postings of some accounts."""
    return Filter(dimension="account", values=tuple(sorted(accounts)))


def of_store(store: str) -> Filter:
    return Filter(dimension="store", values=(store,))

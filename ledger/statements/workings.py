"""Workings: what the sheets of a statement are made with. Values come out of ordinary plans, and each cell is cited.

Many cells come out of one run of a plan, split by account or by store; each is cited by a plan of its own, which has
the cell's own filters, so that its proof is as small as the figure. A total is the sum of such values, cited by the
plan that filters all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from ledger.errors import PlanError
from ledger.figures.cite import Citation
from ledger.figures.metrics import METRICS
from ledger.figures.plan import Dimension, Figure, Filter, Period, Plan, Side
from ledger.figures.run import run
from ledger.money import to_major
from ledger.statements.plan import Cited, Control, StatementPlan

if TYPE_CHECKING:
    from ledger.figures.copy import Figures

Key = tuple[str, ...]
Values = dict[Key, dict[str, Decimal | None]]

SIDES: tuple[Side, ...] = ("value", "before", "change", "change_rate")


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

    def values(
        self, metrics: tuple[str, ...], dimensions: tuple[Dimension, ...], period: Period | None, *filters: Filter
    ) -> Values:
        """The values of some metrics by key. PlanError where there are more rows than a result holds."""
        if period is None:
            return {}
        result = run(self.figures, self._plan(metrics, filters, period, dimensions=dimensions))
        if result.truncated:
            raise PlanError(
                f"the statement has {result.row_count:,} rows, more than fit; choose a shorter period or fewer stores"
            )
        return {
            key: {figure.metric: figure.value for figure in row}
            for key, row in zip(result.keys, result.rows, strict=True)
        }

    def zero(self) -> Decimal:
        return to_major(0, self.currency)

    def cell(self, metric: str, value: Decimal | None, period: Period, *filters: Filter) -> Cited:
        """A cell of a value that was computed for some filters (the statement's stores come to them).

        No value is zero, but of a metric that has none where nothing tells it.
        """
        known = self.zero() if value is None and not METRICS[metric].needs else value
        return self._cited(self._plan((metric,), filters, period), metric, "value", known)

    def sum_cell(self, metric: str, values: Iterable[Decimal | None], period: Period, *filters: Filter) -> Cited:
        """A total: the sum of values that the filters hold together."""
        known = [one for one in values if one is not None]
        return self.cell(metric, sum(known, self.zero()) if known else None, period, *filters)

    def compared(self, metric: str, *filters: Filter) -> tuple[Cited, ...]:
        """The cells of an amount over the period: alone, or with the comparison, the change and its rate."""
        comparison = self.plan.comparison
        plan = self._plan((metric,), filters, self.period)
        if comparison is not None:
            plan = plan.model_copy(update={"comparison": Period(start=comparison.start, end=comparison.end)})
        result = run(self.figures, plan)
        return tuple(self._cited(plan, metric, one.side, one.value, one.unit) for one in result.figures)

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


def of_account(*accounts: str) -> Filter:
    """Postings of some accounts."""
    return Filter(dimension="account", values=tuple(sorted(accounts)))


def of_store(store: str) -> Filter:
    return Filter(dimension="store", values=(store,))

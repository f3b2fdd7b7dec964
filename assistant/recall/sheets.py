"""The figures that summaries are written from: a few plans over a whole range of days, never one a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ledger.figures import Figure, Figures, Filter, Period, Plan, Ranking
from ledger.figures.plan import Dimension

DAY = timedelta(days=1)
NONE = "(none)"

METRICS = (
    "net_sales",
    "transactions",
    "average_ticket",
    "discounts",
    "returns",
    "return_count",
    "void_count",
    "void_value",
    "tips",
    "over_short",
)
ITEM_METRICS = ("net_sales", "units_sold", "discounts", "returns")

Row = dict[str, Figure]
"""The figures of one row by metric."""


@dataclass(frozen=True)
class Sheets:
    """What the figures say about some stores, all as known at commit ``seq``."""

    figures: Figures
    seq: int
    stores: tuple[str, ...]

    def sheet(self, time: Dimension, start: date, end: date) -> dict[tuple[str, str], Row]:
        """Every metric by (store, day, week or month); rows in which nothing happened are left out."""
        return {(key[0], key[1]): row for key, row in self._happened(METRICS, ("store", time), start, end)}

    def split(
        self, metrics: tuple[str, ...], time: Dimension, by: Dimension, start: date, end: date
    ) -> dict[tuple[str, str, str], Row]:
        """Some metrics by (store, week or month, name); what has no name and where nothing happened is left out."""
        return {
            (key[0], key[1], key[2]): row
            for key, row in self._happened(metrics, ("store", time, by), start, end)
            if key[2] != NONE
        }

    def top(
        self, time: Dimension, by: Dimension, start: date, end: date, limit: int
    ) -> dict[tuple[str, str], list[tuple[str, Figure]]]:
        """The largest net sales by (store, day, week or month), at most ``limit`` names each; ties go by name."""
        found: dict[tuple[str, str], dict[str, Figure]] = {}
        for (store, when, name), row in self._rows(("net_sales",), ("store", time, by), self.stores, start, end):
            figure = row["net_sales"]
            if name != NONE and figure.value is not None and figure.value > 0:
                found.setdefault((store, when), {})[name] = figure
        return {
            key: sorted(names.items(), key=lambda one: (-(one[1].value or 0), one[0]))[:limit]
            for key, names in found.items()
        }

    def largest(
        self, metrics: tuple[str, ...], start: date, end: date
    ) -> dict[tuple[str, str], tuple[Figure, date, str]]:
        """By (store, metric): the largest figure of one ticket, its date and its number; ties go to the first."""
        best: dict[tuple[str, str], tuple[Figure, date, str]] = {}
        for (store, day, ticket), row in self._rows(
            metrics, ("store", "business_date", "ticket"), self.stores, start, end
        ):
            for name, figure in row.items():
                value = figure.value or Decimal(0)
                if ticket == NONE or value <= 0:
                    continue
                held = best.get((store, name))
                one = (figure, date.fromisoformat(day), ticket)
                if held is None or (-value, one[1], ticket) < (-(held[0].value or 0), held[1], held[2]):
                    best[(store, name)] = one
        return best

    def _happened(
        self, metrics: tuple[str, ...], dimensions: tuple[Dimension, ...], start: date, end: date
    ) -> Iterator[tuple[tuple[str, ...], Row]]:
        for key, row in self._rows(metrics, dimensions, self.stores, start, end):
            if any(figure.value for figure in row.values()):
                yield key, row

    def _rows(
        self, metrics: tuple[str, ...], dimensions: tuple[Dimension, ...], stores: Sequence[str], start: date, end: date
    ) -> Iterator[tuple[tuple[str, ...], Row]]:
        """The rows of a plan, over as many shorter periods and fewer stores as it takes for none to be cut.

        One day of one store that is cut still gives the first rows by each metric, in which the largest are.
        """
        plan = Plan(
            metrics=metrics,
            dimensions=dimensions,
            filters=(Filter(dimension="store", values=tuple(stores)),),
            period=Period(start=start, end=end),
            as_of=self.seq,
        )
        result = self.figures.run(plan)
        middle = _middle(dimensions, start, end)
        if not result.truncated:
            for key, row in zip(result.keys, result.rows, strict=True):
                yield key, {figure.metric: figure for figure in row}
        elif middle is not None:
            yield from self._rows(metrics, dimensions, stores, start, middle - DAY)
            yield from self._rows(metrics, dimensions, stores, middle, end)
        elif len(stores) > 1:
            for store in stores:
                yield from self._rows(metrics, dimensions, (store,), start, end)
        else:
            for name in metrics:
                result = self.figures.run(plan.model_copy(update={"ranking": Ranking(by=name)}))
                for key, row in zip(result.keys, result.rows, strict=True):
                    yield key, {figure.metric: figure for figure in row}


def month_start(day: date, months: int = 0) -> date:
    """The first day of a day's month, or of the month so many after it (before it, where negative)."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def month_end(day: date) -> date:
    """The last day of a day's month."""
    return month_start(day, 1) - DAY


def _middle(dimensions: tuple[Dimension, ...], start: date, end: date) -> date | None:
    """The day at which a period is cut in two without cutting a day, a week or a month; None where that cannot be."""
    if "month" in dimensions:
        months = (end.year - start.year) * 12 + end.month - start.month
        return month_start(start, (months + 1) // 2) if months else None
    step = 7 if "week" in dimensions else 1
    pieces = ((end - start).days + 1) // step
    return start + (pieces // 2) * step * DAY if pieces > 1 else None

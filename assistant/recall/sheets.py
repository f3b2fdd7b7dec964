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

Row = dict[str, Figure]
"""The figures of one row by metric."""


@dataclass(frozen=True)
class Sheets:
    """What the figures say about some stores, all as known at commit ``seq``."""

    figures: Figures
    seq: int
    stores: tuple[str, ...]

    def sheet(self, time: Dimension, start: date, end: date) -> dict[tuple[str, str], Row]:
        """Every metric by (store, day or week); rows in which nothing happened are left out."""
        found = {}
        for key, row in self._rows(METRICS, ("store", time), self.stores, start, end):
            if any(figure.value for figure in row.values()):
                found[(key[0], key[1])] = row
        return found

    def top(
        self, time: Dimension, by: Dimension, start: date, end: date, limit: int
    ) -> dict[tuple[str, str], list[tuple[str, Figure]]]:
        """The largest net sales by (store, day or week), at most ``limit`` names each; ties go by name."""
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
        step = 7 if "week" in dimensions else 1
        pieces = ((end - start).days + 1) // step
        if not result.truncated:
            for key, row in zip(result.keys, result.rows, strict=True):
                yield key, {figure.metric: figure for figure in row}
        elif pieces > 1:
            middle = start + (pieces // 2) * step * DAY
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

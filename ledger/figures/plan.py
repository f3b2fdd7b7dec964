"""``Plan``: the one typed question that everything asks and ``run`` answers, and ``Result``: what comes back.

The offline interpreter, a language model, the API, the pages and the exports all make the same ``Plan``. A plan is
data: it can be shown, stored, sent and run again, and at the same head of the book it gives the same result for ever.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ledger.errors import PlanError

ROWS_MAX = 10_000
"""A result never has more rows; one that is cut says so."""

Dimension = Literal[
    "store",
    "region",
    "owner",
    "channel",
    "register",
    "cashier",
    "customer",
    "item",
    "category",
    "subcategory",
    "tender",
    "card_brand",
    "jurisdiction",
    "account",
    "ticket",
    "hour",
    "weekday",
    "business_date",
    "week",
    "month",
    "quarter",
    "year",
    "fiscal_week",
    "fiscal_month",
    "fiscal_quarter",
    "fiscal_year",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Period(_Frozen):
    """Business dates from ``start`` to ``end``, both included; ``None`` is open on that side."""

    start: date | None = None
    end: date | None = None
    label: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"a period ends ({self.end}) before it starts ({self.start})")
        return self

    @property
    def days(self) -> int | None:
        return (self.end - self.start).days + 1 if self.start and self.end else None


class Filter(_Frozen):
    """Keep rows whose ``dimension`` is one of ``values`` (or none of them, with ``exclude``).

    Values are as the figures' copy shows them: a name, ``"17"`` for the hour from 17:00, ``"Saturday"``,
    ``"2025-03-08"``, ``"2025-03"`` for a month, ``"2025-W10"`` for a week, ``"2025-Q1"`` for a quarter; of the
    book's fiscal calendar ``"FY2025"``, ``"FY2025-Q1"``, ``"FY2025-P03"`` for a month, ``"FY2025-W10"``.
    """

    dimension: Dimension
    values: tuple[str, ...] = Field(min_length=1)
    exclude: bool = False


Side = Literal[
    "value", "before", "change", "change_rate", "share", "running", "step", "step_rate", "price", "volume", "mix"
]
"""Which number of a metric: over the plan's period; over its comparison, their difference, that as a percentage; its
share of the whole; the running total; the change from the row before, that as a percentage; what price, volume and mix
did to the change."""


class Condition(_Frozen):
    """Keep the rows whose ``metric`` is over, under or equal to a ``value`` in major units (percentages as percent).

    ``over`` and ``under`` are strict, ``at_least`` and ``at_most`` are not. A row without a value meets none.
    """

    metric: str
    op: Literal["over", "under", "at_least", "at_most", "equal"]
    value: Decimal


Fold = Literal["count", "sum", "average", "median", "highest", "lowest"]


class Each(_Frozen):
    """One number out of the groups of further dimensions: how many there are, or what their figures come to.

    Groups are those that have a row of the plan's metrics and meet all ``conditions``. ``count`` counts them (days over
    10,000 in sales, tickets over 50, items sold); the others give the sum, the average, the median, the highest or the
    lowest of the metric over them. An ``average`` over times counts the groups that have a sale, so that it is the
    metric over all of them divided by their number.
    """

    dimensions: tuple[Dimension, ...] = Field(min_length=1)
    fold: Fold
    conditions: tuple[Condition, ...] = ()


class Ranking(_Frozen):
    """Order rows by one side of a metric, or by a dimension of time, leave out the first ``skip`` and keep ``limit``.

    ``by`` is one of the plan's metrics or dimensions; of a dimension ``side`` says nothing. ``within`` are dimensions
    of the plan: the rows of each of their values are ordered and cut by themselves (the best item of each store).
    """

    by: str
    side: Side = "value"
    descending: bool = True
    skip: int = Field(default=0, ge=0, le=ROWS_MAX)
    limit: int | None = Field(default=None, ge=1, le=ROWS_MAX)
    within: tuple[Dimension, ...] = ()


class Plan(_Frozen):
    """What to compute.

    ``metrics`` are names of ``metrics.toml``, or two of them that are sums as a ratio: ``"tips / net_sales"``, a
    percentage where both have one unit. ``dimensions`` split the result into rows, ``conditions`` keep some of them,
    ``each`` folds the figures of further dimensions into one. ``comparison`` computes the same metrics over a second
    period, ``against`` over other values of the dimensions that it names (over the same period, unless there is a
    comparison, too); either adds the change and the rate of change. ``share`` adds what part each figure is, in
    percent, of the same figure without the split and the filters of the dimensions that it names (of an ``each``
    with conditions: without these). ``series`` adds to rows in the order of time their running total, or the change
    from row to row (the first, which has none before it, is left out). ``drivers`` adds to sales that are compared,
    in one row, what price, volume and mix did to their change (see ``ledger.figures.drivers``). ``as_of`` is a
    sequence number of the book (its head at that moment): what was known then. ``None`` is the present head.
    """

    metrics: tuple[str, ...] = Field(min_length=1)
    dimensions: tuple[Dimension, ...] = ()
    filters: tuple[Filter, ...] = ()
    period: Period = Period()
    comparison: Period | None = None
    against: tuple[Filter, ...] = ()
    each: Each | None = None
    conditions: tuple[Condition, ...] = ()
    share: tuple[Dimension, ...] = ()
    series: Literal["running", "steps"] | None = None
    drivers: bool = False
    ranking: Ranking | None = None
    as_of: int | None = None

    @property
    def id(self) -> str:
        """Content id: the first 16 hex digits of the SHA-256 of the plan's canonical JSON."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Figure:
    """One exact number of a result.

    ``value`` is in major units, percentages as percent, with the decimals to be shown; ``None`` where there is no
    value (a ratio over zero). ``key`` are the dimension values of its row, in the plan's order.
    """

    id: str
    metric: str
    side: Side
    label: str
    value: Decimal | None
    unit: str
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class TieOut:
    """Whether the result's total agrees with the account balances that it comes from, in a sentence."""

    agrees: bool
    sentence: str


@dataclass(frozen=True)
class Result:
    """What ``run`` gives: rows of dimension values and figures, at one head of the book.

    ``rows[i]`` belongs to ``keys[i]``; each row has one figure per (metric, side) in ``columns`` order.
    ``row_count`` counts the rows before a ranking or the limit cut them; ``truncated`` says that ``ROWS_MAX`` did. The
    rows of a ranking ``within`` dimensions stand together, in the order of time or of names.
    """

    plan: Plan
    seq: int
    head: str
    currency: str
    columns: tuple[tuple[str, Side], ...]
    keys: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[Figure, ...], ...]
    row_count: int
    truncated: bool
    tickets: int
    """Number of tickets behind the result; 0 means that the book has nothing in the period and filters."""
    tie_out: TieOut | None = None

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(figure for row in self.rows for figure in row)

    def figure(self, metric: str, side: Side, key: tuple[str, ...]) -> Figure:
        """One figure, by its metric, its side and its row. PlanError when the result has none such."""
        for one in self.figures:
            if (one.metric, one.side, one.key) == (metric, side, key):
                return one
        raise PlanError("the figure is not in its result any more; ask the question again")

"""``Evidence``: the figures that a model was shown, each with what it is a figure of and what opens it.

A figure is known by an id (``f7``). What may be said of it follows from its metric, the values that it is narrowed to
in each dimension, and its period; a sentence that says anything else of it is not let through (see ``claims``).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from typing import Literal

from ledger.errors import PlanError
from ledger.figures import METRICS, Citation, Figure, Filter, Period, Plan, Result
from ledger.figures.calendar import IN_TIME, BookCalendar
from ledger.figures.plan import Side

Kind = Literal["value", "before", "change", "change_rate", "sum", "difference", "share"]
Dates = tuple[date | None, date | None]
"""First and last business date, both included; None is open."""

SPOKEN_SIDES: tuple[Side, ...] = ("value", "before", "change", "change_rate")
ONE_ROW_A_TICKET = (
    "store", "region", "owner", "channel", "register", "cashier", "customer", "weekday", "hour", *IN_TIME,
)  # fmt: skip
"""Splits over which counts of tickets may be added: each ticket is in one row of them."""
_SPOKEN_OF = {"metrics", "dimensions", "filters", "period", "comparison", "ranking", "as_of"}
"""The fields of a plan of which a sentence can be checked; whatever else a plan has makes its figures others."""


@dataclass(frozen=True)
class Narrowed:
    """The values that a figure is narrowed to in one dimension, or those that it leaves out."""

    values: frozenset[str]
    excluded: bool = False


@dataclass(frozen=True)
class Reference:
    """What opens a figure: the kind, the reference and the address of a citation."""

    kind: Literal["plan", "entry"]
    ref: str
    url: str


@dataclass(frozen=True)
class Known:
    """A figure that may be spoken of. ``value`` is in major units, percentages as percent.

    ``when`` are the business dates that it covers; of a change, and of a difference between two periods, ``against``
    are those that it is compared with. A
    figure that was computed here from two or more others has them as ``parts``; of a difference and a share the first
    is what it speaks of. ``row`` is its place in ``result``.
    """

    id: str
    kind: Kind
    metric: str
    label: str
    value: Decimal
    unit: str
    where: Mapping[str, Narrowed]
    when: Dates
    against: Dates | None = None
    references: tuple[Reference, ...] = ()
    result: Result | None = None
    row: int = 0
    figure: Figure | None = None
    parts: tuple[Known, ...] = ()


@dataclass(frozen=True)
class Topic:
    """What an answer is about, as its reading says: what need not be said again in each of its sentences."""

    metrics: frozenset[str]
    where: Mapping[str, Narrowed]
    when: Dates
    against: Dates | None


@dataclass
class Evidence:
    """All figures that were shown to a model while one question was answered. Safe to use from several threads."""

    today: date
    currency: str
    locale: str = "en_US"
    calendar: BookCalendar = field(default_factory=BookCalendar)
    known: dict[str, Known] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    _turn: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def add(self, result: Result, rows_max: int) -> tuple[str, list[list[Known | None]]]:
        """Keep a result. Gives its id (``r2``), and for each of its first rows the figures that may be spoken of."""
        with self._turn:
            name = f"r{len(self.results) + 1}"
            self.results[name] = result
            return name, [
                [self._of_result(result, row, figure) for figure in figures]
                for row, figures in enumerate(result.rows[:rows_max])
            ]

    def cited(self, citation: Citation, label: str, value: Decimal, unit: str) -> Known:
        """Keep a figure that is cited by a narrow plan of its own, as those of summaries are."""
        with self._turn:
            return self._keep(
                citation.plan,
                Figure(id="", metric=citation.metric, side=citation.side, label=label, value=value, unit=unit,
                       key=citation.key),
                citation,
            )  # fmt: skip

    def contribution(self, whole: Known, value: Decimal, ticket: str | None, day: date | None, entry: str) -> Known:
        """Keep what one ticket adds to a figure."""
        with self._turn:
            where = dict(whole.where)
            if ticket is not None:
                where["ticket"] = Narrowed(frozenset({ticket}))
            return self._put(
                Known(
                    id="",
                    kind="value",
                    metric=whole.metric,
                    label=whole.label if ticket is None else f"{whole.label}, ticket {ticket}",
                    value=value,
                    unit=whole.unit,
                    where=where,
                    when=(day, day) if day is not None else whole.when,
                    references=(Reference("entry", entry, f"/entries/{entry}"),),
                )
            )

    def combined(self, kind: Literal["sum", "difference", "share"], names: Sequence[str]) -> Known:
        """A figure computed from others: their sum, the first less the second, or the first as a percentage of the
        second. PlanError where that would be no figure of anything."""
        with self._turn:
            missing = [name for name in names if name not in self.known]
            if missing:
                raise PlanError(f"there is no figure {missing[0]!r}")
            return self.derived(kind, [self.known[name] for name in names])

    def derived(self, kind: Literal["sum", "difference", "share"], parts: Sequence[Known]) -> Known:
        """Like ``combined``, of figures themselves."""
        with self._turn:
            return self._put(derive(kind, parts))

    def without(self, one: Known) -> None:
        """Forget a figure that was derived in vain."""
        with self._turn:
            self.known.pop(one.id, None)

    def sibling(self, one: Known, side: Side) -> Known | None:
        """The figure of another side in the same row of the same result, kept, where it has a value."""
        if one.result is None or one.figure is None:
            return None
        for figure in one.result.rows[one.row]:
            if figure.metric == one.metric and figure.side == side:
                return self._of_result(one.result, one.row, figure)
        return None

    def _of_result(self, result: Result, row: int, figure: Figure) -> Known | None:
        if figure.value is None or figure.side not in SPOKEN_SIDES or not is_plain(result.plan):
            return None
        with self._turn:
            for one in self.known.values():
                if one.figure is figure:
                    return one
            return self._keep(result.plan, figure, Citation.of(result, figure), result, row)

    def _keep(
        self, plan: Plan, figure: Figure, citation: Citation, result: Result | None = None, row: int = 0
    ) -> Known:
        assert figure.value is not None
        token = citation.token()
        period = plan.comparison if figure.side == "before" and plan.comparison else plan.period
        where, when = self._narrowed(plan, figure.key, period)
        against = None
        if figure.side in ("change", "change_rate") and plan.comparison is not None:
            against = (plan.comparison.start, plan.comparison.end)
        return self._put(
            Known(
                id="",
                kind=figure.side,  # type: ignore[arg-type]
                metric=figure.metric,
                label=_label(figure),
                value=figure.value,
                unit=figure.unit,
                where=where,
                when=when,
                against=against,
                references=(Reference("plan", token, f"/citations/{token}"),),
                result=result,
                row=row,
                figure=figure,
            )
        )

    def _narrowed(self, plan: Plan, key: tuple[str, ...], period: Period) -> tuple[dict[str, Narrowed], Dates]:
        where = filtered(plan.filters)
        when: Dates = (period.start, period.end)
        for name, value in zip(plan.dimensions, key, strict=True):
            if name in IN_TIME:
                when = _within(when, dates_of(name, value, self.calendar))
            else:
                where[name] = Narrowed(frozenset({value}))
        return where, when

    def _put(self, one: Known) -> Known:
        name = f"f{len(self.known) + 1}"
        kept = replace(one, id=name)
        self.known[name] = kept
        return kept


def derive(kind: Literal["sum", "difference", "share"], parts: Sequence[Known]) -> Known:
    """A figure computed from others; see ``Evidence.combined``. It has no id yet."""
    first = parts[0] if parts else None
    if first is None or len(parts) < 2 or (kind != "sum" and len(parts) != 2):
        raise PlanError("a sum takes two figures or more, a difference and a share take two")
    if len({one.metric for one in parts}) > 1 or any(one.kind not in ("value", "before") for one in parts):
        raise PlanError("only figures of one metric go together, and no changes")
    if kind == "sum":
        return _sum(parts)
    second = parts[1]
    if kind == "difference":
        if (first.where != second.where) + (first.when != second.when) != 1:
            raise PlanError("a difference is between two places or two periods, not both")
        unit = "points" if first.unit == "%" else first.unit
        made = _made(kind, parts, first.value - second.value, unit)
        return made if first.when == second.when else replace(made, against=second.when)
    if METRICS[first.metric].is_ratio or second.value <= 0 or first.when != second.when:
        raise PlanError("a share is of a whole that is more than nothing, of the same period, and of no ratio")
    if not _is_part(first.where, second.where):
        raise PlanError("a share is of a whole that the part belongs to")
    exact = first.value * 100 / second.value
    return _made(kind, parts, exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN), "%")


def _sum(parts: Sequence[Known]) -> Known:
    first = parts[0]
    one = METRICS[first.metric]
    split = first.result.plan.dimensions if first.result is not None else ()
    if any(each.result is not first.result or first.result is None or each.kind != "value" for each in parts):
        raise PlanError("a sum is of rows of one result, so that nothing is counted twice")
    if len({each.row for each in parts}) < len(parts) or one.is_ratio or first.metric == "balance":
        raise PlanError(f"figures of {one.label} cannot be added like that")
    if one.unit == "tickets" and not set(split) <= set(ONE_ROW_A_TICKET):
        raise PlanError("a ticket can be in several of these rows, so that they cannot be added")
    if len(split) != 1:
        raise PlanError("a sum is of rows that are split by one dimension")
    if split[0] in IN_TIME:
        days = sorted((each.when for each in parts), key=str)
        for before, after in pairwise(days):
            if before[1] is None or after[0] is None or before[1] + timedelta(days=1) != after[0]:
                raise PlanError("a sum over time is of days that follow one another")
        return _made(
            "sum", parts, sum((each.value for each in parts), Decimal(0)), first.unit, when=(days[0][0], days[-1][1])
        )
    joined = Narrowed(frozenset().union(*(each.where[split[0]].values for each in parts)))
    where = {**first.where, split[0]: joined}
    return _made("sum", parts, sum((each.value for each in parts), Decimal(0)), first.unit, where=where)


def _made(
    kind: Literal["sum", "difference", "share"],
    parts: Sequence[Known],
    value: Decimal,
    unit: str,
    where: Mapping[str, Narrowed] | None = None,
    when: Dates | None = None,
) -> Known:
    first = parts[0]
    references = tuple(dict.fromkeys(one for part in parts for one in part.references))
    return Known(
        id="",
        kind=kind,
        metric=first.metric,
        label=f"{first.label}, {kind}",
        value=value,
        unit=unit,
        where=first.where if where is None else where,
        when=first.when if when is None else when,
        references=references,
        parts=tuple(parts),
    )


def is_plain(plan: Plan) -> bool:
    """Whether the figures of a plan can be spoken of by their metric, places and period alone."""
    return (
        set(plan.model_dump(exclude_defaults=True)) <= _SPOKEN_OF
        and all(name in METRICS for name in plan.metrics)
        and not any(one.dimension in IN_TIME for one in plan.filters)
        and len({one.dimension for one in plan.filters}) == len(plan.filters)
    )


def topic_of(plan: Plan) -> Topic:
    """What an answer to a plan is about."""
    against = None if plan.comparison is None else (plan.comparison.start, plan.comparison.end)
    return Topic(frozenset(plan.metrics), filtered(plan.filters), (plan.period.start, plan.period.end), against)


def filtered(filters: Sequence[Filter]) -> dict[str, Narrowed]:
    """What filters narrow, by dimension."""
    return {one.dimension: Narrowed(frozenset(one.values), one.exclude) for one in filters}


def dates_of(dimension: str, value: str, calendar: BookCalendar) -> Dates:
    """The days that a value of a dimension of time covers; none that can be told for a value that is no such time."""
    try:
        return calendar.days_of(dimension, value)
    except PlanError:
        return None, None


def _within(outer: Dates, inner: Dates) -> Dates:
    starts = [day for day in (outer[0], inner[0]) if day is not None]
    ends = [day for day in (outer[1], inner[1]) if day is not None]
    return (max(starts) if starts else None, min(ends) if ends else None)


def _is_part(part: Mapping[str, Narrowed], whole: Mapping[str, Narrowed]) -> bool:
    """Whether what is narrowed more lies within what is narrowed less."""
    return part != whole and all(
        name in part
        and (part[name] == wide or (not (part[name].excluded or wide.excluded) and part[name].values <= wide.values))
        for name, wide in whole.items()
    )


def _label(figure: Figure) -> str:
    side = {"before": ", before", "change": ", change", "change_rate": ", change in percent"}.get(figure.side, "")
    row = f", {', '.join(figure.key)}" if figure.key else ""
    return f"{figure.label}{side}{row}"

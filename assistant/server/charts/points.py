"""What is drawn of a result: one value for each place and series, in drawing order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ledger.figures.calendar import IN_TIME, WEEKDAYS
from ledger.figures.plan import Figure, Period, Result, Side

CATEGORIES_MAX = 20
SERIES_MAX = 6
LINES: frozenset[str] = frozenset(IN_TIME)
COLUMNS: frozenset[str] = frozenset({"hour", "weekday"})


@dataclass(frozen=True)
class Point:
    at: str
    series: str
    figure: Figure


@dataclass(frozen=True)
class Chart:
    """What is drawn: one value per (at, series), in drawing order; ``left_out`` says what was not drawn."""

    dimension: str
    metric: str
    unit: str
    points: tuple[Point, ...]
    series: tuple[str, ...]
    earlier: str | None
    left_out: str


def read(result: Result) -> Chart | None:
    plan = result.plan
    if not plan.dimensions or not result.rows:
        return None
    main = _main_dimension(plan.dimensions)
    place = plan.dimensions.index(main)
    others = [index for index in range(len(plan.dimensions)) if index != place]
    metric = plan.metrics[0]
    sides: tuple[Side, ...] = ("value",) if plan.comparison is None or others else ("before", "value")
    names = _period_names(plan.period, plan.comparison)
    same_unit = _metrics_of_one_unit(result) if not others and plan.comparison is None else (metric,)
    points: list[Point] = []
    label = unit = ""
    for key, row in zip(result.keys, result.rows, strict=True):
        for figure in row:
            if figure.metric not in same_unit or figure.side not in sides or figure.value is None:
                continue
            if figure.metric == metric and figure.side == "value":
                label, unit = figure.label, figure.unit
            if others:
                series = " / ".join(key[index] for index in others)
            elif plan.comparison is not None:
                series = names[0] if figure.side == "value" else names[1]
            else:
                series = figure.label if len(same_unit) > 1 else ""
            points.append(Point(key[place], series, figure))
    ordered = plan.ranking is not None and main not in LINES
    chart = _cut(main, points, ordered=ordered)
    if len({point.at for point in chart[0]}) < 2:
        return None
    kept, left_out = chart
    series_names = tuple(dict.fromkeys(point.series for point in kept))
    earlier = names[1] if plan.comparison is not None and not others else None
    if len(same_unit) > 1:
        label = ", ".join(series_names)
    return Chart(main, label, unit, tuple(kept), series_names, earlier, left_out)


def _main_dimension(dimensions: Iterable[str]) -> str:
    """Time goes along the axis where there is time; else the first dimension."""
    names = list(dimensions)
    return next((name for name in names if name in LINES), next((n for n in names if n in COLUMNS), names[0]))


def _metrics_of_one_unit(result: Result) -> tuple[str, ...]:
    """The first metric and those that can share its axis."""
    units = {figure.metric: figure.unit for figure in result.rows[0]}
    first = result.plan.metrics[0]
    return tuple(name for name in result.plan.metrics if units.get(name) == units.get(first))[:SERIES_MAX]


def _period_names(period: Period, comparison: Period | None) -> tuple[str, str]:
    def name(one: Period) -> str:
        return one.label or " to ".join(day.isoformat() for day in (one.start, one.end) if day)

    present, before = name(period), name(comparison or Period())
    return (present or "period", before or "before") if present != before else ("period", "before")


def _cut(dimension: str, points: list[Point], *, ordered: bool) -> tuple[list[Point], str]:
    """The points that are drawn, in drawing order, and a sentence on those that are not."""
    weight: dict[str, Decimal] = {}
    for point in points:
        weight[point.series] = weight.get(point.series, Decimal(0)) + abs(point.figure.value or Decimal(0))
    notes = []
    if len(weight) > SERIES_MAX:
        heaviest = sorted(weight, key=lambda name: (-weight[name], name))[:SERIES_MAX]
        notes.append(f"The {SERIES_MAX} largest of {len(weight)} groups are drawn.")
        points = [point for point in points if point.series in heaviest]
    places = list(dict.fromkeys(point.at for point in points))
    if dimension in LINES or dimension in COLUMNS:
        rank = {name: number for number, name in enumerate(sorted(places, key=_time_order))}
    else:
        total = {place: Decimal(0) for place in places}
        for point in points:
            if point.figure.side == "value":
                total[point.at] += point.figure.value or Decimal(0)
        if not ordered:
            places.sort(key=lambda name: (-total[name], name))
        if len(places) > CATEGORIES_MAX:
            notes.append(f"The first {CATEGORIES_MAX} of {len(places)} are drawn.")
        rank = {name: number for number, name in enumerate(places[:CATEGORIES_MAX])}
    drawn = [point for point in points if point.at in rank]
    return sorted(drawn, key=lambda point: rank[point.at]), " ".join(notes)


def _time_order(value: str) -> tuple[int, str]:
    if value in WEEKDAYS:
        return WEEKDAYS.index(value), ""
    return (int(value), "") if value.isdecimal() else (0, value)

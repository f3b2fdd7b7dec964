"""A result as a chart: a Vega-Lite specification, turned into SVG on the server.

Time runs from left to right as a line; names are bars, the largest first, each with its exact value beside it. Text
takes the page's own colour and marks use tones that stand on light and dark paper alike. The SVG carries no script,
no style and no address, so that it stands in a page whose policy allows none of them. Names come from documents:
they reach Vega as data only, and the SVG is rebuilt from parsed elements with every text escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from babel import Locale
from babel.dates import format_date, get_day_names

from ledger.figures.plan import Figure, Period, Result, Side
from ledger.money import decimals, display, display_number, to_minor

CATEGORIES_MAX = 20
SERIES_MAX = 6
WIDTH, BAR_HEIGHT, LINE_HEIGHT = 640, 26, 220
LABEL_CHARACTERS_MAX = 28
TICKS_MAX = 7
POINTS_SHOWN_MAX = 31
"""A line with no more values than this marks each of them."""

COLOURS = ("#1b8a78", "#c8691c", "#4a7fc1", "#a661a8", "#8c7a1f", "#c4566b")
"""At least 3:1 against white and against the dark page's paper; lines differ in their dashes too."""
EARLIER = "#8a8f98"
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3])

LINES: frozenset[str] = frozenset({"business_date", "week", "month", "quarter", "year"})
COLUMNS: frozenset[str] = frozenset({"hour", "weekday"})
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_SVG = "http://www.w3.org/2000/svg"
_INK = "currentColor"
_FAINT = "#888888"
_KEPT = frozenset(
    [
        "class",
        "clip-path",
        "d",
        "display",
        "fill",
        "fill-opacity",
        "font-size",
        "font-weight",
        "height",
        "id",
        "opacity",
        "points",
        "r",
        "stroke",
        "stroke-dasharray",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-opacity",
        "stroke-width",
        "text-anchor",
        "transform",
        "viewBox",
        "width",
        "x",
        "x1",
        "x2",
        "y",
        "y1",
        "y2",
        "cx",
        "cy",
        "rx",
        "ry",
    ]
)
_ELEMENTS = frozenset(["svg", "g", "path", "rect", "line", "circle", "text", "tspan", "defs", "clipPath"])


@dataclass(frozen=True)
class _Point:
    at: str
    series: str
    figure: Figure


@dataclass(frozen=True)
class _Chart:
    """What is drawn: one value per (at, series), in drawing order; ``left_out`` says what was not drawn."""

    dimension: str
    metric: str
    unit: str
    points: tuple[_Point, ...]
    series: tuple[str, ...]
    earlier: str | None
    left_out: str


def svg(result: Result, *, locale: str = "en_US") -> str:
    """The chart of a result as an ``<svg>`` element, or ``""`` where there is nothing to compare: fewer than two rows
    with a value.

    Values are formatted for ``locale``; the title says what is shown and the description says its extremes and what
    was left out, for the table beside it has every row.
    """
    chart = _read(result)
    if chart is None:
        return ""
    title = _title(chart)
    description = _description(chart, locale)
    return _render(json.dumps(_specification(chart, locale), sort_keys=True), title, description)


# --- from a result to points ----------------------------------------------------------------------------------------


def _read(result: Result) -> _Chart | None:
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
    points: list[_Point] = []
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
            points.append(_Point(key[place], series, figure))
    ordered = plan.ranking is not None and main not in LINES
    chart = _cut(main, points, ordered=ordered)
    if len({point.at for point in chart[0]}) < 2:
        return None
    kept, left_out = chart
    series_names = tuple(dict.fromkeys(point.series for point in kept))
    earlier = names[1] if plan.comparison is not None and not others else None
    if len(same_unit) > 1:
        label = ", ".join(series_names)
    return _Chart(main, label, unit, tuple(kept), series_names, earlier, left_out)


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


def _cut(dimension: str, points: list[_Point], *, ordered: bool) -> tuple[list[_Point], str]:
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


# --- words ----------------------------------------------------------------------------------------------------------


def _shown(value: Decimal, unit: str, locale: str) -> str:
    if unit == "%":
        return f"{display_number(value, locale)}%"
    if len(unit) == 3 and unit.isupper():
        return display(to_minor(value, unit), unit, locale)
    return display_number(value, locale)


def _place(value: str, dimension: str, locale: str, *, full: bool) -> str:
    """A dimension's value for a person: a date in the locale's order, an hour as ``17:00``."""
    if dimension == "business_date":
        return str(format_date(date.fromisoformat(value), "medium" if full else _day_pattern(locale), locale=locale))
    if dimension == "month":
        return str(format_date(date.fromisoformat(f"{value}-01"), "LLLL y" if full else "LLL y", locale=locale))
    if dimension == "hour":
        return f"{int(value):02d}:00" if full else f"{int(value):02d}"
    if dimension == "weekday" and value in WEEKDAYS:
        width = "wide" if full else "abbreviated"
        return str(get_day_names(width, "stand-alone", locale=locale)[WEEKDAYS.index(value)])
    return value


def _day_pattern(locale: str) -> str:
    skeleton = Locale.parse(locale).datetime_skeletons.get("MMMd")
    return str(skeleton.pattern) if skeleton is not None else "d MMM"


def _title(chart: _Chart) -> str:
    by = chart.dimension.replace("_", " ")
    against = f", against {chart.earlier}" if chart.earlier else ""
    return f"{chart.metric[:1].upper()}{chart.metric[1:]} by {by}{against}"


def _description(chart: _Chart, locale: str) -> str:
    present = [point for point in chart.points if point.figure.side == "value"] or list(chart.points)
    high = max(present, key=lambda point: point.figure.value or Decimal(0))
    low = min(present, key=lambda point: point.figure.value or Decimal(0))

    def said(point: _Point) -> str:
        series = f", {point.series}" if point.series and chart.earlier is None else ""
        place = _place(point.at, chart.dimension, locale, full=True)
        return f"{_shown(point.figure.value or Decimal(0), point.figure.unit, locale)} ({place}{series})"

    return f"Highest {said(high)}, lowest {said(low)}. {chart.left_out}".strip()


# --- specification --------------------------------------------------------------------------------------------------


def _specification(chart: _Chart, locale: str) -> dict[str, Any]:
    values = [
        {
            "at": _position(point.at, chart.dimension),
            "series": point.series,
            "value": float(point.figure.value or 0),
            "shown": _shown(point.figure.value or Decimal(0), point.figure.unit, locale),
        }
        for point in chart.points
    ]
    if chart.dimension in LINES:
        drawing = _lines(chart, locale)
    elif chart.dimension in COLUMNS:
        drawing = _columns(chart, locale)
    else:
        drawing = _bars(chart)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": None,
        "padding": _padding(chart, values),
        "data": {"values": values},
        "config": {
            "view": {"stroke": None},
            "axis": {
                "labelFontSize": 12,
                "labelColor": _INK,
                "titleColor": _INK,
                "domainColor": _FAINT,
                "tickColor": _FAINT,
                "gridColor": _FAINT,
                "gridOpacity": 0.25,
                "labelLimit": 220,
            },
            "legend": {"labelFontSize": 12, "labelColor": _INK, "labelLimit": 260, "symbolStrokeWidth": 2},
            "text": {"fontSize": 12, "color": _INK},
        },
        **drawing,
    }


def _padding(chart: _Chart, values: list[dict[str, Any]]) -> dict[str, float]:
    """Room around a drawing. Labels are measured in one font and shown in the page's, which may be a fifth wider."""
    if chart.dimension in LINES or chart.dimension in COLUMNS:
        return {"left": 16, "right": 16, "top": 4, "bottom": 4}
    label = max(min(len(str(one["at"])), LABEL_CHARACTERS_MAX) for one in values)
    shown = max(len(one["shown"]) for one in values)
    return {"left": 4 + 1.5 * label, "right": 4 + 1.5 * shown, "top": 4, "bottom": 4}


def _position(value: str, dimension: str) -> str | int:
    """Days stand as far apart as they are; everything else stands in order."""
    return date.fromisoformat(value).toordinal() if dimension == "business_date" else value


def _lines(chart: _Chart, locale: str) -> dict[str, Any]:
    places = list(dict.fromkeys(point.at for point in chart.points))
    if chart.dimension == "business_date":
        ticks = _days(date.fromisoformat(places[0]), date.fromisoformat(places[-1]))
        kind: dict[str, Any] = {"type": "quantitative", "scale": {"zero": False, "nice": False}}
    else:
        step = max(1, -(-len(places) // TICKS_MAX))
        ticks = places[::step]
        kind = {"type": "ordinal", "sort": places, "scale": {"type": "point"}}
    labels = {
        str(_position(tick, chart.dimension)): _place(tick, chart.dimension, locale, full=False) for tick in ticks
    }
    x = {
        "field": "at",
        **kind,
        "axis": {
            "title": None,
            "grid": False,
            "labelAngle": 0,
            "values": [_position(tick, chart.dimension) for tick in ticks],
            "labelExpr": f"{json.dumps(labels)}[datum.value]",
            "labelOverlap": True,
        },
    }
    encoding = {"x": x, "y": _amounts(chart, locale), **_colour(chart)}
    if len(chart.series) > 1:
        encoding["strokeDash"] = {
            "field": "series",
            "type": "nominal",
            "legend": None,
            "scale": {"domain": list(chart.series), "range": [list(dash) for dash in DASHES[: len(chart.series)]]},
        }
    marked = len(places) <= POINTS_SHOWN_MAX
    mark = {"type": "line", "strokeWidth": 2, "point": {"size": 28} if marked else False}
    return {"width": WIDTH, "height": LINE_HEIGHT, "mark": mark, "encoding": encoding}


def _columns(chart: _Chart, locale: str) -> dict[str, Any]:
    places = list(dict.fromkeys(point.at for point in chart.points))
    labels = {place: _place(place, chart.dimension, locale, full=False) for place in places}
    x = {
        "field": "at",
        "type": "ordinal",
        "sort": places,
        "axis": {
            "title": None,
            "labelAngle": 0,
            "ticks": False,
            "labelExpr": f"{json.dumps(labels)}[datum.value]",
            "labelOverlap": True,
        },
        "scale": {"paddingInner": 0.25},
    }
    encoding: dict[str, Any] = {"x": x, "y": _amounts(chart, locale), **_colour(chart)}
    if len(chart.series) > 1:
        encoding["xOffset"] = {"field": "series", "sort": list(chart.series)}
    return {"width": WIDTH, "height": LINE_HEIGHT, "mark": {"type": "bar"}, "encoding": encoding}


def _bars(chart: _Chart) -> dict[str, Any]:
    places = list(dict.fromkeys(point.at for point in chart.points))
    most = LABEL_CHARACTERS_MAX
    short = f"length(datum.label) > {most} ? slice(datum.label, 0, {most - 1}) + '…' : datum.label"
    y = {
        "field": "at",
        "type": "nominal",
        "sort": places,
        "axis": {"title": None, "ticks": False, "domain": False, "labelPadding": 8, "labelExpr": short},
        "scale": {"paddingInner": 0.3, "paddingOuter": 0.15},
    }
    x = {"field": "value", "type": "quantitative", "axis": None, "scale": {"zero": True}}
    encoding: dict[str, Any] = {"y": y, "x": x}
    if len(chart.series) > 1:
        encoding["yOffset"] = {"field": "series", "sort": list(chart.series)}
    labels = [
        {
            "transform": [{"filter": f"datum.value {'<' if below else '>='} 0"}],
            "mark": {"type": "text", "align": "right" if below else "left", "dx": -5 if below else 5},
            "encoding": {"text": {"field": "shown", "type": "nominal"}},
        }
        for below in (False, True)
    ]
    return {
        "width": WIDTH - 200,
        "height": max(2, len(places)) * BAR_HEIGHT * max(1, len(chart.series)),
        "encoding": encoding,
        "layer": [{"mark": {"type": "bar"}, "encoding": _colour(chart)}, *labels],
    }


def _amounts(chart: _Chart, locale: str) -> dict[str, Any]:
    """The axis of values: a few round ones, written as the locale writes them."""
    values = [point.figure.value or Decimal(0) for point in chart.points]
    ticks = _round_values(min(*values, Decimal(0)), max(*values, Decimal(0)))
    labels = [_round_shown(tick, chart.unit, locale) for tick in ticks]
    chosen = " : ".join(
        f"abs(datum.value - ({float(tick)!r})) < 1e-9 ? {json.dumps(label)}"
        for tick, label in zip(ticks, labels, strict=True)
    )
    return {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [float(ticks[0]), float(ticks[-1])], "nice": False, "zero": False},
        "axis": {
            "title": None,
            "domain": False,
            "ticks": False,
            "values": [float(tick) for tick in ticks],
            "labelExpr": f"{chosen} : ''",
        },
    }


def _colour(chart: _Chart) -> dict[str, Any]:
    if len(chart.series) < 2:
        return {"color": {"value": COLOURS[0]}}
    colours = iter(COLOURS)
    tones = [EARLIER if name == chart.earlier else next(colours) for name in chart.series]
    legend = {"orient": "top", "title": None, "symbolType": "square", "symbolSize": 90, "columns": 3}
    scale = {"domain": list(chart.series), "range": tones}
    return {"color": {"field": "series", "type": "nominal", "scale": scale, "legend": legend}}


def _round_values(low: Decimal, high: Decimal) -> list[Decimal]:
    """Round values from below ``low`` to above ``high``: ``(0, 830)`` gives 0, 200, 400, 600, 800, 1000."""
    span = (high - low) or Decimal(1)
    power = Decimal(1).scaleb((span / 4).adjusted())
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= span / 5)
    first, last = (
        int((low / step).to_integral_value("ROUND_FLOOR")),
        int((high / step).to_integral_value("ROUND_CEILING")),
    )
    return [step * number for number in range(first, max(last, first + 1) + 1)]


def _round_shown(tick: Decimal, unit: str, locale: str) -> str:
    """A round value without idle decimals."""
    whole = tick == tick.to_integral()
    if len(unit) == 3 and unit.isupper():
        shown = display(to_minor(tick, unit), unit, locale)
        if not whole or not decimals(unit):
            return shown
        fraction = str(Locale.parse(locale).number_symbols["latn"]["decimal"]) + "0" * decimals(unit)
        return shown.replace(fraction, "", 1)
    return _shown(tick.quantize(Decimal(1)) if whole else tick.normalize(), unit, locale)


def _days(first: date, last: date) -> list[str]:
    """A few days evenly over a span, the first included."""
    step = max(1, -(-((last - first).days + 1) // TICKS_MAX))
    if step > 3:
        step = -(-step // 7) * 7
    return [(first + timedelta(days=n)).isoformat() for n in range(0, (last - first).days + 1, step)]


# --- drawing --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=128)
def _render(specification: str, title: str, description: str) -> str:
    """The SVG of a specification: drawn once and kept, for a page is looked at more often than its figures change."""
    import vl_convert  # starts a JavaScript engine: half a second at the first chart, and only then

    drawn = ElementTree.fromstring(  # noqa: S314 - made here, a moment ago
        vl_convert.vegalite_to_svg(specification, show_warnings=False, allowed_base_urls=[])
    )
    root = _clean(drawn)
    root.set("xmlns", _SVG)
    root.set("role", "img")
    root.set("aria-label", title)
    root.set("class", "chart-drawing")
    said = ElementTree.Element("desc")
    said.text = description
    named = ElementTree.Element("title")
    named.text = title
    root.insert(0, named)
    root.insert(1, said)
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element) -> ElementTree.Element:
    """A copy with nothing but shapes and text: no style, script, link or hidden element, and text in the page's
    font."""
    made = ElementTree.Element(element.tag.removeprefix(f"{{{_SVG}}}"))
    given = dict(element.attrib)
    for declaration in given.pop("style", "").split(";"):
        name, _, value = declaration.partition(":")
        given.setdefault(name.strip(), value.strip())
    for name, value in given.items():
        if name in _KEPT and name != "class" and "url(" not in value.replace("url(#", ""):
            made.set(name, value)
    made.text = element.text
    for child in element:
        name = child.tag.removeprefix(f"{{{_SVG}}}")
        invisible = child.get("opacity") == "0" or child.get("display") == "none" or child.get("d") == ""
        if name in _ELEMENTS and not invisible:
            made.append(_clean(child))
    return made

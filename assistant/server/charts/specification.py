"""The Vega-Lite specification of a chart. Names come from documents: they reach Vega as data only."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel import Locale

from assistant.server.charts.points import COLUMNS, LINES, Chart
from assistant.server.charts.words import place_name, shown
from ledger.money import decimals, display, to_minor

WIDTH, BAR_HEIGHT, LINE_HEIGHT = 640, 26, 220
LABEL_CHARACTERS_MAX = 28
TICKS_MAX = 7
POINTS_SHOWN_MAX = 31
"""A line with no more values than this marks each of them."""

COLOURS = ("#1b8a78", "#c8691c", "#4a7fc1", "#a661a8", "#8c7a1f", "#c4566b")
"""At least 3:1 against white and against the dark page's paper; lines differ in their dashes too."""
EARLIER = "#8a8f98"
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3])

_INK = "currentColor"
_FAINT = "#888888"


def specification(chart: Chart, locale: str, marked: str | None = None) -> dict[str, Any]:
    values = [
        {
            "at": _position(point.at, chart.dimension),
            "series": point.series,
            "value": float(point.figure.value or 0),
            "marked": point.at == marked,
            "shown": shown(point.figure.value or Decimal(0), point.figure.unit, locale),
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


def _padding(chart: Chart, values: list[dict[str, Any]]) -> dict[str, float]:
    """Room around a drawing. Labels are measured in one font and shown in the page's, which may be a fifth wider."""
    if chart.dimension in LINES or chart.dimension in COLUMNS:
        return {"left": 16, "right": 16, "top": 4, "bottom": 4}
    label = max(min(len(str(one["at"])), LABEL_CHARACTERS_MAX) for one in values)
    shown = max(len(one["shown"]) for one in values)
    return {"left": 4 + 1.5 * label, "right": 4 + 1.5 * shown, "top": 4, "bottom": 4}


def _position(value: str, dimension: str) -> str | int:
    """Days stand as far apart as they are; everything else stands in order."""
    return date.fromisoformat(value).toordinal() if dimension == "business_date" else value


def _lines(chart: Chart, locale: str) -> dict[str, Any]:
    places = list(dict.fromkeys(point.at for point in chart.points))
    if chart.dimension == "business_date":
        ticks = _days(date.fromisoformat(places[0]), date.fromisoformat(places[-1]))
        kind: dict[str, Any] = {"type": "quantitative", "scale": {"zero": False, "nice": False}}
    else:
        step = max(1, -(-len(places) // TICKS_MAX))
        ticks = places[::step]
        kind = {"type": "ordinal", "sort": places, "scale": {"type": "point"}}
    labels = {
        str(_position(tick, chart.dimension)): place_name(tick, chart.dimension, locale, full=False) for tick in ticks
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


def _columns(chart: Chart, locale: str) -> dict[str, Any]:
    places = list(dict.fromkeys(point.at for point in chart.points))
    labels = {place: place_name(place, chart.dimension, locale, full=False) for place in places}
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


def _bars(chart: Chart) -> dict[str, Any]:
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


def _amounts(chart: Chart, locale: str) -> dict[str, Any]:
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


def _colour(chart: Chart) -> dict[str, Any]:
    if len(chart.series) < 2:
        return {"color": {"condition": {"test": "datum.marked", "value": COLOURS[1]}, "value": COLOURS[0]}}
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
        written = display(to_minor(tick, unit), unit, locale)
        if not whole or not decimals(unit):
            return written
        fraction = str(Locale.parse(locale).number_symbols["latn"]["decimal"]) + "0" * decimals(unit)
        return written.replace(fraction, "", 1)
    return shown(tick.quantize(Decimal(1)) if whole else tick.normalize(), unit, locale)


def _days(first: date, last: date) -> list[str]:
    """A few days evenly over a span, the first included."""
    step = max(1, -(-((last - first).days + 1) // TICKS_MAX))
    if step > 3:
        step = -(-step // 7) * 7
    return [(first + timedelta(days=n)).isoformat() for n in range(0, (last - first).days + 1, step)]

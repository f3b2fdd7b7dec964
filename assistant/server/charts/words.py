"""The words of a chart: its title, its description, and names and values as the locale writes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, get_day_names

from assistant.server.charts.points import Chart, Point
from ledger.figures.calendar import WEEKDAYS
from ledger.money import display, display_number, to_minor


def shown(value: Decimal, unit: str, locale: str) -> str:
    if unit == "%":
        return f"{display_number(value, locale)}%"
    if len(unit) == 3 and unit.isupper():
        return display(to_minor(value, unit), unit, locale)
    return display_number(value, locale)


def place_name(value: str, dimension: str, locale: str, *, full: bool) -> str:
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


def title_of(chart: Chart) -> str:
    by = chart.dimension.replace("_", " ")
    against = f", against {chart.earlier}" if chart.earlier else ""
    return f"{chart.metric[:1].upper()}{chart.metric[1:]} by {by}{against}"


def description_of(chart: Chart, locale: str) -> str:
    present = [point for point in chart.points if point.figure.side == "value"] or list(chart.points)
    high = max(present, key=lambda point: point.figure.value or Decimal(0))
    low = min(present, key=lambda point: point.figure.value or Decimal(0))

    def said(point: Point) -> str:
        series = f", {point.series}" if point.series and chart.earlier is None else ""
        place = place_name(point.at, chart.dimension, locale, full=True)
        return f"{shown(point.figure.value or Decimal(0), point.figure.unit, locale)} ({place}{series})"

    return f"Highest {said(high)}, lowest {said(low)}. {chart.left_out}".strip()

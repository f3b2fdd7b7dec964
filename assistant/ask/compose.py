"""From a result to sentences. A sentence is parts: words, and figures that only the renderer turns into digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.ask.calendar import grain_of
from ledger.figures import METRICS, Figure, Filter, Period, Result
from ledger.figures.describe import dimension_name, hour_words
from ledger.figures.plan import Dimension, Side

NAMED_MAX = 3
"""How many rows of a table the text names."""

_PLACES: dict[Dimension, str] = {
    "store": "at", "item": "of", "category": "in", "subcategory": "in", "tender": "paid by", "card_brand": "paid by",
    "cashier": "by", "channel": "through", "weekday": "on", "hour": "from", "region": "in", "jurisdiction": "for",
}  # fmt: skip
_COUNTED = ("transactions", "return_count", "void_count", "units_sold", "tips", "discounts", "returns")
_SINGULAR = ("balance", "over_short", "tax_collected", "total_collected", "cogs", "void_value", "gross_profit",
             "gross_margin", "average_ticket", "units_per_transaction", "discount_rate", "return_rate",
             "payment_cost_rate")  # fmt: skip


@dataclass(frozen=True)
class Value:
    """The place of a figure in a text. ``size`` shows a change without its sign, where a word says the direction."""

    figure: Figure
    size: bool = False


Part = str | Value


def sentences(result: Result) -> list[Part]:
    """The answer to a plan as parts of a text."""
    if not result.rows:
        return [f"{_subject(result, result.plan.metrics[0])}: the book has nothing there."]
    if result.plan.dimensions:
        return _rows(result)
    made: list[Part] = []
    for place, metric in enumerate(result.plan.metrics):
        figures = [figure for figure in result.rows[0] if figure.metric == metric]
        made += [" " if place else "", *_single(result, metric, figures, full=place == 0), "."]
    return made


def when(period: Period) -> str:
    """A period as people write it: ``"in October 2023"``, ``"on Saturday 7 October 2023"``."""
    start, end = period.start, period.end
    if start is None or end is None:
        if start is None and end is None:
            return "over all dates of the book"
        return f"from {_day(start)} on" if start is not None else f"up to {_day(end)}"  # type: ignore[arg-type]
    grain = grain_of(start, end)
    if grain == "day":
        return f"on {start:%A} {_day(start)}"
    if grain == "month":
        return f"in {start:%B %Y}"
    if grain == "quarter":
        return f"in Q{(start.month + 2) // 3} {start.year}"
    if grain == "year":
        return f"in {start.year}"
    if (start.year, start.month) == (end.year, end.month):
        return f"from {start.day} to {_day(end)}"
    return f"from {_day(start) if start.year != end.year else f'{start.day} {start:%B}'} to {_day(end)}"


def where(filters: Sequence[Filter]) -> str:
    """Filters as a person would say them: ``" at Downtown paid by cash"``."""
    said = ""
    for one in filters:
        values = [_value(one.dimension, value) for value in one.values]
        if one.dimension == "hour":
            values = [hour_words(int(value) for value in one.values if value.isdigit())]
        if one.dimension == "weekday":
            values = [f"{value}s" for value in values]
        place = _PLACES.get(one.dimension, f"for {dimension_name(one.dimension)}")
        shown = values if len(values) <= NAMED_MAX + 1 else [*values[:NAMED_MAX], f"{len(values) - NAMED_MAX} more"]
        said += f" {'not ' if one.exclude else ''}{place} {listed(shown)}"
    return said


def listed(words: Sequence[str]) -> str:
    """``"a, b and c"``."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" and {words[-1]}"


def _single(result: Result, metric: str, figures: list[Figure], *, full: bool) -> list[Part]:
    by_side: dict[Side, Figure] = {figure.side: figure for figure in figures}
    value = by_side["value"]
    subject = _subject(result, metric) if full else METRICS[metric].label.capitalize()
    verb = "was" if metric in _SINGULAR else "were"
    if value.value is None:
        return [f"{subject} has no value: {_missing(metric)}"]
    made: list[Part] = [f"{subject} {verb} ", Value(value)]
    return made + _compared(result, by_side)


def _compared(result: Result, by_side: dict[Side, Figure]) -> list[Part]:
    comparison = result.plan.comparison
    if comparison is None:
        return []
    change, rate, before = by_side["change"], by_side["change_rate"], by_side["before"]
    against = f"than {when(comparison)}"
    if change.value is None or before.value is None:
        return [f"; there is no value {when(comparison)} to compare with"]
    if change.value == 0:
        return [f", the same as {when(comparison)} (", Value(before), ")"]
    word = "more" if change.value > 0 else "less"
    made: list[Part] = [", ", Value(change, size=True), f" {word} {against} ("]
    made += [Value(before)]
    return [*made, "; ", Value(rate), ")"] if rate.value is not None else [*made, ")"]


def _rows(result: Result) -> list[Part]:
    plan = result.plan
    metric = plan.ranking.by if plan.ranking else plan.metrics[0]
    names = " and ".join(dimension_name(name) for name in plan.dimensions)
    column = result.columns.index((metric, "value"))
    place = _scope(result)
    label = METRICS[metric].label
    count = len(result.rows)
    if count == 1:
        return [
            f"{label.capitalize()}{place}: ",
            *_named(result, 0, column),
            ", the only one." if result.row_count == 1 else f"{_extreme(result)} of {result.row_count}.",
        ]
    made: list[Part] = [f"{label.capitalize()} by {names}{place}: "]
    for row in range(min(count, NAMED_MAX)):
        made += [", " if row else "", *_named(result, row, column)]
    more = count - NAMED_MAX
    made.append(f" and {more} more in the table" if more > 0 else "")
    made.append(f"; {count} of {result.row_count} rows." if result.row_count > count else ".")
    return made


def _extreme(result: Result) -> str:
    return ", the highest" if result.plan.ranking is None or result.plan.ranking.descending else ", the lowest"


def _named(result: Result, row: int, column: int) -> list[Part]:
    name = " · ".join(_value(d, v) for d, v in zip(result.plan.dimensions, result.keys[row], strict=True))
    figure = result.rows[row][column]
    return [f"{name} with ", Value(figure)] if figure.value is not None else [f"{name} (no value)"]


def _subject(result: Result, metric: str) -> str:
    return f"{METRICS[metric].label.capitalize()}{_scope(result)}"


def _scope(result: Result) -> str:
    return f"{where(result.plan.filters)} {when(result.plan.period)}"


def _value(dimension: Dimension, value: str) -> str:
    if dimension == "business_date" and value[:1].isdigit():
        day = date.fromisoformat(value)
        return f"{day:%A} {_day(day)}"
    if dimension == "hour" and value.isdigit():
        return f"{int(value):02}:00 to {int(value):02}:59"
    if dimension == "month" and value[:1].isdigit():
        return f"{date.fromisoformat(value + '-01'):%B %Y}"
    return " ".join(value.split())


def _missing(metric: str) -> str:
    if METRICS[metric].needs:
        return "the source gives nothing to compute it from, and a missing value is not a zero"
    return "there is nothing to divide by"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"

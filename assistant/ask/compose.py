"""From a result to sentences. A sentence is parts: words, and figures that only the renderer turns into digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.ask.calendar import grain_of
from ledger.figures import Figure, Filter, Period, Plan, Result
from ledger.figures.describe import bounds, dimension_name, hour_words, measured
from ledger.figures.metrics import metric
from ledger.figures.plan import Dimension, Side

NAMED_MAX = 3
"""How many rows of a table the text names."""

_PLACES: dict[Dimension, str] = {
    "store": "at", "item": "of", "category": "in", "subcategory": "in", "tender": "paid by", "card_brand": "paid by",
    "cashier": "by", "channel": "through", "weekday": "on", "hour": "from", "region": "in", "jurisdiction": "for",
}  # fmt: skip
_ORDINALS = ("", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_SINGULAR = ("balance", "over_short", "tax_collected", "total_collected", "cogs", "void_value", "gross_profit",
             "gross_margin", "average_ticket", "units_per_transaction", "discount_rate", "return_rate",
             "payment_cost_rate", "credit_balance")  # fmt: skip


@dataclass(frozen=True)
class Value:
    """The place of a figure in a text. ``size`` shows a change without its sign, where a word says the direction."""

    figure: Figure
    size: bool = False


Part = str | Value


def sentences(result: Result) -> list[Part]:
    """The answer to a plan as parts of a text."""
    if not result.rows and result.plan.conditions:
        kinds = " and ".join(dimension_name(name) for name in result.plan.dimensions)
        return [f"No {kinds}{bounds(result.plan.conditions)}{_scope(result)}."]
    if not result.rows:
        return [f"{_subject(result, result.plan.metrics[0])}: the book has nothing there."]
    if result.plan.dimensions:
        return _rows(result)
    made: list[Part] = []
    for place, name in enumerate(result.plan.metrics):
        figures = [figure for figure in result.rows[0] if figure.metric == name]
        made += [" " if place else "", *_single(result, name, figures, full=place == 0), "."]
    return made


def choice(result: Result, place: int) -> list[Part]:
    """What one of several readings gives, the first at the ``place`` 0: its figure and of how many tickets that is, or
    how many rows."""
    name = f"the {('first', *_ORDINALS[1:])[place]}"
    figure = next((one for one in result.figures if one.value is not None), None)
    if figure is None:
        return [f"{name} has no figure"]
    if len(result.rows) > 1:
        return [f"{name} has {len(result.rows)} rows"]
    return [f"{name} gives ", Value(figure), f" of {result.tickets} ticket{'' if result.tickets == 1 else 's'}"]


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
        values = [key_words(one.dimension, value) for value in one.values]
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


def _single(result: Result, name: str, figures: list[Figure], *, full: bool) -> list[Part]:
    by_side: dict[Side, Figure] = {figure.side: figure for figure in figures}
    value = by_side["value"]
    subject = _subject(result, name) if full else _capital(measured(result.plan, name))
    verb = "was" if _is_one(result.plan, name) else "were"
    if value.value is None:
        return [f"{subject} has no value: {_missing(name)}"]
    made: list[Part] = [f"{subject} {verb} ", Value(value)]
    share = by_side.get("share")
    if share is not None and share.value is not None:
        return ["The share is ", Value(share), f" of {_whole(result.plan)}: {_lower(subject)} {verb} ", Value(value)]
    return made + _compared(result, by_side)


def _compared(result: Result, by_side: dict[Side, Figure]) -> list[Part]:
    if "before" not in by_side:
        return []
    change, rate, before = by_side["change"], by_side["change_rate"], by_side["before"]
    other = _other(result.plan)
    if change.value is None or before.value is None:
        return [f"; there is no value {other} to compare with"]
    if change.value == 0:
        return [f", the same as {other} (", Value(before), ")"]
    word = "more" if change.value > 0 else "less"
    made: list[Part] = [", ", Value(change, size=True), f" {word} than {other} ("]
    made += [Value(before)]
    return [*made, "; ", Value(rate), ")"] if rate.value is not None else [*made, ")"]


def _other(plan: Plan) -> str:
    """What a result is compared with: other names, another period, or both."""
    names = where(plan.against).strip()
    period = when(plan.comparison) if plan.comparison is not None else ""
    return " ".join(word for word in (names, period) if word)


def _whole(plan: Plan) -> str:
    """What a share is of: ``"all tenders"``."""
    if plan.each is not None and set(plan.share) & set(plan.each.dimensions):
        return f"all {dimension_name(plan.each.dimensions[0], plural=True)}"
    return " and ".join(f"all {dimension_name(name, plural=True)}" for name in plan.share)


def _rows(result: Result) -> list[Part]:
    plan = result.plan
    ranking = plan.ranking
    by = ranking.by if ranking is not None and ranking.by in plan.metrics else plan.metrics[0]
    names = " and ".join(dimension_name(name) for name in plan.dimensions)
    side = _told(plan)
    column = result.columns.index((by, side))
    place = _scope(result)
    label = measured(plan, by)
    count = len(result.rows)
    if count == 1:
        alone = ", the only one." if result.row_count == 1 else f"{_extreme(result)} of {result.row_count}."
        extra: list[Part] = []
        if side != "value":
            extra = [" (", Value(result.rows[0][result.columns.index((by, "value"))]), ")"]
        return [f"{_capital(label)}{place}: ", *_named(result, 0, column), *extra, alone]
    if plan.series == "steps":
        return _steps(result, by)
    kind = {"share": "share of ", "running": "running total of ", "change": "change of ", "change_rate": "change of "}
    kept = bounds(plan.conditions)
    made: list[Part] = [f"{_capital(kind.get(side, '') + label)} by {names}{kept}{place}: "]
    for row in range(min(count, NAMED_MAX)):
        made += [", " if row else "", *_named(result, row, column)]
    more = count - NAMED_MAX
    made.append(f" and {more} more in the table" if more > 0 else "")
    made.append(f"; {count} of {result.row_count} rows." if result.row_count > count else ".")
    return made


def _told(plan: Plan) -> Side:
    """Which number of each row is told first."""
    if plan.ranking is not None and plan.ranking.by in plan.metrics and plan.ranking.side != "value":
        return plan.ranking.side
    if plan.share:
        return "share"
    return "running" if plan.series == "running" else "value"


def _steps(result: Result, by: str) -> list[Part]:
    """Rows in time: the first and the last, and the change to the last from the one before it."""
    plan, last = result.plan, len(result.rows) - 1
    column = result.columns.index((by, "value"))
    made: list[Part] = [f"{_capital(measured(plan, by))}{_scope(result)}: from "]
    made += [*_named(result, 0, column), " to ", *_named(result, last, column)]
    step, rate = (result.rows[last][result.columns.index((by, side))] for side in ("step", "step_rate"))
    if step.value is not None:
        word = "more" if step.value > 0 else "less"
        made += ["; the last is ", Value(step, size=True), f" {word} than the one before"]
        made += [" (", Value(rate), ")"] if rate.value is not None else []
    return [*made, "."]


def _extreme(result: Result) -> str:
    ranking = result.plan.ranking
    if ranking is not None and ranking.by in result.plan.dimensions:
        return ", the last" if ranking.descending else ", the first"
    place = f"{_ORDINALS[ranking.skip]} " if ranking is not None and 0 < ranking.skip < len(_ORDINALS) else ""
    side = ranking.side if ranking is not None else "value"
    words = ("rise", "fall") if side in ("change", "change_rate") else ("highest", "lowest")
    word = words[0] if ranking is None or ranking.descending else words[1]
    return f", the {place}{word if word not in ('rise', 'fall') else f'largest {word}'}"


def _named(result: Result, row: int, column: int) -> list[Part]:
    name = " · ".join(key_words(d, v) for d, v in zip(result.plan.dimensions, result.keys[row], strict=True))
    figure = result.rows[row][column]
    return [f"{name} with ", Value(figure)] if figure.value is not None else [f"{name} (no value)"]


def _is_one(plan: Plan, name: str) -> bool:
    if plan.each is not None:
        return plan.each.fold != "sum"
    return name in _SINGULAR or "/" in name


def _subject(result: Result, name: str) -> str:
    return f"{_capital(measured(result.plan, name))}{_scope(result)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _scope(result: Result) -> str:
    return f"{where(result.plan.filters)} {when(result.plan.period)}"


def key_words(dimension: Dimension, value: str) -> str:
    """A value of a dimension for a person: ``"Saturday 7 October 2023"``, ``"17:00 to 17:59"``."""
    if dimension == "business_date" and value[:1].isdigit():
        day = date.fromisoformat(value)
        return f"{day:%A} {_day(day)}"
    if dimension == "hour" and value.isdigit():
        return f"{int(value):02}:00 to {int(value):02}:59"
    if dimension == "month" and value[:1].isdigit():
        return f"{date.fromisoformat(value + '-01'):%B %Y}"
    return " ".join(value.split())


def _missing(name: str) -> str:
    if metric(name).needs:
        return "the source gives nothing to compute it from, and a missing value is not a zero"
    return "there is nothing to divide by"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"

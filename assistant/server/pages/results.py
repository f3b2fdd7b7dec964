"""A result as a page shows it: each figure as text in the book's locale, with the address of its proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assistant.server.pages.formats import Formats
from ledger.figures import Citation, Figure, Plan, Result
from ledger.figures.describe import dimension_name, measured
from ledger.figures.plan import Side

ROWS_SHOWN_MAX = 500

_SIDES: dict[Side, str] = {
    "value": "", "before": "before", "change": "change", "change_rate": "change %", "share": "share",
    "price": "price effect", "volume": "volume effect", "mix": "mix effect", "running": "running total",
    "step": "from the row before", "step_rate": "from the row before, %",
}  # fmt: skip
_SIGNED = ("change", "change_rate", "step", "step_rate", "price", "volume", "mix")
_HOURS = 24


@dataclass(frozen=True)
class Cell:
    """One figure as text, and where its proof is."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Row:
    names: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ResultTable:
    """A result's rows for a table; ``note`` says where rows are not shown."""

    dimensions: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""


def table(result: Result, formats: Formats) -> ResultTable:
    """A result as a table with a link at each figure."""
    shown = list(zip(result.keys, result.rows, strict=True))[:ROWS_SHOWN_MAX]
    return ResultTable(
        dimensions=tuple(dimension_name(one) for one in result.plan.dimensions),
        columns=tuple(column_label(metric, side, result.plan) for metric, side in result.columns),
        rows=tuple(
            Row(
                tuple(key_text(one, value) for one, value in zip(result.plan.dimensions, key, strict=True)),
                tuple(cell(result, figure, formats) for figure in row),
            )
            for key, row in shown
        ),
        note=_note(result, len(shown), formats),
    )


def cell(result: Result, figure: Figure, formats: Formats) -> Cell:
    """One figure of a result, linked to its proof where it has a value."""
    return Cell(figure_text(figure, formats), proof_url(result, figure) if figure.value is not None else "")


def figure_text(figure: Figure, formats: Formats) -> str:
    """A figure's value; a change with its sign."""
    text = formats.figure(figure.value, figure.unit)
    risen = figure.side in _SIGNED and figure.value is not None and figure.value > 0
    return f"+{text}" if risen else text


def proof_url(result: Result, figure: Figure) -> str:
    """The address of a figure's proof, as of the head that the result was computed at."""
    return f"/citations/{Citation.of(result, figure).token()}"


def column_label(metric: str, side: Side, plan: Plan) -> str:
    label = measured(plan, metric)
    return f"{label}, {_SIDES[side]}" if _SIDES[side] else label


def key_text(dimension: str, value: str) -> str:
    """A dimension's value for a person: hours with their range, dates with their weekday."""
    if dimension == "hour" and value.isdecimal():
        return f"{int(value):02d}:00–{(int(value) + 1) % _HOURS:02d}:00"
    if dimension == "business_date" and value[:1].isdecimal():
        return f"{value} {date.fromisoformat(value):%a}"
    return value


def one_figure(result: Result, metric: str, side: Side = "value") -> Figure | None:
    """The figure of a metric in a result without dimensions."""
    return next((one for one in result.figures if one.metric == metric and one.side == side), None)


def _note(result: Result, shown: int, formats: Formats) -> str:
    if result.row_count <= shown:
        return ""
    return f"{formats.count(shown)} of {formats.count(result.row_count)} rows are shown."

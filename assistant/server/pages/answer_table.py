"""The table of an answer that no single plan made (a statement, what is held), each of its figures with its proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.ask import Answer
from assistant.ask.answer import CitedValue
from assistant.server.pages.formats import Formats
from assistant.server.pages.results import Cell

ROWS_SHOWN_MAX = 500


@dataclass(frozen=True)
class AnswerTable:
    """Columns, those that hold figures, and rows of cells; a figure's cell has the address of its proof."""

    columns: tuple[str, ...]
    numbers: tuple[bool, ...]
    rows: tuple[tuple[Cell, ...], ...]


def answer_table(answer: Answer, formats: Formats) -> AnswerTable | None:
    """The table of an answer; None where it has none."""
    if answer.table is None:
        return None
    urls = {one.id: one.url for one in answer.citations}
    columns = answer.table.columns
    left = list(answer.figures)
    rows = []
    for row in answer.table.rows[:ROWS_SHOWN_MAX]:
        cells = []
        for column, text in zip(columns, row, strict=True):
            figure = _figure(text, column, row, left)
            if figure is None:
                cells.append(Cell(text))
                continue
            left.remove(figure)
            cells.append(Cell(formats.figure(figure.value, figure.unit), urls.get(figure.citation, "")))
        rows.append(tuple(cells))
    numbers = tuple(any(row[place].url for row in rows) for place in range(len(columns)))
    return AnswerTable(tuple(columns), numbers, tuple(rows))


def _figure(text: str, column: str, row: Sequence[str], figures: Sequence[CitedValue]) -> CitedValue | None:
    """The figure that a cell holds: one of its value that is called by a name in its row, and best by its column, too.
    None where no figure is called so, for a link has to lead to the proof of its own figure."""
    named = [one for one in figures if one.value == text and any(name and name in one.label for name in row)]
    return next((one for one in named if column in one.label), named[0] if named else None)

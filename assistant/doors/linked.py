"""``Linked``: an answer in pieces of text and links, for the formats that other programs show.

Every figure keeps its citation: a number in the text by its mark, a number in the table by the figure of its cell.
Names in the pieces come from documents and are not escaped here; each format escapes them as it needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from assistant.ask.answer import Answer, CitedValue, Table
from ledger.errors import PlanError
from ledger.figures import Citation

Address = Callable[[str], str | None]
"""From a path of the service, such as ``/citations/eNpj``, to where it can be opened; None where it cannot."""

_Numbers = Callable[[str, tuple[str, ...], str], int | None]
"""The number of the citation of a cell, by its column, the names of its row and its text; None where it has none."""

_MARK = re.compile(r"\[(\d{1,6})\]")
_CITATION = "/citations/"


@dataclass(frozen=True)
class Piece:
    """A stretch of text; with ``url``, a link."""

    text: str
    url: str | None = None


Line = tuple[Piece, ...]


@dataclass(frozen=True)
class Linked:
    """An answer as lines of pieces. ``rows`` are those of its table that are shown, out of ``row_count``."""

    lines: tuple[Line, ...]
    columns: tuple[str, ...]
    rows: tuple[Line, ...]
    row_count: int
    choices: tuple[str, ...]
    reading: str | None


def linked(answer: Answer, address: Address, rows_max: int) -> Linked:
    """An answer with its citations as links, and at most ``rows_max`` rows of its table."""
    urls = {one.id: address(one.url) for one in answer.citations if one.url != _CITATION}
    table = answer.table
    return Linked(
        lines=tuple(tuple(_marked(line, urls)) for line in answer.text.splitlines() if line.strip()),
        columns=tuple(table.columns) if table else (),
        rows=_rows(answer, table, urls, rows_max) if table else (),
        row_count=len(table.rows) if table else 0,
        choices=tuple(answer.choices),
        reading=answer.reading,
    )


def service_address(base: str) -> Address:
    """Addresses at the service that people open at ``base``, such as ``http://127.0.0.1:8000``."""
    root = base.rstrip("/")
    return lambda path: f"{root}{path}"


def _marked(line: str, urls: dict[int, str | None]) -> Iterator[Piece]:
    """A line with its marks, ``[1]``, as pieces of their own."""
    start = 0
    for mark in _MARK.finditer(line):
        if int(mark[1]) not in urls:
            continue
        if mark.start() > start:
            yield Piece(line[start : mark.start()])
        url = urls[int(mark[1])]
        yield Piece(mark[1], url) if url else Piece(mark[0])
        start = mark.end()
    if start < len(line):
        yield Piece(line[start:])


def _rows(answer: Answer, table: Table, urls: dict[int, str | None], rows_max: int) -> tuple[Line, ...]:
    numbers = _by_key(answer) if answer.plan is not None else _in_order(answer.figures)
    names = len(answer.plan.get("dimensions", ())) if answer.plan is not None else 0
    made = []
    for row in table.rows[:rows_max]:
        cells = [
            (text, numbers(column, tuple(row[:names]), text)) for column, text in zip(table.columns, row, strict=True)
        ]
        made.append(tuple(Piece(text, urls.get(number) if number else None) for text, number in cells))
    return tuple(made)


def _by_key(answer: Answer) -> _Numbers:
    """The citations of a plan's figures, by the column and the row that they stand in."""
    found: dict[tuple[str, tuple[str, ...]], int] = {}
    for one in answer.citations:
        try:
            cited = Citation.from_token(one.ref)
        except PlanError:
            continue
        column = cited.metric if cited.side == "value" else f"{cited.metric}_{cited.side}"
        found[column, cited.key] = one.id
    return lambda column, key, _: found.get((column, key))


def _in_order(figures: Sequence[CitedValue]) -> _Numbers:
    """The citations of a table that no one plan made: its cells are cited in the order in which they stand."""
    waiting = list(reversed(figures))

    def number(_column: str, _key: tuple[str, ...], text: str) -> int | None:
        return waiting.pop().citation if waiting and waiting[-1].value == text else None

    return number

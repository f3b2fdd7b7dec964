"""A statement as CSV, one table for a program, and as XLSX, a sheet for a person.

Money stays a number, exact to its last decimal; every text goes in as text, so that a name out of a document is
never run as a formula. The same statement gives the same bytes.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from ledger.money import decimals
from ledger.spreadsheet import harmless
from ledger.statements.plan import Cited, Statement

DIGITS_MAX = 15
"""A number with more digits than a spreadsheet's numbers hold is written as text, so that none is lost."""

_NAME_WIDTH, _FIGURE_WIDTH = 44, 18
_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)


def as_rows(statement: Statement) -> list[list[object]]:
    """The statement as one table, the first row its header: section, row, kind, one column for each column that any
    section has, and the difference of a control. ``kind`` is item, total, or for a control ok or wrong."""
    columns = list(dict.fromkeys(name for section in statement.sections for name in section.columns))
    rows: list[list[object]] = [["section", "row", "kind", *(_column(name) for name in columns), "difference"]]
    for section in statement.sections:
        for row in section.rows:
            cells = {name: _value(cell) for name, cell in zip(section.columns, row.cells, strict=True)}
            kind = "total" if row.total else "item"
            rows.append([section.title, row.label, kind, *(cells.get(name) for name in columns), None])
    for control in statement.controls:
        kind = "ok" if control.agrees else "wrong"
        rows.append(["control", control.sentence, kind, *(None for _ in columns), control.difference])
    return rows


def as_csv(statement: Statement) -> bytes:
    """``as_rows`` as CSV (RFC 4180), UTF-8 with a byte order mark, for without one spreadsheets guess."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in as_rows(statement):
        writer.writerow(["" if cell is None else harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(statement: Statement) -> bytes:
    """A workbook of one sheet: title, reading, then each section with its rows, and the controls."""
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(made, options)
    book.set_properties({"title": statement.title, "created": statement.recorded_at or _EPOCH})
    _Sheet(book, statement).write()
    book.close()
    return made.getvalue()


class _Sheet:
    """The sheet of a workbook while it is written, row by row."""

    def __init__(self, book: Any, statement: Statement) -> None:
        places = decimals(statement.currency)
        money = "#,##0" + (f".{'0' * places}" if places else "")
        self.statement = statement
        self.sheet = book.add_worksheet(statement.title[:31])
        self.row = 0
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.soft = book.add_format({"font_color": "#5d6269"})
        self.heading = book.add_format({"bold": True, "font_size": 12})
        self.name_head = book.add_format({"bold": True, "bottom": 1})
        self.head = book.add_format({"bold": True, "bottom": 1, "align": "right", "text_wrap": True})
        self.plain = book.add_format({})
        self.bold = book.add_format({"bold": True, "top": 1})
        self.formats = {
            (unit, total): book.add_format(
                {"num_format": '0.0"%"' if unit == "%" else money, "align": "right"}
                | ({"bold": True, "top": 1} if total else {})
            )
            for unit in ("%", statement.currency)
            for total in (False, True)
        }
        self.good = book.add_format({"font_color": "#0b6455"})
        self.bad = book.add_format({"font_color": "#a4231c", "bold": True})

    def write(self) -> None:
        statement, sheet = self.statement, self.sheet
        widest = max((len(section.columns) for section in statement.sections), default=1)
        sheet.set_column(0, 0, _NAME_WIDTH)
        sheet.set_column(1, widest, _FIGURE_WIDTH)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        self._line(statement.title, self.title)
        self._line(f"{statement.reading}; amounts in {statement.currency}", self.soft)
        for section in statement.sections:
            self.row += 1
            self._line(section.title, self.heading)
            sheet.write_string(self.row, 0, section.row_name, self.name_head)
            for place, name in enumerate(section.columns, start=1):
                sheet.write_string(self.row, place, name, self.head)
            self.row += 1
            for row in section.rows:
                sheet.write_string(self.row, 0, row.label, self.bold if row.total else self.plain)
                for place, cell in enumerate(row.cells, start=1):
                    self._cell(place, cell, row.total)
                self.row += 1
        self.row += 1
        for control in statement.controls:
            word = "agrees" if control.agrees else f"wrong by {control.difference}"
            self._line(f"{control.sentence} ({word})", self.good if control.agrees else self.bad)
        for note in statement.notes:
            self._line(note, self.soft)

    def _line(self, text: str, style: Any) -> None:
        self.sheet.write_string(self.row, 0, text, style)
        self.row += 1

    def _cell(self, place: int, cell: Cited | None, total: bool) -> None:
        unit = cell.figure.unit if cell is not None else self.statement.currency
        style = self.formats[(unit, total)]
        value = _value(cell)
        if value is None:
            self.sheet.write_blank(self.row, place, None, style)
        elif len(value.as_tuple().digits) > DIGITS_MAX:
            self.sheet.write_string(self.row, place, str(value), style)
        else:
            self.sheet.write_number(self.row, place, value, style)


def _value(cell: Cited | None) -> Decimal | None:
    return None if cell is None else cell.figure.value


def _column(name: str) -> str:
    """A heading as the name of a column: ``_column("Opening balance") == "opening_balance"``."""
    return name.lower().replace(" %", "_percent").replace("/", "_").replace(" ", "_").replace("-", "_")

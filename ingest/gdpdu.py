"""Data sets that describe themselves: CSV files beside an ``index.xml`` that says how each is written, as German tax
offices want them (the GDPdU description standard, of which DSFinV-K is a use).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.records import TEXT_MAX, Unreadable, said, scaled
from ingest.xml_text import Element, records
from ledger.errors import DocumentError

Line = dict[str, str]


@dataclass(frozen=True)
class Table:
    """How a file is written, by ``index.xml``."""

    delimiter: str = ";"
    quote: str = '"'
    decimal: str = ","
    grouping: str = "."
    first: int = 2
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """A record of a file: its cells, and its place."""

    cells: Line
    place: str
    table: Table

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")

    def amount(self, name: str, places: int) -> int:
        """A number of the record, exact to so many decimals."""
        written, group = self[name], self.table.grouping
        if group and group in written and not re.fullmatch(rf"-?\d{{1,3}}(\{group}\d{{3}})+(\D\d+)?", written):
            raise Unreadable(f"{name} is {said(written)}, which index.xml does not describe ({self.place})")
        made = scaled(written.replace(group, "").replace(self.table.decimal, ".") or "0", places)
        if made is None:
            raise Unreadable(f"{name} is {said(self[name])}, no number with {places} decimals at most ({self.place})")
        return made

    def text(self, name: str) -> str | None:
        if len(self[name]) > TEXT_MAX or "\0" in self[name]:
            raise Unreadable(f"{name} is no text of a receipt ({self.place})")
        return self[name] or None


def read(path: str, content: bytes, table: Table, name: str, needed: tuple[str, ...]) -> Iterator[Record]:
    """The records of a file, ``path`` in the archive ``name``. DocumentError where it lacks a column that is needed, or
    a row has not as many cells as there are columns."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    rows = csv.reader(io.StringIO(text), delimiter=table.delimiter, quotechar=table.quote)
    header: list[str] = list(table.columns) if table.first == 1 else []
    number = 0
    while True:
        number += 1
        try:
            cells = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            raise DocumentError(f"{name}: {path} row {number} cannot be read: {error}") from None
        if number < table.first:
            header = [cell.strip() for cell in cells]
            continue
        if number == table.first:
            missing = next((column for column in needed if column not in header), None)
            if missing is not None:
                raise DocumentError(f"{name}: {path} has no column {missing!r}")
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise DocumentError(
                f"{name}: {path} row {number} has {len(cells)} cells where there are {len(header)} columns"
            )
        yield Record(dict(zip(header, map(str.strip, cells), strict=True)), f"{path} row {number}", table)


def tables(index: bytes, name: str) -> dict[str, Table]:
    """How each file is written. DocumentError where ``index.xml`` cannot be read."""
    found: dict[str, Table] = {}
    for _, media in records(io.BytesIO(index), f"{name}: index.xml", "Media", typed=True):
        for table in media.all("Table"):
            url = table.first("URL")
            form = table.first("VariableLength")
            if url is None or form is None:
                continue
            start = table.first("Range")
            first = None if start is None else start.first("From")
            columns = [
                one.first("Name") for one in form.children if one.name in ("VariablePrimaryKey", "VariableColumn")
            ]
            found[url.text.rpartition("/")[2].lower()] = Table(
                _sign(form, "ColumnDelimiter", ";"),
                _sign(form, "TextEncapsulator", '"'),
                _sign(table, "DecimalSymbol", ","),
                _sign(table, "DigitGroupingSymbol", "."),
                2 if first is None else min(max(scaled(first.text, 0) or 2, 1), 2),
                tuple(one.text for one in columns if one is not None),
            )
    return found


def _sign(holder: Element, name: str, usually: str) -> str:
    """A sign that ``index.xml`` names, one character, or the usual one."""
    inside = holder.first(name)
    return usually if inside is None or len(inside.text) != 1 or inside.text.isalnum() else inside.text

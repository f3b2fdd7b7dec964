"""Staging: files of rows laid out so that whole tickets can be read in batches, in bounded memory, whatever their size.

A file goes into a temporary DuckDB database as texts with its row numbers (the header is row 1, a record is one
row). Where the rows of a ticket do not stand together they are brought together on disk. A malformed record (too
many or too few cells) is kept out with its row number; the rest goes on.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingest.headers import HEADER_ROWS_MAX, header_row
from ingest.text import delimiter_of, encoding_of
from ledger.errors import DocumentError

ROW = "_row"
TICKET = "_ticket"
MEMORY_LIMIT = "1GB"
ROWS_PER_READ = 50_000
CELL_BYTES_MAX = 10 << 20

csv.field_size_limit(min(CELL_BYTES_MAX, sys.maxsize))

XLSX_MAGIC = b"PK\x03\x04"
_NO_DAY = re.compile(r"^(1899-12-3[01]|1900-01-00)[ T](?=\d\d:\d\d)")
"""What a spreadsheet's time of day has before it: the day from which it counts."""


@dataclass(frozen=True)
class Malformed:
    """A record that is no row: where, and what is wrong with it."""

    row: int
    problem: str


@dataclass
class Staged:
    """One file as a table of texts. ``notes`` are things to tell a person, such as an assumed encoding."""

    table: str
    name: str
    columns: tuple[str, ...]
    rows: int
    malformed: list[Malformed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Stage:
    """A temporary database for the files of one intake; ``close`` removes it."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self.db = duckdb.connect()  # in memory, and beyond its limit in the folder
        self.db.execute(f"SET memory_limit='{MEMORY_LIMIT}'")
        self.db.execute(f"SET temp_directory='{scratch / 'spill'}'")
        self.db.execute("SET preserve_insertion_order=true")
        self.db.execute("SET enable_progress_bar=false")  # it would be written to stdout, amid what --json promises
        self._count = 0

    def close(self) -> None:
        self.db.close()

    def load(self, path: Path, name: str, *, encoding: str | None = None, delimiter: str | None = None) -> Staged:
        """Stage a CSV or XLSX file. DocumentError names the file and why it cannot be read as rows."""
        self._count += 1
        table = f"file_{self._count}"
        with path.open("rb") as file:
            head = file.read(4)
        if not head:
            raise DocumentError(f"{name} is empty")
        if head == XLSX_MAGIC:
            cells = list(xlsx_rows(path.read_bytes(), name))
            return self._load_rows(table, name, iter(cells), [], header_row(cells[:HEADER_ROWS_MAX]))
        notes: list[str] = []
        with path.open("rb") as file:
            told = encoding or encoding_of(file)
        if told == "cp1252" and encoding is None:
            notes.append(
                f"{name} is not UTF-8; it was read as Windows-1252. Set 'encoding' in the mapping if that is wrong."
            )
        plain = self._as_utf8(path, told, name)
        with plain.open("r", encoding="utf-8", errors="replace", newline="") as text:
            sample = text.read(1 << 16)
        if "\0" in sample:
            raise DocumentError(f"{name} is not a text file; give a CSV or XLSX file")
        parted_by = delimiter or delimiter_of(sample)
        leading = _leading_rows(sample, parted_by, name)
        place = header_row(leading)
        header = _header(leading[place] if leading else (), name)
        if place == 0 and not _needs_care(plain):
            staged = self._load_fast(table, name, plain, header, parted_by, notes)
            if staged is not None:
                return staged
        with plain.open("r", encoding="utf-8", errors="replace", newline="") as text:
            # Not a generator: that would end at the first record that cannot be read, and the rest go unseen.
            rows = map(tuple, csv.reader((line.replace("\0", "") for line in text), delimiter=parted_by))
            return self._load_rows(table, name, rows, notes, place)

    def _load_fast(
        self, table: str, name: str, path: Path, header: tuple[str, ...], delimiter: str, notes: list[str]
    ) -> Staged | None:
        """Load a clean file with DuckDB's reader; None where any record is not as its header says."""
        columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in header)
        try:
            self.db.execute(
                f"CREATE TABLE {table}_rows AS SELECT * FROM read_csv("  # noqa: S608
                f"{literal(str(path))}, columns={{{columns}}}, header=true, delim={literal(delimiter)}, quote='\"', "
                f"escape='\"', auto_detect=false, strict_mode=true, max_line_size={CELL_BYTES_MAX}, nullstr='')"
            )
        except duckdb.Error:
            self.db.execute(f"DROP TABLE IF EXISTS {table}_rows")
            return None
        # The database's own numbers of rows, from 0 in the file's order: to count them would take one thread for all.
        filled = f"coalesce({', '.join(map(quoted, header))}) IS NOT NULL"  # a row of delimiters alone is a blank one
        total, blank = self.db.execute(
            f"SELECT count(*), count(*) FILTER (NOT {filled}) FROM {table}_rows"  # noqa: S608
        ).fetchall()[0]
        only = f" WHERE {filled}" if blank else ""
        self.db.execute(f"CREATE VIEW {table} AS SELECT rowid + 2 AS {ROW}, * FROM {table}_rows{only}")  # noqa: S608
        return Staged(table, name, header, total - blank, [], notes)

    def _load_rows(
        self, table: str, name: str, rows: Iterator[tuple[str, ...]], notes: list[str], above: int
    ) -> Staged:
        """Load record by record, keeping malformed ones out: slower, and right for any file. ``above`` is how many
        rows stand above the header."""
        for _ in range(above):
            next(rows)
        header = _header(next(rows, ()), name)
        listed = ", ".join(f"{quoted(column)} VARCHAR" for column in header)
        self.db.execute(f"CREATE TABLE {table} ({ROW} BIGINT, {listed})")
        malformed: list[Malformed] = []
        good: list[tuple[int | str | None, ...]] = []
        total = 0
        schema = {ROW: pl.Int64, **dict.fromkeys(header, pl.String)}

        def flush() -> None:
            nonlocal total
            total += len(good)
            frame = pl.DataFrame(good, schema=schema, orient="row").to_arrow()  # noqa: F841 (read by DuckDB by name)
            self.db.execute(f"INSERT INTO {table} SELECT * FROM frame")  # noqa: S608
            good.clear()

        number = above + 1
        while True:
            number += 1
            try:
                cells = next(rows)
            except StopIteration:
                break
            except csv.Error as error:
                malformed.append(Malformed(number, f"it cannot be read: {error}"))
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                malformed.append(Malformed(number, f"it has {len(cells)} cells where the header has {len(header)}"))
                continue
            good.append((number, *(cell or None for cell in cells)))
            if len(good) >= ROWS_PER_READ:
                flush()
        flush()
        return Staged(table, name, header, total, malformed, notes)

    def _as_utf8(self, path: Path, encoding: str, name: str) -> Path:
        if encoding == "utf-8":
            return path
        target = self._scratch / f"utf8-{self._count}.csv"
        try:
            with (
                path.open("r", encoding=encoding, newline="") as source,
                target.open("w", encoding="utf-8", newline="") as out,
            ):
                while part := source.read(1 << 20):
                    out.write(part)
        except (UnicodeDecodeError, UnicodeError) as error:
            raise DocumentError(f"{name} is not {encoding} text ({error}); set 'encoding' in the mapping") from None
        except LookupError:
            raise DocumentError(f"{encoding!r} is not an encoding that Python knows; mend 'encoding'") from None
        return target

    def whole_tickets(self, staged: Staged, key: Sequence[str], tickets_per_batch: int) -> Iterator[pl.DataFrame]:
        """The rows of a file in batches of whole tickets, numbered in ``_ticket`` from 0 within each batch.

        ``key`` are the columns whose values make a ticket; tickets come in the order of their first rows.
        """
        table = self._grouped(staged, key)
        waiting: pl.DataFrame | None = None
        names = [ROW, *staged.columns]
        query = f"SELECT {', '.join(map(quoted, names))} FROM {table}"  # noqa: S608
        reader: Any = self.db.cursor().sql(query).to_arrow_reader(ROWS_PER_READ)
        for part in reader:
            rows = _frame(part)
            waiting = rows if waiting is None else pl.concat([waiting, rows])
            runs = _runs(waiting, key)
            last = int(runs[-1])
            if last >= tickets_per_batch:
                whole = runs < last
                yield waiting.filter(whole).with_columns(runs.filter(whole).alias(TICKET))
                waiting = waiting.filter(~whole)
        if waiting is not None and waiting.height:
            yield waiting.with_columns(_runs(waiting, key).alias(TICKET))

    def _grouped(self, staged: Staged, key: Sequence[str]) -> str:
        """A table with the rows of each ticket together: the file's own where they are, else a sorted copy."""
        keys = ", ".join(map(quoted, key))
        # Grouped, not ordered by a window: groups beyond the memory's limit go to the disk, a whole window does not.
        (together,) = self.db.execute(
            f"SELECT bool_and(last - first + 1 = n) FROM (SELECT min({ROW}) AS first, max({ROW}) AS last, "  # noqa: S608
            f"count(*) AS n FROM {staged.table} GROUP BY {keys})"
        ).fetchall()[0]
        if together is not False:
            return staged.table
        self.db.execute(
            f"CREATE TABLE {staged.table}_grouped AS SELECT f.* FROM {staged.table} f JOIN "  # noqa: S608
            f"(SELECT {keys}, min({ROW}) AS first FROM {staged.table} GROUP BY {keys}) g "
            f"ON {' AND '.join(f'f.{quoted(k)} IS NOT DISTINCT FROM g.{quoted(k)}' for k in key)} "
            f"ORDER BY g.first, f.{ROW}"
        )
        return f"{staged.table}_grouped"

    def number_by(self, parent: Staged, parent_key: str, child: Staged, child_key: str) -> None:
        """Sort a file of details by the row of its ticket, so that the details of a batch are one range of rows."""
        self.db.execute(
            f"CREATE OR REPLACE TABLE {child.table}_of AS SELECT p.{ROW} AS parent_row, c.* "  # noqa: S608
            f"FROM {child.table} c LEFT JOIN (SELECT {quoted(parent_key)} AS k, min({ROW}) AS {ROW} "
            f"FROM {parent.table} GROUP BY k) p ON c.{quoted(child_key)} = p.k ORDER BY p.{ROW}, c.{ROW}"
        )

    def details(self, child: Staged, first: int, last: int) -> pl.DataFrame:
        """The rows of a numbered file of details whose tickets stand from row ``first`` to ``last``."""
        return _frame(
            self.db.sql(
                f"SELECT * FROM {child.table}_of WHERE parent_row BETWEEN {first} AND {last}"  # noqa: S608
            ).to_arrow_table()
        )

    def all_rows(self, staged: Staged) -> pl.DataFrame:
        """All rows of a small file, in order."""
        return _frame(self.db.sql(f"SELECT * FROM {staged.table} ORDER BY {ROW}").to_arrow_table())  # noqa: S608

    def orphans(self, child: Staged, child_key: str) -> list[tuple[int, str | None]]:
        """Rows of details whose ticket is not there, with the number that they give."""
        return self.db.execute(
            f"SELECT {ROW}, {quoted(child_key)} FROM {child.table}_of WHERE parent_row IS NULL ORDER BY {ROW}"  # noqa: S608
        ).fetchall()

    def repeated(self, staged: Staged, key: str) -> list[tuple[int, str | None]]:
        """Rows that give a key that an earlier row of the file gave."""
        return self.db.execute(
            f"SELECT {ROW}, {quoted(key)} FROM (SELECT *, row_number() OVER "  # noqa: S608
            f"(PARTITION BY {quoted(key)} ORDER BY {ROW}) AS nth FROM {staged.table}) WHERE nth > 1 ORDER BY {ROW}"
        ).fetchall()

    def delivered_again(self, staged: Staged, key: Sequence[str], delivery: str) -> list[tuple[int, str | None, str]]:
        """Of each ticket that comes in more than one delivery of a file, for every later one: the first row, the
        ticket's number and the delivery."""
        keys = ", ".join(map(quoted, key))
        return self.db.execute(
            f"SELECT min({ROW}), any_value({quoted(key[0])}), {quoted(delivery)} FROM ({self._by_delivery(staged, key, delivery)}) "  # noqa: S608, E501
            f"WHERE {quoted(delivery)} IS DISTINCT FROM first_of GROUP BY {keys}, {quoted(delivery)} ORDER BY 1"
        ).fetchall()

    def first_delivered(self, staged: Staged, key: Sequence[str], delivery: str) -> Staged:
        """The rows of a file but those of a ticket that an earlier delivery of it brought."""
        table = f"{staged.table}_first"
        listed = ", ".join(map(quoted, [ROW, *staged.columns]))
        self.db.execute(
            f"CREATE TABLE {table} AS SELECT {listed} FROM ({self._by_delivery(staged, key, delivery)}) "  # noqa: S608
            f"WHERE {quoted(delivery)} IS NOT DISTINCT FROM first_of ORDER BY {ROW}"
        )
        return replace(staged, table=table)

    def _by_delivery(self, staged: Staged, key: Sequence[str], delivery: str) -> str:
        keys = ", ".join(map(quoted, key))
        return (
            f"SELECT *, first_value({quoted(delivery)}) OVER (PARTITION BY {keys} ORDER BY {ROW}) AS first_of "  # noqa: S608
            f"FROM {staged.table}"
        )

    def without_copies(self, child: Staged, child_key: str, parent: Staged, parent_key: str) -> Staged:
        """The rows of a file of details but those that are copies of an earlier one, of tickets that stand twice."""
        table = f"{child.table}_single"
        listed = ", ".join(map(quoted, child.columns))
        self.db.execute(
            f"CREATE TABLE {table} AS SELECT * FROM {child.table} QUALIFY row_number() OVER "  # noqa: S608
            f"(PARTITION BY {listed} ORDER BY {ROW}) = 1 OR {quoted(child_key)} NOT IN (SELECT {quoted(parent_key)} "
            f"FROM {parent.table} WHERE {quoted(parent_key)} IS NOT NULL GROUP BY 1 HAVING count(*) > 1) ORDER BY {ROW}"
        )
        return replace(child, table=table)

    def without_repeated(self, staged: Staged, key: str) -> Staged:
        """The rows of a file but those that give a key which an earlier row gave."""
        table = f"{staged.table}_once"
        self.db.execute(
            f"CREATE TABLE {table} AS SELECT * FROM {staged.table} "  # noqa: S608
            f"QUALIFY row_number() OVER (PARTITION BY {quoted(key)} ORDER BY {ROW}) = 1 ORDER BY {ROW}"
        )
        return replace(staged, table=table)

    def with_empty(self, staged: Staged, columns: Sequence[str]) -> Staged:
        """A file with those of some columns that it does not have, all empty."""
        missing = [one for one in columns if one not in staged.columns]
        if not missing:
            return staged
        table = f"{staged.table}_filled"
        added = ", ".join(f"NULL::VARCHAR AS {quoted(one)}" for one in missing)
        self.db.execute(f"CREATE VIEW {table} AS SELECT *, {added} FROM {staged.table}")  # noqa: S608
        return replace(staged, table=table, columns=(*staged.columns, *missing))

    def look_up(self, staged: Staged, name: str, column: str, other: Staged, other_column: str) -> Staged:
        """A file with the columns of another beside its own, as ``name.column``, joined by a key."""
        taken = ", ".join(f"o.{quoted(c)} AS {quoted(f'{name}.{c}')}" for c in other.columns)
        table = f"{staged.table}_{re.sub(r'[^a-z0-9]', '', name.lower())}"
        self.db.execute(
            f"CREATE TABLE {table} AS SELECT s.*, {taken} FROM {staged.table} s LEFT JOIN "  # noqa: S608
            f"(SELECT * FROM {other.table} QUALIFY row_number() OVER "
            f"(PARTITION BY {quoted(other_column)} ORDER BY {ROW}) = 1) o "
            f"ON s.{quoted(column)} = o.{quoted(other_column)} ORDER BY s.{ROW}"
        )
        columns = (*staged.columns, *(f"{name}.{c}" for c in other.columns))
        return Staged(table, staged.name, columns, staged.rows, staged.malformed, staged.notes)


def xlsx_rows(content: bytes, name: str) -> Iterator[tuple[str, ...]]:
    """Rows of the first sheet of a spreadsheet, as texts, the header first."""
    import fastexcel

    try:
        sheet = fastexcel.read_excel(content).load_sheet(0, header_row=None, dtypes="string").to_polars()
    except Exception as error:  # the reader's own error types are not public
        told = str(error).partition("\n")[0]
        raise DocumentError(f"{name} cannot be read as a spreadsheet: {told}") from None
    for row in sheet.iter_rows():
        yield tuple("" if cell is None else _NO_DAY.sub("", str(cell)) for cell in row)


def _leading_rows(sample: str, delimiter: str, name: str) -> list[tuple[str, ...]]:
    """The first rows of a text, blank ones among them, up to one that cannot be read."""
    rows = csv.reader(io.StringIO(sample), delimiter=delimiter)
    leading: list[tuple[str, ...]] = []
    try:
        leading.extend(map(tuple, itertools.islice(rows, HEADER_ROWS_MAX)))
    except csv.Error as error:
        if not leading:
            raise DocumentError(f"the first row of {name} names no columns: {error}") from None
    return leading


def _header(cells: Sequence[str], name: str) -> tuple[str, ...]:
    header = tuple(cell.strip().lstrip("\ufeff") for cell in cells)
    if not any(header):
        raise DocumentError(f"{name} has no header row; its first row must name the columns")
    named = [cell or f"column {place}" for place, cell in enumerate(header, start=1)]
    twice = {cell for cell in named if sum(cell.lower() == other.lower() for other in named) > 1}
    if twice:
        raise DocumentError(f"{name} has the column {min(twice)!r} twice; rename one of them")
    return tuple(named)


def _needs_care(path: Path) -> bool:
    """Whether a file has blank lines or NUL bytes, which would put row numbers out of step."""
    tail = b""
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            data = tail + part
            if b"\n\n" in data.rstrip(b"\r\n") or b"\n\r\n" in data.rstrip(b"\r\n") or b"\0" in part:
                return True
            tail = data[-2:]
    return False


def _runs(rows: pl.DataFrame, key: Sequence[str]) -> pl.Series:
    """Number of the ticket of each row, counting up from 0 wherever the key changes."""
    return rows.select((pl.struct(key).rle_id()).cast(pl.Int64)).to_series()


def _frame(part: object) -> pl.DataFrame:
    frame = pl.from_arrow(part)
    assert isinstance(frame, pl.DataFrame)
    return frame


def quoted(column: str) -> str:
    """A column's name as it stands in a query."""
    return '"' + column.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text as it stands in a query."""
    return "'" + value.replace("'", "''") + "'"

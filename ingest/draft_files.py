"""The files of a draft: what each looks like, which are tickets and lines, and which only add columns to others."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.columns import Column, column
from ingest.headers import HEADER_ROWS_MAX, header_row
from ingest.staging import XLSX_MAGIC, xlsx_rows
from ingest.text import open_text
from ledger.errors import DocumentError

SAMPLE_ROWS = 2000
KEY_WORDS = frozenset({"id", "no", "nr", "number", "code", "key", "sku", "ean", "upc", "plu"})
TICKET_WORDS = frozenset({"invoice", "receipt", "order", "check", "ticket", "basket", "transaction", "bill", "sale"})


@dataclass(frozen=True)
class Table:
    """A file to be drafted for: its name and its columns, sampled."""

    name: str
    columns: tuple[Column, ...]
    delimiter: str

    def named(self, name: str) -> Column | None:
        return next((one for one in self.columns if one.name == name), None)


@dataclass(frozen=True)
class Join:
    """A file whose rows are looked up by a column of another: ``of.column = table.key``."""

    name: str
    table: Table
    of: Table
    column: str
    key: str


def read_table(path: Path) -> Table:
    """Look at the beginning of a file. DocumentError when it cannot be read as rows with a header."""
    try:
        with path.open("rb") as file:
            if file.read(4) == XLSX_MAGIC:
                rows = list(itertools.islice(xlsx_rows(path.read_bytes(), path.name), SAMPLE_ROWS + 1))
                delimiter = ","
            else:
                file.seek(0)
                text, delimiter, _ = open_text(file)
                rows = [tuple(row) for row in itertools.islice(csv.reader(text, delimiter=delimiter), SAMPLE_ROWS + 1)]
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}") from None
    except csv.Error as error:
        raise DocumentError(f"{path} cannot be read as rows: {error}") from None
    top = header_row(rows[:HEADER_ROWS_MAX])
    if not rows or not any(rows[top]):
        raise DocumentError(f"{path.name} has no header row; its first row must name the columns")
    header, body = rows[top], [row for row in rows[top + 1 :] if len(row) == len(rows[top])]
    return Table(
        path.name,
        tuple(column(name.strip(), [row[place] for row in body]) for place, name in enumerate(header)),
        delimiter,
    )


def tickets_and_lines(tables: Sequence[Table]) -> tuple[Table, Table | None]:
    """The file of tickets and that of their lines; one flat file of both where no two files are such a pair."""
    best: tuple[int, Table, Table] | None = None
    for tickets, lines in itertools.permutations(tables, 2):
        shared = [one for one in tickets.columns if one.is_unique and repeats(lines, one)]
        timed = any(one.kind in ("instant", "date") for one in tickets.columns)
        counted = any({"qty", "quantity"} & set(one.words) for one in lines.columns)
        if not (shared and timed and counted):
            continue
        score = sum(bool(TICKET_WORDS & set(one.words)) for one in shared) * 10 + len(shared)
        if best is None or score > best[0]:
            best = (score, tickets, lines)
    if best is not None:
        return best[1], best[2]
    times = [any(one.kind in ("instant", "date") for one in table.columns) for table in tables]
    return tables[times.index(True) if True in times else 0], None


def repeats(table: Table, key: Column) -> bool:
    other = table.named(key.name)
    return other is not None and not other.is_unique


def joins(tables: Sequence[Table], used: Sequence[Table]) -> list[Join]:
    """Files that add columns to others: by a column of the same name, unique in the file that is looked up."""
    made: list[Join] = []
    reached = list(used)
    waiting = [table for table in tables if table not in reached]
    while waiting:
        found = next(((of, table, key) for of in reached for table in waiting for key in _shared(of, table)), None)
        if found is None:
            return made
        of, table, key = found
        name = slug(table.name)
        through = next((join for join in made if join.table is of), None)
        made.append(Join(name, table, through.of if through else of, f"{through.name}.{key}" if through else key, key))
        waiting.remove(table)
        reached.append(table)
    return made


def _shared(of: Table, table: Table) -> list[str]:
    return [
        one.name
        for one in table.columns
        if one.is_unique and one.words[-1:] and one.words[-1] in KEY_WORDS and (other := of.named(one.name)) is not None
        if other.kind == one.kind and not other.is_unique
    ]


def with_joined(table: Table, joins: Sequence[Join]) -> list[Column]:
    columns = list(table.columns)
    for join in joins:
        if join.of is table:
            columns += [
                Column(f"{join.name}.{one.name}", (*_words(join.name), *one.words), one.kind, (), one.distinct)
                for one in join.table.columns
                if one.name != join.key
            ]
    return columns


def slug(name: str) -> str:
    stem = "".join(letter for letter in Path(name).stem.lower() if letter.isalnum() or letter == "_")
    return stem.removesuffix("s") if len(stem) > 3 else stem or "lookup"


def _words(name: str) -> tuple[str, ...]:
    return tuple(name.split("_"))

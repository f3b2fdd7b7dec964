"""The copy as Parquet files that Spark reads: in the book's folder, which every machine of the cluster must see.

BOOK/figures/
├── state.json              the manifest: layout, commit, the files of each table
├── lines/1-12.parquet      rows that the commits 1 to 12 added
├── ...
└── reversals/1-12.parquet  what they reversed: Parquet has no UPDATE, so facts are joined with it when they are read

The manifest is written last, durably, and takes its name at once: files that it does not name are no part of the copy.
One process owns the folder.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import ibis
import polars as pl
from filelock import FileLock

from ledger import durable
from ledger.errors import BookError
from ledger.figures.engines.plain import plain_rows
from ledger.figures.engines.session import session_of
from ledger.figures.engines.tables import LAYOUT, REVERSIBLE, STORES, TABLES, State, Step, columns_in_sql

FOLDER = "figures"
MANIFEST = "state.json"
REVERSALS = "reversals"
ROWS_PER_FILE = 1_000_000
"""A file that small ones are put together into has no more rows."""

_TYPES: dict[pl.DataType, str] = {
    pl.String(): "STRING",
    pl.Int64(): "BIGINT",
    pl.Date(): "DATE",
    pl.Boolean(): "BOOLEAN",
}


def _written(schema: pl.Schema) -> pl.Schema:
    return pl.Schema({name: dtype for name, dtype in schema.items() if name != "reversed_seq"})


FILES: dict[str, pl.Schema] = {
    **{name: _written(schema) for name, schema in TABLES.items()},
    REVERSALS: pl.Schema(dict.fromkeys(("seq", "reverses_seq", "reverses_n"), pl.Int64())),
}
"""The tables as they are written."""


@dataclass(frozen=True)
class Part:
    """A file of a table: the commits whose rows it has, and how many rows."""

    first: int
    last: int
    rows: int

    @property
    def name(self) -> str:
        return f"{self.first}-{self.last}.parquet"


Parts = dict[str, list[Part]]


class Spark:
    """The copy of one book in its folder. Spark itself is started when a figure is first asked for."""

    note = ""

    def __init__(self, folder: Path, master: str, lock: FileLock) -> None:
        self.folder = folder / FOLDER
        self.master = master
        self._lock = lock
        self._stores: list[tuple[str, str | None, str | None]] = []
        self._parts: Parts = {}
        self._state: State | None = None
        self._session: Any = None
        self._backend: Any = None
        self._stale = {*TABLES, "stores"}
        """Tables whose views are to be made before they are read."""
        self._read_manifest()

    @property
    def backend(self) -> Any:
        if self._backend is None:
            self._session = session_of(self.master)
            self._backend = ibis.pyspark.connect(self._session)
        for table in self._stale:
            self._make_view(table)
        self._stale.clear()
        return self._backend

    def state(self) -> State | None:
        return self._state  # nobody else writes to it

    def make_anew(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        for table in FILES:
            (self.folder / table).mkdir(parents=True, exist_ok=True)
        self._write_manifest({table: [] for table in FILES}, State(0, ""))

    def apply(self, step: Step) -> bool:
        parts = {
            table: self._with(table, self._parts[table], frame, step)
            for table, frame in chain(step.facts.items(), [(REVERSALS, step.reversals)])
            if frame.height
        }
        self._write_manifest({**self._parts, **parts}, State(step.last, step.hash))
        return True

    def set_stores(self, stores: Sequence[tuple[str, str | None, str | None]]) -> None:
        if self._stores != list(stores):
            self._stores = list(stores)
            self._stale.add("stores")

    def rows(self, query: str, schema: Any) -> list[dict[str, Any]]:
        from pyspark.errors import PySparkException

        try:
            found = self.backend.raw_sql(query).toArrow()
        except PySparkException as error:
            reason = " ".join(str(error).split())
            raise BookError(f"Spark at {self.master} did not compute the figures: {reason[:300]}") from error
        return plain_rows(schema, zip(*(column.to_pylist() for column in found.columns), strict=True))

    @contextmanager
    def moment(self) -> Iterator[None]:
        yield  # the process that owns the copy is its only writer

    def close(self) -> None:
        self._backend = self._session = None
        self._lock.release()

    # --- files -----------------------------------------------------------------------------------------------------

    def _with(self, table: str, parts: Sequence[Part], frame: pl.DataFrame, step: Step) -> list[Part]:
        """The files of a table with rows added: as one new file, together with the last ones as long as these are no
        more than twice as large. So a row is written again but a few times, and the files stay few."""
        kept, first = list(parts), step.after + 1
        frames = [frame.select(pl.col(name).cast(dtype) for name, dtype in FILES[table].items())]
        rows = frame.height
        while kept and kept[-1].rows <= 2 * rows and kept[-1].rows + rows <= ROWS_PER_FILE:
            joined = kept.pop()
            frames.insert(0, pl.read_parquet(self.folder / table / joined.name, glob=False))
            first, rows = joined.first, rows + joined.rows
        made = Part(first, step.last, rows)
        _write(self.folder / table / made.name, pl.concat(frames).write_parquet)
        return [*kept, made]

    def _read_manifest(self) -> None:
        """What the copy has, with whatever else lies in its folder removed; nothing where it cannot be read."""
        try:
            told = json.loads((self.folder / MANIFEST).read_text("utf-8"))
            if told["layout"] != LAYOUT:
                return
            parts = {table: [Part(*part) for part in told["files"][table]] for table in FILES}
            whole = all((self.folder / table / part.name).exists() for table in FILES for part in parts[table])
            state = State(told["seq"], told["hash"]) if whole else None
        except (OSError, ValueError, KeyError, TypeError):
            return  # it is made anew: nothing is lost by it
        self._parts, self._state = parts, state
        self._remove_others()

    def _write_manifest(self, parts: Parts, state: State) -> None:
        files = {table: [[part.first, part.last, part.rows] for part in parts[table]] for table in FILES}
        told = {"layout": LAYOUT, "seq": state.seq, "hash": state.hash, "files": files}
        _write(self.folder / MANIFEST, lambda path: path.write_text(json.dumps(told), encoding="utf-8"))
        changed = {table for table in FILES if self._parts.get(table) != parts[table]}
        self._stale |= (changed - {REVERSALS}) | (set(REVERSIBLE) if REVERSALS in changed else set())
        self._parts, self._state = parts, state
        self._remove_others()

    def _remove_others(self) -> None:
        for table, parts in self._parts.items():
            names = {part.name for part in parts}
            for path in (self.folder / table).iterdir():
                if path.name not in names:
                    path.unlink()

    # --- views -----------------------------------------------------------------------------------------------------

    def _make_view(self, table: str) -> None:
        if table == "stores":
            rows = pl.DataFrame(self._stores, schema=STORES, orient="row")
            view = self._session.createDataFrame(rows.to_arrow(), columns_in_sql(STORES, _TYPES))
        else:
            view = self._files(table)
        if table in REVERSIBLE:
            by = self._files(REVERSALS).withColumnsRenamed({"seq": "reversed_seq", "reverses_n": "n"})
            view = view.join(by.withColumnRenamed("reverses_seq", "seq"), ["seq", "n"], "left")
            view = view.select(*TABLES[table])
        view.createOrReplaceTempView(table)

    def _files(self, table: str) -> Any:
        columns = columns_in_sql(FILES[table], _TYPES)
        paths = [_address(self.folder / table / part.name) for part in self._parts[table]]
        if not paths:
            return self._session.createDataFrame(pl.DataFrame(schema=FILES[table]).to_arrow(), columns)
        return self._session.read.schema(columns).parquet(*paths)


def _address(path: Path) -> str:
    """A path as Spark takes it: a pattern, in which what stands for others must be escaped."""
    return "file://" + re.sub(r"([\\*?\[\]{}])", r"\\\1", str(path.resolve()))


def _write(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file that has its name only when it is whole and on the disk."""
    unfinished = path.with_name(path.name + ".part")
    write(unfinished)
    durable.rename(unfinished, path)

"""Ingest, end to end from CSV to durable truth and figures, against plain ``executemany`` of the same rows into the
same tables.

The baseline writes exactly what the ingest wrote: every row of every table of the finished book, in key order, with
nothing to read, check, balance or seal. Its rows wait in memory; only inserting and committing them is timed. Since
the speed of a machine drifts, it is measured before and after the ingest, and the ratio is to the mean of the two.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assistant.sample import write
from bench.process import python, tillproof
from bench.row import Row
from ledger.book import Book

RATIO_LEAST = 0.6
RATE_LEAST = 50_000
VERIFY_MOST = 1.5
ROWS_PER_CHUNK = 200_000
CATCH_UP = """
import json, sys, time
from pathlib import Path
from ledger.book import Book
from ledger.figures import Figures
figures = Figures.open(Book.open(Path(sys.argv[1])))
begin = time.perf_counter()
commits = figures.catch_up()
print(json.dumps(time.perf_counter() - begin if commits else 0))
"""


@dataclass(frozen=True)
class Ingested:
    """One timed ingest: the finished book, its counts, its seconds (those of the whole command, and those that the
    figures still took to catch up after it) and the peak memory of the two."""

    book: Path
    tickets: int
    seconds: float
    peak_mib: float

    @property
    def rate(self) -> float:
        """Tickets a second."""
        return self.tickets / self.seconds


@dataclass
class Shop:
    """Exports of a made-up group of stores, of any size, and the books that they are taken into, under a folder."""

    folder: Path
    _latest: dict[int, Ingested] = field(default_factory=dict)

    def export(self, tickets: int) -> Path:
        """The folder with the flat export of so many tickets, written once and kept for the next run."""
        folder = self.folder / f"export-{tickets}"
        done = folder / ".complete"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            write(folder, tickets=tickets, days=365, layout="flat", imperfections=False)
            done.touch()
        return folder

    def ingest(self, tickets: int, truth: Mapping[str, str] | None = None) -> Ingested:
        """Take the export of so many tickets into a new book; ``truth`` is that table of its settings."""
        exported = self.export(tickets)
        folder = self.folder / f"book-{tickets}{'-elsewhere' if truth else ''}"
        shutil.rmtree(folder, ignore_errors=True)
        settings = tomllib.loads((exported / "book.toml").read_text(encoding="utf-8"))
        Book.create_from(folder, settings | ({"truth": dict(truth)} if truth else {})).close()
        files = [str(path) for path in sorted(exported.glob("*.csv"))]
        taken = tillproof("ingest", str(folder), *files, "--source", "bench", "--json")
        counts = json.loads(taken.output)
        assert counts["records"] == counts["posted"], counts
        caught_up = python("-c", CATCH_UP, str(folder))
        ingested = Ingested(
            folder,
            counts["posted"],
            taken.seconds + float(json.loads(caught_up.output)),
            max(taken.peak_mib, caught_up.peak_mib),
        )
        if truth is None:
            self._latest[tickets] = ingested
        return ingested

    def latest(self, tickets: int) -> Ingested:
        """The last ingest of so many tickets on SQLite in this run; done now where there was none."""
        return self._latest.get(tickets) or self.ingest(tickets)


def rows(shop: Shop, tickets: int) -> list[Row]:
    """Two rows: the ratio to the baseline, and the tickets a second."""
    source = shop.latest(tickets)
    scratch = shop.folder / "plain.db"
    before, count = executemany_seconds(source.book, scratch)
    ours = shop.ingest(tickets)
    after, _ = executemany_seconds(ours.book, scratch)
    scratch.unlink()
    plain = (before + after) / 2
    return [
        Row.at_least(
            f"ingest of {ours.tickets:,} tickets, CSV to durable truth and figures, SQLite with `synchronous=FULL`, "
            f"against plain `executemany` of the same {count:,} rows",
            plain / ours.seconds,
            RATIO_LEAST,
            f"{plain / ours.seconds:.2f} ({ours.seconds:.1f} s; plain {before:.1f} s before, {after:.1f} s after)",
        ),
        Row.at_least("the same, tickets/s", ours.rate, RATE_LEAST, f"{ours.rate:,.0f}"),
        Row("the book then, for each ticket: truth, documents, figures", ", ".join(_kilobytes(ours))),
    ]


def _kilobytes(ours: Ingested) -> Iterator[str]:
    for name in ("truth.db", "documents", "facts.duckdb"):
        path = ours.book / name
        size = sum(one.stat().st_size for one in (path.rglob("*") if path.is_dir() else [path]) if one.is_file())
        yield f"{size / ours.tickets / 1000:.2f} kB"


def verify_rows(shop: Shop, tickets: int) -> list[Row]:
    """One row: ``tillproof verify`` of the book, against its ingest."""
    ours = shop.latest(tickets)
    seconds = tillproof("verify", str(ours.book)).seconds
    ratio = seconds / ours.seconds
    said = f"{ratio:.2f} ({seconds:.1f} s against {ours.seconds:.1f} s)"
    return [Row.at_most(f"`verify` of {ours.tickets:,} tickets, against its ingest", ratio, VERIFY_MOST, said)]


def executemany_seconds(book: Path, scratch: Path) -> tuple[float, int]:
    """Seconds, and rows, of plain ``executemany`` of all rows of a book's truth into a new file with the same
    schema."""
    scratch.unlink(missing_ok=True)
    source = sqlite3.connect(f"file:{book / 'truth.db'}?mode=ro", uri=True)
    target = sqlite3.connect(scratch, isolation_level=None)
    target.execute("PRAGMA journal_mode=WAL")
    target.execute("PRAGMA synchronous=FULL")
    target.execute("PRAGMA cache_size=-262144")
    schema = source.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type DESC"
    ).fetchall()
    for _, _, sql in schema:
        target.execute(sql)
    seconds, rows = 0.0, 0
    for kind, table, _ in schema:
        if kind != "table":
            continue
        columns = source.execute(f"PRAGMA table_info({table})").fetchall()
        key = [name for _, name in sorted((place, name) for _, name, *_, place in columns if place)]
        insert = f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})"
        cursor = source.execute(f"SELECT * FROM {table} ORDER BY {', '.join(key) or '1'}")
        while chunk := cursor.fetchmany(ROWS_PER_CHUNK):
            begin = time.perf_counter()
            target.execute("BEGIN IMMEDIATE")
            target.executemany(insert, chunk)
            target.execute("COMMIT")
            seconds += time.perf_counter() - begin
            rows += len(chunk)
    source.close()
    target.close()
    return seconds, rows

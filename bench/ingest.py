"""Ingest, end to end from CSV to durable truth, against plain ``executemany`` of the same rows into the same tables.

The baseline writes exactly what the ingest wrote: every row of every table of the finished book, in key order, with
nothing to read, check, balance or seal. Its rows wait in memory; only inserting and committing them is timed.
"""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from assistant.sample import write

ROWS_PER_CHUNK = 200_000
SCRIPT = """
import json, resource, sys, time
from assistant.cli import app
begin = time.perf_counter()
try:
    app(sys.argv[1:], standalone_mode=False)
finally:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": time.perf_counter() - begin, "peak_mib": peak / 1024}), file=sys.stderr)
"""


@dataclass(frozen=True)
class Ingested:
    """One timed ingest: the finished book, its counts, its seconds and its peak resident memory."""

    book: Path
    tickets: int
    seconds: float
    peak_mib: float


def export(folder: Path, tickets: int) -> list[Path]:
    """The flat export of that many tickets, written once and kept for the next run."""
    done = folder / ".complete"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        write(folder, tickets=tickets, days=365, layout="flat", imperfections=False)
        done.touch()
    return sorted(folder.glob("*.csv"))


def ingest(folder: Path, exports: Path, files: list[Path]) -> Ingested:
    """Take the files into a new book, in a process of its own so that its memory can be read."""
    shutil.rmtree(folder, ignore_errors=True)
    _tillproof("init", str(folder), "--currency", "USD")
    shutil.copy(exports / "book.toml", folder / "book.toml")
    output, measured = _tillproof("ingest", str(folder), *map(str, files), "--source", "bench", "--json")
    counts = json.loads(output)
    assert counts["records"] == counts["posted"], counts
    return Ingested(folder, counts["posted"], measured["seconds"], measured["peak_mib"])


def verify_seconds(book: Path) -> float:
    """Seconds that ``tillproof verify`` takes."""
    return _tillproof("verify", str(book))[1]["seconds"]


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
        key = [row[1] for row in source.execute(f"PRAGMA table_info({table})") if row[5]]
        columns = len(source.execute(f"PRAGMA table_info({table})").fetchall())
        insert = f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})"
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


def own_peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tillproof(*arguments: str) -> tuple[str, dict[str, float]]:
    done = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"tillproof {' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout, json.loads(done.stderr.strip().splitlines()[-1])

"""Ingest into PostgreSQL, end to end from CSV to durable truth and figures, against plain ``COPY`` of the same rows.

The baseline copies every row of every table of the finished book, in key order, into the same tables with the same
indexes in another database of the same cluster. The rows wait in files of COPY's own text; only COPY and the commit
of each table are timed. It is measured before and after the ingest, and the ratio is to the mean of the two.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import Table

from bench.ingest import RATIO_LEAST, Shop
from bench.row import Row
from ledger import tables as t
from ledger.truth import PostgreSQL
from tests.postgres import Cluster, binaries, cluster

SETTINGS = ("fsync=on", "full_page_writes=on", "synchronous_commit=on", "shared_buffers=128MB")
"""All as a server has them by default."""
PIECE_BYTES = 1 << 20


@contextmanager
def server() -> Iterator[Cluster | None]:
    """A private, durable cluster in the folder for temporary files; None where PostgreSQL is not installed."""
    if binaries() is None:
        yield None
        return
    with cluster(*SETTINGS) as running:
        yield running


def rows(shop: Shop, tickets: int) -> list[Row]:
    """Two rows: the ratio to the baseline, and the tickets a second."""
    work = f"ingest of {tickets:,} tickets, CSV to durable truth and figures, PostgreSQL"
    with server() as running:
        if running is None:
            return [Row(work, "PostgreSQL is not installed")]
        url = running.url(running.database())
        shop.ingest(tickets, {"url": url})
        count, files = _dumped(url, shop.folder)
        before = _copy_seconds(running, files)
        url = running.url(running.database())
        _settle(url)
        ours = shop.ingest(tickets, {"url": url})
        size = _bytes(url)
        after = _copy_seconds(running, files)
        for file in files.values():
            file.unlink()
    plain = (before + after) / 2
    return [
        Row.at_least(
            f"ingest of {ours.tickets:,} tickets, CSV to durable truth and figures, PostgreSQL with "
            f"`synchronous_commit=on`, against plain `COPY` of the same {count:,} rows",
            plain / ours.seconds,
            RATIO_LEAST,
            f"{plain / ours.seconds:.2f} ({ours.seconds:.1f} s; plain {before:.1f} s before, {after:.1f} s after)",
        ),
        Row("the same, tickets/s", f"{ours.rate:,.0f}"),
        Row("the database then, with its indexes, for each ticket", f"{size / ours.tickets / 1000:.2f} kB"),
    ]


def _bytes(url: str) -> int:
    """Size of a database, its indexes included."""
    with psycopg.connect(url) as connection:
        (size,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
    return int(size)


def _dumped(url: str, folder: Path) -> tuple[int, dict[Table, Path]]:
    """The rows of all tables that have any, a file a table in key order; and how many there are."""
    count, files = 0, {}
    with psycopg.connect(url) as connection:
        for table in t.metadata.sorted_tables:
            key = ", ".join(column.name for column in table.primary_key)
            path = folder / f"{table.name}.copy"
            with path.open("wb") as file, connection.cursor() as cursor:
                with cursor.copy(f"COPY (SELECT * FROM {table.name} ORDER BY {key}) TO STDOUT") as copy:
                    for piece in copy:
                        file.write(piece)
                count += cursor.rowcount
            if path.stat().st_size:
                files[table] = path
            else:
                path.unlink()
    return count, files


def _copy_seconds(running: Cluster, files: dict[Table, Path]) -> float:
    """Seconds of copying the files into the tables of a new database."""
    name = running.database()
    made = PostgreSQL("plain", running.url(name), "read committed")
    made.migrate()
    made.close()
    _settle(running.url(name))
    seconds = 0.0
    with psycopg.connect(running.url(name)) as connection:
        for table, path in files.items():
            begin = time.perf_counter()
            with (
                path.open("rb") as file,
                connection.cursor() as cursor,
                cursor.copy(f"COPY {table.name} FROM STDIN") as copy,
            ):
                while piece := file.read(PIECE_BYTES):
                    copy.write(piece)
            connection.commit()
            seconds += time.perf_counter() - begin
    with psycopg.connect(running.url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name}")
    return seconds


def _settle(url: str) -> None:
    """Write out what the work before has left in memory, so that it does not weigh on what follows."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")

"""What the disk gives: how long one small write takes to be durable with next to no code around it.

A durable post cannot be faster than that, so these rows stand next to those of single posts.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

PAGE = bytes(4096)
ROW = "INSERT INTO single VALUES ({}, 'one row')"
TABLE = "CREATE TABLE single (id BIGINT PRIMARY KEY, said VARCHAR)"


def fsync_ms(folder: Path, times: int) -> float:
    """p50 of a write of 4 KiB to the end of a file and its fsync."""
    path = folder / "page"
    with path.open("wb", buffering=0) as file:

        def write(_: int) -> None:
            file.write(PAGE)
            os.fsync(file.fileno())

        found = _p50_ms(write, times)
    path.unlink()
    return found


def sqlite_ms(folder: Path, times: int) -> float:
    """p50 of an insertion of one row into SQLite, in the mode that a book's truth has."""
    path = folder / "single.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(TABLE)
    found = _p50_ms(lambda number: connection.execute(ROW.format(number)), times)
    connection.close()
    path.unlink()
    return found


def postgresql_ms(url: str, times: int) -> float:
    """p50 of an insertion of one row into PostgreSQL, committed by itself."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE)
        return _p50_ms(lambda number: connection.execute(ROW.format(number).encode()), times)


def _p50_ms(work: Callable[[int], object], times: int) -> float:
    taken = []
    for number in range(times):
        begin = time.perf_counter()
        work(number)
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1000

"""The same tickets in other ledgers: ``tillproof ingest`` of the till's export, against hledger and Beancount loading
the per-ticket journal that the finished book exports.

The peers get the easier half: their file has the entries ready made, while an ingest reads the till's rows, checks
them, makes the entries, seals them and makes them durable. Both peers load into memory and check that every entry
balances. Every time is of a whole process with its start, which weighs on small numbers of tickets.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.ingest import Ingested, Shop
from bench.machine import machine
from bench.process import tillproof
from bench.row import Row

HLEDGER_LEAST = 10
BEANCOUNT_LEAST = 20


def rows(shop: Shop, tickets: int) -> Iterator[Row]:
    """A row for each peer, of an ingest of so many tickets that is exported to it."""
    ours = shop.latest(tickets)
    versions = machine()
    check = [sys.executable, "-m", "beancount.scripts.check", "--no-cache"]
    yield _row(f"Beancount {versions['Beancount']}", ours, [*check, _journal(ours.book, "beancount")], BEANCOUNT_LEAST)
    if shutil.which("hledger") is None:
        yield Row(f"hledger loading the journal of {ours.tickets:,} tickets", "hledger is not installed")
        return
    load = ["hledger", "-f", _journal(ours.book, "hledger"), "check"]
    yield _row(f"hledger {versions['hledger']}", ours, load, HLEDGER_LEAST)


def _journal(book: Path, format: str) -> str:
    path = book.with_name(f"peers.{format}")
    tillproof("export", str(book), "--format", format, "--detail", "ticket", "--out", str(path))
    return str(path)


def _row(peer: str, ours: Ingested, command: list[str], bar: int) -> Row:
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.perf_counter() - begin
    return Row.at_least(
        f"{peer} loading the exported journal of {ours.tickets:,} tickets, against their ingest",
        seconds / ours.seconds,
        bar,
        f"{seconds / ours.seconds:.1f} x ({seconds:.1f} s against {ours.seconds:.1f} s)",
    )

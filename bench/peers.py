"""The same tickets in other ledgers: hledger and Beancount loading the per-ticket journal that the finished book
exports, against us.

Two comparisons. *Opening*: a process of its own that gives the trial balance of the book as it lies on the disk; the
peers have to load and check their journal before they can give any balance, and do so each time. *Ingest*: the till's
export to a sealed, durable book, against that one loading; there the peers get the easier half, for their file has the
entries ready made. Every time is of a whole process with its start, which weighs on small numbers of tickets.
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
    """Two rows for each peer, of an ingest of so many tickets that is exported to it."""
    ours = shop.latest(tickets)
    versions = machine()
    opening = min(tillproof("statement", str(ours.book), "trial-balance", "--json").seconds for _ in range(3))
    check = [sys.executable, "-m", "beancount.scripts.check", "--no-cache"]
    beancount = [*check, _journal(ours.book, "beancount")]
    yield from _rows(f"Beancount {versions['Beancount']}", ours, opening, beancount, BEANCOUNT_LEAST)
    if shutil.which("hledger") is None:
        yield Row(f"hledger loading the journal of {ours.tickets:,} tickets", "hledger is not installed")
        return
    load = ["hledger", "-f", _journal(ours.book, "hledger"), "check"]
    yield from _rows(f"hledger {versions['hledger']}", ours, opening, load, HLEDGER_LEAST)


def _journal(book: Path, format: str) -> str:
    path = book.with_name(f"peers.{format}")
    tillproof("export", str(book), "--format", format, "--detail", "ticket", "--out", str(path))
    return str(path)


def _rows(peer: str, ours: Ingested, opening: float, command: list[str], bar: int) -> Iterator[Row]:
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.perf_counter() - begin
    yield Row.at_least(
        f"{peer} loading the exported journal of {ours.tickets:,} tickets, against our opening the book and giving its "
        "trial balance",
        seconds / opening,
        bar,
        f"{seconds / opening:.1f} x ({seconds:.1f} s against {opening:.2f} s)",
    )
    yield Row(
        f"the same loading, against the ingest of the till's export of {ours.tickets:,} tickets",
        f"{seconds / ours.seconds:.1f} x ({seconds:.1f} s against {ours.seconds:.1f} s)",
    )

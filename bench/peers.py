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
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.ingest import Ingested, export, ingest


@dataclass(frozen=True)
class Peer:
    """One peer's load: its name and version, its seconds, and how many times as long as the ingest it took."""

    name: str
    seconds: float
    ratio: float
    bar: int


def against_peers(folder: Path, tickets: int) -> tuple[Ingested, list[Peer]]:
    """Ingest that many tickets into a new book under a folder, export it and let each installed peer load it."""
    exports = folder / f"export-{tickets}"
    ours = ingest(folder / "book-peers", exports, export(exports, tickets))
    peers = []
    beancount = _journal(ours.book, "beancount", folder / "peers.beancount")
    command = [sys.executable, "-m", "beancount.scripts.check", "--no-cache", str(beancount)]
    peers.append(_timed(f"Beancount {version('beancount')}", command, ours, bar=20))
    hledger = shutil.which("hledger")
    if hledger is not None:
        journal = _journal(ours.book, "hledger", folder / "peers.journal")
        name = " ".join(
            subprocess.run([hledger, "--version"], capture_output=True, text=True).stdout.split(",")[0].split()
        )
        peers.append(_timed(name, [hledger, "-f", str(journal), "check"], ours, bar=10))
    return ours, peers


def _journal(book: Path, format: str, path: Path) -> Path:
    command = [sys.executable, "-m", "assistant.cli", "export", str(book), "--format", format, "--detail", "ticket"]
    subprocess.run([*command, "--out", str(path)], check=True, capture_output=True)
    return path


def _timed(name: str, command: list[str], ours: Ingested, *, bar: int) -> Peer:
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.perf_counter() - begin
    return Peer(name, seconds, seconds / ours.seconds, bar)

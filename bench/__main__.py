"""``make bench``, or ``python -m bench --tickets N``: the benchmarks, printed as one table in Markdown."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench import ask, connectors, growth, ingest, peers, postgresql, recall, scan, writers
from bench.machine import machine
from bench.row import Row

KINDS = ("ingest", "verify", "ask", "postgresql", "growth", "peers", "single", "recall", "connectors", "flags")
"""In the order in which they run, so that what is compared is measured one after the other."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--growth", type=int, metavar="TICKETS", help="of the large ingest; ten times --tickets")
    parser.add_argument("--peer-tickets", type=int, default=300_000, help="tickets that hledger and Beancount load")
    parser.add_argument("--posts", type=int, default=2_000, help="posts of a single ticket each")
    parser.add_argument("--connector-tickets", type=int, default=60_000, help="tickets that each connector reads")
    parser.add_argument("--flags-tickets", type=int, default=150_000, help="tickets that are looked at for flags")
    parser.add_argument("--only", type=_kinds, default=KINDS, help=f"some of {','.join(KINDS)}")
    parser.add_argument("--folder", type=Path, default=Path(".bench"), help="where exports and books are made")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows and the machine there, too")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    shop = ingest.Shop(given.folder)
    measurements: dict[str, Callable[[], Iterable[Row]]] = {
        "ingest": lambda: ingest.rows(shop, given.tickets),
        "verify": lambda: ingest.verify_rows(shop, given.tickets),
        "ask": lambda: ask.rows(shop, given.tickets),
        "postgresql": lambda: postgresql.rows(shop, given.tickets),
        "growth": lambda: growth.rows(shop, given.tickets, given.growth or 10 * given.tickets),
        "peers": lambda: peers.rows(shop, given.peer_tickets),
        "single": lambda: writers.rows(given.folder, given.posts),
        "recall": lambda: recall.rows(given.folder),
        "connectors": lambda: connectors.rows(given.folder, given.connector_tickets),
        "flags": lambda: scan.rows(shop, given.flags_tickets),
    }
    described = {"date": datetime.now(UTC).date().isoformat(), **machine()}
    print("; ".join(f"{name} {said}" for name, said in described.items()))
    print("\n| work | measured | bar | held |\n| --- | --- | --- | --- |", flush=True)
    measured = []
    for kind in KINDS:
        for row in measurements[kind]() if kind in given.only else ():
            print(row.markdown(), flush=True)
            measured.append(row)
    if given.json:
        found = {"machine": described, "rows": [asdict(row) for row in measured]}
        given.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _kinds(text: str) -> tuple[str, ...]:
    wanted = tuple(text.split(","))
    if unknown := set(wanted) - set(KINDS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: give some of {','.join(KINDS)}")
    return wanted


if __name__ == "__main__":
    main()

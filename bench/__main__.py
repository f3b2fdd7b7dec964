"""``make bench``, or ``python -m bench --tickets N``: all benchmarks, printed as one table."""

from __future__ import annotations

import argparse
import platform
from pathlib import Path

from bench.ask import seconds_per_question
from bench.ingest import executemany_seconds, export, ingest, verify_seconds
from bench.peers import against_peers


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--peer-tickets", type=int, default=50_000, help="tickets that hledger and Beancount load")
    parser.add_argument("--folder", type=Path, default=Path(".bench"))
    given = parser.parse_args()
    folder: Path = given.folder
    folder.mkdir(exist_ok=True)

    small_export = folder / f"export-{given.tickets // 10}"
    large_export = folder / f"export-{given.tickets}"
    small = ingest(folder / "book-small", small_export, export(small_export, given.tickets // 10))
    large = ingest(folder / "book", large_export, export(large_export, given.tickets))
    plain, rows = executemany_seconds(large.book, folder / "plain.db")
    verified = verify_seconds(large.book)
    p50, p95, unanswered = seconds_per_question(large.book)
    shared, peers = against_peers(folder, given.peer_tickets)

    print(
        f"Python {platform.python_version()}, {platform.machine()}, {large.tickets:,} tickets, {rows:,} rows of truth\n"
    )
    print("| work | measured | bar |")
    print("| --- | --- | --- |")
    print(
        f"| ingest from CSV to durable truth, against plain executemany of the same rows | {plain / large.seconds:.2f} "
        f"({large.seconds:.1f} s against {plain:.1f} s; {large.tickets / large.seconds:,.0f} tickets/s) | >= 0.40 |"
    )
    print(
        f"| peak memory of an ingest ten times as large | {large.peak_mib / small.peak_mib:.2f} x "
        f"({large.peak_mib:,.0f} MiB against {small.peak_mib:,.0f} MiB) | flat |"
    )
    print(f"| verify, against its ingest | {verified / large.seconds:.2f} ({verified:.1f} s) | |")
    print(f"| 30 questions, offline, warm | p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms | p95 < 150 ms |")
    for peer in peers:
        print(
            f"| {peer.name} loading the exported journal of {shared.tickets:,} tickets, against their ingest "
            f"| {peer.ratio:.1f} x ({peer.seconds:.1f} s against {shared.seconds:.1f} s) | >= {peer.bar} x |"
        )
    if unanswered:
        print("\nNot answered: " + "; ".join(unanswered))


if __name__ == "__main__":
    main()

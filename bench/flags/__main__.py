"""``python -m bench.flags``: the flags measured on made-up trade with known faults, as tables in Markdown."""

from __future__ import annotations

import argparse
import pickle
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from assistant.flags.flag import Level
from bench.flags.detectors import DETECTORS
from bench.flags.faults import Injected, inject
from bench.flags.measure import Measured, measured, ours, subjects, theirs
from bench.flags.trade import rich, sample_known

SEEDS = {"development": (101, 102, 103), "test": (201, 202, 203)}
"""Nothing is tuned on the seeds of the test."""
LEVELS = (Level.TICKET, Level.CASHIER_DAY, Level.STORE_DAY, Level.DOCUMENT)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.flags", description=__doc__)
    parser.add_argument("--seeds", choices=tuple(SEEDS), default="development")
    parser.add_argument("--only", type=int, help="one of the seeds only")
    parser.add_argument("--tickets", type=int, default=40_000)
    parser.add_argument("--days", type=int, default=210)
    parser.add_argument("--folder", type=Path, default=Path(".bench"))
    parser.add_argument("--baselines", action=argparse.BooleanOptionalAction, default=True)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    rows: dict[tuple[str, Level], list[Measured]] = defaultdict(list)
    for seed in (given.only,) if given.only else SEEDS[given.seeds]:
        made = injected(given.folder, seed, given.days, given.tickets)
        known = made.feed.back()
        keys = subjects(known)
        there = {(level, key) for level in LEVELS for key in keys[level]}
        labels = {one: kind for one, kind in made.labels.items() if one in there or one[0] != Level.TICKET}
        begin = time.perf_counter()
        scores = {"Tillproof": ours(known)}
        seconds = time.perf_counter() - begin
        speed = known.tickets.height / seconds
        print(
            f"seed {seed}: {known.tickets.height:,} tickets, {len(labels)} labels, {speed:,.0f} tickets/s", flush=True
        )
        if given.baselines:
            scores |= theirs(known)
        for name, of_level in scores.items():
            for level in LEVELS:
                if level in of_level:
                    rows[(name, level)].append(measured(level, keys[level], of_level[level], labels))
    print("\n" + "\n".join(table(rows, ("Tillproof", *(DETECTORS if given.baselines else ())))))
    print("\n" + "\n".join(by_kind(rows)))


def injected(folder: Path, seed: int, days: int, tickets: int) -> Injected:
    """The feed of a seed with its faults; the trade beneath it is kept between runs."""
    cache = folder / f"flags-{seed}-{days}-{tickets}.pickle"  # our own file of a moment ago
    if not cache.exists():
        cache.write_bytes(pickle.dumps(sample_known(folder, seed, days, tickets)))
    chance = np.random.Generator(np.random.PCG64([seed, 5]))
    return inject(rich(pickle.loads(cache.read_bytes()), chance), chance)


def table(rows: dict[tuple[str, Level], list[Measured]], names: Iterable[str]) -> Iterable[str]:
    yield "| level | detector | average precision | lowest seed | precision at 100 | recall | false flags per 1,000 |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for level in LEVELS:
        for name in names:
            found = rows.get((name, level))
            if found:
                false = f"{mean(one.false_flags for one in found):.2f}" if name == "Tillproof" else ""
                precision = [one.average_precision for one in found]
                cells = [
                    mean(precision),
                    min(precision),
                    mean(one.precision for one in found),
                    mean(one.recall for one in found),
                ]
                numbers = " | ".join(f"{cell:.2f}" for cell in cells)
                yield f"| {level.value} | {name} | {numbers} | {false} |"


def by_kind(rows: dict[tuple[str, Level], list[Measured]]) -> Iterable[str]:
    yield "| level | kind | found in the queue |"
    yield "| --- | --- | --- |"
    for level in LEVELS:
        total: dict[str, tuple[int, int]] = {}
        for one in rows.get(("Tillproof", level), ()):
            for kind, (hit, count) in one.by_kind.items():
                before = total.get(kind, (0, 0))
                total[kind] = (before[0] + hit, before[1] + count)
        for kind, (hit, count) in sorted(total.items()):
            yield f"| {level.value} | {kind} | {hit} of {count} |"


def mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


if __name__ == "__main__":
    main()

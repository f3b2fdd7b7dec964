"""``python -m bench.faults``: the long runs of the self-test, on SQLite and on PostgreSQL, printed as a table.

The code is that of ``tillproof selftest`` and, for the model, that of ``tests/ledger/model``; here are the counts that
docs/reliability.md states. Only the loss of power is another: on SQLite, on the layer of ``bench/power``, where there
is a C compiler. PostgreSQL runs in a private cluster with syncing on, where its programs are installed.
"""

from __future__ import annotations

import argparse
import platform
import secrets
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from assistant.selftest import Engine, Outcome, Scratch, duplicate, flips, kill, on_sqlite, reorder
from bench.power import CannotRecord, power_loss
from ledger.book import Book
from tests.builders import keep_bytes
from tests.ledger.model.machine import Fresh
from tests.ledger.model.machine import run as against_model
from tests.postgres import Cluster, binaries, cluster

SMALL = {"tickets": 12, "files": 1, "cut": 10}
STEPS = 10
"""Of a sequence against the model."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--cuts", type=int, default=400)
    parser.add_argument("--flips", type=int, default=10_000)
    parser.add_argument("--records", type=int, default=6, help="length of the history that is tried in all its orders")
    parser.add_argument("--shuffles", type=int, default=100, help="random orders of a long history")
    parser.add_argument("--orders", type=int, default=10_000, help="random orders of small histories that are drawn")
    parser.add_argument("--sequences", type=int, default=10_000, help="of steps, against the model of a book")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--only", choices=("kill", "power", "duplicate", "reorder", "flips", "model"), action="append")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else secrets.randbelow(1_000_000)
    print(f"Python {platform.python_version()}, {platform.machine()}, seed {seed}\n\n| engine | run | seconds | held |")
    print("| --- | --- | --- | --- |", flush=True)
    failed = False
    for name in given.engine or ("sqlite", "postgresql"):
        with engines_of(name) as fresh, tempfile.TemporaryDirectory(prefix="tillproof-faults-") as folder:
            if fresh is None:
                print(f"| {name} | not installed | | |")
                continue
            for kind, run in runs(Path(folder), name, fresh, seed, given).items():
                if given.only and kind not in given.only:
                    continue
                try:
                    outcome = run()
                except CannotRecord as error:
                    print(f"| {name} | {kind}: not run, {error} | | |", flush=True)
                    continue
                failed |= not outcome.ok
                held = "yes" if outcome.ok else "NO: " + "; ".join(outcome.problems)
                print(f"| {name} | {kind}: {outcome.sentence} | {outcome.seconds:.0f} | {held} |", flush=True)
    sys.exit(failed)


def runs(
    folder: Path, name: str, fresh: Callable[[], Engine], seed: int, given: argparse.Namespace
) -> dict[str, Callable[[], Outcome]]:
    """The runs on an engine, by kind; each makes its books anew, under ids that another one may have used."""

    def on(kind: str, **size: Any) -> Scratch:
        return Scratch(folder / kind, seed=seed, engine=fresh(), **size)

    found: dict[str, Callable[[], Outcome]] = {
        "kill": lambda: kill(on("kill"), given.kills),
        "duplicate": lambda: duplicate(on("duplicate", tickets=200), 50),
        "reorder": lambda: reorder(
            on("reorder"), records=given.records, shuffles=given.shuffles, random_orders=given.orders
        ),
        "flips": lambda: flips(on("flips", **SMALL), given.flips),
        "model": lambda: model(fresh_books(fresh()), given.sequences, seed),
    }
    if name == "sqlite":
        found["power"] = lambda: power_loss(on("power"), given.cuts)
    return found


def model(fresh: Fresh, sequences: int, seed: int) -> Outcome:
    """Sequences of ``STEPS`` steps, each in a fresh book that must be what the model of it says."""
    begin = time.perf_counter()
    problems: tuple[str, ...] = ()
    try:
        against_model(fresh, sequences=sequences, steps=STEPS, drawn_from=seed)
    except Exception as error:  # whatever a book raises in some sequence is what is looked for
        traceback.print_exc()  # the shortest sequence that fails is in its notes
        problems = (f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'see above'}",)
    sentence = f"{sequences:,} sequences of up to {STEPS} steps, compared with a model after each step"
    return Outcome("model", seed, {"sequences": sequences}, sentence, problems, time.perf_counter() - begin)


def fresh_books(engine: Engine) -> Fresh:
    """Empty books on an engine, each under an id of its own, with a document to post from."""
    numbers = count(1)

    def fresh(folder: Path) -> Book:
        book_id = f"model-{next(numbers)}"
        business = {"id": book_id, "name": "Model", "currency": "USD"}
        book = Book.create_from(folder, {"book": business, **engine(book_id)})
        keep_bytes(book, b"model")
        return book

    return fresh


@contextmanager
def engines_of(name: str) -> Iterator[Callable[[], Engine] | None]:
    """What gives an engine of truth that has no books yet; None where it is not installed."""
    if name == "sqlite":
        yield lambda: on_sqlite
    elif binaries() is None:
        yield None
    else:
        with ExitStack() as stack:
            running = stack.enter_context(cluster("fsync=on", "full_page_writes=on"))
            yield lambda: in_cluster(running)


def in_cluster(running: Cluster) -> Engine:
    """Scratch books that share one database of a cluster, made for them."""
    url = running.url(running.database())
    return lambda book_id: {"truth": {"url": url}}


if __name__ == "__main__":
    main()

"""Losses of power at random points of a process that makes a book and posts, on the layer that knows every sync.

One process makes a book, keeps documents and posts, recorded from its first call to its last. Its log is played back
to points drawn at random, and of each a book is made as a disk may hold it there (``disk`` says what that is). What
must hold: a book that was said to be made opens and verifies, every commit that was acknowledged is there with its
hash, every delivery with the bytes of its documents, every batch whole or not at all. Into some, everything is
delivered again, and they must come to be the book that nobody disturbed. A point where nothing was lost is no cut and
is not counted.
"""

from __future__ import annotations

import json
import pickle
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.pool import Pool

from assistant.selftest import Outcome, Scratch
from assistant.selftest.kill import Tally, compare, look, straight_state
from assistant.selftest.outcome import PROBLEMS_MAX
from assistant.selftest.worker import work
from bench.power import write_log
from bench.power.disk import PASSING, Disk, Tree, found, write
from bench.power.write_log import MARK, Record
from ledger.book import Book

BOOK = "book"
CHECKPOINTS = "PRAGMA wal_autocheckpoint=64"
"""The log of the recorded book is folded into the database so often (in pages), lest a small book never come to it."""
AGAIN_EVERY = 10
"""Of so many cuts, one is delivered everything again."""
ROUNDS_MAX = 20
"""Draws of as many points as there are cuts to find; where most find nothing to lose, the run says so and fails."""

SCRIPT = "from bench.power.run import recorded; recorded()"
"""What the recorded process runs. A test puts something before it that must be found."""


def power_loss(scratch: Scratch, cuts: int, script: str = SCRIPT) -> Outcome:
    """Find ``cuts`` cuts and look at each. CannotRecord where there is no layer, RuntimeError when the process fails or
    the log is not all that it did."""
    begin = time.perf_counter()
    draws = random.Random(scratch.seed)
    folder = Path(tempfile.mkdtemp(prefix="power-", dir=scratch.folder)).resolve()
    root = folder / "disk"
    settings = scratch.settings(f"scratch-{scratch.seed}")
    records = _record(scratch, folder, root, settings, script)
    whole = straight_state(scratch)
    counts: Counter[str] = Counter(cuts=0)
    problems: list[str] = []
    for _ in range(ROUNDS_MAX):
        points = sorted(draws.choices(range(1, len(records) + 1), k=cuts))
        disk, tally, done = Disk(root), Tally(root / BOOK, settings), 0
        for point in points:
            for record in records[done:point]:
                if record.kind == MARK:
                    tally.learn(record.said)
                else:
                    disk.apply(record)
            done = point
            left, lost = disk.left(draws)
            if counts["cuts"] == cuts or len(problems) >= PROBLEMS_MAX or _needed(left) == _needed(disk.seen()):
                continue
            counts["cuts"] += 1
            counts.update(f"lost {kind}" for kind, number in lost.items() if number)
            where = f"cut {counts['cuts']}, behind call {point} of {len(records)}"
            place = folder / f"cut-{counts['cuts']}"
            write(left, place)
            wrong = look(tally, scratch, place / BOOK)
            if tally.made and not wrong and counts["cuts"] % AGAIN_EVERY == 0:
                wrong = _delivered_again(scratch, place / BOOK, whole)
                counts["delivered again"] += 1
            problems += [f"{where}: {one}" for one in wrong]
            shutil.rmtree(place)
    if counts["cuts"] < cuts and not problems:
        problems.append(f"only {counts['cuts']} of {ROUNDS_MAX * cuts} points had anything to lose")
    return Outcome(
        "power",
        scratch.seed,
        dict(counts) | {"calls": len(records)},
        f"{counts['cuts']:,} losses of power among {len(records):,} recorded calls of a process that posts, each with "
        f"something that was not synced and is lost (in {counts['lost writes']:,} whole writes, in "
        f"{counts['lost torn']:,} parts of one, in {counts['lost names']:,} names)",
        tuple(problems[:PROBLEMS_MAX]),
        time.perf_counter() - begin,
    )


def _record(scratch: Scratch, folder: Path, root: Path, settings: dict[str, object], script: str) -> list[Record]:
    """Run the process that posts, which writes in ``root``; its log, which is checked to be all that it did."""
    root.mkdir()
    deliveries, log = folder / "deliveries.pickle", folder / "write.log"
    deliveries.write_bytes(pickle.dumps(scratch.deliveries))
    order = {
        "book": str(root / BOOK),
        "settings": settings,
        "copies": str(folder / "copies"),
        "deliveries": str(deliveries),
        "start": 0,
    }
    command = [sys.executable, "-c", script, json.dumps(order)]
    done = write_log.record(write_log.build(folder), root, log, command)
    if done.returncode != 0:
        raise RuntimeError(f"the process that posts failed by itself: {done.stderr}")
    records = list(write_log.read(log))
    disk = Disk(root)
    for record in records:
        if record.kind != MARK:
            disk.apply(record)
    seen, there = _needed(disk.seen()), _needed(found(root))
    if seen != there:
        differing = sorted(path for path in seen.keys() | there.keys() if seen.get(path, 0) != there.get(path, 0))
        raise RuntimeError(f"the log is not all that the process did to {', '.join(differing)}")
    return records


def _needed(tree: Tree) -> Tree:
    return {path: content for path, content in tree.items() if not path.endswith(PASSING)}


def _delivered_again(scratch: Scratch, folder: Path, whole: tuple[object, object]) -> list[str]:
    """Deliver everything to a book that a loss of power left; what it then is not."""
    with tempfile.TemporaryDirectory() as copies:
        book = Book.open(folder)
        try:
            for delivery in scratch.deliveries:
                delivery.post(book, Path(copies))
        finally:
            book.close()
    return [f"delivered again, {one}" for one in compare(folder, whole)]


def recorded() -> None:
    """What the recorded process does: the order that it is given, with a mark for every step."""
    order = json.loads(sys.argv[1])
    event.listen(Pool, "checkout", lambda connection, *_: connection.execute(CHECKPOINTS))
    work(order, write_log.mark)

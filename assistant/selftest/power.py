"""Power loss, simulated: what a disk may hold at the moment the power goes, and whether it opens as a whole book.

SQLite's promise rests on what was synced: a commit is acknowledged once its frames in the write-ahead log (WAL) are.
Here a process that posts is stopped (SIGSTOP) at a random point and its database is copied, as the system's cache has
it. Of each copy several *cuts* are made, in which writes after the last synced commit are lost: the WAL ends at a
random byte after it, or random sectors after it were never written; and pages that a checkpoint may have been writing
are torn. Each cut must open, verify, and hold every commit that was acknowledged. A cut that lost nothing is not
counted.

It is a simulation from the outside, of what a database makes of a log with a damaged end: an acknowledged commit is
taken to be synced, directory entries and documents are taken to survive, and so a sync that is missing is not found.
That takes a layer under the process; ``bench/power`` has one.

The log's format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from assistant.selftest.kill import Tally, attempt, compare, look, straight_state
from assistant.selftest.outcome import PROBLEMS_MAX, Outcome
from assistant.selftest.scratch import Scratch
from assistant.selftest.wal import Log, read_log
from assistant.selftest.worker import Worker
from ledger.truth import FILE

CUTS_PER_COPY = 8
COPIES_MAX = 20
"""For each cut that is asked for: where most copies have nothing to lose, the run says so and fails."""
SECTOR = 512
LOG = f"{FILE}-wal"


@dataclass
class Copy:
    """A database as it stood when its writer was stopped."""

    folder: Path
    taken: bool = False

    def take(self, book: Path) -> None:
        if not book.exists():  # stopped before it made the folder
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(book, self.folder, ignore=shutil.ignore_patterns("*-shm", "*.part"))
        self.taken = True


def power(scratch: Scratch, cuts: int) -> Outcome:
    """Try ``cuts`` cuts. For books in SQLite: PostgreSQL's own log is its own to test."""
    begin = time.perf_counter()
    draws = random.Random(scratch.seed)  # noqa: S311 (chance that can be repeated)
    whole = straight_state(scratch)
    counts: Counter[str] = Counter(cuts=0)
    problems: list[str] = []
    worker = Worker(scratch.deliveries, scratch.folder, says_log=True)
    try:
        tally = Tally(*scratch.place())
        while counts["cuts"] < cuts and len(problems) < PROBLEMS_MAX:
            if counts["copies"] > COPIES_MAX * cuts:
                problems.append(f"only {counts['cuts']} cuts of {counts['copies']} copies had anything to lose")
                break
            copy = Copy(scratch.folder / "stopped")
            place = attempt(worker, tally, scratch, draws, copy.take)
            if place is None:
                problems += compare(tally.folder, whole)
                shutil.rmtree(tally.folder)
                tally = Tally(*scratch.place())
                continue
            problems += look(tally, scratch, tally.folder)
            if not tally.folder.exists():  # killed while it was made
                tally = Tally(*scratch.place())
            if copy.taken and (copy.folder / "book.toml").exists() and (copy.folder / FILE).exists():
                counts["copies"] += 1
                for _ in range(CUTS_PER_COPY):
                    how = cut(copy.folder, scratch.folder / "cut", tally.synced, draws)
                    if how is None or counts["cuts"] == cuts:
                        continue
                    counts["cuts"] += 1
                    counts[how] += 1
                    found = look(tally, scratch, scratch.folder / "cut")
                    problems += [f"cut {counts['cuts']} ({how}), stopped {place}: {one}" for one in found]
    finally:
        worker.close()
    ways = ", ".join(f"{number:,} {name}" for name, number in counts.items() if name not in ("cuts", "copies"))
    return Outcome(
        "power",
        scratch.seed,
        dict(counts),
        f"{counts['cuts']:,} simulated losses of power on {counts['copies']:,} copies of a database that was being "
        f"written, each of which lost or tore what no sync had covered ({ways}); every sync is taken to be done",
        tuple(problems[:PROBLEMS_MAX]),
        time.perf_counter() - begin,
    )


def cut(source: Path, target: Path, synced: Log | None, draws: random.Random) -> str | None:
    """Make a cut of a copy in another folder; how, in words, or None where it lost nothing."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    path = target / LOG
    log = read_log(path)
    if log is None:
        return None
    size = path.stat().st_size
    # While a commit was under way, what was synced is what the log held before it; a log begun anew since then holds
    # nothing yet that is not in the database.
    safe = log.end if synced is None else synced.end if synced.salt == log.salt else 0
    how = draws.choice(("log cut short", "sectors of the log lost", "pages of a checkpoint torn"))
    if how == "log cut short":
        with path.open("r+b") as file:
            file.truncate(draws.randint(safe, size))
    elif how == "sectors of the log lost":
        _lose(path, safe, draws)
    else:
        _tear(target / FILE, [page for page, end in log.pages if end <= safe and page > 1], log.page_bytes, draws)
    lost = any((source / name).read_bytes() != (target / name).read_bytes() for name in (FILE, LOG))
    return how if lost else None


def _lose(path: Path, safe: int, draws: random.Random) -> None:
    content = bytearray(path.read_bytes())
    for start in range(-(-safe // SECTOR) * SECTOR, len(content), SECTOR):
        if draws.random() < 0.5:
            end = min(start + SECTOR, len(content))
            content[start:end] = bytes(end - start)
    path.write_bytes(content)


def _tear(path: Path, pages: list[int], page_bytes: int, draws: random.Random) -> None:
    """Half-write pages whose content is in the synced log, which is what a checkpoint copies them from."""
    content = bytearray(path.read_bytes())
    for page in set(pages):
        start = (page - 1) * page_bytes + draws.randrange(page_bytes // SECTOR) * SECTOR
        if start < len(content) and draws.random() < 0.5:
            content[start : start + SECTOR] = draws.randbytes(SECTOR)
    path.write_bytes(content)

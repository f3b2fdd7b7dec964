"""Power loss, simulated: what a disk may hold at the moment the power goes, and whether it opens as a whole book.

SQLite's promise rests on what was synced: a commit is acknowledged once its frames in the write-ahead log (WAL) are.
Here a process that posts is stopped (SIGSTOP) at a random point and its database is copied, as the system's cache has
it. Of each copy several *cuts* are made, in which writes after the last synced commit are lost: the WAL ends at a
random byte after it, or random sectors after it were never written; and pages that a checkpoint may have been writing
are torn. Each cut must open, verify, and hold every commit that was acknowledged. It is a simulation from the outside:
no disk is asked to lie about a sync, and directory entries are taken to survive.

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
SECTOR = 512
LOG = f"{FILE}-wal"


@dataclass
class _Copy:
    """A database as it stood when its writer was stopped."""

    folder: Path
    taken: bool = False

    def take(self, book: Path) -> None:
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
            copy = _Copy(scratch.folder / "stopped")
            place = attempt(worker, tally, scratch, draws, copy.take)
            if place is None:
                problems += compare(tally, whole)
                shutil.rmtree(tally.folder)
                tally = Tally(*scratch.place())
                continue
            problems += look(tally, scratch, tally.folder)
            if not tally.folder.exists():  # killed while it was made
                tally = Tally(*scratch.place())
            if copy.taken and (copy.folder / "book.toml").exists() and (copy.folder / FILE).exists():
                counts["copies"] += 1
                for _ in range(min(CUTS_PER_COPY, cuts - counts["cuts"])):
                    how = _cut(copy.folder, scratch.folder / "cut", tally.synced, draws)
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
        f"written ({ways})",
        tuple(problems[:PROBLEMS_MAX]),
        time.perf_counter() - begin,
    )


def _cut(source: Path, target: Path, synced: Log | None, draws: random.Random) -> str:
    """Make a cut of a copy in another folder; how, in words."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    path = target / LOG
    log = read_log(path)
    if log is None:
        return "nothing left to lose"
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
    return how


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

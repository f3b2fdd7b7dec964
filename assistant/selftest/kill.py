"""Kills: a process that posts is killed (SIGKILL) at a random point, and its book is looked at; many times over.

Each kill comes some steps into the work and then a random moment later, so that it falls on any point of any step:
the making or opening of the book, the keeping of a document, the middle of a transaction, its commit, and between. What
must hold after each: the book verifies (which says, among much else, that every entry balances and the chain is
whole); every commit that was acknowledged is there with its hash; every batch is there whole or not at all; nothing
is there twice. The next process then takes the same delivery from its beginning, as a person would, and in the end
the book has the same roots and balances as one that nobody disturbed.
"""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.selftest.outcome import PROBLEMS_MAX, Outcome
from assistant.selftest.scratch import Scratch, balances
from assistant.selftest.wal import Log
from assistant.selftest.worker import Worker
from ledger.batch import SaleBatch
from ledger.book import Book
from ledger.errors import BookError

STEPS = 16
LATER_S = 0.010
"""A kill comes so many steps into the work, on average, and up to so much later: as long as a transaction takes."""
IN_TRANSACTION = 0.6
"""Share of the kills that wait for the next transaction to begin; most of the time is spent between them."""

PLACES = {
    "opening": "while making or opening the book",
    "opened": "between transactions",
    "keeping": "while keeping a document",
    "transaction": "in a transaction",
    "committing": "at a commit",
    "delivery": "between transactions",
    "posting": "between transactions",
    "posted": "between transactions",
}

Identity = tuple[str, str, object]
"""Of a ticket or till event: frame, number at the till, and time of change."""


class Tally:
    """What is known of one scratch book while its writers are killed."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self.folder = folder
        self.settings = settings
        self.start = 0
        self.made = False
        self.acknowledged: dict[int, str] = {}
        self.parts: dict[tuple[int, int], bool] = {}  # begun -> acknowledged
        self.intakes: set[int] = set()
        self.synced: Log | None = None  # of a commit under way: the log before it

    def learn(self, said: dict[str, Any]) -> None:
        self.synced = Log(said["salt"], 0, said["end"], ()) if "salt" in said else None
        match said:
            case {"step": "opened"}:
                self.made = True
            case {"step": "keeping", "delivery": delivery}:
                self.start = delivery
            case {"step": "delivery", "intake": intake}:
                self.intakes.add(intake)
            case {"step": "posting", "delivery": delivery, "part": part}:
                self.parts.setdefault((delivery, part), False)
            case {"step": "posted", "delivery": delivery, "part": part, "seq": seq, "hash": link}:
                self.parts[(delivery, part)] = True
                self.acknowledged[seq] = link


def kill(scratch: Scratch, kills: int) -> Outcome:
    """Kill ``kills`` times. RuntimeError when the process that posts fails of itself."""
    begin = time.perf_counter()
    draws = random.Random(scratch.seed)  # noqa: S311 (chance that can be repeated)
    whole = straight_state(scratch)
    counts: Counter[str] = Counter(kills=0)
    where: Counter[str] = Counter()
    problems: list[str] = []
    worker = Worker(scratch.deliveries, scratch.folder)
    try:
        tally = Tally(*scratch.place())
        while counts["kills"] < kills or tally.acknowledged:
            place = attempt(worker, tally, scratch, draws if counts["kills"] < kills else None)
            if place is not None:
                counts["kills"] += 1
                where[place] += 1
            after = f"after kill {counts['kills']}, {place}" if place is not None else f"book {counts['books'] + 1}"
            problems += [f"{after}: {one}" for one in look(tally, scratch, tally.folder)]
            if not tally.folder.exists():  # killed while it was made; on PostgreSQL its id may be taken by now
                tally = Tally(*scratch.place())
            if place is None:
                counts["books"] += 1
                counts["commits"] += len(tally.acknowledged)
                problems += [f"book {counts['books']}: {one}" for one in compare(tally.folder, whole)]
                shutil.rmtree(tally.folder)
                tally = Tally(*scratch.place())
            if len(problems) >= PROBLEMS_MAX:
                break
    finally:
        worker.close()
    counts |= where
    places = ", ".join(f"{number:,} {name}" for name, number in where.most_common())
    return Outcome(
        "kill",
        scratch.seed,
        dict(counts),
        f"{counts['kills']:,} kills of a process that posts ({places}), {counts['commits']:,} acknowledged commits in "
        f"{counts['books']:,} books",
        tuple(problems[:PROBLEMS_MAX]),
        time.perf_counter() - begin,
    )


def straight_state(scratch: Scratch) -> tuple[object, object]:
    """Roots and balances of a book that nobody disturbed."""
    straight = scratch.straight()
    try:
        return straight.store_day_roots(), balances(straight)
    finally:
        straight.close()


def attempt(
    worker: Worker,
    tally: Tally,
    scratch: Scratch,
    draws: random.Random | None,
    stopped: Callable[[Path], None] | None = None,
) -> str | None:
    """Let a child work and kill it, unless ``draws`` is None. Where in its work it was killed, or None when it had
    finished the deliveries first. With ``stopped``, it is stopped first and ``stopped`` sees the book's folder so."""
    copies = scratch.folder / "copies"
    shutil.rmtree(copies, ignore_errors=True)
    worker.start(book=str(tally.folder), settings=tally.settings, copies=str(copies), start=tally.start)
    last = "opening"
    steps = int(draws.expovariate(1 / STEPS)) if draws is not None else -1
    in_transaction = draws is not None and draws.random() < IN_TRANSACTION
    while last != "done" and (steps != 0 or (in_transaction and last != "transaction")):
        said = worker.step()
        tally.learn(said)
        last = said["step"]
        steps -= steps != 0
    if draws is not None and last != "done":
        time.sleep(draws.uniform(0, LATER_S))
        try:
            if stopped is not None:
                worker.stop()
                stopped(tally.folder)
        finally:  # a stopped process would be waited for in vain
            worker.signal(signal.SIGKILL)
    rest, status = worker.reap()
    for said in rest:
        tally.learn(said)
        last = said["step"]
    if status not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the process that posts failed by itself, with exit status {status}")
    return None if last == "done" else PLACES[last]


def look(tally: Tally, scratch: Scratch, folder: Path) -> list[str]:
    """What does not hold in a book whose writer was killed; ``folder`` is the book's own, or that of a copy."""
    try:
        book = Book.open(folder)
    except BookError as error:
        if tally.made:
            return [f"the book does not open: {error}"]
        shutil.rmtree(folder, ignore_errors=True)  # killed while it was made: nothing is in it
        return []
    try:
        try:
            problems = list(book.verify().problems)
        except BookError as error:
            return [f"the book cannot be read: {error}"]
        links: dict[int, str] = {}
        present: Counter[Identity] = Counter()
        for chunk in book.committed():
            links |= {seq: link.hex() for seq, link in chunk.commits.select("seq", "hash").iter_rows()}
            for what, frame in (("ticket", chunk.tickets), ("event", chunk.events)):
                present.update((what, *row) for row in frame.select("external_id", "version_stamp").iter_rows())
        problems += [
            f"commit {seq} was acknowledged and is not there"
            for seq, link in tally.acknowledged.items()
            if links.get(seq) != link
        ]
        problems += [f"{one[0]} {one[1]} is there {number} times" for one, number in present.items() if number > 1]
        there = {feed.intake for feed in book.feeds()}
        problems += [f"delivery {one} was acknowledged and is not there" for one in sorted(tally.intakes - there)]
        for (delivery, place), part in (
            ((at, n), one) for at, each in enumerate(scratch.deliveries) for n, one in enumerate(each.parts)
        ):
            held = [one in present for one in identities(part)]
            begun = tally.parts.get((delivery, place))
            if any(held) and not all(held):
                problems.append(f"batch {place} of delivery {delivery} is there in part")
            if begun and not all(held):
                problems.append(f"batch {place} of delivery {delivery} was acknowledged and is not there")
            if begun is None and any(held):
                problems.append(f"batch {place} of delivery {delivery} is there before it was sent")
        return problems
    finally:
        book.close()


def identities(part: SaleBatch) -> list[Identity]:
    """What a batch holds, by name."""
    return [
        (what, *row)
        for what, frame in (("ticket", part.tickets), ("event", part.events))
        for row in frame.select("external_id", "version_stamp").iter_rows()
    ]


def compare(folder: Path, whole: tuple[object, object]) -> list[str]:
    """What the book in a folder is not, beside ``straight_state``."""
    book = Book.open(folder)
    try:
        problems = []
        if book.store_day_roots() != whole[0]:
            problems.append("its store-day roots are not those of a book that nobody disturbed")
        if balances(book) != whole[1]:
            problems.append("its balances are not those of a book that nobody disturbed")
        return problems
    finally:
        book.close()

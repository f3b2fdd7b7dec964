"""Figures that follow a book while it is filled: each commit goes into the copy while the next one is posted.

Commits are applied as they were written, so that nothing is read back, and many at once, as a columnar file wants
them; the copy is at the book's head soon after the last ticket is posted. It happens in a thread of its own:
DuckDB and Polars give up the interpreter's lock for nearly all of it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ledger.book import Book
from ledger.figures.copy import Figures
from ledger.writing import Commit

GATHERED = 120_000
"""Entries that are applied at once: about a row group of DuckDB's, which is written a second time while it is not
full."""
WAITING = 4
"""Commits that may wait to be gathered."""


@contextmanager
def following(book: Book) -> Iterator[Callable[[Commit], None]]:
    """What is to be told each commit of a book, in order. The copy has them all at the end.

    Where another process owns the copy, that one catches up when it is asked, and nothing is done here. What goes
    wrong with the copy is raised at the end: truth is not concerned.
    """
    figures = Figures.open(book, filling=True)
    if figures.note:  # it is a passing copy of our own
        figures.close()
        yield lambda _: None
        return
    waiting: queue.Queue[Commit | None] = queue.Queue(WAITING)
    failed: list[BaseException] = []

    def work() -> None:
        gathered: list[Commit] = []
        while (commit := waiting.get()) is not None:
            if failed:
                continue
            gathered.append(commit)
            if sum(one.written.link.entries for one in gathered) >= GATHERED:
                apply(gathered)
                gathered = []
        if gathered and not failed:
            apply(gathered)

    def apply(gathered: list[Commit]) -> None:
        try:
            figures.follow(gathered)
        except BaseException as error:  # whatever it is, it is raised where the commits come from
            failed.append(error)

    worker = threading.Thread(target=work, name="figures", daemon=True)
    worker.start()
    try:
        yield waiting.put
    finally:
        waiting.put(None)
        worker.join()
        figures.close()
    if failed:
        raise failed[0]

"""Group commit: many small batches that wait at the same moment are posted as one commit.

A durable commit of one ticket costs nearly what one of a hundred does. So while one commit is on its way the batches
that arrive wait, and the next commit takes them all. Writers that were just answered come again at once, so a commit
waits a moment for as many as the one before had: otherwise they would form two halves that take turns. Each caller is
answered when its own batch is durable.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

from ledger.batch import SaleBatch
from ledger.book import Book
from ledger.errors import BookError, TillproofError
from ledger.writing import Commit

One = TypeVar("One")
All = TypeVar("All")

GATHERING_S = 0.004
"""How long a commit waits at most for as many batches as the one before had; one that was alone is not waited for."""


class _Waiting(Generic[One, All]):
    """One thing that waits; ``woken`` when it is answered, or when it is its thread's turn to lead."""

    def __init__(self, one: One) -> None:
        self.one = one
        self.outcome: All | TillproofError | None = None
        self.woken = threading.Event()


class Gathering(Generic[One, All]):
    """Things from many threads, taken together: ``together`` takes all that wait at once, durably.

    It raises a TillproofError where one of them is wrong, having done nothing; each is then taken by itself.
    """

    def __init__(self, together: Callable[[list[One]], All]) -> None:
        self._together = together
        self._lock = threading.Lock()
        self._gathered = threading.Condition(self._lock)
        self._queue: list[_Waiting[One, All]] = []
        self._led = False
        self._before = 1

    def put(self, one: One) -> All:
        """Take one with those that wait; what came of all of them, once it is durable. Raises what ``together`` raises
        for this one alone."""
        mine: _Waiting[One, All] = _Waiting(one)
        with self._lock:
            self._queue.append(mine)
            if len(self._queue) >= self._before:
                self._gathered.notify_all()
            leads, self._led = not self._led, True
        if not leads:
            mine.woken.wait()
        if mine.outcome is None:
            self._lead()
        assert mine.outcome is not None
        if isinstance(mine.outcome, TillproofError):
            raise mine.outcome
        return mine.outcome

    def _lead(self) -> None:
        """Take all that waits, answer it, and hand the lead to one that came meanwhile."""
        with self._lock:
            self._gathered.wait_for(lambda: len(self._queue) >= self._before, GATHERING_S)
            group, self._queue = self._queue, []
            self._before = len(group)
        try:
            self._take(group)
        except BaseException as error:  # whatever it is, nobody is left waiting
            for one in group:
                one.outcome = one.outcome or BookError(f"the commit failed: {error}")
            raise
        finally:
            with self._lock:
                following = self._queue[0] if self._queue else None
                self._led = following is not None
            for one in (*group, *filter(None, [following])):
                one.woken.set()

    def _take(self, group: list[_Waiting[One, All]]) -> None:
        try:
            outcome: All | TillproofError = self._together([one.one for one in group])
        except TillproofError as error:
            if len(group) > 1:  # one of them is wrong, and only that one is to be told
                for one in group:
                    self._take([one])
                return
            outcome = error
        for one in group:
            one.outcome = outcome


class GroupCommit:
    """Posts small batches of one delivery from many threads. ``intake`` is that of the document they come from."""

    def __init__(self, book: Book, intake: int) -> None:
        self._book = book
        self._intake = intake
        self._gathering: Gathering[tuple[SaleBatch, datetime], Commit] = Gathering(self._post)

    def post(self, batch: SaleBatch, *, at: datetime) -> Commit:
        """Post a validated batch; returns the commit that it became part of, once that is durable.

        Counts and holds are those of the whole commit. Raises what ``Book.post`` raises for this batch alone: a wrong
        batch does not fail those that it waited with.
        """
        return self._gathering.put((batch, at))

    def _post(self, waiting: list[tuple[SaleBatch, datetime]]) -> Commit:
        return self._book.post(
            SaleBatch.joined([batch for batch, _ in waiting]),
            intake=self._intake,
            at=max(at for _, at in waiting),
            last=False,
        )

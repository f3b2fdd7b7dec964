"""Group commit: many small batches that wait at the same moment are posted as one commit.

A durable commit of one ticket costs nearly what one of a hundred does. So while one commit is on its way the batches
that arrive wait, and the next commit takes them all. Writers that were just answered come again at once, so a commit
waits a moment for as many as the one before had: otherwise they would form two halves that take turns. Each caller is
answered when its own batch is durable.
"""

from __future__ import annotations

import threading
from datetime import datetime

from ledger.batch import SaleBatch
from ledger.book import Book
from ledger.errors import BookError, TillproofError
from ledger.writing import Commit

GATHERING_S = 0.004
"""How long a commit waits at most for as many batches as the one before had; one that was alone is not waited for."""


class _Waiting:
    """A batch that waits; ``woken`` when it is answered, or when it is its thread's turn to lead."""

    def __init__(self, batch: SaleBatch, at: datetime) -> None:
        self.batch = batch
        self.at = at
        self.outcome: Commit | TillproofError | None = None
        self.woken = threading.Event()


class GroupCommit:
    """Posts small batches of one delivery from many threads. ``intake`` is that of the document they come from."""

    def __init__(self, book: Book, intake: int) -> None:
        self._book = book
        self._intake = intake
        self._lock = threading.Lock()
        self._gathered = threading.Condition(self._lock)
        self._queue: list[_Waiting] = []
        self._led = False
        self._before = 1

    def post(self, batch: SaleBatch, *, at: datetime) -> Commit:
        """Post a validated batch; returns the commit that it became part of, once that is durable.

        Counts and holds are those of the whole commit. Raises what ``Book.post`` raises for this batch alone: a wrong
        batch does not fail those that it waited with.
        """
        mine = _Waiting(batch, at)
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
        if isinstance(mine.outcome, BaseException):
            raise mine.outcome
        return mine.outcome

    def _lead(self) -> None:
        """Post all that waits, answer it, and hand the lead to one that came meanwhile."""
        with self._lock:
            self._gathered.wait_for(lambda: len(self._queue) >= self._before, GATHERING_S)
            group, self._queue = self._queue, []
            self._before = len(group)
        try:
            self._post(group)
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

    def _post(self, group: list[_Waiting]) -> None:
        try:
            outcome: Commit | TillproofError = self._book.post(
                SaleBatch.joined([one.batch for one in group]),
                intake=self._intake,
                at=max(one.at for one in group),
                last=False,
            )
        except TillproofError as error:
            if len(group) > 1:  # one of them is wrong, and only that one is to be told
                for one in group:
                    self._post([one])
                return
            outcome = error
        for one in group:
            one.outcome = outcome

"""``Watch``: while a book is served, it is looked at for flags after each delivery, apart from whoever answers.

A look is a process of its own (``tillproof flags scan``) with the lowest priority: its memory is gone when it ends, and
an answer never waits for it. It is put off until deliveries pause, so that a hundred webhooks cost one look, and after
a look the machine rests from it for several times as long as it took.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from ledger.book import Book
from ledger.errors import TillproofError

log = logging.getLogger("tillproof")

POLL_SECONDS = 1.0
LATEST = 6.0
"""Deliveries that do not pause are looked at after so many times the pause that is waited for."""
REST = 4.0
"""After a look the next one waits for so many times as long as it took."""
NICE = 19


@dataclass
class Pace:
    """When to look: once deliveries have paused for ``pause_seconds``, or have gone on for long enough without a pause.
    Times are in seconds of any clock that does not go back."""

    pause_seconds: float
    looked_at: str | None = None
    _head: str | None = None
    _first: float = 0.0
    _last: float = 0.0
    _rested: float = 0.0

    def due(self, now: float, head: str) -> bool:
        """Whether to look now at a book whose last delivery is ``head``."""
        if head == self.looked_at:
            self._head = None
            return False
        if head != self._head:
            if self._head is None:
                self._first = now
            self._head, self._last = head, now
        paused = now - self._last >= self.pause_seconds or now - self._first >= LATEST * self.pause_seconds
        return paused and now >= self._rested

    def looked(self, head: str, began: float, now: float) -> None:
        """A look at ``head`` is over."""
        self.looked_at, self._head = head, None
        self._rested = now + REST * (now - began)


class Watch:
    """Looks at a book in the background until it is closed. ``look`` is what a look does; True where it was done."""

    def __init__(self, book: Book, pause_seconds: float, look: Callable[[], bool] | None = None) -> None:
        self._book = book
        self._pace = Pace(pause_seconds)
        self._look = look or self._apart
        self._closing = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._run, name="flags", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End; a look that is under way is given up, and nothing of it is half done: it records one commit or none."""
        self._closing.set()
        process = self._process
        if process is not None:
            process.terminate()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._closing.wait(min(POLL_SECONDS, self._pace.pause_seconds or POLL_SECONDS)):
            try:
                head = self._book.last_delivery()
            except TillproofError as error:
                log.warning("deliveries cannot be followed: %s", error)
                continue
            began = time.monotonic()
            if head.seq and self._pace.due(began, head.hash):
                self._look()
                self._pace.looked(head.hash, began, time.monotonic())

    def _apart(self) -> bool:
        command = [sys.executable, "-m", "assistant.cli", "flags", "scan", str(self._book.path), "--json"]
        with subprocess.Popen(  # noqa: S603 our own command
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            self._process = process
            if self._closing.is_set():
                process.terminate()
            elif hasattr(os, "setpriority"):
                with contextlib.suppress(OSError):  # it has ended already
                    os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
            _, complaint = process.communicate()
        self._process = None
        if process.returncode and not self._closing.is_set():
            log.warning("flags are not up to date: %s", (complaint.strip().splitlines() or ["the scan failed"])[-1])
        return process.returncode == 0

"""A process that posts and is killed, again and again, for the price of a fork.

A process that runs ``serve`` loads what posting needs, reads where the deliveries are, and then runs each order it is
given, a JSON line on stdin, in a forked child. The child says every step on the stdout it shares, before
it begins it and after it is acknowledged, in one write a line, so that no kill leaves half a line. The program itself
runs no query and touches no frame before it forks: a library's threads would not come along.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import alembic.command  # loaded here once, lest every child loads it
import alembic.config  # noqa: F401
from sqlalchemy import event

from assistant.selftest.scratch import AT, Delivery
from assistant.selftest.wal import read_log
from ledger.book import Book
from ledger.truth import FILE


class Worker:
    """A running worker; orders go in, steps come out."""

    def __init__(self, deliveries: tuple[Delivery, ...], folder: Path, *, says_log: bool = False) -> None:
        """With ``says_log`` a step of a commit says what SQLite's log held when it began."""
        stored = folder / "deliveries.pickle"
        stored.write_bytes(pickle.dumps(deliveries))
        environment = os.environ | {"POLARS_MAX_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from assistant.selftest.worker import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._say(json.dumps({"deliveries": str(stored), "says_log": says_log}))
        self.child = 0

    def start(self, **order: Any) -> None:
        """Fork a child that works at an order: ``book`` and ``settings`` (the folder, and what it is made with where
        it is not there), ``copies`` (a folder for plain copies) and ``start`` (the delivery to begin with)."""
        self._say(json.dumps(order))
        self.child = int(self.step()["pid"])

    def step(self) -> dict[str, Any]:
        """The next step that the child says."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that posts has ended by itself; what it said is on stderr")
        said: dict[str, Any] = json.loads(line)
        return said

    def signal(self, number: int) -> None:
        """Send the child a signal. It is there until it is reaped, even when it has ended."""
        os.kill(self.child, number)

    def stop(self) -> None:
        """Stop the child where it is; returns when it has stopped, or has ended by itself."""
        self.signal(signal.SIGSTOP)
        while Path(f"/proc/{self.child}/stat").read_text().rpartition(")")[2].split()[0] not in "TtZ":
            time.sleep(0.0002)

    def reap(self) -> tuple[list[dict[str, Any]], int]:
        """The steps that were said and not yet read, and how the child ended, when it has (a signal is negative)."""
        self._say("reap")
        steps = []
        while "ended" not in (said := self.step()):
            steps.append(said)
        return steps, int(said["ended"])

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()


def work(order: dict[str, Any], say: Callable[..., None]) -> None:
    """Work at an order, and say each step before it begins and after it is acknowledged."""
    deliveries: tuple[Delivery, ...] = pickle.loads(Path(order["deliveries"]).read_bytes())  # noqa: S301 (our parent's)
    say(step="opening")
    folder = Path(order["book"])
    book = Book.open(folder) if (folder / "book.toml").exists() else Book.create_from(folder, order["settings"])
    event.listen(book.truth.writer, "begin", lambda _: say(step="transaction"))
    says_log = order.get("says_log", False)
    event.listen(book.truth.writer, "commit", lambda _: say(step="committing", **_log(folder) if says_log else {}))
    say(step="opened")
    for place, delivery in list(enumerate(deliveries))[order["start"] :]:
        say(step="keeping", delivery=place)
        intake = delivery.begin(book, Path(order["copies"]))
        say(step="delivery", delivery=place, intake=intake)
        for number, part in enumerate(delivery.parts):
            say(step="posting", delivery=place, part=number)
            done = book.post(part, intake=intake, at=AT, last=number == len(delivery.parts) - 1)
            say(step="posted", delivery=place, part=number, seq=done.seq, hash=done.hash)
    book.close()
    say(step="done")


def _log(folder: Path) -> dict[str, Any]:
    log = read_log(folder / f"{FILE}-wal")
    return {"salt": log.salt, "end": log.end} if log is not None else {"salt": "", "end": 0}


def serve() -> None:
    """What the process does: run each order of stdin in a fork, until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is the parent that is interrupted, and closes the pipe
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # lest anything else that is printed gets between

    def say(**said: Any) -> None:
        os.write(out, json.dumps(said).encode() + b"\n")

    orders = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
    job = json.loads(orders.readline())
    while order := orders.readline():
        child = os.fork()
        if child == 0:
            try:
                say(pid=os.getpid())
                work(job | json.loads(order), say)
                os._exit(0)
            except BaseException:
                sys.excepthook(*sys.exc_info())
                os._exit(1)
        orders.readline()
        _, status = os.waitpid(child, 0)
        say(ended=os.waitstatus_to_exitcode(status))

"""Reading ahead: the next batch is read while the present one is posted.

A delivery of one batch has nothing to be read ahead of. One of some batches is read in a thread. A large one is read
in a process of its own, since posting through the SQLite driver and reading would wait for each other's interpreter
lock at every row. The process is started as ``python -m ingest.ahead``, takes its job on stdin and writes what it reads
to stdout; it ends when either pipe does.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import IO

from ingest.reader import Begin, Job, Part, read
from ledger.errors import TillproofError

WAITING = 1
KEEPING_PAGES = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:20000,muzzy_decay_ms:20000"}
"""For the allocator of Polars: batches are alike, so that pages given back to the system after half a second, as it
does by itself, are asked for again by the next one; a tenth of the time of reading goes there."""
PIPE_BYTES = 1 << 20
"""A batch is some sixty megabytes; the system's own pipes take 64 KiB at a time."""
_LENGTH_BYTES = 8

Read = Begin | Part


def ahead(job: Job) -> Iterator[Read]:
    """What ``read`` gives, read ahead. An error there is raised here."""
    if job.small:
        return read(job)
    return _in_process(job) if job.large else _in_thread(read(job))


def _in_thread(items: Iterator[Read]) -> Iterator[Read]:
    ready: queue.Queue[Read | BaseException | None] = queue.Queue(WAITING)
    stopped = threading.Event()

    def offer(one: Read | BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                ready.put(one, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for one in items:
                if not offer(one):
                    return
            offer(None)
        except BaseException as error:  # whatever it is, it is raised where the items are awaited
            offer(error)

    maker = threading.Thread(target=make, name="reading", daemon=True)
    maker.start()
    try:
        while (one := ready.get()) is not None:
            if isinstance(one, BaseException):
                raise one
            yield one
    finally:
        stopped.set()
        maker.join()


def _in_process(job: Job) -> Iterator[Read]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **KEEPING_PAGES}
    with subprocess.Popen(
        [sys.executable, "-m", "ingest.ahead"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        _widen(process.stdout)
        try:
            _send(process.stdin, job)
            yield from _in_thread(_received(process.stdout))
        finally:
            process.kill()


def _widen(pipe: IO[bytes]) -> None:
    """Let a pipe hold more where the system has a way to say so (Linux)."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):  # over the limit of an unprivileged user
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def _received(pipe: IO[bytes]) -> Iterator[Read]:
    while (one := _receive(pipe)) is not None:
        if isinstance(one, BaseException):
            raise one
        yield one


def _send(pipe: IO[bytes], one: object) -> None:
    content = pickle.dumps(one, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(len(content).to_bytes(_LENGTH_BYTES, "big"))
    pipe.write(content)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Read | BaseException | None:
    length = pipe.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        raise RuntimeError("the process that reads the files ended before they were read; take them again")
    one: Read | BaseException | None = pickle.loads(pipe.read(int.from_bytes(length, "big")))  # noqa: S301 (our child's)
    return one


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is the parent that is interrupted, and closes the pipe
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # lest anything else that is printed gets between
    length = int.from_bytes(sys.stdin.buffer.read(_LENGTH_BYTES), "big")
    job: Job = pickle.loads(sys.stdin.buffer.read(length))  # noqa: S301 (our parent's)
    try:
        try:
            for one in read(job):
                _send(out, one)
            _send(out, None)
        except TillproofError as error:
            _send(out, error)
    except BrokenPipeError:
        os._exit(1)  # the parent has gone, and nobody is there to tell


if __name__ == "__main__":
    _main()

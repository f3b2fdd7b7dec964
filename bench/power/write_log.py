"""The write log: building the layer that keeps it, running a process on that layer, and reading what it wrote down."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("write_log.c")
HEADER = struct.Struct("<ciqI")
LOG, ROOT = "WRITE_LOG", "WRITE_LOG_ROOT"
MARK = "!"


class CannotRecord(Exception):
    """There is no layer on this machine; the sentence says what is missing."""


@dataclass(frozen=True)
class Record:
    """A call that succeeded, or a mark. By ``kind``:

    o  a file or folder was opened as ``descriptor``; ``number`` are the flags, ``payload`` the absolute path
    c  ``descriptor`` was closed
    w  ``payload`` was written at the offset ``number``
    t  the file was cut or grown to ``number`` bytes
    s  the file or folder was synced
    m  a folder was made at the path ``payload``
    u  the file or folder at the path ``payload`` was removed
    r  ``payload`` is two paths with a zero byte between: the first was renamed to the second
    !  the process itself said ``payload``, in JSON
    """

    kind: str
    descriptor: int
    number: int
    payload: bytes

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.payload)
        return found


def build(folder: Path) -> Path:
    """Compile the layer into a folder; its path. CannotRecord where it cannot be compiled or preloaded."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        raise CannotRecord("the write log needs Linux and a C compiler (Debian: apt install gcc libc6-dev)")
    built = folder / "write_log.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-U_FORTIFY_SOURCE", "-o", str(built), str(SOURCE)]
    done = subprocess.run([*command, "-ldl", "-lpthread"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotRecord(f"{SOURCE} does not compile: {done.stderr.strip()}")
    return built


def record(layer: Path, root: Path, log: Path, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command on the layer; what it does in the folder ``root`` is appended to ``log``."""
    environment = os.environ | {
        "LD_PRELOAD": str(layer),
        LOG: str(log),
        ROOT: str(root.resolve()),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def mark(**said: Any) -> None:
    """In a recorded process: put a mark into the log, behind every call that has returned."""
    payload = json.dumps(said).encode()
    log = os.open(os.environ[LOG], os.O_WRONLY | os.O_APPEND)
    try:
        os.write(log, HEADER.pack(MARK.encode(), -1, 0, len(payload)) + payload)
    finally:
        os.close(log)


def read(log: Path) -> Iterator[Record]:
    """The records of a log, in order."""
    with log.open("rb") as file:
        while header := file.read(HEADER.size):
            kind, descriptor, number, length = HEADER.unpack(header)
            payload = file.read(length)
            assert len(payload) == length, f"{log} ends within a record"
            yield Record(kind.decode(), descriptor, number, payload)

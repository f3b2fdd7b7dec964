"""A private PostgreSQL for tests: a cluster in a temporary folder, reached by a socket there and by nothing else."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest

VERSIONS = Path("/usr/lib/postgresql")
OLDEST = 15
"""The version that the documents name; an older one is as none."""
OWNER = "postgres"
"""initdb refuses to run as root; Debian's package brings this user."""


def binaries() -> Path | None:
    """The folder of the newest installed server's programs, or None where it is older than ``OLDEST``."""
    found = {int(path.parts[-3]): path.parent for path in VERSIONS.glob("*/bin/initdb")}
    return found[max(found)] if found and max(found) >= OLDEST else None


def missing(said: str) -> NoReturn:
    """What a test needs is not here: it is skipped; in CI that is a failure."""
    pytest.fail(said) if os.environ.get("CI") else pytest.skip(said)
    raise AssertionError


@dataclass
class Cluster:
    """A running cluster; ``socket`` is its folder."""

    socket: Path
    data: Path
    options: Sequence[str]
    _number: count[int] = field(default_factory=count)

    def start(self) -> None:
        options = " ".join(f"-c {option}" for option in self.options) + f" -k {self.socket}"
        self.control("-w", "-l", str(self.socket / "log"), "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        self.control("-m", mode, "stop")

    def running(self) -> bool:
        return self.control("status", check=False) == 0

    def control(self, *arguments: str, check: bool = True) -> int:
        return self.run("pg_ctl", "-D", str(self.data), *arguments, check=check)

    def run(self, program: str, *arguments: str, check: bool = True) -> int:
        """Run one of the server's programs as its owner; its exit status."""
        programs = binaries()
        assert programs is not None
        done = subprocess.run(
            [str(programs / program), *arguments],
            user=OWNER if os.geteuid() == 0 else None,
            cwd=self.socket,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, f"{program} {arguments}: {done.stdout} {done.stderr}"
        return done.returncode

    def url(self, database: str) -> str:
        return f"postgresql://{OWNER}@/{database}?host={self.socket}"

    def database(self, template: str = "template1") -> str:
        """Make a new database as a copy of another; its name."""
        name = f"test_{next(self._number)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE {name} TEMPLATE "{template}" STRATEGY file_copy')  # type: ignore[arg-type]
        return name


@contextmanager
def cluster(*settings: str, disk: Path | None = None, initdb: Sequence[str] = ()) -> Iterator[Cluster]:
    """A fresh cluster, taken down at the end. Skips where PostgreSQL is not installed; in CI that is a failure.

    ``settings`` are such as ``"fsync=on"``; by default nothing is synced, since a test's cluster need not survive.
    ``disk`` is where its data shall lie, if not beside its socket; ``initdb`` are options for making it.
    """
    if binaries() is None:
        missing(f"PostgreSQL {OLDEST} or newer is not installed (Debian: apt install postgresql-{OLDEST})")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a short path: a socket's has at most 107 bytes
    if os.geteuid() == 0:
        owner = pwd.getpwnam(OWNER)
        for one in (folder, disk or folder):
            os.chown(one, owner.pw_uid, owner.pw_gid)
    options = ["listen_addresses=", "fsync=off", "full_page_writes=off", "shared_buffers=64MB", *settings]
    made = Cluster(folder, (disk or folder) / "data", options)
    try:
        asked = ("-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N", *initdb)
        made.run("initdb", "-D", str(made.data), *asked)
        made.start()
        try:
            yield made
        finally:
            if made.running():
                made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)

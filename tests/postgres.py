"""A private PostgreSQL for tests: a cluster in a temporary folder, reached by a socket there and by nothing else."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

VERSIONS = Path("/usr/lib/postgresql")
OWNER = "postgres"
"""initdb refuses to run as root; Debian's package brings this user."""


def binaries() -> Path | None:
    """The folder of the newest installed server's programs, or None."""
    found = sorted(VERSIONS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@dataclass
class Cluster:
    """A running cluster; ``socket`` is its folder."""

    socket: Path
    _number: count[int]

    def url(self, database: str) -> str:
        return f"postgresql://{OWNER}@/{database}?host={self.socket}"

    def database(self, template: str = "template1") -> str:
        """Make a new database as a copy of another; its name."""
        name = f"test_{next(self._number)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE {name} TEMPLATE "{template}" STRATEGY file_copy')  # type: ignore[arg-type]
        return name


@contextmanager
def cluster(*settings: str) -> Iterator[Cluster]:
    """A fresh cluster, taken down at the end. Skips where PostgreSQL is not installed; in CI that is a failure.

    ``settings`` are such as ``"fsync=on"``; by default nothing is synced, since a test's cluster need not survive.
    """
    programs = binaries()
    if programs is None:
        said = "PostgreSQL is not installed (Debian: apt install postgresql-15)"
        pytest.fail(said) if os.environ.get("CI") else pytest.skip(said)
    root = os.geteuid() == 0
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a short path: a socket's has at most 107 bytes
    if root:
        owner = pwd.getpwnam(OWNER)
        os.chown(folder, owner.pw_uid, owner.pw_gid)

    def run(*command: str) -> None:
        done = subprocess.run(
            command, user=OWNER if root else None, cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stdout} {done.stderr}"

    data = folder / "data"
    options = ["listen_addresses=", "fsync=off", "full_page_writes=off", "shared_buffers=64MB", *settings]
    try:
        run(str(programs / "initdb"), "-D", str(data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        started = " ".join(f"-c {option}" for option in options) + f" -k {folder}"
        run(str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", started, "start")
        try:
            yield Cluster(folder, count())
        finally:
            run(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)

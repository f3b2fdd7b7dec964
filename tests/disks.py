"""Small disks for tests, each a tmpfs of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size_mib: int) -> Iterator[Path]:
    """A disk of so many MiB, mounted on a new folder. Mounting takes root; without, the test is skipped, saying so.

    For root in CI that it cannot be mounted is a failure.
    """
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "tillproof-test", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        said = f"a small tmpfs cannot be mounted here: {mounted.stderr.decode().strip() or 'mount failed'}"
        pytest.fail(said) if os.environ.get("CI") and os.geteuid() == 0 else pytest.skip(said)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_up(disk: Path, leave: int = 0) -> Path:
    """Take all room but ``leave`` bytes; the file that takes it."""
    ballast = disk / "ballast"
    free = os.statvfs(disk)
    size = free.f_bavail * free.f_frsize - leave
    with ballast.open("wb") as file:
        file.write(bytes(max(0, size)))
    return ballast

"""Files that survive a loss of power: first their bytes are synced, then they get their name, then that is synced."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def sync(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, content: str) -> None:
    """Write a text under a name, whole or not at all; what had that name before is replaced."""
    temporary = path.with_name(f"{path.name}.part")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync(path.parent)


def copy(source: Path, target: Path) -> None:
    """Copy a file's bytes under a new name. The name itself is durable once its folder is synced."""
    shutil.copy2(source, target)
    sync(target)

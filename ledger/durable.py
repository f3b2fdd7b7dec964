"""What stays when the power goes: files, and the names they have.

The sync of a file makes its bytes durable and says nothing of its name; a name that was made or changed is durable once
the folder it is in was synced (POSIX, fsync; https://man7.org/linux/man-pages/man2/fsync.2.html). A file system may
promise more; nothing here counts on it. Each function returns when what it did is durable and raises OSError
otherwise.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def sync(path: Path) -> None:
    """Make the bytes of a file, or the names in a folder, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_all(folder: Path) -> None:
    """Make a folder durable with everything in it, and its own name."""
    for path in [*folder.rglob("*"), folder, folder.parent]:
        sync(path)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing; nothing where it is there already."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for each in missing:
        sync(each.parent)


def rename(written: Path, target: Path) -> None:
    """Give a written file the name it shall have: whole, in the place of what had that name, or not at all."""
    sync(written)
    written.replace(target)
    for folder in {target.parent: None, written.parent: None}:
        sync(folder)


def write(path: Path, content: str) -> None:
    """Write a text under a name, whole or not at all; what had that name before is replaced."""
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_text(content, encoding="utf-8")
    rename(unfinished, path)


def copy(source: Path, target: Path) -> None:
    """Copy a file's bytes under a new name. The name itself is durable once its folder is synced."""
    shutil.copy2(source, target)
    sync(target)

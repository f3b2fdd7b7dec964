"""A disk under a recorded process: what the process sees, what is durable, and what a loss of power may leave.

What is assumed is what POSIX says of a sync and nothing that one file system adds to it:

- What was written before a sync of its file is on the disk. Of what was written since, each write is there, is not, or
  is torn (each of its 512-byte sectors is there or not), whatever came before or after it.
- A name (of a file or folder that was made, renamed or removed) is durable once the folder it is in was synced, and
  not by a sync of the file. Until then each name is, whatever the others are, any of what it has been since then.
- A rename happens whole: its file is not lost under both names. No write damages bytes beside it.

The shared memory of a database (``-shm``) is no file of the disk; a loss of power always takes it.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bench.power.write_log import Record

SECTOR = 512
KEPT = (0.0, 0.5, 0.9)
"""Chance that a change that was not synced is on the disk all the same; one of these is drawn for a cut."""
PASSING = ("-shm", ".lock")
"""Ends of names whose content nobody needs after a loss of power."""


@dataclass(eq=False)
class File:
    """``changes`` are those since the last sync, in order: bytes at an offset, or a new size."""

    synced: bytearray = field(default_factory=bytearray)
    seen: bytearray = field(default_factory=bytearray)
    changes: list[tuple[int, bytes] | int] = field(default_factory=list)

    def change(self, change: tuple[int, bytes] | int) -> None:
        self.changes.append(change)
        _apply(self.seen, change)

    def sync(self) -> None:
        self.synced = bytearray(self.seen)
        self.changes.clear()


@dataclass(eq=False)
class Folder:
    """``names``: what each name has stood for since the folder was last synced, each with the number of the call."""

    names: dict[str, list[tuple[int, File | Folder | None]]] = field(default_factory=dict)

    def get(self, name: str) -> File | Folder | None:
        return self.names[name][-1][1] if name in self.names else None

    def put(self, name: str, at: int, node: File | Folder | None) -> None:
        self.names.setdefault(name, [(0, None)]).append((at, node))

    def sync(self) -> None:
        self.names = {name: [past[-1]] for name, past in self.names.items() if past[-1][1] is not None}


Tree = dict[str, bytes | None]
"""By path in the root: the bytes of a file, None for a folder."""


class Disk:
    """The folder ``root``, empty at first, played back record by record."""

    def __init__(self, root: Path) -> None:
        self._prefix = PurePosixPath(root.resolve())
        self._root = Folder()
        self._open: dict[int, File | Folder] = {}
        self._renames: list[tuple[int, Folder, str, Folder, str]] = []
        self._calls = 0

    def apply(self, record: Record) -> None:
        """Do what a call did."""
        self._calls += 1
        match record.kind:
            case "o":
                self._open[record.descriptor] = self._opened(record.payload, record.number)
            case "c":
                del self._open[record.descriptor]
            case "w":
                self._file(record).change((record.number, record.payload))
            case "t":
                self._file(record).change(record.number)
            case "s":
                self._open[record.descriptor].sync()
            case "m":
                folder, name = self._place(record.payload)
                folder.put(name, self._calls, Folder())
            case "u":
                folder, name = self._place(record.payload)
                folder.put(name, self._calls, None)
            case "r":
                (old, old_name), (new, new_name) = map(self._place, record.payload.split(b"\0"))
                node = old.get(old_name)
                assert node is not None, f"{old_name} was renamed and was never made"
                old.put(old_name, self._calls, None)
                new.put(new_name, self._calls, node)
                self._renames.append((self._calls, old, old_name, new, new_name))

    def seen(self) -> Tree:
        """The folder as the process sees it."""
        return dict(_walk("", self._root, lambda folder, name: folder.get(name), lambda file: bytes(file.seen)))

    def left(self, draws: random.Random | None) -> tuple[Tree, Counter[str]]:
        """What the disk holds after a loss of power now, and how much was lost by chance: ``writes``, ``torn`` ones and
        ``names``, of those that anybody needs. Without chance, everything that was not synced is lost."""
        kept = draws.choice(KEPT) if draws is not None else 0.0
        lost: Counter[str] = Counter()
        chosen = self._names(draws, kept)

        def named(folder: Folder, name: str) -> File | Folder | None:
            at, node = chosen[folder, name]
            if at != folder.names[name][-1][0] and not name.endswith(PASSING):
                lost["names"] += 1
            return node if not name.endswith("-shm") else None

        def content(file: File) -> bytes:
            found = bytearray(file.synced)
            for change in file.changes:
                if draws is not None and draws.random() < kept:
                    _apply(found, change)
                elif draws is not None and kept and not isinstance(change, int) and draws.random() < 0.5:
                    lost["torn"] += 1
                    for part in _sectors(*change):
                        if draws.random() < 0.5:
                            _apply(found, part)
                else:
                    lost["writes"] += 1
            return bytes(found)

        return dict(_walk("", self._root, named, content)), lost

    def _names(self, draws: random.Random | None, kept: float) -> dict[tuple[Folder, str], tuple[int, object]]:
        """For each name in each folder ever reached, what it stands for on the disk."""
        chosen = {}
        for folder in self._folders(self._root):
            for name, past in folder.names.items():
                if draws is None:
                    chosen[folder, name] = past[0]
                else:
                    chosen[folder, name] = past[-1] if draws.random() < kept else draws.choice(past)
        for at, old, old_name, new, new_name in self._renames:
            gone = (old, old_name) not in chosen or chosen[old, old_name][0] >= at
            if gone and (new, new_name) in chosen and chosen[new, new_name][0] < at:
                chosen[new, new_name] = next(each for each in new.names[new_name] if each[0] >= at)
        return chosen

    def _folders(self, folder: Folder) -> list[Folder]:
        inner = {node for past in folder.names.values() for _, node in past if isinstance(node, Folder)}
        return [folder, *(each for one in inner for each in self._folders(one))]

    def _opened(self, path: bytes, flags: int) -> File | Folder:
        relative = self._relative(path)
        if not relative.parts:
            return self._root
        folder, name = self._place(path)
        node = folder.get(name)
        if node is None:
            assert flags & os.O_CREAT, f"{relative} was opened and was never made"
            node = File()
            folder.put(name, self._calls, node)
        elif isinstance(node, File) and flags & os.O_TRUNC and node.seen:
            node.change(0)
        return node

    def _file(self, record: Record) -> File:
        node = self._open[record.descriptor]
        assert isinstance(node, File)
        return node

    def _place(self, path: bytes) -> tuple[Folder, str]:
        relative = self._relative(path)
        folder = self._root
        for part in relative.parts[:-1]:
            inner = folder.get(part)
            assert isinstance(inner, Folder), f"{relative} lies in a folder that was never made"
            folder = inner
        return folder, relative.name

    def _relative(self, path: bytes) -> PurePosixPath:
        return PurePosixPath(os.path.normpath(path.decode())).relative_to(self._prefix)


def write(tree: Tree, folder: Path) -> None:
    """Make a folder that holds a tree."""
    folder.mkdir(parents=True)
    for path, content in tree.items():
        if content is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(content)


def found(folder: Path) -> Tree:
    """The tree that a folder holds."""
    return {str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes() for path in folder.rglob("*")}


def _walk(
    path: str,
    folder: Folder,
    named: Callable[[Folder, str], File | Folder | None],
    content: Callable[[File], bytes],
) -> Iterator[tuple[str, bytes | None]]:
    for name in folder.names:
        node = named(folder, name)
        if isinstance(node, Folder):
            yield f"{path}{name}", None
            yield from _walk(f"{path}{name}/", node, named, content)
        elif node is not None:
            yield f"{path}{name}", content(node)


def _apply(content: bytearray, change: tuple[int, bytes] | int) -> None:
    if isinstance(change, int):
        del content[change:]
        content.extend(bytes(change - len(content)))
    else:
        at, written = change
        content.extend(bytes(max(0, at - len(content))))
        content[at : at + len(written)] = written


def _sectors(at: int, written: bytes) -> Iterator[tuple[int, bytes]]:
    start, end = at, at + len(written)
    while start < end:
        behind = min(end, (start // SECTOR + 1) * SECTOR)
        yield start, written[start - at : behind - at]
        start = behind

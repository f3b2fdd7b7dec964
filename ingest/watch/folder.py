"""What a watched folder can do, wherever it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

from ledger.errors import InputError

Where = Literal["done", "held"]
WHERE: tuple[Where, ...] = ("done", "held")
WHY = ".why.txt"
"""What the name of a file in ``held/`` ends in that says why another one is there."""
NAME_BYTES_MAX = 255
NAMES_TRIED_MAX = 10_000
IDENTITY_DIGITS = 12
ENDING_CHARACTERS_MAX = 10


class Unreachable(InputError):
    """A watched folder is not there, or does not let itself be read or written just now."""


@dataclass(frozen=True)
class Seen:
    """A file as it was seen: ``modified`` is when it was written last, in seconds since 1970 by the folder's clock."""

    name: str
    size_bytes: int
    modified: float


class Folder(Protocol):
    """A folder. Every call raises Unreachable where the folder does not answer, and FileNotFoundError where the file
    that is meant is gone."""

    @property
    def place(self) -> str:
        """Where it is, for people; holds no password."""

    def files(self) -> list[Seen]:
        """The plain files in it: no folders, and nothing that only points to a file."""

    def look(self, name: str) -> Seen:
        """One of its files as it is now."""

    def fetch(self, name: str, into: Path) -> Path:
        """A file of this machine with the bytes of one of its files, perhaps that file itself; ``into`` is a folder for
        copies. DocumentError where this file alone may not be read."""

    def move(self, name: str, where: Where, new_name: str) -> None:
        """Move a file into ``done`` or ``held``, at once or not at all; FileExistsError where that name is taken."""

    def write(self, where: Where, name: str, text: str) -> None:
        """Write a small file that is new; FileExistsError where that name is taken."""

    def remove(self, name: str) -> None:
        """Remove a file."""

    def close(self) -> None:
        """Let go of what reaching it holds. It can be used again after that."""


def move(folder: Folder, name: str, where: Where, identity: str | None) -> str:
    """Move a file and give it a name that nothing has there: its own, or one with the beginning of the id of what is in
    it, or one with a number; that name."""
    stem, dot, ending = name.rpartition(".")
    base, end = (stem, f"{dot}{ending}") if stem and len(ending) <= ENDING_CHARACTERS_MAX else (name, "")
    by = "" if identity is None else f"-{identity[:IDENTITY_DIGITS]}"
    return _first_free(
        folder, where, name, (_fitting(base, f"{one}{end}") for one in _tails(by)), partial(folder.move, name, where)
    )


def say_why(folder: Folder, name: str, text: str) -> None:
    """Say beside a file in ``held/`` why it is there. What is there by that name, of an earlier time, stays."""
    names = (f"{name}{one}{WHY}" for one in _tails(""))
    _first_free(folder, "held", name, names, lambda new_name: folder.write("held", new_name, text))


def _first_free(folder: Folder, where: Where, name: str, names: Iterable[str], use: Callable[[str], None]) -> str:
    for new_name in names:
        try:
            use(new_name)
        except FileExistsError:
            continue
        return new_name
    raise Unreachable(f"{folder.place}/{where} has too many files by the name of {name}; clear it up")


def _tails(by: str) -> Iterator[str]:
    """What tells names apart: nothing, ``by``, ``by`` and a number."""
    yield from dict.fromkeys(("", by))
    yield from (f"{by}-{number}" for number in range(2, NAMES_TRIED_MAX))


def _fitting(stem: str, end: str) -> str:
    """A name that fits a file system's limit together with ``WHY``."""
    room = NAME_BYTES_MAX - len(WHY) - 2 * len(end.encode("utf-8", "surrogateescape"))
    return stem.encode("utf-8", "surrogateescape")[:room].decode("utf-8", "ignore") + end


@contextmanager
def reaching(place: str, *more: type[Exception]) -> Iterator[None]:
    """Say what a system says of a folder that cannot be reached as Unreachable; a file that is gone, or there already,
    passes."""
    troubles: tuple[type[Exception], ...] = (OSError, *more)
    try:
        yield
    except (FileNotFoundError, FileExistsError):
        raise
    except troubles as error:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise Unreachable(f"{place} cannot be reached: {said}") from None

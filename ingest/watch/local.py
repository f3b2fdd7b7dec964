"""A watched folder of this machine, or one that is mounted there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ingest.watch.folder import WHERE, Seen, Unreachable, Where, reaching
from ledger.errors import DocumentError


class LocalFolder:
    """A ``Folder`` that is a path. Links are not followed: whoever may drop files could else have any file taken."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def place(self) -> str:
        return str(self._path)

    def files(self) -> list[Seen]:
        if not self._path.is_dir():
            raise Unreachable(f"{self._path} is no folder; make it, or mount what is to be there")
        with reaching(self.place):
            for where in WHERE:
                self._made(where)
            return [one for path in self._path.iterdir() if (one := self._plain(path.name)) is not None]

    def look(self, name: str) -> Seen:
        with reaching(self.place):
            found = self._plain(name)
        if found is None:
            raise FileNotFoundError(name)
        return found

    def fetch(self, name: str, into: Path) -> Path:
        path = self._path / name
        with reaching(self.place):
            try:
                path.open("rb").close()
            except PermissionError:
                raise DocumentError(f"{path} may not be read; give this user the right to") from None
        return path

    def move(self, name: str, where: Where, new_name: str) -> None:
        with reaching(self.place):
            target = self._made(where) / new_name
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))  # the name is ours now, or it was taken
            try:
                (self._path / name).replace(target)
            except BaseException:
                target.unlink()
                raise

    def write(self, where: Where, name: str, text: str) -> None:
        with reaching(self.place), (self._made(where) / name).open("x", encoding="utf-8") as file:
            file.write(text)

    def remove(self, name: str) -> None:
        with reaching(self.place):
            (self._path / name).unlink()

    def close(self) -> None:
        """Nothing is held."""

    def _plain(self, name: str) -> Seen | None:
        try:
            found = (self._path / name).lstat()
        except FileNotFoundError:  # it was moved while we looked
            return None
        return Seen(name, found.st_size, found.st_mtime) if stat.S_ISREG(found.st_mode) else None

    def _made(self, where: Where) -> Path:
        folder = self._path / where
        if folder.is_symlink():
            raise Unreachable(f"{folder} is a link; it has to be a folder of its own")
        folder.mkdir(exist_ok=True)
        return folder

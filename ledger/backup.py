"""``backup`` and ``restore``: a book as one plain tar, taken while others post to it.

    backup.json     format, book and the head that was copied
    truth.db        the truth at one moment
    book.toml, names.toml where names were answered, sources/*.toml
    documents/xx/<id>.zst    every document that the copied truth names
    SHA256SUMS      the SHA-256 of each of the files above, as ``sha256sum --check`` reads it

The truth is copied first, then the documents that the copy names: a document is kept before the truth names it, and
never changed. Figures and recall are left out, being rebuilt from truth. The checksums come last, so that an archive
that was cut short has none. Everything is written under a temporary name, made durable, then renamed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ledger import durable, names, rows, truth
from ledger.book import Book, Head
from ledger.errors import ArchiveError, TillproofError
from ledger.moving import point
from ledger.settings import FILE
from ledger.verify import Verification
from ledger.writing import refuse_moved

FORMAT = "tillproof/backup/1"
LABEL, SUMS = "backup.json", "SHA256SUMS"
PART_BYTES = 1 << 20
LABEL_BYTES_MAX = 10_000

_MEMBER = re.compile(
    r"backup\.json|truth\.db|book\.toml|names\.toml|sources/[^/\0]+\.toml|documents/[0-9a-f]{2}/[0-9a-f]{64}\.zst"
)
_SUM = re.compile(r"([0-9a-f]{64})  (.+)\n")


@dataclass(frozen=True)
class Backup:
    """What was put into an archive: the head of the copied truth, how many files, and the length of the archive."""

    book: str
    seq: int
    hash: str
    files: int
    size_bytes: int


@dataclass(frozen=True)
class Restored:
    """A book as it came out of an archive: its id, its head, and that it verifies."""

    book: str
    seq: int
    hash: str
    verification: Verification


def copy_truth(book: Book, target: Path) -> None:
    """Copy the truth of a book, which others may be posting to, into a new database as it is at one moment.

    SQLite's online backup reads all pages in one step, within one read transaction; from PostgreSQL the rows are read
    in one transaction that sees one moment: writers go on meanwhile.
    """
    if not isinstance(book.truth, truth.SQLite):
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f"{target.name}-") as folder:
            made = truth.SQLite(Path(folder))
            made.migrate()
            with closing(made), book.snapshot() as source, made.writer.begin() as into:
                rows.copy(source, into, book.id)
            (Path(folder) / truth.FILE).rename(target)
        return
    with closing(book.truth.reader.raw_connection()) as source, closing(sqlite3.connect(target)) as copy:
        driven = source.driver_connection
        assert isinstance(driven, sqlite3.Connection)
        driven.backup(copy)


def backup(book: Book, out: Path) -> Backup:
    """Write a book into a new archive. ArchiveError when there is something at ``out`` already, or a document that the
    truth names is missing; nothing is left behind then."""
    temporary, copy, settings = (out.with_name(out.name + end) for end in (".part", ".truth.part", ".toml.part"))
    if out.exists():
        raise ArchiveError(f"{out} is there already; a backup never overwrites, so give another name")
    with _new_files(temporary, copy, settings):
        copy_truth(book, copy)
        if isinstance(book.truth, truth.SQLite):
            shutil.copyfile(book.path / FILE, settings)
        else:
            point(book.path / FILE, settings, None)
        head, documents = _copied(copy, book)
        files = 0
        with temporary.open("xb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
                sums: list[str] = []
                label = {"format": FORMAT, "book": book.id, "seq": head.seq, "hash": head.hash}
                _add(archive, LABEL, io.BytesIO(json.dumps(label, indent=1).encode()), sums)
                for name, path in _paths(book, copy, settings, documents):
                    try:
                        with path.open("rb") as content:
                            _add(archive, name, content, sums)
                    except FileNotFoundError:
                        raise ArchiveError(
                            f"{path} is missing, though the book names it; 'tillproof verify' says more"
                        ) from None
                files = len(sums)
                _add(archive, SUMS, io.BytesIO("".join(sums).encode()), [])
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        if out.exists():
            raise ArchiveError(f"{out} is there already; a backup never overwrites, so give another name")
        temporary.rename(out)
        durable.sync(out.parent)
    return Backup(book.id, head.seq, head.hash, files, size)


def restore(archive: Path, target: Path) -> Restored:
    """Make a book of an archive, in a folder that is not there yet or is empty.

    Every file is checked against its checksum and the whole book is verified before it gets its name. Raises
    ArchiveError when the archive is cut short, damaged, no backup, or of a book that does not verify; nothing is left
    behind then.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ArchiveError(f"{target} is there already and is not an empty folder; give another one")
    folder = target.with_name(target.name + ".part")
    if folder.exists():
        raise ArchiveError(f"{folder} is in the way, from a restore that was interrupted; remove it")
    try:
        folder.mkdir()
        try:
            head = _unpack(archive, folder)
        except (tarfile.TarError, EOFError, UnicodeDecodeError, ValueError) as error:
            raise ArchiveError(
                f"{archive} is cut short, damaged or no backup of Tillproof: {error}; take another one"
            ) from None
        restored = _verified(archive, folder, head)
        durable.sync_all(folder)
        folder.rename(target)
        durable.sync(target.parent)
    except OSError as error:
        raise ArchiveError(f"{archive} cannot be restored to {target}: {error.strerror or error}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return restored


# --- writing --------------------------------------------------------------------------------------------------------


@contextmanager
def _new_files(*paths: Path) -> Iterator[None]:
    """Files that must not be there before and are gone afterwards; what cannot be written is said."""
    for path in paths:
        if path.exists():
            raise ArchiveError(f"{path} is in the way, from a backup that was interrupted or is still running")
    try:
        yield
    except OSError as error:
        raise ArchiveError(f"the backup cannot be written to {paths[0].parent}: {error.strerror or error}") from None
    except sqlite3.Error as error:
        raise ArchiveError(f"the truth cannot be copied to {paths[0].parent}: {error}") from None
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def _copied(copy: Path, book: Book) -> tuple[Head, list[str]]:
    """The head of a copied truth, and the ids of the documents that it names. BookMoved where it is elsewhere."""
    with closing(sqlite3.connect(copy)) as connection:
        found = connection.execute("SELECT seq, hash, moved_to FROM book_head WHERE book_id = ?", (book.id,)).fetchone()
        named = connection.execute("SELECT id FROM documents WHERE book_id = ? ORDER BY id", (book.id,)).fetchall()
    if found:
        refuse_moved(book.id, found[2])
    return (Head(found[0], found[1].hex()) if found else Head(0, bytes(32).hex())), [row[0] for row in named]


def _paths(book: Book, copy: Path, settings: Path, documents: list[str]) -> Iterator[tuple[str, Path]]:
    yield truth.FILE, copy
    yield FILE, settings
    if (book.path / names.FILE).exists():
        yield names.FILE, book.path / names.FILE
    for path in sorted((book.path / "sources").glob("*.toml")):
        yield f"sources/{path.name}", path
    for identity in documents:
        path = book.document_path(identity)
        yield path.relative_to(book.path).as_posix(), path


class _Tee:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.hashed = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        part = self._file.read(size)
        self.hashed.update(part)
        return part


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes], sums: list[str]) -> None:
    member = tarfile.TarInfo(name)
    member.size = content.seek(0, os.SEEK_END)
    member.mode = 0o600
    content.seek(0)
    read = _Tee(content)
    archive.addfile(member, read)
    sums.append(f"{read.hashed.hexdigest()}  {name}\n")


# --- reading --------------------------------------------------------------------------------------------------------


def _unpack(archive: Path, folder: Path) -> Head:
    """Put the files of an archive into a folder, each checked; the head that the label says."""
    hashes: dict[str, str] = {}
    sums: dict[str, str] | None = None
    label: dict[str, object] = {}
    with archive.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as members:
        for member in members:
            name = member.name
            plain = member.isreg() and not member.issparse() and (name == SUMS or _MEMBER.fullmatch(name))
            if sums is not None or not plain:
                raise ArchiveError(
                    f"{archive} has {name!r} in it, which no backup of Tillproof has; nothing was restored"
                )
            if not hashes and (name != LABEL or member.size > LABEL_BYTES_MAX):
                raise ArchiveError(f"{archive} is no backup of Tillproof: it does not begin with {LABEL}")
            if name in hashes:
                raise ArchiveError(f"{archive} has {name} in it twice; nothing was restored")
            content = members.extractfile(member)
            assert content is not None  # a regular file has content
            if name == SUMS:
                sums = _sums(content)
                continue
            hashes[name] = _write(content, member.size, folder / name)
            if name == LABEL:
                label = json.loads((folder / LABEL).read_bytes())
                if not isinstance(label, dict) or label.get("format") != FORMAT:
                    raise ArchiveError(
                        f"{archive} is no backup that this version of Tillproof reads; upgrade Tillproof"
                    )
    if sums is None:
        raise ArchiveError(f"{archive} is cut short or damaged: its checksums are missing; take another backup")
    for name in sorted({*sums, *hashes}):
        if sums.get(name) != hashes.get(name):
            raise ArchiveError(f"{archive} is damaged: {name} is not what its checksum says; take another backup")
    (folder / LABEL).unlink()
    return Head(int(str(label["seq"])), str(label["hash"]))


def _verified(archive: Path, folder: Path, head: Head) -> Restored:
    (folder / "documents").mkdir(exist_ok=True)
    (folder / "sources").mkdir(exist_ok=True)
    try:
        book = Book.open(folder)
    except TillproofError as error:
        raise ArchiveError(f"{archive} has no book that can be opened: {error}") from None
    try:
        found, outcome = book.head(), book.verify()
    finally:
        book.close()
    if not outcome.ok:
        raise ArchiveError(f"{archive} has a book that does not verify: {outcome.problems[0]}")
    if found != head:
        raise ArchiveError(f"{archive} says that it has commit {head.seq}, but the book in it ends at {found.seq}")
    return Restored(book.id, found.seq, found.hash, outcome)


def _sums(content: IO[bytes]) -> dict[str, str]:
    found = {}
    for line in iter(lambda: content.readline(1_000), b""):
        match = _SUM.fullmatch(line.decode())
        if match is None:
            raise ValueError(f"a line of {SUMS} is no checksum")
        found[match[2]] = match[1]
    return found


def _write(content: IO[bytes], size: int, path: Path) -> str:
    """Write a member of an archive into a new file; its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    hashed, written = hashlib.sha256(), 0
    with path.open("xb") as file:
        while part := content.read(PART_BYTES):
            hashed.update(part)
            written += len(part)
            file.write(part)
    if written != size:
        raise ValueError(f"{path.name} is shorter than it was")
    return hashed.hexdigest()

"""Documents: what came from outside, kept before anything else happens to it.

The bytes are kept as they came, but for masked card numbers: compressed, under the SHA-256 of what is stored, made
durable before the book records them. A set of files has one more document, its *bundle*: a small JSON list of the
files with their ids; locators in a bundle name the file (``lines.csv row 18``).
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO

import zstandard

from ingest import cards
from ingest.archive import MAGIC, UNREADABLE, infos
from ledger import durable
from ledger.book import Book
from ledger.document import BUNDLE, DocumentRecord, bundled
from ledger.errors import BookUnwritable, DocumentError

PART_BYTES = 1 << 20
COMPRESSING = 2
"""Threads that compress, while this one masks and hashes."""
COPY_CHARACTERS_MAX = 60
"""Of a document's name in that of its plain copy, with its ending: no file system's limit is reached by a number before
it."""
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/jsonl",
    ".xml": "application/xml",
    ".zip": "application/zip",
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}


@dataclass(frozen=True)
class Kept:
    """A document that was kept, and a plain copy of its stored bytes to read from while it is taken."""

    record: DocumentRecord
    plain: Path
    masking: cards.Masking


def keep(
    book: Book,
    path: Path,
    scratch: Path,
    *,
    at: datetime,
    name: str | None = None,
    media_type: str | None = None,
    looked_at: bool = False,
) -> Kept:
    """Keep a file as a document of the book; ``scratch`` is a folder for the plain copy, ``media_type`` what it is
    where its name does not tell. ``looked_at`` says that its pages were looked through for card numbers: the bytes of
    pictures and PDFs are kept as they are, since digits among them are no text.

    Raises DocumentError when the file cannot be read as bytes at all, BookUnwritable when it cannot be stored.
    """
    name = name or path.name
    found = cards.Masking()
    plain = scratch / f"{len(list(scratch.iterdir()))}-{Path(name).name[-COPY_CHARACTERS_MAX:]}"
    hashed, size = hashlib.sha256(), 0
    try:
        source = path.open("rb")
    except IsADirectoryError:
        raise DocumentError(f"{path} is a folder; give the files in it") from None
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}") from None
    with source, _storing(book) as stored:
        with (
            plain.open("wb") as copy,
            zstandard.ZstdCompressor(level=3, threads=COMPRESSING).stream_writer(stored, closefd=False) as compressed,
        ):
            parts = iter(lambda: source.read(PART_BYTES), b"") if looked_at else _masked_parts(source, path, found)
            for part in parts:
                hashed.update(part)
                size += len(part)
                copy.write(part)
                compressed.write(part)
        _file_away(stored, book.document_path(hashed.hexdigest()))
    record = DocumentRecord(hashed.hexdigest(), name, media_type or _media_type(name), size, found.count, at)
    book.keep_document(record)
    return Kept(book.document(record.id) or record, plain, found)


def bundle_of(members: Sequence[Kept], *, at: datetime) -> tuple[DocumentRecord, bytes]:
    """The document that lists the files of a set, and its bytes."""
    listed = sorted(({"name": one.record.name, "document": one.record.id} for one in members), key=lambda m: m["name"])
    content = json.dumps({"files": listed}, indent=1, sort_keys=True).encode()
    name = " + ".join(member["name"] for member in listed)
    return DocumentRecord(hashlib.sha256(content).hexdigest(), name, BUNDLE, len(content), 0, at), content


def keep_bundle(book: Book, members: Sequence[Kept], *, at: datetime) -> DocumentRecord:
    """Keep the list of the files of a set as a document of its own."""
    record, content = bundle_of(members, at=at)
    with _storing(book) as stored:
        stored.write(zstandard.compress(content))
        _file_away(stored, book.document_path(record.id))
    book.keep_document(record)
    kept = book.document(record.id)
    assert kept is not None
    return kept


@contextmanager
def reading(book: Book, record: DocumentRecord) -> Iterator[io.BufferedReader]:
    """The stored bytes of a document, decompressed as they are read; DocumentError when its file is gone or
    cannot be unpacked."""
    try:
        file = book.document_path(record.id).open("rb")
    except FileNotFoundError:
        raise DocumentError(
            f"the bytes of document {record.name} ({record.id[:12]}) are missing; restore them from a backup"
        ) from None
    try:
        with file, zstandard.ZstdDecompressor().stream_reader(file) as plain:
            yield io.BufferedReader(plain)
    except zstandard.ZstdError:
        raise damaged(record) from None


def damaged(record: DocumentRecord) -> DocumentError:
    """What to say of a document whose stored bytes are not those that were kept."""
    return DocumentError(
        f"the bytes of document {record.name} ({record.id[:12]}) are damaged; restore them from a backup"
    )


def members(book: Book, record: DocumentRecord) -> dict[str, DocumentRecord]:
    """The files of a bundle by name; of any other document, itself."""
    if record.media_type != BUNDLE:
        return {record.name: record}
    with reading(book, record) as plain:
        found = {name: book.document(identity) for name, identity in bundled(plain.read()).items()}
    return {name: member for name, member in found.items() if member is not None}


def _masked_parts(source: BinaryIO, path: Path, found: cards.Masking) -> Iterator[bytes]:
    head = source.read(4)
    source.seek(0)
    if head == MAGIC:
        yield _masked_archive(source.read(), path, found)
    else:
        yield from cards.mask(iter(lambda: source.read(PART_BYTES), b""), found)


def _masked_archive(content: bytes, path: Path, found: cards.Masking) -> bytes:
    """A ZIP (as XLSX is one) with card numbers masked in its members; the same bytes where there are none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [(info, archive.read(info)) for info in infos(archive, path.name)]
    except UNREADABLE as error:
        raise DocumentError(f"{path} is not a readable spreadsheet or archive: {error}") from None
    cleaned = [(info, b"".join(cards.mask([data], found))) for info, data in parts]
    if not found.count:
        return content
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, data in cleaned:
            archive.writestr(zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@contextmanager
def _storing(book: Book) -> Iterator[IO[bytes]]:
    """A temporary file among the book's documents, gone at the end unless it was filed away."""
    folder = book.path / "documents"
    try:
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as stored:
            try:
                yield stored
            finally:
                Path(stored.name).unlink(missing_ok=True)
    except OSError as error:
        raise BookUnwritable(
            f"a document cannot be kept in {folder}: {error.strerror}; nothing of it was posted; make room or give "
            "write permission, then do the same again"
        ) from None


def _file_away(stored: IO[bytes], target: Path) -> None:
    stored.flush()
    target.parent.mkdir(exist_ok=True)  # its name is made durable with the removal of the temporary one
    durable.rename(Path(stored.name), target)


def _media_type(name: str) -> str:
    return MEDIA_TYPES.get(Path(name).suffix.lower(), "application/octet-stream")

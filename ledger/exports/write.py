"""Writing an export: the parts go through a temporary file, since what stands before them needs their totals."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import BinaryIO

from ledger import durable
from ledger.book import Book
from ledger.errors import InputError, PlanError
from ledger.exports import journal, parquet
from ledger.exports.formats import FORMATS, PARQUET, TEXT_FORMATS
from ledger.exports.log import Made
from ledger.exports.peer import Peer, TextFormat
from ledger.exports.store_days import Selection, spread
from ledger.exports.totals import Totals

COPIED_AT_ONCE = 1 << 20


def export(book: Book, format: str, selection: Selection, target: Path | BinaryIO) -> Made:
    """Write the selected journal in a format, to a file (replaced whole) or an open binary stream; ``parquet`` to a
    folder.

    The same content and selection give the same bytes. PlanError says what cannot be exported, InputError that the
    target cannot be written; what was there stays then. ``Book.remember_export`` remembers what this gives.
    """
    if format not in FORMATS:
        raise PlanError(f"{format!r} is no format of an export; use one of {', '.join(FORMATS)}")
    if selection.as_of < 0 or selection.as_of > book.head().seq:
        raise PlanError(f"the book has no commit {selection.as_of}; its last is {book.head().seq}")
    if selection.first and selection.last and selection.first > selection.last:
        raise PlanError(f"the first day {selection.first} is after the last, {selection.last}; give them in order")
    if format != PARQUET:
        return _text(book, TEXT_FORMATS[format], selection, target)
    if not isinstance(target, Path):
        raise PlanError("parquet is several files; give a folder for them with --out")
    if selection.detail != "ticket":
        raise PlanError("parquet holds the tickets themselves, never daily summaries; ask for the detail 'ticket'")
    try:
        with book.snapshot() as connection:
            return parquet.write(connection, book.id, selection, target)
    except OSError as error:
        raise _unwritable(target, error) from None


def _text(book: Book, format: TextFormat, selection: Selection, target: Path | BinaryIO) -> Made:
    peer = Peer.of(book.settings, format)
    totals = Totals()
    with tempfile.TemporaryFile() as spooled:
        with book.snapshot() as connection:
            where = spread(connection, book.id, selection)
            for part in journal.parts(connection, book.id, selection, where):
                totals.add(part)
                spooled.write(_encoded(format.body(part, peer), format))
            if format.one_currency and len(totals.currencies) > 1:
                raise PlanError(
                    f"{format.name} has no place for a currency and the export has {', '.join(totals.currencies)}; "
                    "export each by itself with --currency"
                )
            if format.with_balances_before:
                totals.before = journal.balances_before(connection, book.id, selection)
        before, after = (_encoded(text, format) for text in format.around(totals, peer))
        spooled.seek(0)
        if isinstance(target, Path):
            digest = _replace(before, spooled, after, target)
        else:
            digest = _copy(before, spooled, after, target)
    return Made(
        format=format.name,
        selection=selection,
        dates=where.dates,
        book_last=where.book_last,
        entries=totals.entries,
        lines=totals.lines,
        sha256=digest,
        files=(str(target),) if isinstance(target, Path) else (),
        notes=tuple(format.notes(totals, peer)),
    )


def _replace(before: bytes, body: BinaryIO, after: bytes, path: Path) -> str:
    """Put a whole file in the place of what is at a path; what is there stays when that fails."""
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            digest = _copy(before, body, after, file)
        durable.rename(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise _unwritable(path, error) from None
    return digest


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path}: the export cannot be written there: {error.strerror}; give another path or make room")


def _copy(before: bytes, body: BinaryIO, after: bytes, into: BinaryIO) -> str:
    digest = hashlib.sha256()
    piece = before
    while piece:
        into.write(piece)
        digest.update(piece)
        piece = body.read(COPIED_AT_ONCE)
    into.write(after)
    digest.update(after)
    return digest.hexdigest()


def _encoded(text: str, format: TextFormat) -> bytes:
    return text.encode(format.encoding, errors="replace")

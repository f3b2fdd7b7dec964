"""``Papers``: those of some files that are documents on paper, read before anything is kept.

Everything that comes from outside is kept before anything else happens to it; papers alone are looked at first, since a
card number on them can only be found by reading them.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ingest import documents
from ingest.paper.content import Content, FieldError, content_of, store_day
from ingest.paper.fields import Paper, paper
from ingest.paper.kept import known, remember
from ingest.paper.look import look
from ingest.paper.taken import Read, handle
from ingest.paper.words import HEAD_BYTES, NAME, Sheet, is_paper
from ledger.book import Book


class Papers:
    """The documents on paper among some files. Raises DocumentError for one that cannot be read at all."""

    def __init__(self, book: Book, files: Sequence[Path]) -> None:
        self._book = book
        self._sheets: dict[Path, tuple[Sheet, tempfile.TemporaryDirectory[str]]] = {}
        self._kept: dict[str, Sheet] = {}
        for path in files:
            if path not in self._sheets and _is_paper(path):
                pictures = tempfile.TemporaryDirectory(prefix="tillproof-")
                before = known(book, _digest(path))  # looked through then, too
                sheet = before if before is not None else look(path, Path(pictures.name), path.name)
                self._sheets[path] = (sheet, pictures)

    def __contains__(self, path: Path) -> bool:
        return path in self._sheets

    def keep(self, path: Path, copies: Path, *, at: datetime) -> documents.Kept:
        """Keep a document as it is, and what was read of it beside the book."""
        sheet, pictures = self._sheets[path]
        kept = documents.keep(self._book, path, copies, at=at, media_type=_media_type(path), looked_at=True)
        remember(self._book, kept.record.id, sheet, Path(pictures.name))
        pictures.cleanup()
        self._kept[kept.record.id] = sheet
        return kept

    def read(self) -> dict[str, Read]:
        """What the kept documents say, by their ids, with what the book knows of their store and day."""
        if not self._kept:
            return {}
        decided = {one.external_id: one.reason for one in self._book.decisions(NAME)}
        made = {}
        for document, sheet in self._kept.items():
            found = paper(sheet, self._book.settings, self._book.chart)
            made[document] = Read(found, self._beside(found), decided.get(handle(document)))
        return made

    def _beside(self, found: Paper) -> int:
        try:
            return tickets_from_elsewhere(self._book, content_of(found.values))
        except FieldError:
            return 0  # it waits for a person, whatever the book has


def tickets_from_elsewhere(book: Book, content: Content) -> int:
    """How many tickets of a paper's store and day came to the book by other ways than on paper."""
    day = store_day(content, book.settings)
    if day is None or content.store is None:
        return 0
    return sum(1 for one in book.tickets_between(day, day, store=content.store) if one.source != NAME)


def _is_paper(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return is_paper(file.read(HEAD_BYTES))
    except OSError:
        return False  # what is wrong with it is said where it is kept


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _media_type(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kinds = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"II*\x00": "image/tiff", b"MM\x00*": "image/tiff"}
    return next((kind for mark, kind in kinds.items() if head.startswith(mark)), "application/pdf")

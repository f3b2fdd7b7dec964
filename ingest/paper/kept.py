"""What was read of papers, kept beside the book: words and pictures of pages, in ``BOOK/paper``. It may be lost: the
document is read again from its stored bytes."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from ingest.documents import reading
from ingest.paper.look import look
from ingest.paper.words import Sheet
from ledger.book import Book
from ledger.document import DocumentRecord
from ledger.errors import DocumentError

FOLDER = "paper"
_WORDS = "words.json"


def remember(book: Book, document_id: str, sheet: Sheet, pictures: Path) -> None:
    """Keep what was read of a document; whole or not at all, whoever reads it meanwhile."""
    target = _folder(book, document_id)
    if target.exists():
        return
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="part-") as made:
        part = Path(made) / document_id
        part.mkdir()
        for page in sheet.pages:
            shutil.copyfile(pictures / f"{page.number}.png", part / f"{page.number}.png")
        (part / _WORDS).write_text(json.dumps(sheet.plain()), encoding="utf-8")
        try:
            part.rename(target)
        except OSError:  # another process was first
            if not target.exists():
                raise


def known(book: Book, document_id: str) -> Sheet | None:
    """What was read of a document before; None where nothing is kept of it."""
    words = _folder(book, document_id) / _WORDS
    return Sheet.of_plain(json.loads(words.read_text(encoding="utf-8"))) if words.exists() else None


def sheet_of(book: Book, record: DocumentRecord) -> Sheet:
    """The words of a document on paper. DocumentError where it is none, or cannot be read any more."""
    return known(book, record.id) or _read_again(book, record)


def picture_of(book: Book, record: DocumentRecord, page: int) -> bytes:
    """The picture of a page as PNG. DocumentError where there is no such page."""
    if page not in [one.number for one in sheet_of(book, record).pages]:
        raise DocumentError(f"{record.name} has no page {page}")
    return (_folder(book, record.id) / f"{page}.png").read_bytes()


def is_paper_document(record: DocumentRecord) -> bool:
    """Whether a kept document is a PDF or a picture, by its media type."""
    return record.media_type == "application/pdf" or record.media_type.startswith("image/")


def _read_again(book: Book, record: DocumentRecord) -> Sheet:
    if not is_paper_document(record):
        raise DocumentError(f"{record.name} is no document on paper")
    with tempfile.TemporaryDirectory(prefix="tillproof-") as scratch:
        plain = Path(scratch) / "plain"
        with reading(book, record) as stored, plain.open("wb") as copy:
            shutil.copyfileobj(stored, copy, 1 << 20)
        sheet = look(plain, Path(scratch), record.name)
        remember(book, record.id, sheet, Path(scratch))
        return sheet


def _folder(book: Book, document_id: str) -> Path:
    return book.path / FOLDER / document_id

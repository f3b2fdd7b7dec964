"""The demonstration: sample export files, taken into a book by the ordinary path."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from assistant.sample import write
from ingest.pipeline import take
from ledger.book import Book
from ledger.errors import NotABook


def prepare(folder: Path, now: datetime, *, say: Callable[[str], None]) -> Path:
    """Make the sample files and their book under ``folder`` unless they are there; return the book's path.

    The last day of trade is the day before ``now``, so that questions about yesterday have an answer. A demonstration
    that was interrupted while it was made is completed: what was posted is not posted again.
    """
    exports, book_path, done = folder / "exports", folder / "book", folder / ".complete"
    if done.exists():
        return book_path
    say("Writing sample export files of five stores ...")
    shutil.rmtree(exports, ignore_errors=True)
    report = write(exports, end=now.date() - timedelta(days=1))
    try:
        book = Book.open(book_path)
    except NotABook:
        book = Book.create_from(book_path, exports / "book.toml")
    try:
        for delivery in report.deliveries:
            say(f"Taking {', '.join(path.name for path in delivery.files)} into the book ...")
            take(book, delivery.files, source=delivery.source, mapping=None, at=now, on_commit=None)
    finally:
        book.close()
    done.touch()
    return book_path

"""Release: what was held takes the same way in again, once a mapping, a rule or a setting has been mended."""

from __future__ import annotations

from datetime import datetime

from ingest.pipeline import IntakeReport, retake
from ledger.book import Book


def release(book: Book, *, at: datetime, into_soft_closed: bool = False) -> IntakeReport:
    """Take every document again of which something is held. What was posted of it before is a duplicate, not
    posted twice. ``into_soft_closed`` lets in what is late for a soft-closed period.

    The counts are those of all documents together.
    """
    total = IntakeReport()
    places = dict.fromkeys((held.document, held.source) for held in book.held() if held.disposition == "quarantined")
    for document_id, source in places:
        record = book.document(document_id)
        assert record is not None, document_id
        one = retake(book, record, source=source, at=at, into_soft_closed=into_soft_closed)
        total.documents += one.documents
        for name in ("records", "posted", "duplicates", "versions", "quarantined", "ignored", "conflicts"):
            setattr(total, name, getattr(total, name) + getattr(one, name))
        total.seconds += one.seconds
        total.held += one.held
        total.notes += one.notes
    return total

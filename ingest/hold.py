"""What was held takes the same way in again: released, once a mapping, a rule or a setting has been mended, or
accepted, where a person says that content which came second is right."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ingest.pipeline import IntakeReport, retake
from ingest.settlements import DIFFER
from ledger.book import Book
from ledger.conflicts import CONFLICT, Acceptance
from ledger.errors import InputError


def release(
    book: Book, *, at: datetime, into_soft_closed: bool = False, documents: Collection[str] | None = None
) -> IntakeReport:
    """Take every document again of which something is held, or only those of some ids. What was posted of it before is
    a duplicate, not posted twice. A payout whose entries did not come to it stays held: its document alone does not say
    otherwise. ``into_soft_closed`` lets in what is late for a soft-closed period.

    The counts are those of all documents together.
    """
    total = IntakeReport()
    held = [one for one in book.held() if one.disposition == "quarantined"]
    withheld = frozenset(one.external_id for one in held if one.rule == DIFFER and one.external_id is not None)
    wanted = [one for one in held if documents is None or one.document in documents]
    for document_id, source in dict.fromkeys((one.document, one.source) for one in wanted):
        record = book.document(document_id)
        assert record is not None, document_id
        total.join(retake(book, record, source=source, at=at, into_soft_closed=into_soft_closed, withheld=withheld))
    return total


def accept(
    book: Book,
    external_id: str,
    *,
    source: str,
    by: str,
    reason: str,
    at: datetime,
    document: str | None = None,
    into_soft_closed: bool = False,
) -> IntakeReport:
    """Take the document of a conflict again and let it in: it is posted as the new version of its ticket (or till
    event), the live one is reversed, and who said so, and why, is sealed with it.

    ``document`` (the beginning of its id) says which, where several are held of one ticket. InputError when none or
    several are meant, nobody is named, no reason is given, or it is held all the same.
    """
    if not by.strip() or not reason.strip():
        raise InputError("a conflict is accepted in somebody's name and for a reason; say both")
    places = _conflicts(book, external_id, source, document or "")
    if not places:
        raise InputError(f"no conflict of ticket {external_id} of {source} is held; 'tillproof held' lists what is")
    if len(places) > 1:
        where = "; ".join(f"{locator} of document {held_in[:12]}" for held_in, locator in places)
        raise InputError(f"ticket {external_id} of {source} is held at {where}; say with --document which is right")
    held_in, locator = places[0]
    record = book.document(held_in)
    assert record is not None, held_in
    acceptance = Acceptance(external_id, locator, by.strip(), reason.strip())
    report = retake(book, record, source=source, at=at, into_soft_closed=into_soft_closed, accepted=acceptance)
    if _conflicts(book, external_id, source, held_in):
        raise InputError(
            f"ticket {external_id} of {source} is held all the same: a newer version is posted, its period is "
            "soft-closed, or another rule holds it now; 'tillproof held' says which"
        )
    return report


def _conflicts(book: Book, external_id: str, source: str, document: str) -> list[tuple[str, str]]:
    """Documents and places where a ticket is held as a conflict."""
    found = [
        (one.document, one.locator)
        for one in book.held()
        if (one.rule, one.external_id, one.source) == (CONFLICT, external_id, source)
        and one.document.startswith(document)
    ]
    return list(dict.fromkeys(found))

"""Documents on paper, for whoever looks at them: what each waits for, what was read, what it is reconciled with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ingest.documents import reading
from ingest.json_text import value as json_value
from ingest.paper.content import Content, FieldError, content_of
from ingest.paper.decide import decision_of, read_paper
from ingest.paper.fields import Paper
from ingest.paper.kept import is_paper_document, sheet_of
from ingest.paper.reconcile import Reconciliation, reconcile
from ingest.paper.taken import handle
from ingest.paper.words import NAME, Page
from ingest.sources.paper import values_of
from ledger.book import Book
from ledger.document import DocumentRecord
from ledger.errors import DocumentError, InputError
from ledger.figures import Figures
from ledger.reading import Decision, Feed, HeldRow

WAITING, DECIDED, POSTED, READ = "waiting", "decided", "posted", "read"
ID_CHARACTERS_MIN = 6


@dataclass(frozen=True)
class Listed:
    """A document on paper with what became of it: ``waiting`` for a person, ``decided`` by one, ``posted`` by itself or
    ``read`` and left; and the sentence that says so."""

    record: DocumentRecord
    status: str
    sentence: str


@dataclass(frozen=True)
class ShownPaper:
    """A document on paper whole: what was read, what a person decided, and the values that count by now."""

    listed: Listed
    paper: Paper
    pages: tuple[Page, ...]
    decision: Decision | None
    values: dict[str, str]
    reconciled: Reconciliation | None

    @property
    def open(self) -> bool:
        """Whether a person can still decide about it."""
        return self.listed.status in (WAITING, READ)


def papers(book: Book) -> list[Listed]:
    """All documents on paper that were taken, the newest first."""
    feeds = {feed.document: feed for feed in reversed(book.feeds()) if feed.source == NAME}
    held = {one.document: one for one in reversed(book.held(released=True)) if one.source == NAME}
    decided = {one.external_id: one for one in book.decisions(NAME)}
    return [
        _listed(record, feeds[record.id], held.get(record.id), decided.get(handle(record.id)))
        for record in book.documents()
        if record.id in feeds and is_paper_document(record)
    ]


def find(book: Book, identity: str) -> DocumentRecord:
    """A document on paper by its id or the beginning of it; InputError where none or several are meant."""
    found = [one.record for one in papers(book) if one.record.id.startswith(identity)]
    if len(identity) < ID_CHARACTERS_MIN or len(found) != 1:
        raise InputError(
            f"{identity[:64]!r} names {len(found) if len(identity) >= ID_CHARACTERS_MIN else 'no'} documents on paper; "
            "'tillproof paper list' has their ids"
        )
    return found[0]


def shown(book: Book, figures: Figures | None, record: DocumentRecord) -> ShownPaper:
    """One document on paper whole; reconciled with its day where ``figures`` are there. DocumentError for any other."""
    listed = next((one for one in papers(book) if one.record.id == record.id), None)
    if listed is None:
        raise DocumentError(f"{record.name} is no document on paper")
    found = read_paper(book, record)
    decision = decision_of(book, record.id)
    values = dict(_confirmed(book, decision) or found.values)
    content = _content(values)
    reconciled = None
    if figures is not None and content is not None:
        reconciled = reconcile(figures, content, book.settings, book.chart)
    return ShownPaper(listed, found, sheet_of(book, record).pages, decision, values, reconciled)


def record_of(one: ShownPaper) -> dict[str, Any]:
    """A document on paper as plain values: amounts as decimal texts in major units."""
    return {
        "document": one.listed.record.id,
        "name": one.listed.record.name,
        "status": one.listed.status,
        "sentence": one.listed.sentence,
        "confidence": one.paper.confidence,
        "problems": list(one.paper.problems),
        "fields": [
            {
                "name": field.name,
                "value": one.values.get(field.name, ""),
                "read": field.value,
                "page": field.page,
                "box": list(field.box),
                "confidence": field.confidence,
            }
            for field in one.paper.fields
        ],
        "checks": [
            {"name": check.name, "holds": check.holds, "sentence": check.sentence} for check in one.paper.checks
        ],
        "decision": None if one.decision is None else {"sentence": one.decision.reason, "at": one.decision.at},
        "reconciled": None if one.reconciled is None else _reconciled(one.reconciled),
    }


def _reconciled(one: Reconciliation) -> dict[str, Any]:
    return {
        "store": one.store,
        "business_date": one.day.isoformat(),
        "tickets": one.tickets,
        "sentence": one.sentence,
        "totals": [
            {
                "label": row.label,
                "z_report": str(row.printed),
                "tickets": str(row.tickets),
                "difference": str(row.difference),
            }
            for row in one.rows
        ],
    }


def _listed(record: DocumentRecord, feed: Feed, held: HeldRow | None, decision: Decision | None) -> Listed:
    if decision is not None:
        return Listed(record, DECIDED, decision.reason)
    if held is not None and held.disposition == "quarantined" and not held.released:
        return Listed(record, WAITING, held.reason)
    if feed.posted or feed.duplicates or feed.versions:
        return Listed(record, POSTED, "It was read surely enough, and is posted.")
    return Listed(record, READ, held.reason if held is not None else "It was read, and nothing of it is posted.")


def _confirmed(book: Book, decision: Decision | None) -> dict[str, str] | None:
    """The values that a person confirmed; None where nobody did."""
    record = None if decision is None else book.document(decision.document)
    if record is None:
        return None
    with reading(book, record) as plain:
        said = json_value(plain.read().decode())
    fields = said.get("fields") if isinstance(said, dict) else None
    return dict(values_of(fields)) if isinstance(fields, list) else None


def _content(values: dict[str, str]) -> Content | None:
    try:
        return content_of(values)
    except FieldError:
        return None

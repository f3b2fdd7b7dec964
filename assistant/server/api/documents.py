"""``/documents``: what came from outside, and any line of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from assistant.server.api.models import Document, DocumentLine, Documents
from assistant.server.paging import Limit, cut
from assistant.server.request import Opened, PageNumber, document_of
from ingest import places

router = APIRouter(prefix="/documents", tags=["documents"])


@router.get("")
def list_documents(service: Opened, page: PageNumber = 1, limit: Limit = 100) -> Documents:
    """Kept documents, the newest first."""
    found = service.book.documents()
    rows, following = cut(found, page, limit, "/api/v1/documents")
    return Documents(total=len(found), next=following, documents=[Document.of(one) for one in rows])


@router.get("/{document_id}")
def get_document(document_id: str, service: Opened) -> Document:
    """One document."""
    return Document.of(document_of(service, document_id))


@router.get("/{document_id}/lines")
def get_line(
    document_id: str,
    locator: Annotated[str, Query(max_length=400, examples=["row 17"])],
    service: Opened,
) -> DocumentLine:
    """The record that a locator points at, as it stands in the document, with its neighbours."""
    document = document_of(service, document_id)
    return DocumentLine.of(places.line(service.book, document.id, locator))

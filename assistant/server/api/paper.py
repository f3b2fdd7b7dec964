"""``/paper``: documents on paper, what was read of them, and a person's word about each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from assistant.papers import Listed, papers, record_of, shown
from assistant.server.api.models import Paged
from assistant.server.paging import Limit, cut
from assistant.server.request import Opened, PageNumber, document_of
from ingest.paper import decide
from ingest.pipeline import IntakeReport
from ledger.cases.events import NAME_CHARACTERS_MAX, TEXT_CHARACTERS_MAX

router = APIRouter(prefix="/paper", tags=["paper"])

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_CHARACTERS_MAX)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_CHARACTERS_MAX)]


class PaperDocument(BaseModel):
    """A document on paper and what became of it."""

    document: str = Field(description="id of the document")
    name: str = Field(examples=["z-report.pdf"])
    status: Literal["waiting", "decided", "posted", "read"]
    sentence: str = Field(examples=["Receipt 118 in fr.png waits to be confirmed by a person: it is 86% sure ..."])

    @classmethod
    def of(cls, one: Listed) -> PaperDocument:
        return cls.model_validate(
            {"document": one.record.id, "name": one.record.name, "status": one.status, "sentence": one.sentence}
        )


class PaperDocuments(Paged):
    papers: list[PaperDocument]


class PaperField(BaseModel):
    """A field: its value as it counts by now, as it was read, and where it stands: left, top, right and bottom in
    ten-thousandths of the page."""

    name: str = Field(examples=["total"])
    value: str = Field(examples=["12.50"])
    read: str
    page: int
    box: list[int] = Field(min_length=4, max_length=4)
    confidence: float = Field(ge=0, le=1)


class PaperCheck(BaseModel):
    """A sum of the document."""

    name: str = Field(examples=["tenders"])
    holds: bool
    sentence: str


class PaperDecision(BaseModel):
    """What a person decided."""

    sentence: str
    at: datetime


class PaperTotal(BaseModel):
    """A total of a Z-report beside that of the tickets, in major units."""

    label: str = Field(examples=["net"])
    z_report: str
    tickets: str
    difference: str = Field(description="tickets less Z-report")


class PaperReconciled(BaseModel):
    """A Z-report against the tickets of its store and day."""

    store: str
    business_date: str
    tickets: int
    sentence: str
    totals: list[PaperTotal]


class PaperRead(PaperDocument):
    """A document on paper whole."""

    confidence: float = Field(ge=0, le=1)
    problems: list[str]
    fields: list[PaperField]
    checks: list[PaperCheck]
    decision: PaperDecision | None
    reconciled: PaperReconciled | None


class WantedConfirmation(BaseModel):
    """A confirmation: the fields as they are right, by name; those that were read are not implied."""

    by: Name
    fields: dict[str, str] = Field(max_length=2_000, examples=[{"kind": "receipt", "total": "12.50"}])


class WantedRejection(BaseModel):
    by: Name
    reason: Text


class Decided(BaseModel):
    """What came of a decision: records posted, there already, or held."""

    posted: int
    duplicates: int
    quarantined: int

    @classmethod
    def of(cls, report: IntakeReport) -> Decided:
        return cls(posted=report.posted, duplicates=report.duplicates, quarantined=report.quarantined)


@router.get("")
def list_papers(service: Opened, page: PageNumber = 1, limit: Limit = 100) -> PaperDocuments:
    """Documents on paper, the newest first."""
    found = papers(service.book)
    rows, following = cut(found, page, limit, "/api/v1/paper")
    return PaperDocuments(total=len(found), next=following, papers=[PaperDocument.of(one) for one in rows])


@router.get("/{document_id}")
def get_paper(document_id: str, service: Opened) -> PaperRead:
    """One document on paper: its fields with their places, its sums, and what it is reconciled with."""
    one = shown(service.book, service.figures, document_of(service, document_id))
    return PaperRead.model_validate(record_of(one))


@router.post("/{document_id}/confirm", status_code=201)
def confirm_paper(document_id: str, wanted: WantedConfirmation, service: Opened) -> Decided:
    """Confirm the fields of a document; what does not add up is refused with the differences."""
    record = document_of(service, document_id)
    return Decided.of(decide.confirm(service.book, record, wanted.fields, by=wanted.by, at=datetime.now(UTC)))


@router.post("/{document_id}/reject", status_code=201)
def reject_paper(document_id: str, wanted: WantedRejection, service: Opened) -> Decided:
    """Reject a document for a reason."""
    record = document_of(service, document_id)
    return Decided.of(decide.reject(service.book, record, wanted.reason, by=wanted.by, at=datetime.now(UTC)))

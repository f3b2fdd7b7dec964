"""``/citations``: the proof of a figure."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from assistant.server.api.models import CitedFigure, Paged, reference
from assistant.server.pages.view import entry_url, line_url
from assistant.server.paging import Limit, following
from assistant.server.proofs import contributed
from assistant.server.request import Opened, PageNumber
from ledger.figures import Citation, Proof, open_citation
from ledger.figures.cite import Contribution

router = APIRouter(prefix="/citations", tags=["citations"])


class Part(BaseModel):
    """One figure that a ratio or a difference is computed from."""

    words: str = Field(examples=["over"])
    figure: CitedFigure


class Contributed(BaseModel):
    """What one line, tender, tax, ticket, till event or posting adds to the figure."""

    entry: str = Field(examples=["12-345"])
    entry_url: str = Field(examples=["/entries/12-345"])
    kind: str = Field(examples=["line"])
    number: int | None = Field(description="of the line, tender, tax or posting within its entry", examples=[1])
    external_id: str | None = Field(description="the till's own ticket number", examples=["T-1001"])
    store: str | None = Field(examples=["Downtown"])
    business_date: date | None
    document: str | None = Field(description="id of the document")
    locator: str | None = Field(examples=["row 17"])
    line_url: str | None = Field(description="the page that shows the source line")
    amount: str = Field(description="signed", examples=["12.34"])


class ProofAnswer(Paged):
    """A figure, the plan that computed it and what it is made of. The same token gives the same figure for ever.

    A sum has ``contributions`` that add up to ``contributions_total``; a ratio or a difference has ``parts``.
    """

    figure: CitedFigure
    reading: str = Field(examples=["net sales, store Downtown, 2026-10-01 to 2026-10-31"])
    definition: str = Field(examples=["gross sales less discounts less returns"])
    plan: dict[str, Any]
    seq: int = Field(description="the book's commit that the figure was computed at", examples=[12])
    tie_out: str | None
    parts: list[Part]
    contributions: list[Contributed]
    contributions_total: str = Field(examples=["12345.67"])


@router.get("/{token}")
def get_citation(token: str, service: Opened, page: PageNumber = 1, limit: Limit = 100) -> ProofAnswer:
    """Open a figure: the plan in words, its definition, and page by page the entries behind it."""
    proof = open_citation(service.figures, Citation.from_token(token), page, limit)
    return ProofAnswer(
        figure=CitedFigure.of(proof.figure, proof.citation),
        reading=proof.reading,
        definition=proof.definition,
        plan=proof.citation.plan.model_dump(mode="json", exclude_defaults=True),
        seq=proof.citation.seq,
        tie_out=proof.tie_out,
        parts=[Part(words=words, figure=CitedFigure.of(part, citation)) for words, part, citation in proof.parts],
        contributions=[_contributed(one, proof) for one in proof.contributions],
        contributions_total=contributed(proof.total, proof),
        total=proof.count,
        next=following(proof.count, page, limit, f"/api/v1/citations/{token}"),
    )


def _contributed(one: Contribution, proof: Proof) -> Contributed:
    address = (one.seq, one.n)
    return Contributed(
        entry=reference(address),
        entry_url=entry_url(*address),
        kind=one.kind,
        number=one.number,
        external_id=one.ticket,
        store=one.store,
        business_date=one.business_date,
        document=one.document,
        locator=one.locator,
        line_url=line_url(one.document, one.locator, address) if one.document and one.locator else None,
        amount=contributed(one.amount, proof),
    )
